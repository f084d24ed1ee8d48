//! Standard input and output, for the command line: bytes as they come, whatever they come from,
//! and word of a reader that has gone away.

use std::io;
use std::rc::Rc;

use crate::buf::Buf;
use crate::core::{Core, Inner};
use crate::op::{Op, Request, Value};

/// Standard input of this process. One reader at a time.
pub struct Stdin {
    core: Rc<Inner>,
}

impl Stdin {
    /// Receives into the buffer's room what there is, waiting for at least one byte; 0 is the end.
    ///
    /// Panics if there is no room.
    pub async fn read(&self, buf: Buf) -> (io::Result<usize>, Buf) {
        assert!(buf.room() > 0, "a read needs room");
        match Op::start(&self.core, Request::Stdin { buf }).await {
            (Request::Stdin { buf }, outcome) => {
                let count = outcome.map(|value| match value {
                    Value::Count(bytes) => bytes,
                    _ => unreachable!("a read counts bytes"),
                });
                (count, buf)
            }
            _ => unreachable!("an operation gives its own request back"),
        }
    }
}

impl Core {
    /// Standard input of this process.
    pub fn stdin(&self) -> Stdin {
        Stdin { core: Rc::clone(&self.inner) }
    }

    /// Resolves when the reader of standard output (a pipe's, a socket's) is gone; never for a
    /// file.
    pub async fn stdout_closed(&self) {
        if self.inner.driver.has_stdout()
            && Op::start(&self.inner, Request::StdoutClosed).await.1.is_ok()
        {
            return;
        }
        // It cannot be watched, as a file that nobody reads.
        std::future::pending().await
    }
}
