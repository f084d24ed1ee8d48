//! A record as it is read, with where it stands.

use std::rc::Rc;

/// A record read from a partition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its topic's name.
    pub topic: Rc<str>,
    /// Its partition.
    pub partition: i32,
    /// Its place in the partition.
    pub offset: i64,
    /// Milliseconds since 1970 UTC; -1 if it has none.
    pub timestamp: i64,
    /// Whether that is the time of appending, not the producer's.
    pub log_append_time: bool,
    /// Its key, if it has one.
    pub key: Option<Vec<u8>>,
    /// Its value; none is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Names and values, in order, repeats kept.
    pub headers: Vec<(String, Option<Vec<u8>>)>,
    /// The epoch of the leader that took it, -1 if unknown.
    pub leader_epoch: i32,
    /// The producer's id, -1 without idempotence.
    pub producer_id: i64,
    /// The producer's epoch, -1 without idempotence.
    pub producer_epoch: i16,
}
