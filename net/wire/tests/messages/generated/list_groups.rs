//! Random ListGroups messages, and their JSON.
//!
//! Generated from `net/wire/messages/list_groups.txt`.

use net_wire::messages::list_groups as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ListGroupsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 4 {
            it.states_filter = dice.field("states_filter", v);
        }
        if v >= 5 {
            it.types_filter = dice.field("types_filter", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 4 {
            it.insert("statesFilter".to_owned(), self.states_filter.json(v));
        }
        if v >= 5 {
            it.insert("typesFilter".to_owned(), self.types_filter.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ListGroupsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        it.error_code = dice.field("error_code", v);
        it.groups = dice.field("groups", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("groups".to_owned(), self.groups.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ListedGroup {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.group_id = dice.field("group_id", v);
        it.protocol_type = dice.field("protocol_type", v);
        if v >= 4 {
            it.group_state = dice.field("group_state", v);
        }
        if v >= 5 {
            it.group_type = dice.field("group_type", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("groupId".to_owned(), self.group_id.json(v));
        it.insert("protocolType".to_owned(), self.protocol_type.json(v));
        if v >= 4 {
            it.insert("groupState".to_owned(), self.group_state.json(v));
        }
        if v >= 5 {
            it.insert("groupType".to_owned(), self.group_type.json(v));
        }
        Value::Object(it)
    }
}
