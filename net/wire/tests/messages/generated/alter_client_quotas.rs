//! Random AlterClientQuotas messages, and their JSON.
//!
//! Generated from `net/wire/messages/alter_client_quotas.txt`.

use net_wire::messages::alter_client_quotas as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::AlterClientQuotasRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.entries = dice.field("entries", v);
        it.validate_only = dice.field("validate_only", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entries".to_owned(), self.entries.json(v));
        it.insert("validateOnly".to_owned(), self.validate_only.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestEntryData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.entity = dice.field("entity", v);
        it.ops = dice.field("ops", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entity".to_owned(), self.entity.json(v));
        it.insert("ops".to_owned(), self.ops.json(v));
        Value::Object(it)
    }
}

impl Sample for m::RequestEntityData {
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

impl Sample for m::OpData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.key = dice.field("key", v);
        it.value = dice.field("value", v);
        it.remove = dice.field("remove", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("key".to_owned(), self.key.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        it.insert("remove".to_owned(), self.remove.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AlterClientQuotasResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.entries = dice.field("entries", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("entries".to_owned(), self.entries.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ResponseEntryData {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.entity = dice.field("entity", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("entity".to_owned(), self.entity.json(v));
        Value::Object(it)
    }
}

impl Sample for m::ResponseEntityData {
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
