//! Standard input, for the command line: bytes as they come, whatever they come from.

use std::io;
use std::marker::PhantomData;
use std::rc::Rc;

use crate::buf::Buf;
use crate::core::Core;

/// Standard input of this process. One reader at a time.
pub struct Stdin(PhantomData<Rc<()>>);

impl Stdin {
    /// Receives into the buffer's room what there is, waiting for at least one byte; 0 is the end.
    ///
    /// Panics if there is no room.
    pub async fn read(&self, buf: Buf) -> (io::Result<usize>, Buf) {
        assert!(buf.room() > 0, "a read needs room");
        (Err(io::ErrorKind::Unsupported.into()), buf)
    }
}

impl Core {
    /// Standard input of this process.
    pub fn stdin(&self) -> Stdin {
        Stdin(PhantomData)
    }
}
