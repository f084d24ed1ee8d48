//! Random DescribeAcls messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_acls.txt`.

use net_wire::messages::describe_acls as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeAclsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_type_filter = dice.field("resource_type_filter", v);
        it.resource_name_filter = dice.nullable("resource_name_filter", true, v);
        it.pattern_type_filter = dice.field("pattern_type_filter", v);
        it.principal_filter = dice.nullable("principal_filter", true, v);
        it.host_filter = dice.nullable("host_filter", true, v);
        it.operation = dice.field("operation", v);
        it.permission_type = dice.field("permission_type", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceTypeFilter".to_owned(), self.resource_type_filter.json(v));
        it.insert("resourceNameFilter".to_owned(), self.resource_name_filter.json(v));
        it.insert("patternTypeFilter".to_owned(), self.pattern_type_filter.json(v));
        it.insert("principalFilter".to_owned(), self.principal_filter.json(v));
        it.insert("hostFilter".to_owned(), self.host_filter.json(v));
        it.insert("operation".to_owned(), self.operation.json(v));
        it.insert("permissionType".to_owned(), self.permission_type.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeAclsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.resources = dice.field("resources", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("resources".to_owned(), self.resources.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeAclsResource {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it.pattern_type = dice.field("pattern_type", v);
        it.acls = dice.field("acls", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        it.insert("patternType".to_owned(), self.pattern_type.json(v));
        it.insert("acls".to_owned(), self.acls.json(v));
        Value::Object(it)
    }
}

impl Sample for m::AclDescription {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.principal = dice.field("principal", v);
        it.host = dice.field("host", v);
        it.operation = dice.field("operation", v);
        it.permission_type = dice.field("permission_type", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("principal".to_owned(), self.principal.json(v));
        it.insert("host".to_owned(), self.host.json(v));
        it.insert("operation".to_owned(), self.operation.json(v));
        it.insert("permissionType".to_owned(), self.permission_type.json(v));
        Value::Object(it)
    }
}
