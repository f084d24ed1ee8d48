//! What carries operations out: io_uring, or the simulated world. The executor above is the same.
//!
//! Kept true: both drivers take the same requests and answer with `Ops::finish`, once per
//! operation; operations are handed over in the order in which they were started.

#[cfg(feature = "sim")]
pub(crate) mod sim;
pub(crate) mod uring;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::rc::{Rc, Weak};

use engine_base::{Mono, WallMs};

use crate::buf::Buf;
use crate::core::Inner;
use crate::net::Listen;
use crate::op::Key;
use crate::pool::Pool;

pub(crate) enum Driver {
    Uring(Box<uring::Uring>),
    #[cfg(feature = "sim")]
    Sim(sim::Port),
}

impl Driver {
    /// Starts an operation whose request is in its slot.
    pub(crate) fn start(&self, core: &Rc<Inner>, key: Key) {
        match self {
            Driver::Uring(uring) => uring.start(core, key),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.start(key),
        }
    }

    /// The future of a running operation was dropped.
    pub(crate) fn abandoned(&self, core: &Rc<Inner>, key: Key) {
        match self {
            Driver::Uring(uring) => uring.abandoned(core, key),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.abandoned(core, key),
        }
    }

    /// The buffer that the kernel picked for a receive.
    pub(crate) fn take_provided(&self, pool: &Rc<Pool>, want: usize, id: u16) -> Buf {
        match self {
            Driver::Uring(uring) => uring.take_provided(pool, want, id),
            #[cfg(feature = "sim")]
            Driver::Sim(_) => unreachable!("only a ring's completions name buffers"),
        }
    }

    /// Whether there is a standard output that can be watched: a simulated process has none.
    pub(crate) fn has_stdout(&self) -> bool {
        match self {
            Driver::Uring(_) => true,
            #[cfg(feature = "sim")]
            Driver::Sim(_) => false,
        }
    }

    /// Operations queued so far, in the count of [`Driver::handed`].
    pub(crate) fn queued(&self) -> u64 {
        match self {
            Driver::Uring(uring) => uring.queued(),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.queued(),
        }
    }

    /// Operations handed to the kernel so far.
    pub(crate) fn handed(&self) -> u64 {
        match self {
            Driver::Uring(uring) => uring.handed(),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.handed(),
        }
    }

    /// Calls into the kernel so far.
    pub(crate) fn submits(&self) -> u64 {
        match self {
            Driver::Uring(uring) => uring.submits(),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.submits(),
        }
    }

    pub(crate) fn precise_now(&self) -> Mono {
        match self {
            Driver::Uring(_) => uring::clock::mono(),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.precise_now(),
        }
    }

    pub(crate) fn wall(&self) -> WallMs {
        match self {
            Driver::Uring(_) => uring::clock::wall(),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.wall(),
        }
    }

    #[cfg_attr(not(feature = "sim"), expect(unused_variables, reason = "the seed is the world's"))]
    pub(crate) fn secret(&self, core: &Rc<Inner>) -> io::Result<[u8; 16]> {
        match self {
            Driver::Uring(_) => uring::names::secret(),
            #[cfg(feature = "sim")]
            Driver::Sim(_) => {
                let halves = [core.chance.next(), core.chance.next()].map(u64::to_le_bytes);
                Ok(std::array::from_fn(|i| halves[i / 8][i % 8]))
            }
        }
    }

    pub(crate) fn describe(&self) -> String {
        match self {
            Driver::Uring(uring) => uring.describe(),
            #[cfg(feature = "sim")]
            Driver::Sim(_) => String::from("sim"),
        }
    }

    pub(crate) fn listen(
        &self,
        core: &Rc<Inner>,
        addr: SocketAddr,
        how: Listen,
    ) -> io::Result<(Handle, SocketAddr)> {
        match self {
            Driver::Uring(_) => uring::socket::listen(core, addr, how),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.listen(core, addr),
        }
    }

    pub(crate) fn shutdown(&self, handle: &Handle) {
        match self {
            Driver::Uring(_) => uring::socket::shutdown(handle.fd()),
            #[cfg(feature = "sim")]
            Driver::Sim(port) => port.shutdown(handle),
        }
    }

    pub(crate) fn try_lock(&self, handle: &Handle) -> io::Result<bool> {
        match self {
            Driver::Uring(_) => uring::names::try_lock(handle.fd()),
            #[cfg(feature = "sim")]
            Driver::Sim(_) => sim::try_lock(handle),
        }
    }

    pub(crate) fn file_len(&self, handle: &Handle) -> io::Result<u64> {
        match self {
            Driver::Uring(_) => uring::names::file_len(handle.fd()),
            #[cfg(feature = "sim")]
            Driver::Sim(_) => sim::file_len(handle),
        }
    }

    fn close(&self, thing: &Thing) {
        match (self, thing) {
            (Driver::Uring(uring), Thing::Fd(fd)) => uring.close(*fd),
            #[cfg(feature = "sim")]
            (Driver::Sim(port), Thing::SimFile(_) | Thing::SimSocket(_)) => port.close(thing),
            #[cfg(feature = "sim")]
            _ => unreachable!("a handle goes back to the driver that made it"),
        }
    }
}

/// An open file or socket. Dropping it hands it back to its driver, which closes it in its own
/// time.
pub(crate) struct Handle {
    thing: Thing,
    core: Weak<Inner>,
}

#[derive(Debug)]
pub(crate) enum Thing {
    Fd(RawFd),
    #[cfg(feature = "sim")]
    SimFile(sim::OpenFile),
    #[cfg(feature = "sim")]
    SimSocket(sim::Socket),
}

impl Handle {
    pub(crate) fn new(core: &Rc<Inner>, thing: Thing) -> Handle {
        Handle { thing, core: Rc::downgrade(core) }
    }

    #[cfg(feature = "sim")]
    pub(crate) fn thing(&self) -> &Thing {
        &self.thing
    }

    /// The descriptor.
    pub(crate) fn fd(&self) -> RawFd {
        match &self.thing {
            Thing::Fd(fd) => *fd,
            #[cfg(feature = "sim")]
            Thing::SimFile(_) | Thing::SimSocket(_) => {
                unreachable!("a simulated handle has no descriptor")
            }
        }
    }
}

impl Handle {
    /// Closes a descriptor that no operation ever used, without the ring.
    fn close_now(mut self) {
        // Without a core, dropping closes at once.
        self.core = Weak::new();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        if let Some(core) = self.core.upgrade() {
            core.driver.close(&self.thing);
            return;
        }
        match self.thing {
            // No core and no ring: nothing is left to wait for.
            Thing::Fd(fd) => uring::socket::close_now(fd),
            #[cfg(feature = "sim")]
            Thing::SimFile(_) | Thing::SimSocket(_) => {}
        }
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.thing.fmt(f)
    }
}
