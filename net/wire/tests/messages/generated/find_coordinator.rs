//! Random FindCoordinator messages, and their JSON.
//!
//! Generated from `net/wire/messages/find_coordinator.txt`.

use net_wire::messages::find_coordinator as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::FindCoordinatorRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v <= 3 {
            it.key = dice.field("key", v);
        }
        if v >= 1 {
            it.key_type = dice.field("key_type", v);
        }
        if v >= 4 {
            it.coordinator_keys = dice.field("coordinator_keys", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v <= 3 {
            it.insert("key".to_owned(), self.key.json(v));
        }
        if v >= 1 {
            it.insert("keyType".to_owned(), self.key_type.json(v));
        }
        if v >= 4 {
            it.insert("coordinatorKeys".to_owned(), self.coordinator_keys.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::FindCoordinatorResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        if v <= 3 {
            it.error_code = dice.field("error_code", v);
        }
        if (1..=3).contains(&v) {
            it.error_message = dice.nullable("error_message", true, v);
        }
        if v <= 3 {
            it.node_id = dice.field("node_id", v);
        }
        if v <= 3 {
            it.host = dice.field("host", v);
        }
        if v <= 3 {
            it.port = dice.field("port", v);
        }
        if v >= 4 {
            it.coordinators = dice.field("coordinators", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        if v <= 3 {
            it.insert("errorCode".to_owned(), self.error_code.json(v));
        }
        if (1..=3).contains(&v) {
            it.insert("errorMessage".to_owned(), self.error_message.json(v));
        }
        if v <= 3 {
            it.insert("nodeId".to_owned(), self.node_id.json(v));
        }
        if v <= 3 {
            it.insert("host".to_owned(), self.host.json(v));
        }
        if v <= 3 {
            it.insert("port".to_owned(), self.port.json(v));
        }
        if v >= 4 {
            it.insert("coordinators".to_owned(), self.coordinators.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::Coordinator {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.key = dice.field("key", v);
        it.node_id = dice.field("node_id", v);
        it.host = dice.field("host", v);
        it.port = dice.field("port", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("key".to_owned(), self.key.json(v));
        it.insert("nodeId".to_owned(), self.node_id.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("port".to_owned(), self.port.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
