//! What stands before a message: the frame's length and the request's or response's header.
//!
//! Kept true: a header is read and written in the version that its API and version ask for, which
//! only [`crate::api`] knows.

use crate::api::{self, Described};
use crate::codec::{Encoded, Reader, Request, WireError, Writer};

/// What stands before every request. Written by the client, so that the version of the header
/// follows from the API and the version that it names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestHeader {
    /// Which API.
    pub api_key: i16,
    /// Which version of it.
    pub api_version: i16,
    /// Comes back in the response.
    pub correlation_id: i32,
    /// What the client calls itself.
    pub client_id: Option<String>,
}

impl RequestHeader {
    /// Reads the header of a frame whose length has been taken off. A version that is not
    /// described does not matter here; a key that is not described ends it.
    pub fn decode(reader: &mut Reader<'_>) -> Result<RequestHeader, WireError> {
        RequestHeader::decode_with(reader, |reader| reader.string_or_null(false, true))
    }

    /// Reads the header as [`RequestHeader::decode`] does, but passes over the client's name: for
    /// the hot path, where nothing is allocated for it.
    pub fn decode_nameless(reader: &mut Reader<'_>) -> Result<RequestHeader, WireError> {
        RequestHeader::decode_with(reader, |reader| {
            reader.text_or_null(false)?;
            Ok(None)
        })
    }

    fn decode_with<'a>(
        reader: &mut Reader<'a>,
        client_id: impl FnOnce(&mut Reader<'a>) -> Result<Option<String>, WireError>,
    ) -> Result<RequestHeader, WireError> {
        let api_key = reader.int16()?;
        let api_version = reader.int16()?;
        let correlation_id = reader.int32()?;
        let described = api::find(api_key).ok_or(WireError::UnknownApi(api_key))?.described;
        // Never compact: brokers of any age must be able to read it.
        let client_id = client_id(reader)?;
        if described.request_header(api_version) >= 2 {
            reader.skip_tags()?;
        }
        Ok(RequestHeader { api_key, api_version, correlation_id, client_id })
    }

    /// Writes the header for a request of `described`, which its key names.
    fn encode(&self, writer: &mut Writer, described: &Described) {
        assert_eq!(self.api_key, described.key, "a header names its API");
        writer.int16(self.api_key);
        writer.int16(self.api_version);
        writer.int32(self.correlation_id);
        writer.string_or_null(false, true, self.client_id.as_deref());
        if described.request_header(self.api_version) >= 2 {
            writer.no_tags();
        }
    }
}

/// A request's whole frame, its length first. Record bytes are gaps.
pub fn request<R: Request>(
    request: &R,
    version: i16,
    correlation_id: i32,
    client_id: Option<&str>,
) -> Result<Encoded, WireError> {
    let header = RequestHeader {
        api_key: R::API.key,
        api_version: version,
        correlation_id,
        client_id: client_id.map(str::to_owned),
    };
    let mut writer = Writer::framed();
    header.encode(&mut writer, R::API);
    request.encode(&mut writer, version);
    writer.finish()
}

/// A response's whole frame, its length first, with what `body` writes. Record bytes are gaps.
pub fn response(
    described: &Described,
    version: i16,
    correlation_id: i32,
    body: impl FnOnce(&mut Writer),
) -> Result<Encoded, WireError> {
    let mut writer = Writer::framed();
    write_response(&mut writer, described, version, correlation_id, body);
    writer.finish()
}

/// The same for a small response without record bytes, in memory that was used before.
pub fn small_response(
    memory: Vec<u8>,
    described: &Described,
    version: i16,
    correlation_id: i32,
    body: impl FnOnce(&mut Writer),
) -> Result<Vec<u8>, WireError> {
    let mut writer = Writer::framed_in(memory);
    write_response(&mut writer, described, version, correlation_id, body);
    writer.finish_small()
}

fn write_response(
    writer: &mut Writer,
    described: &Described,
    version: i16,
    correlation_id: i32,
    body: impl FnOnce(&mut Writer),
) {
    writer.int32(correlation_id);
    if described.response_header(version) >= 1 {
        writer.no_tags();
    }
    body(writer);
}

/// Reads the header of a response to `described`, whose frame's length has been taken off; gives
/// the correlation id.
pub fn response_header(
    reader: &mut Reader<'_>,
    described: &Described,
    version: i16,
) -> Result<i32, WireError> {
    let correlation_id = reader.int32()?;
    if described.response_header(version) >= 1 {
        reader.skip_tags()?;
    }
    Ok(correlation_id)
}

#[cfg(test)]
#[path = "frame_test.rs"]
mod frame_test;
