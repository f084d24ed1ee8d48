//! Who coordinates groups.
//!
//! Kept true: only looking for a coordinator's node creates the topic that keeps what groups
//! commit, as in Kafka.

use std::rc::Rc;

use engine_base::{NodeId, Refusal};
use replication_control::TopicFacts;

use crate::coordinators::{self, Coordinator, OFFSETS_TOPIC};
use crate::node::Node;

impl Node {
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
}
