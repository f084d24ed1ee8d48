//! Every refusal and its Kafka error code, in one place: the only file that knows the numbers.
//!
//! Kept true: the match names every refusal, so a new one does not compile until it has a code
//! here. Numbers are those of Kafka's `Errors` (protocol guide, "Error Codes").

use engine_base::Refusal;

/// A Kafka error code as it goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code(pub i16);

impl Code {
    /// No error.
    pub const NONE: Code = Code(0);
    /// An error that has no code of its own.
    pub const UNKNOWN_SERVER_ERROR: Code = Code(-1);
    /// A disk error that goes away when the client asks again, here or elsewhere.
    pub const KAFKA_STORAGE_ERROR: Code = Code(56);
    /// The request's version is not served.
    pub const UNSUPPORTED_VERSION: Code = Code(35);
    /// The request contradicts itself.
    pub const INVALID_REQUEST: Code = Code(42);
    /// The topic's name cannot be one, or the topic is not for clients to write.
    pub const INVALID_TOPIC: Code = Code(17);
    /// No such topic or partition.
    pub const UNKNOWN_TOPIC_OR_PARTITION: Code = Code(3);
    /// The time that the request had is over.
    pub const REQUEST_TIMED_OUT: Code = Code(7);
    /// The preferred leader does not serve.
    pub const PREFERRED_LEADER_NOT_AVAILABLE: Code = Code(80);
    /// Nobody can lead the partition.
    pub const ELIGIBLE_LEADERS_NOT_AVAILABLE: Code = Code(83);
    /// The partition has its leader already.
    pub const ELECTION_NOT_NEEDED: Code = Code(84);
    /// The partition is not on its way anywhere.
    pub const NO_REASSIGNMENT_IN_PROGRESS: Code = Code(85);
    /// What is asked for is not there.
    pub const RESOURCE_NOT_FOUND: Code = Code(91);
    /// The request names it twice.
    pub const DUPLICATE_RESOURCE: Code = Code(92);
    /// A feature cannot have the level that was asked for.
    pub const FEATURE_UPDATE_FAILED: Code = Code(95);
    /// No node has this number.
    pub const BROKER_ID_NOT_REGISTERED: Code = Code(102);
    /// No fetch session has this id.
    pub const FETCH_SESSION_ID_NOT_FOUND: Code = Code(70);
    /// The fetch session has come to another epoch.
    pub const INVALID_FETCH_SESSION_EPOCH: Code = Code(71);
    /// The fetch session names its topics the other way.
    pub const FETCH_SESSION_TOPIC_ID_ERROR: Code = Code(106);
    /// The endpoint is not of the type that was asked for.
    pub const MISMATCHED_ENDPOINT_TYPE: Code = Code(114);
    /// No endpoint has the type that was asked for.
    pub const UNSUPPORTED_ENDPOINT_TYPE: Code = Code(115);
}

/// The code that a client is owed for a refusal.
pub fn code(refusal: &Refusal) -> Code {
    Code(match refusal {
        Refusal::OffsetOutOfRange { .. } => 1,
        Refusal::CorruptBatch(_) | Refusal::UnknownCodec => 2,
        Refusal::UnknownTopicOrPartition => 3,
        Refusal::LeaderNotAvailable => 5,
        // A node that stops leads nothing any more: the client looks for another one and comes
        // back.
        Refusal::NotLeader | Refusal::Stopping => 6,
        // Clients retry a time-out, and every client knows it; nothing was stored.
        Refusal::RequestTimedOut | Refusal::Overloaded => 7,
        Refusal::MessageTooLarge => 10,
        Refusal::CoordinatorNotAvailable(_) => 15,
        Refusal::OffsetMetadataTooLarge => 12,
        Refusal::CoordinatorLoadInProgress => 14,
        Refusal::NotCoordinator => 16,
        Refusal::InvalidTopic(_) => 17,
        Refusal::RecordListTooLarge => 18,
        Refusal::NotEnoughReplicas => 19,
        Refusal::InvalidRequiredAcks => 21,
        Refusal::IllegalGeneration => 22,
        Refusal::InconsistentGroupProtocol => 23,
        Refusal::GroupIdInvalid => 24,
        Refusal::UnknownMemberId => 25,
        Refusal::InvalidSessionTimeout => 26,
        Refusal::RebalanceInProgress => 27,
        Refusal::ClusterAuthorizationFailed => 31,
        Refusal::OutOfOrderSequence(_) => 45,
        Refusal::InvalidProducerEpoch(_) => 47,
        Refusal::TransactionalIdMissing => 53,
        Refusal::InvalidTimestamp { .. } => 32,
        // Not retriable for any client, so that initTransactions() fails at once.
        Refusal::UnsupportedVersion(_) | Refusal::TransactionsNotServed(_) => 35,
        Refusal::TopicExists(_) => 36,
        Refusal::InvalidPartitions(_) => 37,
        Refusal::InvalidReplicationFactor(_) => 38,
        Refusal::InvalidReplicaAssignment(_) => 39,
        Refusal::InvalidConfig(_) => 40,
        Refusal::InvalidRequest(_) => 42,
        Refusal::UnsupportedFormat(_) => 43,
        Refusal::PolicyViolation(_) => 44,
        // Kafka takes a log directory that is full or failed offline and answers this one for both.
        Refusal::StorageFull | Refusal::StorageStopped => 56,
        Refusal::NonEmptyGroup => 68,
        Refusal::GroupIdNotFound(_) => 69,
        Refusal::TopicDeletionDisabled => 73,
        Refusal::FencedLeaderEpoch => 74,
        Refusal::UnknownLeaderEpoch { .. } => 75,
        Refusal::UnsupportedCompression(_) => 76,
        Refusal::MemberIdRequired => 79,
        Refusal::GroupMaxSize => 81,
        Refusal::FencedInstanceId => 82,
        Refusal::GroupSubscribedToTopic => 86,
        Refusal::NotOneBatch(_) | Refusal::InvalidRecord { .. } => 87,
        Refusal::UnknownTopicId => 100,
        Refusal::InconsistentTopicId => 103,
        Refusal::ThrottlingQuotaExceeded => 89,
        Refusal::FencedMemberEpoch(_) => 110,
        Refusal::UnreleasedInstanceId => 111,
        Refusal::UnsupportedAssignor(_) => 112,
        Refusal::StaleMemberEpoch => 113,
        Refusal::InvalidRegularExpression(_) => 128,
    })
}

/// The code in a Fetch answer. Java's consumer throws on a code that it does not expect there, so
/// what passes becomes the disk error that it retries, and what is its own fault an unknown error.
pub fn fetch_code(refusal: &Refusal) -> Code {
    match code(refusal) {
        Code(7) => Code::KAFKA_STORAGE_ERROR,
        Code(35 | 42) => Code::UNKNOWN_SERVER_ERROR,
        known => known,
    }
}

/// Kafka's words, which tools show.
const NO_PARTITION: &str = "This server does not host this topic-partition.";

/// The refusal in words, for the answers that carry some.
pub fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::CorruptBatch(why)
        | Refusal::NotOneBatch(why)
        | Refusal::UnsupportedCompression(why)
        | Refusal::UnsupportedFormat(why) => (*why).to_string(),
        Refusal::InvalidRecord { reason, .. } | Refusal::InvalidTimestamp { reason, .. } => {
            reason.clone()
        }
        Refusal::InvalidTopic(why)
        | Refusal::TopicExists(why)
        | Refusal::InvalidPartitions(why)
        | Refusal::InvalidReplicationFactor(why)
        | Refusal::InvalidReplicaAssignment(why)
        | Refusal::InvalidConfig(why)
        | Refusal::InvalidRequest(why)
        | Refusal::PolicyViolation(why)
        | Refusal::UnsupportedVersion(why)
        | Refusal::CoordinatorNotAvailable(why)
        | Refusal::GroupIdNotFound(why)
        | Refusal::FencedMemberEpoch(why)
        | Refusal::UnsupportedAssignor(why)
        | Refusal::InvalidRegularExpression(why)
        | Refusal::OutOfOrderSequence(why)
        | Refusal::InvalidProducerEpoch(why)
        | Refusal::TransactionsNotServed(why) => why.clone(),
        Refusal::OffsetOutOfRange { start, end } => {
            format!("the partition has offsets {start} to {end} (exclusive)")
        }
        Refusal::UnknownTopicOrPartition => NO_PARTITION.into(),
        Refusal::UnknownTopicId => "This server does not host this topic ID.".into(),
        Refusal::InconsistentTopicId => "the topic id is not the one that was known".into(),
        Refusal::TopicDeletionDisabled => "topic deletion is switched off".into(),
        Refusal::NotLeader => "this node does not lead the partition".into(),
        Refusal::LeaderNotAvailable => "the partition has no leader yet".into(),
        Refusal::FencedLeaderEpoch => "the leader epoch in the request is old".into(),
        Refusal::UnknownLeaderEpoch { current } => {
            format!("the leader epoch in the request is newer than the leader's {current}")
        }
        Refusal::StorageFull => "no room on disk".into(),
        Refusal::StorageStopped => "the data directory stopped after a fault".into(),
        Refusal::Overloaded => "the node is at a bound of its memory or queues".into(),
        Refusal::RequestTimedOut => "the request timed out".into(),
        Refusal::ThrottlingQuotaExceeded => "The throttling quota has been exceeded.".into(),
        Refusal::ClusterAuthorizationFailed => "not allowed to act on the cluster".into(),
        Refusal::Stopping => "the node is shutting down".into(),
        Refusal::UnknownCodec
        | Refusal::MessageTooLarge
        | Refusal::RecordListTooLarge
        | Refusal::InvalidRequiredAcks
        | Refusal::NotEnoughReplicas
        | Refusal::TransactionalIdMissing => produce_words(refusal).into(),
        Refusal::CoordinatorLoadInProgress
        | Refusal::NotCoordinator
        | Refusal::GroupIdInvalid
        | Refusal::NonEmptyGroup
        | Refusal::GroupMaxSize
        | Refusal::GroupSubscribedToTopic
        | Refusal::UnknownMemberId
        | Refusal::MemberIdRequired
        | Refusal::FencedInstanceId
        | Refusal::IllegalGeneration
        | Refusal::InconsistentGroupProtocol
        | Refusal::InvalidSessionTimeout
        | Refusal::RebalanceInProgress
        | Refusal::OffsetMetadataTooLarge
        | Refusal::StaleMemberEpoch
        | Refusal::UnreleasedInstanceId => group_words(refusal).into(),
    }
}

/// The refusals of a Produce in words. The match stays whole in [`words`].
fn produce_words(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::UnknownCodec => "unknown compression type",
        Refusal::MessageTooLarge => "the batch is larger than max.message.bytes",
        Refusal::RecordListTooLarge => "the batch is larger than segment.bytes",
        Refusal::InvalidRequiredAcks => "acks must be -1, 0 or 1",
        Refusal::NotEnoughReplicas => "fewer replicas than min.insync.replicas",
        Refusal::TransactionalIdMissing => "a transactional batch without transactional id",
        _ => "the batch is refused",
    }
}

/// The refusals of a group's coordinator in words. The match stays whole in [`words`].
fn group_words(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::CoordinatorLoadInProgress => "the coordinator still reads its log",
        Refusal::NotCoordinator => "this node does not coordinate the group",
        Refusal::GroupIdInvalid => "the group id is not valid",
        Refusal::NonEmptyGroup => "the group is not empty",
        Refusal::GroupMaxSize => "the group has as many members as it may have",
        Refusal::GroupSubscribedToTopic => "a member of the group reads the topic",
        Refusal::UnknownMemberId => "the group has no such member",
        Refusal::MemberIdRequired => "join again with the member id given here",
        Refusal::FencedInstanceId => "another member has this instance id now",
        Refusal::IllegalGeneration => "the generation is not the group's",
        Refusal::InconsistentGroupProtocol => "no protocol that all members support",
        Refusal::InvalidSessionTimeout => "the session timeout is out of bounds",
        Refusal::RebalanceInProgress => "the group rebalances: join again",
        Refusal::OffsetMetadataTooLarge => "the offset's metadata is too long",
        Refusal::StaleMemberEpoch => "the member's epoch is behind the group's",
        Refusal::UnreleasedInstanceId => "a living member has this instance id",
        _ => "refused by the group's coordinator",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_that_clients_know() {
        assert_eq!(code(&Refusal::InvalidTopic(String::new())), Code::INVALID_TOPIC);
        assert_eq!(code(&Refusal::UnknownLeaderEpoch { current: 1 }), Code(75));
        // Java's consumer throws on these in a Fetch answer.
        for (refusal, owed) in [
            (Refusal::Overloaded, Code::KAFKA_STORAGE_ERROR),
            (Refusal::InvalidRequest(String::new()), Code::UNKNOWN_SERVER_ERROR),
            (Refusal::NotLeader, Code(6)),
        ] {
            assert_eq!(fetch_code(&refusal), owed);
        }
        assert!(words(&Refusal::StorageFull).contains("disk"));
    }
}
