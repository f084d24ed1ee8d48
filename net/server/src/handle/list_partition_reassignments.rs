//! ListPartitionReassignments: which partitions are on their way to other nodes.
//!
//! Kept true: a replica stays on the node that it was placed on, so none is; what was named need
//! not even exist, as by a Kafka 4.3.1 node.

use net_wire::messages::list_partition_reassignments::{
    ListPartitionReassignmentsRequest, ListPartitionReassignmentsResponse,
};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler};

/// Handles ListPartitionReassignments.
pub(crate) struct ListPartitionReassignments;

impl Handler for ListPartitionReassignments {
    type Request = ListPartitionReassignmentsRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::Describe)];

    fn memory(_ask: &Ask<ListPartitionReassignmentsRequest>) -> usize {
        256
    }

    async fn answer(
        _ask: Ask<ListPartitionReassignmentsRequest>,
    ) -> AnswerTo<ListPartitionReassignmentsRequest> {
        Ok(ListPartitionReassignmentsResponse::default().into())
    }
}
