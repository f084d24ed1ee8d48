//! How much of the core's time a request took, summed over the turns in which it was worked on.

use std::cell::Cell;
use std::time::Duration;

use engine_base::Mono;
use engine_rt::Core;

/// The time that one request took so far. Measures only where somebody asks.
#[derive(Default)]
pub(crate) struct Stopwatch {
    begun: Cell<Option<Mono>>,
    spent: Cell<Duration>,
}

impl Stopwatch {
    /// Another request begins.
    pub(crate) fn reset(&self) {
        self.begun.set(None);
        self.spent.set(Duration::ZERO);
    }

    /// A turn begins.
    pub(crate) fn begin(&self, core: &Core) {
        self.begun.set(Some(core.precise_now()));
    }

    /// The turn is over.
    pub(crate) fn end(&self, core: &Core) {
        self.spent.set(self.spent(core));
        self.begun.set(None);
    }

    /// What it took until now.
    pub(crate) fn spent(&self, core: &Core) -> Duration {
        let this_turn = self.begun.get().map(|begun| core.precise_now().since(begun));
        self.spent.get() + this_turn.unwrap_or_default()
    }
}
