//! What a client is told when something fails: where, doing what, why, and what to do next.
//! Kept true: every error names the broker it came from, if there was one, and the API it was
//! about.

use std::fmt;

use crate::code::Code;

/// What sort of failure it is; the command line's exit codes follow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No broker could be reached, or the connection was lost.
    Unreachable,
    /// A broker answered with an error code.
    Refused(Code),
    /// No answer came in time.
    TimedOut,
    /// The broker does not serve the API, or no version of it that we speak.
    NotServed,
    /// Bytes that are no answer, or an answer that contradicts itself.
    Malformed,
    /// The caller asked for something that cannot be.
    Usage,
}

/// A failure as a client sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientError {
    /// What sort of failure it is.
    pub kind: ErrorKind,
    /// One sentence: what failed, where and why.
    pub what: String,
    /// What to do next, where we know.
    pub next: Option<String>,
}

impl ClientError {
    /// An error of `kind` in words.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> ClientError {
        ClientError { kind, what: what.into(), next: None }
    }

    /// The caller asked for something that cannot be.
    pub fn usage(what: impl Into<String>) -> ClientError {
        ClientError::new(ErrorKind::Usage, what)
    }

    /// A broker's error code about `subject` (a topic, a partition, a broker).
    pub fn refused(code: Code, subject: impl fmt::Display, message: Option<&str>) -> ClientError {
        let what = match message.filter(|m| !m.is_empty()) {
            Some(message) => format!("{subject}: {code}: {message}"),
            None => format!("{subject}: {code}"),
        };
        ClientError { kind: ErrorKind::Refused(code), what, next: None }
    }

    /// Adds what to do next.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> ClientError {
        self.next = Some(next.into());
        self
    }

    /// Whether trying again, with fresh metadata and perhaps a fresh connection, may succeed.
    pub fn is_retriable(&self) -> bool {
        match self.kind {
            ErrorKind::Refused(code) => code.is_retriable(),
            ErrorKind::Unreachable | ErrorKind::TimedOut => true,
            ErrorKind::NotServed | ErrorKind::Malformed | ErrorKind::Usage => false,
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.next {
            Some(next) => write!(f, "; {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ClientError {}
