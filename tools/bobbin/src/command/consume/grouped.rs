//! `bobbin consume --group`: a member of a consumer group, as any client would be one.
//! Kept true: what is committed was printed and handed to the kernel before, so a record may be
//! printed twice after a crash and is never left out; on a rebalance, at the end and on a signal it
//! commits first and then lets go.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use engine_base::{Mono, TopicPartition};
use engine_rt::Core;
use engine_rt::sync::{Either, race};
use net_client::{
    Beat, Client, ClientError, Code, Consumer, ConsumerOptions, ErrorKind, Groups, Member,
    MemberOptions,
};

use super::Job;
use super::printer::Printer;
use crate::client_options::Chosen;
use crate::command::places::locate_all;
use crate::failure::Failure;
use crate::output::note;

/// A generation of the group: what is read, from where, and how far it was printed.
struct Reading {
    consumer: Consumer,
    /// The next offset to print, of each partition.
    next: BTreeMap<TopicPartition, i64>,
    /// Where to stop, if that was asked for.
    until: BTreeMap<TopicPartition, i64>,
    /// What the coordinator knows.
    committed: BTreeMap<TopicPartition, i64>,
}

pub(super) async fn consume(
    client: &Client,
    job: &Job,
    group: String,
    chosen: &Chosen,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let options = MemberOptions {
        group,
        topics: job.args.topics.clone(),
        instance: job.args.instance.clone(),
        session_timeout: chosen.group.session_timeout,
        rebalance_timeout: chosen.group.rebalance_timeout,
    };
    for topic in &job.args.topics {
        client.partitions_of(topic).await?;
    }
    let mut member = Member::new(client, options.clone());
    let ended = read(client, job, &options.group, &mut member, chosen, printer).await;
    // The others need not wait for the session to run out, however this ended.
    let left = member.leave().await;
    match ended {
        Ok(()) => {
            left?;
            printer.end()
        }
        Err(failure) => Err(failure),
    }
}

async fn read(
    client: &Client,
    job: &Job,
    group: &str,
    member: &mut Member,
    chosen: &Chosen,
    printer: &mut Printer,
) -> Result<(), Failure> {
    let core = client.core().clone();
    let mut told = pin!(core.signal());
    let mut closed = pin!(core.stdout_closed());
    let limit = job.args.count.unwrap_or(u64::MAX);
    let mut clock = Clock::new(client, chosen.group);
    let (mut idle_since, mut seen) = (core.now(), 0);
    let mut reading: Option<Reading> = None;
    let ended = loop {
        let now_reading = match &mut reading {
            Some(reading) => reading,
            None => {
                let joining = begin(client, job, group, member, &chosen.consumer);
                let joined = match race(joining, told.as_mut()).await {
                    Either::Left(joined) => joined?,
                    Either::Right(_) => return Ok(()),
                };
                clock.joined();
                reading.insert(joined)
            }
        };
        if printer.printed() >= limit || job.args.exit && now_reading.is_done() {
            break Ok(());
        }
        let polling = now_reading.consumer.poll();
        let next = job.idle.map_or(clock.next(), |idle| clock.next().min(idle_since + idle));
        let until = race(core.sleep_until(next), closed.as_mut());
        match race(race(polling, until), told.as_mut()).await {
            Either::Left(Either::Left(records)) => now_reading.print(records?, limit, printer)?,
            Either::Left(Either::Right(Either::Left(()))) => {}
            Either::Left(Either::Right(Either::Right(()))) => break Err(Failure::pipe()),
            Either::Right(_) => break Ok(()),
        }
        if printer.printed() > seen {
            (idle_since, seen) = (core.now(), printer.printed());
        }
        if job.idle.is_some_and(|idle| core.now() - idle_since >= idle) {
            break Ok(());
        }
        let lost = clock.commit(now_reading, member).await?
            || clock.beat(now_reading, member).await?
            || clock.look(now_reading, member).await?;
        if lost {
            reading = None;
        }
    };
    if let Some(reading) = &mut reading {
        reading.commit(member).await?;
    }
    ended
}

/// When the member says that it lives, and when it commits.
struct Clock {
    core: Core,
    pace: Pace,
    beat_at: Mono,
    commit_at: Mono,
    /// When the leader looks whether the topics have other partitions than it gave out.
    look_at: Mono,
    /// How long it goes without looking.
    look_every: Duration,
    /// When the coordinator last answered well.
    well: Mono,
}

impl Clock {
    fn new(client: &Client, pace: Pace) -> Clock {
        let now = client.core().now();
        Clock {
            core: client.core().clone(),
            pace,
            beat_at: now,
            commit_at: now,
            look_at: now,
            look_every: client.options().metadata_age_max,
            well: now,
        }
    }

    fn joined(&mut self) {
        self.well = self.core.now();
        self.beat_at = self.well + self.pace.heartbeat;
        self.commit_at = self.well + self.pace.commit;
        self.look_at = self.well + self.look_every;
    }

    fn next(&self) -> Mono {
        self.beat_at.min(self.commit_at).min(self.look_at)
    }

    /// A coordinator that cannot be reached is waited for, as long as it waits for us.
    fn put_up_with(&self, error: ClientError) -> Result<(), Failure> {
        let passes =
            error.is_retriable() && self.core.now() - self.well < self.pace.session_timeout;
        if passes { Ok(()) } else { Err(error.into()) }
    }

    /// Commits if it is time. True: the partitions are others' to read, or will be.
    async fn commit(&mut self, reading: &mut Reading, member: &Member) -> Result<bool, Failure> {
        if self.core.now() < self.commit_at {
            return Ok(false);
        }
        self.commit_at = self.core.now() + self.pace.commit;
        match reading.commit(member).await {
            Ok(()) => {}
            // The heartbeat tells what has become of the generation.
            Err(error) if is_of_generation(&error) => self.beat_at = self.core.now(),
            Err(error) => self.put_up_with(error)?,
        }
        Ok(false)
    }

    /// Says that the member lives, if it is time. True: it must join again.
    async fn beat(&mut self, reading: &mut Reading, member: &mut Member) -> Result<bool, Failure> {
        if self.core.now() < self.beat_at {
            return Ok(false);
        }
        self.beat_at = self.core.now() + self.pace.heartbeat;
        match member.heartbeat().await {
            Ok(Beat::Fine) => {
                self.well = self.core.now();
                Ok(false)
            }
            Ok(Beat::Rebalance) => let_go(reading, member).await.map(|()| true),
            Ok(Beat::GivenUp) => {
                note(
                    "bobbin: the group had given this member up; it joins anew, and what was \
                     printed since its last commit may come again",
                );
                Ok(true)
            }
            Err(error) => self.put_up_with(error).map(|()| false),
        }
    }

    /// Looks whether the topics have other partitions than it gave out, if it is time and it leads.
    /// True: it must join again, which tells the others to.
    async fn look(&mut self, reading: &mut Reading, member: &Member) -> Result<bool, Failure> {
        if self.core.now() < self.look_at {
            return Ok(false);
        }
        self.look_at = self.core.now() + self.look_every;
        match member.must_give_anew().await {
            Ok(false) => Ok(false),
            Ok(true) => let_go(reading, member).await.map(|()| true),
            // The heartbeat finds out whether the brokers are to be waited for.
            Err(error) if error.is_retriable() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

/// Commits what it can before the partitions are given out anew.
async fn let_go(reading: &mut Reading, member: &Member) -> Result<(), Failure> {
    match reading.commit(member).await {
        Err(error) if !is_of_generation(&error) && !error.is_retriable() => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a commit came too late for its generation, which says nothing against the next one.
fn is_of_generation(error: &ClientError) -> bool {
    matches!(
        error.kind,
        ErrorKind::Refused(
            Code::UNKNOWN_MEMBER_ID | Code::ILLEGAL_GENERATION | Code::REBALANCE_IN_PROGRESS
        )
    )
}

/// Joins, and finds where each partition is to be read from.
async fn begin(
    client: &Client,
    job: &Job,
    group: &str,
    member: &mut Member,
    options: &ConsumerOptions,
) -> Result<Reading, Failure> {
    let places = member.join().await?;
    let committed: BTreeMap<TopicPartition, i64> = Groups::new(client)
        .committed(group)
        .await?
        .into_iter()
        .map(|c| (c.place, c.offset))
        .collect();
    let located = locate_all(client, &places, job.span.from, options.read_committed).await?;
    let ends = match job.span.to {
        Some(to) => locate_all(client, &places, to, options.read_committed).await?,
        None => Vec::new(),
    };
    let mut reading = Reading {
        consumer: Consumer::new(client, options.clone()),
        next: BTreeMap::new(),
        until: ends.into_iter().map(|l| (l.place, l.offset)).collect(),
        committed: BTreeMap::new(),
    };
    for found in located {
        let offset = match committed.get(&found.place) {
            // What retention took is not waited for.
            Some(offset) => (*offset).clamp(found.start, found.end),
            None => found.offset,
        };
        if let Some(offset) = committed.get(&found.place) {
            reading.committed.insert(found.place.clone(), *offset);
        }
        if reading.until.get(&found.place).is_none_or(|until| offset < *until) {
            reading.consumer.assign(&found.place.topic, found.place.partition, offset);
        }
        reading.next.insert(found.place, offset);
    }
    Ok(reading)
}

impl Reading {
    /// Whether every partition has been read as far as was asked for.
    fn is_done(&self) -> bool {
        self.next.iter().all(|(place, next)| self.until.get(place).is_some_and(|u| next >= u))
    }

    fn print(
        &mut self,
        records: Vec<net_client::Fetched>,
        limit: u64,
        printer: &mut Printer,
    ) -> Result<(), Failure> {
        for fetched in records {
            let Some(next) = self.next.get_mut(&fetched.place) else { continue };
            let until = self.until.get(&fetched.place).copied();
            let mut whole = true;
            for record in &fetched.records {
                if until.is_some_and(|until| record.offset >= until) || printer.printed() == limit {
                    whole = false;
                    break;
                }
                printer.print(record)?;
                *next = record.offset + 1;
            }
            if whole {
                // Markers and what compaction took are read, too.
                *next = until.map_or(fetched.next, |until| fetched.next.min(until));
            }
            if until.is_some_and(|until| *next >= until) {
                self.consumer.unassign(&fetched.place.topic, fetched.place.partition);
            }
        }
        printer.flush()
    }

    /// Commits what moved since the last time.
    async fn commit(&mut self, member: &Member) -> Result<(), ClientError> {
        let moved: Vec<(TopicPartition, i64)> = self
            .next
            .iter()
            .filter(|(place, next)| self.committed.get(place) != Some(next))
            .map(|(place, next)| (place.clone(), *next))
            .collect();
        member.commit(&moved).await?;
        self.committed.extend(moved);
        Ok(())
    }
}

/// How a member of a group behaves in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// After so long without a word the coordinator gives it up.
    pub(crate) session_timeout: Duration,
    /// How long the others wait for it to join again.
    pub(crate) rebalance_timeout: Duration,
    /// Between two words that it lives.
    pub(crate) heartbeat: Duration,
    /// Between two commits.
    pub(crate) commit: Duration,
}

impl Default for Pace {
    /// Kafka's consumer's.
    fn default() -> Pace {
        Pace {
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(300),
            heartbeat: Duration::from_secs(3),
            commit: Duration::from_secs(5),
        }
    }
}
