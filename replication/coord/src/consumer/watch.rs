//! How long members of a consumer group may stay silent, and what was seen of the cluster.
//!
//! Kept true: all of it is volatile; an alarm of who is no member any more rings for nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::Mono;
use replication_machine::Now;

use super::look::Looks;
use super::state::{Consumer, MemberState};
use crate::live::millis;

/// What a member must do in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Alarm {
    /// Be heard of.
    Session,
    /// Give up partitions; rings only if it is still at this epoch.
    Revoke(i32),
    /// Classic: join again.
    Join,
    /// Classic: ask for its assignment.
    Sync,
}

impl Alarm {
    /// A member has one alarm of a kind.
    fn kind(self) -> u8 {
        match self {
            Alarm::Session => 0,
            Alarm::Revoke(_) => 1,
            Alarm::Join => 2,
            Alarm::Sync => 3,
        }
    }
}

/// The alarms of a group's members.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    rings: BTreeSet<(Mono, Rc<str>, Alarm)>,
    set: BTreeMap<(Rc<str>, u8), (Mono, Alarm)>,
    /// The cluster's version that the group's topics were last looked up in.
    pub(crate) seen: Option<u64>,
    /// How far the looking up of patterns is.
    pub(crate) looks: Looks,
}

impl Watch {
    /// Everybody has a fresh session.
    pub(crate) fn of(group: &Consumer, session_ms: i32, now: Now) -> Watch {
        let mut watch = Watch::default();
        for (id, member) in &group.members {
            let classic = member.subscription.classic.as_ref();
            let session_ms = classic.map_or(session_ms, |classic| classic.session_ms);
            watch.set(id, Alarm::Session, now.mono + millis(session_ms));
            let revokes = member.current.state == MemberState::Unrevoked;
            if revokes && classic.is_none() {
                let at = now.mono + millis(member.subscription.rebalance_ms);
                watch.set(id, Alarm::Revoke(member.current.epoch), at);
            }
        }
        watch
    }

    /// Rings then, in place of the one of its kind before.
    pub(crate) fn set(&mut self, id: &Rc<str>, alarm: Alarm, at: Mono) {
        let before = self.set.insert((id.clone(), alarm.kind()), (at, alarm));
        if let Some((at, alarm)) = before {
            self.rings.remove(&(at, id.clone(), alarm));
        }
        self.rings.insert((at, id.clone(), alarm));
    }

    /// Rings then, unless one of its kind is set.
    pub(crate) fn set_once(&mut self, id: &Rc<str>, alarm: Alarm, at: Mono) {
        if !self.set.contains_key(&(id.clone(), alarm.kind())) {
            self.set(id, alarm, at);
        }
    }

    /// Does not ring any more.
    pub(crate) fn clear(&mut self, id: &Rc<str>, alarm: Alarm) {
        if let Some((at, alarm)) = self.set.remove(&(id.clone(), alarm.kind())) {
            self.rings.remove(&(at, id.clone(), alarm));
        }
    }

    /// What rings, once.
    pub(crate) fn ringing(&mut self, now: Mono) -> Vec<(Rc<str>, Alarm)> {
        let mut ringing = Vec::new();
        while let Some((at, id, alarm)) = self.rings.pop_first() {
            if at > now {
                self.rings.insert((at, id, alarm));
                break;
            }
            self.set.remove(&(id.clone(), alarm.kind()));
            ringing.push((id, alarm));
        }
        ringing
    }

    /// When the first one rings, or patterns are to be looked up further.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        self.rings.first().map(|(at, _, _)| *at).into_iter().chain(self.looks.at).min()
    }
}
