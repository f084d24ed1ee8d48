//! Frames come out as they went in, however the bytes arrive, and nothing is copied for it.

use std::ops::Range;

use engine_rt::Core;
use engine_rt::sim::{Disk, SimOptions, World};

use super::*;

const FRAME_BYTES_MAX: usize = 4 << 20;

fn core(seed: u64) -> Core {
    World::new(seed, SimOptions::default()).core(&Disk::new(1 << 20, 512))
}

fn framed(bodies: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for body in bodies {
        bytes.extend(u32::try_from(body.len()).expect("a small frame").to_be_bytes());
        bytes.extend(body);
    }
    bytes
}

fn bytes_of(frame: &Frame) -> Vec<u8> {
    frame.pieces().flat_map(|piece| piece.iter().copied()).collect()
}

/// Receives up to `most` of these bytes; gives how many.
fn receive(inbound: &mut Inbound, bytes: &[u8], most: usize) -> usize {
    let mut buf = match inbound.next() {
        Next::Into(buf) => buf,
        Next::Lent(want) => inbound.core.buf(want),
    };
    assert!(buf.capacity() <= CHUNK_BYTES_MAX, "{}", buf.capacity());
    let now = bytes.len().min(most).min(buf.room());
    assert!(now > 0, "there is always room");
    buf.append(&bytes[..now]);
    inbound.received(buf, now);
    now
}

fn within(core: &Core, range: Range<u64>) -> usize {
    let number = range.start + core.random() % (range.end - range.start);
    usize::try_from(number).expect("a small number")
}

#[test]
fn frames_come_out_as_they_went_in_however_they_arrive() {
    for seed in 0..60 {
        let core = core(seed);
        let mut bodies = Vec::new();
        for _ in 0..within(&core, 1..60) {
            let len = match core.random() % 8 {
                0 => within(&core, 100_000..600_000),
                1 => within(&core, 4_000..20_000),
                _ => within(&core, 8..2_000),
            };
            bodies.push((0..len).map(|_| (core.random() & 0xff) as u8).collect::<Vec<u8>>());
        }
        let bytes = framed(&bodies);
        let most = [1, 3, 700, 5_000, 1 << 20][within(&core, 0..5)];
        let bytes = if most < 100 { &bytes[..bytes.len().min(20_000)] } else { &bytes[..] };
        let mut inbound = Inbound::new(core.clone(), FRAME_BYTES_MAX);
        let (mut at, mut cut, mut held) = (0, 0, Vec::new());
        while at < bytes.len() {
            at += receive(&mut inbound, &bytes[at..], most);
            while let Some(frame) = inbound.next_frame().expect("good lengths") {
                assert_eq!(bytes_of(&frame), bodies[cut], "seed {seed}, frame {cut}");
                assert_eq!(frame.len(), bodies[cut].len());
                cut += 1;
                // Some are held for a while, so that their buffers cannot be used again.
                if core.random().is_multiple_of(3) {
                    held.push((cut - 1, frame));
                }
                if held.len() > 8 {
                    held.clear();
                }
            }
        }
        for (number, frame) in held {
            assert_eq!(bytes_of(&frame), bodies[number], "held bytes never change");
        }
        assert!(cut == bodies.len() || most < 100, "seed {seed}: {cut} of {}", bodies.len());
    }
}

#[test]
fn frames_of_one_receive_lie_in_its_buffer() {
    let mut inbound = Inbound::new(core(1), FRAME_BYTES_MAX);
    let bytes = framed(&[vec![1; 100], vec![2; 200]]);
    assert_eq!(receive(&mut inbound, &bytes, 4096), bytes.len());
    let first = inbound.next_frame().expect("good").expect("complete");
    let second = inbound.next_frame().expect("good").expect("complete");
    let at = |frame: &Frame| frame.pieces().next().map(|piece| piece.as_ptr() as usize);
    assert_eq!(at(&first).map(|at| at + 104), at(&second), "side by side, not copied");
    assert!(inbound.next_frame().expect("good").is_none());
    assert!(!inbound.is_begun());
}

#[test]
fn the_rest_of_a_frame_goes_behind_its_beginning() {
    let mut inbound = Inbound::new(core(1), FRAME_BYTES_MAX);
    let bytes = framed(&[vec![1; 100]]);
    receive(&mut inbound, &bytes[..50], 4096);
    assert!(inbound.next_frame().expect("good").is_none());
    receive(&mut inbound, &bytes[50..], 4096);
    let frame = inbound.next_frame().expect("good").expect("complete");
    assert_eq!(frame.pieces().count(), 1, "one buffer");
    assert_eq!(bytes_of(&frame), vec![1; 100]);
}

#[test]
fn between_frames_a_connection_holds_no_buffer() {
    let core = core(1);
    let mut inbound = Inbound::new(core.clone(), FRAME_BYTES_MAX);
    assert!(matches!(inbound.next(), Next::Lent(BLOCK_BYTES)), "nothing has come yet");
    inbound.received(core.buf(BLOCK_BYTES), 0);
    for len in [100, 3_000, 40_000] {
        let bytes = framed(&[vec![7; len]]);
        let mut at = 0;
        while at < bytes.len() {
            at += receive(&mut inbound, &bytes[at..], 1 << 20);
            drop(inbound.next_frame().expect("good"));
        }
        assert!(matches!(inbound.next(), Next::Lent(_)), "a frame of {len} bytes is over");
        assert_eq!(core.stats().pool_lent_bytes, 0, "after a frame of {len} bytes");
        inbound.received(core.buf(BLOCK_BYTES), 0);
    }
}

#[test]
fn an_idle_connection_goes_back_to_small_buffers() {
    let mut inbound = Inbound::new(core(1), FRAME_BYTES_MAX);
    let large = framed(&[vec![1; 400_000]]);
    let mut at = 0;
    while at < large.len() {
        at += receive(&mut inbound, &large[at..], 1 << 20);
        drop(inbound.next_frame().expect("good"));
    }
    let small = framed(&[vec![2; 50]]);
    receive(&mut inbound, &small, 4096);
    drop(inbound.next_frame().expect("good"));
    assert!(matches!(inbound.next(), Next::Lent(BLOCK_BYTES)));
}

#[test]
fn lengths_that_cannot_be_are_named() {
    let judge = |bytes: [u8; 4]| frame_len(bytes, FRAME_BYTES_MAX);
    assert_eq!(judge(8i32.to_be_bytes()), Ok(8));
    for bad in [-1, i32::MIN, 0, 7] {
        assert_eq!(judge(bad.to_be_bytes()), Err(Closed::BadLength(bad)));
    }
    assert_eq!(judge(i32::MAX.to_be_bytes()), Err(Closed::TooLong(i32::MAX)));
    assert_eq!(judge(*b"GET "), Err(Closed::Http));
    assert_eq!(judge([22, 3, 1, 0]), Err(Closed::Tls));
    assert_eq!(judge(5_000_000i32.to_be_bytes()), Err(Closed::TooLong(5_000_000)));
}

#[test]
fn a_length_in_two_pieces_is_read() {
    let mut inbound = Inbound::new(core(1), FRAME_BYTES_MAX);
    let bytes = framed(&[vec![9; 4090], vec![8; 300]]);
    for byte in bytes.chunks(1) {
        receive(&mut inbound, byte, 1);
        assert!(inbound.is_begun());
        if let Some(frame) = inbound.next_frame().expect("good") {
            assert!([4090, 300].contains(&frame.len()));
        }
    }
    assert!(!inbound.is_begun());
}

#[test]
fn requests_of_one_size_lie_in_one_piece_each() {
    let mut inbound = Inbound::new(core(1), FRAME_BYTES_MAX);
    let bytes = framed(&[vec![1; 1142]]);
    let mut held = Vec::new();
    for _ in 0..50 {
        assert_eq!(receive(&mut inbound, &bytes, 1 << 20), bytes.len(), "all at once");
        let frame = inbound.next_frame().expect("good").expect("complete");
        assert_eq!(frame.pieces().count(), 1);
        held.push(frame);
    }
}
