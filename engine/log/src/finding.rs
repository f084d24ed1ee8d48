//! What is said about a piece of a shard's files: its kind, and facts by name. Kept true: whoever
//! prints them needs to know no kind; a fact's name means the same in every kind.

/// One thing found in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How deep it lies inside the finding before it: 0 for a batch or a block, 1 for what it
    /// holds, and so on.
    pub depth: usize,
    /// What it is: `batch`, `record`, `block`, `append`, `run`, `checkpoint`, `log`, ...
    pub what: &'static str,
    /// Names and values, in the order of their weight.
    pub facts: Vec<(&'static str, Fact)>,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An offset, an epoch, a size in bytes, a count.
    Number(i128),
    /// Several numbers.
    Numbers(Vec<i128>),
    /// Milliseconds since 1970 UTC; none where it has no time.
    Moment(Option<i64>),
    /// A word, a name, a checksum in hexadecimal digits.
    Words(String),
    /// Yes or no.
    Flag(bool),
    /// A client's bytes; none where they are null.
    Bytes(Option<Vec<u8>>),
    /// A record's headers.
    Headers(Vec<(Vec<u8>, Option<Vec<u8>>)>),
    /// There is none.
    Absent,
}

impl Finding {
    pub(crate) fn new(depth: usize, what: &'static str) -> Finding {
        Finding { depth, what, facts: Vec::new() }
    }

    /// Adds a fact.
    pub(crate) fn fact(mut self, name: &'static str, fact: Fact) -> Finding {
        debug_assert!(self.facts.iter().all(|(known, _)| *known != name), "{name} is said twice");
        self.facts.push((name, fact));
        self
    }

    pub(crate) fn number(self, name: &'static str, number: impl Into<i128>) -> Finding {
        self.fact(name, Fact::Number(number.into()))
    }

    /// A number that is not there when it is below 0.
    pub(crate) fn known(self, name: &'static str, number: impl Into<i128>) -> Finding {
        let number = number.into();
        self.fact(name, if number < 0 { Fact::Absent } else { Fact::Number(number) })
    }

    /// A size in bytes.
    pub(crate) fn size(self, name: &'static str, bytes: usize) -> Finding {
        self.number(name, i128::try_from(bytes).unwrap_or(i128::MAX))
    }

    pub(crate) fn words(self, name: &'static str, words: impl Into<String>) -> Finding {
        self.fact(name, Fact::Words(words.into()))
    }

    pub(crate) fn flag(self, name: &'static str, flag: bool) -> Finding {
        self.fact(name, Fact::Flag(flag))
    }

    /// A time in ms; there is none below 0.
    pub(crate) fn moment(self, name: &'static str, ms: i64) -> Finding {
        self.fact(name, Fact::Moment((ms >= 0).then_some(ms)))
    }

    pub(crate) fn checksum(self, name: &'static str, crc: u32) -> Finding {
        self.words(name, format!("{crc:08x}"))
    }
}
