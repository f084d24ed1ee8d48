//! Batches in chunks as the segment file will have them.

use engine_record::{BatchBuilder, BatchView, Codec, Rope};
use engine_rt::sim::{Disk, SimOptions, World};

use std::cell::Cell;
use std::rc::Rc;

use super::*;

/// A world only for its memory pool.
fn with_source(test: impl FnOnce(&ChunkSource<'_>)) {
    let world = World::new(1, SimOptions::default());
    let core = world.core(&Disk::new(1 << 20, 4096));
    let gauge = Rc::new(Cell::new(0));
    let bytes = [4096, 8192, 16384];
    test(&ChunkSource { core: &core, gauge: &gauge, bytes, bytes_max: usize::MAX });
    assert_eq!(gauge.get(), 0, "all memory goes home");
}

fn batch(bytes: usize) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(5, None, Some(&vec![1; bytes]), &[]);
    builder.append(6, None, Some(b"x"), &[]);
    builder.finish(Codec::None)
}

fn push(part: &mut Part, source: &ChunkSource<'_>, bytes: &[u8], sequence: u64) {
    let pieces = [bytes];
    let header = *BatchView::parse(Rope::new(&pieces), 0).unwrap().header();
    part.push_batch(source, &header, bytes.len(), pieces, sequence);
    part.check();
}

fn bytes_of(part: &Part, from: u64, to: u64) -> Vec<u8> {
    let mut all = Vec::new();
    part.copy_out(from, to, |bytes| all.extend_from_slice(bytes));
    all
}

#[test]
fn batches_lie_behind_one_another_over_chunks() {
    with_source(|source| {
        let mut part = Part::new(100);
        let bytes = batch(3000);
        let mut all = Vec::new();
        for sequence in 1..9 {
            push(&mut part, source, &bytes, sequence);
            all.extend_from_slice(&bytes);
        }
        assert_eq!((part.end, part.len), (116, all.len() as u64));
        assert_eq!(bytes_of(&part, 0, part.len), all);
        let mut slices = Vec::new();
        part.lend(10, part.len, &mut slices);
        assert_eq!(slices.iter().flat_map(|s| s.to_vec()).collect::<Vec<u8>>(), all[10..]);
        assert_eq!(part.find(103), Some(1));
        assert_eq!(part.sequence_of(115), Some(8));
        assert_eq!(part.find(116), None);
        assert_eq!(part.position_upto(2), 2 * bytes.len() as u64);
    });
}

#[test]
fn runs_are_whole_blocks_and_say_which_batches_begin_in_them() {
    with_source(|source| {
        let mut part = Part::new(0);
        let bytes = batch(9000);
        push(&mut part, source, &bytes, 1);
        push(&mut part, source, &bytes, 2);
        let (slice, run) = part.run(0, 16384, 4096);
        assert_eq!((slice.len(), run.first, run.next, run.max_timestamp), (4096, 0, 2, 6));
        let (slice, run) = part.run(4096, 16384, 4096);
        assert_eq!((slice.len(), run.first, run.next), (8192, 2, 4));
        assert_eq!(run.first_position as usize, bytes.len() - 4096);
        let (_, run) = part.run(12288, 16384, 4096);
        assert_eq!((run.first, run.next, run.max_timestamp), (-1, 4, -1), "inside one batch");
        part.closed = true;
        let len = part.len;
        let (slice, run) = part.run(16384, len, 4096);
        assert_eq!((slice.len() % 4096, u64::from(run.length)), (0, len - 16384));
    });
}

#[test]
fn what_is_in_the_file_leaves_memory_and_the_cut_names_the_batch_between() {
    with_source(|source| {
        let mut part = Part::new(0);
        let bytes = batch(3000);
        for sequence in 1..5 {
            push(&mut part, source, &bytes, sequence);
        }
        assert!(!part.evict(), "nothing is in the file");
        part.destaged = 8192;
        assert_eq!(part.oldest_sequence(), Some(3));
        let cut = part.cut();
        assert_eq!((cut.first, cut.last), (4, 5));
        assert_eq!(u64::from(cut.skip), 8192 - 2 * bytes.len() as u64);
        assert!(part.evict());
        part.check();
        assert_eq!(part.memory_start(), 4096);
        assert_eq!(part.find(0), None, "its bytes are in the file");
        assert!(!part.evict(), "the second chunk is not in the file whole");
        part.carried_to(9);
        assert_eq!(part.oldest_sequence(), Some(9));
    });
}

#[test]
fn a_cut_below_lent_bytes_moves_to_new_memory() {
    with_source(|source| {
        let mut part = Part::new(0);
        let (first, second) = (batch(1000), batch(500));
        push(&mut part, source, &first, 1);
        push(&mut part, source, &first, 2);
        let mut lent = Vec::new();
        part.lend(0, part.len, &mut lent);
        part.cut_at(source, 1);
        push(&mut part, source, &second, 3);
        assert_eq!(lent[0][..], [first.as_slice(), &first].concat()[..], "a reader's bytes stay");
        assert_eq!(bytes_of(&part, 0, part.len), [first.as_slice(), &second].concat());
        assert_eq!(part.end, 4);
    });
}

#[test]
fn a_quiet_tail_shrinks_to_the_smallest_chunk() {
    with_source(|source| {
        let mut part = Part::new(0);
        let bytes = batch(3000);
        for sequence in 1..8 {
            push(&mut part, source, &bytes, sequence);
        }
        part.destaged = 20480;
        while part.evict() {}
        part.shrink(source, 4096);
        part.check();
        assert_eq!(source.gauge.get(), 4096);
        assert_eq!(part.memory_start(), 20480);
        push(&mut part, source, &bytes, 9);
        assert_eq!(bytes_of(&part, part.len - bytes.len() as u64, part.len), bytes);
    });
}

#[test]
fn a_resting_tail_costs_what_is_not_in_its_file_in_small_chunks() {
    with_source(|source| {
        let mut part = Part::new(0);
        let bytes = batch(3000);
        for sequence in 1..8 {
            push(&mut part, source, &bytes, sequence);
        }
        part.destaged = 8192;
        let rest = bytes_of(&part, 8192, part.len);
        assert!(source.gauge.get() > 16384);
        part.fit(source, 4096);
        part.check();
        assert_eq!((part.memory_start(), source.gauge.get()), (8192, 16384));
        assert_eq!(bytes_of(&part, 8192, part.len), rest);
        push(&mut part, source, &bytes, 9);
        part.check();
        assert_eq!(bytes_of(&part, part.len - bytes.len() as u64, part.len), bytes);
    });
}

#[test]
fn a_replay_takes_of_a_pending_batch_only_what_the_file_lacks() {
    with_source(|source| {
        let bytes = batch(5000);
        let skip = 4096;
        let length = bytes.len() as u32;
        let cut = Cut { first: 7, last: 8, max_timestamp: 6, length, skip };
        let mut part = Part::at(7, 4096, 64, cut);
        assert_eq!((part.end, part.len), (7, 4096));
        push(&mut part, source, &bytes, 3);
        assert_eq!(part.cut(), cut);
        assert_eq!(bytes_of(&part, 4096, part.len), bytes[4096..]);
    });
}
