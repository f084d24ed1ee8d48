//! The node as its sessions see it: one handle to every shard and to the cluster's facts.
//!
//! Kept true: a session never learns which shard keeps a partition; everything it asks goes through a
//! [`Partition`]. Whatever a client sends, the answer is a value or a [`Refusal`].

use std::rc::Rc;

use engine_base::{Epoch, Fault, Offset, Refusal, Uuid};
use engine_rt::Core;
use replication_control::{CreatedTopic, DeletedTopic, Image, NewTopic, TopicRef};

use crate::command::{
    ListOffsetAnswer, ListOffsetCommand, Position, ProduceCommand, ReadAnswer, ReadCommand,
};
use crate::options::NodeOptions;
use crate::partition::Partition;
use crate::produced::Produced;
use crate::report::StartReport;
use crate::watch::Watch;

/// A node of the cluster on this core. Cheap to clone.
#[derive(Clone)]
pub struct Node {}

impl Node {
    /// Takes the data directories (formatting them if asked), recovers every shard, journals a new
    /// leader epoch for every replica and serves. A foreign, newer or occupied directory is
    /// [`FaultKind::Refused`](engine_base::FaultKind) and stays untouched.
    pub async fn start(_core: &Core, _options: NodeOptions) -> Result<Node, Fault> {
        unreachable!("not built yet")
    }

    /// The cluster's facts now.
    pub fn image(&self) -> Rc<Image> {
        unreachable!("not built yet")
    }

    /// Waits for an image later than version `seen`.
    pub async fn image_changed(&self, _seen: u64) -> Rc<Image> {
        unreachable!("not built yet")
    }

    /// What the start found.
    pub fn report(&self) -> &StartReport {
        unreachable!("not built yet")
    }

    /// The faults that stopped shards since the start, one per stopped shard.
    pub fn faults(&self) -> Vec<Fault> {
        unreachable!("not built yet")
    }

    /// The partition of this topic's name and number: unknown to the cluster is
    /// [`Refusal::UnknownTopicOrPartition`], kept elsewhere is [`Refusal::NotLeader`].
    pub fn partition(&self, _topic: &str, _index: i32) -> Result<Partition, Refusal> {
        unreachable!("not built yet")
    }

    /// The partition of this topic's id and number: an unknown id is [`Refusal::UnknownTopicId`].
    pub fn partition_by_id(&self, _topic: Uuid, _index: i32) -> Result<Partition, Refusal> {
        unreachable!("not built yet")
    }

    /// Where the partition stands now.
    pub fn position(&self, _partition: Partition) -> Result<Position, Refusal> {
        unreachable!("not built yet")
    }

    /// Hands a batch in. Batches of one partition are appended in the order of these calls.
    /// Nothing waits here: see [`Node::room`].
    pub fn produce(&self, _command: ProduceCommand) -> Produced {
        unreachable!("not built yet")
    }

    /// Backpressure: waits until every shard's inbox has room for a batch of `bytes`. A session calls it
    /// before it takes the next produce from its socket; one that does not meets [`Refusal::Overloaded`].
    pub async fn room(&self, _bytes: usize) {
        unreachable!("not built yet")
    }

    /// Reads visible batches.
    pub async fn read(&self, _command: ReadCommand) -> Result<ReadAnswer, Refusal> {
        unreachable!("not built yet")
    }

    /// Waits until any of these partitions moved past the high watermark that was seen of it.
    pub fn watch(&self, _seen: &[(Partition, Offset)]) -> Watch {
        unreachable!("not built yet")
    }

    /// The offset that belongs to a moment.
    pub async fn list_offset(
        &self,
        _command: ListOffsetCommand,
    ) -> Result<ListOffsetAnswer, Refusal> {
        unreachable!("not built yet")
    }

    /// OffsetForLeaderEpoch: the largest epoch not above `epoch`, and where it ends.
    /// Both are -1 when there is none.
    pub fn end_of_epoch(
        &self,
        _partition: Partition,
        _current_leader_epoch: Epoch,
        _epoch: Epoch,
    ) -> Result<(Epoch, Offset), Refusal> {
        unreachable!("not built yet")
    }

    /// Moves the partition's start to `before` (-1: the high watermark) once that is durable, and
    /// answers the new start. Beyond the high watermark is [`Refusal::OffsetOutOfRange`].
    pub async fn delete_records(
        &self,
        _partition: Partition,
        _before: Offset,
    ) -> Result<Offset, Refusal> {
        unreachable!("not built yet")
    }

    /// Creates topics as Kafka 4.3 does, each with its own answer in the order asked. When it returns,
    /// the image has them and they can be produced to. `validate_only` changes nothing.
    pub async fn create_topics(
        &self,
        _topics: Vec<NewTopic>,
        _validate_only: bool,
    ) -> Vec<Result<CreatedTopic, Refusal>> {
        unreachable!("not built yet")
    }

    /// Deletes topics, each with its own answer in the order asked.
    pub async fn delete_topics(
        &self,
        _topics: Vec<TopicRef>,
    ) -> Vec<Result<DeletedTopic, Refusal>> {
        unreachable!("not built yet")
    }

    /// Creates a topic with every default because a client used it, if `auto.create.topics.enable`
    /// says so; else [`Refusal::UnknownTopicOrPartition`]. One that is there already is fine.
    pub async fn auto_create(&self, _name: &str) -> Result<(), Refusal> {
        unreachable!("not built yet")
    }

    /// The node's property as the operator gave it (`server.properties` names), for DescribeConfigs and
    /// for limits that sessions honour. Topics' own configs are in the image.
    pub fn property(&self, _key: &str) -> Option<&str> {
        unreachable!("not built yet")
    }

    /// Answers everything that was handed in, flushes and closes every shard. Later calls are
    /// [`Refusal::Stopping`].
    pub async fn close(&self) -> Result<(), Fault> {
        unreachable!("not built yet")
    }
}
