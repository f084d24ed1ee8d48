//! The file that says whose a data directory is (docs/formats/directory.md): text with a checksum.
//!
//! Kept true: what is read is what was written, or a refusal in words; a newer format is never
//! guessed at; one directory has one encoding.

use std::fmt::Write as _;

use engine_base::{NodeId, ShardIndex, Uuid};
use engine_record::Rope;

/// The format that this version writes and the only one it reads. Raised with every change of any
/// file in the directory, so that nothing is taken for rot that is only older or newer.
const FORMAT: u32 = 4;

/// The first line.
const TITLE: &str = "bobbin data directory";

/// The largest file that is read, in bytes: more shards than a node can have.
pub(crate) const META_BYTES_MAX: usize = 1024 * 1024;

/// Whose a data directory is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DirectoryMeta {
    pub(crate) cluster: Uuid,
    pub(crate) node: NodeId,
    /// The same in every directory of a node; new when they are formatted again.
    pub(crate) incarnation: Uuid,
    /// This directory's own id.
    pub(crate) directory: Uuid,
    /// How many shards the node has, over all its directories.
    pub(crate) shard_count: u16,
    /// The shards in this directory.
    pub(crate) shards: Vec<(ShardIndex, Uuid)>,
}

impl DirectoryMeta {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut text = format!(
            "{TITLE}\nformat {FORMAT}\ncluster {}\nnode {}\nincarnation {}\ndirectory {}\n\
             shards {}\n",
            self.cluster, self.node, self.incarnation, self.directory, self.shard_count
        );
        for (index, id) in &self.shards {
            writeln!(text, "shard {} {id}", index.0).expect("because text grows");
        }
        let crc = Rope::new(&[text.as_bytes()]).crc32c(0);
        writeln!(text, "crc32c {crc:08x}").expect("because text grows");
        text.into_bytes()
    }

    /// Reads what was written, or says in words why it cannot.
    pub(crate) fn decode(bytes: &[u8]) -> Result<DirectoryMeta, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not text".to_owned())?;
        let mut lines = text.lines();
        if lines.next() != Some(TITLE) {
            return Err("it does not begin as a Bobbin data directory does".into());
        }
        let format: u32 = field(&mut lines, "format")?;
        if format != FORMAT {
            return Err(format!(
                "it has format {format} and this version of Bobbin reads format {FORMAT}: start it \
                 with the version that wrote it"
            ));
        }
        let body = text.rfind("crc32c ").ok_or("its last line, the checksum, is missing")?;
        let crc = Rope::new(&[&bytes[..body]]).crc32c(0);
        if text[body..] != format!("crc32c {crc:08x}\n") {
            return Err("its checksum is wrong: it was damaged or changed by hand".into());
        }
        let meta = DirectoryMeta {
            cluster: field(&mut lines, "cluster")?,
            node: NodeId(field(&mut lines, "node")?),
            incarnation: field(&mut lines, "incarnation")?,
            directory: field(&mut lines, "directory")?,
            shard_count: field(&mut lines, "shards")?,
            shards: lines.map_while(shard).collect(),
        };
        if meta.encode() != bytes {
            return Err("it says more than this version of Bobbin understands".into());
        }
        Ok(meta)
    }
}

trait Field: Sized {
    fn read(text: &str) -> Option<Self>;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Field for $number {
            fn read(text: &str) -> Option<Self> {
                text.parse().ok()
            }
        }
    )*};
}
numbers!(u16, u32, i32);

impl Field for Uuid {
    fn read(text: &str) -> Option<Uuid> {
        text.parse().ok()
    }
}

fn field<'a, F: Field>(lines: &mut impl Iterator<Item = &'a str>, name: &str) -> Result<F, String> {
    let line = lines.next().unwrap_or("");
    let value = line.strip_prefix(name).and_then(|rest| rest.strip_prefix(' '));
    value.and_then(F::read).ok_or_else(|| format!("its line \"{name}\" is missing or wrong"))
}

fn shard(line: &str) -> Option<(ShardIndex, Uuid)> {
    let (index, id) = line.strip_prefix("shard ")?.split_once(' ')?;
    Some((ShardIndex(index.parse().ok()?), id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meta() -> DirectoryMeta {
        DirectoryMeta {
            cluster: Uuid([1; 16]),
            node: NodeId(4),
            incarnation: Uuid([2; 16]),
            directory: Uuid([3; 16]),
            shard_count: 3,
            shards: vec![(ShardIndex(0), Uuid([4; 16])), (ShardIndex(2), Uuid([5; 16]))],
        }
    }

    #[test]
    fn it_reads_back_as_written_and_any_damage_is_found() {
        let bytes = meta().encode();
        assert_eq!(DirectoryMeta::decode(&bytes), Ok(meta()));
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut other = bytes.clone();
                other[at] ^= 1 << bit;
                assert!(DirectoryMeta::decode(&other).is_err(), "byte {at}, bit {bit}");
            }
            assert!(DirectoryMeta::decode(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn a_newer_format_says_so() {
        let text = String::from_utf8(meta().encode()).expect("text");
        let newer = text.replace("format 4", "format 5");
        let why = DirectoryMeta::decode(newer.as_bytes()).expect_err("newer");
        assert!(why.contains("format 4"), "{why}");
    }
}
