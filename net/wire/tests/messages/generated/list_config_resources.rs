//! Random ListConfigResources messages, and their JSON.
//!
//! Generated from `net/wire/messages/list_config_resources.txt`.

use net_wire::messages::list_config_resources as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ListConfigResourcesRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 1 {
            it.resource_types = dice.field("resource_types", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 1 {
            it.insert("resourceTypes".to_owned(), self.resource_types.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ListConfigResourcesResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.config_resources = dice.field("config_resources", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("configResources".to_owned(), self.config_resources.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ConfigResource {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_name = dice.field("resource_name", v);
        if v >= 1 {
            it.resource_type = dice.field("resource_type", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        if v >= 1 {
            it.insert("resourceType".to_owned(), self.resource_type.json(v));
        }
        Value::Object(it)
    }
}
