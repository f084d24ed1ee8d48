//! The table of configuration keys: Kafka's names and values, and what Bobbin does with each.

/// How deep a produced batch is looked at: `record.validation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// `batch`: header and checksum.
    Header,
    /// `records`: the records of uncompressed batches are walked, compressed ones are opened only where
    /// the topic needs it.
    Records,
    /// `full`: compressed batches are opened too.
    Full,
}

/// Whose time a record carries: `message.timestamp.type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampType {
    /// The producer's.
    CreateTime,
    /// The broker's, when it appended the batch.
    LogAppendTime,
}
