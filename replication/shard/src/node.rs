//! The node as its sessions see it: one handle to every shard and to the cluster's facts.
//!
//! Kept true: a session never learns which shard keeps a partition; everything it asks goes through
//! a [`Partition`]. Whatever a client sends, the answer is a value or a [`Refusal`].

mod changes;
mod data;
mod groups;
mod log_dirs;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use engine_base::settings::BrokerConfig;
use engine_base::{Fault, Offset, Refusal, Uuid};
use engine_rt::{Core, Task};
use replication_control::{Endpoint, Image, TopicFacts};

use crate::command::Position;
use crate::coordinators::Coordinators;
use crate::directory::Directory;
use crate::disk::DiskChange;
use crate::metadata::Metadata;
use crate::options::NodeOptions;
use crate::partition::Partition;
use crate::producer_ids::ProducerIds;
use crate::replica::Audience;
use crate::report::StartReport;
use crate::seats::Seats;
use crate::shard::Shard;
use crate::start::{self, Seat, Started};

pub use log_dirs::LogDir;

/// A node of the cluster on this core. Cheap to clone.
#[derive(Clone)]
pub struct Node(Rc<Inner>);

struct Inner {
    core: Core,
    options: NodeOptions,
    seats: Rc<Seats>,
    metadata: Metadata,
    producer_ids: ProducerIds,
    coordinators: Coordinators,
    audience: Audience,
    report: StartReport,
    tasks: RefCell<Vec<Task<()>>>,
    /// Their locks keep other processes out.
    directories: RefCell<Vec<Directory>>,
    stopping: Cell<bool>,
    /// Where it was said to listen.
    listening: RefCell<Vec<Endpoint>>,
}

impl Node {
    /// Takes the data directories (formatting them if asked), recovers every shard, journals a new
    /// leader epoch for every replica and serves. A foreign, newer or occupied directory is
    /// [`FaultKind::Refused`](engine_base::FaultKind) and stays untouched.
    pub async fn start(core: &Core, options: NodeOptions) -> Result<Node, Fault> {
        let started = start::start(core, &options).await?;
        let Started { directories, seats, mut tasks, metadata, audience, report } = started;
        let seats = Rc::new(Seats::new(options.node_id, seats));
        let coordinators = Coordinators::new(core, &options, &seats, &metadata);
        tasks.extend(coordinators.start());
        Ok(Node(Rc::new(Inner {
            core: core.clone(),
            options,
            seats,
            producer_ids: ProducerIds::new(core, &metadata),
            metadata,
            coordinators,
            audience,
            report,
            tasks: RefCell::new(tasks),
            directories: RefCell::new(directories),
            stopping: Cell::new(false),
            listening: RefCell::default(),
        })))
    }

    /// The cluster's facts now.
    pub fn image(&self) -> Rc<Image> {
        self.0.metadata.image()
    }

    /// Waits for an image later than version `seen`.
    pub async fn image_changed(&self, seen: u64) -> Rc<Image> {
        self.0.metadata.image_changed(seen).await
    }

    /// What the start found.
    pub fn report(&self) -> &StartReport {
        &self.0.report
    }

    /// The node's configuration as of now, for DescribeConfigs and for limits that sessions honour.
    /// Topics' own configs are in the image.
    pub fn broker(&self) -> Rc<BrokerConfig> {
        self.image().broker.clone()
    }

    /// What it was told at its start.
    pub fn options(&self) -> &NodeOptions {
        &self.0.options
    }

    /// Somebody serves it at this address from now on.
    pub fn listens_at(&self, endpoint: Endpoint) {
        self.0.listening.borrow_mut().push(endpoint);
    }

    /// Every address at which it was served.
    pub fn listening(&self) -> Vec<Endpoint> {
        self.0.listening.borrow().clone()
    }

    /// Waits until a shard's disk passes its reserve. Each change is given to one caller only.
    pub async fn disk_changed(&self) -> DiskChange {
        self.0.audience.disks.next().await
    }

    /// The faults met since the start: those that stopped shards, and rot met by reads.
    pub fn faults(&self) -> Vec<Fault> {
        let faults = |seat: &Seat| match seat {
            Seat::Open(shard) => shard.faults(),
            Seat::Stopped(fault) => vec![fault.clone()],
        };
        self.0.seats.iter().flat_map(faults).collect()
    }

    /// Waits until more faults were met than the `known` ones, and gives all of them.
    pub async fn faults_beyond(&self, known: usize) -> Vec<Fault> {
        loop {
            let met = self.0.audience.faults.notified();
            let faults = self.faults();
            if faults.len() > known {
                return faults;
            }
            met.await;
        }
    }

    /// The partition of this topic's name and number: unknown to the cluster is
    /// [`Refusal::UnknownTopicOrPartition`], kept elsewhere is [`Refusal::NotLeader`].
    pub fn partition(&self, topic: &str, index: i32) -> Result<Partition, Refusal> {
        let image = self.image();
        let topic = image.topic(topic).ok_or(Refusal::UnknownTopicOrPartition)?;
        self.partition_of(topic, index)
    }

    /// The partition of this topic's id and number: an unknown id is [`Refusal::UnknownTopicId`].
    pub fn partition_by_id(&self, topic: Uuid, index: i32) -> Result<Partition, Refusal> {
        let image = self.image();
        let topic = image.topic_by_id(topic).ok_or(Refusal::UnknownTopicId)?;
        self.partition_of(topic, index)
    }

    /// The same for a topic whose facts are at hand.
    pub fn partition_of(&self, topic: &TopicFacts, index: i32) -> Result<Partition, Refusal> {
        self.0.seats.partition_of(topic, index)
    }

    pub(crate) fn shard(&self, partition: Partition) -> &Shard {
        self.0.seats.shard(partition)
    }

    /// Where the log of the cluster's facts stands, and where it ends.
    pub fn metadata_position(&self) -> Result<(Position, Offset), Refusal> {
        self.0.metadata.position()
    }

    /// A producer id that nobody was given before, on any node, whatever was killed meanwhile.
    pub async fn new_producer_id(&self) -> Result<i64, Refusal> {
        self.0.producer_ids.next().await
    }

    /// Answers everything that was handed in, flushes and closes every shard. Later calls are
    /// [`Refusal::Stopping`]. The first fault that a shard met in closing is answered.
    pub async fn close(&self) -> Result<(), Fault> {
        if self.0.stopping.replace(true) {
            return Ok(());
        }
        self.0.metadata.end(&Refusal::Stopping);
        self.0.coordinators.end(&Refusal::Stopping);
        let shards = || self.0.seats.open();
        // All at once, so that nothing is taken by one shard that another already refuses.
        shards().for_each(|shard| shard.inbox.close());
        let tasks = std::mem::take(&mut *self.0.tasks.borrow_mut());
        let mut first = Ok(());
        for shard in shards() {
            let closed = shard.close().await;
            first = first.and(closed);
        }
        tasks.into_iter().for_each(Task::cancel);
        let directories = std::mem::take(&mut *self.0.directories.borrow_mut());
        directories.into_iter().for_each(Directory::release);
        first
    }

    /// Watches that were not dropped.
    #[cfg(test)]
    pub(crate) fn open_watches(&self) -> usize {
        self.0.audience.watches.open_count()
    }

    /// The hash of the metadata's whole state.
    #[cfg(test)]
    pub(crate) fn metadata_hash(&self) -> u64 {
        self.0.metadata.state_hash()
    }

    /// Interests that replicas remember.
    #[cfg(test)]
    pub(crate) fn open_interests(&self) -> usize {
        self.0.seats.open().map(Shard::interest_count).sum()
    }
}
