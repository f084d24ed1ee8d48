//! Random JoinGroup messages, and their JSON.
//!
//! Generated from `net/wire/messages/join_group.txt`.

use net_wire::messages::join_group as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::JoinGroupRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        it.session_timeout_ms = dice.field("session_timeout_ms", v);
        if v >= 1 {
            it.rebalance_timeout_ms = dice.field("rebalance_timeout_ms", v);
        }
        it.member_id = dice.field("member_id", v);
        if v >= 5 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        it.protocol_type = dice.field("protocol_type", v);
        it.protocols = dice.field("protocols", v);
        if v >= 8 {
            it.reason = dice.nullable("reason", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("sessionTimeoutMs".to_owned(), self.session_timeout_ms.json(v));
        if v >= 1 {
            it.insert("rebalanceTimeoutMs".to_owned(), self.rebalance_timeout_ms.json(v));
        }
        it.insert("memberId".to_owned(), self.member_id.json(v));
        if v >= 5 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        it.insert("protocolType".to_owned(), self.protocol_type.json(v));
        it.insert("protocols".to_owned(), self.protocols.json(v));
        if v >= 8 {
            it.insert("reason".to_owned(), self.reason.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::JoinGroupRequestProtocol {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.metadata = dice.field("metadata", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("metadata".to_owned(), self.metadata.json(v));
        Value::Object(it)
    }
}

impl Sample for m::JoinGroupResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 2 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.error_code = dice.field("error_code", v);
        it.generation_id = dice.field("generation_id", v);
        if v >= 7 {
            it.protocol_type = dice.nullable("protocol_type", true, v);
        }
        it.protocol_name = dice.nullable("protocol_name", v >= 7, v);
        it.leader = dice.field("leader", v);
        if v >= 9 {
            it.skip_assignment = dice.field("skip_assignment", v);
        }
        it.member_id = dice.field("member_id", v);
        it.members = dice.field("members", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 2 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("generationId".to_owned(), self.generation_id.json(v));
        if v >= 7 {
            it.insert("protocolType".to_owned(), self.protocol_type.json(v));
        }
        it.insert("protocolName".to_owned(), self.protocol_name.json(v));
        it.insert("leader".to_owned(), self.leader.json(v));
        if v >= 9 {
            it.insert("skipAssignment".to_owned(), self.skip_assignment.json(v));
        }
        it.insert("memberId".to_owned(), self.member_id.json(v));
        it.insert("members".to_owned(), self.members.json(v));
        Value::Object(it)
    }
}

impl Sample for m::JoinGroupResponseMember {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.member_id = dice.field("member_id", v);
        if v >= 5 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        it.metadata = dice.field("metadata", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("memberId".to_owned(), self.member_id.json(v));
        if v >= 5 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        it.insert("metadata".to_owned(), self.metadata.json(v));
        Value::Object(it)
    }
}
