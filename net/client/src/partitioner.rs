//! Which partition a record goes to: the same one that Java's default partitioner picks for its
//! key, so that our tools and other people's clients keep a key's records together.

/// Murmur2 with 32 bits, as Kafka's Java client has it (`Utils.murmur2`): seed 0x9747b28c, with the
/// bytes taken as little-endian words.
pub fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    const R: u32 = 24;
    let mut h: u32 = 0x9747_b28c ^ (bytes.len() as u32);
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]);
        k = k.wrapping_mul(M);
        k ^= k >> R;
        k = k.wrapping_mul(M);
        h = h.wrapping_mul(M) ^ k;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            h ^= u32::from(*byte) << (8 * i);
        }
        h = h.wrapping_mul(M);
    }
    h ^= h >> 13;
    h = h.wrapping_mul(M);
    h ^ (h >> 15)
}

/// The partition of a key among `partitions` of a topic.
pub fn partition_of_key(key: &[u8], partitions: i32) -> i32 {
    assert!(partitions > 0, "a topic has at least one partition");
    let positive = (murmur2(key) & 0x7fff_ffff).cast_signed();
    positive % partitions
}

#[cfg(test)]
mod tests {
    use super::*;

    // What kafka-clients 4.3.1 answers for org.apache.kafka.common.utils.Utils.murmur2.
    #[test]
    fn keys_hash_as_in_java() {
        let cases: &[(&[u8], i32)] = &[
            (b"21", -973_932_308),
            (b"foobar", -790_332_482),
            (b"a-little-bit-long-string", -985_981_536),
            (b"a-little-bit-longer-string", -1_486_304_829),
            (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            (b"abc", 479_470_107),
        ];
        for (key, expect) in cases {
            assert_eq!(murmur2(key).cast_signed(), *expect);
        }
        assert_eq!(partition_of_key(b"21", 7), (-973_932_308 & 0x7fff_ffff) % 7);
    }
}
