//! What may differ, and why. Kept true: at most 30 entries, each needed by the corpus.

use std::ops::RangeInclusive;

/// An answer's field that need not be Kafka's.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) api: &'static str,
    pub(crate) versions: RangeInclusive<i16>,
    /// How the question begins, in the words of the corpus; empty: any.
    pub(crate) case: &'static str,
    /// The path from the answer's root, `*` for any one name; `**` for any
    /// names before those that follow.
    pub(crate) field: &'static str,
    pub(crate) may: May,
    pub(crate) reason: &'static str,
}

/// How far a field may be another one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum May {
    /// Another value of the same kind.
    BeAnother,
    /// Not there.
    BeMissing,
    /// There, though Kafka has none.
    BeMore,
    /// Words of ours, where Kafka has none or others.
    BeTold,
    /// Anything at all.
    BeAnything,
    /// Refused with this code and words, or nothing given (-1), where Kafka does it.
    BeRefused(i64),
    /// Kafka's value, and ours, as JSON; `-` where there is none.
    Be(&'static str, &'static str),
}

/// The list.
pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        api: "ApiVersions",
        versions: 0..=4,
        case: "",
        field: "apiKeys/*",
        may: May::BeMissing,
        reason: "what is not built yet is not advertised",
    },
    Difference {
        api: "ApiVersions",
        versions: 4..=4,
        case: "",
        field: "supportedFeatures/*",
        may: May::BeMissing,
        reason: "a feature is told once what it stands for is served",
    },
    Difference {
        api: "ApiVersions",
        versions: 3..=4,
        case: "",
        field: "supportedFeatures/metadata.version/minVersion",
        may: May::Be("7", "30"),
        reason: "no older level of the metadata was ever written",
    },
    Difference {
        api: "ApiVersions",
        versions: 3..=4,
        case: "",
        field: "finalizedFeatures/*",
        may: May::BeMissing,
        reason: "features are those of a KRaft quorum, of which none is built yet",
    },
    Difference {
        api: "CreateTopics",
        versions: 5..=7,
        case: "",
        field: "topics/*/configs/*",
        may: May::BeMore,
        reason: "write.caching and record.validation are keys of our own",
    },
    Difference {
        api: "IncrementalAlterConfigs",
        versions: 0..=1,
        case: "an unknown key of a broker",
        field: "responses/*/*",
        may: May::BeRefused(40),
        reason: "bad input, row 31: a key that nobody knows is not kept",
    },
    Difference {
        api: "DescribeConfigs",
        versions: 1..=4,
        case: "",
        field: "results/*/configs/*",
        may: May::BeMore,
        reason: "write.caching, record.validation and some of the broker's are keys of our own",
    },
    Difference {
        api: "DescribeConfigs",
        versions: 3..=4,
        case: "",
        field: "results/*/configs/*/documentation",
        may: May::BeAnother,
        reason: "Kafka's sentences are Kafka's; ours say what a key does here",
    },
    Difference {
        api: "DescribeConfigs",
        versions: 1..=4,
        case: "",
        field: "results/*/errorMessage",
        may: May::BeAnother,
        reason: "a refusal says what is wrong, where Kafka says nothing or tells of its log",
    },
    Difference {
        api: "Produce",
        versions: 8..=13,
        case: "",
        field: "responses/*/partitionResponses/*/errorMessage",
        may: May::BeTold,
        reason: "a refusal has words, where Kafka has none or others",
    },
    Difference {
        api: "Produce",
        versions: 8..=13,
        case: "",
        field: "responses/*/partitionResponses/*/recordErrors/*/batchIndexErrorMessage",
        may: May::BeAnother,
        reason: "the words are ours, and bounds of time are those of the moment",
    },
    Difference {
        api: "Produce",
        versions: 3..=13,
        case: "time of appending",
        field: "responses/*/partitionResponses/*/logAppendTimeMs",
        may: May::BeAnother,
        reason: "the time of appending is that of the moment",
    },
    Difference {
        api: "Produce",
        versions: 3..=12,
        case: "odd name",
        field: "responses/*/partitionResponses/*/errorCode",
        may: May::Be("3", "17"),
        reason: "bad input, row 7: a name that no topic can have is 17, which is not retried",
    },
    Difference {
        api: "Produce",
        versions: 13..=13,
        case: "null records",
        field: "",
        may: May::BeAnything,
        reason: "Kafka never answers null records and leaves the client to its time-out",
    },
    Difference {
        api: "Produce",
        versions: 3..=13,
        case: "odd: magic",
        field: "responses/*/partitionResponses/*/errorCode",
        may: May::Be("2", "87"),
        reason: "bad input, row 12: an unknown format is no damage, so it is not retried",
    },
    Difference {
        api: "Produce",
        versions: 3..=13,
        case: "odd: a byte more",
        field: "responses/*/partitionResponses/*/*",
        may: May::BeAnother,
        reason: "bad input, row 11: bytes after the batch are not dropped without a word",
    },
    Difference {
        api: "Produce",
        versions: 3..=13,
        case: "odd: codec",
        field: "responses/*/partitionResponses/*/errorCode",
        may: May::Be("-1", "2"),
        reason: "bad input, row 17: Kafka fails over a codec that it does not know",
    },
    Difference {
        api: "Produce",
        versions: 3..=13,
        case: "odd: garbage",
        field: "responses/*/partitionResponses/*/errorCode",
        may: May::Be("-1", "87"),
        reason: "bad input, rows 13 and 16: Kafka fails over what cannot be unpacked",
    },
    Difference {
        api: "Fetch",
        versions: 4..=18,
        case: "bounded",
        field: "responses/*/partitions/*/records",
        may: May::BeAnother,
        reason: "Kafka fills up with a part of a batch, which clients drop; we send whole ones",
    },
    Difference {
        api: "ConsumerGroupHeartbeat",
        versions: 0..=1,
        case: "",
        field: "errorMessage",
        may: May::BeTold,
        reason: "the words are ours; those about a pattern are its engine's",
    },
    Difference {
        api: "DescribeTopicPartitions",
        versions: 0..=0,
        case: "odd names",
        field: "topics/*/errorCode",
        may: May::Be("-1", "17"),
        reason: "bad input, row 7: Kafka fails over a name that no topic can have",
    },
    Difference {
        api: "DescribeLogDirs",
        versions: 4..=5,
        case: "",
        field: "results/*/usableBytes",
        may: May::BeAnother,
        reason: "what others leave of the disk is that of the moment",
    },
    Difference {
        api: "DescribeQuorum",
        versions: 0..=2,
        case: "the quorum",
        field: "**",
        may: May::BeAnother,
        reason: "each has its own log, times and directory",
    },
    Difference {
        api: "DescribeQuorum",
        versions: 0..=2,
        case: "the quorum",
        field: "nodes/*/listeners/*",
        may: May::BeAnything,
        reason: "Kafka's quorum has a listener of its own, ours is asked where clients ask",
    },
    Difference {
        api: "UpdateFeatures",
        versions: 0..=2,
        case: "a level",
        field: "errorMessage",
        may: May::BeTold,
        reason: "Kafka reads the metadata of its older releases; ours is of one level",
    },
    Difference {
        api: "FindCoordinator",
        versions: 0..=6,
        case: "not built",
        field: "**",
        may: May::BeAnything,
        reason: "trap 23: no transactions yet, and no share groups",
    },
    Difference {
        api: "InitProducerId",
        versions: 0..=5,
        case: "a transaction",
        field: "*",
        may: May::BeRefused(35),
        reason: "trap 23: until there are transactions they are refused at once",
    },
    Difference {
        api: "OffsetCommit",
        versions: 2..=10,
        case: "offset -5",
        field: "topics/*/partitions/*/errorCode",
        may: May::Be("0", "42"),
        reason: "bad input, row 28: an offset that no record can have is not kept",
    },
    Difference {
        api: "FindCoordinator",
        versions: 1..=6,
        case: "odd",
        field: "**/errorMessage",
        may: May::BeTold,
        reason: "a refusal says what is wrong, where Kafka says nothing or tells of its log",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_short_and_has_reasons() {
        assert!(DIFFERENCES.len() <= 30);
        assert!(DIFFERENCES.iter().all(|entry| entry.reason.len() > 20));
    }
}
