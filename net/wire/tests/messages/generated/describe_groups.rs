//! Random DescribeGroups messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_groups.txt`.

use net_wire::messages::describe_groups as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeGroupsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.groups = dice.field("groups", v);
        if v >= 3 {
            it.include_authorized_operations = dice.field("include_authorized_operations", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groups".to_owned(), self.groups.json(v));
        if v >= 3 {
            it.insert(
                "includeAuthorizedOperations".to_owned(),
                self.include_authorized_operations.json(v),
            );
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribeGroupsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.groups = dice.field("groups", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("groups".to_owned(), self.groups.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribedGroup {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        if v >= 6 {
            it.error_message = dice.nullable("error_message", true, v);
        }
        it.group_id = dice.field("group_id", v);
        it.group_state = dice.field("group_state", v);
        it.protocol_type = dice.field("protocol_type", v);
        it.protocol_data = dice.field("protocol_data", v);
        it.members = dice.field("members", v);
        if v >= 3 {
            it.authorized_operations = dice.field("authorized_operations", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        if v >= 6 {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("groupState".to_owned(), self.group_state.json(v));
        it.insert("protocolType".to_owned(), self.protocol_type.json(v));
        it.insert("protocolData".to_owned(), self.protocol_data.json(v));
        it.insert("members".to_owned(), self.members.json(v));
        if v >= 3 {
            it.insert("authorizedOperations".to_owned(), self.authorized_operations.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribedGroupMember {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.member_id = dice.field("member_id", v);
        if v >= 4 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        it.client_id = dice.field("client_id", v);
        it.client_host = dice.field("client_host", v);
        it.member_metadata = dice.field("member_metadata", v);
        it.member_assignment = dice.field("member_assignment", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("memberId".to_owned(), self.member_id.json(v));
        if v >= 4 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        it.insert("clientId".to_owned(), self.client_id.json(v));
        it.insert("clientHost".to_owned(), self.client_host.json(v));
        it.insert("memberMetadata".to_owned(), self.member_metadata.json(v));
        it.insert("memberAssignment".to_owned(), self.member_assignment.json(v));
        Value::Object(it)
    }
}
