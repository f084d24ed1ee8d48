//! Who may commit into a consumer group, and who is shown its offsets.
//!
//! Kept true: a member commits in its own epoch, or in an older one for partitions that it has
//! without a break since; whoever is no member commits only into an empty group.

use engine_base::Refusal;

use super::state::{Consumer, Member};
use crate::command::CommitOffsets;

/// Whether a commit may be.
pub(crate) fn check_commit(group: &Consumer, commit: &CommitOffsets) -> Result<(), Refusal> {
    let epoch = commit.generation_or_epoch;
    if epoch < 0 && group.members.is_empty() {
        return Ok(());
    }
    let member = group.members.get(&*commit.member_id).ok_or(Refusal::UnknownMemberId)?;
    // Only from this version on a client knows what a stale epoch is.
    if !member.is_classic() && !commit.names_unknown_group {
        let why = "OffsetCommit version 9 or above must be used by members using the modern \
            group protocol";
        return Err(Refusal::UnsupportedVersion(why.into()));
    }
    let is_older = epoch < member.current.epoch && epoch >= 0 && !member.is_classic();
    // What it is to give up it still has.
    let has = [&member.current.assigned, &member.current.revoking];
    let since = |topic, partition: &i32| {
        let mut places = has.iter().filter_map(|owned| owned.get(topic)?.get(partition));
        places.any(|since| *since <= epoch)
    };
    if is_older && commit.offsets.iter().all(|new| since(&new.topic_id, &new.partition)) {
        return Ok(());
    }
    same_epoch(member, epoch)
}

/// Whether offsets may be shown to who says to be this member.
pub(crate) fn check_fetch(
    group: &Consumer,
    member_id: Option<&str>,
    epoch: i32,
) -> Result<(), Refusal> {
    if member_id.is_none() && epoch < 0 {
        return Ok(());
    }
    let member = member_id.and_then(|id| group.members.get(id));
    same_epoch(member.ok_or(Refusal::UnknownMemberId)?, epoch)
}

fn same_epoch(member: &Member, epoch: i32) -> Result<(), Refusal> {
    match (epoch == member.current.epoch, member.is_classic()) {
        (true, _) => Ok(()),
        (false, true) => Err(Refusal::IllegalGeneration),
        (false, false) => Err(Refusal::StaleMemberEpoch),
    }
}
