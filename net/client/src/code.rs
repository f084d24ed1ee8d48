//! Kafka's error codes by name, as its protocol documentation lists them (0 to 133), and which of
//! them a client may try again. Kept true: a code we do not know is shown by its number.

/// Kafka's error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Code(pub i16);

/// Names in the order of their codes, from 0.
const NAMES: [&str; 134] = [
    "NONE",
    "OFFSET_OUT_OF_RANGE",
    "CORRUPT_MESSAGE",
    "UNKNOWN_TOPIC_OR_PARTITION",
    "INVALID_FETCH_SIZE",
    "LEADER_NOT_AVAILABLE",
    "NOT_LEADER_OR_FOLLOWER",
    "REQUEST_TIMED_OUT",
    "BROKER_NOT_AVAILABLE",
    "REPLICA_NOT_AVAILABLE",
    "MESSAGE_TOO_LARGE",
    "STALE_CONTROLLER_EPOCH",
    "OFFSET_METADATA_TOO_LARGE",
    "NETWORK_EXCEPTION",
    "COORDINATOR_LOAD_IN_PROGRESS",
    "COORDINATOR_NOT_AVAILABLE",
    "NOT_COORDINATOR",
    "INVALID_TOPIC_EXCEPTION",
    "RECORD_LIST_TOO_LARGE",
    "NOT_ENOUGH_REPLICAS",
    "NOT_ENOUGH_REPLICAS_AFTER_APPEND",
    "INVALID_REQUIRED_ACKS",
    "ILLEGAL_GENERATION",
    "INCONSISTENT_GROUP_PROTOCOL",
    "INVALID_GROUP_ID",
    "UNKNOWN_MEMBER_ID",
    "INVALID_SESSION_TIMEOUT",
    "REBALANCE_IN_PROGRESS",
    "INVALID_COMMIT_OFFSET_SIZE",
    "TOPIC_AUTHORIZATION_FAILED",
    "GROUP_AUTHORIZATION_FAILED",
    "CLUSTER_AUTHORIZATION_FAILED",
    "INVALID_TIMESTAMP",
    "UNSUPPORTED_SASL_MECHANISM",
    "ILLEGAL_SASL_STATE",
    "UNSUPPORTED_VERSION",
    "TOPIC_ALREADY_EXISTS",
    "INVALID_PARTITIONS",
    "INVALID_REPLICATION_FACTOR",
    "INVALID_REPLICA_ASSIGNMENT",
    "INVALID_CONFIG",
    "NOT_CONTROLLER",
    "INVALID_REQUEST",
    "UNSUPPORTED_FOR_MESSAGE_FORMAT",
    "POLICY_VIOLATION",
    "OUT_OF_ORDER_SEQUENCE_NUMBER",
    "DUPLICATE_SEQUENCE_NUMBER",
    "INVALID_PRODUCER_EPOCH",
    "INVALID_TXN_STATE",
    "INVALID_PRODUCER_ID_MAPPING",
    "INVALID_TRANSACTION_TIMEOUT",
    "CONCURRENT_TRANSACTIONS",
    "TRANSACTION_COORDINATOR_FENCED",
    "TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
    "SECURITY_DISABLED",
    "OPERATION_NOT_ATTEMPTED",
    "KAFKA_STORAGE_ERROR",
    "LOG_DIR_NOT_FOUND",
    "SASL_AUTHENTICATION_FAILED",
    "UNKNOWN_PRODUCER_ID",
    "REASSIGNMENT_IN_PROGRESS",
    "DELEGATION_TOKEN_AUTH_DISABLED",
    "DELEGATION_TOKEN_NOT_FOUND",
    "DELEGATION_TOKEN_OWNER_MISMATCH",
    "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED",
    "DELEGATION_TOKEN_AUTHORIZATION_FAILED",
    "DELEGATION_TOKEN_EXPIRED",
    "INVALID_PRINCIPAL_TYPE",
    "NON_EMPTY_GROUP",
    "GROUP_ID_NOT_FOUND",
    "FETCH_SESSION_ID_NOT_FOUND",
    "INVALID_FETCH_SESSION_EPOCH",
    "LISTENER_NOT_FOUND",
    "TOPIC_DELETION_DISABLED",
    "FENCED_LEADER_EPOCH",
    "UNKNOWN_LEADER_EPOCH",
    "UNSUPPORTED_COMPRESSION_TYPE",
    "STALE_BROKER_EPOCH",
    "OFFSET_NOT_AVAILABLE",
    "MEMBER_ID_REQUIRED",
    "PREFERRED_LEADER_NOT_AVAILABLE",
    "GROUP_MAX_SIZE_REACHED",
    "FENCED_INSTANCE_ID",
    "ELIGIBLE_LEADERS_NOT_AVAILABLE",
    "ELECTION_NOT_NEEDED",
    "NO_REASSIGNMENT_IN_PROGRESS",
    "GROUP_SUBSCRIBED_TO_TOPIC",
    "INVALID_RECORD",
    "UNSTABLE_OFFSET_COMMIT",
    "THROTTLING_QUOTA_EXCEEDED",
    "PRODUCER_FENCED",
    "RESOURCE_NOT_FOUND",
    "DUPLICATE_RESOURCE",
    "UNACCEPTABLE_CREDENTIAL",
    "INCONSISTENT_VOTER_SET",
    "INVALID_UPDATE_VERSION",
    "FEATURE_UPDATE_FAILED",
    "PRINCIPAL_DESERIALIZATION_FAILURE",
    "SNAPSHOT_NOT_FOUND",
    "POSITION_OUT_OF_RANGE",
    "UNKNOWN_TOPIC_ID",
    "DUPLICATE_BROKER_REGISTRATION",
    "BROKER_ID_NOT_REGISTERED",
    "INCONSISTENT_TOPIC_ID",
    "INCONSISTENT_CLUSTER_ID",
    "TRANSACTIONAL_ID_NOT_FOUND",
    "FETCH_SESSION_TOPIC_ID_ERROR",
    "INELIGIBLE_REPLICA",
    "NEW_LEADER_ELECTED",
    "OFFSET_MOVED_TO_TIERED_STORAGE",
    "FENCED_MEMBER_EPOCH",
    "UNRELEASED_INSTANCE_ID",
    "UNSUPPORTED_ASSIGNOR",
    "STALE_MEMBER_EPOCH",
    "MISMATCHED_ENDPOINT_TYPE",
    "UNSUPPORTED_ENDPOINT_TYPE",
    "UNKNOWN_CONTROLLER_ID",
    "UNKNOWN_SUBSCRIPTION_ID",
    "TELEMETRY_TOO_LARGE",
    "INVALID_REGISTRATION",
    "TRANSACTION_ABORTABLE",
    "INVALID_RECORD_STATE",
    "SHARE_SESSION_NOT_FOUND",
    "INVALID_SHARE_SESSION_EPOCH",
    "FENCED_STATE_EPOCH",
    "INVALID_VOTER_KEY",
    "DUPLICATE_VOTER",
    "VOTER_NOT_FOUND",
    "INVALID_REGULAR_EXPRESSION",
    "REBOOTSTRAP_REQUIRED",
    "STREAMS_INVALID_TOPOLOGY",
    "STREAMS_INVALID_TOPOLOGY_EPOCH",
    "STREAMS_TOPOLOGY_FENCED",
    "SHARE_SESSION_LIMIT_REACHED",
];

/// Codes that pass with time or with fresh metadata, ascending.
const RETRIABLE: [i16; 32] = [
    2, 3, 5, 6, 7, 9, 13, 14, 15, 16, 19, 20, 41, 51, 56, 70, 71, 72, 74, 75, 78, 80, 83, 84, 88,
    89, 100, 103, 106, 122, 123, 133,
];

impl Code {
    /// No error.
    pub const NONE: Code = Code(0);
    /// A batch is not what was written: stored bytes, to a fetch; the sent ones, to a produce.
    pub const CORRUPT_MESSAGE: Code = Code(2);
    /// The offset is outside of what the log keeps.
    pub const OFFSET_OUT_OF_RANGE: Code = Code(1);
    /// No such topic or partition, or not yet.
    pub const UNKNOWN_TOPIC_OR_PARTITION: Code = Code(3);
    /// A leader is being found.
    pub const LEADER_NOT_AVAILABLE: Code = Code(5);
    /// The group's coordinator still reads its records.
    pub const COORDINATOR_LOAD_IN_PROGRESS: Code = Code(14);
    /// The group's coordinator is being found, or made.
    pub const COORDINATOR_NOT_AVAILABLE: Code = Code(15);
    /// The group has another coordinator now.
    pub const NOT_COORDINATOR: Code = Code(16);
    /// The member's generation is over.
    pub const ILLEGAL_GENERATION: Code = Code(22);
    /// The coordinator does not know the member, or no more.
    pub const UNKNOWN_MEMBER_ID: Code = Code(25);
    /// The members are being given their partitions anew.
    pub const REBALANCE_IN_PROGRESS: Code = Code(27);
    /// The topic is there already.
    pub const TOPIC_ALREADY_EXISTS: Code = Code(36);
    /// The API's version is not served.
    pub const UNSUPPORTED_VERSION: Code = Code(35);
    /// The group has members, or is no group of consumers.
    pub const NON_EMPTY_GROUP: Code = Code(68);
    /// There is no such group.
    pub const GROUP_ID_NOT_FOUND: Code = Code(69);
    /// The member must join again with the id that it was given.
    pub const MEMBER_ID_REQUIRED: Code = Code(79);
    /// The group has subscribed to the topic.
    pub const GROUP_SUBSCRIBED_TO_TOPIC: Code = Code(86);
    /// No topic has this id.
    pub const UNKNOWN_TOPIC_ID: Code = Code(100);

    /// Kafka's name of the code.
    pub fn name(self) -> Option<&'static str> {
        match self.0 {
            -1 => Some("UNKNOWN_SERVER_ERROR"),
            code => NAMES.get(usize::try_from(code).ok()?).copied(),
        }
    }

    /// Whether trying again, after a pause and with fresh metadata, may succeed.
    pub fn is_retriable(self) -> bool {
        RETRIABLE.binary_search(&self.0).is_ok()
    }

    /// Whether what was asked for is not there.
    pub fn is_not_found(self) -> bool {
        matches!(self.0, 3 | 57 | 69 | 91 | 100 | 105)
    }

    /// Whether the caller is not allowed to.
    pub fn is_not_allowed(self) -> bool {
        matches!(self.0, 29 | 30 | 31 | 53 | 54 | 58 | 65 | 73)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "error code {}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_at_their_codes() {
        let cases = [
            (-1, "UNKNOWN_SERVER_ERROR (-1)"),
            (3, "UNKNOWN_TOPIC_OR_PARTITION (3)"),
            (35, "UNSUPPORTED_VERSION (35)"),
            (87, "INVALID_RECORD (87)"),
            (100, "UNKNOWN_TOPIC_ID (100)"),
            (133, "SHARE_SESSION_LIMIT_REACHED (133)"),
            (134, "error code 134"),
            (-2, "error code -2"),
        ];
        for (code, shown) in cases {
            assert_eq!(Code(code).to_string(), shown);
        }
        assert!(RETRIABLE.is_sorted());
        assert!(Code(5).is_retriable() && !Code(10).is_retriable());
    }
}
