//! Create topics.
//!
//! Generated from `net/wire/messages/create_topics.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, Tags, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "CreateTopics",
    versions: Versions { min: 2, max: 7 },
    flexible: 5,
};
/// The API's number on the wire.
pub const KEY: i16 = 19;

/// Create topics.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTopicsRequest {
    /// `Topics`, always there.
    pub topics: List<CreatableTopic>,
    /// `TimeoutMs`, always there, default 60000.
    pub timeout_ms: i32,
    /// `ValidateOnly`, always there.
    /// Changes nothing.
    pub validate_only: bool,
}

impl Default for CreateTopicsRequest {
    fn default() -> Self {
        Self { topics: Default::default(), timeout_ms: 60000, validate_only: Default::default() }
    }
}

impl CreateTopicsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.topics = r.array(flex, CreatableTopic::least_bytes(v), v, CreatableTopic::read)?;
        it.timeout_ms = r.int32()?;
        it.validate_only = r.bool()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.array(flex, &self.topics, v, CreatableTopic::write);
        w.int32(self.timeout_ms);
        w.bool(self.validate_only);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-7.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableTopic {
    /// `Name`, always there.
    pub name: String,
    /// `NumPartitions`, always there.
    /// -1: the broker's default.
    pub num_partitions: i32,
    /// `ReplicationFactor`, always there.
    /// -1: the broker's default.
    pub replication_factor: i16,
    /// `Assignments`, always there.
    /// By hand; then the two numbers are -1.
    pub assignments: List<CreatableReplicaAssignment>,
    /// `Configs`, always there.
    pub configs: List<CreatableTopicConfig>,
}

impl CreatableTopic {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.num_partitions = r.int32()?;
        it.replication_factor = r.int16()?;
        it.assignments = r.array(
            flex,
            CreatableReplicaAssignment::least_bytes(v),
            v,
            CreatableReplicaAssignment::read,
        )?;
        it.configs =
            r.array(flex, CreatableTopicConfig::least_bytes(v), v, CreatableTopicConfig::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        w.int32(self.num_partitions);
        w.int16(self.replication_factor);
        w.array(flex, &self.assignments, v, CreatableReplicaAssignment::write);
        w.array(flex, &self.configs, v, CreatableTopicConfig::write);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 16,
            _ => 10,
        }
    }
}

/// In versions 2-7.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableReplicaAssignment {
    /// `PartitionIndex`, always there.
    pub partition_index: i32,
    /// `BrokerIds`, always there.
    pub broker_ids: List<i32>,
}

impl CreatableReplicaAssignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.partition_index = r.int32()?;
        it.broker_ids = r.array(flex, 4, v, |r, _| r.int32())?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.int32(self.partition_index);
        w.array(flex, &self.broker_ids, v, |it, w, _| w.int32(*it));
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 8,
            _ => 6,
        }
    }
}

/// In versions 2-7.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreatableTopicConfig {
    /// `Name`, always there.
    pub name: String,
    /// `Value`, always there, may be null.
    pub value: Option<String>,
}

impl CreatableTopicConfig {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        it.value = r.string_or_null(flex, true)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        w.string_or_null(flex, true, self.value.as_deref());
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 4,
            _ => 3,
        }
    }
}

/// Create topics.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CreateTopicsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Topics`, always there.
    pub topics: List<CreatableTopicResult>,
}

impl CreateTopicsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.topics =
            r.array(flex, CreatableTopicResult::least_bytes(v), v, CreatableTopicResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.topics, v, CreatableTopicResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 2-7.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicResult {
    /// `Name`, always there.
    pub name: String,
    /// `TopicId`, versions 7.
    pub topic_id: Uuid,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `TopicConfigErrorCode`, versions 5-7, tag 0.
    pub topic_config_error_code: i16,
    /// `NumPartitions`, versions 5-7, default -1.
    pub num_partitions: i32,
    /// `ReplicationFactor`, versions 5-7, default -1.
    pub replication_factor: i16,
    /// `Configs`, versions 5-7, may be null.
    pub configs: Option<List<CreatableTopicConfigs>>,
}

impl Default for CreatableTopicResult {
    fn default() -> Self {
        Self {
            name: Default::default(),
            topic_id: Default::default(),
            error_code: Default::default(),
            error_message: Default::default(),
            topic_config_error_code: Default::default(),
            num_partitions: -1,
            replication_factor: -1,
            configs: Default::default(),
        }
    }
}

impl CreatableTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 5;
        let mut it = Self::default();
        it.name = r.string(flex)?;
        if v >= 7 {
            it.topic_id = r.uuid()?;
        }
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(flex, true)?;
        if v >= 5 {
            it.num_partitions = r.int32()?;
            it.replication_factor = r.int16()?;
            it.configs = r.array_or_null(flex, true, 6, v, CreatableTopicConfigs::read)?;
        }
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 => it.topic_config_error_code = r.int16()?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 5;
        w.string(flex, &self.name);
        if v >= 7 {
            w.uuid(self.topic_id);
        }
        w.int16(self.error_code);
        w.string_or_null(flex, true, self.error_message.as_deref());
        if v >= 5 {
            w.int32(self.num_partitions);
            w.int16(self.replication_factor);
            w.array_or_null(flex, true, self.configs.as_ref(), v, CreatableTopicConfigs::write);
        }
        if flex {
            let mut tags = Tags::none();
            if self.topic_config_error_code != 0 {
                tags.field(0, |w| w.int16(self.topic_config_error_code));
            }
            w.tags(tags);
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 6,
            5..=6 => 12,
            _ => 28,
        }
    }
}

/// In versions 5-7.
#[derive(Clone, Debug, PartialEq)]
pub struct CreatableTopicConfigs {
    /// `Name`, always there.
    pub name: String,
    /// `Value`, always there, may be null.
    pub value: Option<String>,
    /// `ReadOnly`, always there.
    pub read_only: bool,
    /// `ConfigSource`, always there, default -1.
    pub config_source: i8,
    /// `IsSensitive`, always there.
    pub is_sensitive: bool,
}

impl Default for CreatableTopicConfigs {
    fn default() -> Self {
        Self {
            name: Default::default(),
            value: Default::default(),
            read_only: Default::default(),
            config_source: -1,
            is_sensitive: Default::default(),
        }
    }
}

impl CreatableTopicConfigs {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.value = r.string_or_null(true, true)?;
        it.read_only = r.bool()?;
        it.config_source = r.int8()?;
        it.is_sensitive = r.bool()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.string_or_null(true, true, self.value.as_deref());
        w.bool(self.read_only);
        w.int8(self.config_source);
        w.bool(self.is_sensitive);
        w.no_tags();
    }
}

message!(CreateTopicsRequest);
message!(CreateTopicsResponse);
impl Request for CreateTopicsRequest {
    type Response = CreateTopicsResponse;

    fn throttled(response: &mut CreateTopicsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
