//! Streams are bounded and whole, every framing in use is read, and nothing behind a stream passes.

use super::*;
use crate::dice::Dice;
use crate::read::TOO_MANY;
use std::io::Write;

const WIDE: Bounds = Bounds { bytes_max: 1 << 26, window_max: 1 << 26, block_max: 1 << 26 };

fn unpack(codec: Codec, packed: &[u8], bounds: Bounds) -> Result<Vec<u8>, BadRecords> {
    let pieces = Dice::new(packed.len() as u64).cut(packed);
    let mut unpacked = Unpacked::new(codec, Rope::new(&pieces), bounds)?;
    let mut all = Vec::new();
    loop {
        let chunk = unpacked.chunk().map_err(|bad| BadRecords::at(0, bad))?;
        let n = chunk.len();
        all.extend_from_slice(chunk);
        unpacked.consume(n);
        if n == 0 {
            let end = unpacked.finish().map_err(|bad| BadRecords::at(0, bad))?;
            return if end { Ok(all) } else { Err(TOO_MANY) };
        }
    }
}

fn text(n: usize) -> Vec<u8> {
    let mut dice = Dice::new(20);
    (0..n).map(|_| b'a' + dice.below(3) as u8).collect()
}

#[test]
fn what_is_packed_comes_back() {
    for n in [0, 1, 100, 32_768, 65_536, 65_537, 300_000] {
        let plain = text(n);
        for codec in &Codec::ALL[1..] {
            let mut packed = Vec::new();
            codec.pack(&plain, &mut packed);
            let unpacked = unpack(*codec, &packed, WIDE);
            assert_eq!(unpacked.as_ref(), Ok(&plain), "{codec:?} {n}");
            // Every cut is an error or, where only an end mark is gone, the whole.
            for cut in [1, 2, 5, packed.len() / 2].into_iter().filter(|cut| *cut < packed.len()) {
                let unpacked = unpack(*codec, &packed[..packed.len() - cut], WIDE);
                let is_shorter = unpacked.as_ref().is_ok_and(|all| all.len() < plain.len());
                let is_whole = unpacked.as_ref() == Ok(&plain);
                assert!(unpacked.is_err() || is_shorter || is_whole, "{codec:?} {n} {cut}");
            }
            if *codec != Codec::Snappy || n > 0 {
                let behind = [packed.as_slice(), b"behind"].concat();
                assert!(unpack(*codec, &behind, WIDE).is_err(), "{codec:?} {n}");
            }
        }
    }
}

#[test]
fn what_comes_out_is_bounded() {
    let plain = text(200_000);
    for codec in &Codec::ALL[1..] {
        let mut packed = Vec::new();
        codec.pack(&plain, &mut packed);
        for bytes_max in [plain.len(), plain.len() + 1] {
            let unpacked = unpack(*codec, &packed, Bounds { bytes_max, ..WIDE });
            assert_eq!(unpacked.as_ref(), Ok(&plain), "{codec:?}");
        }
        for bytes_max in [0, 1, 100, 100_000, plain.len() - 1] {
            let unpacked = unpack(*codec, &packed, Bounds { bytes_max, ..WIDE });
            let is_refused = match &unpacked {
                Err(BadRecords::TooLarge(max)) => *max == bytes_max,
                // One snappy block is not begun if it is larger than all that may come.
                Err(BadRecords::Decompress(_)) => *codec == Codec::Snappy,
                _ => false,
            };
            assert!(is_refused, "{codec:?} {unpacked:?}");
        }
    }
}

#[test]
fn snappy_comes_raw_and_joined() {
    let plain = text(100_000);
    // As librdkafka and franz-go send it: one raw block.
    let raw = snap::raw::Encoder::new().compress_vec(&plain).expect("a small block");
    assert_eq!(unpack(Codec::Snappy, &raw, WIDE).as_ref(), Ok(&plain));
    let small = Bounds { block_max: plain.len() - 1, ..WIDE };
    assert!(matches!(unpack(Codec::Snappy, &raw, small), Err(BadRecords::Decompress(_))));
    let mut once = Vec::new();
    Codec::Snappy.pack(&plain, &mut once);
    let twice = [once.as_slice(), &once].concat();
    let both = [plain.as_slice(), &plain].concat();
    assert_eq!(unpack(Codec::Snappy, &twice, WIDE), Ok(both));
    // A block that claims 4 GiB in five bytes is not believed.
    for claim in [&[0xff, 0xff, 0xff, 0xff, 0x0f, 0][..], &[0x80, 0x80, 0x80, 0x08, 0]] {
        assert!(matches!(unpack(Codec::Snappy, claim, WIDE), Err(BadRecords::Decompress(_))));
        let head = [XERIAL_HEAD.as_slice(), &[0, 0, 0, claim.len() as u8], claim].concat();
        assert!(matches!(unpack(Codec::Snappy, &head, WIDE), Err(BadRecords::Decompress(_))));
    }
    let beyond = [XERIAL_HEAD.as_slice(), &[0x7f, 0xff, 0xff, 0xff, 0]].concat();
    assert!(unpack(Codec::Snappy, &beyond, WIDE).is_err());
    let below = [XERIAL_HEAD.as_slice(), &[0xff, 0xff, 0xff, 0xff, 0]].concat();
    assert!(unpack(Codec::Snappy, &below, WIDE).is_err());
}

#[test]
fn lz4_frames_of_every_kind_are_read() {
    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    let plain = text(300_000);
    for mode in [BlockMode::Independent, BlockMode::Linked] {
        for size in [BlockSize::Max64KB, BlockSize::Max256KB, BlockSize::Max4MB] {
            for sums in [false, true] {
                let info = FrameInfo::new()
                    .block_mode(mode)
                    .block_size(size)
                    .block_checksums(sums)
                    .content_checksum(sums)
                    .content_size(sums.then_some(plain.len() as u64));
                let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
                encoder.write_all(&plain).expect("memory");
                let packed = encoder.finish().expect("memory");
                assert_eq!(unpack(Codec::Lz4, &packed, WIDE).as_ref(), Ok(&plain));
            }
        }
    }
    // Empty blocks look like the end to the decoder; what stands behind them is found all the same.
    for empty in 0..4 {
        let mut packed = Vec::new();
        Codec::Lz4.pack(b"all there is", &mut packed);
        let end = packed.len() - 4;
        packed.splice(end..end, [3, 0, 0, 0x80, b'x', b'y', b'z']);
        for _ in 0..empty {
            packed.splice(end..end, [0, 0, 0, 0x80]);
        }
        assert_eq!(unpack(Codec::Lz4, &packed, WIDE).is_ok(), empty == 0, "{empty}");
    }
    // The old frames of lz4's own command, and frames to skip, are none of Kafka's.
    for magic in [[0x02, 0x21, 0x4c, 0x18], [0x50, 0x2a, 0x4d, 0x18]] {
        let packed = [magic.as_slice(), &[0; 20]].concat();
        assert!(unpack(Codec::Lz4, &packed, WIDE).is_err());
    }
}

#[test]
fn gzip_members_may_be_joined() {
    let plain = text(1000);
    let mut packed = Vec::new();
    Codec::Gzip.pack(&plain[..500], &mut packed);
    Codec::Gzip.pack(&plain[500..], &mut packed);
    assert_eq!(unpack(Codec::Gzip, &packed, WIDE).as_ref(), Ok(&plain));
    // The sum behind a member is checked.
    let sum = packed.len() - 6;
    packed[sum] ^= 1;
    assert!(unpack(Codec::Gzip, &packed, WIDE).is_err());
}

#[test]
fn large_zstd_windows_are_read_only_so_far() {
    let bounds = Bounds { bytes_max: 1 << 20, window_max: 1 << 16, block_max: 1 << 16 };
    for (window_log, size, good) in [
        // A window within bounds, and more than a window of content.
        (16, 500_000, true),
        // A window beyond bounds: fine while no more than the bound comes out.
        (20, 60_000, true),
        (27, 60_000, true),
        (20, 70_000, false),
        (27, 500_000, false),
    ] {
        let plain = text(size);
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1).expect("memory");
        encoder.window_log(window_log).expect("a window that zstd has");
        encoder.write_all(&plain).expect("memory");
        let packed = encoder.finish().expect("memory");
        let window = zstd_window(Rope::new(&[&packed]));
        assert_eq!(window, 1 << window_log);
        let unpacked = unpack(Codec::Zstd, &packed, bounds);
        if good {
            assert_eq!(unpacked.as_ref(), Ok(&plain), "{window_log} {size}");
        } else {
            assert_eq!(unpacked, Err(BadRecords::TooLarge(1 << 16)), "{window_log} {size}");
        }
    }
    // Content whose size stands in the head is its own window, in one, two or four bytes.
    for size in [10, 255, 256, 1000, 65_000, 70_000, 200_000] {
        let packed = zstd::bulk::compress(&text(size), 3).expect("memory");
        let window = zstd_window(Rope::new(&[&packed]));
        assert!(window >= size as u64 && window <= 2 * size as u64 + 1024, "{size} {window}");
        let whole = Bounds { window_max: 1 << 16, ..WIDE };
        assert_eq!(unpack(Codec::Zstd, &packed, whole).is_ok(), size <= 1 << 16, "{size}");
    }
    assert_eq!(zstd_window(Rope::new(&[b"not zstd at all"])), 0);
    assert_eq!(zstd_window(Rope::new(&[b"("])), 0);
}
