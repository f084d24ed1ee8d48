//! Groups of the consumer protocol with several members: who is given what by which assignor, who
//! gives up what for whom, static members, and patterns.
//!
//! Kept true: a heartbeat is asked only once the coordinator has found its target for the group's
//! epoch, which Kafka does on a thread of its own; from then on every step is decided.

use anyhow::{Result, ensure};
use net_wire::List;
use net_wire::messages::consumer_group_describe::{ConsumerGroupDescribeRequest, DescribedGroup};
use net_wire::messages::consumer_group_heartbeat::{
    ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse, RequestTopicPartitions,
};
use net_wire::messages::delete_topics::{DeleteTopicState, DeleteTopicsRequest};

use super::consumer_groups::{beat, described, full};
use super::group::{await_groups, await_that};
use super::{make, versions};
use crate::side::Side;

pub(super) fn play(side: &mut Side) -> Result<()> {
    await_groups(side)?;
    make(side, "shared-a", 6, &[])?;
    make(side, "shared-b", 3, &[])?;
    for version in versions::<ConsumerGroupHeartbeatRequest>() {
        for assignor in [None, Some("uniform"), Some("range")] {
            several(side, version, assignor)?;
        }
        assignors(side, version)?;
        instances(side, version)?;
    }
    patterns(side)?;
    refused_patterns(side)
}

/// A member as it goes from heartbeat to heartbeat.
pub(super) struct Member {
    version: i16,
    group: String,
    pub(super) id: String,
    pub(super) instance: Option<String>,
    pub(super) epoch: i32,
    /// What it was told to own and did not yet say that it owns.
    news: Option<List<RequestTopicPartitions>>,
}

impl Member {
    pub(super) fn new(version: i16, group: &str, id: &str) -> Member {
        // Its own id, so that it is the same on both sides.
        let id = format!("member-{id}-of-{group}");
        Member { version, group: group.to_owned(), id, instance: None, epoch: 0, news: None }
    }

    pub(super) fn static_as(self, instance: &str) -> Member {
        Member { instance: Some(instance.to_owned()), ..self }
    }

    /// A first heartbeat with these topics.
    pub(super) fn joins(&self, topics: &[&str]) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            instance_id: self.instance.clone(),
            subscribed_topic_names: Some(topics.iter().map(|name| (*name).to_owned()).collect()),
            ..full(&self.group, &self.id, 0)
        }
    }

    /// A heartbeat in which nothing is new.
    pub(super) fn beats(&self) -> ConsumerGroupHeartbeatRequest {
        ConsumerGroupHeartbeatRequest {
            instance_id: self.instance.clone(),
            ..beat(&self.group, &self.id, self.epoch)
        }
    }

    /// Sends a heartbeat and takes in the answer.
    pub(super) fn ask(
        &mut self,
        side: &mut Side,
        what: &str,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<()> {
        let what = format!("{what}: {}", self.id);
        let answer = side.ask(&what, self.version, request)?;
        if let Some(answer) = answer.filter(|answer| answer.error_code == 0) {
            self.take(&answer);
        }
        Ok(())
    }

    fn take(&mut self, answer: &ConsumerGroupHeartbeatResponse) {
        self.epoch = answer.member_epoch;
        if let Some(given) = &answer.assignment {
            let owned = given.topic_partitions.iter().map(|topic| RequestTopicPartitions {
                topic_id: topic.topic_id,
                partitions: topic.partitions.clone(),
            });
            self.news = Some(owned.collect());
        }
    }

    /// The same, and nothing is written down: what a pattern matches is found out by Kafka after
    /// its answer, by Bobbin before.
    fn changes_quietly(
        &mut self,
        side: &mut Side,
        request: &ConsumerGroupHeartbeatRequest,
    ) -> Result<()> {
        let answer = side.quietly(self.version, request, &[])?;
        ensure!(answer.error_code == 0, "{}: {answer:?}", self.id);
        self.take(&answer);
        Ok(())
    }

    /// A heartbeat that says what it owns since the last one.
    fn goes_on(&mut self, side: &mut Side, what: &str) -> Result<()> {
        let topic_partitions = self.news.take();
        let request = ConsumerGroupHeartbeatRequest { topic_partitions, ..self.beats() };
        self.ask(side, what, &request)
    }

    /// Leaves for good (-1) or for a while (-2).
    pub(super) fn leaves(&mut self, side: &mut Side, what: &str, epoch: i32) -> Result<()> {
        let request = ConsumerGroupHeartbeatRequest { member_epoch: epoch, ..self.beats() };
        self.ask(side, what, &request)
    }
}

pub(super) fn group_of(side: &mut Side, group: &str) -> Result<DescribedGroup> {
    let request = ConsumerGroupDescribeRequest {
        group_ids: List::from([group.to_owned()]),
        include_authorized_operations: false,
    };
    Ok(side.quietly(1, &request, &[])?.groups[0].clone())
}

/// Waits until the coordinator's target is that of the group's epoch.
pub(super) fn targeted(side: &mut Side, member: &Member) -> Result<()> {
    await_that(side, &format!("{} has its target", member.group), |side| {
        let group = group_of(side, &member.group)?;
        ensure!(group.error_code == 0, "{}: {}", member.group, group.error_code);
        Ok(group.assignment_epoch == group.group_epoch)
    })
}

/// Heartbeats of everybody until nothing moves any more and `holds`; nothing is written down, for
/// Kafka may take a heartbeat more or less: what it finds out by itself it uses with the next one.
fn settled(
    side: &mut Side,
    members: &mut [&mut Member],
    mut holds: impl FnMut(&DescribedGroup) -> bool,
) -> Result<()> {
    let name = members[0].group.clone();
    await_that(side, &format!("{name} is settled"), |side| {
        for member in &mut *members {
            let topic_partitions = member.news.take();
            let request = ConsumerGroupHeartbeatRequest { topic_partitions, ..member.beats() };
            let answer = side.quietly(member.version, &request, &[])?;
            ensure!(answer.error_code == 0, "{}: {answer:?}", member.id);
            member.take(&answer);
        }
        let group = group_of(side, &name)?;
        let is_at_rest =
            members.iter().all(|member| member.news.is_none() && member.epoch == group.group_epoch);
        Ok(is_at_rest && group.assignment_epoch == group.group_epoch && holds(&group))
    })?;
    for member in members {
        member.goes_on(side, "at rest")?;
    }
    Ok(())
}

/// Everybody's heartbeats in turn, so often that all that was to move has moved.
pub(super) fn rounds(side: &mut Side, what: &str, members: &mut [&mut Member]) -> Result<()> {
    targeted(side, &*members[0])?;
    rounds_after_leaving(side, what, members)
}

/// The same when somebody left, for whom no target is looked for before the next heartbeat.
fn rounds_after_leaving(side: &mut Side, what: &str, members: &mut [&mut Member]) -> Result<()> {
    for round in 0..4 {
        for member in &mut *members {
            member.goes_on(side, &format!("{what}, round {round}"))?;
            targeted(side, member)?;
        }
    }
    Ok(())
}

fn several(side: &mut Side, version: i16, assignor: Option<&str>) -> Result<()> {
    let group = format!("several-{}-{version}", assignor.unwrap_or("any"));
    let with = |request| ConsumerGroupHeartbeatRequest {
        server_assignor: assignor.map(str::to_owned),
        ..request
    };
    // Which of two topics the uniform assignor takes first hangs on Kafka's hash of their ids.
    let topics: &[&str] = match assignor {
        Some("range") => &["shared-a", "shared-b"],
        _ => &["shared-a"],
    };
    let [mut one, mut two, mut three] =
        ["one", "two", "three"].map(|id| Member::new(version, &group, id));
    let request = with(one.joins(topics));
    one.ask(side, "the first joins", &request)?;
    rounds(side, "alone", &mut [&mut one])?;
    let request = with(two.joins(topics));
    two.ask(side, "the second joins", &request)?;
    targeted(side, &one)?;
    described(side, version, &group)?;
    rounds(side, "two", &mut [&mut one, &mut two])?;
    described(side, version, &group)?;
    let request = with(three.joins(&["shared-b"]));
    three.ask(side, "the third joins", &request)?;
    // The others come late: the new one waits for what they have to give up.
    targeted(side, &three)?;
    three.goes_on(side, "before the others")?;
    rounds(side, "three", &mut [&mut two, &mut one, &mut three])?;
    described(side, version, &group)?;
    let other = ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: Some(List::from(["shared-b".to_owned()])),
        ..two.beats()
    };
    two.ask(side, "another subscription", &other)?;
    rounds(side, "after another subscription", &mut [&mut two, &mut one, &mut three])?;
    one.leaves(side, "the first leaves", -1)?;
    rounds_after_leaving(side, "without the first", &mut [&mut two, &mut three])?;
    described(side, version, &group)?;
    let nobodys = ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: Some(List::from(["nobodys-topic".to_owned()])),
        ..three.beats()
    };
    three.ask(side, "nobody's topic", &nobodys)?;
    rounds(side, "with nobody's topic", &mut [&mut two, &mut three])?;
    let stale = ConsumerGroupHeartbeatRequest { member_epoch: three.epoch - 1, ..three.beats() };
    three.ask(side, "an older epoch", &stale)?;
    let again = with(three.joins(topics));
    three.ask(side, "joins again", &again)?;
    rounds(side, "who joined again", &mut [&mut two, &mut three])?;
    described(side, version, &group)?;
    two.leaves(side, "the second leaves", -1)?;
    three.leaves(side, "the last leaves", -1)?;
    described(side, version, &group)
}

/// Members that want different assignors, and a topic that comes and goes.
fn assignors(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("assignors-{version}");
    let topic = format!("coming-{version}");
    let [mut one, mut two, mut three] =
        ["one", "two", "three"].map(|id| Member::new(version, &group, id));
    let wants = |request, assignor: &str| ConsumerGroupHeartbeatRequest {
        server_assignor: Some(assignor.to_owned()),
        ..request
    };
    let request = wants(one.joins(&["shared-a", &topic]), "range");
    one.ask(side, "range", &request)?;
    rounds(side, "range", &mut [&mut one])?;
    let request = wants(two.joins(&["shared-a", &topic]), "uniform");
    two.ask(side, "uniform too", &request)?;
    rounds(side, "range and uniform", &mut [&mut one, &mut two])?;
    described(side, version, &group)?;
    let request = wants(three.joins(&["shared-a", &topic]), "uniform");
    three.ask(side, "uniform twice", &request)?;
    rounds(side, "mostly uniform", &mut [&mut one, &mut two, &mut three])?;
    described(side, version, &group)?;
    let changed = wants(one.beats(), "uniform");
    one.ask(side, "all uniform", &changed)?;
    rounds(side, "all uniform", &mut [&mut one, &mut two, &mut three])?;
    for member in [&mut one, &mut two] {
        let changed = wants(member.beats(), "range");
        member.ask(side, "mostly range", &changed)?;
        targeted(side, member)?;
    }
    rounds(side, "mostly range", &mut [&mut one, &mut two, &mut three])?;
    make(side, &topic, 3, &[])?;
    side.agree()?;
    let mut all = [&mut one, &mut two, &mut three];
    settled(side, &mut all, |found| {
        let mut given = found.members.iter().flat_map(|member| {
            member.target_assignment.topic_partitions.iter().map(|given| &given.topic_name)
        });
        given.any(|name| *name == topic)
    })?;
    described(side, version, &group)?;
    let gone = DeleteTopicState { name: Some(topic.clone()), ..Default::default() };
    let request = DeleteTopicsRequest {
        topics: List::from([gone]),
        timeout_ms: 30_000,
        ..Default::default()
    };
    let before = group_of(side, &group)?.group_epoch;
    side.quietly(6, &request, &[])?;
    side.settle_gone(&topic)?;
    let mut all = [&mut one, &mut two, &mut three];
    settled(side, &mut all, |found| found.group_epoch > before)?;
    described(side, version, &group)
}

/// Static members rest, come back, are fenced; nobody takes a living one's place.
fn instances(side: &mut Side, version: i16) -> Result<()> {
    let group = format!("static-{version}");
    let member = |id: &str| Member::new(version, &group, id);
    let mut one = member("one").static_as("first");
    let mut two = member("two").static_as("second");
    let request = one.joins(&["shared-a"]);
    one.ask(side, "the first joins", &request)?;
    rounds(side, "the first alone", &mut [&mut one])?;
    let request = two.joins(&["shared-a"]);
    two.ask(side, "the second joins", &request)?;
    rounds(side, "two that are static", &mut [&mut one, &mut two])?;
    described(side, version, &group)?;
    let mut double = member("double").static_as("first");
    let request = double.joins(&["shared-a"]);
    double.ask(side, "while the first lives", &request)?;
    let nameless = ConsumerGroupHeartbeatRequest { instance_id: None, ..one.beats() };
    one.ask(side, "without its name", &nameless)?;
    let renamed =
        ConsumerGroupHeartbeatRequest { instance_id: Some("third".to_owned()), ..one.beats() };
    one.ask(side, "under another's name", &renamed)?;
    let swapped =
        ConsumerGroupHeartbeatRequest { instance_id: Some("second".to_owned()), ..one.beats() };
    one.ask(side, "under the second's name", &swapped)?;
    one.leaves(side, "it rests", -2)?;
    described(side, version, &group)?;
    rounds(side, "while the first rests", &mut [&mut two])?;
    let late = one.beats();
    one.ask(side, "the first, as if it did not rest", &late)?;
    let mut back = member("back").static_as("first");
    let request = back.joins(&["shared-a"]);
    back.ask(side, "it is back", &request)?;
    rounds(side, "back", &mut [&mut two, &mut back])?;
    described(side, version, &group)?;
    let late = one.beats();
    one.ask(side, "the first, whose place is taken", &late)?;
    one.leaves(side, "the first, whose place is taken, leaves", -1)?;
    one.leaves(side, "the first, whose place is taken, rests", -2)?;
    back.leaves(side, "it rests again", -2)?;
    back.leaves(side, "it rests while it rests", -2)?;
    let mut other = member("other").static_as("first");
    let request = other.joins(&["shared-b"]);
    other.ask(side, "back with another subscription", &request)?;
    rounds(side, "another subscription", &mut [&mut two, &mut other])?;
    described(side, version, &group)?;
    other.leaves(side, "it leaves for good", -1)?;
    rounds_after_leaving(side, "the second alone", &mut [&mut two])?;
    let request = other.joins(&["shared-a"]);
    other.ask(side, "it comes after it left", &request)?;
    rounds(side, "who left and came", &mut [&mut two, &mut other])?;
    two.leaves(side, "the second rests", -2)?;
    two.leaves(side, "the second leaves as it rests", -1)?;
    described(side, version, &group)?;
    other.leaves(side, "the last one rests", -2)?;
    described(side, version, &group)
}

fn patterned(
    member: &Member,
    pattern: &str,
    names: Option<&[&str]>,
) -> ConsumerGroupHeartbeatRequest {
    ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: names
            .map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        subscribed_topic_regex: Some(pattern.to_owned()),
        server_assignor: Some("range".to_owned()),
        ..member.joins(&[])
    }
}

/// Waits until a member has partitions of so many topics, and everybody rests.
fn given(side: &mut Side, members: &mut [&mut Member], topics: usize) -> Result<()> {
    let id = members[0].id.clone();
    settled(side, members, |group| {
        let own = group.members.iter().find(|member| member.member_id == id);
        own.is_some_and(|own| own.assignment.topic_partitions.len() == topics)
    })
}

/// Subscriptions to whatever a pattern matches.
fn patterns(side: &mut Side) -> Result<()> {
    let group = "patterned";
    let [mut one, mut two] = ["one", "two"].map(|id| Member::new(1, group, id));
    let request = patterned(&one, "shared-.*", None);
    one.changes_quietly(side, &request)?;
    given(side, &mut [&mut one], 2)?;
    described(side, 1, group)?;
    let request = ConsumerGroupHeartbeatRequest {
        server_assignor: Some("range".to_owned()),
        ..two.joins(&["shared-a"])
    };
    two.ask(side, "a name beside a pattern", &request)?;
    rounds(side, "a name and a pattern", &mut [&mut one, &mut two])?;
    described(side, 1, group)?;
    let other = |member: &Member, pattern: &str| ConsumerGroupHeartbeatRequest {
        subscribed_topic_regex: Some(pattern.to_owned()),
        ..member.beats()
    };
    let request = other(&one, "shared-[b]");
    one.changes_quietly(side, &request)?;
    given(side, &mut [&mut one, &mut two], 1)?;
    described(side, 1, group)?;
    let request = other(&one, "nothing-like-it");
    one.changes_quietly(side, &request)?;
    given(side, &mut [&mut one, &mut two], 0)?;
    let request = ConsumerGroupHeartbeatRequest {
        subscribed_topic_names: Some(List::from(["shared-b".to_owned()])),
        ..other(&one, "hared")
    };
    one.changes_quietly(side, &request)?;
    given(side, &mut [&mut one, &mut two], 1)?;
    let request = other(&one, "");
    one.ask(side, "no pattern any more", &request)?;
    rounds(side, "no pattern any more", &mut [&mut one, &mut two])?;
    described(side, 1, group)?;
    one.leaves(side, "it leaves", -1)?;
    two.leaves(side, "the last leaves", -1)?;
    described(side, 1, group)
}

fn refused_patterns(side: &mut Side) -> Result<()> {
    for (index, pattern) in
        ["(", "[", "a**", "(?<n>x", "\\", "a{1001}", "(?=a)", "\\1"].iter().enumerate()
    {
        let member = Member::new(1, &format!("refused-pattern-{index}"), "one");
        let request = patterned(&member, pattern, None);
        side.ask(&format!("the pattern {pattern}"), 1, &request)?;
    }
    let mut member = Member::new(1, "pattern-refused-later", "one");
    let request = member.joins(&["shared-a"]);
    member.ask(side, "joins", &request)?;
    rounds(side, "by name", &mut [&mut member])?;
    let request = ConsumerGroupHeartbeatRequest {
        subscribed_topic_regex: Some("(".to_owned()),
        ..member.beats()
    };
    member.ask(side, "a bad pattern", &request)?;
    rounds(side, "after a bad pattern", &mut [&mut member])?;
    described(side, 1, "pattern-refused-later")
}
