//! Groups of the new protocol and their members.
//!
//! Generated from `net/wire/messages/consumer_group_describe.txt`:
//! change that and run `cargo xtask codegen`.

use engine_base::Uuid;

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "ConsumerGroupDescribe",
    versions: Versions { min: 0, max: 1 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 69;

/// Groups of the new protocol and their members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupDescribeRequest {
    /// `GroupIds`, always there.
    pub group_ids: List<String>,
    /// `IncludeAuthorizedOperations`, always there.
    pub include_authorized_operations: bool,
}

impl ConsumerGroupDescribeRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.group_ids = r.array(true, 1, v, |r, _| r.string(true))?;
        it.include_authorized_operations = r.bool()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.group_ids, v, |it, w, _| w.string(true, it));
        w.bool(self.include_authorized_operations);
        w.no_tags();
    }
}

/// Groups of the new protocol and their members.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ConsumerGroupDescribeResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Groups`, always there.
    pub groups: List<DescribedGroup>,
}

impl ConsumerGroupDescribeResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.groups = r.array(true, 20, v, DescribedGroup::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.array(true, &self.groups, v, DescribedGroup::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq)]
pub struct DescribedGroup {
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `GroupId`, always there.
    pub group_id: String,
    /// `GroupState`, always there.
    pub group_state: String,
    /// `GroupEpoch`, always there.
    pub group_epoch: i32,
    /// `AssignmentEpoch`, always there.
    pub assignment_epoch: i32,
    /// `AssignorName`, always there.
    pub assignor_name: String,
    /// `Members`, always there.
    pub members: List<Member>,
    /// `AuthorizedOperations`, always there, default -2147483648.
    pub authorized_operations: i32,
}

impl Default for DescribedGroup {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            error_message: Default::default(),
            group_id: Default::default(),
            group_state: Default::default(),
            group_epoch: Default::default(),
            assignment_epoch: Default::default(),
            assignor_name: Default::default(),
            members: Default::default(),
            authorized_operations: i32::MIN,
        }
    }
}

impl DescribedGroup {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.group_id = r.string(true)?;
        it.group_state = r.string(true)?;
        it.group_epoch = r.int32()?;
        it.assignment_epoch = r.int32()?;
        it.assignor_name = r.string(true)?;
        it.members = r.array(true, Member::least_bytes(v), v, Member::read)?;
        it.authorized_operations = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.string(true, &self.group_id);
        w.string(true, &self.group_state);
        w.int32(self.group_epoch);
        w.int32(self.assignment_epoch);
        w.string(true, &self.assignor_name);
        w.array(true, &self.members, v, Member::write);
        w.int32(self.authorized_operations);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// `MemberId`, always there.
    pub member_id: String,
    /// `InstanceId`, always there, may be null.
    pub instance_id: Option<String>,
    /// `RackId`, always there, may be null.
    pub rack_id: Option<String>,
    /// `MemberEpoch`, always there.
    pub member_epoch: i32,
    /// `ClientId`, always there.
    pub client_id: String,
    /// `ClientHost`, always there.
    pub client_host: String,
    /// `SubscribedTopicNames`, always there.
    pub subscribed_topic_names: List<String>,
    /// `SubscribedTopicRegex`, always there, may be null.
    pub subscribed_topic_regex: Option<String>,
    /// `Assignment`, always there.
    pub assignment: Assignment,
    /// `TargetAssignment`, always there.
    pub target_assignment: Assignment,
    /// `MemberType`, versions 1, default -1.
    pub member_type: i8,
}

impl Default for Member {
    fn default() -> Self {
        Self {
            member_id: Default::default(),
            instance_id: Default::default(),
            rack_id: Default::default(),
            member_epoch: Default::default(),
            client_id: Default::default(),
            client_host: Default::default(),
            subscribed_topic_names: Default::default(),
            subscribed_topic_regex: Default::default(),
            assignment: Default::default(),
            target_assignment: Default::default(),
            member_type: -1,
        }
    }
}

impl Member {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.member_id = r.string(true)?;
        it.instance_id = r.string_or_null(true, true)?;
        it.rack_id = r.string_or_null(true, true)?;
        it.member_epoch = r.int32()?;
        it.client_id = r.string(true)?;
        it.client_host = r.string(true)?;
        it.subscribed_topic_names = r.array(true, 1, v, |r, _| r.string(true))?;
        it.subscribed_topic_regex = r.string_or_null(true, true)?;
        it.assignment = Assignment::read(r, v)?;
        it.target_assignment = Assignment::read(r, v)?;
        if v >= 1 {
            it.member_type = r.int8()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.member_id);
        w.string_or_null(true, true, self.instance_id.as_deref());
        w.string_or_null(true, true, self.rack_id.as_deref());
        w.int32(self.member_epoch);
        w.string(true, &self.client_id);
        w.string(true, &self.client_host);
        w.array(true, &self.subscribed_topic_names, v, |it, w, _| w.string(true, it));
        w.string_or_null(true, true, self.subscribed_topic_regex.as_deref());
        self.assignment.write(w, v);
        self.target_assignment.write(w, v);
        if v >= 1 {
            w.int8(self.member_type);
        }
        w.no_tags();
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=0 => 16,
            _ => 17,
        }
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Assignment {
    /// `TopicPartitions`, always there.
    pub topic_partitions: List<TopicPartitions>,
}

impl Assignment {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_partitions = r.array(true, 19, v, TopicPartitions::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.topic_partitions, v, TopicPartitions::write);
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct TopicPartitions {
    /// `TopicId`, always there.
    pub topic_id: Uuid,
    /// `TopicName`, always there.
    pub topic_name: String,
    /// `Partitions`, always there.
    pub partitions: List<i32>,
}

impl TopicPartitions {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.topic_id = r.uuid()?;
        it.topic_name = r.string(true)?;
        it.partitions = r.array(true, 4, v, |r, _| r.int32())?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.uuid(self.topic_id);
        w.string(true, &self.topic_name);
        w.array(true, &self.partitions, v, |it, w, _| w.int32(*it));
        w.no_tags();
    }
}

message!(ConsumerGroupDescribeRequest);
message!(ConsumerGroupDescribeResponse);
impl Request for ConsumerGroupDescribeRequest {
    type Response = ConsumerGroupDescribeResponse;

    fn throttled(response: &mut ConsumerGroupDescribeResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
