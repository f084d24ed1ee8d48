//! Records read back as written, newer writers are understood or refused, and no bytes cause a
//! panic.

use engine_base::{LogId, NodeId, ShardIndex, Uuid};
use replication_machine::BadRecord;

use crate::configs::ConfigTarget;
use crate::encoding::{Fields, Head};
use crate::facts::{Endpoint, NodeFacts, PartitionFacts, Placement};
use crate::quotas::{QuotaEntity, QuotaKey, QuotaName};
use crate::records::Record;

fn samples() -> Vec<Record> {
    let id = Uuid::from_random(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef);
    let place = |node, shard| Placement { node: NodeId(node), shard: ShardIndex(shard) };
    vec![
        Record::Cluster { id },
        Record::Node(NodeFacts {
            id: NodeId(3),
            incarnation: id,
            endpoints: vec![
                Endpoint { listener: "PLAINTEXT".into(), host: "127.0.0.1".into(), port: 9092 },
                Endpoint { listener: "SSL".into(), host: "::1".into(), port: u16::MAX },
            ],
            rack: Some("r1".into()),
            shards: 64,
        }),
        Record::TopicCreated {
            id,
            name: "flights".into(),
            partitions: vec![
                PartitionFacts { log: LogId(1), replicas: vec![place(0, 0), place(1, 300)] },
                PartitionFacts { log: LogId(u64::MAX), replicas: vec![] },
            ],
            configs: vec![("retention.ms".into(), "-1".into()), ("a".into(), String::new())],
        },
        Record::TopicDeleted { id, logs: vec![LogId(1), LogId(u64::MAX)] },
        Record::TopicConfig { id, key: "k".into(), value: None },
        Record::TopicConfig { id, key: "k".into(), value: Some("v".into()) },
        Record::Config { target: ConfigTarget::Cluster, key: "k".into(), value: Some("v".into()) },
        Record::Config { target: ConfigTarget::Node(NodeId(7)), key: "k".into(), value: None },
        Record::Config {
            target: ConfigTarget::Group(String::new()),
            key: String::new(),
            value: Some(String::new()),
        },
        Record::Config {
            target: ConfigTarget::ClientMetrics("c".into()),
            key: "k".into(),
            value: Some("v".into()),
        },
        Record::Quota {
            entity: QuotaEntity {
                user: Some(QuotaName::Default),
                client_id: Some(QuotaName::Named("c".into())),
                ip: None,
            },
            key: QuotaKey::RequestPercentage,
            value: Some(0.5),
        },
        Record::Quota {
            entity: QuotaEntity {
                ip: Some(QuotaName::Named("::1".into())),
                ..QuotaEntity::default()
            },
            key: QuotaKey::Connections,
            value: None,
        },
        Record::LogIdsUsed { next: u64::MAX },
        Record::ProducerIdsUsed { next: i64::MAX },
        Record::PartitionsCreated {
            id,
            partitions: vec![
                PartitionFacts { log: LogId(3), replicas: vec![place(0, 1)] },
                PartitionFacts { log: LogId(u64::MAX), replicas: vec![] },
            ],
        },
    ]
}

#[test]
fn records_read_back_as_written() {
    for record in samples() {
        assert_eq!(Record::decode(&record.encode()), Ok(Some(record)));
    }
}

/// The bytes are an interface between versions: docs/formats/metadata.md shows these.
#[test]
fn the_documented_examples_are_what_is_written() {
    let hex = |record: &Record| {
        record.encode().iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ")
    };
    let id = Uuid([0x11; 16]);
    let id_hex = "11 ".repeat(16);
    let cluster = Record::Cluster { id };
    assert_eq!(hex(&cluster), format!("b0 01 01 01 03 10 {}", id_hex.trim_end()));
    let created = Record::TopicCreated {
        id,
        name: "t".into(),
        partitions: vec![PartitionFacts {
            log: LogId(1),
            replicas: vec![Placement { node: NodeId(0), shard: ShardIndex(1) }],
        }],
        configs: vec![("k".into(), "v".into())],
    };
    assert_eq!(
        hex(&created),
        format!(
            "b0 03 01 01 03 10 {id_hex}05 01 74 07 08 02 02 05 04 02 00 04 02 \
             09 06 03 01 6b 05 01 76"
        )
    );
}

#[test]
fn fields_of_a_newer_writer_are_passed_over() {
    for record in samples() {
        let mut bytes = record.encode();
        bytes[2] = 9;
        let mut more = Fields::default();
        more.number(90, -5).bytes(91, b"new");
        bytes.extend(more.finish());
        assert_eq!(Record::decode(&bytes), Ok(Some(record)));
    }
}

#[test]
fn a_newer_record_is_passed_over_only_if_its_writer_allows_it() {
    let may = Fields::record(Head { kind: 200, version: 4, reader_min: 0 }).finish();
    assert_eq!(Record::decode(&may), Ok(None));
    let must_not = Fields::record(Head { kind: 200, version: 4, reader_min: 1 }).finish();
    assert!(matches!(Record::decode(&must_not), Err(BadRecord::Newer(_))));
    let mut changed = samples()[0].encode();
    (changed[2], changed[3]) = (2, 2);
    assert!(matches!(Record::decode(&changed), Err(BadRecord::Newer(_))));
}

#[test]
fn no_change_of_any_byte_causes_a_panic() {
    for record in samples() {
        let bytes = record.encode();
        for end in 0..bytes.len() {
            _ = Record::decode(&bytes[..end]);
        }
        for at in 0..bytes.len() {
            for value in 0..=255 {
                let mut other = bytes.clone();
                other[at] = value;
                if let Ok(Some(read)) = Record::decode(&other) {
                    assert_eq!(Record::decode(&read.encode()), Ok(Some(read)));
                }
            }
        }
    }
}
