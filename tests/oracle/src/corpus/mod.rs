//! What both brokers are asked: sequences that build state, ordinary, odd and wrong, for each API
//! in each version that is served.
//!
//! Kept true: a sequence depends on what a broker answered only through ids; topics are new for
//! each API and version, so that one surprise does not hide the next.

mod api_versions;
mod configs;
mod coordinators;
mod create_topics;
mod delete_topics;
mod epochs;
mod fetch;
mod list_offsets;
mod metadata;
mod produce;
mod produce_odd;
mod records;
mod unknown;

use std::ops::RangeInclusive;

use anyhow::{Result, ensure};
use engine_base::Uuid;
use net_wire::api;
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List, Request};

use crate::side::Side;

/// An id that no topic has.
const NOBODY: Uuid = Uuid([7; 16]);

/// Asks everything.
pub(crate) fn play(side: &mut Side) -> Result<()> {
    cluster_id(side)?;
    api_versions::play(side)?;
    metadata::play(side)?;
    create_topics::play(side)?;
    produce::play(side)?;
    produce_odd::play(side)?;
    fetch::play(side)?;
    list_offsets::play(side)?;
    records::play(side)?;
    epochs::play(side)?;
    configs::play(side)?;
    delete_topics::play(side)?;
    unknown::play(side)?;
    // Last: Kafka creates a topic for what is coordinated.
    coordinators::play(side)
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
