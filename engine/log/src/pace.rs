//! How fast compaction goes: it lets others have the core after every slice of work, and reads and
//! writes no more in a second than it is told at that moment.
//!
//! Kept true: however low the rate, whoever waits for what it read to be paid for looks again soon
//! whether there is still something to do.

use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;

use crate::compaction::{Ended, Going};
use crate::shard::Shard;

/// Work between two turns of others, in bytes of records: a fraction of a millisecond.
pub(crate) const SLICE_BYTES: u64 = 64 << 10;
/// A debt of less time than this is not worth a timer.
const DEBT_MIN: Duration = Duration::from_millis(1);
/// The longest sleep between two looks.
const SLEEP_MAX: Duration = Duration::from_millis(50);
const SECOND: u128 = 1_000_000_000;

/// What was spent, and what may be.
pub(crate) struct Pace {
    shard: Rc<Shard>,
    /// Work since others had a turn.
    slice: u64,
    /// What was read and written and is not paid for, in billionths of a byte.
    owed: u128,
    /// When it was last looked how much of that was paid.
    looked: Mono,
}

impl Pace {
    pub(crate) fn new(shard: &Rc<Shard>) -> Pace {
        Pace { shard: Rc::clone(shard), slice: 0, owed: 0, looked: shard.core.now() }
    }

    /// So many bytes of records were looked at: others may be due.
    pub(crate) async fn worked(&mut self, bytes: u64) {
        self.slice += bytes;
        if self.slice >= SLICE_BYTES {
            self.slice = 0;
            self.shard.core.yield_now().await;
        }
    }

    /// So many bytes were read or written: waits until they are paid for.
    ///
    /// # Errors
    /// There is nothing more to do meanwhile.
    pub(crate) async fn moved(&mut self, bytes: u64, going: Going<'_>) -> Result<(), Ended> {
        self.owed += u128::from(bytes) * SECOND;
        loop {
            let debt = self.debt();
            if debt < DEBT_MIN {
                return Ok(());
            }
            going.check()?;
            self.slice = 0;
            self.shard.core.sleep(debt.min(SLEEP_MAX)).await;
        }
    }

    /// How long it takes to pay what is owed, at the rate of now.
    fn debt(&mut self) -> Duration {
        let rate = u128::from(self.shard.live.get().compaction_bytes_per_second);
        let now = self.shard.core.now();
        let paid = now.since(self.looked).as_nanos().saturating_mul(rate);
        self.looked = now;
        self.owed = self.owed.saturating_sub(paid);
        let nanos = self.owed.checked_div(rate).unwrap_or(0);
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}
