//! The coordinators of groups: one machine over each partition of `__consumer_offsets`.
//!
//! Kept true: a group is coordinated where its partition of the topic is kept, the partition that
//! Kafka would choose; a coordinator that is still reading its log says so and answers nothing; the
//! offsets of a deleted topic go.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use engine_base::settings::BrokerConfig;
use engine_base::{LogId, NodeId, Offset, Refusal, Uuid};
use engine_rt::{Class, Core, Task};
use replication_control::{Image, NewTopic, TopicFacts};
use replication_coord::{
    Cluster, ConsumerLimits, DeletedTopics, GroupAnswer, GroupCommand, GroupConfig, GroupLimits,
    Groups, Migration, TopicSize,
};
use replication_machine::Driver;

use crate::host::{Home, Host, WAITING_MAX};
use crate::metadata::Metadata;
use crate::options::NodeOptions;
use crate::partition::Partition;
use crate::seats::Seats;

/// The topic in which coordinators keep their groups. Its name is Kafka's.
pub const OFFSETS_TOPIC: &str = "__consumer_offsets";

/// Groups that are looked at before other tasks of the core get a turn.
const GROUPS_PER_TURN: usize = 64;

/// A handle to the coordinator of some groups. Cheap to clone.
#[derive(Clone)]
pub struct Coordinator(Host<Groups>);

impl Coordinator {
    /// Asks it about one group. Commands are decided in the order of these calls.
    pub fn ask(
        &self,
        command: GroupCommand,
    ) -> impl Future<Output = Result<GroupAnswer, Refusal>> + use<> {
        let asked = self.0.ask(command);
        async move { asked.await.map_err(as_coordinator) }
    }

    /// One past the last record of the snapshot that it began with.
    #[cfg(test)]
    pub(crate) fn loaded_end(&self) -> Offset {
        self.0.loaded_end()
    }

    /// Looks at its groups as of the last record applied.
    pub fn read<T>(&self, look: impl FnOnce(&Groups) -> T) -> T {
        self.0.look(look)
    }
}

/// What a refusal of the log below is to a coordinator's client. The choice is Kafka's: a client
/// looks for the coordinator again, or retries.
pub(crate) fn as_coordinator(why: Refusal) -> Refusal {
    match why {
        Refusal::NotLeader
        | Refusal::Stopping
        | Refusal::StorageStopped
        | Refusal::StorageFull
        | Refusal::UnknownTopicOrPartition => Refusal::NotCoordinator,
        Refusal::LeaderNotAvailable | Refusal::Overloaded => {
            Refusal::CoordinatorNotAvailable("the coordinator is not available now".into())
        }
        other => other,
    }
}

/// `__consumer_offsets` as Kafka creates it; never with more replicas than there are nodes.
pub(crate) fn offsets_topic(broker: &BrokerConfig, nodes: usize) -> NewTopic {
    let number = |name| broker.int(name).expect("because it has a default");
    let replicas = number("offsets.topic.replication.factor").min(nodes.max(1) as i64);
    let config = |name: &str, value: String| (name.to_owned(), Some(value));
    NewTopic {
        partitions: i32::try_from(number("offsets.topic.num.partitions"))
            .expect("because its kind is int"),
        replication_factor: i16::try_from(replicas).expect("because its kind is short"),
        configs: vec![
            config("cleanup.policy", "compact".into()),
            config("compression.type", "producer".into()),
            config("segment.bytes", number("offsets.topic.segment.bytes").to_string()),
        ],
        ..NewTopic::named(OFFSETS_TOPIC)
    }
}

/// The partition of `__consumer_offsets` that keeps a group: Java's hash of its id, as Kafka takes
/// it.
pub(crate) fn partition_for(group: &str, partitions: i32) -> i32 {
    let hash = group
        .encode_utf16()
        .fold(0i32, |hash, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)));
    hash.checked_abs().unwrap_or(0) % partitions
}

/// A decision of a coordinator is one batch, and three quarters of the largest one leave room for
/// what is only known when it is written, such as the leader's assignments.
fn limits(broker: &BrokerConfig, batch_bytes_max: usize) -> GroupLimits {
    let number = |name| broker.int(name).expect("because it has a default");
    let small = |name| i32::try_from(number(name)).expect("because its kind is int");
    let millis = |name| Duration::from_millis(number(name).cast_unsigned());
    GroupLimits {
        session_ms_min: small("group.min.session.timeout.ms"),
        session_ms_max: small("group.max.session.timeout.ms"),
        initial_delay: millis("group.initial.rebalance.delay.ms"),
        members_max: number("group.max.size") as usize,
        metadata_bytes_max: number("offset.metadata.max.bytes").max(0) as usize,
        retention_ms: number("offsets.retention.minutes") * 60_000,
        retention_check: millis("offsets.retention.check.interval.ms"),
        decision_bytes_max: batch_bytes_max / 4 * 3,
        consumer: consumer_limits(broker),
    }
}

fn consumer_limits(broker: &BrokerConfig) -> ConsumerLimits {
    let number = |name: &str| {
        let name = format!("group.consumer.{name}");
        let number = broker.int(&name).expect("because it has a default");
        i32::try_from(number).expect("because its kind is int")
    };
    let bounds = |name: &str| (number(&format!("min.{name}")), number(&format!("max.{name}")));
    let policy = broker.text("group.consumer.migration.policy");
    let policy = policy.expect("because it has a default").to_ascii_lowercase();
    ConsumerLimits {
        served: broker.list("group.coordinator.rebalance.protocols").contains(&"consumer".into()),
        session_ms: number("session.timeout.ms"),
        session_ms_bounds: bounds("session.timeout.ms"),
        heartbeat_ms: number("heartbeat.interval.ms"),
        heartbeat_ms_bounds: bounds("heartbeat.interval.ms"),
        assignment_ms: number("assignment.interval.ms"),
        assignment_ms_bounds: bounds("assignment.interval.ms"),
        members_max: number("max.size") as usize,
        migration: Migration {
            upgrade: matches!(&*policy, "upgrade" | "bidirectional"),
            downgrade: matches!(&*policy, "downgrade" | "bidirectional"),
        },
        assignors: broker.list("group.consumer.assignors"),
        ..ConsumerLimits::default()
    }
}

/// The cluster as its groups see it.
struct Seen(Metadata);

impl std::fmt::Debug for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the image of version {}", self.version())
    }
}

impl Cluster for Seen {
    fn version(&self) -> u64 {
        self.0.image().version
    }

    fn topic(&self, name: &str) -> Option<TopicSize> {
        let image = self.0.image();
        let facts = image.topic(name)?;
        let count = facts.partitions.len();
        let partitions = i32::try_from(count).expect("because memory bounds their number");
        Some(TopicSize { name: name.into(), id: facts.id, partitions })
    }

    fn name_of(&self, id: Uuid) -> Option<Rc<str>> {
        self.0.image().topic_by_id(id).map(|facts| facts.name.as_str().into())
    }

    fn topics_from(&self, from: Option<&str>, see: &mut dyn FnMut(&str) -> bool) {
        _ = self.0.image().topics_from(from.unwrap_or("")).all(|facts| see(&facts.name));
    }

    fn group_config(&self, group: &str) -> GroupConfig {
        let image = self.0.image();
        let millis = |ms: i64| Some(i32::try_from(ms).expect("because its kind is int"));
        if image.configs.of_group(group).is_empty() {
            // The one of the broker's own keys that changes while it runs.
            let assignment = image.broker.int("group.consumer.assignment.interval.ms");
            return GroupConfig {
                assignment_ms: assignment.and_then(millis),
                ..GroupConfig::default()
            };
        }
        let settings = image.configs.group_settings(group, &image.broker);
        GroupConfig {
            session_ms: millis(settings.consumer_session_ms),
            heartbeat_ms: millis(settings.consumer_heartbeat_ms),
            assignment_ms: millis(settings.consumer_assignment_ms),
        }
    }
}

/// Every coordinator of this node. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Coordinators(Rc<Inner>);

struct Inner {
    core: Core,
    limits: GroupLimits,
    snapshot_records: Offset,
    seats: Rc<Seats>,
    metadata: Metadata,
    /// By the log that keeps their groups.
    hosts: RefCell<BTreeMap<LogId, Host<Groups>>>,
}

impl Coordinators {
    pub(crate) fn new(
        core: &Core,
        options: &NodeOptions,
        seats: &Rc<Seats>,
        metadata: &Metadata,
    ) -> Coordinators {
        Coordinators(Rc::new(Inner {
            core: core.clone(),
            limits: limits(&options.broker, options.store.batch_bytes_max()),
            snapshot_records: options.snapshot_records,
            seats: seats.clone(),
            metadata: metadata.clone(),
            hosts: RefCell::default(),
        }))
    }

    /// Starts the tasks that follow the cluster's facts.
    pub(crate) fn start(&self) -> [Task<()>; 2] {
        let (follower, forgetter) = (self.clone(), self.clone());
        let core = &self.0.core;
        [
            core.spawn(Class::Control, "coordinators", async move { follower.follow().await }),
            core.spawn(Class::Housekeeping, "offsets of deleted topics", async move {
                forgetter.forget_deleted().await;
            }),
        ]
    }

    /// Opens a coordinator for every partition that is here.
    async fn follow(&self) {
        loop {
            let image = self.0.metadata.image();
            if let Some(topic) = image.topic(OFFSETS_TOPIC) {
                self.close_others(topic);
                for index in 0..partitions(topic) {
                    // What is not served yet is opened when it is asked for.
                    _ = self.open(topic, index);
                }
            }
            self.0.metadata.image_changed(image.version).await;
        }
    }

    /// Drops the offsets of topics that are deleted from now on.
    async fn forget_deleted(&self) {
        let mut seen = self.0.metadata.image();
        loop {
            self.0.metadata.image_changed(seen.version).await;
            let image = self.0.metadata.image();
            let changes = image.changes_since(&seen);
            let gone = changes.iter().filter(|change| change.after.is_none());
            let gone = gone.filter_map(|change| change.before.as_ref());
            let gone: DeletedTopics =
                gone.map(|topic| (topic.name.as_str().into(), [topic.id].into())).collect();
            seen = image;
            if gone.is_empty() {
                continue;
            }
            let gone = Rc::new(gone);
            let hosts: Vec<Host<Groups>> = self.0.hosts.borrow().values().cloned().collect();
            // One that is still loading looks for itself when it has.
            for host in hosts.iter().filter(|host| host.serves().unwrap_or(false)) {
                // What is on its way may be a commit of before the delete: it does not show, but
                // what is asked now is decided behind it.
                let concerned = |groups: &Groups, group: &Rc<str>| {
                    let has = host.is_busy(group) || groups.has_offsets_of(group, &gone);
                    has.then(|| gone.clone())
                };
                self.forget(host, concerned).await;
            }
        }
    }

    /// Asks every group to forget the deleted topics that it is concerned with. Who commits for a
    /// topic asks in the turn in which the image still has it.
    async fn forget(
        &self,
        host: &Host<Groups>,
        concerned: impl Fn(&Groups, &Rc<str>) -> Option<Rc<DeletedTopics>>,
    ) {
        let mut last = None;
        loop {
            let ids = host.look(|groups| groups.ids(last.as_ref(), GROUPS_PER_TURN));
            let mut asked = Vec::new();
            for group in &ids {
                if let Some(topics) = host.look(|groups| concerned(groups, group)) {
                    let group = group.clone();
                    asked.push(host.ask(GroupCommand::ForgetTopics { group, topics }));
                    self.0.core.yield_now().await;
                }
            }
            // So that no more than this many wait to be written; what is not written now expires.
            for answer in asked {
                _ = answer.await;
            }
            self.0.core.yield_now().await;
            last = ids.last().cloned();
            if last.is_none() {
                return;
            }
        }
    }

    /// Drops the offsets of topics that were deleted while this coordinator was not there to see.
    async fn forget_gone(&self, host: &Host<Groups>) {
        let concerned = |groups: &Groups, group: &Rc<str>| {
            let image = self.0.metadata.image();
            let mut gone = DeletedTopics::new();
            for (topic, _, of) in groups.offsets(group) {
                if !is_there(&image, &topic, of.topic_id) {
                    gone.entry(topic).or_default().insert(of.topic_id);
                }
            }
            (!gone.is_empty()).then(|| Rc::new(gone))
        };
        self.forget(host, concerned).await;
    }

    /// Forgets coordinators of an `__consumer_offsets` that was deleted.
    fn close_others(&self, topic: &TopicFacts) {
        let logs: BTreeSet<LogId> = topic.partitions.iter().map(|part| part.log).collect();
        self.0.hosts.borrow_mut().retain(|log, host| {
            let stays = logs.contains(log);
            if !stays {
                host.end(&Refusal::NotCoordinator);
            }
            stays
        });
    }

    /// The coordinator over one partition, opened if need be.
    fn open(&self, topic: &TopicFacts, index: i32) -> Result<Host<Groups>, Refusal> {
        let facts = topic.partition(index).ok_or(Refusal::NotCoordinator)?;
        if let Some(host) = self.0.hosts.borrow().get(&facts.log) {
            return Ok(host.clone());
        }
        let partition = self.0.seats.partition_of(topic, index).map_err(as_coordinator)?;
        let host = self.host(partition)?;
        self.0.hosts.borrow_mut().insert(facts.log, host.clone());
        let (running, coordinators) = (host.clone(), self.clone());
        self.0.core.spawn(Class::Control, "coordinator", async move {
            running.load(|| coordinators.machine()).await;
            let (core, loaded) = (coordinators.0.core.clone(), running.clone());
            drop(core.spawn(Class::Housekeeping, "offsets of deleted topics", async move {
                if loaded.begun().await {
                    coordinators.forget_gone(&loaded).await;
                }
            }));
            running.run(async || ()).await;
        });
        Ok(host)
    }

    fn host(&self, partition: Partition) -> Result<Host<Groups>, Refusal> {
        let shard = self.0.seats.shard(partition).clone();
        let log = shard
            .with(partition, |replica| {
                // Nothing is decided before the replica leads.
                replica.serve(-1).map(|()| replica.log().clone())
            })
            .flatten()
            .map_err(as_coordinator)?;
        let core = self.0.core.clone();
        let home = Home {
            core,
            shard,
            partition,
            log,
            name: "consumer offsets log",
            snapshot_records: Some(self.0.snapshot_records),
        };
        let machine = self.machine();
        Ok(Host::new(home, RefCell::new(Driver::new(machine, WAITING_MAX))))
    }

    /// A machine without groups.
    fn machine(&self) -> Groups {
        Groups::new(self.0.limits.clone(), Rc::new(Seen(self.0.metadata.clone())))
    }

    fn ready(host: Host<Groups>) -> Result<Coordinator, Refusal> {
        match host.serves().map_err(as_coordinator)? {
            true => Ok(Coordinator(host)),
            false => Err(Refusal::CoordinatorLoadInProgress),
        }
    }

    /// The coordinator of a group.
    pub(crate) fn of_group(&self, topic: &TopicFacts, group: &str) -> Result<Coordinator, Refusal> {
        let index = partition_for(group, partitions(topic));
        self.open(topic, index).and_then(Coordinators::ready)
    }

    /// The node that coordinates a group.
    pub(crate) fn node_of(&self, topic: &TopicFacts, group: &str) -> Result<NodeId, Refusal> {
        let index = partition_for(group, partitions(topic));
        let facts = topic.partition(index).ok_or(Refusal::NotCoordinator)?;
        // It loads while the client connects.
        _ = self.open(topic, index);
        Ok(facts.preferred_leader())
    }

    /// Every coordinator that is here. As to Kafka, what is not coordinated here, or no more, is
    /// left out; while one loads there is no answer.
    pub(crate) fn all(&self, topic: &TopicFacts) -> Result<Vec<Coordinator>, Refusal> {
        let open = |index| self.open(topic, index).and_then(Coordinators::ready);
        let here = (0..partitions(topic)).map(open);
        here.filter(|one| !matches!(one, Err(Refusal::NotCoordinator))).collect()
    }

    /// Takes no more commands; whoever waits is told.
    pub(crate) fn end(&self, why: &Refusal) {
        for host in self.0.hosts.borrow().values() {
            host.end(why);
        }
    }
}

/// Whether this is a topic, and still the one that offsets of this id were committed for.
fn is_there(image: &Image, topic: &str, id: Uuid) -> bool {
    image.topic(topic).is_some_and(|facts| id.is_zero() || facts.id == id)
}

/// Over how many partitions groups are spread: those that the topic began with. A group must not
/// lose what it committed because the topic was given more.
fn partitions(topic: &TopicFacts) -> i32 {
    i32::try_from(topic.partitions_at_first).expect("because memory bounds their number")
}

#[cfg(test)]
mod tests {
    use super::partition_for;

    #[test]
    fn a_group_is_kept_where_kafka_would_keep_it() {
        // Java: Math.abs("...".hashCode()) % 50, and 0 for the one hash without an absolute value.
        for (group, partition) in
            [("", 0), ("a", 47), ("test-group", 12), ("orders", 31), ("polygenelubricants", 0)]
        {
            assert_eq!(partition_for(group, 50), partition, "{group}");
        }
    }
}
