//! Every bound has its name here, and the relations between bounds are checked by the compiler.

/// Memory and direct I/O are aligned to this many bytes unless the device asks for more.
pub const BLOCK_BYTES: usize = 4096;

/// The largest single allocation on the request path, in bytes.
pub const REQUEST_ALLOC_BYTES_MAX: usize = 128 * 1024;

/// The largest chunk of a log's tail, and the size of a receive buffer, in bytes.
pub const CHUNK_BYTES_MAX: usize = 128 * 1024;

/// A frame's size on the wire, in bytes: Kafka's `socket.request.max.bytes`.
pub const FRAME_BYTES_MAX: usize = 100 * 1024 * 1024;

/// A frame's size before the client has authenticated, on listeners that authenticate, in bytes.
pub const FRAME_BYTES_UNAUTHENTICATED_MAX: usize = 64 * 1024;

/// Seconds a client may take to complete a frame it has begun.
pub const FRAME_SECONDS_MAX: u64 = 30;

/// The longest topic name, in bytes.
pub const TOPIC_NAME_BYTES_MAX: usize = 249;

/// Partitions one CreateTopics may ask for in all.
pub const PARTITIONS_PER_REQUEST_MAX: i32 = 10_000;

/// Unknown tagged fields skipped in one message before the connection is closed.
pub const TAGGED_FIELDS_MAX: usize = 10_000;

/// The longest string of the protocol, in bytes: Kafka refuses longer ones in every version.
pub const WIRE_STRING_BYTES_MAX: usize = 0x7fff;

/// Memory that decoding one frame may take: this many times the frame's bytes ...
pub const DECODE_EXPANSION_MAX: usize = 4;

/// ... and this many bytes more, so that long lists of short names still fit.
pub const DECODE_SLACK_BYTES: usize = 1024 * 1024;

/// A record batch's fixed header, in bytes (Kafka's message format version 2).
pub const BATCH_HEADER_BYTES: usize = 61;

/// What the records of a compressed batch may unpack to, in bytes, where the largest batch is so
/// small that [`UNPACKED_RATIO_MAX`] of it is less.
pub const UNPACKED_BYTES_MIN: usize = 32 * 1024 * 1024;

/// How many times the largest batch the records of a compressed one may unpack to.
pub const UNPACKED_RATIO_MAX: usize = 32;

/// The largest zstd window that is held to look into a produced batch, in bytes.
pub const UNPACK_WINDOW_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The largest raw snappy block that is held to look into a produced batch, in bytes.
pub const UNPACK_BLOCK_BYTES_MAX: usize = 14 * 1024 * 1024;

/// Records of one batch that are named when it is refused; the rest are refused unnamed.
pub const RECORD_REFUSALS_MAX: usize = 1_000;

/// Memory for the ids that one group has given out to members that did not join with them yet, in
/// bytes: about 40,000 of ordinary length. They lapse with the session that was asked for.
pub const PENDING_MEMBERS_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Memory that a compiled pattern of topics may take, in bytes. Looking at one byte of a name takes
/// time in proportion to it, at worst half a nanosecond for each byte of these.
pub const PATTERN_BYTES_MAX: usize = 64 * 1024;

/// The longest pattern of topics, in bytes.
pub const PATTERN_TEXT_BYTES_MAX: usize = 8 * 1024;

/// The longest pattern of topics that names more than ASCII, in bytes: each of its classes may be
/// of hundreds of ranges.
pub const PATTERN_UNICODE_BYTES_MAX: usize = 64;

/// Names are looked at in one turn as long as the bytes of a pattern, times the bytes of the names,
/// are below this: about 8 ms at worst, far less of an ordinary pattern.
pub const PATTERN_TURN_COST: usize = 16 * 1024 * 1024;

/// How deep the parts of a pattern may lie in each other.
pub const PATTERN_DEPTH_MAX: u32 = 250;

const _: () = assert!(PATTERN_TURN_COST.is_multiple_of(PATTERN_BYTES_MAX));
const _: () = assert!(PATTERN_TURN_COST / PATTERN_BYTES_MAX >= TOPIC_NAME_BYTES_MAX);
const _: () = assert!(PATTERN_UNICODE_BYTES_MAX < PATTERN_TEXT_BYTES_MAX);
const _: () = assert!(BLOCK_BYTES.is_power_of_two());
const _: () = assert!(CHUNK_BYTES_MAX.is_multiple_of(BLOCK_BYTES));
const _: () = assert!(CHUNK_BYTES_MAX <= REQUEST_ALLOC_BYTES_MAX);
const _: () = assert!(FRAME_BYTES_UNAUTHENTICATED_MAX < FRAME_BYTES_MAX);
const _: () = assert!(FRAME_BYTES_MAX < i32::MAX as usize);
// A byte that is not UTF-8 becomes a three-byte replacement character.
const _: () = assert!(3 * WIRE_STRING_BYTES_MAX <= REQUEST_ALLOC_BYTES_MAX);
const _: () = assert!(FRAME_BYTES_UNAUTHENTICATED_MAX <= DECODE_SLACK_BYTES);
const _: () = assert!(UNPACK_WINDOW_BYTES_MAX.is_power_of_two());
const _: () = assert!(UNPACK_WINDOW_BYTES_MAX <= UNPACK_BLOCK_BYTES_MAX);
const _: () = assert!(UNPACK_BLOCK_BYTES_MAX < 16 * 1024 * 1024);
const _: () = assert!(UNPACK_BLOCK_BYTES_MAX < UNPACKED_BYTES_MIN);
