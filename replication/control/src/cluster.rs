//! The cluster's facts as a machine over the metadata log.
//!
//! Kept true: a topic has one name and one id, a log id is never used twice, nor is a producer id,
//! and a log is deleted only by a committed delete that names it. What contradicts that is a broken
//! record, never a silent repair.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use engine_base::settings::{BrokerConfig, TopicSettings};
use engine_base::{LogId, NodeId, Refusal, ShardIndex, Uuid};
use replication_machine::{self as machine, BadRecord, Decision, Machine, Now, RecordView};
use replication_machine::{StateHash, Ticket};

use crate::alter_configs::{ConfigChanges, ConfigResource};
use crate::alter_quotas::QuotaChange;
use crate::configs::ConfigTarget;
use crate::facts::{NodeFacts, PartitionFacts, Placement, TopicFacts};
use crate::image::Image;
use crate::log_ids::LogIdSet;
use crate::records::Record;
use crate::topic_command::{CreatedTopic, DeletedTopic, MorePartitions, NewTopic, TopicRef};
use crate::topic_name::collision_name;
use crate::{alter_configs, alter_quotas, create_partitions, create_topics, delete_topics};

/// The log of the metadata itself; other logs are counted from 1.
pub const METADATA_LOG: LogId = LogId(0);

/// What can be asked of the cluster.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Give the cluster its id, if it has none.
    Found(Uuid),
    /// A node is there with these facts.
    Join(NodeFacts),
    /// Create topics; each comes with the random id that it would get.
    CreateTopics {
        /// What is asked for.
        topics: Vec<(Uuid, NewTopic)>,
        /// Change nothing.
        validate_only: bool,
        /// Shards that failed: nothing new is placed on them. As the asking node knows it, so it
        /// stands in no record.
        stopped: BTreeSet<Placement>,
    },
    /// Give topics more partitions.
    CreatePartitions {
        /// What is asked for.
        topics: Vec<MorePartitions>,
        /// Change nothing.
        validate_only: bool,
        /// Shards that failed, as for [`Command::CreateTopics`].
        stopped: BTreeSet<Placement>,
    },
    /// Delete topics.
    DeleteTopics(Vec<TopicRef>),
    /// Change configs.
    AlterConfigs {
        /// Of what, and how; nothing is named twice.
        resources: Vec<(ConfigResource, ConfigChanges)>,
        /// Change nothing.
        validate_only: bool,
    },
    /// Change quotas of clients.
    AlterQuotas {
        /// Of whom, and how.
        changes: Vec<QuotaChange>,
        /// Change nothing.
        validate_only: bool,
    },
    /// A log with an id below this one was seen somewhere: never give it out.
    UseLogIds {
        /// The lowest id that may still be given out.
        next: u64,
    },
    /// Give out a block of producer ids that nobody was given before.
    ReserveProducerIds,
}

/// What the cluster answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is so now.
    Done,
    /// One for each topic asked for, in that order.
    Created(Vec<Result<CreatedTopic, Refusal>>),
    /// One for each topic that asked for more partitions, in that order.
    Grown(Vec<Result<(), Refusal>>),
    /// One for each topic named, in that order.
    Deleted(Vec<Result<DeletedTopic, Refusal>>),
    /// Whether its configs or quotas were changed, or could be: one for each resource or entity, in
    /// that order.
    Configured(Vec<Result<(), Refusal>>),
    /// The block of producer ids that belongs to whoever asked, and to nobody else.
    ProducerIds(Range<i64>),
}

/// Producer ids that are given out at once, as by Kafka.
pub const PRODUCER_ID_BLOCK: i64 = 1000;

/// The cluster's facts.
#[derive(Debug)]
pub struct Cluster {
    image: Rc<Image>,
    next_log: u64,
    next_producer: i64,
    deleted: LogIdSet,
    /// Which log belongs to which topic.
    logs: BTreeMap<LogId, Uuid>,
    /// How many replicas each shard keeps, for placement.
    load: BTreeMap<(NodeId, ShardIndex), u64>,
    /// Existing names by what they collide in.
    collisions: BTreeMap<String, BTreeSet<String>>,
    /// What the node started with that this state is seen from: resolves configs, no part of the
    /// replicated state.
    start: Rc<BrokerConfig>,
    node: NodeId,
    /// What topics inherit changed in the batch that is being applied.
    resettles: bool,
}

impl Cluster {
    /// An empty cluster, seen from this node, which started with this configuration.
    pub fn new(start: Rc<BrokerConfig>, node: NodeId) -> Cluster {
        Cluster {
            image: Rc::new(Image::seen_by(start.clone())),
            next_log: METADATA_LOG.0 + 1,
            next_producer: 0,
            deleted: LogIdSet::default(),
            logs: BTreeMap::new(),
            load: BTreeMap::new(),
            collisions: BTreeMap::new(),
            start,
            node,
            resettles: false,
        }
    }

    /// The facts as of the last record applied.
    pub fn image(&self) -> &Rc<Image> {
        &self.image
    }

    /// The node's configuration.
    pub(crate) fn broker(&self) -> &BrokerConfig {
        &self.image.broker
    }

    /// The lowest log id that was never given out.
    pub fn next_log(&self) -> u64 {
        self.next_log
    }

    /// Whether a committed delete named this log.
    pub fn was_deleted(&self, log: LogId) -> bool {
        self.deleted.contains(log)
    }

    /// The topic that this log belongs to.
    pub fn topic_of(&self, log: LogId) -> Option<&Rc<TopicFacts>> {
        self.logs.get(&log).and_then(|id| self.image.topic_by_id(*id))
    }

    /// The topic that a client names.
    pub(crate) fn find(&self, topic: &TopicRef) -> Result<&Rc<TopicFacts>, Refusal> {
        match topic {
            TopicRef::Name(name) => self.image.topic(name).ok_or(Refusal::UnknownTopicOrPartition),
            TopicRef::Id(Uuid::ZERO) => {
                let why = "Neither topic name nor id were specified.";
                Err(Refusal::InvalidRequest(why.into()))
            }
            TopicRef::Id(id) => self.image.topic_by_id(*id).ok_or(Refusal::UnknownTopicId),
        }
    }

    /// How many replicas each shard of each node keeps, shards without any included, those that
    /// are stopped left out.
    pub(crate) fn load(
        &self,
        stopped: &BTreeSet<Placement>,
    ) -> BTreeMap<(NodeId, ShardIndex), u64> {
        let mut load = self.load.clone();
        for node in self.image.nodes.values() {
            for shard in 0..node.shards {
                load.entry((node.id, ShardIndex(shard))).or_insert(0);
            }
        }
        load.retain(|&(node, shard), _| !stopped.contains(&Placement { node, shard }));
        load
    }

    /// An existing topic whose name collides with this one.
    pub(crate) fn colliding(&self, name: &str) -> Option<&str> {
        let names = self.collisions.get(&collision_name(name)?)?;
        names.iter().find(|other| *other != name).map(String::as_str)
    }

    fn take_in(&mut self, record: Record) -> Result<(), BadRecord> {
        match record {
            Record::Cluster { id } => self.apply_cluster(id),
            Record::Node(node) => {
                let node = Rc::new(node);
                Rc::make_mut(&mut self.image).nodes.insert(node.id, node);
                Ok(())
            }
            Record::TopicCreated { id, name, partitions, configs } => {
                self.apply_topic_created(id, name, partitions, configs)
            }
            Record::PartitionsCreated { id, partitions } => {
                self.apply_partitions_created(id, partitions)
            }
            Record::TopicDeleted { id, logs } => self.apply_topic_deleted(id, &logs),
            Record::TopicConfig { id, key, value } => self.apply_topic_config(id, key, value),
            Record::Config { target, key, value } => {
                self.apply_config(target, key, value);
                Ok(())
            }
            Record::Quota { entity, key, value } => {
                let image = Rc::make_mut(&mut self.image);
                Rc::make_mut(&mut image.quotas).put(entity, key, value);
                Ok(())
            }
            Record::LogIdsUsed { next } => {
                self.next_log = self.next_log.max(next);
                Ok(())
            }
            Record::ProducerIdsUsed { next } => {
                if next <= self.next_producer {
                    return Err(BadRecord::Broken("producer ids are given out once".into()));
                }
                self.next_producer = next;
                Ok(())
            }
        }
    }

    fn apply_cluster(&mut self, id: Uuid) -> Result<(), BadRecord> {
        if !self.image.cluster.is_zero() || id.is_zero() {
            return Err(BadRecord::Broken("a cluster has one id for ever".into()));
        }
        Rc::make_mut(&mut self.image).cluster = id;
        Ok(())
    }

    fn apply_topic_created(
        &mut self,
        id: Uuid,
        name: String,
        partitions: Vec<PartitionFacts>,
        configs: Vec<(String, String)>,
    ) -> Result<(), BadRecord> {
        if self.image.topic(&name).is_some() || self.image.topic_by_id(id).is_some() {
            return Err(BadRecord::Broken(format!("topic {name} ({id}) is there already")));
        }
        self.place(id, &partitions)?;
        if let Some(shared) = collision_name(&name) {
            self.collisions.entry(shared).or_default().insert(name.clone());
        }
        let configs: BTreeMap<String, String> = configs.into_iter().collect();
        let settings = TopicSettings::new(&configs, &self.image.broker);
        let partitions_at_first = partitions.len();
        let topic = TopicFacts { id, name, partitions, partitions_at_first, configs, settings };
        Rc::make_mut(&mut self.image).put_topic(topic);
        Ok(())
    }

    /// The logs of new partitions are used now, each by this topic.
    fn place(&mut self, id: Uuid, partitions: &[PartitionFacts]) -> Result<(), BadRecord> {
        for partition in partitions {
            if partition.log.0 < self.next_log {
                let log = partition.log;
                return Err(BadRecord::Broken(format!("log {log} of {id} was used before")));
            }
            self.next_log = partition.log.0 + 1;
            self.logs.insert(partition.log, id);
            for replica in &partition.replicas {
                *self.load.entry((replica.node, replica.shard)).or_insert(0) += 1;
            }
        }
        Ok(())
    }

    fn apply_partitions_created(
        &mut self,
        id: Uuid,
        partitions: Vec<PartitionFacts>,
    ) -> Result<(), BadRecord> {
        let Some(topic) = self.image.topic_by_id(id) else {
            return Err(BadRecord::Broken(format!("there is no topic {id} to grow")));
        };
        let mut topic = TopicFacts::clone(topic);
        self.place(id, &partitions)?;
        topic.partitions.extend(partitions);
        Rc::make_mut(&mut self.image).put_topic(topic);
        Ok(())
    }

    fn apply_topic_deleted(&mut self, id: Uuid, logs: &[LogId]) -> Result<(), BadRecord> {
        let Some(topic) = Rc::make_mut(&mut self.image).remove_topic(id) else {
            return Err(BadRecord::Broken(format!("there is no topic {id} to delete")));
        };
        if !topic.partitions.iter().map(|p| p.log).eq(logs.iter().copied()) {
            let name = &topic.name;
            return Err(BadRecord::Broken(format!("the delete of {name} names other logs")));
        }
        for partition in &topic.partitions {
            self.logs.remove(&partition.log);
            assert!(self.deleted.insert(partition.log), "a log is deleted once");
            for replica in &partition.replicas {
                let place = (replica.node, replica.shard);
                let count = self.load.get_mut(&place).expect("because its creation counted it");
                *count -= 1;
                if *count == 0 {
                    self.load.remove(&place);
                }
            }
        }
        if let Some(shared) = collision_name(&topic.name)
            && let Some(names) = self.collisions.get_mut(&shared)
        {
            names.remove(&topic.name);
            if names.is_empty() {
                self.collisions.remove(&shared);
            }
        }
        Ok(())
    }

    fn apply_topic_config(
        &mut self,
        id: Uuid,
        key: String,
        value: Option<String>,
    ) -> Result<(), BadRecord> {
        let Some(topic) = self.image.topic_by_id(id) else {
            return Err(BadRecord::Broken(format!("there is no topic {id} to configure")));
        };
        let mut topic = TopicFacts::clone(topic);
        match value {
            Some(value) => topic.configs.insert(key, value),
            None => topic.configs.remove(&key),
        };
        topic.settings = TopicSettings::new(&topic.configs, &self.image.broker);
        Rc::make_mut(&mut self.image).put_topic(topic);
        Ok(())
    }
}

impl Cluster {
    fn apply_config(&mut self, target: ConfigTarget, key: String, value: Option<String>) {
        let image = Rc::make_mut(&mut self.image);
        let is_ours = match target {
            ConfigTarget::Cluster => true,
            ConfigTarget::Node(node) => node == self.node,
            ConfigTarget::Group(_) | ConfigTarget::ClientMetrics(_) => false,
        };
        Rc::make_mut(&mut image.configs).put(target, key, value);
        if !is_ours {
            return;
        }
        let broker = image.configs.broker(&self.start, self.node);
        if broker == *image.broker {
            return;
        }
        // A topic with configs of its own inherits at most what one without any does.
        let inherited = |broker: &BrokerConfig| TopicSettings::new(&BTreeMap::new(), broker);
        self.resettles |= inherited(&broker) != inherited(&image.broker);
        image.broker = Rc::new(broker);
    }

    /// Topics inherit what changed: each is looked at once, however many keys did.
    fn resettle(&mut self) {
        if !std::mem::take(&mut self.resettles) {
            return;
        }
        let image = Rc::make_mut(&mut self.image);
        let resettled = image.topics().filter_map(|topic| {
            let settings = TopicSettings::new(&topic.configs, &image.broker);
            let is_changed = settings != topic.settings;
            is_changed.then(|| TopicFacts { settings, ..TopicFacts::clone(topic) })
        });
        let resettled: Vec<TopicFacts> = resettled.collect();
        for topic in resettled {
            image.put_topic(topic);
        }
    }
}

impl Machine for Cluster {
    type Command = Command;
    type Answer = Answer;
    /// Everything is ordered: a few commands per second.
    type Key = ();

    fn key(&self, _command: &Command) {}

    fn decide(&mut self, ticket: Ticket, command: Command, _now: Now) -> Decision<Answer> {
        let (records, answer) = match command {
            Command::Found(id) if self.image.cluster.is_zero() => {
                (vec![Record::Cluster { id }], Answer::Done)
            }
            Command::Found(_) => (Vec::new(), Answer::Done),
            Command::Join(node) => {
                let known = self.image.nodes.get(&node.id).is_some_and(|old| **old == node);
                (if known { Vec::new() } else { vec![Record::Node(node)] }, Answer::Done)
            }
            Command::CreateTopics { topics, validate_only, stopped } => {
                let (records, answers) =
                    create_topics::decide(self, topics, validate_only, &stopped);
                (records, Answer::Created(answers))
            }
            Command::CreatePartitions { topics, validate_only, stopped } => {
                let (records, answers) =
                    create_partitions::decide(self, &topics, validate_only, &stopped);
                (records, Answer::Grown(answers))
            }
            Command::DeleteTopics(topics) => {
                let (records, answers) = delete_topics::decide(self, topics);
                (records, Answer::Deleted(answers))
            }
            Command::AlterConfigs { resources, validate_only } => {
                let (records, answers) = alter_configs::decide(self, resources, validate_only);
                (records, Answer::Configured(answers))
            }
            Command::AlterQuotas { changes, validate_only } => {
                let (records, answers) = alter_quotas::decide(self, changes, validate_only);
                (records, Answer::Configured(answers))
            }
            Command::UseLogIds { next } if next > self.next_log => {
                (vec![Record::LogIdsUsed { next }], Answer::Done)
            }
            Command::UseLogIds { .. } => (Vec::new(), Answer::Done),
            Command::ReserveProducerIds => {
                let first = self.next_producer;
                let next = first.checked_add(PRODUCER_ID_BLOCK).expect("ids outlast the cluster");
                (vec![Record::ProducerIdsUsed { next }], Answer::ProducerIds(first..next))
            }
        };
        let encoded = records.iter().map(|record| machine::Record::of_value(record.encode()));
        Decision::write(encoded.collect(), ticket, answer)
    }

    fn due(&mut self, _key: &(), _now: Now) -> Decision<Answer> {
        Decision::nothing()
    }

    fn apply(&mut self, record: &RecordView<'_>) -> Result<(), BadRecord> {
        let value = record.value.ok_or_else(|| BadRecord::Broken("without a value".into()))?;
        if let Some(fact) = Record::decode(value)? {
            self.take_in(fact)?;
        }
        let version = u64::try_from(record.offset).expect("because offsets are not negative") + 1;
        assert!(version > self.image.version, "records are applied in order");
        Rc::make_mut(&mut self.image).version = version;
        Ok(())
    }

    fn batch_ended(&mut self) {
        self.resettle();
    }

    fn state_hash(&self) -> u64 {
        let mut hash = StateHash::default();
        hash.bytes(&self.image.cluster.0).number(self.image.version).number(self.next_log);
        hash.number(self.next_producer.cast_unsigned());
        for node in self.image.nodes.values() {
            hash.bytes(&Record::Node(NodeFacts::clone(node)).encode());
        }
        for topic in self.image.topics() {
            let created = Record::TopicCreated {
                id: topic.id,
                name: topic.name.clone(),
                partitions: topic.partitions.clone(),
                configs: topic.configs.clone().into_iter().collect(),
            };
            hash.bytes(&created.encode()).number(topic.partitions_at_first as u64);
        }
        for (target, values) in self.image.configs.targets() {
            for (key, value) in values {
                let (target, key, value) = (target.clone(), key.clone(), Some(value.clone()));
                hash.bytes(&Record::Config { target, key, value }.encode());
            }
        }
        for (entity, values) in self.image.quotas.all() {
            for (key, value) in values {
                let (entity, key, value) = (entity.clone(), *key, Some(*value));
                hash.bytes(&Record::Quota { entity, key, value }.encode());
            }
        }
        for (first, end) in self.deleted.ranges() {
            hash.number(first).number(end);
        }
        for (log, topic) in &self.logs {
            hash.number(log.0).bytes(&topic.0);
        }
        for ((node, shard), count) in &self.load {
            hash.number(i64::from(node.0).cast_unsigned())
                .number(u64::from(shard.0))
                .number(*count);
        }
        for (shared, names) in &self.collisions {
            hash.bytes(shared.as_bytes());
            names.iter().for_each(|name| _ = hash.bytes(name.as_bytes()));
        }
        hash.finish()
    }
}

#[cfg(test)]
#[path = "cluster_test.rs"]
mod cluster_test;
