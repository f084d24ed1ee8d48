//! What strangers send, row by row of the design's table of bad input; each row with what a broker
//! must do.
//!
//! Kept true: after each case the broker still takes a record from somebody else and gives it back.

pub mod admin;
pub mod arrays;
pub mod batches;
pub mod framing;
pub mod groups;
pub mod offsets;
pub mod producers;
pub mod requests;
pub mod sessions;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List};

use crate::peer::Peer;
use crate::process::Process;
use crate::raw_batch::RawBatch;

/// One thing that a stranger may do.
pub struct Case {
    /// The row of the table.
    pub row: u8,
    /// What is sent.
    pub name: &'static str,
    /// Does it, and fails unless the broker reacts as it must.
    pub run: fn(&Scene) -> Result<()>,
}

/// Where the cases are played.
pub struct Scene {
    /// `HOST:PORT` of the broker.
    pub bootstrap: String,
    /// A topic with one partition that holds a few records.
    pub topic: String,
    /// What random bytes come from.
    pub seed: u64,
    /// The broker, where it is a process of ours.
    pub process: Option<Process>,
}

impl Scene {
    /// Sets the scene: creates the topic and writes three records to it.
    ///
    /// # Errors
    /// When the broker does not do even that.
    pub fn set(bootstrap: &str, topic: &str, seed: u64) -> Result<Scene> {
        let scene =
            Scene { bootstrap: bootstrap.to_owned(), topic: topic.to_owned(), seed, process: None };
        let request = CreateTopicsRequest {
            topics: List::from([CreatableTopic {
                name: topic.to_owned(),
                num_partitions: 1,
                replication_factor: 1,
                // The records are of 2023, and a slow run outlives the first look at their age.
                configs: List::from([CreatableTopicConfig {
                    name: "retention.ms".to_owned(),
                    value: Some("-1".to_owned()),
                }]),
                ..Default::default()
            }]),
            timeout_ms: 10_000,
            validate_only: false,
        };
        let created = scene.peer()?.ask(&request, 5)?;
        let code = created.topics[0].error_code;
        ensure!(code == 0 || code == 36, "creating {topic}: {code}");
        for value in ["one", "two", "three"] {
            let code = scene.produce(&RawBatch::of(&[value]).bytes())?;
            ensure!(code == 0, "writing to {topic}: {code}");
        }
        Ok(scene)
    }

    /// A new connection.
    ///
    /// # Errors
    /// When nobody listens.
    pub fn peer(&self) -> Result<Peer> {
        Peer::connect(&self.bootstrap)
    }

    /// A Produce of one batch to the scene's topic.
    pub fn produce_request(&self, batch: &[u8]) -> ProduceRequest {
        produce_request(&self.topic, -1, batch)
    }

    /// Produces to the scene's topic; gives the error code.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn produce(&self, batch: &[u8]) -> Result<i16> {
        let request = self.produce_request(batch);
        let response = self.peer()?.ask_with(&request, 9, &[batch])?;
        Ok(response.responses[0].partition_responses[0].error_code)
    }

    /// Whether the broker still serves: one record in, and out again.
    ///
    /// # Errors
    /// When it does not.
    pub fn check_alive(&self) -> Result<()> {
        let batch = RawBatch::of(&["alive"]).bytes();
        let request = self.produce_request(&batch);
        let response = self.peer()?.ask_with(&request, 9, &[&batch]).context("still alive?")?;
        let produced = &response.responses[0].partition_responses[0];
        ensure!(produced.error_code == 0, "a good produce is refused: {}", produced.error_code);
        let request = fetch_request(&self.topic, produced.base_offset);
        let fetched = self.peer()?.ask_fetch(&request, 12).context("still alive?")?;
        ensure!(fetched.0 == 0, "a good fetch is refused: {}", fetched.0);
        ensure!(fetched.1 >= batch.len(), "the record is not there: {} bytes", fetched.1);
        Ok(())
    }

    /// A second of ordinary work: records in, and out again, on two connections that stay.
    ///
    /// # Errors
    /// When one of them is not served.
    pub fn work_for_a_second(&self) -> Result<()> {
        let (mut producer, mut consumer) = (self.peer()?, self.peer()?);
        let batch = RawBatch::of(&["ordinary"]).bytes();
        let request = self.produce_request(&batch);
        let begun = Instant::now();
        let mut last = -1;
        while begun.elapsed() < Duration::from_secs(1) {
            let response = producer.ask_with(&request, 9, &[&batch]).context("ordinary work")?;
            let produced = &response.responses[0].partition_responses[0];
            ensure!(produced.error_code == 0, "a good produce is refused: {}", produced.error_code);
            ensure!(produced.base_offset > last, "{} after {last}", produced.base_offset);
            last = produced.base_offset;
            let (code, bytes) = consumer
                .ask_fetch(&fetch_request(&self.topic, last), 12)
                .context("ordinary work")?;
            ensure!(
                code == 0 && bytes >= batch.len(),
                "offset {last}: error {code}, {bytes} bytes"
            );
        }
        Ok(())
    }
}

/// A Produce of one batch to partition 0.
pub fn produce_request(topic: &str, acks: i16, batch: &[u8]) -> ProduceRequest {
    ProduceRequest {
        transactional_id: None,
        acks,
        timeout_ms: 5000,
        topic_data: List::from([TopicProduceData {
            name: topic.to_owned(),
            partition_data: List::from([PartitionProduceData {
                index: 0,
                records: Some(FrameRange::gap(batch.len())),
            }]),
            ..Default::default()
        }]),
    }
}

/// A Fetch of partition 0 that waits for up to a second.
pub fn fetch_request(topic: &str, offset: i64) -> FetchRequest {
    FetchRequest {
        max_wait_ms: 1000,
        min_bytes: 1,
        max_bytes: 1 << 20,
        replica_id: -1,
        session_epoch: -1,
        topics: List::from([FetchTopic {
            topic: topic.to_owned(),
            partitions: List::from([FetchPartition {
                fetch_offset: offset,
                current_leader_epoch: -1,
                partition_max_bytes: 1 << 20,
                ..Default::default()
            }]),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

impl Peer {
    /// Fetches one partition: its error code, or that of the whole, and how many bytes came.
    ///
    /// # Errors
    /// When there is no answer.
    pub fn ask_fetch(&mut self, request: &FetchRequest, version: i16) -> Result<(i16, usize)> {
        let response = self.ask(request, version)?;
        if response.error_code != 0 || response.responses.is_empty() {
            return Ok((response.error_code, 0));
        }
        let partition = &response.responses[0].partitions[0];
        Ok((partition.error_code, partition.records.map_or(0, |records| records.len)))
    }
}

/// Every case, by row.
pub fn all() -> Vec<Case> {
    let mut cases = framing::cases();
    cases.extend(requests::cases());
    cases.extend(batches::cases());
    cases.extend(producers::cases());
    cases.extend(offsets::cases());
    cases.extend(sessions::cases());
    cases.extend(arrays::cases());
    cases.extend(groups::cases());
    cases.extend(admin::cases());
    cases.sort_by_key(|case| case.row);
    cases
}

/// A case, shortly.
pub(crate) fn case(row: u8, name: &'static str, run: fn(&Scene) -> Result<()>) -> Case {
    Case { row, name, run }
}
