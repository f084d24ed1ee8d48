//! Random Heartbeat messages, and their JSON.
//!
//! Generated from `net/wire/messages/heartbeat.txt`.

use net_wire::messages::heartbeat as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::HeartbeatRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        it.generation_id = dice.field("generation_id", v);
        it.member_id = dice.field("member_id", v);
        if v >= 3 {
            it.group_instance_id = dice.nullable("group_instance_id", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("generationId".to_owned(), self.generation_id.json(v));
        it.insert("memberId".to_owned(), self.member_id.json(v));
        if v >= 3 {
            it.insert("groupInstanceId".to_owned(), self.group_instance_id.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::HeartbeatResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.error_code = dice.field("error_code", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        Value::Object(it)
    }
}
