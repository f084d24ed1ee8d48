//! How a command fails: what went wrong, why, and what to do next, with an exit code that scripts
//! can rely on. Kept true: every failure of the binary leaves through here, as one sentence on
//! stderr.

use std::fmt;

/// Exit codes, stable for scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Something went wrong that is none of the others.
    Failed = 1,
    /// The command line or the configuration cannot be used.
    Usage = 2,
    /// A topic, a partition, a file that was asked for is not there.
    NotFound = 3,
    /// The broker does not allow it.
    NotAllowed = 4,
    /// No broker could be reached.
    Unreachable = 5,
    /// The reader of our output went away: 128 + SIGPIPE, as the shell would report it.
    Pipe = 141,
}

/// A command's failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The exit code.
    pub(crate) exit: Exit,
    /// What failed and why, one sentence without a full stop.
    pub(crate) what: String,
    /// What mends it, where we know: a command, or a line to add.
    pub(crate) next: Option<String>,
}

impl Failure {
    /// A failure with its exit code and its sentence.
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Failure {
        Failure { exit, what: what.into(), next: None }
    }

    /// The command line or the configuration cannot be used.
    pub(crate) fn usage(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, what)
    }

    /// It went wrong on the way.
    pub(crate) fn failed(what: impl Into<String>) -> Failure {
        Failure::new(Exit::Failed, what)
    }

    /// The reader of our output went away: end without a word.
    pub(crate) fn pipe() -> Failure {
        Failure::new(Exit::Pipe, "")
    }

    /// Adds what mends it.
    #[must_use]
    pub(crate) fn next(mut self, next: impl Into<String>) -> Failure {
        self.next = Some(next.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "bobbin: {}", self.what)?;
        match &self.next {
            Some(next) => write!(f, "\n  next: {next}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Failure {}
