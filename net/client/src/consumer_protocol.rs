//! What the members of a classic consumer group tell each other through the coordinator, which
//! passes it on unread: to which topics they subscribe, and which partitions they are given
//! (Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, version 0 and what later
//! versions begin with). And Kafka's range assignor.
//!
//! Kept true: decoding never goes past the bytes and never allocates what a count in them says;
//! every partition of a topic is given to exactly one of its subscribers.

use std::collections::BTreeMap;

use engine_base::TopicPartition;

/// The name of the protocol type that consumers join with.
pub const PROTOCOL_TYPE: &str = "consumer";
/// The name of the range assignor.
pub const RANGE: &str = "range";

/// A subscription in version 0: topics, no user data.
pub fn subscription(topics: &[String]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    put_count(&mut bytes, topics.len());
    topics.iter().for_each(|topic| put_text(&mut bytes, topic));
    bytes.extend((-1i32).to_be_bytes());
    bytes
}

/// The topics of a subscription of any version.
pub fn subscribed(bytes: &[u8]) -> Option<Vec<String>> {
    let mut words = Words { rest: bytes };
    words.version()?;
    let count = words.count(2)?;
    (0..count).map(|_| words.text()).collect()
}

/// An assignment in version 0.
pub fn assignment(places: &[TopicPartition]) -> Vec<u8> {
    let mut topics: BTreeMap<&str, Vec<i32>> = BTreeMap::new();
    for place in places {
        topics.entry(&place.topic).or_default().push(place.partition);
    }
    let mut bytes = vec![0, 0];
    put_count(&mut bytes, topics.len());
    for (topic, partitions) in topics {
        put_text(&mut bytes, topic);
        put_count(&mut bytes, partitions.len());
        partitions.iter().for_each(|p| bytes.extend(p.to_be_bytes()));
    }
    bytes.extend((-1i32).to_be_bytes());
    bytes
}

/// The partitions of an assignment of any version; none at all for no bytes, which is what a
/// member without an assignment is given.
pub fn assigned(bytes: &[u8]) -> Option<Vec<TopicPartition>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut words = Words { rest: bytes };
    words.version()?;
    let mut places = Vec::new();
    for _ in 0..words.count(6)? {
        let topic = words.text()?;
        for _ in 0..words.count(4)? {
            places.push(TopicPartition { topic: topic.clone(), partition: words.number()? });
        }
    }
    Some(places)
}

/// A member as the assignor sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    /// Its id.
    pub id: String,
    /// The name it keeps over restarts, if it has one.
    pub instance: Option<String>,
    /// The topics it wants.
    pub topics: Vec<String>,
}

/// Kafka's range assignor: of each topic, the members in their order get neighbouring partitions,
/// the first of them one more where it does not divide. Members with an instance id stand first, by
/// that id, then the others by their own.
pub fn range(
    members: &[Subscriber],
    partitions: &BTreeMap<String, i32>,
) -> BTreeMap<String, Vec<TopicPartition>> {
    let mut given: BTreeMap<String, Vec<TopicPartition>> =
        members.iter().map(|member| (member.id.clone(), Vec::new())).collect();
    for (topic, count) in partitions {
        let mut wanting: Vec<&Subscriber> =
            members.iter().filter(|member| member.topics.contains(topic)).collect();
        wanting.sort_by_key(|m| (m.instance.is_none(), m.instance.clone(), m.id.clone()));
        let members = i32::try_from(wanting.len()).unwrap_or(i32::MAX);
        if members == 0 {
            continue;
        }
        let (each, more) = (count / members, count % members);
        let mut next = 0;
        for (i, member) in (0..).zip(wanting) {
            let end = next + each + i32::from(i < more);
            let places = given.entry(member.id.clone()).or_default();
            places.extend(
                (next..end).map(|partition| TopicPartition { topic: topic.clone(), partition }),
            );
            next = end;
        }
        assert_eq!(next, *count, "every partition is given once");
    }
    given
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    let count = i32::try_from(count).expect("because a command line names fewer");
    bytes.extend(count.to_be_bytes());
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let length = i16::try_from(text.len()).expect("because topics have at most 249 bytes");
    bytes.extend(length.to_be_bytes());
    bytes.extend(text.as_bytes());
}

/// Reads big-endian fields; none once the bytes are used up.
struct Words<'a> {
    rest: &'a [u8],
}

impl Words<'_> {
    fn version(&mut self) -> Option<i16> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(i16::from_be_bytes(*field)).filter(|version| *version >= 0)
    }

    fn number(&mut self) -> Option<i32> {
        let (field, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(i32::from_be_bytes(*field))
    }

    /// A count of things of at least `each` bytes, which must still be there.
    fn count(&mut self, each: usize) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count.checked_mul(each)? <= self.rest.len()).then_some(count)
    }

    fn text(&mut self) -> Option<String> {
        let length = usize::try_from(self.version()?).ok()?;
        let (text, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
#[path = "consumer_protocol_test.rs"]
mod consumer_protocol_test;
