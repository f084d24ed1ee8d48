//! The client: connections to the cluster's brokers, and what is known about its topics.
//!
//! Kept true: there is one connection to a broker, opened when it is first needed and again after
//! it broke; what is known of a topic is asked for again when it is too old or was found to be
//! wrong.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, Uuid};
use engine_rt::Core;
use engine_rt::sync::Notify;
use net_wire::Request;
use net_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseTopic,
};

use crate::address::Address;
use crate::code::Code;
use crate::connection::{Answer, Connection};
use crate::error::{ClientError, ErrorKind};
use crate::options::ClientOptions;

/// How long a topic that is being created, or whose leader is being found, is waited for.
const SETTLE_TIME: Duration = Duration::from_secs(10);

/// Pause before asking again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// A client of one cluster. Cheap to clone.
#[derive(Clone)]
pub struct Client(Rc<Office>);

struct Office {
    core: Core,
    options: ClientOptions,
    connections: RefCell<BTreeMap<(Address, Use), Connection>>,
    opening: RefCell<BTreeSet<(Address, Use)>>,
    opened: Notify,
    nodes: RefCell<BTreeMap<i32, Address>>,
    topics: RefCell<BTreeMap<String, Topic>>,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    /// Whatever is answered at once.
    Questions,
    /// Fetches, which the broker holds back until there is something to tell.
    Fetches,
    /// A group's member and its coordinator: joining waits for the other members.
    Groups,
}

/// What is known of a topic.
#[derive(Clone, Debug)]
struct Topic {
    id: Uuid,
    /// The leader's node and epoch, by partition.
    leaders: Vec<(i32, i32)>,
    asked: Mono,
}

/// A node of the cluster, as it advertises itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeInfo {
    /// Kafka's broker id.
    pub id: i32,
    /// Where clients reach it.
    pub address: Address,
    /// Its rack, if it has one.
    pub rack: Option<String>,
}

impl Client {
    /// A client; nothing is connected before it is needed.
    pub fn new(core: &Core, options: ClientOptions) -> Client {
        Client(Rc::new(Office {
            core: core.clone(),
            options,
            connections: RefCell::default(),
            opening: RefCell::default(),
            opened: Notify::new(),
            nodes: RefCell::default(),
            topics: RefCell::default(),
        }))
    }

    /// The core it runs on.
    pub fn core(&self) -> &Core {
        &self.0.core
    }

    /// What it was told.
    pub fn options(&self) -> &ClientOptions {
        &self.0.options
    }

    /// Closes every connection.
    pub fn close(&self) {
        for connection in self.0.connections.borrow().values() {
            connection.close();
        }
    }

    /// Any broker: one that is connected, else the first that can be reached.
    pub async fn any(&self) -> Result<Connection, ClientError> {
        if let Some(connection) = self.open_one() {
            return Ok(connection);
        }
        let mut addresses = self.0.options.brokers.clone();
        addresses.extend(self.0.nodes.borrow().values().cloned());
        let mut first_error = None;
        for address in addresses {
            match self.connection(address, Use::Questions).await {
                Ok(connection) => return Ok(connection),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| ClientError::usage("no broker is named")))
    }

    fn open_one(&self) -> Option<Connection> {
        let connections = self.0.connections.borrow();
        let mut open =
            connections.iter().filter(|((_, of), c)| *of == Use::Questions && c.is_open());
        open.next().map(|(_, connection)| connection.clone())
    }

    /// The broker with this id.
    pub async fn broker(&self, node: i32) -> Result<Connection, ClientError> {
        self.connection(self.address_of(node)?, Use::Questions).await
    }

    /// The broker with this id, for requests that it may hold back.
    pub async fn broker_for_fetches(&self, node: i32) -> Result<Connection, ClientError> {
        self.connection(self.address_of(node)?, Use::Fetches).await
    }

    fn address_of(&self, node: i32) -> Result<Address, ClientError> {
        let address = self.0.nodes.borrow().get(&node).cloned();
        address.ok_or_else(|| {
            let what = format!("node {node} is not known to the cluster");
            ClientError::new(ErrorKind::Refused(Code::LEADER_NOT_AVAILABLE), what)
        })
    }

    /// The connection to an address, opened if there is none.
    pub(crate) async fn connection(
        &self,
        address: Address,
        of: Use,
    ) -> Result<Connection, ClientError> {
        let place = (address, of);
        loop {
            let opened = self.0.opened.notified();
            let known = self.0.connections.borrow().get(&place).cloned();
            if let Some(connection) = known
                && connection.is_open()
            {
                return Ok(connection);
            }
            if self.0.opening.borrow_mut().insert(place.clone()) {
                break;
            }
            opened.await;
        }
        let connection = Connection::open(&self.0.core, &place.0, &self.0.options).await;
        self.0.opening.borrow_mut().remove(&place);
        if let Ok(connection) = &connection {
            self.0.connections.borrow_mut().insert(place, connection.clone());
        }
        self.0.opened.notify_all();
        connection
    }

    /// Asks any broker.
    pub async fn ask<R: Request>(&self, request: &R) -> Result<Answer<R::Response>, ClientError> {
        self.any().await?.call(request).await
    }

    /// Asks for metadata: of these topics, or of all. The nodes it names are remembered.
    pub async fn metadata(
        &self,
        topics: Option<&[String]>,
        allow_auto_create: bool,
    ) -> Result<MetadataResponse, ClientError> {
        let named = |name: &String| MetadataRequestTopic {
            name: Some(name.clone()),
            ..MetadataRequestTopic::default()
        };
        let request = MetadataRequest {
            topics: topics.map(|topics| topics.iter().map(named).collect()),
            allow_auto_topic_creation: allow_auto_create,
            ..MetadataRequest::default()
        };
        let answer = self.ask(&request).await?;
        let response = answer.response;
        let mut nodes = self.0.nodes.borrow_mut();
        for broker in &response.brokers {
            let Ok(port) = u16::try_from(broker.port) else { continue };
            nodes.insert(broker.node_id, Address::new(broker.host.clone(), port));
        }
        drop(nodes);
        Ok(response)
    }

    /// Every node that is known, as it advertises itself.
    pub(crate) async fn node_ids(&self) -> Result<Vec<i32>, ClientError> {
        self.metadata(Some(&[]), false).await?;
        Ok(self.0.nodes.borrow().keys().copied().collect())
    }

    /// How many partitions a topic has.
    pub async fn partitions_of(&self, topic: &str) -> Result<i32, ClientError> {
        self.know(topic).await?;
        let topics = self.0.topics.borrow();
        Ok(topics.get(topic).map_or(0, |t| t.leaders.len() as i32))
    }

    /// The node that leads a partition.
    pub async fn leader_of(&self, topic: &str, partition: i32) -> Result<i32, ClientError> {
        Ok(self.leader_and_epoch(topic, partition).await?.0)
    }

    /// The node that leads a partition, and its epoch (-1 where the broker does not say).
    pub async fn leader_and_epoch(
        &self,
        topic: &str,
        partition: i32,
    ) -> Result<(i32, i32), ClientError> {
        self.know(topic).await?;
        let topics = self.0.topics.borrow();
        let leaders = topics.get(topic).map(|t| t.leaders.as_slice()).unwrap_or_default();
        let found = usize::try_from(partition).ok().and_then(|i| leaders.get(i)).copied();
        found.ok_or_else(|| crate::producer::no_partition(topic, partition, leaders.len() as i32))
    }

    /// A topic's id, zero where the broker gives none.
    pub fn topic_id(&self, topic: &str) -> Uuid {
        self.0.topics.borrow().get(topic).map_or(Uuid::ZERO, |t| t.id)
    }

    /// What is known of the topic was found to be wrong.
    pub fn forget_topic(&self, topic: &str) {
        self.0.topics.borrow_mut().remove(topic);
    }

    /// Makes sure that the topic is known; waits for one that is just being created.
    async fn know(&self, topic: &str) -> Result<(), ClientError> {
        let core = &self.0.core;
        let fresh = |t: &Topic| core.now() - t.asked < self.0.options.metadata_age_max;
        if self.0.topics.borrow().get(topic).is_some_and(fresh) {
            return Ok(());
        }
        let patience = core.now() + SETTLE_TIME;
        loop {
            let names = [topic.to_string()];
            let response = self.metadata(Some(&names), self.0.options.allow_auto_create).await?;
            let found = response.topics.iter().find(|t| t.name.as_deref() == Some(topic));
            let code = self.learn(topic, found);
            match code {
                Code::NONE => return Ok(()),
                Code::LEADER_NOT_AVAILABLE if core.now() < patience => {
                    core.sleep(ASK_AGAIN).await;
                }
                // Right after its creation a broker may not know it; a second look tells.
                Code::UNKNOWN_TOPIC_OR_PARTITION
                    if self.0.options.allow_auto_create
                        && core.now() + SETTLE_TIME < patience + ASK_AGAIN * 3 =>
                {
                    core.sleep(ASK_AGAIN).await;
                }
                code => return Err(unknown_topic(topic, code)),
            }
        }
    }

    fn learn(&self, name: &str, found: Option<&MetadataResponseTopic>) -> Code {
        let Some(found) = found else { return Code::UNKNOWN_TOPIC_OR_PARTITION };
        if found.error_code != 0 {
            return Code(found.error_code);
        }
        let mut leaders = vec![(-1, -1); found.partitions.len()];
        for partition in &found.partitions {
            let index = usize::try_from(partition.partition_index).unwrap_or(usize::MAX);
            if let Some(leader) = leaders.get_mut(index) {
                *leader = (partition.leader_id, partition.leader_epoch);
            }
        }
        if leaders.is_empty() || leaders.iter().any(|(node, _)| *node < 0) {
            return Code::LEADER_NOT_AVAILABLE;
        }
        let topic = Topic { id: found.topic_id, leaders, asked: self.0.core.now() };
        self.0.topics.borrow_mut().insert(name.to_string(), topic);
        Code::NONE
    }
}

/// A topic that cannot be used, with what to do about it.
pub(crate) fn unknown_topic(topic: &str, code: Code) -> ClientError {
    match code {
        Code::UNKNOWN_TOPIC_OR_PARTITION | Code::UNKNOWN_TOPIC_ID => {
            let what = format!("there is no topic {topic}");
            ClientError::new(ErrorKind::Refused(code), what)
                .next(format!("create it: bobbin topic create {topic}"))
        }
        code => ClientError::refused(code, format!("topic {topic}"), None),
    }
}

impl NodeInfo {
    /// The nodes of a metadata answer, by id.
    pub fn all_of(response: &MetadataResponse) -> Vec<NodeInfo> {
        let mut nodes: Vec<NodeInfo> = response
            .brokers
            .iter()
            .map(|b| NodeInfo {
                id: b.node_id,
                address: Address::new(b.host.clone(), u16::try_from(b.port).unwrap_or(0)),
                rack: b.rack.clone(),
            })
            .collect();
        nodes.sort_by_key(|node| node.id);
        nodes
    }
}
