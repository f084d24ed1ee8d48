//! The image: a core's read-only copy of the cluster's facts.
//!
//! Kept true: an image never changes; a committed change makes a new one with a higher version, and
//! topics that did not change are shared between the two. By name and by id it holds the same
//! topics.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::rc::Rc;

use engine_base::settings::BrokerConfig;
use engine_base::{NodeId, Refusal, Uuid};

use crate::configs::Configs;
use crate::facts::{NodeFacts, TopicFacts};
use crate::placement::refuse_nodes;
use crate::quotas::Quotas;

/// The cluster's facts at one moment.
#[derive(Clone, Debug, Default)]
pub struct Image {
    /// Grows with every change; on one node a higher version is a later image.
    pub version: u64,
    /// The cluster's id; zero before the first metadata record.
    pub cluster: Uuid,
    /// The nodes, by id.
    pub nodes: BTreeMap<NodeId, Rc<NodeFacts>>,
    /// Configs of nodes, groups and subscriptions to clients' metrics, as they were given.
    pub configs: Rc<Configs>,
    /// Quotas of clients.
    pub quotas: Rc<Quotas>,
    /// The configuration of the node that this image is of, as of now.
    pub broker: Rc<BrokerConfig>,
    by_name: BTreeMap<Rc<str>, Rc<TopicFacts>>,
    by_id: BTreeMap<Uuid, Rc<TopicFacts>>,
}

/// A topic that is not the same in two images.
#[derive(Clone, Debug, PartialEq)]
pub struct TopicChange {
    /// As it was; `None` if it was created.
    pub before: Option<Rc<TopicFacts>>,
    /// As it is; `None` if it was deleted.
    pub after: Option<Rc<TopicFacts>>,
}

impl Image {
    /// Nothing yet, seen from a node with this configuration.
    pub(crate) fn seen_by(broker: Rc<BrokerConfig>) -> Image {
        Image { broker, ..Image::default() }
    }

    /// The topic of this name.
    pub fn topic(&self, name: &str) -> Option<&Rc<TopicFacts>> {
        self.by_name.get(name)
    }

    /// The topic with this id.
    pub fn topic_by_id(&self, id: Uuid) -> Option<&Rc<TopicFacts>> {
        self.by_id.get(&id)
    }

    /// Every topic, in the order of names.
    pub fn topics(&self) -> impl Iterator<Item = &Rc<TopicFacts>> {
        self.by_name.values()
    }

    /// The topics whose names are not before this one, in their order.
    pub fn topics_from(&self, from: &str) -> impl Iterator<Item = &Rc<TopicFacts>> {
        let from = (Bound::Included(from), Bound::Unbounded);
        self.by_name.range::<str, _>(from).map(|(_, topic)| topic)
    }

    /// How many topics there are.
    pub fn topic_count(&self) -> usize {
        self.by_name.len()
    }

    /// Refuses nodes that cannot keep one partition together.
    pub fn refuse_replicas(&self, nodes: &[NodeId]) -> Result<(), Refusal> {
        refuse_nodes(self, nodes, None)
    }

    /// What is different from an earlier image, topic by topic. Topics that did not change are
    /// shared, so this compares pointers only.
    pub fn changes_since(&self, earlier: &Image) -> Vec<TopicChange> {
        let gone = earlier.by_id.values().filter(|topic| !self.by_id.contains_key(&topic.id));
        let mut changes: Vec<TopicChange> =
            gone.map(|topic| TopicChange { before: Some(topic.clone()), after: None }).collect();
        for topic in self.by_id.values() {
            let before = earlier.by_id.get(&topic.id);
            if before.is_none_or(|before| !Rc::ptr_eq(before, topic)) {
                changes.push(TopicChange { before: before.cloned(), after: Some(topic.clone()) });
            }
        }
        changes
    }

    /// Puts a topic in, replacing the one with the same id.
    pub(crate) fn put_topic(&mut self, topic: TopicFacts) {
        let topic = Rc::new(topic);
        self.by_name.insert(Rc::from(topic.name.as_str()), topic.clone());
        self.by_id.insert(topic.id, topic);
        assert_eq!(self.by_name.len(), self.by_id.len(), "a topic has one name and one id");
    }

    /// Takes a topic out.
    pub(crate) fn remove_topic(&mut self, id: Uuid) -> Option<Rc<TopicFacts>> {
        let topic = self.by_id.remove(&id)?;
        self.by_name.remove(topic.name.as_str());
        assert_eq!(self.by_name.len(), self.by_id.len(), "a topic has one name and one id");
        Some(topic)
    }
}
