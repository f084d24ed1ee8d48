//! OffsetCommit, OffsetDelete, DeleteGroups, and the offsets of deleted topics.
//!
//! Kept true: who is no member of the current generation commits nothing into a group that has
//! members.

use std::collections::BTreeSet;
use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use replication_machine::Ticket;

use crate::answer::GroupAnswer;
use crate::command::{CommitOffsets, DeleteOffsets, DeletedTopics, NewOffset};
use crate::describe::GroupState;
use crate::groups::{Offsets, Partitions};
use crate::join::validate_member;
use crate::live::Live;
use crate::records::{self, OffsetValue};
use crate::turn::Turn;

impl Turn<'_> {
    /// Offsets are committed.
    pub(crate) fn commit(
        &mut self,
        live: &mut Live,
        known: bool,
        ticket: Ticket,
        commit: &CommitOffsets,
    ) {
        if let Err(why) = validate_commit(live, known, commit) {
            return self.answer(ticket, GroupAnswer::CommitOffsets(Err(why)));
        }
        let alive = matches!(live.state, GroupState::Stable | GroupState::PreparingRebalance);
        if alive {
            live.refresh(&commit.member_id, self.now.mono);
        }
        let answers = self.write_offsets(commit);
        self.answer(ticket, GroupAnswer::CommitOffsets(Ok(answers)));
    }

    /// Writes the offsets of a commit that may be; one verdict for each.
    pub(crate) fn write_offsets(&mut self, commit: &CommitOffsets) -> Vec<Result<(), Refusal>> {
        let retention = commit.retention_ms.filter(|ms| *ms != -1);
        let expires_ms = retention.map(|ms| self.now.wall.0.saturating_add(ms));
        let mut answers = Vec::with_capacity(commit.offsets.len());
        for new in &commit.offsets {
            let checked = check_offset(new, self.limits.metadata_bytes_max);
            if checked.is_ok() {
                let value = OffsetValue {
                    offset: new.offset,
                    leader_epoch: new.leader_epoch,
                    metadata: &new.metadata,
                    committed_ms: self.now.wall.0,
                    expires_ms,
                    topic_id: new.topic_id,
                };
                let record = records::offset(&self.group, &new.topic, new.partition, &value);
                self.records.push(record);
            }
            answers.push(checked);
        }
        answers
    }

    /// Offsets are taken away; not those of topics that a live member reads.
    pub(crate) fn delete_offsets(
        &mut self,
        live: &Live,
        known: bool,
        offsets: &Offsets,
        ticket: Ticket,
        delete: &DeleteOffsets,
    ) {
        let consumers = live.protocol_type.as_deref() == Some("consumer");
        let refused = if delete.group.is_empty() {
            Some(Refusal::GroupIdInvalid)
        } else if !known {
            Some(not_found(&delete.group))
        } else if live.state != GroupState::Empty && !consumers {
            Some(Refusal::NonEmptyGroup)
        } else {
            None
        };
        if let Some(why) = refused {
            return self.answer(ticket, GroupAnswer::DeleteOffsets(Err(why)));
        }
        let subscribed = live.subscribed();
        let reads =
            |topic: &str| live.state != GroupState::Empty && live.reads(subscribed.as_ref(), topic);
        let answers = self.take_offsets(offsets, delete, reads);
        self.answer(ticket, GroupAnswer::DeleteOffsets(Ok(answers)));
    }

    /// Takes offsets away, but for topics that a live member reads; one verdict for each.
    pub(crate) fn take_offsets(
        &mut self,
        offsets: &Offsets,
        delete: &DeleteOffsets,
        reads: impl Fn(&str) -> bool,
    ) -> Vec<Result<(), Refusal>> {
        let mut answers = Vec::with_capacity(delete.partitions.len());
        for (topic, partition) in &delete.partitions {
            if reads(topic) {
                answers.push(Err(Refusal::GroupSubscribedToTopic));
                continue;
            }
            if offsets.get(topic.as_str()).is_some_and(|of| of.contains_key(partition)) {
                self.records.push(records::no_offset(&self.group, topic, *partition));
            }
            answers.push(Ok(()));
        }
        answers
    }

    /// The whole group goes, if nobody is in it.
    pub(crate) fn delete_group(
        &mut self,
        live: &mut Live,
        known: bool,
        offsets: &Offsets,
        ticket: Ticket,
    ) {
        if !known {
            let why = not_found(&self.group);
            return self.answer(ticket, GroupAnswer::DeleteGroup(Err(why)));
        }
        if live.state != GroupState::Empty {
            return self.answer(ticket, GroupAnswer::DeleteGroup(Err(Refusal::NonEmptyGroup)));
        }
        self.forget_all(offsets);
        self.records.push(records::no_group(&self.group));
        // Ids that were given out are of a group that is no more.
        live.pending.clear();
        self.answer(ticket, GroupAnswer::DeleteGroup(Ok(())));
    }

    /// Takes away all offsets.
    pub(crate) fn forget_all(&mut self, offsets: &Offsets) {
        for (topic, partitions) in offsets {
            for partition in partitions.keys() {
                self.records.push(records::no_offset(&self.group, topic, *partition));
            }
        }
    }

    /// Takes away the offsets of deleted topics.
    pub(crate) fn forget_deleted(&mut self, offsets: &Offsets, deleted: &DeletedTopics) {
        each_deleted(offsets, deleted, |topic, partition| {
            self.records.push(records::no_offset(&self.group, topic, partition));
            true
        });
    }
}

/// What of these offsets was committed for topics that were deleted, as far as `see` wants to know:
/// it says whether to go on. Walks whichever of the two is the shorter. Old clients' commits say no
/// id.
pub(crate) fn each_deleted(
    offsets: &Offsets,
    deleted: &DeletedTopics,
    mut see: impl FnMut(&Rc<str>, i32) -> bool,
) {
    let mut of_topic = |topic: &Rc<str>, ids: &BTreeSet<Uuid>, of: &Partitions| {
        let is_of = |id: Uuid| id.is_zero() || ids.contains(&id);
        let mut gone = of.iter().filter(|(_, committed)| is_of(committed.topic_id));
        gone.all(|(partition, _)| see(topic, *partition))
    };
    if deleted.len() < offsets.len() {
        let mut named =
            deleted.iter().filter_map(|(topic, ids)| Some((ids, offsets.get_key_value(topic)?)));
        named.all(|(ids, (topic, of))| of_topic(topic, ids, of));
    } else {
        let mut named =
            offsets.iter().filter_map(|(topic, of)| Some((topic, deleted.get(topic)?, of)));
        named.all(|(topic, ids, of)| of_topic(topic, ids, of));
    }
}

fn not_found(group: &Rc<str>) -> Refusal {
    Refusal::GroupIdNotFound(format!("Group {group} not found."))
}

fn validate_commit(live: &Live, known: bool, commit: &CommitOffsets) -> Result<(), Refusal> {
    let generation = commit.generation_or_epoch;
    if generation < 0 && live.state == GroupState::Empty {
        return Ok(());
    }
    if !known {
        return Err(match commit.names_unknown_group {
            true => not_found(&commit.group),
            false => Refusal::IllegalGeneration,
        });
    }
    if generation < 0 && commit.member_id.is_empty() && commit.instance_id.is_none() {
        return Err(Refusal::UnknownMemberId);
    }
    validate_member(live, &commit.member_id, commit.instance_id.as_deref())?;
    if generation != live.generation {
        return Err(Refusal::IllegalGeneration);
    }
    if live.state == GroupState::CompletingRebalance {
        return Err(Refusal::RebalanceInProgress);
    }
    Ok(())
}

fn check_offset(new: &NewOffset, metadata_max: usize) -> Result<(), Refusal> {
    // Kafka counts UTF-16 units; there are never more of them than bytes.
    let long = new.metadata.len() > metadata_max;
    if long && new.metadata.encode_utf16().count() > metadata_max {
        return Err(Refusal::OffsetMetadataTooLarge);
    }
    // -1 is kept: to whoever asks, it is as if there were none.
    if new.offset < -1 {
        return Err(Refusal::InvalidRequest(format!("a committed offset of {}", new.offset)));
    }
    Ok(())
}
