//! A sealed block is read back whole, and any changed byte of it is noticed.

use super::*;

const SHARD: JournalKey = JournalKey([9; 16]);

fn sealed() -> (BlockHeader, Vec<u8>) {
    let header = BlockHeader {
        generation: 3,
        sequence: 17,
        durable: 15,
        previous_crc: 0xdead_beef,
        length: 100,
        entries: 2,
    };
    let mut block = vec![0u8; padded(100, 4096)];
    block[64..100].fill(0x5a);
    let crc = header.seal(SHARD, &mut block);
    assert_eq!(BlockHeader::peek(SHARD, &block), Some((header, crc)));
    assert!(BlockHeader::holds(crc, &block));
    (header, block)
}

#[test]
fn a_block_is_padded_to_whole_device_blocks() {
    assert_eq!(padded(64, 4096), 4096);
    assert_eq!(padded(4096, 4096), 4096);
    assert_eq!(padded(4097, 4096), 8192);
}

#[test]
fn any_flipped_bit_is_found_padding_included() {
    let (_, block) = sealed();
    for i in 0..block.len() {
        let mut rotten = block.clone();
        rotten[i] ^= 1 << (i % 8);
        let valid = BlockHeader::peek(SHARD, &rotten)
            .is_some_and(|(_, crc)| BlockHeader::holds(crc, &rotten));
        assert!(!valid, "byte {i}");
    }
}

#[test]
fn a_block_of_another_shard_is_none_of_ours() {
    let (_, block) = sealed();
    assert_eq!(BlockHeader::peek(JournalKey([8; 16]), &block), None);
}

#[test]
fn zeros_and_short_reads_are_no_blocks() {
    assert_eq!(BlockHeader::peek(SHARD, &[0; 64]), None);
    let (_, block) = sealed();
    assert_eq!(BlockHeader::peek(SHARD, &block[..63]), None);
}

#[test]
fn numbers_that_no_shard_counts_to_are_not_believed() {
    for (sequence, generation) in [(u64::MAX, 3), (1 << 62, 3), (17, u64::MAX)] {
        let header = BlockHeader { sequence, generation, ..sealed().0 };
        let mut block = vec![0; 4096];
        header.seal(SHARD, &mut block);
        assert_eq!(BlockHeader::peek(SHARD, &block), None, "{sequence} {generation}");
    }
}
