//! What a request needs to be allowed: operations on resources, named by every handler in its type.
//!
//! Until there are users everybody is allowed everything; the names are here so that no handler
//! comes into being without them. Numbers are those of Kafka's `AclOperation` (protocol guide,
//! KIP-430).

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Operation {
    /// Read records, or a group's offsets.
    Read = 3,
    /// Write records.
    Write = 4,
    /// Create a topic.
    Create = 5,
    /// Delete a topic, or records.
    Delete = 6,
    /// Change a topic or the cluster.
    Alter = 7,
    /// See that it is there.
    Describe = 8,
    /// What brokers do among themselves.
    ClusterAction = 9,
    /// See its configs.
    DescribeConfigs = 10,
    /// Change its configs.
    AlterConfigs = 11,
    /// Write idempotently.
    IdempotentWrite = 12,
}

/// What it is done to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// Each topic that the request names.
    Topic,
    /// Each group that the request names.
    Group,
    /// The transactional id that the request names.
    TransactionalId,
    /// The cluster.
    Cluster,
}

/// One permission that a request needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acl {
    /// What is done.
    pub operation: Operation,
    /// What it is done to.
    pub resource: Resource,
}

/// A permission on each topic that the request names.
pub(crate) const fn topic(operation: Operation) -> Acl {
    Acl { operation, resource: Resource::Topic }
}

/// A permission on the cluster.
pub(crate) const fn cluster(operation: Operation) -> Acl {
    Acl { operation, resource: Resource::Cluster }
}

/// A permission on each group that the request names.
pub(crate) const fn group(operation: Operation) -> Acl {
    Acl { operation, resource: Resource::Group }
}

/// A permission on the transactional id that the request names.
pub(crate) const fn transactional_id(operation: Operation) -> Acl {
    Acl { operation, resource: Resource::TransactionalId }
}

/// "Not asked for", in answers that carry allowed operations.
pub(crate) const OPERATIONS_NOT_ASKED: i32 = i32::MIN;

/// What can be allowed on a topic, as the bit field of Metadata answers.
pub(crate) const TOPIC_OPERATIONS: i32 = bits(&[
    Operation::Read,
    Operation::Write,
    Operation::Create,
    Operation::Delete,
    Operation::Alter,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
]);

/// What can be allowed on the cluster, as the bit field of Metadata and DescribeCluster answers.
pub(crate) const CLUSTER_OPERATIONS: i32 = bits(&[
    Operation::Create,
    Operation::Alter,
    Operation::Describe,
    Operation::ClusterAction,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
    Operation::IdempotentWrite,
]);

/// What can be allowed on a group, as the bit field of DescribeGroups answers.
pub(crate) const GROUP_OPERATIONS: i32 = bits(&[
    Operation::Read,
    Operation::Delete,
    Operation::Describe,
    Operation::DescribeConfigs,
    Operation::AlterConfigs,
]);

const fn bits(operations: &[Operation]) -> i32 {
    let mut bits = 0;
    let mut at = 0;
    while at < operations.len() {
        bits |= 1 << operations[at] as i8;
        at += 1;
    }
    bits
}

// What a Kafka 4.3.1 without an authorizer answers.
const _: () = assert!(TOPIC_OPERATIONS == 3576);
const _: () = assert!(CLUSTER_OPERATIONS == 8096);
