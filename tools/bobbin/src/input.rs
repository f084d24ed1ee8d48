//! What `produce` reads: standard input or a file, cut at a delimiter.
//! Kept true: every byte before the last delimiter is in exactly one record, and what follows it is
//! one more record unless it is empty.

use std::path::Path;

use engine_rt::{Core, File, Open, Stdin};

use crate::failure::{Exit, Failure};

/// Bytes read at once.
const READ_BYTES: usize = 128 * 1024;

/// The largest record, in bytes: beyond it the delimiter is probably wrong.
const RECORD_BYTES_MAX: usize = 100 * 1024 * 1024;

/// Where bytes come from.
pub(crate) enum Input {
    /// Standard input.
    Stdin(Core, Stdin),
    /// A file, and how far it has been read.
    File(Core, File, u64),
}

impl Input {
    /// Standard input, or the file.
    pub(crate) async fn open(core: &Core, file: Option<&Path>) -> Result<Input, Failure> {
        let Some(path) = file else { return Ok(Input::Stdin(core.clone(), core.stdin())) };
        match core.open(path, Open::default()).await {
            Ok(file) => Ok(Input::File(core.clone(), file, 0)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Failure::new(Exit::NotFound, format!("there is no file {}", path.display())))
            }
            Err(error) => {
                Err(Failure::failed(format!("could not open {}: {error}", path.display())))
            }
        }
    }

    /// The next bytes, none at the end.
    pub(crate) async fn read(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let (read, buf) = match self {
            Input::Stdin(core, stdin) => stdin.read(core.buf(READ_BYTES)).await,
            Input::File(core, file, at) => {
                let (read, buf) = file.read_at(core.buf(READ_BYTES), *at, READ_BYTES).await;
                *at += buf.len() as u64;
                (read, buf)
            }
        };
        match read {
            Ok(0) => Ok(None),
            Ok(_) => Ok(Some(buf.filled().to_vec())),
            Err(error) => Err(Failure::failed(format!("could not read the input: {error}"))),
        }
    }
}

/// Cuts a stream of bytes at a delimiter.
pub(crate) struct Cutter {
    delimiter: Vec<u8>,
    held: Vec<u8>,
    /// Bytes of `held` in which no delimiter begins.
    searched: usize,
}

impl Cutter {
    /// Cuts at `delimiter`, which is not empty.
    pub(crate) fn new(delimiter: Vec<u8>) -> Cutter {
        assert!(!delimiter.is_empty(), "the command line refuses an empty delimiter");
        Cutter { delimiter, held: Vec::new(), searched: 0 }
    }

    /// Takes more bytes; `each` gets every record that they complete.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
        self.held.extend_from_slice(bytes);
        let mut records = Vec::new();
        let mut begin = 0;
        let mut from = self.searched;
        while let Some(at) = find(&self.held[from..], &self.delimiter) {
            records.push(self.held[begin..from + at].to_vec());
            begin = from + at + self.delimiter.len();
            from = begin;
        }
        drop(self.held.drain(..begin));
        // A delimiter may lie across two reads.
        self.searched = self.held.len().saturating_sub(self.delimiter.len() - 1);
        if self.held.len() > RECORD_BYTES_MAX {
            return Err(Failure::failed("a record is larger than 100 MiB: no delimiter was found")
                .next("check --delimiter"));
        }
        Ok(records)
    }

    /// What follows the last delimiter.
    pub(crate) fn rest(self) -> Option<Vec<u8>> {
        if self.held.is_empty() { None } else { Some(self.held) }
    }
}

/// Where `needle` first lies in `bytes`.
pub(crate) fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [one] => bytes.iter().position(|b| b == one),
        needle => bytes.windows(needle.len()).position(|window| window == needle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(delimiter: &str, reads: &[&str]) -> Vec<String> {
        let mut cutter = Cutter::new(delimiter.into());
        let mut found = Vec::new();
        for read in reads {
            found.extend(cutter.take(read.as_bytes()).expect("small"));
        }
        found.extend(cutter.rest());
        found.into_iter().map(|r| String::from_utf8(r).expect("text")).collect()
    }

    #[test]
    fn records_are_what_lies_between_delimiters_however_they_are_read() {
        assert_eq!(cut("\n", &["a\nb\n"]), ["a", "b"]);
        assert_eq!(cut("\n", &["a\n\nb"]), ["a", "", "b"]);
        assert_eq!(cut("\n", &["a", "b\nc", "\n"]), ["ab", "c"]);
        assert_eq!(cut("--", &["a-", "-b-c-", "-", "d"]), ["a", "b-c", "d"]);
        assert_eq!(cut("\n", &[]), [""; 0]);
        assert_eq!(cut("\n", &["\n"]), [""]);
    }
}
