//! What strangers send, value by value.

use super::*;

fn with<T>(bytes: &[u8], read: impl Fn(&mut Reader<'_>) -> T) -> T {
    read(&mut Reader::new(&[bytes]))
}

#[test]
fn numbers_are_read_across_slices() {
    let slices: [&[u8]; 5] = [&[1], &[], &[2, 3], &[], &[4, 5, 6, 7, 8, 9]];
    let mut reader = Reader::new(&slices);
    assert_eq!(reader.remaining(), 9);
    assert_eq!(reader.int8(), Ok(1));
    assert_eq!(reader.int64(), Ok(0x0203_0405_0607_0809));
    assert_eq!((reader.remaining(), reader.position()), (0, 9));
    assert_eq!(reader.int8(), Err(WireError::Truncated));
}

#[test]
fn varints_may_be_padded_to_five_bytes() {
    let varint = |bytes: &[u8]| with(bytes, |r| r.unsigned_varint());
    assert_eq!(varint(&[0]), Ok(0));
    assert_eq!(varint(&[0xac, 2]), Ok(300));
    assert_eq!(varint(&[0xac, 0x82, 0x80, 0x80, 0]), Ok(300));
    assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x0f]), Ok(u32::MAX));
    assert_eq!(varint(&[0xff, 0xff, 0xff, 0xff, 0x7f]), Ok(u32::MAX), "as Kafka drops them");
    assert_eq!(varint(&[0x80; 6]), Err(WireError::NumberTooLong));
    assert_eq!(varint(&[0x80; 4]), Err(WireError::Truncated));
}

#[test]
fn lengths_are_checked_before_anything_is_made() {
    let array = |bytes: &[u8], flex| with(bytes, |r| r.array(flex, 4, 0, |r, _| r.int32()));
    assert_eq!(array(&[0x7f, 0xff, 0xff, 0xff, 1, 2], false), Err(WireError::Truncated));
    assert_eq!(array(&[0xff, 0xff, 0xff, 0xfe], false), Err(WireError::NegativeLength));
    assert_eq!(array(&[0xff, 0xff, 0xff, 0xff], false), Err(WireError::Null));
    assert_eq!(array(&[0xff, 0xff, 0xff, 0xff, 0x0f], true), Err(WireError::Truncated));
    assert_eq!(array(&[0], true), Err(WireError::Null));
    assert_eq!(array(&[2, 0, 0, 0, 9], true), Ok(List::from([9])));
    let early = with(&[0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 9], |r| {
        assert_eq!(r.array(false, 4, 0, |r, _| r.int32()), Err(WireError::Truncated));
        r.position()
    });
    assert_eq!(early, 4, "before the first element");
    let string = |bytes: &[u8], flex| with(bytes, |r| r.string(flex));
    assert_eq!(string(&[0xff, 0xfe], false), Err(WireError::NegativeLength));
    assert_eq!(string(&[0x7f, 0xff, b'a'], false), Err(WireError::Truncated));
    assert_eq!(string(&[0x81, 0x80, 2], true), Err(WireError::StringTooLong));
    let records = |bytes: &[u8]| with(bytes, |r| r.records_or_null(false, true));
    assert_eq!(records(&[0, 0, 0, 2, 7]), Err(WireError::Truncated));
    assert_eq!(records(&[0, 0, 0, 1, 7]), Ok(Some(FrameRange { start: 4, len: 1 })));
    assert_eq!(records(&[0xff; 4]), Ok(None));
}

#[test]
fn strings_are_what_java_makes_of_them() {
    let slices: [&[u8]; 3] = [&[0, 4, 0xc3], &[0xa4, b'b'], b"c"];
    assert_eq!(Reader::new(&slices).string(false).as_deref(), Ok("äbc"));
    let broken = [&b"\0\x04a\xff\xfeb"[..]];
    assert_eq!(Reader::new(&broken).string(false).as_deref(), Ok("a\u{fffd}\u{fffd}b"));
    let broken: [&[u8]; 2] = [&[0, 4, b'a', 0xff], &[0xfe, b'b']];
    assert_eq!(Reader::new(&broken).string(false).as_deref(), Ok("a\u{fffd}\u{fffd}b"));
}

#[test]
fn bytes_are_gathered_in_pieces() {
    let part = [5u8; 70_000];
    let head = 210_001u32.to_be_bytes();
    let slices: [&[u8]; 5] = [&head, &part, &part, &part, &[6]];
    let bytes = Reader::new(&slices).bytes(false).unwrap();
    assert_eq!(bytes.len(), 210_001);
    assert_eq!(bytes[210_000], 6);
    assert!(bytes.chunks().iter().all(|chunk| chunk.capacity() <= 128 * 1024));
}

#[test]
fn tags_may_come_in_any_order_and_twice() {
    // Field 5 is unknown; 0 comes twice, the later counts; 1 has a byte nobody asks for.
    let section = [4, 5, 1, 9, 0, 1, 7, 1, 2, 8, 99, 0, 1, 6];
    let slices = [&section[..]];
    let mut reader = Reader::new(&slices);
    let (mut zero, mut one) = (0, 0);
    for _ in 0..reader.tag_count().unwrap() {
        let tag = reader.tag().unwrap();
        match tag.number {
            0 => zero = reader.int8().unwrap(),
            1 => one = reader.int8().unwrap(),
            _ => reader.unknown_tag().unwrap(),
        }
        reader.end_tag(tag).unwrap();
    }
    assert_eq!((zero, one, reader.remaining()), (6, 8, 0));
    let tag_of_one = [&[0, 1, 1, 2, 3][..]];
    let mut reader = Reader::new(&tag_of_one);
    let tag = reader.tag().unwrap();
    reader.int16().unwrap();
    assert_eq!(reader.end_tag(tag), Err(WireError::TagTooLong));
}

#[test]
fn unknown_tags_end_at_their_limit() {
    let count = TAGGED_FIELDS_MAX + 1;
    let mut section = vec![0x80 | (count & 0x7f) as u8, (count >> 7) as u8];
    assert!(count < 1 << 14);
    section.extend(std::iter::repeat_n([3, 0], count).flatten());
    assert_eq!(with(&section, |r| r.skip_tags()), Err(WireError::TooManyTags));
    assert_eq!(with(&[0xff, 0xff, 0x7f, 0, 0], |r| r.skip_tags()), Err(WireError::Truncated));
}

#[test]
fn a_frame_cannot_grow_without_bound() {
    // A million empty strings: two bytes each here, 24 there.
    let mut frame = 1_000_000u32.to_be_bytes().to_vec();
    frame.resize(2_000_004, 0);
    let read = with(&frame, |r| r.array(false, 2, 0, |r, _| r.string(false)));
    assert_eq!(read, Err(WireError::ExpandsTooMuch));
}
