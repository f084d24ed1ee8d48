//! A classic group as it lives: who is in it, who waits for whom, until when.
//!
//! Kept true: all of it is volatile. The leader is a member, the generation only grows, every
//! protocol's count is that of the members that support it, and a ticket that is kept here is
//! answered once: taking it out is answering it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::time::Duration;

use engine_base::Mono;
use replication_machine::{Now, Ticket};

use crate::command::Join;
use crate::describe::GroupState;
use crate::pending::Pending;
use crate::records::{GroupFacts, MemberFacts};

/// Names, each once, and what a member says of itself under each, in its order of preference.
pub(crate) type Protocols = Rc<[(Rc<str>, Rc<[u8]>)]>;

/// What a join brings. Of a name that is given twice the first counts, so that a protocol's count
/// is one of members: Kafka 4.3.1 counts both and then fails over the group.
pub(crate) fn protocols_of(join: &Join) -> Protocols {
    let mut seen = BTreeSet::new();
    let first = join.protocols.iter().filter(|(name, _)| seen.insert(name.as_str()));
    first.map(|(name, metadata)| (name.as_str().into(), metadata.as_slice().into())).collect()
}

/// Milliseconds of a protocol's field as a time; negative ones are none at all.
pub(crate) fn millis(ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// A member as it lives.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) instance_id: Option<Rc<str>>,
    pub(crate) client_id: Rc<str>,
    pub(crate) client_host: Rc<str>,
    pub(crate) rebalance_ms: i32,
    pub(crate) session_ms: i32,
    pub(crate) protocols: Protocols,
    pub(crate) assignment: Rc<[u8]>,
    /// Its join, waiting for the others.
    pub(crate) joining: Option<Ticket>,
    /// Its sync, waiting for the leader's.
    pub(crate) syncing: Option<Ticket>,
    /// When it is dead, unless it is heard of.
    pub(crate) session: Mono,
    /// Its first join waits: its session runs although it waits.
    pub(crate) is_new: bool,
}

impl Member {
    /// What it says of itself under a protocol.
    pub(crate) fn metadata(&self, protocol: Option<&str>) -> Rc<[u8]> {
        let found = self.protocols.iter().find(|(name, _)| Some(&**name) == protocol);
        found.map_or_else(|| Rc::from([]), |(_, metadata)| metadata.clone())
    }

    /// A member that waits for its group is not dead, unless nobody ever heard its id.
    fn waits(&self) -> bool {
        !self.is_new && (self.joining.is_some() || self.syncing.is_some())
    }
}

/// A record of the group that is on its way, by what was decided with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unconfirmed {
    /// Nothing to take back if it fails.
    Harmless,
    /// The leader's assignment: the group is stable with it.
    Assignment,
    /// A static member came back under a new id.
    Replacement,
}

/// When the join phase ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JoinTimer {
    pub(crate) at: Mono,
    /// The first rebalance of an empty group: this step's delay, and what may follow it.
    pub(crate) initial: Option<(Duration, Duration)>,
}

/// A group as it lives.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) state: GroupState,
    /// The join phase began with an empty group.
    pub(crate) was_empty: bool,
    /// Since when it is in its state.
    pub(crate) state_ms: i64,
    pub(crate) generation: i32,
    pub(crate) protocol_type: Option<Rc<str>>,
    pub(crate) protocol: Option<Rc<str>>,
    pub(crate) leader: Option<Rc<str>>,
    pub(crate) members: BTreeMap<Rc<str>, Member>,
    /// Static members by their instance ids.
    pub(crate) statics: BTreeMap<Rc<str>, Rc<str>>,
    /// Ids that were given out and wait for their join, and until when.
    pub(crate) pending: Pending,
    /// How many members support each protocol.
    supported: BTreeMap<Rc<str>, usize>,
    /// How many members' joins wait.
    pub(crate) joining: usize,
    /// Members of the generation that have not synced yet.
    pub(crate) unsynced: BTreeSet<Rc<str>>,
    pub(crate) join_timer: Option<JoinTimer>,
    pub(crate) sync_timer: Option<Mono>,
    /// Someone joined since the last step of the initial delay.
    pub(crate) grew: bool,
    /// No session ends before this moment.
    pub(crate) sessions_from: Option<Mono>,
    pub(crate) unconfirmed: Option<Unconfirmed>,
}

impl Live {
    /// The group that its record says, every member with a fresh session.
    pub(crate) fn of(facts: Option<&GroupFacts>, now: Now) -> Live {
        let mut live = Live {
            state: GroupState::Empty,
            was_empty: false,
            state_ms: facts.map_or(now.wall.0, |facts| facts.state_ms),
            generation: facts.map_or(0, |facts| facts.generation),
            protocol_type: None,
            protocol: None,
            leader: None,
            members: BTreeMap::new(),
            statics: BTreeMap::new(),
            pending: Pending::default(),
            supported: BTreeMap::new(),
            joining: 0,
            unsynced: BTreeSet::new(),
            join_timer: None,
            sync_timer: None,
            grew: false,
            sessions_from: None,
            unconfirmed: None,
        };
        let Some(facts) = facts else { return live };
        live.protocol_type = Some(facts.protocol_type.clone()).filter(|name| !name.is_empty());
        live.protocol = facts.protocol.clone();
        for member in &facts.members {
            let protocol = facts.protocol.clone().unwrap_or_else(|| "".into());
            let loaded = Member {
                instance_id: member.instance_id.clone(),
                client_id: member.client_id.clone(),
                client_host: member.client_host.clone(),
                rebalance_ms: member.rebalance_ms,
                session_ms: member.session_ms,
                protocols: Rc::from([(protocol, member.subscription.clone())]),
                assignment: member.assignment.clone(),
                joining: None,
                syncing: None,
                session: now.mono,
                is_new: false,
            };
            live.add(member.member_id.clone(), loaded);
            live.refresh(&member.member_id, now.mono);
        }
        if !live.members.is_empty() {
            live.state = GroupState::Stable;
            let leader = facts.leader.clone().filter(|leader| live.members.contains_key(leader));
            live.leader = leader.or(live.leader);
        }
        live
    }

    /// What its record says.
    pub(crate) fn facts(&self) -> GroupFacts {
        let members = self.members.iter().map(|(id, member)| MemberFacts {
            member_id: id.clone(),
            instance_id: member.instance_id.clone(),
            client_id: member.client_id.clone(),
            client_host: member.client_host.clone(),
            rebalance_ms: member.rebalance_ms,
            session_ms: member.session_ms,
            subscription: member.metadata(self.protocol.as_deref()),
            assignment: member.assignment.clone(),
        });
        GroupFacts {
            protocol_type: self.protocol_type.clone().unwrap_or_else(|| "".into()),
            generation: self.generation,
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            state_ms: self.state_ms,
            members: members.collect(),
        }
    }

    /// It is in another state from now on.
    pub(crate) fn enter(&mut self, state: GroupState, now: Now) {
        self.was_empty = self.state == GroupState::Empty;
        self.state = state;
        self.state_ms = now.wall.0;
    }

    fn count(&mut self, protocols: &Protocols, up: bool) {
        for (name, _) in protocols.iter() {
            if up {
                *self.supported.entry(name.clone()).or_default() += 1;
                continue;
            }
            let left = self.supported.get_mut(name).expect("because it was counted");
            *left -= 1;
            if *left == 0 {
                self.supported.remove(name);
            }
        }
    }

    /// A member more. The first one decides the group's type and leads it.
    pub(crate) fn add(&mut self, id: Rc<str>, member: Member) {
        self.count(&member.protocols.clone(), true);
        self.joining += usize::from(member.joining.is_some());
        if let Some(instance) = &member.instance_id {
            self.statics.insert(instance.clone(), id.clone());
        }
        self.leader.get_or_insert_with(|| id.clone());
        self.pending.remove(&id);
        assert!(self.members.insert(id, member).is_none(), "a member is added once");
    }

    /// A member less. Its tickets were taken before.
    pub(crate) fn remove(&mut self, id: &str) -> Option<Member> {
        self.pending.remove(id);
        self.unsynced.remove(id);
        let member = self.members.remove(id)?;
        assert!(member.joining.is_none() && member.syncing.is_none(), "nobody is left waiting");
        self.count(&member.protocols.clone(), false);
        if let Some(instance) = &member.instance_id {
            self.statics.remove(instance);
        }
        if self.leader.as_deref() == Some(id) {
            self.leader = self.members.first_key_value().map(|(id, _)| id.clone());
        }
        Some(member)
    }

    /// What a member supports is something else now.
    pub(crate) fn set_protocols(&mut self, id: &str, protocols: Protocols) {
        let member = self.members.get_mut(id).expect("because only members are updated");
        let before = std::mem::replace(&mut member.protocols, protocols.clone());
        self.count(&before, false);
        self.count(&protocols, true);
    }

    /// Whether everybody could work with one of these protocols.
    pub(crate) fn supports(&self, protocol_type: &str, protocols: &[(Rc<str>, Rc<[u8]>)]) -> bool {
        if self.members.is_empty() {
            return !protocol_type.is_empty() && !protocols.is_empty();
        }
        let all = self.members.len();
        self.protocol_type.as_deref() == Some(protocol_type)
            && protocols.iter().any(|(name, _)| self.supported.get(name) == Some(&all))
    }

    /// The protocol that most members prefer among those that all support.
    pub(crate) fn select_protocol(&self) -> Option<Rc<str>> {
        let all = self.members.len();
        let mut votes: BTreeMap<&Rc<str>, usize> = BTreeMap::new();
        for member in self.members.values() {
            let mut names = member.protocols.iter().map(|(name, _)| name);
            if let Some(name) = names.find(|name| self.supported.get(*name) == Some(&all)) {
                *votes.entry(name).or_default() += 1;
            }
        }
        let most = votes.values().max()?;
        votes.iter().find(|(_, count)| *count == most).map(|(name, _)| (*name).clone())
    }

    /// The topics that its members read, where its type and their words say so.
    pub(crate) fn subscribed(&self) -> Option<BTreeSet<String>> {
        if self.protocol_type.as_deref() != Some("consumer") {
            return None;
        }
        let mut topics = BTreeSet::new();
        for member in self.members.values() {
            let metadata = member.metadata(Some(self.protocol.as_deref()?));
            let mut reader = crate::bytes::Reader::new(&metadata);
            _ = reader.i16().ok()?;
            for _ in 0..reader.list().ok()? {
                topics.insert(reader.text().ok()?.to_owned());
            }
        }
        Some(topics)
    }

    /// Whether a live member reads a topic. A consumer whose words nobody understands may.
    pub(crate) fn reads(&self, subscribed: Option<&BTreeSet<String>>, topic: &str) -> bool {
        match subscribed {
            Some(topics) => topics.contains(topic),
            None => self.protocol_type.as_deref() == Some("consumer"),
        }
    }

    /// Everybody joined who was in it or was told an id.
    pub(crate) fn all_joined(&self) -> bool {
        self.joining == self.members.len() && self.pending.is_empty()
    }

    /// How long a rebalance waits: as long as the most patient member.
    pub(crate) fn rebalance_time(&self) -> Duration {
        millis(self.members.values().map(|member| member.rebalance_ms).max().unwrap_or(0))
    }

    /// A member was heard of.
    pub(crate) fn refresh(&mut self, id: &str, now: Mono) {
        let member = self.members.get_mut(id).expect("because only members are heard of");
        let session = now + millis(member.session_ms);
        self.expect_until(id, session);
    }

    /// A member is dead unless it is heard of until then.
    pub(crate) fn expect_until(&mut self, id: &str, session: Mono) {
        let member = self.members.get_mut(id).expect("because only members have sessions");
        member.session = session;
        self.look_at(session);
    }

    fn look_at(&mut self, at: Mono) {
        let from = self.sessions_from.unwrap_or(at);
        self.sessions_from = Some(from.min(at));
    }

    /// Members whose sessions are over; ids that nobody came back with are forgotten. The others'
    /// ends are looked through for the first to come.
    pub(crate) fn overdue(&mut self, now: Mono) -> Vec<Rc<str>> {
        self.pending.lapse(now);
        if self.sessions_from.is_none_or(|from| from > now) {
            return Vec::new();
        }
        let (mut over, mut from) = (Vec::new(), None);
        for (id, member) in self.members.iter().filter(|(_, member)| !member.waits()) {
            if member.session <= now {
                over.push(id.clone());
            } else {
                from = Some(from.unwrap_or(member.session).min(member.session));
            }
        }
        self.sessions_from = from;
        over
    }

    /// When time alone changes something.
    pub(crate) fn deadline(&self) -> Option<Mono> {
        let join = self.join_timer.map(|timer| timer.at);
        let pending = self.pending.first_end();
        [join, self.sync_timer, self.sessions_from, pending].into_iter().flatten().min()
    }

    /// Nothing of it is anywhere but in its record.
    pub(crate) fn is_at_rest(&self, facts: Option<&GroupFacts>) -> bool {
        self.state == GroupState::Empty
            && self.pending.is_empty()
            && self.unconfirmed.is_none()
            && self.generation == facts.map_or(0, |facts| facts.generation)
            && facts.is_none_or(|facts| facts.members.is_empty())
    }

    /// Asserts what holds between decisions.
    pub(crate) fn check(&self) {
        assert_eq!(self.members.is_empty(), self.leader.is_none(), "a group with members is led");
        let leads = |leader: &Rc<str>| self.members.contains_key(leader);
        assert!(self.leader.as_ref().is_none_or(leads), "the leader is a member");
        assert!(self.joining <= self.members.len(), "only members wait to join");
        assert!(self.statics.len() <= self.members.len(), "a static member is a member");
    }
}
