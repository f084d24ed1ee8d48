//! Broken bytes: decoding ends with an answer, and takes little.

use engine_base::limits::{DECODE_EXPANSION_MAX, DECODE_SLACK_BYTES, REQUEST_ALLOC_BYTES_MAX};
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::describe_configs::{DescribeConfigsRequest, DescribeConfigsResource};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use net_wire::{Message, Reader, WireError, Writer};

use crate::counting::{Alone, Taken};
use crate::dice::Dice;
use crate::generated::CASES;
use crate::sample::Case;

/// What decoding may take of bytes that nobody made to take much.
fn bound(length: usize) -> usize {
    4 * length + 64 * 1024
}

/// Decodes `bytes` and checks what it took.
fn decode(alone: &Alone, case: &Case, bytes: &[u8], version: i16) -> Result<usize, WireError> {
    let middle = bytes.len() / 2;
    let frame = [&bytes[..middle], &bytes[middle..]];
    let (read, taken) = alone.measure(|| (case.decode)(&frame, version));
    let Taken { peak, largest } = taken;
    let name = (case.name, version, case.response, bytes.len(), peak);
    assert!(peak <= bound(bytes.len()), "{name:?}");
    assert!(largest <= REQUEST_ALLOC_BYTES_MAX, "{name:?}: {largest} at once");
    read
}

fn for_all(rounds: u64, check: impl Fn(&Alone, &Case, i16, &mut Dice)) {
    let alone = Alone::wait();
    for case in CASES {
        for version in case.all_versions() {
            for round in 0..rounds {
                check(
                    &alone,
                    case,
                    version,
                    &mut Dice::new(u64::from(version as u16) << 32 | round),
                );
            }
        }
    }
}

#[test]
fn a_message_that_ends_early_is_refused() {
    for_all(3, |alone, case, version, dice| {
        let (bytes, _) = (case.make)(dice, version);
        assert_eq!(decode(alone, case, &bytes, version), Ok(0));
        for end in (0..bytes.len()).step_by(1 + bytes.len() / 200) {
            let refused = decode(alone, case, &bytes[..end], version);
            assert!(refused.is_err(), "{} {version} cut at {end}", case.name);
        }
    });
}

#[test]
fn bytes_after_a_message_are_left_alone() {
    for_all(2, |alone, case, version, dice| {
        let (mut bytes, _) = (case.make)(dice, version);
        bytes.extend([0xff; 9]);
        assert_eq!(decode(alone, case, &bytes, version), Ok(9), "{} {version}", case.name);
    });
}

#[test]
fn changed_bytes_never_panic_and_take_little() {
    for_all(12, |alone, case, version, dice| {
        let (mut bytes, _) = (case.make)(dice, version);
        for _ in 0..20 {
            if bytes.is_empty() {
                break;
            }
            let at = dice.below(bytes.len());
            bytes[at] = match dice.below(4) {
                0 => 0xff,
                1 => 0x7f,
                2 => 0,
                _ => dice.bits() as u8,
            };
            let _ = decode(alone, case, &bytes, version);
        }
    });
}

#[test]
fn random_bytes_never_panic_and_take_little() {
    for_all(60, |alone, case, version, dice| {
        let most = if dice.one_in(10) { 5000 } else { 60 };
        // Small numbers make more of it believable.
        let small = dice.one_in(2);
        let byte = |dice: &mut Dice| dice.bits() as u8 & if small { 0x03 } else { 0xff };
        let bytes: Vec<u8> = (0..dice.below(most)).map(|_| byte(dice)).collect();
        let _ = decode(alone, case, &bytes, version);
    });
}

#[test]
fn bytes_made_to_take_much_are_stopped_at_the_bound() {
    for_all(2, |alone, case, version, dice| {
        // One byte over and over: long lists of the smallest elements.
        let byte = [0, 1, 2, 3][dice.below(4)];
        let (mut bytes, _) = (case.make)(dice, version);
        bytes.truncate(dice.below(20));
        // A count that the rest can just hold, classic and compact.
        let rest = 300_000;
        bytes.extend(((rest / 8) as u32).to_be_bytes());
        bytes.extend([
            0x80 | (rest as u8 & 0x7f),
            0x80 | (rest >> 7) as u8 & 0x7f,
            (rest >> 14) as u8,
        ]);
        bytes.extend(std::iter::repeat_n(byte, rest));
        let frame = [&bytes[..]];
        let (_, taken) = alone.measure(|| (case.decode)(&frame, version));
        // The pieces that hold a list's chunks together are not counted by the reader.
        let bound = DECODE_EXPANSION_MAX * bytes.len() + DECODE_SLACK_BYTES + 16 * 1024;
        assert!(taken.peak <= bound, "{} {version}: {taken:?}", case.name);
        assert!(taken.largest <= REQUEST_ALLOC_BYTES_MAX, "{} {version}: {taken:?}", case.name);
    });
}

#[test]
fn a_million_empty_names_are_stopped_at_the_bound() {
    let alone = Alone::wait();
    // Metadata 9: a count of a million and one, then for each a name of no bytes and no tags.
    let mut bytes = vec![0xc2, 0x84, 0x3d];
    bytes.extend(std::iter::repeat_n([1, 0], 1_000_001).flatten());
    let frame = [&bytes[..]];
    let (read, taken) = alone.measure(|| MetadataRequest::decode(&mut Reader::new(&frame), 9));
    assert_eq!(read, Err(WireError::ExpandsTooMuch));
    let bound = DECODE_EXPANSION_MAX * bytes.len() + DECODE_SLACK_BYTES + 16 * 1024;
    assert!((DECODE_SLACK_BYTES..bound).contains(&taken.peak), "{taken:?}");
    assert!(taken.largest <= REQUEST_ALLOC_BYTES_MAX, "{taken:?}");
}

/// Encodes, decodes, and fails if the budget did not let it through.
fn read_back<M: Message + PartialEq + std::fmt::Debug>(message: &M, version: i16) {
    let mut writer = Writer::new();
    message.encode(&mut writer, version);
    let encoded = writer.finish().expect("because it fits a frame");
    let chunks: Vec<&[u8]> = encoded.chunks().iter().map(Vec::as_slice).collect();
    assert_eq!(M::decode(&mut Reader::new(&chunks), version).as_ref(), Ok(message));
}

#[test]
fn honest_long_lists_of_short_names_are_read() {
    let _alone = Alone::wait();
    let names = || (0..20_000).map(|number| format!("t{number}"));
    let topic = |name| CreatableTopic { name, ..Default::default() };
    let topics = names().map(topic).collect();
    read_back(&CreateTopicsRequest { topics, ..Default::default() }, 7);
    let resource = |resource_name| DescribeConfigsResource {
        resource_type: 2,
        resource_name,
        ..Default::default()
    };
    let resources = names().map(resource).collect();
    read_back(&DescribeConfigsRequest { resources, ..Default::default() }, 4);
    let topic = |name| MetadataRequestTopic { name: Some(name), ..Default::default() };
    let topics = Some(names().map(topic).collect());
    read_back(&MetadataRequest { topics, ..Default::default() }, 9);
}

#[test]
fn everything_described_is_in_the_list() {
    let _alone = Alone::wait();
    let mut described: Vec<i16> = CASES.iter().map(|case| case.key).collect();
    described.sort_unstable();
    described.dedup();
    let listed: Vec<i16> = net_wire::api::APIS.iter().map(|api| api.described.key).collect();
    assert_eq!(listed, described);
}
