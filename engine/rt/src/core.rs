//! The handle to a core: tasks, time, memory and chance. Files are in `disk`, sockets in `net`.

use std::future::Future;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Mono, WallMs};

use crate::buf::Buf;
use crate::config::{CoreConfig, CoreStats};
use crate::pool::Pool;
use crate::signal::SignalWait;
use crate::task::{Class, Task};
use crate::time::{Elapsed, Sleep, Submitted, YieldNow};

/// A handle to the core that this thread, or this simulated node, runs. Cloning counts.
#[derive(Clone)]
pub struct Core {
    pool: Rc<Pool>,
}

impl Core {
    /// Starts a task. It runs whether or not its handle is kept; it ends with the core.
    pub fn spawn<T: 'static>(
        &self,
        class: Class,
        name: &'static str,
        future: impl Future<Output = T> + 'static,
    ) -> Task<T> {
        let _ = (class, name, future);
        unreachable!("not built yet")
    }

    /// Task polls that a class gets in one round of a turn (at least 1).
    pub fn set_share(&self, class: Class, share: u32) {
        let _ = (class, share);
        unreachable!("not built yet")
    }

    /// The monotonic clock, read once per turn.
    pub fn now(&self) -> Mono {
        unreachable!("not built yet")
    }

    /// The wall clock.
    pub fn wall(&self) -> WallMs {
        unreachable!("not built yet")
    }

    /// Waits for some time.
    pub fn sleep(&self, time: Duration) -> Sleep {
        self.sleep_until(self.now() + time)
    }

    /// Waits until a moment.
    pub fn sleep_until(&self, at: Mono) -> Sleep {
        let _ = at;
        unreachable!("not built yet")
    }

    /// Waits for `future`, but not longer than `time`; then it is dropped.
    pub async fn timeout<F: Future>(
        &self,
        time: Duration,
        future: F,
    ) -> Result<F::Output, Elapsed> {
        let _ = (time, future);
        unreachable!("not built yet")
    }

    /// Lets every other ready task go first.
    pub fn yield_now(&self) -> YieldNow {
        unreachable!("not built yet")
    }

    /// Resolves once every operation started before this call has been handed to the kernel: from then
    /// on the death of this process does not stop it.
    pub fn submitted(&self) -> Submitted {
        unreachable!("not built yet")
    }

    /// A random number; the world's seed decides it in the simulation.
    pub fn random(&self) -> u64 {
        unreachable!("not built yet")
    }

    /// Memory for at least `capacity` bytes, aligned to 4096, from this core's pool. It is empty.
    pub fn buf(&self, capacity: usize) -> Buf {
        Buf::of_pool(&self.pool, capacity)
    }

    /// The next SIGTERM or SIGINT of this process.
    pub fn signal(&self) -> SignalWait {
        unreachable!("not built yet")
    }

    /// Counters. Looks at `/proc` for kernel workers: not for every request.
    pub fn stats(&self) -> CoreStats {
        unreachable!("not built yet")
    }

    /// The driver and the ring flags in force, in words, for banners and result files.
    pub fn ring_flags(&self) -> String {
        unreachable!("not built yet")
    }
}

/// Runs one core on the calling thread until the root future ends; what was spawned ends with it.
///
/// Errors say in words what this kernel or container lacks for io_uring.
pub fn run<T, F, R>(config: CoreConfig, root: R) -> io::Result<T>
where
    T: 'static,
    F: Future<Output = T> + 'static,
    R: FnOnce(Core) -> F,
{
    let _ = (config, root);
    unreachable!("not built yet")
}
