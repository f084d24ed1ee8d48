//! Headers, byte by byte.

use super::*;
use crate::messages::metadata::{self, MetadataRequest, MetadataResponse};

#[test]
fn a_request_of_version_8_has_header_1() {
    let encoded = request(&MetadataRequest::default(), 8, 7, Some("me")).unwrap();
    let frame = encoded.join(&[]);
    let want: &[u8] = &[
        0, 0, 0, 19, 0, 3, 0, 8, 0, 0, 0, 7, 0, 2, b'm', b'e', // header
        0xff, 0xff, 0xff, 0xff, 1, 0, 0, // null topics, three flags
    ];
    assert_eq!(frame, want);
    let slices = [&frame[4..9], &frame[9..]];
    let mut reader = Reader::new(&slices);
    let header = RequestHeader::decode(&mut reader).unwrap();
    assert_eq!(header.client_id.as_deref(), Some("me"));
    assert_eq!((header.api_key, header.api_version, header.correlation_id), (3, 8, 7));
    assert_eq!(MetadataRequest::decode(&mut reader, 8), Ok(MetadataRequest::default()));
    assert_eq!(reader.remaining(), 0);
}

#[test]
fn a_request_of_version_9_has_header_2_with_the_old_client_id() {
    let frame = request(&MetadataRequest::default(), 9, 7, None).unwrap().join(&[]);
    let want: &[u8] = &[
        0, 0, 0, 16, 0, 3, 0, 9, 0, 0, 0, 7, 0xff, 0xff,
        0, // header, with an empty tag section
        0, 1, 0, 0, 0, // null topics, three flags, no tags
    ];
    assert_eq!(frame, want);
}

#[test]
fn responses_carry_their_header() {
    for (version, bytes) in [(8, 4), (9, 5)] {
        let body = MetadataResponse::default();
        let encoded = response(&metadata::API, version, -2, |w| body.encode(w, version)).unwrap();
        let frame = encoded.join(&[]);
        assert_eq!(frame.len(), encoded.len());
        assert_eq!(frame[..4], ((frame.len() - 4) as u32).to_be_bytes());
        let slices = [&frame[4..]];
        let mut reader = Reader::new(&slices);
        assert_eq!(response_header(&mut reader, &metadata::API, version), Ok(-2));
        assert_eq!(reader.position(), bytes);
        assert_eq!(MetadataResponse::decode(&mut reader, version), Ok(body));
    }
}

#[test]
fn an_unknown_key_ends_it_and_an_unknown_version_does_not() {
    let slices = [&[0, 4, 0, 0, 0, 0, 0, 1, 0xff, 0xff][..]];
    let refused = RequestHeader::decode(&mut Reader::new(&slices));
    assert_eq!(refused, Err(WireError::UnknownApi(4)));
    let slices = [&[0, 18, 0, 99, 0, 0, 0, 1, 0xff, 0xff, 0][..]];
    let header = RequestHeader::decode(&mut Reader::new(&slices)).unwrap();
    assert_eq!(header.api_version, 99);
}

#[test]
fn a_small_response_has_the_same_bytes_in_used_memory() {
    for version in [8, 9] {
        let body = MetadataResponse::default();
        let write = |writer: &mut Writer| body.encode(writer, version);
        let usual = response(&metadata::API, version, 5, write).unwrap().join(&[]);
        let used = Vec::from([7; 500]);
        let small = small_response(used, &metadata::API, version, 5, write).unwrap();
        assert_eq!(small, usual);
        assert!(small.capacity() >= 500, "nothing new was allocated");
    }
}

#[test]
fn a_header_can_be_read_without_the_name() {
    for version in [8, 9] {
        let frame = request(&MetadataRequest::default(), version, 7, Some("me")).unwrap().join(&[]);
        let slices = [&frame[4..]];
        let (mut named, mut nameless) = (Reader::new(&slices), Reader::new(&slices));
        let with = RequestHeader::decode(&mut named).unwrap();
        let without = RequestHeader::decode_nameless(&mut nameless).unwrap();
        assert_eq!(RequestHeader { client_id: None, ..with }, without);
        assert_eq!(named.remaining(), nameless.remaining());
    }
}
