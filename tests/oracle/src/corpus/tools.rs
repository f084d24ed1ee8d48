//! What administrators' tools ask of a cluster: pages of topics, directories, leaders, moves, the
//! quorum, features.

use anyhow::Result;
use net_wire::List;
use net_wire::messages::alter_partition_reassignments::{
    AlterPartitionReassignmentsRequest, ReassignablePartition, ReassignableTopic,
};
use net_wire::messages::describe_log_dirs::{DescribableLogDirTopic, DescribeLogDirsRequest};
use net_wire::messages::describe_quorum::{
    DescribeQuorumRequest, RequestPartitionData, RequestTopicData,
};
use net_wire::messages::describe_topic_partitions::{
    DescribeTopicPartitionsRequest, RequestCursor, TopicRequest,
};
use net_wire::messages::elect_leaders::{ElectLeadersRequest, TopicPartitions};
use net_wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsTopics,
};
use net_wire::messages::unregister_broker::UnregisterBrokerRequest;
use net_wire::messages::update_features::{FeatureUpdateKey, UpdateFeaturesRequest};

use super::{make, versions, write};
use crate::batches::RawBatch;
use crate::side::Side;

/// Topics and numbers of their partitions.
type Asked<'a> = &'a [(&'a str, &'a [i32])];

pub(super) fn play(side: &mut Side) -> Result<()> {
    let id = make(side, "tooled", 3, &[])?;
    make(side, "tooled.too", 2, &[])?;
    write(side, "tooled", id, 0, &RawBatch::of(&["a", "b", "c"]).bytes())?;
    write(side, "tooled", id, 0, &RawBatch::of(&["d"]).bytes())?;
    pages(side)?;
    directories(side)?;
    leaders(side)?;
    moves(side)?;
    moved(side)?;
    quorum(side)?;
    features(side)?;
    for broker_id in [5, -1, i32::MAX] {
        let what = format!("broker {broker_id}");
        side.ask(&what, 0, &UnregisterBrokerRequest { broker_id })?;
    }
    Ok(())
}

fn pages(side: &mut Side) -> Result<()> {
    let request = |names: &[&str], limit, cursor: Option<(&str, i32)>| {
        let topic = |name: &&str| TopicRequest { name: (*name).to_owned() };
        DescribeTopicPartitionsRequest {
            topics: names.iter().map(topic).collect(),
            response_partition_limit: limit,
            cursor: cursor.map(|(topic_name, partition_index)| RequestCursor {
                topic_name: topic_name.to_owned(),
                partition_index,
            }),
        }
    };
    let both: &[&str] = &["tooled.too", "tooled"];
    let cases = [
        ("one", request(&["tooled"], 2000, None)),
        ("both", request(both, 2000, None)),
        ("one twice", request(&["tooled", "tooled"], 2000, None)),
        ("nobody's", request(&["nobody", "tooled"], 2000, None)),
        ("odd names", request(&["", "a b"], 2000, None)),
        ("two partitions", request(both, 2, None)),
        ("three partitions", request(both, 3, None)),
        ("four partitions", request(both, 4, None)),
        ("five partitions", request(both, 5, None)),
        ("no limit", request(both, 0, None)),
        ("a negative limit", request(both, -1, None)),
        ("a large limit", request(both, i32::MAX, None)),
        ("from within", request(both, 2, Some(("tooled", 1)))),
        ("from the next", request(both, 2, Some(("tooled.too", 0)))),
        ("from beyond", request(both, 2000, Some(("tooled", 7)))),
        ("from a negative one", request(both, 2000, Some(("tooled", -1)))),
        ("from nobody's", request(both, 2000, Some(("tooled.nobody", 0)))),
        ("after all", request(both, 2000, Some(("zzz", 0)))),
        ("from a page of all", request(&[], 2, Some(("tooled", 1)))),
    ];
    for (what, request) in cases {
        side.ask(what, 0, &request)?;
    }
    Ok(())
}

fn directories(side: &mut Side) -> Result<()> {
    let request = |topics: Option<Asked<'_>>| DescribeLogDirsRequest {
        topics: topics.map(|topics| {
            let topic = |(topic, partitions): &(&str, &[i32])| DescribableLogDirTopic {
                topic: (*topic).to_owned(),
                partitions: partitions.iter().copied().collect(),
            };
            topics.iter().map(topic).collect()
        }),
    };
    let cases: &[(&str, Asked<'_>)] = &[
        ("some", &[("tooled", &[0, 1]), ("tooled.too", &[1])]),
        ("a partition twice", &[("tooled", &[0, 0])]),
        ("no such partition", &[("tooled", &[0, 7, -1])]),
        ("nobody's", &[("nobody", &[0]), ("a b", &[0])]),
        ("no partitions", &[("tooled", &[])]),
        ("none", &[]),
    ];
    for version in versions::<DescribeLogDirsRequest>() {
        for (what, topics) in cases {
            side.ask(what, version, &request(Some(topics)))?;
        }
    }
    Ok(())
}

fn leaders(side: &mut Side) -> Result<()> {
    let request = |election_type, topics: Option<Asked<'_>>| ElectLeadersRequest {
        election_type,
        topic_partitions: topics.map(|topics| {
            let topic = |(topic, partitions): &(&str, &[i32])| TopicPartitions {
                topic: (*topic).to_owned(),
                partitions: partitions.iter().copied().collect(),
            };
            topics.iter().map(topic).collect()
        }),
        timeout_ms: 10_000,
    };
    let cases: &[(&str, Asked<'_>)] = &[
        ("some", &[("tooled", &[0, 1]), ("tooled.too", &[1])]),
        ("a partition twice", &[("tooled", &[0, 0])]),
        ("no such partition", &[("tooled", &[0, 7, -1])]),
        ("nobody's", &[("nobody", &[0]), ("a b", &[0])]),
        ("no partitions", &[("tooled", &[])]),
        ("none", &[]),
    ];
    for version in versions::<ElectLeadersRequest>() {
        for kind in [0, 1, 2, -1] {
            for (what, topics) in cases {
                let what = format!("{what}, of kind {kind}");
                side.ask(&what, version, &request(kind, Some(topics)))?;
            }
            side.ask(&format!("all, of kind {kind}"), version, &request(kind, None))?;
        }
    }
    Ok(())
}

fn moves(side: &mut Side) -> Result<()> {
    let request = |topics: Option<Asked<'_>>| ListPartitionReassignmentsRequest {
        timeout_ms: 10_000,
        topics: topics.map(|topics| {
            let topic = |(name, indexes): &(&str, &[i32])| ListPartitionReassignmentsTopics {
                name: (*name).to_owned(),
                partition_indexes: indexes.iter().copied().collect(),
            };
            topics.iter().map(topic).collect()
        }),
    };
    let cases: &[(&str, Asked<'_>)] = &[
        ("some", &[("tooled", &[0, 1])]),
        ("no such partition", &[("tooled", &[7, -1])]),
        ("nobody's", &[("nobody", &[0]), ("a b", &[0])]),
        ("no partitions", &[("tooled", &[])]),
        ("none", &[]),
    ];
    for (what, topics) in cases {
        side.ask(what, 0, &request(Some(topics)))?;
    }
    side.ask("all", 0, &request(None))?;
    Ok(())
}

fn moved(side: &mut Side) -> Result<()> {
    type Moved<'a> = (&'a str, &'a [(i32, Option<&'a [i32]>)]);
    let request = |topics: &[Moved<'_>]| AlterPartitionReassignmentsRequest {
        timeout_ms: 10_000,
        allow_replication_factor_change: true,
        topics: topics
            .iter()
            .map(|(name, partitions)| ReassignableTopic {
                name: (*name).to_owned(),
                partitions: partitions
                    .iter()
                    .map(|(partition_index, replicas)| ReassignablePartition {
                        partition_index: *partition_index,
                        replicas: replicas.map(|ids| ids.iter().copied().collect()),
                    })
                    .collect(),
            })
            .collect(),
    };
    let cases: &[(&str, &[Moved<'_>])] = &[
        ("to where it is", &[("tooled", &[(0, Some(&[0]))])]),
        ("to an unknown broker", &[("tooled", &[(0, Some(&[5])), (1, Some(&[0]))])]),
        ("to a negative broker", &[("tooled", &[(0, Some(&[-1]))])]),
        ("to a broker twice", &[("tooled", &[(0, Some(&[0, 0]))])]),
        ("to two brokers", &[("tooled", &[(0, Some(&[0, 1]))])]),
        ("to nowhere", &[("tooled", &[(0, Some(&[]))])]),
        ("cancelled", &[("tooled", &[(0, None)])]),
        ("no such partition", &[("tooled", &[(7, Some(&[0])), (-1, None)])]),
        ("a partition twice", &[("tooled", &[(0, Some(&[0])), (0, None)])]),
        ("nobody's", &[("nobody", &[(0, Some(&[0]))]), ("a b", &[(0, None)])]),
        ("no partitions", &[("tooled", &[])]),
        ("none", &[]),
    ];
    for version in versions::<AlterPartitionReassignmentsRequest>() {
        for (what, topics) in cases {
            side.ask(what, version, &request(topics))?;
            let strict = AlterPartitionReassignmentsRequest {
                allow_replication_factor_change: false,
                ..request(topics)
            };
            side.ask(&format!("{what}, as many copies"), version, &strict)?;
        }
    }
    Ok(())
}

fn quorum(side: &mut Side) -> Result<()> {
    let request = |topics: Asked<'_>| DescribeQuorumRequest {
        topics: topics
            .iter()
            .map(|(name, indexes)| RequestTopicData {
                topic_name: (*name).to_owned(),
                partitions: indexes
                    .iter()
                    .map(|index| RequestPartitionData { partition_index: *index })
                    .collect(),
            })
            .collect(),
    };
    const NAME: &str = "__cluster_metadata";
    let cases: &[(&str, Asked<'_>)] = &[
        ("the quorum", &[(NAME, &[0])]),
        ("another partition", &[(NAME, &[1])]),
        ("a partition twice", &[(NAME, &[0, 0])]),
        ("two topics", &[(NAME, &[0]), ("tooled", &[0])]),
        ("another topic", &[("tooled", &[0])]),
        ("no partitions", &[(NAME, &[])]),
        ("none", &[]),
    ];
    for version in versions::<DescribeQuorumRequest>() {
        for (what, topics) in cases {
            let answer = side.ask(what, version, &request(topics))?;
            let codes = answer.map(|answer| {
                let partitions = answer.topics.iter().flat_map(|topic| topic.partitions.iter());
                let told = partitions.map(|one| (one.error_code, one.leader_id)).collect();
                (answer.error_code, told)
            });
            let codes: Option<(i16, Vec<(i16, i32)>)> = codes;
            side.note(&format!("{what}: codes"), version, serde_json::json!(codes));
        }
    }
    Ok(())
}

fn features(side: &mut Side) -> Result<()> {
    type Update<'a> = (&'a str, i16, i8);
    let cases: &[(&str, &[Update<'_>])] = &[
        ("none", &[]),
        ("an unknown one", &[("no.such.feature", 1, 1)]),
        ("no name", &[("", 1, 1)]),
        ("a negative level", &[("metadata.version", -1, 1)]),
        ("a level too high", &[("metadata.version", 1000, 1)]),
        ("a level too low", &[("metadata.version", 1, 1)]),
        ("a level to take it away", &[("metadata.version", 0, 2)]),
        ("an unknown kind", &[("metadata.version", 30, 9)]),
        ("one twice", &[("metadata.version", 30, 1), ("metadata.version", 30, 1)]),
        ("what it is", &[("metadata.version", 30, 1)]),
    ];
    for version in versions::<UpdateFeaturesRequest>() {
        for (what, updates) in cases {
            let update = |(feature, level, kind): &(&str, i16, i8)| FeatureUpdateKey {
                feature: (*feature).to_owned(),
                max_version_level: *level,
                allow_downgrade: *kind > 1,
                upgrade_type: *kind,
            };
            let request = UpdateFeaturesRequest {
                timeout_ms: 10_000,
                feature_updates: updates.iter().map(update).collect::<List<_>>(),
                // From version 1 on: nothing is to change.
                validate_only: true,
            };
            if version > 0 || *what != "what it is" {
                side.ask(what, version, &request)?;
            }
        }
    }
    Ok(())
}
