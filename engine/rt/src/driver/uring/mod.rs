//! The real world: one io_uring per core.

pub(crate) mod clock {
    use engine_base::WallMs;
    pub(crate) fn wall() -> WallMs {
        unreachable!("not built yet")
    }
}
pub(crate) mod socket {
    use crate::core::Inner;
    use crate::driver::Handle;
    use crate::net::Listen;
    use std::io;
    use std::net::SocketAddr;
    use std::os::fd::RawFd;
    use std::rc::Rc;
    pub(crate) fn listen(
        _: &Rc<Inner>,
        _: SocketAddr,
        _: Listen,
    ) -> io::Result<(Handle, SocketAddr)> {
        unreachable!("not built yet")
    }
    pub(crate) fn shutdown(_: RawFd) {
        unreachable!("not built yet")
    }
    pub(crate) fn close_now(_: RawFd) {
        unreachable!("not built yet")
    }
}
pub(crate) mod names {
    use std::io;
    use std::os::fd::RawFd;
    pub(crate) fn try_lock(_: RawFd) -> io::Result<bool> {
        unreachable!("not built yet")
    }
    pub(crate) fn file_len(_: RawFd) -> io::Result<u64> {
        unreachable!("not built yet")
    }
}
pub(crate) mod probe {
    pub(crate) fn kernel_workers() -> usize {
        0
    }
}

use crate::config::CoreConfig;
use crate::core::Inner;
use crate::op::Key;
use std::io;
use std::os::fd::RawFd;
use std::rc::Rc;

pub(crate) struct Uring {}

impl Uring {
    pub(crate) fn start(&self, _: &Rc<Inner>, _: Key) {
        unreachable!("not built yet")
    }
    pub(crate) fn abandoned(&self, _: &Rc<Inner>, _: Key) {
        unreachable!("not built yet")
    }
    pub(crate) fn queued(&self) -> u64 {
        unreachable!("not built yet")
    }
    pub(crate) fn handed(&self) -> u64 {
        unreachable!("not built yet")
    }
    pub(crate) fn submits(&self) -> u64 {
        unreachable!("not built yet")
    }
    pub(crate) fn describe(&self) -> String {
        unreachable!("not built yet")
    }
    pub(crate) fn close(&self, _: RawFd) {
        unreachable!("not built yet")
    }
}

pub(crate) struct Ring {
    core: Rc<Inner>,
}

impl Ring {
    pub(crate) fn core(&self) -> &Rc<Inner> {
        &self.core
    }
    pub(crate) fn turn(&self) -> io::Result<()> {
        unreachable!("not built yet")
    }
}

pub(crate) fn start(_: CoreConfig) -> io::Result<Ring> {
    Err(io::ErrorKind::Unsupported.into())
}
