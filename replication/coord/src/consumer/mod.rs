//! Groups of the consumer protocol (KIP-848): the coordinator assigns, members reconcile with it
//! heartbeat by heartbeat; classic members may be among them.
//!
//! Kept true: a partition has one owner at a time, and the next one only after that gave it up; no
//! member's epoch is ahead of its group's; nobody waits for anybody.

mod assign;
mod balance;
mod classic;
mod commit;
mod heartbeat;
mod look;
mod migrate;
mod pattern;
mod protocol;
mod reconcile;
pub(crate) mod records;
pub(crate) mod state;
mod turn;
mod view;
pub(crate) mod watch;

pub(crate) use commit::{check_commit, check_fetch};
pub(crate) use heartbeat::validate;
pub use pattern::check_pattern;
pub(crate) use view::{described, state_of};

#[cfg(test)]
#[path = "group_test.rs"]
mod group_test;
#[cfg(test)]
#[path = "migrate_test.rs"]
mod migrate_test;
#[cfg(test)]
#[path = "settle_test.rs"]
mod settle_test;
