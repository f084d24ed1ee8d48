//! What batches and cuts do to what is known of producers.

use engine_record::{BatchBuilder, Codec};

use super::*;

fn header(id: i64, epoch: i16, sequence: i32, records: usize) -> BatchHeader {
    let mut builder = BatchBuilder::new().producer(id, epoch, sequence);
    for i in 0..records {
        builder.append(100 + i as i64, None, None, &[]);
    }
    let bytes = builder.finish(Codec::None);
    BatchHeader::read(bytes.first_chunk().expect("a header"))
}

/// Batches of one record, one after the other: producer, epoch, sequence.
fn of(batches: &[(i64, i16, i32)]) -> Producers {
    let mut producers = Producers::new(0);
    for (base, (id, epoch, sequence)) in (0..).zip(batches) {
        producers.note(&header(*id, *epoch, *sequence, 1), base, 1_000 + base);
    }
    producers
}

fn sequences(producers: &Producers, id: i64) -> (i32, Vec<i32>) {
    let producer = producers.get(id).expect("it is known");
    (producer.last_sequence, producer.batches.iter().map(|batch| batch.first_sequence).collect())
}

#[test]
fn sequences_wrap_behind_the_largest() {
    assert_eq!(sequence_after(i32::MAX, 0), i32::MAX);
    assert_eq!(sequence_after(i32::MAX, 1), 0);
    assert_eq!(sequence_after(i32::MAX - 1, 3), 1);
    assert_eq!(sequence_after(7, 0), 7);
    let mut producers = Producers::new(0);
    producers.note(&header(1, 0, i32::MAX - 1, 3), 0, 0);
    assert_eq!(producers.get(1).expect("known").last_sequence, 0);
}

#[test]
fn the_last_five_batches_of_an_epoch_are_kept() {
    let mut producers = of(&[(7, 0, 0), (7, 0, 1), (7, 0, 2), (7, 0, 3), (7, 0, 4), (7, 0, 5)]);
    assert_eq!(sequences(&producers, 7), (5, vec![1, 2, 3, 4, 5]));
    producers.note(&header(7, 1, 0, 1), 6, 0);
    assert_eq!(sequences(&producers, 7), (0, vec![0]), "a new epoch begins anew");
    producers.note(&header(-1, -1, -1, 1), 7, 0);
    assert_eq!((producers.len(), producers.upto()), (1, 8), "of nobody");
}

#[test]
fn a_cut_goes_back_to_what_came_before_it() {
    let whole = of(&[(7, 0, 0), (8, 0, 9), (7, 0, 1), (7, 0, 2), (8, 0, 10), (9, 2, 0)]);
    let mut cut = whole.clone();
    cut.cut(3);
    assert_eq!(sequences(&cut, 7), (1, vec![0, 1]));
    assert_eq!(sequences(&cut, 8), (9, vec![9]));
    assert_eq!(cut.get(9), None);
    // What follows is as if it had never been.
    assert_eq!(cut.upto(), 3);
    cut.note(&header(7, 0, 2, 1), 3, 1_003);
    cut.note(&header(8, 0, 10, 1), 4, 1_004);
    cut.note(&header(9, 2, 0, 1), 5, 1_005);
    assert_eq!(cut, whole);
}

#[test]
fn a_cut_below_all_that_is_kept_knows_the_sequence_before() {
    let batches: Vec<(i64, i16, i32)> = (0..9).map(|sequence| (7, 0, sequence)).collect();
    let mut cut = of(&batches);
    cut.cut(2);
    assert_eq!(sequences(&cut, 7), (3, vec![]), "5 were kept, from 4 on");
    cut.cut(0);
    let mut begun = of(&[(7, 3, 0)]);
    begun.cut(0);
    assert_eq!(begun.get(7), None, "nothing is known before its first");
}

#[test]
fn the_most_silent_makes_room() {
    let mut producers = Producers::new(0);
    for base in 0..PRODUCERS_MAX as i64 {
        producers.note(&header(base, 0, 0, 1), base, 0);
    }
    producers.note(&header(0, 0, 1, 1), PRODUCERS_MAX as i64, 0);
    producers.note(&header(-5 + 1_000_000, 0, 0, 1), PRODUCERS_MAX as i64 + 1, 0);
    assert_eq!(producers.len(), PRODUCERS_MAX);
    assert!(producers.get(0).is_some(), "it was heard of again");
    assert!(producers.get(1).is_none(), "then this one is the most silent");
    assert!(producers.get(2).is_some());
}

#[test]
fn the_silent_expire_and_unknown_times_are_now() {
    let mut producers = of(&[(1, 0, 0), (2, 0, 0), (3, 0, 0)]);
    producers.note(&header(4, 0, 0, 1), 3, 0);
    producers.settle_walls(1_001);
    producers.expire(1_001);
    assert_eq!(producers.iter().map(|(id, _)| id).collect::<Vec<_>>(), [2, 3, 4]);
    producers.expire(1_002);
    assert_eq!(producers, Producers { upto: 4, ..Producers::default() });
}

#[test]
fn what_is_encoded_reads_back_and_bent_bytes_do_not() {
    let mut producers = of(&[(7, 0, 0), (8, 0, 9), (7, 0, 1), (7, 0, 2), (8, 0, 10), (9, 2, 0)]);
    producers.cut(5);
    let mut bytes = Vec::new();
    producers.encode(&mut bytes);
    let mut fields = Fields::new(&bytes);
    assert_eq!(Producers::decode(&mut fields), Some(producers));
    assert!(fields.is_empty());
    for len in 0..bytes.len() {
        assert_eq!(Producers::decode(&mut Fields::new(&bytes[..len])), None, "{len} bytes");
    }
    bytes[22] = BATCHES_KEPT as u8 + 1;
    assert_eq!(Producers::decode(&mut Fields::new(&bytes)), None, "more than are kept");
}
