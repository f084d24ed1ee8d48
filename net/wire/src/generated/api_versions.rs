//! Which versions the broker serves. Asked before anything else.
//!
//! Generated from `net/wire/messages/api_versions.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, Tags, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described =
    Described { key: KEY, name: "ApiVersions", versions: Versions { min: 0, max: 4 }, flexible: 3 };
/// The API's number on the wire.
pub const KEY: i16 = 18;

/// Which versions the broker serves. Asked before anything else.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApiVersionsRequest {
    /// `ClientSoftwareName`, versions 3-4.
    pub client_software_name: String,
    /// `ClientSoftwareVersion`, versions 3-4.
    pub client_software_version: String,
}

impl ApiVersionsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        if v >= 3 {
            it.client_software_name = r.string(flex)?;
            it.client_software_version = r.string(flex)?;
        }
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        if v >= 3 {
            w.string(flex, &self.client_software_name);
            w.string(flex, &self.client_software_version);
        }
        if flex {
            w.no_tags();
        }
    }
}

/// Which versions the broker serves. Asked before anything else.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiVersionsResponse {
    /// `ErrorCode`, always there.
    /// 35: the version asked in is not served; what is follows.
    pub error_code: i16,
    /// `ApiKeys`, always there.
    pub api_keys: List<ApiVersion>,
    /// `ThrottleTimeMs`, versions 1-4.
    pub throttle_time_ms: i32,
    /// `SupportedFeatures`, versions 3-4, tag 0.
    /// To 3: none from 0.
    pub supported_features: List<SupportedFeatureKey>,
    /// `FinalizedFeaturesEpoch`, versions 3-4, tag 1, default -1.
    pub finalized_features_epoch: i64,
    /// `FinalizedFeatures`, versions 3-4, tag 2.
    pub finalized_features: List<FinalizedFeatureKey>,
    /// `ZkMigrationReady`, versions 3-4, tag 3.
    pub zk_migration_ready: bool,
}

impl Default for ApiVersionsResponse {
    fn default() -> Self {
        Self {
            error_code: Default::default(),
            api_keys: Default::default(),
            throttle_time_ms: Default::default(),
            supported_features: Default::default(),
            finalized_features_epoch: -1,
            finalized_features: Default::default(),
            zk_migration_ready: Default::default(),
        }
    }
}

impl ApiVersionsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.error_code = r.int16()?;
        it.api_keys = r.array(flex, ApiVersion::least_bytes(v), v, ApiVersion::read)?;
        if v >= 1 {
            it.throttle_time_ms = r.int32()?;
        }
        if flex {
            for _ in 0..r.tag_count()? {
                let tag = r.tag()?;
                match tag.number {
                    0 => it.supported_features = r.array(true, 6, v, SupportedFeatureKey::read)?,
                    1 => it.finalized_features_epoch = r.int64()?,
                    2 => it.finalized_features = r.array(true, 6, v, FinalizedFeatureKey::read)?,
                    3 => it.zk_migration_ready = r.bool()?,
                    _ => r.unknown_tag()?,
                }
                r.end_tag(tag)?;
            }
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int16(self.error_code);
        w.array(flex, &self.api_keys, v, ApiVersion::write);
        if v >= 1 {
            w.int32(self.throttle_time_ms);
        }
        if flex {
            let mut tags = Tags::none();
            if !self.supported_features.is_empty() {
                tags.field(0, |w| {
                    w.array(true, &self.supported_features, v, SupportedFeatureKey::write)
                });
            }
            if self.finalized_features_epoch != -1 {
                tags.field(1, |w| w.int64(self.finalized_features_epoch));
            }
            if !self.finalized_features.is_empty() {
                tags.field(2, |w| {
                    w.array(true, &self.finalized_features, v, FinalizedFeatureKey::write)
                });
            }
            if self.zk_migration_ready {
                tags.field(3, |w| w.bool(self.zk_migration_ready));
            }
            w.tags(tags);
        }
    }
}

/// In versions 0-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ApiVersion {
    /// `ApiKey`, always there.
    pub api_key: i16,
    /// `MinVersion`, always there.
    pub min_version: i16,
    /// `MaxVersion`, always there.
    pub max_version: i16,
}

impl ApiVersion {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let flex = v >= 3;
        let mut it = Self::default();
        it.api_key = r.int16()?;
        it.min_version = r.int16()?;
        it.max_version = r.int16()?;
        if flex {
            r.skip_tags()?;
        }
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        let flex = v >= 3;
        w.int16(self.api_key);
        w.int16(self.min_version);
        w.int16(self.max_version);
        if flex {
            w.no_tags();
        }
    }

    /// The fewest bytes one takes on the wire.
    fn least_bytes(v: i16) -> usize {
        match v {
            ..=2 => 6,
            _ => 7,
        }
    }
}

/// In versions 3-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SupportedFeatureKey {
    /// `Name`, always there.
    pub name: String,
    /// `MinVersion`, always there.
    pub min_version: i16,
    /// `MaxVersion`, always there.
    pub max_version: i16,
}

impl SupportedFeatureKey {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.min_version = r.int16()?;
        it.max_version = r.int16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.int16(self.min_version);
        w.int16(self.max_version);
        w.no_tags();
    }
}

/// In versions 3-4.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct FinalizedFeatureKey {
    /// `Name`, always there.
    pub name: String,
    /// `MaxVersionLevel`, always there.
    pub max_version_level: i16,
    /// `MinVersionLevel`, always there.
    pub min_version_level: i16,
}

impl FinalizedFeatureKey {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.max_version_level = r.int16()?;
        it.min_version_level = r.int16()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.int16(self.max_version_level);
        w.int16(self.min_version_level);
        w.no_tags();
    }
}

message!(ApiVersionsRequest);
message!(ApiVersionsResponse);
impl Request for ApiVersionsRequest {
    type Response = ApiVersionsResponse;

    fn throttled(response: &mut ApiVersionsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
