//! LeaveGroup, and members that are not heard of any more.
//!
//! Kept true: whoever goes, its waiting join is answered; a batch of leavers begins one rebalance.

use std::rc::Rc;

use engine_base::Refusal;
use replication_machine::Ticket;

use crate::answer::{GroupAnswer, LeftMember};
use crate::command::{Leave, LeavingMember};
use crate::describe::GroupState;
use crate::join::validate_member;
use crate::live::Live;
use crate::turn::Turn;

impl Turn<'_> {
    /// Members leave.
    pub(crate) fn leave(&mut self, live: &mut Live, ticket: Ticket, leave: Leave) {
        if leave.group.is_empty() {
            return self.answer(ticket, GroupAnswer::Leave(Err(Refusal::GroupIdInvalid)));
        }
        let (mut answers, mut any) = (Vec::new(), false);
        for member in leave.members {
            let left = self.leave_one(live, &member);
            any |= left.is_ok();
            let LeavingMember { member_id, instance_id, reason: _ } = member;
            answers.push(LeftMember { member_id, instance_id, left });
        }
        if any {
            match live.state {
                GroupState::Stable | GroupState::CompletingRebalance => {
                    self.prepare_rebalance(live);
                }
                GroupState::PreparingRebalance => self.maybe_complete_join(live),
                GroupState::Empty | GroupState::Dead => {}
            }
        }
        self.answer(ticket, GroupAnswer::Leave(Ok(answers)));
    }

    fn leave_one(&mut self, live: &mut Live, member: &LeavingMember) -> Result<(), Refusal> {
        let instance = member.instance_id.as_deref();
        let id: Rc<str> = if member.member_id.is_empty() {
            // An administrator names a static member by its instance id alone.
            let id = instance.and_then(|instance| live.statics.get(instance));
            id.ok_or(Refusal::UnknownMemberId)?.clone()
        } else if live.pending.remove(&member.member_id) {
            return Ok(());
        } else {
            validate_member(live, &member.member_id, instance)?;
            member.member_id.as_str().into()
        };
        self.drop_member(live, &id);
        Ok(())
    }

    /// A member goes; what waits of it hears that it is none.
    fn drop_member(&mut self, live: &mut Live, id: &Rc<str>) {
        let member = live.members.get_mut(id).expect("because only members go");
        let (joining, syncing) = (member.joining.take(), member.syncing.take());
        if let Some(ticket) = joining {
            live.joining -= 1;
            self.refuse_join(ticket, Refusal::UnknownMemberId, "");
        }
        if let Some(ticket) = syncing {
            self.refuse_sync(ticket, Refusal::UnknownMemberId);
        }
        live.remove(id);
    }

    /// Time passed: sessions, ids that nobody came back with, and phases may be over.
    pub(crate) fn time_passed(&mut self, live: &mut Live) {
        let now = self.mono();
        let pending = live.pending.len();
        let dead = live.overdue(now);
        for id in &dead {
            self.drop_member(live, id);
        }
        let fewer = !dead.is_empty() || live.pending.len() < pending;
        let settled = matches!(live.state, GroupState::Stable | GroupState::CompletingRebalance);
        if !dead.is_empty() && settled {
            self.prepare_rebalance(live);
        } else if fewer && live.state == GroupState::PreparingRebalance && live.all_joined() {
            self.complete_join(live);
        }
        if live.join_timer.is_some_and(|timer| timer.at <= now) {
            self.join_time_over(live);
        }
        if live.sync_timer.is_some_and(|at| at <= now) {
            live.sync_timer = None;
            for id in std::mem::take(&mut live.unsynced) {
                self.drop_member(live, &id);
            }
            self.prepare_rebalance(live);
        }
    }
}
