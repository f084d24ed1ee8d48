//! The node as its sessions see it: one handle to every shard and to the cluster's facts.
//!
//! Kept true: a session never learns which shard keeps a partition; everything it asks goes through
//! a
//! [`Partition`]. Whatever a client sends, the answer is a value or a [`Refusal`].

mod log_dirs;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::settings::BrokerConfig;
use engine_base::{Epoch, Fault, NodeId, Offset, Refusal, ShardIndex, Uuid};
use engine_log::{Producer, ReadError};
use engine_rt::{Core, Task};
use replication_control::{
    Answer, Command, ConfigChanges, ConfigResource, CreatedTopic, DeletedTopic, Endpoint, Image,
    MorePartitions, NewTopic, Placement, QuotaChange, TopicFacts, TopicRef,
};

use crate::command::{
    Isolation, ListOffsetAnswer, ListOffsetCommand, Position, ProduceCommand, ReadAnswer,
    ReadCommand,
};
use crate::coordinators::{self, Coordinator, Coordinators, OFFSETS_TOPIC};
use crate::directory::Directory;
use crate::disk::DiskChange;
use crate::inbox::Queued;
use crate::metadata::Metadata;
use crate::options::NodeOptions;
use crate::partition::Partition;
use crate::produced::Produced;
use crate::producer_ids::ProducerIds;
use crate::replica::Audience;
use crate::replica::fetch::{self, Bounds};
use crate::replica::offsets;
use crate::report::StartReport;
use crate::seats::Seats;
use crate::shard::Shard;
use crate::start::{self, Seat, Started};
use crate::watch::Watch;

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
        tasks.push(coordinators.start());
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

    fn shard(&self, partition: Partition) -> &Shard {
        self.0.seats.shard(partition)
    }

    /// Where the partition stands now.
    pub fn position(&self, partition: Partition) -> Result<Position, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(-1)?;
                Ok(replica.position())
            })
            .flatten()
    }

    /// Where the log of the cluster's facts stands, and where it ends.
    pub fn metadata_position(&self) -> Result<(Position, Offset), Refusal> {
        self.0.metadata.position()
    }

    /// Hands a batch in. Batches of one partition are appended in the order of these calls.
    /// Nothing waits here: see [`Node::room`].
    pub fn produce(&self, command: ProduceCommand) -> Produced {
        let shard = self.shard(command.partition);
        let (answer, produced) = self.0.audience.answers.expect();
        let bytes = command.batch.len();
        if let Err(turned_away) = shard.inbox.push(Queued { command, bytes, answer }) {
            let why = if shard.inbox.is_closed() { Refusal::Stopping } else { Refusal::Overloaded };
            self.0.audience.answers.send(turned_away.answer, Err(why));
        }
        produced
    }

    /// Backpressure: waits until every shard's inbox has room for a batch of `bytes`. A session
    /// calls it before it takes the next produce from its socket; one that does not meets
    /// [`Refusal::Overloaded`].
    pub async fn room(&self, bytes: usize) {
        for shard in self.0.seats.open() {
            shard.inbox.has_room(bytes).await;
        }
    }

    fn bounds(
        &self,
        partition: Partition,
        epoch: Epoch,
        isolation: Isolation,
    ) -> Result<Bounds, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(epoch)?;
                Ok(replica.bounds(isolation))
            })
            .flatten()
    }

    /// What a failed read is to its reader. A fault is noted, unless the log was deleted meanwhile.
    fn failed(&self, partition: Partition, error: ReadError) -> Refusal {
        match error {
            ReadError::Refusal(why) => why,
            ReadError::Fault(fault) => {
                let shard = self.shard(partition);
                if let Err(gone) = shard.with(partition, |_| ()) {
                    return gone;
                }
                let why = fetch::refusal_of(&fault);
                shard.note(fault);
                why
            }
        }
    }

    /// Reads visible batches.
    pub async fn read(&self, command: ReadCommand) -> Result<ReadAnswer, Refusal> {
        let ReadCommand { partition, current_leader_epoch, isolation, .. } = command;
        let bounds = self.bounds(partition, current_leader_epoch, isolation)?;
        fetch::read(bounds, command).await.map_err(|error| self.failed(partition, error))
    }

    /// Waits until any of these partitions moved past the high watermark that was seen of it.
    pub fn watch(&self, seen: &[(Partition, Offset)]) -> Watch {
        let seen = seen.iter();
        Watch::new(
            &self.0.audience.watches,
            seen.map(|(partition, seen)| (self.shard(*partition).clone(), *partition, *seen)),
        )
    }

    /// Watches one more partition at this position of a watch, in place of the one that is there.
    pub fn watch_at(&self, watch: &mut Watch, at: usize, partition: Partition, seen: Offset) {
        watch.put(at, self.shard(partition).clone(), partition, seen);
    }

    /// The offset that belongs to a moment.
    pub async fn list_offset(
        &self,
        command: ListOffsetCommand,
    ) -> Result<ListOffsetAnswer, Refusal> {
        let ListOffsetCommand { partition, current_leader_epoch, timestamp, isolation } = command;
        let bounds = self.bounds(partition, current_leader_epoch, isolation)?;
        let listed = offsets::list_offset(bounds, timestamp).await;
        listed.map_err(|error| self.failed(partition, error))
    }

    /// OffsetForLeaderEpoch: the largest epoch not above `epoch`, and where it ends.
    /// Both are -1 when there is none.
    pub fn end_of_epoch(
        &self,
        partition: Partition,
        current_leader_epoch: Epoch,
        epoch: Epoch,
    ) -> Result<(Epoch, Offset), Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(current_leader_epoch)?;
                Ok(replica.end_of_epoch(epoch))
            })
            .flatten()
    }

    /// Moves the partition's start to `before` (-1: the high watermark) once that is durable, and
    /// answers the new start. Beyond the high watermark is [`Refusal::OffsetOutOfRange`].
    pub async fn delete_records(
        &self,
        partition: Partition,
        before: Offset,
    ) -> Result<Offset, Refusal> {
        let shard = self.shard(partition);
        let (start, due) = shard.delete_records(partition, before).await?;
        if let Some(seq) = due {
            shard.durable(seq).await?;
        }
        Ok(start)
    }

    /// Creates topics as Kafka 4.3 does, each with its own answer in the order asked (a name given
    /// twice is refused each time). When it returns, the image has them and they can be produced
    /// to. `validate_only` changes nothing.
    pub async fn create_topics(
        &self,
        topics: Vec<NewTopic>,
        validate_only: bool,
    ) -> Vec<Result<CreatedTopic, Refusal>> {
        let asked = topics.len();
        let random = || u128::from(self.0.core.random()) << 64 | u128::from(self.0.core.random());
        let topics = topics.into_iter().map(|topic| (Uuid::from_random(random()), topic)).collect();
        let stopped = self.stopped_shards();
        let command = Command::CreateTopics { topics, validate_only, stopped };
        match self.0.metadata.ask(command).await {
            Ok(Answer::Created(answers)) => answers,
            Ok(other) => unreachable!("a creation is not answered with {other:?}"),
            Err(why) => vec![Err(why); asked],
        }
    }

    /// Gives topics more partitions as Kafka 4.3 does, each with its own answer in the order asked.
    /// When it returns, the image has them and they can be produced to. `validate_only` changes
    /// nothing.
    pub async fn create_partitions(
        &self,
        topics: Vec<MorePartitions>,
        validate_only: bool,
    ) -> Vec<Result<(), Refusal>> {
        let asked = topics.len();
        let stopped = self.stopped_shards();
        let command = Command::CreatePartitions { topics, validate_only, stopped };
        match self.0.metadata.ask(command).await {
            Ok(Answer::Grown(answers)) => answers,
            Ok(other) => unreachable!("more partitions are not answered with {other:?}"),
            Err(why) => vec![Err(why); asked],
        }
    }

    /// The shards of this node that serve nothing any more.
    fn stopped_shards(&self) -> BTreeSet<Placement> {
        let node = self.0.options.node_id;
        let is_stopped = |seat: &Seat| seat.shard().is_none_or(Shard::is_stopped);
        let seats = (0..).map(ShardIndex).zip(self.0.seats.iter());
        let stopped = seats.filter(|(_, seat)| is_stopped(seat));
        stopped.map(|(shard, _)| Placement { node, shard }).collect()
    }

    /// Deletes topics, each with its own answer in the order asked.
    pub async fn delete_topics(&self, topics: Vec<TopicRef>) -> Vec<Result<DeletedTopic, Refusal>> {
        let asked = topics.len();
        match self.0.metadata.ask(Command::DeleteTopics(topics)).await {
            Ok(Answer::Deleted(answers)) => answers,
            Ok(other) => unreachable!("a deletion is not answered with {other:?}"),
            Err(why) => vec![Err(why); asked],
        }
    }

    /// Changes configs, each resource with its own answer in the order asked (none may come
    /// twice); when it returns, replicas and the node follow them. `validate_only` changes nothing.
    pub async fn alter_configs(
        &self,
        resources: Vec<(ConfigResource, ConfigChanges)>,
        validate_only: bool,
    ) -> Vec<Result<(), Refusal>> {
        let asked = resources.len();
        match self.0.metadata.ask(Command::AlterConfigs { resources, validate_only }).await {
            Ok(Answer::Configured(answers)) => answers,
            Ok(other) => unreachable!("a configuration is not answered with {other:?}"),
            Err(why) => vec![Err(why); asked],
        }
    }

    /// Changes quotas, each entity with its own answer in the order asked. `validate_only` changes
    /// nothing.
    pub async fn alter_quotas(
        &self,
        changes: Vec<QuotaChange>,
        validate_only: bool,
    ) -> Vec<Result<(), Refusal>> {
        let asked = changes.len();
        match self.0.metadata.ask(Command::AlterQuotas { changes, validate_only }).await {
            Ok(Answer::Configured(answers)) => answers,
            Ok(other) => unreachable!("quotas are not answered with {other:?}"),
            Err(why) => vec![Err(why); asked],
        }
    }

    /// Creates a topic with every default because a client used it, if `auto.create.topics.enable`
    /// says so; else [`Refusal::UnknownTopicOrPartition`]. One that is there already is fine.
    pub async fn auto_create(&self, name: &str) -> Result<(), Refusal> {
        if self.image().topic(name).is_some() {
            return Ok(());
        }
        if !self.broker().bool("auto.create.topics.enable") {
            return Err(Refusal::UnknownTopicOrPartition);
        }
        let mut answers = self.create_topics(vec![NewTopic::named(name)], false).await;
        match answers.pop().expect("because one topic has one answer") {
            Ok(_) | Err(Refusal::TopicExists(_)) => Ok(()),
            Err(why) => Err(why),
        }
    }

    /// The producers that this partition's log knows, ascending by id.
    pub fn producers(&self, partition: Partition) -> Result<Vec<(i64, Producer)>, Refusal> {
        self.shard(partition)
            .with(partition, |replica| {
                replica.serve(-1)?;
                Ok(replica.log().producers())
            })
            .flatten()
    }

    /// How many there are.
    pub fn producer_count(&self, partition: Partition) -> Result<usize, Refusal> {
        self.shard(partition).with(partition, |replica| replica.log().producer_count())
    }

    /// A producer id that nobody was given before, on any node, whatever was killed meanwhile.
    pub async fn new_producer_id(&self) -> Result<i64, Refusal> {
        self.0.producer_ids.next().await
    }

    /// The coordinator of a group, which may not have loaded yet
    /// ([`Refusal::CoordinatorLoadInProgress`]). Before anybody looked for a coordinator there is
    /// none ([`Refusal::NotCoordinator`]).
    pub fn coordinator(&self, group: &str) -> Result<Coordinator, Refusal> {
        let image = self.image();
        let topic = image.topic(OFFSETS_TOPIC).ok_or(Refusal::NotCoordinator)?;
        self.0.coordinators.of_group(topic, group)
    }

    /// The node that coordinates a group, whether or not its coordinator has loaded. The topic that
    /// keeps what groups commit is created when this is first asked, as Kafka does.
    pub async fn coordinator_node(&self, group: &str) -> Result<NodeId, Refusal> {
        let topic = self.offsets_topic().await?;
        self.0.coordinators.node_of(&topic, group)
    }

    /// Every coordinator of this node, if all have loaded.
    pub fn coordinators(&self) -> Result<Vec<Coordinator>, Refusal> {
        match self.image().topic(OFFSETS_TOPIC) {
            Some(topic) => self.0.coordinators.all(topic),
            None => Ok(Vec::new()),
        }
    }

    /// The topic that keeps what groups commit; created when it is first needed.
    async fn offsets_topic(&self) -> Result<Rc<TopicFacts>, Refusal> {
        if let Some(topic) = self.image().topic(OFFSETS_TOPIC) {
            return Ok(topic.clone());
        }
        let topic = coordinators::offsets_topic(&self.broker(), self.image().nodes.len());
        let mut answers = self.create_topics(vec![topic], false).await;
        match answers.pop().expect("because one topic has one answer") {
            Ok(_) | Err(Refusal::TopicExists(_)) => {}
            Err(why) => return Err(coordinators::as_coordinator(why)),
        }
        self.image().topic(OFFSETS_TOPIC).cloned().ok_or_else(|| {
            Refusal::CoordinatorNotAvailable(format!("{OFFSETS_TOPIC} was deleted meanwhile"))
        })
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
