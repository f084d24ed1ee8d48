//! Where blocks go in the ring, and which files are free.

use super::*;

fn ring(head: Place, hold: u32) -> Ring {
    Ring::new(vec![65536; 4], 65536, 4096, head, hold)
}

fn at(file: u32, offset: u64) -> Place {
    Place { file, offset }
}

fn mark(sequence: u64, place: Place) -> BlockMark {
    BlockMark { sequence, place, previous_crc: 0, after: sequence - 1 }
}

#[test]
fn a_block_that_does_not_fit_opens_the_next_file() {
    assert_eq!(ring(at(0, 61440), 0).place(4096, 0), Some(at(0, 61440)));
    assert_eq!(ring(at(0, 61440), 0).place(8192, 0), Some(at(1, 0)));
    assert_eq!(ring(at(3, 61440), 1).place(8192, 0), Some(at(0, 0)));
}

#[test]
fn the_file_where_the_older_checkpoint_starts_is_never_entered() {
    assert_eq!(ring(at(0, 61440), 1).place(8192, 0), None);
    assert_eq!(ring(at(0, 0), 0).free_files(), 3);
    assert_eq!(ring(at(0, 0), 1).free_files(), 0);
    assert_eq!(ring(at(3, 0), 1).free_files(), 1);
}

#[test]
fn the_reserve_is_left_for_a_carry_and_a_start() {
    let tight = ring(at(0, 32768), 1);
    assert_eq!(tight.place(4096, 20480), Some(at(0, 32768)));
    assert_eq!(tight.place(8192, 20480), None);
    assert_eq!(tight.place(8192, 0), Some(at(0, 32768)), "a carry may have it");
}

#[test]
fn nothing_is_placed_where_no_zeros_are() {
    let mut ring = Ring::new(vec![8192, 0, 0, 0], 65536, 4096, at(0, 4096), 0);
    assert_eq!(ring.place(4096, 0), Some(at(0, 4096)));
    assert_eq!(ring.place(8192, 0), None);
    assert_eq!(ring.to_zero(), Some(at(0, 8192)));
    ring.set_zeroed(0, 65536);
    assert_eq!(ring.place(8192, 0), Some(at(0, 4096)));
    assert_eq!(ring.to_zero(), Some(at(1, 0)));
}

#[test]
fn blocks_are_found_by_sequence_and_by_file_until_they_are_released() {
    let mut ring = ring(at(3, 0), 0);
    ring.remember(mark(1, at(0, 0)));
    ring.remember(mark(2, at(1, 0)));
    ring.remember(mark(5, at(2, 0)));
    assert_eq!(ring.first_from(3).map(|m| m.sequence), Some(5));
    assert_eq!(ring.first_from(6), None);
    assert_eq!(ring.first_in(1), Some(2));
    assert_eq!(ring.first_in(3), None);
    ring.release(at(2, 0), 2);
    assert_eq!(ring.first_from(0).map(|m| m.sequence), Some(5));
    assert_eq!(ring.free_files(), 2);
    ring.take(4096, mark(6, at(3, 0)));
    assert_eq!(ring.head(), at(3, 4096));
}
