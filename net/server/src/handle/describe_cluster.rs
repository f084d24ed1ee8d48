//! DescribeCluster: the cluster's id, its brokers, its controller.

use engine_base::NodeId;
use net_wire::List;
use net_wire::messages::describe_cluster::{
    DescribeClusterBroker, DescribeClusterRequest, DescribeClusterResponse,
};

use crate::acl::{self, Acl, CLUSTER_OPERATIONS, OPERATIONS_NOT_ASKED, Operation};
use crate::handle::{AnswerTo, Ask, Handler, endpoint};
use crate::refusal::Code;

/// Kafka's endpoint types: what this node is, and what it is not.
const BROKER: i8 = 1;
const CONTROLLER: i8 = 2;

/// Handles DescribeCluster.
pub(crate) struct DescribeCluster;

impl Handler for DescribeCluster {
    type Request = DescribeClusterRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Describe)];

    fn memory(ask: &Ask<DescribeClusterRequest>) -> usize {
        1024 + ask.node().image().nodes.len() * 256
    }

    async fn answer(ask: Ask<DescribeClusterRequest>) -> AnswerTo<DescribeClusterRequest> {
        match ask.request.endpoint_type {
            BROKER => Ok(described(&ask).into()),
            CONTROLLER => {
                let why = "The request was sent to an endpoint of type BROKER, but we wanted an \
                           endpoint of type CONTROLLER";
                Ok(refused(Code::MISMATCHED_ENDPOINT_TYPE, why.into()).into())
            }
            other => {
                let why = format!("Unsupported endpoint type {other}");
                Ok(refused(Code::UNSUPPORTED_ENDPOINT_TYPE, why).into())
            }
        }
    }
}

fn described(ask: &Ask<DescribeClusterRequest>) -> DescribeClusterResponse {
    let image = ask.node().image();
    let listener = &ask.server.options.listener;
    let brokers: List<_> = image
        .nodes
        .values()
        .map(|node| {
            let endpoint = endpoint(node, listener);
            DescribeClusterBroker {
                broker_id: node.id.0,
                host: endpoint.map_or(String::new(), |endpoint| endpoint.host.clone()),
                port: endpoint.map_or(-1, |endpoint| i32::from(endpoint.port)),
                rack: node.rack.clone(),
                is_fenced: false,
            }
        })
        .collect();
    DescribeClusterResponse {
        endpoint_type: BROKER,
        cluster_id: image.cluster.to_string(),
        controller_id: image.nodes.keys().next().unwrap_or(&NodeId::NONE).0,
        brokers,
        cluster_authorized_operations: match ask.request.include_cluster_authorized_operations {
            true => CLUSTER_OPERATIONS,
            false => OPERATIONS_NOT_ASKED,
        },
        ..Default::default()
    }
}

fn refused(error: Code, why: String) -> DescribeClusterResponse {
    DescribeClusterResponse {
        error_code: error.0,
        error_message: Some(why),
        endpoint_type: BROKER,
        controller_id: NodeId::NONE.0,
        cluster_authorized_operations: OPERATIONS_NOT_ASKED,
        ..Default::default()
    }
}
