//! Random CreateAcls messages, and their JSON.
//!
//! Generated from `net/wire/messages/create_acls.txt`.

use net_wire::messages::create_acls as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::CreateAclsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.creations = dice.field("creations", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("creations".to_owned(), self.creations.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AclCreation {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it.resource_pattern_type = dice.field("resource_pattern_type", v);
        it.principal = dice.field("principal", v);
        it.host = dice.field("host", v);
        it.operation = dice.field("operation", v);
        it.permission_type = dice.field("permission_type", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        it.insert("resourcePatternType".to_owned(), self.resource_pattern_type.json(v));
        it.insert("principal".to_owned(), self.principal.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("operation".to_owned(), self.operation.json(v));
        it.insert("permissionType".to_owned(), self.permission_type.json(v));
        Value::Object(it)
    }
}

impl Sample for m::CreateAclsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.results = dice.field("results", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("results".to_owned(), self.results.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AclCreationResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
