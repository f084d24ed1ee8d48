//! Records byte for byte as Kafka 4.3.1's own serialisers wrote them, and what must not be read.

use replication_machine::Record;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digit).collect()
}

fn view<'a>(key: &'a [u8], value: Option<&'a [u8]>) -> RecordView<'a> {
    RecordView { key: Some(key), value, timestamp: 0, offset: 0 }
}

const OFFSET_KEY_BYTES: &str = "000100016700017400000007";
const OFFSET_V0: &str = "0000000000000000002a00016d0000018bcfe56800";
const OFFSET_V1: &str = "0001000000000000002a00016d0000018bcfe568000000018bcfe569f4";
const OFFSET_V3: &str = "0003000000000000002a0000000300016d0000018bcfe56800";
const OFFSET_V4: &str = "0004000000000000002a00000003026d0000018bcfe56800\
    0100100102030405060708090a0b0c0d0e0f10";
const OFFSET_V4_WITHOUT_ID: &str = "0004000000000000002a00000003026d0000018bcfe5680000";

const GROUP_KEY_BYTES: &str = "0002000167";
const GROUP_EMPTY: &str = "0003000000000000ffffffff000000000000000500000000";
const GROUPS: [&str; 5] = [
    "00000008636f6e73756d657200000005000572616e676500026d310000000100026d31000163000a\
     2f3132372e302e302e310000afc80000000201020000000103",
    "00010008636f6e73756d657200000005000572616e676500026d310000000100026d31000163000a\
     2f3132372e302e302e31000493e00000afc80000000201020000000103",
    "00020008636f6e73756d657200000005000572616e676500026d310000018bcfe568000000000100\
     026d31000163000a2f3132372e302e302e31000493e00000afc80000000201020000000103",
    "00030008636f6e73756d657200000005000572616e676500026d310000018bcfe568000000000100\
     026d31000169000163000a2f3132372e302e302e31000493e00000afc80000000201020000000103",
    "000409636f6e73756d6572000000050672616e6765036d310000018bcfe5680002036d3102690263\
     0b2f3132372e302e302e31000493e00000afc803010202030000",
];

fn value(version: i16) -> OffsetValue<'static> {
    let id = Uuid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    OffsetValue {
        offset: 42,
        leader_epoch: if version >= 3 { 3 } else { -1 },
        metadata: "m",
        committed_ms: 1_700_000_000_000,
        expires_ms: (version == 1).then_some(1_700_000_000_500),
        topic_id: if version == 4 { id } else { Uuid::ZERO },
    }
}

fn facts(version: i16) -> GroupFacts {
    GroupFacts {
        protocol_type: "consumer".into(),
        generation: 5,
        protocol: Some("range".into()),
        leader: Some("m1".into()),
        state_ms: if version >= 2 { 1_700_000_000_000 } else { -1 },
        members: vec![MemberFacts {
            member_id: "m1".into(),
            instance_id: (version >= 3).then(|| "i".into()),
            client_id: "c".into(),
            client_host: "/127.0.0.1".into(),
            rebalance_ms: if version >= 1 { 300_000 } else { 45_000 },
            session_ms: 45_000,
            subscription: Rc::from([1, 2]),
            assignment: Rc::from([3]),
        }],
    }
}

fn check_written(record: &Record, key: &str, value: &str) {
    assert_eq!(record.key, Some(hex(key)));
    assert_eq!(record.value, Some(hex(&value.replace(' ', ""))));
}

#[test]
fn offsets_are_written_as_kafka_does() {
    check_written(&offset("g", "t", 7, &value(4)), OFFSET_KEY_BYTES, OFFSET_V4);
    let without = OffsetValue { topic_id: Uuid::ZERO, ..value(4) };
    check_written(&offset("g", "t", 7, &without), OFFSET_KEY_BYTES, OFFSET_V4_WITHOUT_ID);
    check_written(&offset("g", "t", 7, &value(1)), OFFSET_KEY_BYTES, OFFSET_V1);
    let gone = no_offset("g", "t", 7);
    assert_eq!((gone.key, gone.value), (Some(hex(OFFSET_KEY_BYTES)), None));
}

#[test]
fn long_metadata_has_a_length_of_several_bytes() {
    for length in [126, 127, 128, 300, 4_096, 16_383, 20_000] {
        let metadata = "x".repeat(length);
        let record = offset("g", "t", 7, &OffsetValue { metadata: &metadata, ..value(4) });
        let (key, written) = (record.key.unwrap(), record.value.unwrap());
        let Entry::Offset { value: Some(read), .. } = decode(&view(&key, Some(&written))).unwrap()
        else {
            panic!("not an offset")
        };
        assert_eq!(read.metadata, metadata);
    }
}

#[test]
fn offsets_of_every_version_are_read() {
    let key = hex(OFFSET_KEY_BYTES);
    let versions = [(0, OFFSET_V0), (1, OFFSET_V1), (3, OFFSET_V3), (4, OFFSET_V4)];
    for (version, bytes) in versions {
        let bytes = hex(bytes);
        match decode(&view(&key, Some(&bytes))).unwrap() {
            Entry::Offset { group: "g", topic: "t", partition: 7, value: Some(read) } => {
                assert_eq!(read, value(version), "version {version}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(decode(&view(&key, None)), Ok(Entry::Offset { value: None, .. })));
}

#[test]
fn groups_are_written_and_read_as_kafka_does() {
    let key = hex(GROUP_KEY_BYTES);
    check_written(&group("g", &facts(3)), GROUP_KEY_BYTES, GROUPS[3]);
    for (version, bytes) in (0..).zip(GROUPS) {
        let bytes = hex(bytes);
        match decode(&view(&key, Some(&bytes))).unwrap() {
            Entry::Group { group: "g", value: Some(read) } => {
                assert_eq!(read, facts(version), "version {version}");
            }
            other => panic!("{other:?}"),
        }
    }
    let bytes = hex(GROUP_EMPTY);
    let Ok(Entry::Group { value: Some(empty), .. }) = decode(&view(&key, Some(&bytes))) else {
        panic!("not a group")
    };
    assert_eq!((&*empty.protocol_type, empty.protocol.as_deref(), empty.state_ms), ("", None, 5));
    check_written(&group("g", &empty), GROUP_KEY_BYTES, GROUP_EMPTY);
    let gone = no_group("g");
    assert_eq!((gone.key, gone.value), (Some(key), None));
}

#[test]
fn newer_values_stop_the_machine_and_unknown_kinds_are_passed_over() {
    let bytes = hex("00050000");
    for key in [OFFSET_KEY_BYTES, GROUP_KEY_BYTES] {
        let read = decode(&view(&hex(key), Some(&bytes))).map(|_| ());
        assert!(matches!(read, Err(BadRecord::Newer(_))), "{read:?}");
    }
    // Kinds of share and streams groups, and one of no Kafka yet.
    for kind in [9_i16, 15, 17, 21, 900] {
        let key = [&kind.to_be_bytes()[..], b"anything"].concat();
        assert!(matches!(decode(&view(&key, Some(b"x"))), Ok(Entry::Unknown)));
    }
}

#[test]
fn no_cut_and_no_length_breaks_more_than_the_record() {
    let offset_key = hex(OFFSET_KEY_BYTES);
    let group_key = hex(GROUP_KEY_BYTES);
    let whole = [
        (&offset_key, hex(OFFSET_V1)),
        (&offset_key, hex(OFFSET_V4)),
        (&group_key, hex(GROUPS[0])),
        (&group_key, hex(GROUPS[4])),
    ];
    for (key, value) in &whole {
        for cut in 0..value.len() {
            let read = decode(&view(key, Some(&value[..cut]))).map(|_| ());
            assert!(matches!(read, Err(BadRecord::Broken(_))), "cut at {cut}: {read:?}");
        }
        for at in 0..value.len() {
            for byte in [0x00, 0x7f, 0x80, 0xff] {
                let mut bad = value.clone();
                bad[at] = byte;
                // Whatever it says, it allocates nothing and ends.
                _ = decode(&view(key, Some(&bad))).map(|_| ());
            }
        }
        for cut in 0..key.len() {
            let read = decode(&view(&key[..cut], Some(value))).map(|_| ());
            assert!(matches!(read, Err(BadRecord::Broken(_))), "key cut at {cut}: {read:?}");
        }
    }
    let keyless = RecordView { key: None, value: Some(b"x"), timestamp: 0, offset: 0 };
    assert!(matches!(decode(&keyless), Err(BadRecord::Broken(_))));
}
