//! Raise or lower the cluster's finalized features.
//!
//! Generated from `net/wire/messages/update_features.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "UpdateFeatures",
    versions: Versions { min: 0, max: 2 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 57;

/// Raise or lower the cluster's finalized features.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateFeaturesRequest {
    /// `TimeoutMs`, always there, default 60000.
    pub timeout_ms: i32,
    /// `FeatureUpdates`, always there.
    pub feature_updates: List<FeatureUpdateKey>,
    /// `ValidateOnly`, versions 1-2.
    pub validate_only: bool,
}

impl Default for UpdateFeaturesRequest {
    fn default() -> Self {
        Self {
            timeout_ms: 60000,
            feature_updates: Default::default(),
            validate_only: Default::default(),
        }
    }
}

impl UpdateFeaturesRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.timeout_ms = r.int32()?;
        it.feature_updates = r.array(true, 5, v, FeatureUpdateKey::read)?;
        if v >= 1 {
            it.validate_only = r.bool()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.timeout_ms);
        w.array(true, &self.feature_updates, v, FeatureUpdateKey::write);
        if v >= 1 {
            w.bool(self.validate_only);
        }
        w.no_tags();
    }
}

/// In versions 0-2.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureUpdateKey {
    /// `Feature`, always there.
    pub feature: String,
    /// `MaxVersionLevel`, always there.
    pub max_version_level: i16,
    /// `AllowDowngrade`, versions 0.
    pub allow_downgrade: bool,
    /// `UpgradeType`, versions 1-2, default 1.
    pub upgrade_type: i8,
}

impl Default for FeatureUpdateKey {
    fn default() -> Self {
        Self {
            feature: Default::default(),
            max_version_level: Default::default(),
            allow_downgrade: Default::default(),
            upgrade_type: 1,
        }
    }
}

impl FeatureUpdateKey {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.feature = r.string(true)?;
        it.max_version_level = r.int16()?;
        if v <= 0 {
            it.allow_downgrade = r.bool()?;
        }
        if v >= 1 {
            it.upgrade_type = r.int8()?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.feature);
        w.int16(self.max_version_level);
        if v <= 0 {
            w.bool(self.allow_downgrade);
        }
        if v >= 1 {
            w.int8(self.upgrade_type);
        }
        w.no_tags();
    }
}

/// Raise or lower the cluster's finalized features.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UpdateFeaturesResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Results`, versions 0-1.
    pub results: List<UpdatableFeatureResult>,
}

impl UpdateFeaturesResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        if v <= 1 {
            it.results = r.array(true, 5, v, UpdatableFeatureResult::read)?;
        }
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        if v <= 1 {
            w.array(true, &self.results, v, UpdatableFeatureResult::write);
        }
        w.no_tags();
    }
}

/// In versions 0-1.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UpdatableFeatureResult {
    /// `Feature`, always there.
    pub feature: String,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl UpdatableFeatureResult {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.feature = r.string(true)?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.feature);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

message!(UpdateFeaturesRequest);
message!(UpdateFeaturesResponse);
impl Request for UpdateFeaturesRequest {
    type Response = UpdateFeaturesResponse;

    fn throttled(response: &mut UpdateFeaturesResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
