//! Set and remove SCRAM credentials.
//!
//! Generated from `net/wire/messages/alter_user_scram_credentials.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{Bytes, List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "AlterUserScramCredentials",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 51;

/// Set and remove SCRAM credentials.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterUserScramCredentialsRequest {
    /// `Deletions`, always there.
    pub deletions: List<ScramCredentialDeletion>,
    /// `Upsertions`, always there.
    pub upsertions: List<ScramCredentialUpsertion>,
}

impl AlterUserScramCredentialsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.deletions = r.array(true, 3, v, ScramCredentialDeletion::read)?;
        it.upsertions = r.array(true, 9, v, ScramCredentialUpsertion::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array(true, &self.deletions, v, ScramCredentialDeletion::write);
        w.array(true, &self.upsertions, v, ScramCredentialUpsertion::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ScramCredentialDeletion {
    /// `Name`, always there.
    pub name: String,
    /// `Mechanism`, always there.
    pub mechanism: i8,
}

impl ScramCredentialDeletion {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.mechanism = r.int8()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.int8(self.mechanism);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ScramCredentialUpsertion {
    /// `Name`, always there.
    pub name: String,
    /// `Mechanism`, always there.
    pub mechanism: i8,
    /// `Iterations`, always there.
    pub iterations: i32,
    /// `Salt`, always there.
    pub salt: Bytes,
    /// `SaltedPassword`, always there.
    pub salted_password: Bytes,
}

impl ScramCredentialUpsertion {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        it.mechanism = r.int8()?;
        it.iterations = r.int32()?;
        it.salt = r.bytes(true)?;
        it.salted_password = r.bytes(true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.int8(self.mechanism);
        w.int32(self.iterations);
        w.bytes(true, &self.salt);
        w.bytes(true, &self.salted_password);
        w.no_tags();
    }
}

/// Set and remove SCRAM credentials.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterUserScramCredentialsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `Results`, always there.
    pub results: List<AlterUserScramCredentialsResult>,
}

impl AlterUserScramCredentialsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.results = r.array(true, 5, v, AlterUserScramCredentialsResult::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.array(true, &self.results, v, AlterUserScramCredentialsResult::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct AlterUserScramCredentialsResult {
    /// `User`, always there.
    pub user: String,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
}

impl AlterUserScramCredentialsResult {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.user = r.string(true)?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.user);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.no_tags();
    }
}

message!(AlterUserScramCredentialsRequest);
message!(AlterUserScramCredentialsResponse);
impl Request for AlterUserScramCredentialsRequest {
    type Response = AlterUserScramCredentialsResponse;

    fn throttled(response: &mut AlterUserScramCredentialsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
