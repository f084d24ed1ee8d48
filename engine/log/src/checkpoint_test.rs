//! A checkpoint is read back as it was written, and any changed byte of it is noticed.

use super::*;

const SHARD: Uuid = Uuid([4; 16]);

fn example() -> Checkpoint {
    let sealed = Sealed {
        base: 0,
        end: 50,
        bytes: 9000,
        side_bytes: 192,
        max_timestamp: 77,
        wall_ms: 78,
        first_wall_ms: 70,
        revision: 3,
    };
    let open = OpenSegment {
        base: 50,
        position: 4096,
        side_bytes: 64,
        max_timestamp: 99,
        first_wall_ms: 12,
        cut: Cut { first: 60, last: 64, max_timestamp: 98, length: 500, skip: 96 },
    };
    let log = |id| LogImage {
        id: LogId(id),
        start: 3,
        as_of: 40,
        hard_state: HardState { term: 4, ..HardState::default() },
        epochs: vec![(1, 0), (4, 55)],
        producers: Producers::new(65),
        producers_as_of: 43,
        cleaned: 20,
        sealed: vec![sealed],
        open,
        tail: b"the rest of it".to_vec(),
    };
    Checkpoint {
        number: 8,
        generation: 2,
        began: 42,
        sequence: 44,
        replay: Place { file: 1, offset: 8192 },
        after: 40,
        previous_crc: 0x1234_5678,
        logs: vec![log(1), log(9)],
    }
}

/// The whole file.
fn encode(checkpoint: &Checkpoint) -> Vec<u8> {
    let mut body = Body::default();
    checkpoint.logs.iter().for_each(|log| body.push(log));
    let head = checkpoint.encode_head(SHARD, &body);
    [head.to_vec(), body.into_pieces().concat()].concat()
}

#[test]
fn a_body_of_many_pieces_has_the_checksum_of_the_whole() {
    let mut many = example();
    let mut log = many.logs.remove(0);
    log.tail = vec![7; 100_000];
    many.logs = (0..9).map(|id| LogImage { id: LogId(id), ..log.clone() }).collect();
    let mut body = Body::default();
    many.logs.iter().for_each(|log| body.push(log));
    assert!(body.into_pieces().len() > 2, "the example is large enough");
    assert_eq!(Checkpoint::decode(SHARD, &encode(&many), "c"), Ok(many));
}

#[test]
fn a_checkpoint_reads_back_with_padding_behind_it() {
    let mut bytes = encode(&example());
    bytes.resize(4096, 0);
    assert_eq!(Checkpoint::decode(SHARD, &bytes, "c"), Ok(example()));
    assert!(Checkpoint::decode(Uuid([5; 16]), &bytes, "c").is_err());
}

#[test]
fn any_flipped_byte_and_any_cut_is_found() {
    let bytes = encode(&example());
    for i in 0..bytes.len() {
        let mut rotten = bytes.clone();
        rotten[i] ^= 0x21;
        assert!(Checkpoint::decode(SHARD, &rotten, "c").is_err(), "byte {i}");
        assert!(Checkpoint::decode(SHARD, &bytes[..i], "c").is_err(), "cut to {i}");
    }
}
