//! What both brokers are asked: sequences that build state, ordinary, odd and wrong, for each API
//! in each version that is served.
//!
//! Kept true: a sequence depends on what a broker answered only through ids; topics are new for
//! each API and version, so that one surprise does not hide the next.

mod alter_configs;
mod api_versions;
pub(crate) mod compaction;
mod configs;
mod consumer_groups;
mod consumer_members;
mod coordinators;
mod create_topics;
mod delete_topics;
mod epochs;
mod fetch;
mod group;
mod group_admin;
mod idempotence;
mod list_offsets;
mod membership;
mod metadata;
mod mixed_groups;
mod offsets;
mod partitions;
mod produce;
mod produce_odd;
mod quotas;
mod records;
mod sessions;
mod tools;
mod unknown;
mod users;

use std::ops::RangeInclusive;

use anyhow::{Context, Result, ensure};
use engine_base::Uuid;
use net_wire::api;
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::delete_records::{
    DeleteRecordsPartition, DeleteRecordsRequest, DeleteRecordsTopic,
};
use net_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List, Request};

use crate::side::Side;

/// An id that no topic has.
const NOBODY: Uuid = Uuid([7; 16]);

/// Asks one part of the whole.
type Part = fn(&mut Side) -> Result<()>;

/// What is asked, in this order, by name.
const PARTS: &[(&str, Part)] = &[
    ("api_versions", api_versions::play),
    ("metadata", metadata::play),
    ("create_topics", create_topics::play),
    ("produce", produce::play),
    ("produce_odd", produce_odd::play),
    ("fetch", fetch::play),
    ("sessions", sessions::play),
    ("list_offsets", list_offsets::play),
    ("records", records::play),
    ("epochs", epochs::play),
    ("configs", configs::play),
    ("alter_configs", alter_configs::play),
    ("partitions", partitions::play),
    ("tools", tools::play),
    ("users", users::play),
    ("quotas", quotas::play),
    ("delete_topics", delete_topics::play),
    ("unknown", unknown::play),
    ("idempotence", idempotence::play),
    // Last: Kafka creates topics for what is coordinated.
    ("coordinators", coordinators::play),
    ("membership", membership::play),
    ("offsets", offsets::play),
    ("group_admin", group_admin::play),
    ("consumer_groups", consumer_groups::play),
    ("consumer_members", consumer_members::play),
    ("mixed_groups", mixed_groups::play),
];

/// Asks everything, or only the parts that are named.
pub(crate) fn play(side: &mut Side, only: &[String]) -> Result<()> {
    let known = |name: &String| PARTS.iter().any(|(part, _)| part == name);
    ensure!(only.iter().all(known), "no such part: {only:?}");
    cluster_id(side)?;
    for (name, play) in PARTS {
        if only.is_empty() || only.iter().any(|part| part == name) {
            let started = std::time::Instant::now();
            play(side).context(*name)?;
            println!("{}: {name}: {} ms", side.name, started.elapsed().as_millis());
        }
    }
    Ok(())
}

/// The cluster's id has a name that both sides share.
fn cluster_id(side: &mut Side) -> Result<()> {
    let request = net_wire::messages::describe_cluster::DescribeClusterRequest {
        endpoint_type: 1,
        ..Default::default()
    };
    let answer = side.quietly(1, &request, &[])?;
    side.call(&answer.cluster_id, "CLUSTER-ID");
    Ok(())
}

/// The versions of a request that are served and described.
fn versions<R: Request>() -> RangeInclusive<i16> {
    let served = api::find(R::API.key).and_then(|api| api.served);
    let described = R::API.versions;
    served.map_or(described.min, |served| served.min).max(described.min)
        ..=served.map_or(described.max, |served| served.max)
}

/// A topic with these partitions and configs.
fn topic(name: &str, partitions: i32, configs: &[(&str, &str)]) -> CreatableTopic {
    let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
        name: (*name).to_owned(),
        value: Some((*value).to_owned()),
    };
    CreatableTopic {
        name: name.to_owned(),
        num_partitions: partitions,
        replication_factor: 1,
        configs: configs.iter().map(config).collect(),
        ..Default::default()
    }
}

/// Creates a topic without telling, and waits for its leaders.
fn make(side: &mut Side, name: &str, partitions: i32, configs: &[(&str, &str)]) -> Result<Uuid> {
    let topics = List::from([topic(name, partitions, configs)]);
    let request = CreateTopicsRequest { topics, timeout_ms: 30_000, validate_only: false };
    let answer = side.quietly(7, &request, &[])?;
    ensure!(answer.topics[0].error_code == 0, "{}: creating {name}: {answer:?}", side.name);
    side.settle(name)
}

/// A Produce of one batch to each partition, with acks=all.
fn produce_of(name: &str, id: Uuid, batches: &[(i32, usize)]) -> ProduceRequest {
    let data = |(index, bytes): &(i32, usize)| PartitionProduceData {
        index: *index,
        records: Some(FrameRange::gap(*bytes)),
    };
    let topic = TopicProduceData {
        name: name.to_owned(),
        topic_id: id,
        partition_data: batches.iter().map(data).collect(),
    };
    let topic_data = List::from([topic]);
    ProduceRequest { transactional_id: None, acks: -1, timeout_ms: 10_000, topic_data }
}

/// Writes a batch without telling.
fn write(side: &mut Side, name: &str, id: Uuid, partition: i32, batch: &[u8]) -> Result<()> {
    let request = produce_of(name, id, &[(partition, batch.len())]);
    let answer = side.quietly(13, &request, &[batch])?;
    let code = answer.responses[0].partition_responses[0].error_code;
    ensure!(code == 0, "{}: writing to {name}: {code}", side.name);
    Ok(())
}

/// What is in the log of each of the first partitions: every header, so every number.
fn stored(side: &mut Side, (name, id): (&str, Uuid), partitions: i32) -> Result<()> {
    let partition = |partition| FetchPartition {
        partition,
        current_leader_epoch: -1,
        last_fetched_epoch: -1,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    };
    let topic = FetchTopic {
        topic: name.to_owned(),
        topic_id: id,
        partitions: (0..partitions).map(partition).collect(),
    };
    let request = FetchRequest {
        replica_id: -1,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: List::from([topic]),
        ..Default::default()
    };
    side.ask(&format!("what {name} has"), 12, &request)?;
    Ok(())
}

/// Moves the start of partition 0 forward.
fn trim(side: &mut Side, name: &str, before: i64) -> Result<()> {
    let partition = DeleteRecordsPartition { partition_index: 0, offset: before };
    let topic = DeleteRecordsTopic { name: name.to_owned(), partitions: List::from([partition]) };
    let request = DeleteRecordsRequest { topics: List::from([topic]), timeout_ms: 10_000 };
    let answer = side.quietly(2, &request, &[])?;
    let trimmed = &answer.topics[0].partitions[0];
    ensure!(trimmed.low_watermark == before, "{}: trimming {name}: {trimmed:?}", side.name);
    Ok(())
}
