//! All groups of one partition of `__consumer_offsets`, as a machine.
//!
//! Kept true: deciding changes only what is volatile by name; applying changes only what records
//! build.

use std::rc::Rc;

use engine_base::Mono;
use replication_machine::{BadRecord, Decision, Machine, Now, RecordView, Ticket};

use crate::answer::GroupAnswer;
use crate::command::GroupCommand;
use crate::describe::{CommittedOffset, DescribedGroup, ListedGroup};
use crate::limits::GroupLimits;

/// All groups of one partition of `__consumer_offsets`.
#[derive(Debug)]
pub struct Groups {
    limits: GroupLimits,
}

impl Groups {
    /// No groups yet.
    pub fn new(limits: GroupLimits) -> Groups {
        Groups { limits }
    }

    /// The broker's configuration changed.
    pub fn set_limits(&mut self, limits: GroupLimits) {
        self.limits = limits;
    }

    /// A committed offset; `None` if there is none.
    pub fn offset(&self, _group: &str, _topic: &str, _partition: i32) -> Option<&CommittedOffset> {
        unreachable!("not built yet")
    }

    /// Every committed offset of a group, by topic and partition.
    pub fn offsets(&self, _group: &str) -> Vec<(Rc<str>, i32, &CommittedOffset)> {
        unreachable!("not built yet")
    }

    /// A group; `None` if there is none.
    pub fn describe(&self, _group: &str) -> Option<DescribedGroup> {
        unreachable!("not built yet")
    }

    /// Every group, by id.
    pub fn list(&self) -> Vec<ListedGroup> {
        unreachable!("not built yet")
    }

    /// The groups that have offsets of any of these topics.
    pub fn with_offsets_of(&self, _topics: &[String]) -> Vec<Rc<str>> {
        unreachable!("not built yet")
    }
}

impl Machine for Groups {
    type Command = GroupCommand;
    type Answer = GroupAnswer;
    type Key = Rc<str>;

    fn key(&self, command: &GroupCommand) -> Rc<str> {
        command.group().clone()
    }

    fn decide(
        &mut self,
        _ticket: Ticket,
        _command: GroupCommand,
        _now: Now,
    ) -> Decision<GroupAnswer> {
        unreachable!("not built yet")
    }

    fn due(&mut self, _group: &Rc<str>, _now: Now) -> Decision<GroupAnswer> {
        unreachable!("not built yet")
    }

    fn apply(&mut self, _record: &RecordView<'_>) -> Result<(), BadRecord> {
        unreachable!("not built yet")
    }

    fn begin(&mut self, _now: Now) -> Vec<(Rc<str>, Mono)> {
        unreachable!("not built yet")
    }

    fn state_hash(&self) -> u64 {
        unreachable!("not built yet")
    }
}
