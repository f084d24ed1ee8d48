//! What goes by itself: offsets that nobody committed for long, and groups that nothing is left of.
//!
//! Kept true: no offset of a topic that a live member reads expires; times come from records and
//! the wall clock of the decision, so applying asks no clock.

use crate::consumer::state::Consumer;
use crate::describe::{CommittedOffset, GroupState};
use crate::groups::Offsets;
use crate::live::{Live, Unconfirmed};
use crate::records::{self, GroupFacts};
use crate::turn::Turn;

impl Turn<'_> {
    /// Takes away what has expired, and a group that is empty after that.
    pub(crate) fn expire(&mut self, live: &Live, facts: Option<&GroupFacts>, offsets: &Offsets) {
        let simple = live.protocol_type.is_none();
        let consumers = live.protocol_type.as_deref() == Some("consumer");
        let subscribed = live.subscribed();
        let empty = live.state == GroupState::Empty;
        let counts = simple
            || empty
            || (consumers && live.state == GroupState::Stable && subscribed.is_some());
        let mut left = false;
        for (topic, partitions) in offsets {
            let read = !empty && live.reads(subscribed.as_ref(), topic);
            for (partition, committed) in partitions {
                // An empty group's offsets count from when it became empty, if that is known.
                let since = match empty && !simple && live.state_ms >= 0 {
                    true => live.state_ms,
                    false => committed.committed_ms,
                };
                if counts && !read && self.is_over(committed, since) {
                    self.records.push(records::no_offset(&self.group, topic, *partition));
                } else {
                    left = true;
                }
            }
        }
        if !left && empty && facts.is_some() && live.is_at_rest(facts) {
            self.records.push(records::no_group(&self.group));
        }
    }

    /// Takes away what has expired of a consumer group's, and an empty group after that.
    pub(crate) fn expire_of_consumer(&mut self, group: &Consumer, offsets: &Offsets) {
        let mut left = false;
        for (topic, partitions) in offsets {
            let read = group.reads(topic);
            for (partition, committed) in partitions {
                if !read && self.is_over(committed, committed.committed_ms) {
                    self.records.push(records::no_offset(&self.group, topic, *partition));
                } else {
                    left = true;
                }
            }
        }
        if !left && group.members.is_empty() {
            self.forget_group(group);
        }
    }

    /// A group whose last member left says so once more, if its record found no room.
    pub(crate) fn write_again(&mut self, live: &mut Live, facts: Option<&GroupFacts>) {
        let empty = live.state == GroupState::Empty && live.pending.is_empty();
        if empty && live.unconfirmed.is_none() && !live.is_at_rest(facts) {
            self.write_group(live, Unconfirmed::Harmless);
        }
    }

    fn is_over(&self, committed: &CommittedOffset, since: i64) -> bool {
        let now = self.now.wall.0;
        match committed.expires_ms {
            Some(at) => now >= at,
            None => now.saturating_sub(since) >= self.limits.retention_ms,
        }
    }
}
