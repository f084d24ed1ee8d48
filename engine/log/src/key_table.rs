//! The last offset of each key that compaction has seen, in memory that was agreed on before.
//!
//! Kept true: keys are known by 128 bits of a keyed hash, whose secret is drawn anew for each round
//! of compaction and told to nobody. Two keys that share them would cost one of them a record: of
//! a billion keys some two do with a chance below 1 in 10^20, and nobody who does not know the
//! secret can look for such a pair. Memory is taken as keys come and given back in steps, so that
//! no turn of the core pays for all of it.

use engine_base::Offset;

use crate::fields::as_usize;

/// Slots of a page: 48 KiB.
const PAGE_SLOTS: usize = 2048;
/// Bytes of a slot.
pub(crate) const SLOT_BYTES: u64 = 24;

/// The hash of a key, and one more than its last offset; 0 for a free slot.
#[derive(Clone, Copy)]
struct Slot {
    hash: (u64, u64),
    offset: u64,
}

const FREE: Slot = Slot { hash: (0, 0), offset: 0 };

/// Last offsets by key.
pub(crate) struct KeyTable {
    secret: (u64, u64),
    pages: Vec<Option<Box<[Slot]>>>,
    slots: usize,
    used: usize,
    /// Keys that it takes: nine tenths of the slots, so that a search ends soon.
    most: usize,
}

impl KeyTable {
    /// A table for `expected` keys at most that takes at most about `bytes_max` of memory, but has
    /// room for one key at least.
    pub(crate) fn new(secret: [u8; 16], expected: u64, bytes_max: u64) -> KeyTable {
        let wanted = expected.saturating_add(expected / 3).saturating_add(2);
        let slots = as_usize(wanted.min(bytes_max / SLOT_BYTES).max(2));
        let (low, high) = secret.split_at(8);
        let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().expect("8 of 16 bytes"));
        KeyTable {
            secret: (word(low), word(high)),
            pages: (0..slots.div_ceil(PAGE_SLOTS)).map(|_| None).collect(),
            slots,
            used: 0,
            most: (slots / 10 * 9).max(slots / 2).min(slots - 1),
        }
    }

    /// Keys in it.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.used
    }

    /// Takes note of a record's key and offset; offsets ascend. False: the table is full and does
    /// not have the key.
    pub(crate) fn note(&mut self, key: &[u8], offset: Offset) -> bool {
        let hash = siphash_128(self.secret, key);
        let at = self.find(hash);
        let full = self.used >= self.most;
        let page = self.pages[at / PAGE_SLOTS]
            .get_or_insert_with(|| vec![FREE; PAGE_SLOTS].into_boxed_slice());
        let slot = &mut page[at % PAGE_SLOTS];
        if slot.offset == 0 {
            if full {
                return false;
            }
            self.used += 1;
        }
        let next = u64::try_from(offset).expect("offsets begin with 0") + 1;
        assert!(slot.offset <= next, "offsets ascend");
        *slot = Slot { hash, offset: next };
        true
    }

    /// The last offset of a key, if it was noted.
    pub(crate) fn last(&self, key: &[u8]) -> Option<Offset> {
        let at = self.find(siphash_128(self.secret, key));
        let slot = self.slot(at);
        (slot.offset > 0).then(|| (slot.offset - 1).cast_signed())
    }

    /// Where the slot of this hash is, or the free one where it would go.
    fn find(&self, hash: (u64, u64)) -> usize {
        let mut at = as_usize(hash.0 % self.slots as u64);
        loop {
            let slot = self.slot(at);
            if slot.offset == 0 || slot.hash == hash {
                return at;
            }
            at = if at + 1 == self.slots { 0 } else { at + 1 };
        }
    }

    fn slot(&self, at: usize) -> Slot {
        self.pages[at / PAGE_SLOTS].as_ref().map_or(FREE, |page| page[at % PAGE_SLOTS])
    }

    /// Gives some memory back; false once none is left. Nothing is asked of it afterwards.
    pub(crate) fn shed(&mut self) -> bool {
        for _ in 0..8 {
            self.pages.pop();
        }
        !self.pages.is_empty()
    }
}

/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
/// and its reference code for 128 bits).
fn siphash_128(secret: (u64, u64), bytes: &[u8]) -> (u64, u64) {
    let (k0, k1) = secret;
    let mut v = [
        k0 ^ 0x736f_6d65_7073_6575,
        k1 ^ 0x646f_7261_6e64_6f6d ^ 0xee,
        k0 ^ 0x6c79_6765_6e65_7261,
        k1 ^ 0x7465_6462_7974_6573,
    ];
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        let word = u64::from_le_bytes(*word);
        v[3] ^= word;
        sip_round(&mut v);
        sip_round(&mut v);
        v[0] ^= word;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    last[7] = bytes.len().to_le_bytes()[0];
    let word = u64::from_le_bytes(last);
    v[3] ^= word;
    sip_round(&mut v);
    sip_round(&mut v);
    v[0] ^= word;
    v[2] ^= 0xee;
    (0..4).for_each(|_| sip_round(&mut v));
    let first = v[0] ^ v[1] ^ v[2] ^ v[3];
    v[1] ^= 0xdd;
    (0..4).for_each(|_| sip_round(&mut v));
    (first, v[0] ^ v[1] ^ v[2] ^ v[3])
}

fn sip_round(v: &mut [u64; 4]) {
    v[0] = v[0].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(13) ^ v[0];
    v[0] = v[0].rotate_left(32);
    v[2] = v[2].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(16) ^ v[2];
    v[0] = v[0].wrapping_add(v[3]);
    v[3] = v[3].rotate_left(21) ^ v[0];
    v[2] = v[2].wrapping_add(v[1]);
    v[1] = v[1].rotate_left(17) ^ v[2];
    v[2] = v[2].rotate_left(32);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the reference code's own table (vectors_sip128): keys 00 to 0f, messages 00, 01, ...
    #[test]
    fn hashes_are_those_of_the_reference() {
        let secret = (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908);
        let hash = |length: u8| {
            let message: Vec<u8> = (0..length).collect();
            let (a, b) = siphash_128(secret, &message);
            let bytes = [a.to_le_bytes(), b.to_le_bytes()].concat();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        assert_eq!(hash(0), "a3817f04ba25a8e66df67214c7550293");
        assert_eq!(hash(1), "da87c1d86b99af44347659119b22fc45");
        assert_eq!(hash(15), "5493e99933b0a8117e08ec0f97cfc3d9");
        assert_eq!(hash(63), "5150d1772f50834a503e069a973fbd7c");
    }

    #[test]
    fn the_last_offset_of_each_key_is_known() {
        let mut table = KeyTable::new([7; 16], 5_000, 1 << 20);
        for offset in 0..20_000 {
            assert!(table.note(format!("key {}", offset % 5_000).as_bytes(), offset));
        }
        assert_eq!(table.len(), 5_000);
        for key in 0..5_000 {
            assert_eq!(table.last(format!("key {key}").as_bytes()), Some(15_000 + key));
        }
        assert_eq!(table.last(b"another"), None);
        assert_eq!(table.last(b""), None);
        let mut steps = 0;
        while table.shed() {
            steps += 1;
        }
        assert!(steps < 5);
    }

    #[test]
    fn a_full_table_takes_keys_that_it_has() {
        let mut table = KeyTable::new([7; 16], 1 << 40, 100 * SLOT_BYTES);
        let took: Vec<bool> =
            (0..200).map(|i| table.note(format!("key {i}").as_bytes(), i)).collect();
        assert_eq!(table.len(), 90);
        assert!(took[..90].iter().all(|took| *took) && !took[90..].contains(&true));
        assert!(table.note(b"key 17", 500));
        assert_eq!((table.last(b"key 17"), table.last(b"key 150")), (Some(500), None));
        // However little memory there is, there is room for one.
        let mut least = KeyTable::new([7; 16], 9, 0);
        assert!(least.note(b"a", 0) && least.note(b"a", 1) && !least.note(b"b", 2));
    }
}
