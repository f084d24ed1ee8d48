//! A rope behaves as the bytes it stands for, however they are cut.

use super::*;

/// `bytes` cut at every position whose bit is set, with an empty piece at each cut.
fn cut(bytes: &[u8], cuts: u32) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    let mut from = 0;
    for at in 0..bytes.len() {
        if cuts & 1 << at != 0 {
            pieces.push(&bytes[from..at]);
            pieces.push(&bytes[at..at]);
            from = at;
        }
    }
    pieces.push(&bytes[from..]);
    pieces
}

#[test]
fn every_slice_of_every_cut_is_that_slice() {
    let bytes: Vec<u8> = (1..=7).collect();
    for cuts in 0..1u32 << bytes.len() {
        let pieces = cut(&bytes, cuts);
        let rope = Rope::new(&pieces);
        for start in 0..=bytes.len() {
            for end in start..=bytes.len() {
                let slice = rope.slice(start..end);
                let expected = &bytes[start..end];
                assert_eq!(slice.to_vec(), expected);
                assert_eq!(slice.len(), expected.len());
                assert_eq!(slice.crc32c(0), crc32c::crc32c(expected));
                let mut cursor = slice.cursor();
                for (i, byte) in expected.iter().enumerate() {
                    assert_eq!(cursor.left(), expected.len() - i);
                    assert_eq!(cursor.byte(), Some(*byte));
                }
                assert_eq!(cursor.byte(), None);
                for skip in 0..=expected.len() {
                    let mut cursor = slice.cursor();
                    assert!(cursor.skip(skip));
                    assert_eq!(cursor.byte(), expected.get(skip).copied());
                }
                assert!(!slice.cursor().skip(expected.len() + 1));
            }
        }
        assert!(!rope.copy_to(7, &mut [0]));
        assert!(rope.copy_to(7, &mut []));
        assert!(!rope.copy_to(usize::MAX, &mut [0]));
    }
}
