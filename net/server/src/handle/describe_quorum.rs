//! DescribeQuorum: who keeps the cluster's facts, and how far each has come.
//!
//! Kept true: the one voter is the node itself and its log is the one that every change of the
//! facts went through; anything but the one partition of `__cluster_metadata` is unknown, and so is
//! that one beside others, as by a Kafka 4.3.1 node.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::describe_quorum::{
    DescribeQuorumRequest, DescribeQuorumResponse, Listener, Node, ReplicaState,
    ResponsePartitionData, ResponseTopicData,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::{code, words};

/// The topic whose partition 0 the cluster's facts are to Kafka's tools.
const METADATA_TOPIC: &str = "__cluster_metadata";

/// Handles DescribeQuorum.
pub(crate) struct DescribeQuorum;

impl Handler for DescribeQuorum {
    type Request = DescribeQuorumRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Describe)];

    fn memory(ask: &Ask<DescribeQuorumRequest>) -> usize {
        let topics = ask.request.topics.iter();
        1024 + topics.map(|topic| 1 + topic.partitions.len()).sum::<usize>() * 300
    }

    async fn answer(ask: Ask<DescribeQuorumRequest>) -> AnswerTo<DescribeQuorumRequest> {
        let topics = ask.request.topics.iter();
        let asked = topics.map(|topic| 1 + topic.partitions.len()).sum();
        bounded(&ask.server, "DescribeQuorum", asked)?;
        let topics = &ask.request.topics;
        let is_quorum = match (topics.len(), topics.iter().next()) {
            (1, Some(topic)) if topic.topic_name == METADATA_TOPIC => {
                topic.partitions.len() == 1
                    && topic.partitions.iter().all(|partition| partition.partition_index == 0)
            }
            _ => false,
        };
        let mut response =
            DescribeQuorumResponse { error_message: Some(String::new()), ..Default::default() };
        if is_quorum {
            let told = match quorum(&ask) {
                Ok(told) => {
                    response.nodes = List::from([this_node(&ask)]);
                    told
                }
                Err(why) => refused(0, &why),
            };
            let topic_name = METADATA_TOPIC.to_owned();
            let partitions = List::from([told]);
            response.topics = List::from([ResponseTopicData { topic_name, partitions }]);
        } else {
            let unknown = |index| refused(index, &Refusal::UnknownTopicOrPartition);
            let told = topics.iter().map(|topic| ResponseTopicData {
                topic_name: topic.topic_name.clone(),
                partitions: topic.partitions.iter().map(|at| unknown(at.partition_index)).collect(),
            });
            response.topics = told.collect();
        }
        Ok(response.into())
    }
}

fn refused(partition_index: i32, why: &Refusal) -> ResponsePartitionData {
    ResponsePartitionData {
        partition_index,
        error_code: code(why).0,
        error_message: Some(words(why)),
        ..Default::default()
    }
}

fn quorum(ask: &Ask<DescribeQuorumRequest>) -> Result<ResponsePartitionData, Refusal> {
    let node = ask.node();
    let (position, end) = node.metadata_position()?;
    let now = ask.server.core.wall().0;
    let this = node.options().node_id.0;
    let voter = ReplicaState {
        replica_id: this,
        replica_directory_id: node.report().incarnation,
        log_end_offset: end,
        last_fetch_timestamp: now,
        last_caught_up_timestamp: now,
    };
    Ok(ResponsePartitionData {
        partition_index: 0,
        error_message: Some(String::new()),
        leader_id: this,
        leader_epoch: position.leader_epoch,
        high_watermark: position.high_watermark,
        current_voters: List::from([voter]),
        ..Default::default()
    })
}

/// There is no listener for controllers alone: the facts are asked for where everything is.
fn this_node(ask: &Ask<DescribeQuorumRequest>) -> Node {
    let options = ask.node().options();
    let listeners = options.endpoints.iter().map(|endpoint| Listener {
        name: endpoint.listener.clone(),
        host: endpoint.host.clone(),
        port: endpoint.port,
    });
    Node { node_id: options.node_id.0, listeners: listeners.collect() }
}
