//! Random DescribeClientQuotas messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_client_quotas.txt`.

use net_wire::messages::describe_client_quotas as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeClientQuotasRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.components = dice.field("components", v);
        it.strict = dice.field("strict", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("components".to_owned(), self.components.json(v));
        it.insert("strict".to_owned(), self.strict.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ComponentData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.entity_type = dice.field("entity_type", v);
        it.match_type = dice.field("match_type", v);
        it.r#match = dice.nullable("r#match", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entityType".to_owned(), self.entity_type.json(v));
        it.insert("matchType".to_owned(), self.match_type.json(v));
        it.insert("match".to_owned(), self.r#match.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeClientQuotasResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.entries = dice.nullable("entries", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("entries".to_owned(), self.entries.json(v));
        Value::Object(it)
    }
}

impl Sample for m::EntryData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.entity = dice.field("entity", v);
        it.values = dice.field("values", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entity".to_owned(), self.entity.json(v));
        it.insert("values".to_owned(), self.values.json(v));
        Value::Object(it)
    }
}

impl Sample for m::EntityData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.entity_type = dice.field("entity_type", v);
        it.entity_name = dice.nullable("entity_name", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entityType".to_owned(), self.entity_type.json(v));
        it.insert("entityName".to_owned(), self.entity_name.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ValueData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.key = dice.field("key", v);
        it.value = dice.field("value", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("key".to_owned(), self.key.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        Value::Object(it)
    }
}
