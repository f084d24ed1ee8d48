//! A megabyte that unpacks to a gigabyte costs neither memory nor time, in any codec.
//!
//! A file of its own, since it looks at the memory of the whole process.

use engine_base::{Refusal, WallMs};
use engine_record::{BatchBuilder, Codec, Depth, HEADER_BYTES, Rope, Rules, validate};
use std::io::{Read, Write};
use std::process::{Command, Stdio};

/// Memory that one check may take beside the batch, in KiB.
const EXTRA_KIB_MAX: usize = 16 * 1024;

const PACKED_BYTES: usize = 1 << 20;

/// The process's memory now, and the most it has been, in KiB (proc(5)).
fn memory_kib() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).expect("a field of proc");
        let number = line.split_whitespace().nth(1).expect("a number behind it");
        number.parse().expect("KiB")
    };
    (field("VmRSS:"), field("VmHWM:"))
}

/// One record that claims a value of a gigabyte, and the beginning of it.
fn head() -> Vec<u8> {
    let gib = [0x80, 0x80, 0x80, 0x80, 0x08];
    let mut head = vec![0xa0, 0x80, 0x80, 0x80, 0x08, 0, 0, 0, 2, b'k'];
    head.extend_from_slice(&gib);
    head
}

/// Zeros behind the head until they have become a mebibyte, or have been a gibibyte.
fn fill(encoder: &mut impl Write, packed_bytes: impl Fn() -> usize) {
    encoder.write_all(&head()).expect("memory");
    let zeros = vec![0; 1 << 20];
    for _ in 0..1024 {
        if packed_bytes() >= PACKED_BYTES {
            break;
        }
        encoder.write_all(&zeros).expect("memory");
    }
}

/// Counts what an encoder writes while it keeps it.
#[derive(Clone, Default)]
struct Sink(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn packed(codec: Codec) -> Vec<u8> {
    let sink = Sink::default();
    let counted = sink.clone();
    let so_far = move || counted.0.borrow().len();
    match codec {
        Codec::None => unreachable!("plain records do not grow"),
        Codec::Gzip => {
            let level = flate2::Compression::fast();
            let mut encoder = flate2::write::GzEncoder::new(sink.clone(), level);
            fill(&mut encoder, so_far);
            encoder.finish().expect("memory");
        }
        Codec::Snappy => {
            // One raw block, as some clients send it: 21 MiB is all that fits into one.
            let mut plain = head();
            plain.resize(20 << 20, 0);
            let block = snap::raw::Encoder::new().compress_vec(&plain).expect("a block");
            sink.0.borrow_mut().extend_from_slice(&block);
        }
        Codec::Lz4 => {
            let info = lz4_flex::frame::FrameInfo::new()
                .block_size(lz4_flex::frame::BlockSize::Max4MB)
                .block_mode(lz4_flex::frame::BlockMode::Linked);
            let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, sink.clone());
            fill(&mut encoder, so_far);
            encoder.finish().expect("memory");
        }
        Codec::Zstd => {
            let mut encoder = zstd::stream::write::Encoder::new(sink.clone(), 1).expect("memory");
            encoder.window_log(27).expect("the largest that is read by default");
            fill(&mut encoder, so_far);
            encoder.finish().expect("memory");
        }
    }
    let mut bytes = sink.0.borrow().clone();
    bytes.shrink_to_fit();
    bytes
}

/// Many blocks of the Xerial framing, each small enough to be unpacked.
fn xerial() -> Vec<u8> {
    let mut plain = head();
    plain.resize(4 << 20, 0);
    let block = snap::raw::Encoder::new().compress_vec(&plain).expect("a block");
    let mut all = b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01".to_vec();
    while all.len() < 2 * PACKED_BYTES {
        all.extend_from_slice(&u32::try_from(block.len()).expect("small").to_be_bytes());
        all.extend_from_slice(&block);
    }
    all
}

fn batch_of(codec: Codec, packed: &[u8]) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    builder.append(0, None, None, &[]);
    let mut batch = builder.finish(Codec::None);
    batch.truncate(HEADER_BYTES);
    batch.extend_from_slice(packed);
    let length = u32::try_from(batch.len() - 12).expect("about a mebibyte");
    batch[8..12].copy_from_slice(&length.to_be_bytes());
    batch[22] = codec as u8;
    let crc = crc32c::crc32c(&batch[21..]);
    batch[17..21].copy_from_slice(&crc.to_be_bytes());
    batch
}

/// Names the batch that a process of its own is to check; its standard input brings it.
const CHECK: &str = "BOBBIN_TEST_BOMB_BYTES";

/// Checks a batch in a process of its own, whose memory nothing else has touched, and gives back
/// what the process said.
fn check_alone(bomb: &[u8]) -> String {
    let this = std::env::current_exe().expect("a test is a file");
    let mut child = Command::new(this)
        .args(["--exact", "one_bomb_in_a_process_of_its_own", "--nocapture"])
        .env(CHECK, bomb.len().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the test starts itself");
    let mut stdin = child.stdin.take().expect("it was asked for");
    stdin.write_all(bomb).expect("the child reads");
    drop(stdin);
    let output = child.wait_with_output().expect("the child ends");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// The child's part; without its order it has nothing to do.
#[test]
fn one_bomb_in_a_process_of_its_own() {
    let Ok(bytes) = std::env::var(CHECK) else { return };
    let mut bomb = vec![0; bytes.parse().expect("a number")];
    std::io::stdin().read_exact(&mut bomb).expect("the parent writes");
    let rules = Rules {
        depth: Depth::Full,
        now: WallMs(0),
        max_message_bytes: 3 << 20,
        unpacked_bytes_max: 32 << 20,
        ..Rules::default()
    };
    let pieces: Vec<&[u8]> = bomb.chunks(128 * 1024).collect();
    let (before, peak_before) = memory_kib();
    assert!(peak_before - before < 1024, "the peak was not another's: {before} {peak_before}");
    let refused = validate(Rope::new(&pieces), &rules);
    let extra = memory_kib().1 - before;
    let Err(Refusal::InvalidRecord { reason, .. }) = refused else { panic!("{refused:?}") };
    assert!(reason.contains("more than") || reason.contains("too large"), "{reason}");
    assert!(extra <= EXTRA_KIB_MAX, "{extra} KiB");
    println!("checked: {extra} KiB more at most: {reason}");
}

#[test]
fn bombs_are_refused_in_little_memory() {
    let bombs = [
        ("gzip", batch_of(Codec::Gzip, &packed(Codec::Gzip))),
        ("snappy, raw", batch_of(Codec::Snappy, &packed(Codec::Snappy))),
        ("snappy, xerial", batch_of(Codec::Snappy, &xerial())),
        ("lz4", batch_of(Codec::Lz4, &packed(Codec::Lz4))),
        ("zstd", batch_of(Codec::Zstd, &packed(Codec::Zstd))),
    ];
    for (name, bomb) in bombs {
        let said = check_alone(&bomb);
        let line = said.lines().find(|line| line.starts_with("checked:"));
        println!("{name}: {}", line.expect("the child says what it found"));
    }
}
