//! Delete topics, by name and from 6 also by id.
//!
//! Generated from `net/wire/messages/delete_topics.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DeleteTopics",
    versions: Versions { min: 1, max: 6 },
    flexible: 4,
};
/// The API's number on the wire.
pub const KEY: i16 = 20;

/// Delete topics, by name and from 6 also by id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicsRequest {
    /// `Topics`, versions 6.
    pub topics: List<DeleteTopicState>,
    /// `TopicNames`, versions 1-5.
    pub topic_names: List<String>,
    /// `TimeoutMs`, always there.
    pub timeout_ms: i32,
}

impl DeleteTopicsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        if v >= 6 {
            it.topics = r.array(flex, 18, v, DeleteTopicState::read)?;
        }
        if v <= 5 {
            it.topic_names = r.array(flex, if flex { 1 } else { 2 }, v, |r, v| r.string(v >= 4))?;
        }
        it.timeout_ms = r.int32()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        if v >= 6 {
            w.array(flex, &self.topics, v, DeleteTopicState::write);
        }
        if v <= 5 {
            w.array(flex, &self.topic_names, v, |it, w, v| w.string(v >= 4, it));
        }
        w.int32(self.timeout_ms);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicState {
    /// `Name`, always there, may be null.
    pub name: Option<String>,
    /// `TopicId`, always there.
    pub topic_id: Uuid,
}

impl DeleteTopicState {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string_or_null(true, true)?;
        it.topic_id = r.uuid()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string_or_null(true, true, self.name.as_deref());
        w.uuid(self.topic_id);
        w.no_tags();
    }
}

/// Delete topics, by name and from 6 also by id.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeleteTopicsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Responses`, always there.
    pub responses: List<DeletableTopicResult>,
}

impl DeleteTopicsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.responses =
            r.array(flex, DeletableTopicResult::least_bytes(v), v, DeletableTopicResult::read)?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.int32(self.throttle_time_ms);
        w.array(flex, &self.responses, v, DeletableTopicResult::write);
        if flex {
            w.no_tags();
        }
    }
}

/// In versions 1-6.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DeletableTopicResult {
    /// `Name`, always there, may be null in 6.
    pub name: Option<String>,
    /// `TopicId`, versions 6.
    pub topic_id: Uuid,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, versions 5-6, may be null.
    pub error_message: Option<String>,
}

impl DeletableTopicResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 4;
        let mut it = Self::default();
        it.name = r.string_or_null(flex, v >= 6)?;
        if v >= 6 {
            it.topic_id = r.uuid()?;
        }
        it.error_code = r.int16()?;
        if v >= 5 {
            it.error_message = r.string_or_null(flex, true)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 4;
        w.string_or_null(flex, v >= 6, self.name.as_deref());
        if v >= 6 {
            w.uuid(self.topic_id);
        }
        w.int16(self.error_code);
        if v >= 5 {
            w.string_or_null(flex, true, self.error_message.as_deref());
        }
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=4 => 4,
            5 => 5,
            _ => 21,
        }
    }
}

message!(DeleteTopicsRequest);
message!(DeleteTopicsResponse);
impl Request for DeleteTopicsRequest {
    type Response = DeleteTopicsResponse;

    fn throttled(response: &mut DeleteTopicsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
