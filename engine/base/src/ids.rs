//! Names of things. Each is a type of its own, so that a log is never taken for a partition.

use std::fmt;
use std::str::FromStr;

/// A log of one shard: never used twice in the life of a cluster, part of its files' names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogId(pub u64);

/// A node of the cluster. Kafka's broker id; begins at 0, -1 means none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub i32);

impl NodeId {
    /// Kafka's "no node".
    pub const NONE: NodeId = NodeId(-1);
}

/// A shard of this node, counted from 0 in the order of their formatting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShardIndex(pub u16);

/// A partition by its topic's name and its number within the topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// Counted from 0.
    pub partition: i32,
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.topic, self.partition)
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// 128 bits that name a topic, a directory, a shard or a cluster. Shown as Kafka shows them:
/// 22 characters of URL-safe base64 without padding.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uuid(pub [u8; 16]);

const BASE64_URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

impl Uuid {
    /// Kafka's "no id": all zeros.
    pub const ZERO: Uuid = Uuid([0; 16]);

    /// A random (version 4) id from 128 random bits. Like Kafka's, its text never begins with `-`,
    /// so that it can stand on a command line.
    pub fn from_random(bits: u128) -> Uuid {
        let mut bytes = bits.to_be_bytes();
        bytes[6] = (bytes[6] & 0x0f) | 0x40;
        bytes[8] = (bytes[8] & 0x3f) | 0x80;
        if bytes[0] >> 2 == 62 {
            bytes[0] &= 0x7f;
        }
        Uuid(bytes)
    }

    /// Whether this is Kafka's "no id".
    pub fn is_zero(&self) -> bool {
        self.0 == [0; 16]
    }
}

impl fmt::Display for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = u128::from_be_bytes(self.0);
        for i in 0..22 {
            // 21 groups of six bits, then the last two bits with four zeros behind them.
            let group = if i < 21 { bits >> (122 - 6 * i) } else { bits << 4 };
            let letter = BASE64_URL[(group & 0x3f) as usize];
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Uuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was not 22 characters of URL-safe base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl FromStr for Uuid {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Uuid, NotAnId> {
        let text = text.as_bytes();
        if text.len() != 22 {
            return Err(NotAnId);
        }
        let mut bits: u128 = 0;
        for (i, letter) in text.iter().enumerate() {
            let group = BASE64_URL.iter().position(|l| l == letter).ok_or(NotAnId)? as u128;
            bits = if i < 21 { bits << 6 | group } else { bits << 2 | group >> 4 };
        }
        Ok(Uuid(bits.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_kafka_writes_it() {
        // Kafka's Uuid.METADATA_TOPIC_ID is (0, 1).
        let metadata = Uuid(1u128.to_be_bytes());
        assert_eq!(metadata.to_string(), "AAAAAAAAAAAAAAAAAAAAAQ");
        assert_eq!("AAAAAAAAAAAAAAAAAAAAAQ".parse(), Ok(metadata));
        let random = Uuid::from_random(0xf9c0_ffee_dead_beef_0123_4567_89ab_cdef);
        assert!(!random.to_string().starts_with('-'));
        assert_eq!(random.to_string().parse(), Ok(random));
        assert_eq!("short".parse::<Uuid>(), Err(NotAnId));
        assert_eq!("AAAAAAAAAAAAAAAAAAAA+Q".parse::<Uuid>(), Err(NotAnId));
    }
}
