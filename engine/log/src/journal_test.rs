//! Group commit in order: sequences, placing, and what counts as durable.

use engine_rt::sim::{Disk, SimOptions, World};

use super::*;

const NONE: Reserve = Reserve { carry: 0, start: 0, control: 0 };

/// A world only for its memory pool.
fn with_core(test: impl FnOnce(&Core)) {
    let world = World::new(1, SimOptions::default());
    test(&world.core(&Disk::new(1 << 20, 4096)));
}

fn journal(file_bytes: u64) -> Journal {
    let beginning =
        Beginning { key: JournalKey([1; 16]), generation: 2, next: 11, last: 7, last_crc: 99 };
    let ring = Ring::new(vec![file_bytes; 4], file_bytes, 4096, Place::default(), 0);
    Journal::new(&beginning, ring, 4096, 16384, 12288)
}

fn put(journal: &mut Journal, core: &Core, bytes: usize) -> Result<u64, Refusal> {
    journal.begin(core, bytes, Level::Client, NONE)?;
    journal.put(&vec![7; bytes]);
    Ok(journal.finish())
}

fn header(block: &SealedBlock) -> BlockHeader {
    BlockHeader::peek(JournalKey([1; 16]), &block.bytes).unwrap().0
}

#[test]
fn entries_share_a_block_until_it_is_taken() {
    with_core(|core| {
        let mut journal = journal(65536);
        assert_eq!(put(&mut journal, core, 100), Ok(11));
        assert_eq!(put(&mut journal, core, 100), Ok(11));
        let block = journal.take_block(2).unwrap();
        assert_eq!((block.sequence, header(&block).entries), (11, 2));
        assert_eq!(put(&mut journal, core, 100), Ok(12));
        assert!(journal.take_block(1).is_none(), "one is in flight already");
    });
}

#[test]
fn durable_moves_only_over_blocks_without_a_gap() {
    with_core(|core| {
        let mut journal = journal(65536);
        for sequence in 11..14 {
            assert_eq!(put(&mut journal, core, 100), Ok(sequence));
            journal.take_block(3).unwrap();
        }
        journal.on_flushed(13);
        journal.on_flushed(12);
        assert_eq!(journal.progress().durable, Seq(7), "after a start: the end of the chain");
        journal.on_flushed(11);
        assert_eq!(journal.progress(), Progress { submitted: Seq(13), durable: Seq(13) });
    });
}

#[test]
fn a_block_carries_the_durable_of_its_sealing_and_the_crc_before_it() {
    with_core(|core| {
        let mut journal = journal(65536);
        put(&mut journal, core, 100).unwrap();
        let first = journal.take_block(2).unwrap();
        put(&mut journal, core, 100).unwrap();
        let second = journal.take_block(2).unwrap();
        assert_eq!((header(&first).durable, header(&first).previous_crc), (7, 99));
        assert_eq!(header(&second).durable, 7);
        let (_, crc) = BlockHeader::peek(JournalKey([1; 16]), &first.bytes).unwrap();
        assert_eq!(header(&second).previous_crc, crc);
        journal.on_flushed(11);
        put(&mut journal, core, 100).unwrap();
        assert_eq!(header(&journal.take_block(2).unwrap()).durable, 11);
    });
}

#[test]
fn a_full_block_makes_way_and_what_no_block_holds_is_refused() {
    with_core(|core| {
        let mut journal = journal(65536);
        assert_eq!(put(&mut journal, core, 12000), Ok(11));
        assert_eq!(put(&mut journal, core, 12000), Ok(12));
        assert_eq!(put(&mut journal, core, 12289), Err(Refusal::MessageTooLarge));
        assert_eq!(journal.take_block(9).unwrap().place, Place { file: 0, offset: 0 });
        assert_eq!(journal.take_block(9).unwrap().place, Place { file: 0, offset: 12288 });
        assert!(journal.take_block(9).is_none());
    });
}

#[test]
fn a_client_is_refused_before_the_ring_is_full_and_a_carry_is_not() {
    with_core(|core| {
        let mut journal = journal(16384);
        let reserve = Reserve { carry: 8192, start: 4096, control: 0 };
        let mut taken = 0;
        while journal.admits(4000, Level::Client, reserve) {
            journal.begin(core, 4000, Level::Client, reserve).unwrap();
            journal.put(&[0; 4000]);
            journal.finish();
            journal.take_block(99).unwrap();
            taken += 1;
        }
        assert!(taken > 4, "{taken}");
        let refused = journal.begin(core, 4000, Level::Client, reserve);
        assert_eq!(refused, Err(Refusal::Overloaded));
        assert_eq!(journal.begin(core, 4000, Level::Keeper, reserve), Ok(()));
    });
}
