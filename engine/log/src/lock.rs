//! Locks that outlive a killed process for as long as its writes do.
//!
//! Kept true: the kernel gives a lock up only after the last operation in flight on the descriptor
//! that took it; so whoever has the lock of a file knows that no write of an earlier life can land
//! in it any more. Every file of a shard that is written in place is locked through the descriptor
//! that writes it, before the first write.

use std::time::Duration;

use engine_base::{Fault, FaultKind, Mono};
use engine_rt::{Core, File};

/// How long a life waits for the writes of a killed process to land.
pub(crate) const LOCK_WAIT: Duration = Duration::from_secs(10);
const LOCK_PAUSE: Duration = Duration::from_millis(5);

/// Takes a file's lock, waiting for it until `give_up`; a second descriptor of our own that is
/// closing gives it up too.
///
/// # Errors
/// [`FaultKind::Refused`] with `why` if somebody still has it then; a failed call.
pub(crate) async fn take(core: &Core, file: &File, give_up: Mono, why: &str) -> Result<(), Fault> {
    let place = || file.path().display().to_string();
    loop {
        match file.try_lock() {
            Ok(true) => return Ok(()),
            Ok(false) if core.now() < give_up => core.sleep(LOCK_PAUSE).await,
            Ok(false) => return Err(Fault::new(FaultKind::Refused, place(), why)),
            Err(e) => return Err(Fault::new(FaultKind::ReadFailed, place(), e.to_string())),
        }
    }
}
