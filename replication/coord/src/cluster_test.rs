//! A cluster in memory, for the tests of groups: topics come, go and grow at a word.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::*;

/// Topics by name.
#[derive(Debug, Default)]
pub(crate) struct Topics {
    version: Cell<u64>,
    topics: RefCell<BTreeMap<String, TopicSize>>,
    pub(crate) config: Cell<GroupConfig>,
}

impl Topics {
    /// A cluster with these topics.
    pub(crate) fn of(topics: &[(&str, i32)]) -> Rc<Topics> {
        let cluster = Rc::new(Topics::default());
        topics.iter().for_each(|(name, partitions)| cluster.put(name, *partitions));
        cluster
    }

    /// The id that a topic of this name has here: it begins with the name.
    pub(crate) fn id(name: &str) -> Uuid {
        let mut id = [0; 16];
        name.bytes().take(16).enumerate().for_each(|(at, byte)| id[at] = byte);
        Uuid(id)
    }

    /// A topic comes or grows.
    pub(crate) fn put(&self, name: &str, partitions: i32) {
        self.put_as(name, Topics::id(name), partitions);
    }

    /// A topic comes with an id of its own.
    pub(crate) fn put_as(&self, name: &str, id: Uuid, partitions: i32) {
        let size = TopicSize { name: name.into(), id, partitions };
        self.topics.borrow_mut().insert(name.into(), size);
        self.version.set(self.version.get() + 1);
    }

    /// A topic goes.
    #[allow(dead_code)]
    pub(crate) fn remove(&self, name: &str) {
        self.topics.borrow_mut().remove(name);
        self.version.set(self.version.get() + 1);
    }
}

impl Cluster for Topics {
    fn version(&self) -> u64 {
        self.version.get()
    }

    fn topic(&self, name: &str) -> Option<TopicSize> {
        self.topics.borrow().get(name).cloned()
    }

    fn name_of(&self, id: Uuid) -> Option<Rc<str>> {
        self.topics.borrow().values().find(|topic| topic.id == id).map(|topic| topic.name.clone())
    }

    fn topics_from(&self, from: Option<&str>, see: &mut dyn FnMut(&str) -> bool) {
        _ = self.topics.borrow().range(from.unwrap_or("").to_owned()..).all(|(name, _)| see(name));
    }

    fn group_config(&self, _group: &str) -> GroupConfig {
        self.config.get()
    }
}
