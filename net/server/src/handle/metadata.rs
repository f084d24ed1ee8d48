//! Metadata: brokers, topics, who leads which partition. Asking for a topic may create it.
//!
//! Kept true: `controller_id` names a broker of the list; an empty list means all topics in version
//! 0 and none later, where null means all; a topic created on first use is told to the operator
//! with who asked for it. Answers and oddities are those of Kafka 4.3.1.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::{NodeId, Refusal, Uuid};
use net_wire::List;
use net_wire::messages::metadata::{
    MetadataRequest, MetadataRequestTopic, MetadataResponse, MetadataResponseBroker,
    MetadataResponsePartition, MetadataResponseTopic,
};
use replication_shard::{Image, Node, PartitionFacts, TopicFacts, refuse_name};

use crate::acl::{
    self, Acl, CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED, Operation, TOPIC_OPERATIONS,
};
use crate::handle::{AnswerTo, Ask, Handler, endpoint};
use crate::refusal::{Code, code};

/// Topics that one request may create by naming them; the others are created when they are asked
/// for again.
const CREATED_PER_REQUEST_MAX: usize = 100;

/// About what a topic and a partition take in an answer.
const TOPIC_BYTES: usize = 200;
const PARTITION_BYTES: usize = size_of::<MetadataResponsePartition>() + 50;

/// After so many partitions other tasks go first.
const PARTITIONS_PER_TURN: usize = 1000;

/// Handles Metadata.
pub(crate) struct Metadata;

impl Handler for Metadata {
    type Request = MetadataRequest;

    const ACLS: &'static [Acl] = &[
        acl::topic(Operation::Describe),
        // Where a topic is created on first use.
        acl::topic(Operation::Create),
    ];

    fn memory(ask: &Ask<MetadataRequest>) -> usize {
        let image = ask.node().image();
        let bytes = |topic: &Rc<TopicFacts>| TOPIC_BYTES + topic.partitions.len() * PARTITION_BYTES;
        let all = || image.topics().map(bytes).sum::<usize>();
        match &ask.request.topics {
            None => all(),
            Some(topics) if topics.is_empty() => all(),
            Some(topics) => {
                let found = topics.iter().map(|topic| match &topic.name {
                    Some(name) => image.topic(name),
                    None => image.topic_by_id(topic.topic_id),
                });
                found.map(|topic| topic.map_or(TOPIC_BYTES, bytes)).sum()
            }
        }
    }

    async fn answer(ask: Ask<MetadataRequest>) -> AnswerTo<MetadataRequest> {
        if let Some(refused) = refused_as_a_whole(&ask) {
            return Ok(refused.into());
        }
        let (request, version) = (&ask.request, ask.version());
        let wanted = match &request.topics {
            None => Wanted::All,
            Some(topics) if topics.is_empty() && version == 0 => Wanted::All,
            Some(topics) => Wanted::of(topics),
        };
        if request.allow_auto_topic_creation
            && let Wanted::Names(names) = &wanted
        {
            create_on_first_use(&ask, names).await;
        }
        let image = ask.node().image();
        let topics = topics(&ask, &image, &wanted).await;
        let listener = &ask.server.options.listener;
        let brokers: List<_> = image
            .nodes
            .values()
            .map(|node| {
                let endpoint = endpoint(node, listener);
                MetadataResponseBroker {
                    node_id: node.id.0,
                    host: endpoint.map_or(String::new(), |endpoint| endpoint.host.clone()),
                    port: endpoint.map_or(-1, |endpoint| i32::from(endpoint.port)),
                    rack: node.rack.clone(),
                }
            })
            .collect();
        let cluster_operations = match request.include_cluster_authorized_operations {
            true => CLUSTER_OPERATIONS,
            false => OPERATIONS_NOT_ASKED,
        };
        let response = MetadataResponse {
            controller_id: image.nodes.keys().next().unwrap_or(&NodeId::NONE).0,
            cluster_id: Some(image.cluster.to_string()),
            brokers,
            topics,
            cluster_authorized_operations: cluster_operations,
            ..Default::default()
        };
        Ok(response.into())
    }
}

/// Which topics are asked for.
enum Wanted<'a> {
    All,
    Names(Vec<&'a str>),
    Ids(Vec<Uuid>),
}

impl Wanted<'_> {
    /// Each once. Where one is named by its id, those named otherwise are passed over.
    fn of(topics: &List<MetadataRequestTopic>) -> Wanted<'_> {
        let mut ids = BTreeSet::new();
        let by_id = topics.iter().map(|topic| topic.topic_id).filter(|id| !id.is_zero());
        let by_id: Vec<Uuid> = by_id.filter(|id| ids.insert(*id)).collect();
        if !by_id.is_empty() {
            return Wanted::Ids(by_id);
        }
        let mut names = BTreeSet::new();
        let by_name = topics.iter().filter_map(|topic| topic.name.as_deref());
        Wanted::Names(by_name.filter(|name| names.insert(*name)).collect())
    }
}

/// Until version 11 every topic has a name and no id; later it has one of both. A request that
/// breaks this is refused topic by topic, and without brokers.
fn refused_as_a_whole(ask: &Ask<MetadataRequest>) -> Option<MetadataResponse> {
    let topics = ask.request.topics.as_ref()?;
    let is_wrong = |topic: &MetadataRequestTopic| match ask.version() {
        ..=11 => topic.name.is_none() || !topic.topic_id.is_zero(),
        _ => topic.name.is_none() && topic.topic_id.is_zero(),
    };
    if !topics.iter().any(is_wrong) {
        return None;
    }
    // Where neither is told Kafka fails over it, and so do we: clients see its code.
    let error_code = match ask.version() {
        ..=11 => Code::INVALID_REQUEST.0,
        _ => Code::UNKNOWN_SERVER_ERROR.0,
    };
    let refused = topics.iter().map(|topic| MetadataResponseTopic {
        error_code,
        name: Some(topic.name.clone().unwrap_or_default()),
        topic_id: topic.topic_id,
        topic_authorized_operations: OPERATIONS_NOT_ASKED,
        ..Default::default()
    });
    Some(MetadataResponse {
        controller_id: NodeId::NONE.0,
        topics: refused.collect(),
        cluster_authorized_operations: OPERATIONS_NOT_ASKED,
        error_code,
        ..Default::default()
    })
}

async fn create_on_first_use(ask: &Ask<MetadataRequest>, names: &[&str]) {
    let image = ask.node().image();
    let missing =
        names.iter().filter(|name| image.topic(name).is_none() && refuse_name(name).is_none());
    for name in missing.take(CREATED_PER_REQUEST_MAX) {
        if let Ok(()) = ask.node().auto_create(name).await {
            let client = ask.header.client_id.clone().unwrap_or_default();
            ask.server.notices.topic_created((*name).to_owned(), client, ask.client.peer);
        }
    }
}

async fn topics(
    ask: &Ask<MetadataRequest>,
    image: &Image,
    wanted: &Wanted<'_>,
) -> List<MetadataResponseTopic> {
    let operations = match ask.request.include_topic_authorized_operations {
        true => TOPIC_OPERATIONS,
        false => OPERATIONS_NOT_ASKED,
    };
    let found: Vec<Result<Rc<TopicFacts>, MetadataResponseTopic>> = match wanted {
        Wanted::All => image.topics().cloned().map(Ok).collect(),
        Wanted::Names(names) => names
            .iter()
            .map(|name| image.topic(name).cloned().ok_or_else(|| unknown_name(name)))
            .collect(),
        Wanted::Ids(ids) => ids
            .iter()
            .map(|id| image.topic_by_id(*id).cloned().ok_or_else(|| unknown_id(*id)))
            .collect(),
    };
    let mut answers = List::new();
    let mut partitions = 0;
    for topic in found {
        let mut answer = match topic {
            Ok(topic) => {
                partitions += topic.partitions.len();
                known(ask, &topic)
            }
            Err(unknown) => unknown,
        };
        answer.topic_authorized_operations =
            if answer.error_code == Code::NONE.0 { operations } else { OPERATIONS_NOT_ASKED };
        answers.push(answer);
        if partitions >= PARTITIONS_PER_TURN {
            partitions = 0;
            ask.server.core.yield_now().await;
        }
    }
    answers
}

fn unknown_name(name: &str) -> MetadataResponseTopic {
    let refusal = match refuse_name(name) {
        Some(why) => Refusal::InvalidTopic(why),
        None => Refusal::UnknownTopicOrPartition,
    };
    MetadataResponseTopic {
        error_code: code(&refusal).0,
        name: Some(name.to_owned()),
        ..Default::default()
    }
}

fn unknown_id(id: Uuid) -> MetadataResponseTopic {
    MetadataResponseTopic {
        error_code: code(&Refusal::UnknownTopicId).0,
        name: None,
        topic_id: id,
        ..Default::default()
    }
}

fn known(ask: &Ask<MetadataRequest>, topic: &TopicFacts) -> MetadataResponseTopic {
    let partitions = (0..)
        .zip(&topic.partitions)
        .map(|(index, facts)| partition(ask.node(), topic, index, facts));
    MetadataResponseTopic {
        error_code: Code::NONE.0,
        name: Some(topic.name.clone()),
        topic_id: topic.id,
        is_internal: topic.is_internal(),
        partitions: partitions.collect(),
        ..Default::default()
    }
}

/// What is told of one partition.
pub(crate) fn partition(
    node: &Node,
    topic: &TopicFacts,
    index: i32,
    facts: &PartitionFacts,
) -> MetadataResponsePartition {
    let replicas = || facts.replicas.iter().map(|replica| replica.node.0).collect::<List<i32>>();
    let here = node.partition_of(topic, index).and_then(|partition| node.position(partition));
    let (error_code, leader_id, leader_epoch) = match here {
        Ok(position) => (Code::NONE.0, facts.preferred_leader().0, position.leader_epoch),
        Err(Refusal::NotLeader) => (Code::NONE.0, facts.preferred_leader().0, -1),
        // Kafka shows a partition whose directory failed as one without a leader.
        Err(_) => (code(&Refusal::LeaderNotAvailable).0, NodeId::NONE.0, -1),
    };
    let is_offline = leader_id == NodeId::NONE.0;
    MetadataResponsePartition {
        error_code,
        partition_index: index,
        leader_id,
        leader_epoch,
        replica_nodes: replicas(),
        isr_nodes: if is_offline { List::new() } else { replicas() },
        offline_replicas: if is_offline { replicas() } else { List::new() },
    }
}
