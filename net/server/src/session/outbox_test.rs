//! Answers leave in order, gathered or lent.

use engine_rt::sim::{Disk, SimOptions, World};

use super::*;

fn outbox() -> Outbox {
    let world = World::new(1, SimOptions::default());
    Outbox::new(world.core(&Disk::new(1 << 20, 512)))
}

fn all(pieces: &[Slice]) -> Vec<u8> {
    pieces.iter().flat_map(|piece| piece.iter().copied()).collect()
}

#[test]
fn small_answers_leave_as_one_piece() {
    let mut outbox = outbox();
    assert!(outbox.is_empty());
    outbox.gather(b"one ");
    outbox.gather(b"two ");
    outbox.gather(b"three");
    let pieces = outbox.take();
    assert_eq!(pieces.len(), 1);
    assert_eq!(all(&pieces), b"one two three");
    outbox.sent(pieces);
    assert!(outbox.is_empty());
}

#[test]
fn lent_bytes_are_not_copied_and_stay_in_their_place() {
    let mut outbox = outbox();
    let batch = Slice::of_vec(vec![b'b'; 1000]);
    outbox.gather(b"head ");
    outbox.lend(batch.clone());
    outbox.lend(Slice::empty());
    outbox.gather(b" tail");
    let pieces = outbox.take();
    assert_eq!(pieces.len(), 3);
    assert!(pieces[1].ptr_eq(&batch), "by reference");
    assert_eq!(all(&pieces), [b"head ".as_slice(), &[b'b'; 1000], b" tail"].concat());
}

#[test]
fn more_than_a_buffer_is_gathered_into_several() {
    let mut outbox = outbox();
    let bytes: Vec<u8> = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    outbox.gather(b"x");
    outbox.gather(&bytes);
    let pieces = outbox.take();
    assert!(pieces.len() >= 3);
    assert_eq!(all(&pieces)[1..], bytes);
}

#[test]
fn it_is_full_before_a_send_takes_too_many_pieces() {
    let mut outbox = outbox();
    while !outbox.is_full() {
        outbox.gather(b"h");
        outbox.lend(Slice::of_vec(vec![1; 10]));
    }
    assert!(outbox.take().len() <= 1024);
}
