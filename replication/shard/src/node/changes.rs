//! Changes of the cluster's facts: topics, partitions, configs, quotas.
//!
//! Kept true: each thing asked has its own answer, in the order asked; once it is answered, the
//! image has it and replicas follow it.

use std::collections::BTreeSet;

use engine_base::{Refusal, ShardIndex, Uuid};
use replication_control::{
    Answer, Command, ConfigChanges, ConfigResource, CreatedTopic, DeletedTopic, MorePartitions,
    NewTopic, Placement, QuotaChange, TopicRef,
};

use crate::node::Node;
use crate::shard::Shard;
use crate::start::Seat;

impl Node {
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
}
