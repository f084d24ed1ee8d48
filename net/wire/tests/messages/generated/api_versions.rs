//! Random ApiVersions messages, and their JSON.
//!
//! Generated from `net/wire/messages/api_versions.txt`.

use net_wire::messages::api_versions as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::ApiVersionsRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        if v >= 3 {
            it.client_software_name = dice.field("client_software_name", v);
        }
        if v >= 3 {
            it.client_software_version = dice.field("client_software_version", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        if v >= 3 {
            it.insert("clientSoftwareName".to_owned(), self.client_software_name.json(v));
        }
        if v >= 3 {
            it.insert("clientSoftwareVersion".to_owned(), self.client_software_version.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ApiVersionsResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.error_code = dice.field("error_code", v);
        it.api_keys = dice.field("api_keys", v);
        if v >= 1 {
            it.throttle_time_ms = dice.field("throttle_time_ms", v);
        }
        if v >= 3 {
            it.supported_features = dice.field("supported_features", v);
        }
        if v >= 3 {
            it.finalized_features_epoch = dice.field("finalized_features_epoch", v);
        }
        if v >= 3 {
            it.finalized_features = dice.field("finalized_features", v);
        }
        if v >= 3 {
            it.zk_migration_ready = dice.field("zk_migration_ready", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("apiKeys".to_owned(), self.api_keys.json(v));
        if v >= 1 {
            it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        }
        if v >= 3 && !self.supported_features.is_empty() {
            it.insert("supportedFeatures".to_owned(), self.supported_features.json(v));
        }
        if v >= 3 && self.finalized_features_epoch != -1 {
            it.insert("finalizedFeaturesEpoch".to_owned(), self.finalized_features_epoch.json(v));
        }
        if v >= 3 && !self.finalized_features.is_empty() {
            it.insert("finalizedFeatures".to_owned(), self.finalized_features.json(v));
        }
        if v >= 3 && self.zk_migration_ready {
            it.insert("zkMigrationReady".to_owned(), self.zk_migration_ready.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::ApiVersion {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.api_key = dice.field("api_key", v);
        it.min_version = dice.field("min_version", v);
        it.max_version = dice.field("max_version", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("apiKey".to_owned(), self.api_key.json(v));
        it.insert("minVersion".to_owned(), self.min_version.json(v));
        it.insert("maxVersion".to_owned(), self.max_version.json(v));
        Value::Object(it)
    }
}

impl Sample for m::SupportedFeatureKey {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.min_version = dice.field("min_version", v);
        it.max_version = dice.field("max_version", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("minVersion".to_owned(), self.min_version.json(v));
        it.insert("maxVersion".to_owned(), self.max_version.json(v));
        Value::Object(it)
    }
}

impl Sample for m::FinalizedFeatureKey {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.name = dice.field("name", v);
        it.max_version_level = dice.field("max_version_level", v);
        it.min_version_level = dice.field("min_version_level", v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("name".to_owned(), self.name.json(v));
        it.insert("maxVersionLevel".to_owned(), self.max_version_level.json(v));
        it.insert("minVersionLevel".to_owned(), self.min_version_level.json(v));
        Value::Object(it)
    }
}
