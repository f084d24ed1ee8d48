//! Kafka's grammar, bounded.
//!
//! Kept true: whatever a stranger sends, decoding takes no more memory than a few times the bytes
//! that came ([`engine_base::limits::DECODE_EXPANSION_MAX`]), never more than 128 KiB at once, and
//! never panics. Record bytes are not decoded here and never copied: a request names them by their
//! place in its frame, a response leaves a gap for them.
//!
//! [`messages`] is generated from `net/wire/messages/*.txt`; [`api`] is the one list of what is
//! described and what is served; [`produce_view`] is the hot path of Produce.

pub mod api;
pub mod codec;
pub mod frame;
#[path = "generated/mod.rs"]
pub mod messages;
pub mod produce_view;

pub use codec::{
    Bytes, Encoded, FrameRange, List, Message, Piece, Reader, Request, WireError, Writer,
};
pub use frame::RequestHeader;
