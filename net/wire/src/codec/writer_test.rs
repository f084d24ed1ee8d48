//! Frames with gaps, faults and many chunks.

use super::*;
use crate::codec::Reader;

#[test]
fn gaps_are_filled_in_order() {
    let mut writer = Writer::framed();
    writer.records_or_null(false, true, Some(FrameRange::gap(3)));
    writer.records_or_null(true, true, Some(FrameRange::gap(0)));
    writer.records_or_null(true, true, None);
    writer.records(true, FrameRange::gap(2));
    let encoded = writer.finish().unwrap();
    assert!(encoded.has_gaps());
    assert_eq!(encoded.len(), 4 + 4 + 3 + 1 + 1 + 1 + 2);
    let want = [
        Piece::Written { chunk: 0, bytes: 0..8 },
        Piece::Gap { len: 3 },
        Piece::Written { chunk: 0, bytes: 8..11 },
        Piece::Gap { len: 2 },
    ];
    assert!(encoded.pieces().eq(want));
    let frame = encoded.join(&[b"abc", b"", b"de"]);
    assert_eq!(frame, b"\0\0\0\x0c\0\0\0\x03abc\x01\0\x03de");
}

#[test]
fn a_long_message_is_many_chunks() {
    let mut writer = Writer::framed();
    for index in 0..100_000 {
        writer.int32(index);
        if index % 30_000 == 0 {
            writer.records(false, FrameRange::gap(1));
        }
    }
    let encoded = writer.finish().unwrap();
    assert!(encoded.chunks().len() > 2);
    assert!(encoded.chunks().iter().all(|chunk| chunk.capacity() <= REQUEST_ALLOC_BYTES_MAX));
    let joined = encoded.join(&[b"a", b"b", b"c", b"d"]);
    assert_eq!(joined.len(), encoded.len());
    let slices = [&joined[..]];
    let mut reader = Reader::new(&slices);
    assert_eq!(reader.int32(), Ok(joined.len() as i32 - 4));
    for index in 0..100_000 {
        assert_eq!(reader.int32(), Ok(index));
        if index % 30_000 == 0 {
            reader.records(false).unwrap();
        }
    }
}

#[test]
fn what_cannot_be_encoded_is_told_at_the_end() {
    let mut writer = Writer::new();
    writer.string(false, &"x".repeat(40_000));
    writer.int32(1);
    assert_eq!(writer.finish().err(), Some(WireError::StringTooLong));
    let mut writer = Writer::new();
    let mut tags = Tags::none();
    tags.field(0, |w| w.string(true, &"x".repeat(40_000)));
    writer.tags(tags);
    assert_eq!(writer.finish().err(), Some(WireError::StringTooLong));
    let mut writer = Writer::new();
    writer.records(false, FrameRange::gap(FRAME_BYTES_MAX));
    assert_eq!(writer.finish().err(), Some(WireError::FrameTooLong));
}

#[test]
fn null_where_there_is_none_is_empty() {
    let mut writer = Writer::new();
    writer.string_or_null(false, false, None);
    writer.string_or_null(false, true, None);
    writer.bytes_or_null(true, false, None);
    writer.array_or_null::<i8>(false, false, None, 0, |it, w, _| w.int8(*it));
    assert_eq!(writer.finish().unwrap().join(&[]), [0, 0, 0xff, 0xff, 1, 0, 0, 0, 0]);
}
