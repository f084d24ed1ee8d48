//! Random UpdateFeatures messages, and their JSON.
//!
//! Generated from `net/wire/messages/update_features.txt`.

use net_wire::messages::update_features as m;
use serde_json::{Map, Value};

use crate::dice::Dice;
use crate::sample::Sample;

impl Sample for m::UpdateFeaturesRequest {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.timeout_ms = dice.field("timeout_ms", v);
        it.feature_updates = dice.field("feature_updates", v);
        if v >= 1 {
            it.validate_only = dice.field("validate_only", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("timeoutMs".to_owned(), self.timeout_ms.json(v));
        it.insert("featureUpdates".to_owned(), self.feature_updates.json(v));
        if v >= 1 {
            it.insert("validateOnly".to_owned(), self.validate_only.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::FeatureUpdateKey {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.feature = dice.field("feature", v);
        it.max_version_level = dice.field("max_version_level", v);
        if v <= 0 {
            it.allow_downgrade = dice.field("allow_downgrade", v);
        }
        if v >= 1 {
            it.upgrade_type = dice.field("upgrade_type", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("feature".to_owned(), self.feature.json(v));
        it.insert("maxVersionLevel".to_owned(), self.max_version_level.json(v));
        if v <= 0 {
            it.insert("allowDowngrade".to_owned(), self.allow_downgrade.json(v));
        }
        if v >= 1 {
            it.insert("upgradeType".to_owned(), self.upgrade_type.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::UpdateFeaturesResponse {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.throttle_time_ms = dice.field("throttle_time_ms", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        if v <= 1 {
            it.results = dice.field("results", v);
        }
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("throttleTimeMs".to_owned(), self.throttle_time_ms.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        if v <= 1 {
            it.insert("results".to_owned(), self.results.json(v));
        }
        Value::Object(it)
    }
}

impl Sample for m::UpdatableFeatureResult {
    fn random(dice: &mut Dice, v: i16) -> Self {
        let mut it = Self::default();
        it.feature = dice.field("feature", v);
        it.error_code = dice.field("error_code", v);
        it.error_message = dice.nullable("error_message", true, v);
        it
    }

    fn json(&self, v: i16) -> Value {
        let mut it = Map::new();
        it.insert("feature".to_owned(), self.feature.json(v));
        it.insert("errorCode".to_owned(), self.error_code.json(v));
        it.insert("errorMessage".to_owned(), self.error_message.json(v));
        Value::Object(it)
    }
}
