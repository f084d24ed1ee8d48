//! Random LeaveGroup messages, and their JSON.
//!
//! Generated from `net/wire/messages/leave_group.txt`.

use net_wire::messages::leave_group as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::LeaveGroupRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        if v <= 2 {
            it.member_id = dice.field("member_id", v);
        }
        if v >= 3 {
            it.members = dice.field("members", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        if v <= 2 {
            it.insert("memberId".to_owned(), self.member_id.json(v));
        }
        if v >= 3 {
            it.insert("members".to_owned(), self.members.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::MemberIdentity {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.member_id = dice.field("member_id", v);
        it.group_instance_id = dice.nullable("group_instance_id", true, v);
        if v >= 5 {
            it.reason = dice.nullable("reason", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        if v >= 5 {
            it.insert("reason".to_owned(), self.reason.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::LeaveGroupResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.error_code = dice.field("error_code", v);
        if v >= 3 {
            it.members = dice.field("members", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        if v >= 3 {
            it.insert("members".to_owned(), self.members.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::MemberResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.member_id = dice.field("member_id", v);
        it.group_instance_id = dice.nullable("group_instance_id", true, v);
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
