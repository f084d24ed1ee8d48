//! What `produce` reads: standard input or a file, cut at a delimiter.
//! Kept true: every byte before the last delimiter is in exactly one record, and what follows it is
//! one more record unless it is empty.

use std::path::Path;

use engine_rt::{Core, File, Open, Stdin};

use crate::failure::{Exit, Failure};
use crate::reading::{Outcome, Read, Reading};

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

    /// How many bytes there are altogether, where that is known.
    pub(crate) async fn size(&self) -> Option<u64> {
        match self {
            Input::Stdin(..) => None,
            Input::File(_, file, _) => file.len().await.ok(),
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

/// A record's bytes, or the record that they are laid out as.
#[derive(Debug)]
pub(crate) enum Cut {
    /// What lies between two delimiters.
    Line(Vec<u8>),
    /// A record with all that it says.
    Read(Box<Read>),
}

/// The records that some more bytes complete, and why it stopped, if it did.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In their order.
    pub(crate) records: Vec<Cut>,
    /// The record behind them cannot be read.
    pub(crate) misfit: Option<String>,
}

/// Cuts a stream of bytes into records.
pub(crate) struct Cutter<'a> {
    way: Way<'a>,
    held: Vec<u8>,
    /// Bytes of `held` in which no delimiter begins.
    searched: usize,
}

enum Way<'a> {
    Delimiter(Vec<u8>),
    Laid(&'a Reading),
}

impl Cutter<'_> {
    /// Cuts at `delimiter`; never, if it is empty.
    pub(crate) fn at(delimiter: Vec<u8>) -> Cutter<'static> {
        Cutter { way: Way::Delimiter(delimiter), held: Vec::new(), searched: 0 }
    }

    /// Reads records as they are laid out.
    pub(crate) fn laid(reading: &Reading) -> Cutter<'_> {
        Cutter { way: Way::Laid(reading), held: Vec::new(), searched: 0 }
    }

    /// Takes more bytes.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Found {
        self.held.extend_from_slice(bytes);
        let mut found = Found::default();
        let begin = match &self.way {
            Way::Laid(reading) => read_all(reading, &self.held, false, &mut found),
            Way::Delimiter(delimiter) if delimiter.is_empty() => 0,
            Way::Delimiter(delimiter) => {
                let (mut begin, mut from) = (0, self.searched);
                while let Some(at) = find(&self.held[from..], delimiter) {
                    found.records.push(Cut::Line(self.held[begin..from + at].to_vec()));
                    begin = from + at + delimiter.len();
                    from = begin;
                }
                // A delimiter may lie across two reads.
                self.searched = (self.held.len() - begin).saturating_sub(delimiter.len() - 1);
                begin
            }
        };
        drop(self.held.drain(..begin));
        if self.held.len() > RECORD_BYTES_MAX {
            let why = "it is larger than 100 MiB: what ends it was not found";
            found.misfit = Some(why.into());
        }
        found
    }

    /// What follows the last delimiter: one more record unless it is empty.
    pub(crate) fn rest(&mut self) -> Found {
        let mut found = Found::default();
        let held = std::mem::take(&mut self.held);
        match &self.way {
            _ if held.is_empty() => {}
            Way::Delimiter(_) => found.records.push(Cut::Line(held)),
            Way::Laid(reading) => {
                let read = read_all(reading, &held, true, &mut found);
                if found.misfit.is_none() && read < held.len() {
                    found.misfit = Some("the input ends in the middle of it".into());
                }
            }
        }
        found
    }
}

/// Reads as many records as there are whole; how many bytes they took.
fn read_all(reading: &Reading, held: &[u8], ended: bool, found: &mut Found) -> usize {
    let mut at = 0;
    while at < held.len() {
        match reading.take(&held[at..], ended) {
            Outcome::Record(read, length) => {
                assert!(length > 0, "a format that reads nothing is refused");
                found.records.push(Cut::Read(read));
                at += length;
            }
            Outcome::More => break,
            Outcome::Misfit(why) => {
                found.misfit = Some(why);
                break;
            }
        }
    }
    at
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
        let mut cutter = Cutter::at(delimiter.into());
        let mut found = Vec::new();
        for read in reads {
            found.extend(cutter.take(read.as_bytes()).records);
        }
        found.extend(cutter.rest().records);
        let text = |cut| match cut {
            Cut::Line(line) => String::from_utf8(line).expect("text"),
            Cut::Read(_) => panic!("it was not laid out"),
        };
        found.into_iter().map(text).collect()
    }

    #[test]
    fn records_are_what_lies_between_delimiters_however_they_are_read() {
        assert_eq!(cut("\n", &["a\nb\n"]), ["a", "b"]);
        assert_eq!(cut("\n", &["a\n\nb"]), ["a", "", "b"]);
        assert_eq!(cut("\n", &["a", "b\nc", "\n"]), ["ab", "c"]);
        assert_eq!(cut("--", &["a-", "-b-c-", "-", "d"]), ["a", "b-c", "d"]);
        assert_eq!(cut("\n", &[]), [""; 0]);
        assert_eq!(cut("\n", &["\n"]), [""]);
        assert_eq!(cut("", &["a\n", "b"]), ["a\nb"], "the whole input is one record");
    }
}
