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
        it.entries = Sample::random(dice, v);
        it.validate_only = Sample::random(dice, v);
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
        it.entity = Sample::random(dice, v);
        it.ops = Sample::random(dice, v);
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
        it.entity_type = Sample::random(dice, v);
        it.entity_name = dice.nullable(true, v);
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
        it.key = Sample::random(dice, v);
        it.value = Sample::random(dice, v);
        it.remove = Sample::random(dice, v);
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
        it.throttle_time_ms = Sample::random(dice, v);
        it.entries = Sample::random(dice, v);
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
        it.error_code = Sample::random(dice, v);
        it.error_message = dice.nullable(true, v);
        it.entity = Sample::random(dice, v);
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
        it.entity_type = Sample::random(dice, v);
        it.entity_name = dice.nullable(true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("entityType".to_owned(), self.entity_type.json(v));
        it.insert("entityName".to_owned(), self.entity_name.json(v));
        Value::Object(it)
    }
}
