//! How fast compaction goes: it lets others have the core after every slice of work, and reads and
//! writes no more in a second than it was told.

use std::time::Duration;

use engine_base::Mono;
use engine_rt::Core;

/// Work between two turns of others, in bytes of records: a fraction of a millisecond.
const SLICE_BYTES: u64 = 64 << 10;
/// A debt of less time than this is not worth a timer.
const DEBT_MIN: Duration = Duration::from_millis(1);

/// What was spent, and what may be.
pub(crate) struct Pace {
    core: Core,
    bytes_per_second: u64,
    /// Work since others had a turn.
    slice: u64,
    /// When all that was read and written is paid for.
    paid_at: Mono,
}

impl Pace {
    pub(crate) fn new(core: &Core, bytes_per_second: u64) -> Pace {
        Pace { core: core.clone(), bytes_per_second, slice: 0, paid_at: core.now() }
    }

    /// So many bytes of records were looked at: others may be due.
    pub(crate) async fn worked(&mut self, bytes: u64) {
        self.slice += bytes;
        if self.slice >= SLICE_BYTES {
            self.slice = 0;
            self.core.yield_now().await;
        }
    }

    /// So many bytes were read or written: waits until they are paid for.
    pub(crate) async fn moved(&mut self, bytes: u64) {
        let now = self.core.now();
        if self.bytes_per_second < u64::MAX {
            let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second);
            let nanos = u64::try_from(nanos).unwrap_or(u64::MAX);
            self.paid_at = self.paid_at.max(now) + Duration::from_nanos(nanos);
        }
        if self.paid_at.since(now) >= DEBT_MIN {
            self.slice = 0;
            self.core.sleep_until(self.paid_at).await;
        }
    }
}
