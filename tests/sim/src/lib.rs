//! Crash states of the log: a seeded workload in the simulated world, frozen at its writes,
//! crashed, recovered and checked.
//!
//! What is checked of every state: nothing acknowledged is lost (by the rules of its class),
//! nothing is served that was not sent, offsets are dense, recovery neither panics nor gets stuck,
//! also when it is crashed itself, and two runs of one seed do the same.

pub mod chance;
pub mod check;
pub mod compaction;
pub mod faults;
pub mod groups;
pub mod lives;
mod mode;
pub mod retention;
pub mod rot;
pub mod setup;
pub mod spec;
pub mod workload;

use std::ops::Range;

/// What a range of seeds came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Seeds run.
    pub seeds: u64,
    /// Crash states recovered and checked.
    pub states: u64,
    /// Of these, crashed again during their recovery.
    pub states_in_recovery: u64,
    /// Of these, with a torn end.
    pub torn: u64,
    /// Laps of the ring.
    pub laps: u64,
    /// Checkpoints written.
    pub checkpoints: u64,
    /// Remainders carried forward.
    pub carried: u64,
    /// Bytes written to segments.
    pub destaged_bytes: u64,
    /// Stops after injected errors.
    pub stops: u64,
    /// Refusals for want of space.
    pub full: u64,
    /// Starts that retention moved.
    pub retained: u64,
    /// Looks whether all that is old had gone.
    pub expired: u64,
    /// Logs set aside.
    pub set_aside: u64,
    /// Of the states, those in which a dead process's operations landed late.
    pub late: u64,
    /// Of the states, recoveries that met errors of the disk.
    pub with_errors: u64,
    /// Starts that were to find no space for their checkpoint.
    pub narrow: u64,
    /// Rounds of compaction.
    pub compactions: u64,
    /// Of the states, those in the middle of one.
    pub in_compaction: u64,
    /// A hash of everything that happened.
    pub trace: u64,
    /// Each failure in one line, which reproduces it.
    pub failures: Vec<String>,
}

impl Summary {
    /// Adds what another range came to.
    pub fn add(&mut self, other: &Summary) {
        self.seeds += other.seeds;
        self.states += other.states;
        self.states_in_recovery += other.states_in_recovery;
        self.torn += other.torn;
        self.laps += other.laps;
        self.checkpoints += other.checkpoints;
        self.carried += other.carried;
        self.destaged_bytes += other.destaged_bytes;
        self.stops += other.stops;
        self.full += other.full;
        self.retained += other.retained;
        self.expired += other.expired;
        self.set_aside += other.set_aside;
        self.late += other.late;
        self.with_errors += other.with_errors;
        self.narrow += other.narrow;
        self.compactions += other.compactions;
        self.in_compaction += other.in_compaction;
        self.trace = self.trace.rotate_left(7) ^ other.trace;
        self.failures.extend(other.failures.iter().cloned());
    }
}

/// Runs the crash states of these seeds.
pub fn crash_states(seeds: Range<u64>) -> Summary {
    let mut all = Summary::default();
    for seed in seeds {
        all.add(&lives::run_seed(seed));
    }
    all
}

/// Runs seeds from `first` on until `states` states were checked, or one failed.
pub fn crash_states_counted(first: u64, states: u64) -> Summary {
    let mut all = Summary::default();
    let mut seed = first;
    while all.states < states && all.failures.is_empty() {
        all.add(&lives::run_seed(seed));
        seed += 1;
    }
    all
}

/// Runs seeds of compaction from `first` on until `states` states were checked, or one failed.
pub fn compaction_counted(first: u64, states: u64) -> Summary {
    let mut all = Summary::default();
    let mut seed = first;
    while all.states < states && all.failures.is_empty() {
        all.add(&compaction::run_seed(seed));
        seed += 1;
    }
    all
}

/// Runs seeds of coordinators from `first` on until `states` states were checked, or one failed.
pub fn groups_counted(first: u64, states: u64) -> Summary {
    let mut all = Summary::default();
    let mut seed = first;
    while all.states < states && all.failures.is_empty() {
        all.add(&groups::run_seed(seed));
        seed += 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(name: &str, otherwise: u64) -> u64 {
        let value = std::env::var(name).ok();
        value.and_then(|value| value.parse().ok()).unwrap_or(otherwise)
    }

    #[test]
    fn one_seed_runs_alike_twice() {
        let seed = number("BOBBIN_SEED", 3);
        let first = crash_states(seed..seed + 1);
        println!("{first:?}");
        assert_eq!(first.failures, Vec::<String>::new());
        assert_eq!(first, crash_states(seed..seed + 1));
    }

    #[test]
    fn compaction_of_one_seed_runs_alike_twice() {
        let seed = number("BOBBIN_SEED", 3);
        let first = compaction::run_seed(seed);
        println!("{first:?}");
        assert_eq!(first.failures, Vec::<String>::new());
        assert_eq!(first, compaction::run_seed(seed));
    }

    #[test]
    fn compaction_loses_nothing_and_brings_nothing_back() {
        let (seed, states) = (number("BOBBIN_SEED", 1), number("BOBBIN_CRASH_STATES", 400));
        let summary = compaction_counted(seed, states);
        println!("from seed {seed}: {summary:?}");
        assert!(summary.failures.is_empty(), "{}", summary.failures.join("\n"));
        assert!(summary.in_compaction * 4 > summary.states && summary.compactions > 50);
    }

    #[test]
    fn groups_of_one_seed_run_alike_twice() {
        let seed = number("BOBBIN_SEED", 3);
        let first = groups::run_seed(seed);
        assert_eq!(first.failures, Vec::<String>::new());
        assert_eq!(first, groups::run_seed(seed));
    }

    /// A node's start costs as much as ten of a log's: so many fewer states.
    #[test]
    fn crash_states_of_groups_lose_no_acknowledged_commit() {
        let (seed, states) = (number("BOBBIN_SEED", 1), number("BOBBIN_CRASH_STATES", 500));
        let summary = groups_counted(seed, states.div_ceil(20));
        println!("from seed {seed}: {summary:?}");
        assert!(summary.failures.is_empty(), "{}", summary.failures.join("\n"));
    }

    #[test]
    fn rot_is_found_and_named_and_cuts_nothing() {
        let seed = number("BOBBIN_SEED", 1);
        let summary = rot::rot(seed..seed + 12, number("BOBBIN_ROTS", 100));
        println!("from seed {seed}: {summary:?}");
        assert!(summary.failures.is_empty(), "{}", summary.failures.join("\n"));
        assert!(summary.found > summary.harmless);
    }

    #[test]
    fn crash_states_lose_nothing() {
        let (seed, states) = (number("BOBBIN_SEED", 1), number("BOBBIN_CRASH_STATES", 500));
        let summary = crash_states_counted(seed, states);
        println!("from seed {seed}: {summary:?}");
        assert!(summary.failures.is_empty(), "{}", summary.failures.join("\n"));
    }
}
