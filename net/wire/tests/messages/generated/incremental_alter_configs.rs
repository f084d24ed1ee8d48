//! Random IncrementalAlterConfigs messages, and their JSON.
//!
//! Generated from `net/wire/messages/incremental_alter_configs.txt`.

use net_wire::messages::incremental_alter_configs as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::IncrementalAlterConfigsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resources = dice.field("resources", v);
        it.validate_only = dice.field("validate_only", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resources".to_owned(), self.resources.json(v));
        it.insert("validateOnly".to_owned(), self.validate_only.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterConfigsResource {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it.configs = dice.field("configs", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        it.insert("configs".to_owned(), self.configs.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterableConfig {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.config_operation = dice.field("config_operation", v);
        it.value = dice.nullable("value", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("configOperation".to_owned(), self.config_operation.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        Value::Object(it)
    }
}

impl Sample for m::IncrementalAlterConfigsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.responses = dice.field("responses", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("responses".to_owned(), self.responses.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterConfigsResourceResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        Value::Object(it)
    }
}
