//! Decisions: which part of a group a command or a deadline goes to.
//!
//! Kept true: a command to a classic group is decided on how it lives, one to a consumer group on
//! what its records say; a refused decision leaves no record behind.

use std::rc::Rc;

use engine_base::Refusal;
use replication_machine::{Decision, Now, Ticket};

use crate::answer::{ConsumerBeat, GroupAnswer};
use crate::command::{ConsumerHeartbeat, GroupCommand, Join};
use crate::consumer;
use crate::consumer::state::{Consumer, EPOCH_AWAY, EPOCH_GONE};
use crate::consumer::watch::{Alarm, Watch};
use crate::group::Group;
use crate::groups::Groups;
use crate::live::{Live, Unconfirmed, millis};
use crate::records;
use crate::turn::Turn;

/// What a decision is about.
pub(crate) enum Asked {
    /// A command.
    Command(Ticket, Box<GroupCommand>),
    /// Time passed.
    Due,
}

impl Groups {
    /// One decision about one group, from what was to be confirmed before it to its deadline.
    pub(crate) fn turn(&mut self, id: &Rc<str>, now: Now, asked: Asked) -> Decision<GroupAnswer> {
        let mut group = self.groups.remove(id).unwrap_or_default();
        let known = !group.is_gone();
        let mut turn = Turn {
            group: id.clone(),
            now,
            limits: &self.limits,
            cluster: &*self.cluster,
            records: Vec::new(),
            answers: Vec::new(),
        };
        match group.consumer.take() {
            Some(consumer) => {
                turn.of_consumer(&consumer, &mut group, asked);
                group.consumer = Some(consumer);
            }
            None => turn.of_classic(&mut group, known, asked),
        }
        let Turn { records, answers, .. } = turn;
        if group.is_gone() && records.is_empty() {
            return Decision { records, answers, deadline: None };
        }
        let check = *group.check.get_or_insert(now.mono + self.limits.retention_check);
        let live = group.live.as_ref().and_then(|live| live.deadline());
        let watch = group.watch.as_ref().and_then(|watch| watch.deadline());
        // A group that becomes classic begins to live as such at once.
        let becomes = group.downgrading.map(|_| now.mono);
        let deadline = [live, watch, becomes].into_iter().flatten().fold(check, Ord::min);
        self.groups.insert(id.clone(), group);
        Decision { records, answers, deadline: Some(deadline) }
    }
}

impl Turn<'_> {
    fn of_classic(&mut self, group: &mut Group, known: bool, asked: Asked) {
        let now = self.now;
        let fresh = |group: &Group| Box::new(Live::of(group.facts.as_ref(), now));
        let mut live = group.live.take().unwrap_or_else(|| fresh(group));
        let generation = live.generation;
        match live.unconfirmed.take() {
            None | Some(Unconfirmed::Harmless) => {}
            Some(Unconfirmed::Assignment) => self.prepare_rebalance(&mut live),
            Some(Unconfirmed::Replacement) => live = fresh(group),
        }
        group.watch = None;
        if group.downgrading.take() == Some(true) && !live.members.is_empty() {
            self.prepare_rebalance(&mut live);
        }
        match asked {
            Asked::Command(ticket, command) => {
                self.ask_classic(&mut live, group, known, ticket, *command);
            }
            Asked::Due => {
                self.time_passed(&mut live);
                if group.check.is_some_and(|at| at <= now.mono) {
                    group.check = None;
                    self.expire(&live, group.facts.as_ref(), &group.offsets);
                    self.write_again(&mut live, group.facts.as_ref());
                }
            }
        }
        live.check();
        assert!(live.generation >= generation, "a group's generation never goes back");
        if !known && self.records.is_empty() {
            self.write_new(&mut live);
        }
        if !live.is_at_rest(group.facts.as_ref()) {
            group.live = Some(live);
        }
    }

    /// A group that somebody waits in for the first time is written down.
    fn write_new(&mut self, live: &mut Live) {
        if !live.is_at_rest(None) {
            self.records.push(records::group(&self.group, &Live::of(None, self.now).facts()));
            live.unconfirmed = Some(Unconfirmed::Harmless);
        }
    }

    fn ask_classic(
        &mut self,
        live: &mut Live,
        group: &mut Group,
        known: bool,
        ticket: Ticket,
        command: GroupCommand,
    ) {
        match command {
            GroupCommand::Join(join) => self.join(live, known, ticket, join),
            GroupCommand::Sync(sync) => self.sync(live, ticket, sync),
            GroupCommand::Heartbeat(beat) => self.heartbeat(live, ticket, &beat),
            GroupCommand::Leave(leave) => self.leave(live, ticket, leave),
            GroupCommand::ConsumerHeartbeat(beat) => {
                let answer = self.become_consumer(live, group, known, &beat);
                self.answer(ticket, GroupAnswer::ConsumerHeartbeat(answer));
            }
            GroupCommand::CommitOffsets(commit) => self.commit(live, known, ticket, &commit),
            GroupCommand::DeleteOffsets(delete) => {
                self.delete_offsets(live, known, &group.offsets, ticket, &delete);
            }
            GroupCommand::DeleteGroup { .. } => {
                self.delete_group(live, known, &group.offsets, ticket);
            }
            GroupCommand::ForgetTopics { topics, .. } => {
                self.forget_deleted(&group.offsets, &topics);
                self.answer(ticket, GroupAnswer::ForgetTopics);
            }
        }
    }

    /// A member of the consumer protocol comes to a classic group, or to none: the group becomes a
    /// consumer group if the member joins.
    fn become_consumer(
        &mut self,
        live: &mut Live,
        group: &mut Group,
        known: bool,
        beat: &ConsumerHeartbeat,
    ) -> Result<ConsumerBeat, Refusal> {
        consumer::validate(beat, &self.limits.consumer)?;
        let id = &self.group;
        if beat.member_epoch != 0 {
            return Err(Refusal::GroupIdNotFound(match (known, beat.member_epoch) {
                (true, _) => format!("Group {id} is not a consumer group."),
                (false, ..0) => format!("Group {id} not found."),
                (false, _) => format!("Consumer group {id} not found."),
            }));
        }
        let (state, mut watch) = if live.members.is_empty() {
            if known {
                self.records.push(records::no_group(&self.group));
            }
            (Consumer::new(), Watch::default())
        } else {
            self.upgrade(live)?
        };
        let answer = self.undone_if_refused(|turn| turn.beat(&state, &mut watch, beat));
        if answer.is_err() {
            self.records.clear();
            return answer;
        }
        self.send_away(live);
        group.watch = Some(Box::new(watch));
        answer
    }

    /// Whoever waits in a classic group that ends is told to join again.
    fn send_away(&mut self, live: &mut Live) {
        let waiting: Vec<_> = live
            .members
            .iter_mut()
            .map(|(id, member)| (id.clone(), member.joining.take(), member.syncing.take()))
            .collect();
        for (id, joining, syncing) in waiting {
            if let Some(ticket) = joining {
                live.joining -= 1;
                self.refuse_join(ticket, Refusal::RebalanceInProgress, &id);
            }
            if let Some(ticket) = syncing {
                self.refuse_sync(ticket, Refusal::RebalanceInProgress);
            }
        }
    }

    /// What is refused has no records.
    fn undone_if_refused<T, E>(
        &mut self,
        decide: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let before = self.records.len();
        let result = decide(self);
        if result.is_err() {
            self.records.truncate(before);
        }
        result
    }

    fn of_consumer(&mut self, state: &Consumer, group: &mut Group, asked: Asked) {
        state.check();
        // It was to become a classic group, but the log refused the record.
        group.downgrading = None;
        if let Some(mut live) = group.live.take() {
            self.send_away(&mut live);
        }
        let (session_ms, now) = (self.session_ms(), self.now);
        let fresh = || Box::new(Watch::of(state, session_ms, now));
        let mut watch = group.watch.take().unwrap_or_else(fresh);
        match asked {
            Asked::Command(ticket, command) => {
                self.ask_consumer(state, &mut watch, group, ticket, *command);
            }
            Asked::Due => {
                self.silence(state, &mut watch, group);
                if watch.looks.at.is_some() && self.records.is_empty() {
                    let changed = self.look_on(state, &mut watch, &state.readers, None);
                    if !changed.is_empty() {
                        // The next heartbeat finds out what that means.
                        watch.seen = None;
                    }
                }
                if group.check.is_some_and(|at| at <= now.mono) && self.records.is_empty() {
                    group.check = None;
                    self.expire_of_consumer(state, &group.offsets);
                }
            }
        }
        group.watch = Some(watch);
    }

    fn ask_consumer(
        &mut self,
        state: &Consumer,
        watch: &mut Watch,
        group: &mut Group,
        ticket: Ticket,
        command: GroupCommand,
    ) {
        let answer = match command {
            GroupCommand::Join(join) if state.members.is_empty() => {
                return self.become_classic(state, group, ticket, join);
            }
            GroupCommand::Join(join) => {
                let joined = self.undone_if_refused(|turn| turn.classic_join(state, watch, &join));
                GroupAnswer::Join(joined.map(|(mut joined, replaced, member)| {
                    let id = &joined.member_id;
                    let one = replaced.as_ref();
                    let became = one.and_then(|one| self.downgrade_with(state, one, id, &member));
                    if let Some(generation) = became {
                        joined.generation = generation;
                        group.downgrading = Some(false);
                    }
                    joined
                }))
            }
            GroupCommand::Sync(sync) => GroupAnswer::Sync(self.classic_sync(state, watch, &sync)),
            GroupCommand::Heartbeat(beat) => {
                GroupAnswer::Heartbeat(self.classic_beat(state, watch, &beat))
            }
            GroupCommand::Leave(leave) => {
                let (answers, gone) = self.classic_leave(state, leave.members);
                self.part_with(state, group, &gone);
                GroupAnswer::Leave(Ok(answers))
            }
            GroupCommand::ConsumerHeartbeat(beat) => {
                let answer = self.undone_if_refused(|turn| {
                    consumer::validate(&beat, &turn.limits.consumer)?;
                    if !matches!(beat.member_epoch, EPOCH_GONE | EPOCH_AWAY) {
                        return turn.beat(state, watch, &beat);
                    }
                    let (answer, gone) = turn.part(state, &beat)?;
                    turn.part_with(state, group, gone.as_slice());
                    Ok(answer)
                });
                GroupAnswer::ConsumerHeartbeat(answer)
            }
            GroupCommand::CommitOffsets(commit) => {
                let checked = consumer::check_commit(state, &commit);
                GroupAnswer::CommitOffsets(checked.map(|()| self.write_offsets(&commit)))
            }
            GroupCommand::DeleteOffsets(delete) => {
                let reads = |topic: &str| state.reads(topic);
                GroupAnswer::DeleteOffsets(Ok(self.take_offsets(&group.offsets, &delete, reads)))
            }
            GroupCommand::DeleteGroup { .. } => {
                GroupAnswer::DeleteGroup(if state.members.is_empty() {
                    self.forget_all(&group.offsets);
                    self.forget_group(state);
                    Ok(())
                } else {
                    Err(Refusal::NonEmptyGroup)
                })
            }
            GroupCommand::ForgetTopics { topics, .. } => {
                self.forget_deleted(&group.offsets, &topics);
                GroupAnswer::ForgetTopics
            }
        };
        self.answer(ticket, answer);
    }

    fn part_with(&mut self, state: &Consumer, group: &mut Group, gone: &[Rc<str>]) {
        if !gone.is_empty() && self.remove_or_downgrade(state, gone) {
            group.downgrading = Some(true);
        }
    }

    /// A classic member comes to an empty consumer group: the group becomes a classic one.
    fn become_classic(&mut self, state: &Consumer, group: &mut Group, ticket: Ticket, join: Join) {
        self.forget_group(state);
        let gone = self.records.len();
        let mut live = Box::new(Live::of(None, self.now));
        self.join(&mut live, false, ticket, join);
        if live.is_at_rest(None) {
            // Nobody was let in.
            self.records.clear();
            return;
        }
        if self.records.len() == gone {
            self.write_new(&mut live);
        }
        group.live = Some(live);
    }

    /// Members that are not heard of, or do not do in time what they must, go.
    fn silence(&mut self, state: &Consumer, watch: &mut Watch, group: &mut Group) {
        let mut gone: Vec<Rc<str>> = Vec::new();
        for (id, alarm) in watch.ringing(self.mono()) {
            let Some(member) = state.members.get(&id) else { continue };
            let goes = match alarm {
                Alarm::Session => true,
                Alarm::Revoke(epoch) => member.current.epoch == epoch && !member.is_classic(),
                Alarm::Join | Alarm::Sync => member.is_classic(),
            };
            if goes && !gone.contains(&id) {
                // Again later, if the log refuses the records.
                watch.set_once(&id, Alarm::Session, self.mono() + millis(self.session_ms()));
                gone.push(id);
            }
        }
        self.part_with(state, group, &gone);
    }
}
