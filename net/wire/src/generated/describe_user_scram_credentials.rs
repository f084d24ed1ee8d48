//! Which SCRAM credentials users have.
//!
//! Generated from `net/wire/messages/describe_user_scram_credentials.txt`:
//! change that and run `cargo xtask codegen`.

use crate::api::{Described, Versions};
use crate::codec::{List, Reader, Request, WireError, Writer, message};

/// What this API is called and which versions are described.
pub const API: Described = Described {
    key: KEY,
    name: "DescribeUserScramCredentials",
    versions: Versions { min: 0, max: 0 },
    flexible: 0,
};
/// The API's number on the wire.
pub const KEY: i16 = 50;

/// Which SCRAM credentials users have.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeUserScramCredentialsRequest {
    /// `Users`, always there, may be null.
    pub users: Option<List<UserName>>,
}

impl DescribeUserScramCredentialsRequest {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.users = r.array_or_null(true, true, 2, v, UserName::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.array_or_null(true, true, self.users.as_ref(), v, UserName::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct UserName {
    /// `Name`, always there.
    pub name: String,
}

impl UserName {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.name = r.string(true)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.string(true, &self.name);
        w.no_tags();
    }
}

/// Which SCRAM credentials users have.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeUserScramCredentialsResponse {
    /// `ThrottleTimeMs`, always there.
    pub throttle_time_ms: i32,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `Results`, always there.
    pub results: List<DescribeUserScramCredentialsResult>,
}

impl DescribeUserScramCredentialsResponse {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.throttle_time_ms = r.int32()?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.results = r.array(true, 6, v, DescribeUserScramCredentialsResult::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.int32(self.throttle_time_ms);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.array(true, &self.results, v, DescribeUserScramCredentialsResult::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct DescribeUserScramCredentialsResult {
    /// `User`, always there.
    pub user: String,
    /// `ErrorCode`, always there.
    pub error_code: i16,
    /// `ErrorMessage`, always there, may be null.
    pub error_message: Option<String>,
    /// `CredentialInfos`, always there.
    pub credential_infos: List<CredentialInfo>,
}

impl DescribeUserScramCredentialsResult {
    pub(crate) fn read(r: &mut Reader<'_>, v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.user = r.string(true)?;
        it.error_code = r.int16()?;
        it.error_message = r.string_or_null(true, true)?;
        it.credential_infos = r.array(true, 6, v, CredentialInfo::read)?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, v: i16) {
        w.string(true, &self.user);
        w.int16(self.error_code);
        w.string_or_null(true, true, self.error_message.as_deref());
        w.array(true, &self.credential_infos, v, CredentialInfo::write);
        w.no_tags();
    }
}

/// In versions 0.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct CredentialInfo {
    /// `Mechanism`, always there.
    pub mechanism: i8,
    /// `Iterations`, always there.
    pub iterations: i32,
}

impl CredentialInfo {
    pub(crate) fn read(r: &mut Reader<'_>, _v: i16) -> Result<Self, WireError> {
        let mut it = Self::default();
        it.mechanism = r.int8()?;
        it.iterations = r.int32()?;
        r.skip_tags()?;
        Ok(it)
    }

    pub(crate) fn write(&self, w: &mut Writer, _v: i16) {
        w.int8(self.mechanism);
        w.int32(self.iterations);
        w.no_tags();
    }
}

message!(DescribeUserScramCredentialsRequest);
message!(DescribeUserScramCredentialsResponse);
impl Request for DescribeUserScramCredentialsRequest {
    type Response = DescribeUserScramCredentialsResponse;

    fn throttled(response: &mut DescribeUserScramCredentialsResponse, ms: i32) {
        response.throttle_time_ms = ms;
    }
}
