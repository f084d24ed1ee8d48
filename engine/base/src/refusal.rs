//! A refusal is an expected no, owed to a client: it says whether to try again, elsewhere or never.
//!
//! Kept true: a refusal never follows a fault of ours that a client could not have caused or waited
//! out; it maps to exactly one Kafka error code, in one file of net/server.

use crate::{Epoch, Offset};

/// Why a record of a batch is refused, by its place in the batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRefusal {
    /// The record's place in its batch, from 0.
    pub index: i32,
    /// Why, in words for the producer's log.
    pub reason: String,
}

/// An expected no. The text fields are for people; codes are decided by the variant alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The offset lies before the log's start or beyond what readers may see.
    OffsetOutOfRange {
        /// The first offset that can be read.
        start: Offset,
        /// One past the last offset that can be read.
        end: Offset,
    },
    /// The batch's checksum or framing is wrong.
    CorruptBatch(&'static str),
    /// The bytes are not one whole batch of the format that is served, so nothing more is known.
    NotOneBatch(&'static str),
    /// The batch is compressed by what no number stands for.
    UnknownCodec,
    /// The batch is well framed but breaks a rule of its format or of its topic.
    InvalidRecord {
        /// Why, in words.
        reason: String,
        /// The offending records, where single ones can be named.
        records: Vec<RecordRefusal>,
    },
    /// A timestamp lies outside the topic's bounds.
    InvalidTimestamp {
        /// Why, in words.
        reason: String,
        /// The offending records.
        records: Vec<RecordRefusal>,
    },
    /// The compression type may not be used here.
    UnsupportedCompression(&'static str),
    /// The format or feature is older or newer than what is served.
    UnsupportedFormat(&'static str),
    /// One batch is larger than `max.message.bytes`.
    MessageTooLarge,
    /// The batch is larger than a segment.
    RecordListTooLarge,
    /// No such topic or partition.
    UnknownTopicOrPartition,
    /// No topic has this id.
    UnknownTopicId,
    /// The topic id and what the session knew of it disagree.
    InconsistentTopicId,
    /// The topic's name cannot be one.
    InvalidTopic(String),
    /// The topic is there already.
    TopicExists(String),
    /// The number of partitions cannot be served.
    InvalidPartitions(String),
    /// The replication factor cannot be served.
    InvalidReplicationFactor(String),
    /// The assignment of replicas cannot be served.
    InvalidReplicaAssignment(String),
    /// A configuration key or value is wrong.
    InvalidConfig(String),
    /// The request contradicts itself.
    InvalidRequest(String),
    /// A rule of this cluster or of the topic forbids it.
    PolicyViolation(String),
    /// Deleting topics is switched off.
    TopicDeletionDisabled,
    /// This node does not lead the partition.
    NotLeader,
    /// The partition has no leader yet: try again.
    LeaderNotAvailable,
    /// The client's leader epoch is older than ours.
    FencedLeaderEpoch,
    /// The client's leader epoch is newer than ours.
    UnknownLeaderEpoch {
        /// Ours.
        current: Epoch,
    },
    /// Required acks is not -1, 0 or 1.
    InvalidRequiredAcks,
    /// The quorum is below `min.insync.replicas`.
    NotEnoughReplicas,
    /// There is no room on disk; the client may try again later.
    StorageFull,
    /// The data directory of this partition stopped after a fault.
    StorageStopped,
    /// The node is at a bound of its memory or queues: try again.
    Overloaded,
    /// The answer did not come within the request's own time limit.
    RequestTimedOut,
    /// The API, or the asked part of it, is not served by this node.
    UnsupportedVersion(String),
    /// A numbered batch does not follow the last one of its producer.
    OutOfOrderSequence(String),
    /// A numbered batch comes from an epoch of its producer that is over.
    InvalidProducerEpoch(String),
    /// No coordinator of the asked kind is served.
    CoordinatorNotAvailable(String),
    /// The group's coordinator still reads its log: try again.
    CoordinatorLoadInProgress,
    /// This node does not coordinate the group.
    NotCoordinator,
    /// The group's id is empty or cannot be one.
    GroupIdInvalid,
    /// No group has this id.
    GroupIdNotFound(String),
    /// The group has members or is not of the kind that was asked for.
    NonEmptyGroup,
    /// The group has as many members as it may have.
    GroupMaxSize,
    /// A live member of the group reads the topic.
    GroupSubscribedToTopic,
    /// The group has no such member.
    UnknownMemberId,
    /// The member must join again with the id that it is given now.
    MemberIdRequired,
    /// Another member has taken the static member's place.
    FencedInstanceId,
    /// The generation is not the group's.
    IllegalGeneration,
    /// The member's protocols and those of the group have none in common.
    InconsistentGroupProtocol,
    /// The session timeout lies outside the coordinator's bounds.
    InvalidSessionTimeout,
    /// The group rebalances: join again.
    RebalanceInProgress,
    /// The metadata of a committed offset is longer than `offset.metadata.max.bytes`.
    OffsetMetadataTooLarge,
    /// The member's epoch is behind the group's: the member must wait for its next answer.
    StaleMemberEpoch,
    /// The member's epoch is not the group's: the member must give up its partitions and join anew.
    FencedMemberEpoch(String),
    /// A living member has this instance id.
    UnreleasedInstanceId,
    /// The coordinator has no assignor of this name.
    UnsupportedAssignor(String),
    /// The regular expression cannot be read.
    InvalidRegularExpression(String),
    /// Transactions are not served: said at once and for good.
    TransactionsNotServed(String),
    /// A transactional batch in a request that names no transactional id.
    TransactionalIdMissing,
    /// The client creates and deletes more than its quota allows: try again later.
    ThrottlingQuotaExceeded,
    /// The caller is not allowed to act on the cluster.
    ClusterAuthorizationFailed,
    /// The node is shutting down.
    Stopping,
}

impl Refusal {
    /// An [`Refusal::InvalidRecord`] for a whole batch.
    pub fn invalid_record(reason: impl Into<String>) -> Refusal {
        Refusal::InvalidRecord { reason: reason.into(), records: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_batch_is_refused_without_naming_records() {
        let no = Refusal::invalid_record("two batches for one partition");
        assert_eq!(
            no,
            Refusal::InvalidRecord {
                reason: "two batches for one partition".into(),
                records: vec![]
            }
        );
    }
}
