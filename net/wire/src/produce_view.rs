//! The hot path of Produce: a request read in place, its answer written straight into a frame.
//!
//! Kept true: nothing is allocated for a request whose names lie in one slice each; a view is only
//! given out once the whole request has been read, so that no partition is appended to and then
//! found to belong to a request that ends too early; no request names more than its reader takes.
//! Follows `messages/produce.txt`; a test holds
//! it against the generated code.

use std::borrow::Cow;

use engine_base::Uuid;

use crate::codec::{FrameRange, Reader, Tags, WireError, Writer};
use crate::messages::produce::{API, NodeEndpoint, PartitionProduceResponse};

/// A Produce request in the frame where it arrived.
#[derive(Clone, Debug)]
pub struct ProduceView<'a> {
    /// Set by a transactional producer.
    pub transactional_id: Option<Cow<'a, str>>,
    /// -1: all in sync; 0: nobody; 1: the leader.
    pub acks: i16,
    /// How long to wait for them, in milliseconds.
    pub timeout_ms: i32,
    version: i16,
    topic_count: usize,
    /// At the first topic.
    topics: Reader<'a>,
}

/// How a topic is named: until version 12 by its name, from 13 by its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TopicKey<'a> {
    /// As sent; not checked.
    Name(Cow<'a, str>),
    /// As sent.
    Id(Uuid),
}

impl TopicKey<'_> {
    /// The same, alive beyond the frame.
    pub fn into_owned(self) -> TopicKey<'static> {
        match self {
            TopicKey::Name(name) => TopicKey::Name(Cow::Owned(name.into_owned())),
            TopicKey::Id(id) => TopicKey::Id(id),
        }
    }
}

/// A topic of the request; its partitions follow.
#[derive(Clone, Debug)]
pub struct ProduceTopic<'a> {
    /// Which topic.
    pub key: TopicKey<'a>,
    /// How many partitions follow.
    pub partition_count: usize,
}

/// A partition of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProducePartition {
    /// Its number in the topic.
    pub index: i32,
    /// Where its batch lies, counted from where the request's reader began.
    pub records: Option<FrameRange>,
}

/// A step through a request.
#[derive(Clone, Debug)]
pub enum ProduceStep<'a> {
    /// The next topic.
    Topic(ProduceTopic<'a>),
    /// The next partition of the topic last given.
    Partition(ProducePartition),
}

/// Topics and partitions in the order of the request.
#[derive(Clone, Debug)]
pub struct ProduceSteps<'a> {
    reader: Reader<'a>,
    version: i16,
    topics_left: usize,
    partitions_left: usize,
}

/// The first version with compact lengths.
const FLEXIBLE: i16 = API.flexible;
/// The first version that names topics by their ids.
const BY_ID: i16 = 13;

impl<'a> ProduceView<'a> {
    /// Reads a whole request of `version`, which comes after its header, of at most so many topics
    /// and so many partitions.
    pub fn decode(
        reader: &mut Reader<'a>,
        version: i16,
        most: usize,
    ) -> Result<ProduceView<'a>, WireError> {
        if !API.versions.contains(version) {
            return Err(WireError::UnknownVersion(version));
        }
        let flex = version >= FLEXIBLE;
        let transactional_id = reader.text_or_null(flex)?;
        let acks = reader.int16()?;
        let timeout_ms = reader.int32()?;
        let least = if version >= BY_ID {
            18
        } else if flex {
            3
        } else {
            6
        };
        let topic_count = reader.count(flex, least)?.ok_or(WireError::Null)?;
        let topics = reader.clone();
        let mut steps = ProduceSteps {
            reader: reader.clone(),
            version,
            topics_left: topic_count,
            partitions_left: 0,
        };
        let mut partition_count = 0;
        while topic_count <= most && partition_count <= most {
            match steps.advance()? {
                Some(ProduceStep::Topic(topic)) => partition_count += topic.partition_count,
                Some(ProduceStep::Partition(_)) => {}
                None => break,
            }
        }
        if topic_count > most || partition_count > most {
            return Err(WireError::TooMany(most));
        }
        *reader = steps.reader;
        if flex {
            reader.skip_tags()?;
        }
        Ok(ProduceView { transactional_id, acks, timeout_ms, version, topic_count, topics })
    }

    /// How many topics there are.
    pub fn topic_count(&self) -> usize {
        self.topic_count
    }

    /// The version it was sent in.
    pub fn version(&self) -> i16 {
        self.version
    }

    /// Topics and partitions in the order of the request.
    pub fn steps(&self) -> ProduceSteps<'a> {
        ProduceSteps {
            reader: self.topics.clone(),
            version: self.version,
            topics_left: self.topic_count,
            partitions_left: 0,
        }
    }
}

impl<'a> ProduceSteps<'a> {
    fn advance(&mut self) -> Result<Option<ProduceStep<'a>>, WireError> {
        let flex = self.version >= FLEXIBLE;
        let reader = &mut self.reader;
        if self.partitions_left > 0 {
            let index = reader.int32()?;
            let records = reader.records_or_null(flex, true)?;
            self.partitions_left -= 1;
            if flex {
                reader.skip_tags()?;
                // The topic's own tagged fields come after its last partition.
                if self.partitions_left == 0 {
                    reader.skip_tags()?;
                }
            }
            return Ok(Some(ProduceStep::Partition(ProducePartition { index, records })));
        }
        if self.topics_left == 0 {
            return Ok(None);
        }
        self.topics_left -= 1;
        let key = if self.version >= BY_ID {
            TopicKey::Id(reader.uuid()?)
        } else {
            TopicKey::Name(reader.text_or_null(flex)?.ok_or(WireError::Null)?)
        };
        let least = if flex { 6 } else { 8 };
        let partition_count = reader.count(flex, least)?.ok_or(WireError::Null)?;
        self.partitions_left = partition_count;
        if flex && partition_count == 0 {
            reader.skip_tags()?;
        }
        Ok(Some(ProduceStep::Topic(ProduceTopic { key, partition_count })))
    }
}

impl<'a> Iterator for ProduceSteps<'a> {
    type Item = ProduceStep<'a>;

    fn next(&mut self) -> Option<ProduceStep<'a>> {
        self.advance().expect("because the view was given out after all of it had been read")
    }
}

/// Writes a Produce response piece by piece, in the order of the request.
#[derive(Debug)]
pub struct ProduceAnswer<'w> {
    writer: &'w mut Writer,
    version: i16,
    topics_left: usize,
    partitions_left: usize,
}

impl<'w> ProduceAnswer<'w> {
    /// Begins the answer to a request with `topic_count` topics.
    pub fn begin(writer: &'w mut Writer, version: i16, topic_count: usize) -> ProduceAnswer<'w> {
        assert!(API.versions.contains(version), "Produce has no version {version}");
        writer.length(version >= FLEXIBLE, Some(topic_count));
        ProduceAnswer { writer, version, topics_left: topic_count, partitions_left: 0 }
    }

    /// Begins the next topic; as many partitions must follow. The key is of the kind that the
    /// version uses, as it was in the request.
    pub fn topic(&mut self, key: &TopicKey<'_>, partition_count: usize) {
        assert!(self.topics_left > 0 && self.partitions_left == 0, "topics and partitions in turn");
        self.topics_left -= 1;
        self.partitions_left = partition_count;
        let flex = self.version >= FLEXIBLE;
        match key {
            TopicKey::Name(name) => {
                assert!(self.version < BY_ID, "version {} goes by ids", self.version);
                self.writer.string(flex, name);
            }
            TopicKey::Id(id) => {
                assert!(self.version >= BY_ID, "version {} goes by names", self.version);
                self.writer.uuid(*id);
            }
        }
        self.writer.length(flex, Some(partition_count));
        if flex && partition_count == 0 {
            self.writer.no_tags();
        }
    }

    /// The next partition of the topic.
    pub fn partition(&mut self, answer: &PartitionProduceResponse) {
        assert!(self.partitions_left > 0, "topics and partitions in turn");
        self.partitions_left -= 1;
        answer.write(self.writer, self.version);
        if self.version >= FLEXIBLE && self.partitions_left == 0 {
            self.writer.no_tags();
        }
    }

    /// Ends the answer. `endpoints` are told from version 10 on, for partitions that moved.
    pub fn end(self, throttle_time_ms: i32, endpoints: &[NodeEndpoint]) {
        assert!(self.topics_left == 0 && self.partitions_left == 0, "an answer to every partition");
        self.writer.int32(throttle_time_ms);
        if self.version < FLEXIBLE {
            return;
        }
        let mut tags = Tags::none();
        if self.version >= 10 && !endpoints.is_empty() {
            tags.field(0, |writer| {
                writer.length(true, Some(endpoints.len()));
                endpoints.iter().for_each(|endpoint| endpoint.write(writer, self.version));
            });
        }
        self.writer.tags(tags);
    }
}

#[cfg(test)]
#[path = "produce_view_test.rs"]
mod produce_view_test;
