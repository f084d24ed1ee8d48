//! Random DescribeConfigs messages, and their JSON.
//!
//! Generated from `net/wire/messages/describe_configs.txt`.

use net_wire::messages::describe_configs as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::DescribeConfigsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resources = dice.field("resources", v);
        it.include_synonyms = dice.field("include_synonyms", v);
        if v >= 3 {
            it.include_documentation = dice.field("include_documentation", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resources".to_owned(), self.resources.json(v));
        it.insert("includeSynonyms".to_owned(), self.include_synonyms.json(v));
        if v >= 3 {
            it.insert("includeDocumentation".to_owned(), self.include_documentation.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribeConfigsResource {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it.configuration_keys = dice.nullable("configuration_keys", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        it.insert("configurationKeys".to_owned(), self.configuration_keys.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeConfigsResponse {
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

impl Sample for m::DescribeConfigsResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it.resource_type = dice.field("resource_type", v);
        it.resource_name = dice.field("resource_name", v);
        it.configs = dice.field("configs", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        it.insert("resourceType".to_owned(), self.resource_type.json(v));
        it.insert("resourceName".to_owned(), self.resource_name.json(v));
        it.insert("configs".to_owned(), self.configs.json(v));
        Value::Object(it)
    }
}

impl Sample for m::DescribeConfigsResourceResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.value = dice.nullable("value", true, v);
        it.read_only = dice.field("read_only", v);
        it.config_source = dice.field("config_source", v);
        it.is_sensitive = dice.field("is_sensitive", v);
        it.synonyms = dice.field("synonyms", v);
        if v >= 3 {
            it.config_type = dice.field("config_type", v);
        }
        if v >= 3 {
            it.documentation = dice.nullable("documentation", true, v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        it.insert("readOnly".to_owned(), self.read_only.json(v));
        it.insert("configSource".to_owned(), self.config_source.json(v));
        it.insert("isSensitive".to_owned(), self.is_sensitive.json(v));
        it.insert("synonyms".to_owned(), self.synonyms.json(v));
        if v >= 3 {
            it.insert("configType".to_owned(), self.config_type.json(v));
        }
        if v >= 3 {
            it.insert("documentation".to_owned(), self.documentation.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::DescribeConfigsSynonym {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.value = dice.nullable("value", true, v);
        it.source = dice.field("source", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("value".to_owned(), self.value.json(v));
        it.insert("source".to_owned(), self.source.json(v));
        Value::Object(it)
    }
}
