//! How the protocol's values are read from and written to slices of bytes.

pub mod list;
mod reader;
mod writer;

use std::fmt;

use crate::api::Described;

pub use list::{Bytes, List};
pub use reader::{FrameRange, Reader, Tag};
pub use writer::{Encoded, Piece, Tags, Writer};

/// Why bytes are not a message, or a message cannot become bytes. The connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// The frame ends before the value does, or a count is more than what remains can hold.
    Truncated,
    /// A length below -1.
    NegativeLength,
    /// Null where the version does not allow it.
    Null,
    /// A string of more than [`engine_base::limits::WIRE_STRING_BYTES_MAX`] bytes.
    StringTooLong,
    /// A variable-length number of more than five bytes.
    NumberTooLong,
    /// More unknown tagged fields than [`engine_base::limits::TAGGED_FIELDS_MAX`].
    TooManyTags,
    /// A tagged field is longer than it said.
    TagTooLong,
    /// Decoding would take more than [`engine_base::limits::DECODE_EXPANSION_MAX`] allows.
    ExpandsTooMuch,
    /// It names more topics or partitions than the reader takes: this many.
    TooMany(usize),
    /// No API has this key.
    UnknownApi(i16),
    /// The version is not described.
    UnknownVersion(i16),
    /// The encoded frame is longer than [`engine_base::limits::FRAME_BYTES_MAX`].
    FrameTooLong,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WireError::Truncated => f.write_str("the frame ends before the message does"),
            WireError::NegativeLength => f.write_str("a length is negative"),
            WireError::Null => f.write_str("null where this version has no null"),
            WireError::StringTooLong => f.write_str("a string is longer than 32767 bytes"),
            WireError::NumberTooLong => f.write_str("a varint has more than five bytes"),
            WireError::TooManyTags => f.write_str("too many unknown tagged fields"),
            WireError::TagTooLong => f.write_str("a tagged field is longer than it said"),
            WireError::ExpandsTooMuch => f.write_str("decoded, it would take too much memory"),
            WireError::TooMany(most) => write!(f, "more topics or partitions than {most}"),
            WireError::UnknownApi(key) => write!(f, "no API has the key {key}"),
            WireError::UnknownVersion(version) => write!(f, "version {version} is not known"),
            WireError::FrameTooLong => f.write_str("the frame would be too long"),
        }
    }
}

impl std::error::Error for WireError {}

/// A whole request or response.
pub trait Message: Sized + Default {
    /// The API it belongs to.
    const API: &'static Described;

    /// Reads one; what follows it in the frame is left alone.
    fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, WireError>;

    /// Writes one. Fields that `version` does not have are left out, and a null that it does not
    /// have is written as empty. Panics where the version is not described.
    fn encode(&self, writer: &mut Writer, version: i16);
}

/// A request, which knows its response.
pub trait Request: Message {
    /// What answers it.
    type Response: Message;

    /// Tells the client how long it is throttled, in milliseconds, where a response can say so.
    fn throttled(_response: &mut Self::Response, _ms: i32) {}
}

/// What every generated message has besides its fields.
macro_rules! message {
    ($name:ident) => {
        impl $name {
            /// Reads one; what follows it in the frame is left alone.
            pub fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, WireError> {
                if !API.versions.contains(version) {
                    return Err(WireError::UnknownVersion(version));
                }
                Self::read(reader, version)
            }

            /// Writes one. Fields that `version` does not have are left out, and a null that it
            /// does not have is written as empty. Panics where the version is not described.
            pub fn encode(&self, writer: &mut Writer, version: i16) {
                assert!(API.versions.contains(version), "{} has no version {version}", API.name);
                self.write(writer, version);
            }
        }

        impl crate::codec::Message for $name {
            const API: &'static Described = &API;

            fn decode(reader: &mut Reader<'_>, version: i16) -> Result<Self, WireError> {
                $name::decode(reader, version)
            }

            fn encode(&self, writer: &mut Writer, version: i16) {
                $name::encode(self, writer, version);
            }
        }
    };
}
pub(crate) use message;
