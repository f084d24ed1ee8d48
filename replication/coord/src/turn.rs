//! What one decision gathers: records and answers, at one moment.

use std::rc::Rc;

use engine_base::{Mono, Refusal};
use replication_machine::{Now, Record, Ticket};

use crate::answer::{GroupAnswer, JoinRefused};
use crate::cluster::Cluster;
use crate::limits::GroupLimits;
use crate::live::{Live, Unconfirmed};
use crate::records;

/// One decision about one group.
pub(crate) struct Turn<'a> {
    pub(crate) group: Rc<str>,
    pub(crate) now: Now,
    pub(crate) limits: &'a GroupLimits,
    pub(crate) cluster: &'a dyn Cluster,
    pub(crate) records: Vec<Record>,
    pub(crate) answers: Vec<(Ticket, GroupAnswer)>,
}

impl Turn<'_> {
    /// The monotonic moment.
    pub(crate) fn mono(&self) -> Mono {
        self.now.mono
    }

    pub(crate) fn answer(&mut self, ticket: Ticket, answer: GroupAnswer) {
        self.answers.push((ticket, answer));
    }

    /// A join that is not let in.
    pub(crate) fn refuse_join(&mut self, ticket: Ticket, why: Refusal, member_id: &str) {
        let refused = JoinRefused { why, member_id: member_id.into() };
        self.answer(ticket, GroupAnswer::Join(Err(refused)));
    }

    pub(crate) fn refuse_sync(&mut self, ticket: Ticket, why: Refusal) {
        self.answer(ticket, GroupAnswer::Sync(Err(why)));
    }

    /// Writes the group as it lives now.
    pub(crate) fn write_group(&mut self, live: &mut Live, what: Unconfirmed) {
        assert!(live.unconfirmed.is_none(), "one record of a group is on its way");
        self.records.push(records::group(&self.group, &live.facts()));
        live.unconfirmed = Some(what);
    }
}
