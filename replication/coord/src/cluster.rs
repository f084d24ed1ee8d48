//! What a coordinator looks at beyond its own records: topics, and what groups are configured to.
//!
//! Kept true: it is looked at when deciding, never when applying; between two changes of the
//! version every answer is the same.

use std::rc::Rc;

use engine_base::Uuid;

/// A topic as an assignor needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSize {
    /// Its name.
    pub name: Rc<str>,
    /// Its id.
    pub id: Uuid,
    /// How many partitions it has.
    pub partitions: i32,
}

/// What a group is configured to itself (`consumer.*` of a group resource), in milliseconds; `None`
/// is the broker's default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GroupConfig {
    /// `consumer.session.timeout.ms`.
    pub session_ms: Option<i32>,
    /// `consumer.heartbeat.interval.ms`.
    pub heartbeat_ms: Option<i32>,
    /// `consumer.assignment.interval.ms`.
    pub assignment_ms: Option<i32>,
}

/// The cluster's facts, as a node knows them at the moment.
pub trait Cluster: std::fmt::Debug {
    /// Differs whenever a topic came, went or grew.
    fn version(&self) -> u64;

    /// The topic of this name.
    fn topic(&self, name: &str) -> Option<TopicSize>;

    /// The name of the topic with this id.
    fn name_of(&self, id: Uuid) -> Option<Rc<str>>;

    /// The names of the topics in their order, from the first that is not before this one, as long
    /// as `see` says to go on.
    fn topics_from(&self, from: Option<&str>, see: &mut dyn FnMut(&str) -> bool);

    /// What a group is configured to.
    fn group_config(&self, group: &str) -> GroupConfig;
}

#[cfg(test)]
#[path = "cluster_test.rs"]
pub(crate) mod cluster_test;
