//! Whether there is room for one more member in a group.
//!
//! Kept true: whatever is decided about all members of a group at once (their targets, the record
//! of a generation, a move to the other protocol) fits into one batch, so that it is the newcomer
//! who is refused and never the group that stands still. It is counted from above: some room is
//! never used.

use std::rc::Rc;

use crate::consumer::state::Consumer;
use crate::live::{Live, Member};
use crate::turn::Turn;

/// What a record takes beside the group's name, the member's id and what both say, in bytes.
const RECORD_BYTES: usize = 64;

/// Records that one decision writes of a member at most.
const RECORDS: usize = 3;

/// A partition in a target, a topic with one partition at most, in bytes.
const PARTITION_BYTES: usize = 28;

impl Turn<'_> {
    /// Whether one more member of this id, which reads these topics, fits into a consumer group.
    pub(crate) fn has_room_in(&self, group: &Consumer, id: &str, topics: &[Rc<str>]) -> bool {
        let keys = |id: &str| RECORDS * (RECORD_BYTES + self.group.len() + id.len());
        let words =
            |names: &mut dyn Iterator<Item = usize>| names.map(|len| len + 2).sum::<usize>();
        let members = group.members.iter().map(|(id, member)| {
            keys(id) + words(&mut member.subscription.topics.iter().map(|name| name.len()))
        });
        let newcomer = keys(id) + words(&mut topics.iter().map(|name| name.len()));
        let resolved = group.patterns.values().flat_map(|resolved| resolved.topics.iter());
        let names = group.names.keys().chain(resolved).map(|name| &**name);
        let partitions = names
            .chain(topics.iter().map(|name| &**name))
            .filter_map(|name| self.cluster.topic(name))
            .map(|topic| topic.partitions.max(0) as usize);
        let partitions = partitions.sum::<usize>().saturating_mul(PARTITION_BYTES);
        let bytes = members.sum::<usize>() + newcomer;
        bytes.saturating_add(partitions) <= self.limits.decision_bytes_max
    }

    /// Whether one more member that says so much of itself fits into a classic group.
    pub(crate) fn has_room_for_words(&self, live: &Live, words: usize) -> bool {
        let members = live.members.iter().map(|(id, member)| id.len() + size(member));
        let bytes = members.sum::<usize>() + self.group.len() + RECORD_BYTES;
        bytes.saturating_add(words + RECORD_BYTES) <= self.limits.decision_bytes_max
    }
}

/// About how many bytes a member takes in its group's record.
fn size(member: &Member) -> usize {
    let said = member.protocols.iter().map(|(_, metadata)| metadata.len()).max();
    let instance = member.instance_id.as_ref().map_or(0, |instance| instance.len());
    RECORD_BYTES
        + instance
        + member.client_id.len()
        + member.client_host.len()
        + said.unwrap_or(0)
        + member.assignment.len()
}
