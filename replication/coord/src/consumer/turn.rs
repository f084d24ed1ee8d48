//! One decision about a consumer group: a member's newest words, the epoch and the targets that
//! follow from them, and the member's next step.
//!
//! Kept true: the state is only looked at; what shall change is a record. The group's epoch grows
//! whenever who reads what changes, and targets are found for its newest epoch only.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use engine_base::{Refusal, Uuid};
use replication_machine::StateHash;

use super::assign::{Assignor, Question, Reader};
use super::reconcile::{Says, Way};
use super::records;
use super::state::{Consumer, Counts, Current, Member, Resolved, Share, Subscription, count};
use super::watch::Watch;
use crate::turn::Turn;

/// The member that a decision is about.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) id: Rc<str>,
    /// As it stands now; a new one has said nothing yet.
    pub(crate) member: Member,
    pub(crate) is_new: bool,
    /// The member whose static name and target it takes over.
    pub(crate) replaces: Option<Rc<str>>,
}

/// The topics and the pattern that a member names.
type Words<'a> = (&'a [Rc<str>], &'a str);

/// Patterns as they will be: none for one that goes.
pub(crate) type Patterns = BTreeMap<Rc<str>, Option<Resolved>>;

/// A group as it will be once the decision's records are applied.
struct After<'a> {
    group: &'a Consumer,
    id: &'a Rc<str>,
    replaces: Option<&'a Rc<str>>,
    subscription: &'a Rc<Subscription>,
    patterns: Patterns,
}

impl After<'_> {
    fn resolved(&self, pattern: &str) -> Option<&Resolved> {
        match self.patterns.get(pattern) {
            Some(changed) => changed.as_ref(),
            None => self.group.patterns.get(pattern),
        }
    }

    /// The names that a subscription stands for.
    fn names<'b>(&'b self, of: &'b Subscription) -> impl Iterator<Item = &'b Rc<str>> {
        let resolved = self.resolved(&of.regex).filter(|_| !of.regex.is_empty());
        of.topics.iter().chain(resolved.into_iter().flat_map(|resolved| resolved.topics.iter()))
    }

    /// Everybody's words, in the order of ids.
    fn subscriptions(&self) -> Vec<(&Rc<str>, &Rc<Subscription>)> {
        let stays = |id: &Rc<str>| id != self.id && Some(id) != self.replaces;
        let others = self.group.members.iter().filter(|(id, _)| stays(id));
        let mut all: Vec<_> = others.map(|(id, member)| (id, &member.subscription)).collect();
        let at = all.partition_point(|(id, _)| *id < self.id);
        all.insert(at, (self.id, self.subscription));
        all
    }
}

/// How often names and patterns are named once one member says something else; `leaves` say
/// nothing any more.
fn counts_after<'a>(
    group: &Consumer,
    leaves: impl Iterator<Item = &'a Subscription>,
    says: Option<&Subscription>,
) -> (Counts, Counts) {
    let (mut names, mut patterns) = (group.names.clone(), group.readers.clone());
    let mut tally = |of: &Subscription, up| {
        of.topics.iter().for_each(|topic| count(&mut names, topic, up));
        if !of.regex.is_empty() {
            count(&mut patterns, &of.regex, up);
        }
    };
    says.iter().for_each(|says| tally(says, true));
    leaves.for_each(|of| tally(of, false));
    (names, patterns)
}

impl Turn<'_> {
    /// A member says this of itself now. What it has after this step.
    pub(crate) fn advance(
        &mut self,
        group: &Consumer,
        watch: &mut Watch,
        subject: &Subject,
        subscription: Subscription,
        says: Says<'_>,
    ) -> Result<Current, Refusal> {
        let before = &subject.member.subscription;
        let subscription = Rc::new(subscription);
        if subject.is_new || subscription != *before {
            self.records.push(records::member(&self.group, &subject.id, &subscription));
        }
        let otherwise = subscription.topics != before.topics || subscription.regex != before.regex;
        let mut after = After {
            group,
            id: &subject.id,
            replaces: subject.replaces.as_ref(),
            subscription: &subscription,
            patterns: Patterns::new(),
        };
        let version = self.cluster.version();
        let mut epoch = group.epoch;
        if otherwise || watch.seen != Some(version) || watch.looks.may_go_on(self.now) {
            let was = (!subject.is_new || subject.replaces.is_some()).then_some(&**before);
            let (names, readers) = counts_after(group, was.into_iter(), Some(&subscription));
            after.patterns = self.look_up(group, watch, &readers, &subscription.regex)?;
            after.patterns.extend(self.forget_patterns(group, &readers));
            let hash = self.hash(names.keys().chain(readers.keys().flat_map(|pattern| {
                after.resolved(pattern).into_iter().flat_map(|resolved| resolved.topics.iter())
            })));
            if otherwise || hash != group.hash {
                epoch = epoch.saturating_add(1);
                self.records.push(records::group(&self.group, epoch, hash));
            }
            // A record that is lost is made again: only what was applied was seen.
            watch.seen = (hash == group.hash).then_some(version);
        }
        let (target_epoch, target) = self.retarget(&after, epoch, subject);
        if subject.member.current.is_reconciled_to(target_epoch) && !otherwise {
            return Ok(subject.member.current.clone());
        }
        let read: BTreeSet<&Rc<str>> = after.names(&subscription).collect();
        let way = Way {
            epoch: target_epoch,
            target: &target,
            says,
            reads: &|topic| self.cluster.name_of(topic).is_some_and(|name| read.contains(&name)),
            reads_otherwise: otherwise,
            is_owned: &|topic, partition| group.is_owned(topic, partition),
        };
        let next = way.step(&subject.member.current)?;
        if next != subject.member.current {
            self.records.push(records::current(&self.group, &subject.id, &next));
        }
        Ok(next)
    }

    /// Takes away the patterns that are not among these.
    fn forget_patterns(&mut self, group: &Consumer, readers: &Counts) -> Patterns {
        let unread = group.patterns.keys().filter(|pattern| !readers.contains_key(*pattern));
        let unread: Patterns = unread.map(|pattern| (pattern.clone(), None)).collect();
        let records = unread.keys().map(|pattern| records::no_pattern(&self.group, pattern));
        self.records.extend(records);
        unread
    }

    /// A hash of the topics of these names, with their ids and sizes; 0 if there is none.
    pub(crate) fn hash<'a>(&self, names: impl Iterator<Item = &'a Rc<str>>) -> i64 {
        let names: BTreeSet<&Rc<str>> = names.collect();
        let mut hash = StateHash::default();
        let mut any = false;
        for topic in names.into_iter().filter_map(|name| self.cluster.topic(name)) {
            hash.bytes(topic.name.as_bytes()).bytes(&topic.id.0);
            hash.number(u64::from(topic.partitions.unsigned_abs()));
            any = true;
        }
        if any { (hash.finish() | 1).cast_signed() } else { 0 }
    }

    /// Finds targets for a newer epoch, unless the last ones are too young. The epoch of the
    /// targets that hold, and the subject's own.
    fn retarget(&mut self, after: &After<'_>, epoch: i32, subject: &Subject) -> (i32, Rc<Share>) {
        let group = after.group;
        let own = subject.replaces.as_ref().unwrap_or(&subject.id);
        if epoch <= group.target_epoch || !self.may_retarget(group) {
            return (group.target_epoch, group.target(own));
        }
        let question = self.question(after, own);
        let assignor = self.assignor(after);
        let shares = assignor.assign(&question);
        let mut target = None;
        for (reader, share) in question.readers.iter().zip(shares) {
            let known = group.targets.contains_key(&reader.id)
                || subject.replaces.is_some() && reader.id == subject.id;
            if !known || !Rc::ptr_eq(&share, &reader.before) {
                self.records.push(records::target(&self.group, &reader.id, &share));
            }
            if reader.id == subject.id {
                target = Some(share);
            }
        }
        self.records.push(records::targets(&self.group, epoch, self.now.wall.0));
        (epoch, target.expect("because the subject is one of them"))
    }

    fn may_retarget(&self, group: &Consumer) -> bool {
        let since = self.now.wall.0.saturating_sub(group.target_ms);
        // A clock that was set back does not hold a group up.
        group.target_ms == 0 || since < 0 || since >= i64::from(self.assignment_ms())
    }

    fn question(&self, after: &After<'_>, own: &Rc<str>) -> Question {
        let mut sizes = BTreeMap::new();
        // Most members say the same: each choice of words is looked up once.
        let mut known: BTreeMap<Words<'_>, Rc<[Uuid]>> = BTreeMap::new();
        let mut readers = Vec::new();
        for (id, subscription) in after.subscriptions() {
            let words = (&*subscription.topics, &*subscription.regex);
            let topics = known.entry(words).or_insert_with(|| {
                let mut ids = Vec::new();
                for topic in after.names(subscription).filter_map(|name| self.cluster.topic(name)) {
                    sizes.insert(topic.id, topic.partitions);
                    ids.push(topic.id);
                }
                ids.sort_unstable();
                ids.dedup();
                ids.into()
            });
            readers.push(Reader {
                id: id.clone(),
                instance_id: subscription.instance_id.clone(),
                topics: topics.clone(),
                before: after.group.target(if id == after.id { own } else { id }),
            });
        }
        Question { readers, sizes }
    }

    /// The assignor that most members prefer, of those that may be; else the broker's first.
    fn assignor(&self, after: &After<'_>) -> Assignor {
        let mut wishes = after.group.assignors.clone();
        let was = after.group.members.get(after.replaces.unwrap_or(after.id));
        let was = was.and_then(|member| member.subscription.assignor.as_ref());
        after.subscription.assignor.iter().for_each(|name| count(&mut wishes, name, true));
        was.iter().for_each(|name| count(&mut wishes, name, false));
        self.preferred(&wishes)
    }

    /// The assignor that is wished for most often.
    pub(crate) fn preferred(&self, wishes: &Counts) -> Assignor {
        let allowed = &self.limits.consumer.assignors;
        let most = wishes.iter().filter(|(name, _)| allowed.iter().any(|may| **may == ***name));
        let most = most.max_by_key(|(name, count)| (**count, std::cmp::Reverse((*name).clone())));
        let name = most.map(|(name, _)| &**name).or(allowed.first().map(String::as_str));
        name.and_then(Assignor::named).unwrap_or(Assignor::Uniform)
    }

    /// Members go: their records, and the epoch without them.
    pub(crate) fn remove_members(&mut self, group: &Consumer, gone: &[Rc<str>]) {
        for id in gone {
            self.records.extend(records::no_member(&self.group, id));
        }
        let leaves = gone.iter().map(|id| &*group.members[id].subscription);
        let (names, readers) = counts_after(group, leaves, None);
        self.forget_patterns(group, &readers);
        let resolved = readers.keys().filter_map(|pattern| group.patterns.get(pattern));
        let hash = self.hash(names.keys().chain(resolved.flat_map(|one| one.topics.iter())));
        let epoch = group.epoch.saturating_add(1);
        self.records.push(records::group(&self.group, epoch, hash));
    }

    /// A static member is back under another id: it takes over what the one before had.
    pub(crate) fn replace_member(
        &mut self,
        group: &Consumer,
        before: &Rc<str>,
        id: &Rc<str>,
    ) -> Member {
        let mut member = group.members[before].clone();
        member.current.epoch = 0;
        member.current.previous = 0;
        self.records.extend(records::no_member(&self.group, before));
        self.records.push(records::member(&self.group, id, &member.subscription));
        self.records.push(records::target(&self.group, id, &group.target(before)));
        self.records.push(records::current(&self.group, id, &member.current));
        member
    }

    /// Milliseconds of a session, of this group.
    pub(crate) fn session_ms(&self) -> i32 {
        self.limits.consumer.session_of(self.cluster.group_config(&self.group))
    }

    /// Milliseconds between heartbeats, of this group.
    pub(crate) fn heartbeat_ms(&self) -> i32 {
        self.limits.consumer.heartbeat_of(self.cluster.group_config(&self.group))
    }

    fn assignment_ms(&self) -> i32 {
        self.limits.consumer.assignment_of(self.cluster.group_config(&self.group))
    }
}
