//! A seeded workload over several logs, which writes down what it did.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{LogId, NodeId, Refusal};
use engine_log::{HardState, Log, LogOptions, ReadError, Seq, Store};
use engine_record::{BatchBuilder, Codec, stamp};
use engine_rt::Core;

use crate::chance::Chance;
use crate::check::{Bad, parse, read_state};
use crate::setup::Setup;
use crate::spec::{Batch, Change, Spec};

/// What the workload and its judge both see.
#[derive(Default)]
pub struct Shared {
    /// What was promised.
    pub spec: Spec,
    /// The store of this life, once it is open.
    pub store: Option<Store>,
    /// Refusals for want of space.
    pub full: u64,
    /// The next id for a log: none is used twice.
    pub next_log: u64,
}

/// How a workload ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It did all its steps.
    Done,
    /// The store stopped after an injected error.
    Stopped,
}

/// One life's work.
pub struct Work {
    /// The core it runs on.
    pub core: Core,
    /// The open store.
    pub store: Store,
    /// Where it writes down what it did.
    pub shared: Rc<RefCell<Shared>>,
    /// Its sizes.
    pub setup: Setup,
    /// Its choices.
    pub chance: Chance,
    /// The term of this life.
    pub term: i32,
}

type Step = Result<(), Trouble>;

enum Trouble {
    Stopped,
    Wrong(String),
}

impl From<Refusal> for Trouble {
    fn from(refusal: Refusal) -> Trouble {
        match refusal {
            Refusal::StorageStopped => Trouble::Stopped,
            other => Trouble::Wrong(format!("an unexpected refusal: {other:?}")),
        }
    }
}

impl Work {
    /// Does `steps` steps.
    ///
    /// # Errors
    /// What was wrong.
    pub async fn run(&mut self, steps: u64) -> Result<End, String> {
        let ended = self.steps(steps).await;
        match ended {
            Ok(()) => Ok(End::Done),
            Err(Trouble::Stopped) => Ok(End::Stopped),
            Err(Trouble::Wrong(why)) => Err(why),
        }
    }

    async fn steps(&mut self, steps: u64) -> Step {
        self.bump().await?;
        for _ in 0..steps {
            match self.chance.below(100) {
                0..60 => self.append().await?,
                60..66 => self.burst().await?,
                66..71 => self.truncate().await?,
                71..74 => self.set_start().await?,
                74..76 => self.retain()?,
                76..79 => self.hard_state().await?,
                79..83 => self.create().await?,
                83..86 => self.delete().await?,
                86..90 => self.read().await?,
                90..94 => self.wait_durable().await?,
                94..99 => self.pause(400).await,
                _ => self.pause(8000).await,
            }
        }
        Ok(())
    }

    fn note(&self, log: LogId, sequence: Seq, change: Change) {
        self.shared.borrow_mut().spec.note(sequence.0, log, change);
    }

    async fn pause(&mut self, micros: u64) {
        let time = Duration::from_micros(1 + self.chance.below(micros));
        self.core.sleep(time).await;
    }

    fn any_log(&mut self) -> Option<Log> {
        let ids = self.store.log_ids();
        if ids.is_empty() {
            return None;
        }
        // Some logs are much busier than others.
        let i = self.chance.below(ids.len() as u64).min(self.chance.below(ids.len() as u64));
        self.store.log(ids[i as usize])
    }

    /// Every log gets the epoch of this life. Its owner waits until that is durable before it shows
    /// anything; the store must also bear those who do not.
    async fn bump(&mut self) -> Step {
        let mut last = Seq(0);
        for id in self.store.log_ids() {
            let log = self.store.log(id).expect("its id was just listed");
            log.set_options(self.log_options());
            last = self.set_hard_state(&log, self.term).await?;
        }
        if self.chance.once_in(2) { Ok(()) } else { self.until_durable(last).await }
    }

    fn log_options(&self) -> LogOptions {
        LogOptions {
            segment_bytes: self.setup.segment_bytes,
            retention_ms: -1,
            ..LogOptions::default()
        }
    }

    async fn set_hard_state(&mut self, log: &Log, term: i32) -> Result<Seq, Trouble> {
        let state = HardState {
            term,
            vote: NodeId(self.chance.below(3) as i32),
            log_term: term,
            members: vec![NodeId(0); self.chance.below(4) as usize],
            config_version: 1,
            config_term: term,
        };
        loop {
            match log.set_hard_state(state.clone()) {
                Ok(sequence) => {
                    self.note(log.id(), sequence, Change::HardState(state));
                    return Ok(sequence);
                }
                Err(Refusal::Overloaded) => self.wait_room(100).await?,
                Err(other) => return Err(other.into()),
            }
        }
    }

    async fn hard_state(&mut self) -> Step {
        if let Some(log) = self.any_log() {
            self.set_hard_state(&log, self.term).await?;
        }
        Ok(())
    }

    /// Waits for room; a disk that is full is relieved by deleting or by moving a start.
    async fn wait_room(&mut self, bytes: usize) -> Step {
        let store = self.store.clone();
        for _ in 0..200 {
            let room = self.core.timeout(Duration::from_secs(20), store.room(bytes)).await;
            match room {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(Refusal::StorageFull)) => {
                    self.shared.borrow_mut().full += 1;
                    self.relieve().await?;
                }
                Ok(Err(other)) => return Err(other.into()),
                Err(_) => return Err(Trouble::Wrong(format!("no room: {:?}", store.stats()))),
            }
        }
        Ok(())
    }

    async fn relieve(&mut self) -> Step {
        if let Some(log) = self.any_log() {
            let sequence = match self.chance.below(2) {
                0 => log.set_start(log.end()).inspect(|sequence| {
                    self.note(log.id(), *sequence, Change::Start(log.end()));
                }),
                _ => self.store.delete_log(log.id()).inspect(|sequence| {
                    self.note(log.id(), *sequence, Change::Delete);
                }),
            };
            match sequence {
                Ok(sequence) => self.until_durable(sequence).await?,
                Err(Refusal::Overloaded) => {}
                Err(other) => return Err(other.into()),
            }
        }
        self.core.sleep(Duration::from_millis(6)).await;
        Ok(())
    }

    async fn append(&mut self) -> Step {
        let Some(log) = self.any_log() else { return self.create().await };
        let large = self.chance.once_in(40);
        let most = if large {
            self.setup.options.batch_bytes_max() as u64 / 2
        } else {
            self.setup.payload_max
        };
        let payload = 1 + self.chance.below(most);
        self.append_to(&log, payload).await
    }

    async fn burst(&mut self) -> Step {
        let count = 5 + self.chance.below(40);
        for _ in 0..count {
            let Some(log) = self.any_log() else { return Ok(()) };
            let payload = 1 + self.chance.below(self.setup.payload_max);
            self.append_to(&log, payload).await?;
        }
        Ok(())
    }

    /// A few small appends, each in a block of its own: what only the journal has.
    ///
    /// # Errors
    /// What was wrong.
    pub async fn last_words(&mut self) -> Result<(), String> {
        for _ in 0..6 {
            let Some(log) = self.any_log() else { return Ok(()) };
            let said = match self.append_to(&log, 100).await {
                Ok(()) => self.wait_durable().await,
                refused => refused,
            };
            if let Err(Trouble::Wrong(why)) = said {
                return Err(why);
            }
        }
        Ok(())
    }

    async fn append_to(&mut self, log: &Log, payload: u64) -> Step {
        let records = 1 + self.chance.below(3);
        let mut builder = BatchBuilder::new();
        let mark = self.chance.draw().to_le_bytes();
        let mut value = vec![0; (payload / records) as usize];
        value.iter_mut().zip(mark.iter().cycle()).for_each(|(v, m)| *v = *m);
        for i in 0..records {
            builder.append(self.core.wall().0 + i as i64, Some(&mark), Some(&value), &[]);
        }
        let mut bytes = builder.finish(Codec::None);
        self.wait_room(bytes.len()).await?;
        if self.store.log(log.id()).is_none() {
            return Ok(());
        }
        let (base, epoch) = (log.end(), self.term);
        let cut = self.chance.below(bytes.len() as u64) as usize;
        match log.append(&[&bytes[..cut], &bytes[cut..]], base, epoch) {
            Ok(sequence) => {
                stamp(&mut bytes, base, epoch);
                let print = (crc32c::crc32c(&bytes), bytes.len());
                let next = base + records as i64;
                self.note(log.id(), sequence, Change::Append(Batch { base, next, epoch, print }));
                Ok(())
            }
            Err(Refusal::Overloaded | Refusal::StorageFull) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    async fn truncate(&mut self) -> Step {
        let Some(log) = self.any_log() else { return Ok(()) };
        let most = if self.chance.once_in(4) { 60 } else { 6 };
        let back = self.chance.below(most) as i64;
        let to = (log.end() - back).max(log.start());
        // Only whole batches are cut: the log says where it ends then.
        match log.truncate(to).await {
            Ok(sequence) => {
                let end = log.end();
                let was = self.shared.borrow().spec.now[&log.id()].end;
                if end > to || end < log.start() {
                    return Err(Trouble::Wrong(format!("cut to {to} ended at {end}")));
                }
                if end < was {
                    self.note(log.id(), sequence, Change::Truncate(end));
                }
                Ok(())
            }
            // The start lies inside the batch that would go.
            Err(ReadError::Refusal(Refusal::Overloaded | Refusal::OffsetOutOfRange { .. })) => {
                Ok(())
            }
            Err(ReadError::Refusal(other)) => Err(other.into()),
            Err(ReadError::Fault(_)) if self.store.failed().is_some() => Err(Trouble::Stopped),
            Err(ReadError::Fault(fault)) => Err(Trouble::Wrong(format!("truncate: {fault}"))),
        }
    }

    async fn set_start(&mut self) -> Step {
        let Some(log) = self.any_log() else { return Ok(()) };
        let span = (log.end() - log.start()) as u64;
        if span == 0 {
            return Ok(());
        }
        let to = log.start() + 1 + self.chance.below(span) as i64;
        match log.set_start(to) {
            Ok(sequence) => {
                self.note(log.id(), sequence, Change::Start(to));
                Ok(())
            }
            Err(Refusal::Overloaded) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Retention by size: whole segments go.
    fn retain(&mut self) -> Step {
        let Some(log) = self.any_log() else { return Ok(()) };
        let keep = self.chance.below(4 * self.setup.segment_bytes).cast_signed();
        log.set_options(LogOptions { retention_bytes: keep, ..self.log_options() });
        let moved = log.enforce_retention();
        log.set_options(self.log_options());
        match moved {
            Ok(Some(sequence)) => self.note(log.id(), sequence, Change::Start(log.start())),
            Ok(None) | Err(Refusal::Overloaded) => {}
            Err(other) => return Err(other.into()),
        }
        Ok(())
    }

    async fn create(&mut self) -> Step {
        if self.store.log_ids().len() >= 6 {
            return Ok(());
        }
        let id = LogId(self.shared.borrow().next_log);
        match self.store.create_log(id, self.log_options()) {
            Ok((log, sequence)) => {
                self.shared.borrow_mut().next_log += 1;
                self.note(id, sequence, Change::Create);
                self.set_hard_state(&log, self.term).await?;
                Ok(())
            }
            Err(Refusal::Overloaded) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    async fn delete(&mut self) -> Step {
        let Some(log) = self.any_log() else { return Ok(()) };
        match self.store.delete_log(log.id()) {
            Ok(sequence) => {
                self.note(log.id(), sequence, Change::Delete);
                Ok(())
            }
            Err(Refusal::Overloaded) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// What is read now is what was written down.
    async fn read(&mut self) -> Step {
        if self.chance.once_in(3) {
            let found = match read_state(&self.store).await {
                Ok(found) => found,
                Err(Bad::Wrong(why)) => return Err(Trouble::Wrong(format!("live read: {why}"))),
                Err(Bad::Fault(..)) if self.store.failed().is_some() => {
                    return Err(Trouble::Stopped);
                }
                Err(Bad::Fault(log, at, fault)) => {
                    return Err(Trouble::Wrong(format!("live read of {} at {at}: {fault}", log.0)));
                }
            };
            if found != self.shared.borrow().spec.now {
                return Err(Trouble::Wrong("a live read shows another state".into()));
            }
            return Ok(());
        }
        let Some(log) = self.any_log() else { return Ok(()) };
        let span = (log.end() - log.start()) as u64;
        if span == 0 {
            return Ok(());
        }
        let from = log.start() + self.chance.below(span) as i64;
        let bytes_max = self.chance.below(20_000) as usize;
        let slices = match log.read(from, log.end(), bytes_max, true).await {
            Ok(slices) => slices,
            Err(_) if self.store.failed().is_some() => return Err(Trouble::Stopped),
            Err(other) => return Err(Trouble::Wrong(format!("a read at {from}: {other:?}"))),
        };
        let read = parse(&slices).map_err(Trouble::Wrong)?;
        let shared = self.shared.borrow();
        let batches = &shared.spec.now[&log.id()].batches;
        let i = batches.partition_point(|batch| batch.next <= from);
        if read.is_empty() || !batches.iter().skip(i).zip(&read).all(|(a, b)| a == b) {
            return Err(Trouble::Wrong(format!("a read at {from} shows other batches")));
        }
        Ok(())
    }

    async fn wait_durable(&mut self) -> Step {
        let last = self.shared.borrow().spec.since.back().map_or(0, |(sequence, ..)| *sequence);
        self.until_durable(Seq(last)).await
    }

    async fn until_durable(&mut self, sequence: Seq) -> Step {
        let mut seen = self.store.progress();
        while seen.durable < sequence {
            let moved =
                self.core.timeout(Duration::from_secs(20), self.store.progressed(seen)).await;
            match moved {
                Ok(Ok(now)) => seen = now,
                Ok(Err(_)) => return Err(Trouble::Stopped),
                Err(_) => return Err(Trouble::Wrong("a block never became durable".into())),
            }
        }
        self.shared.borrow_mut().spec.settle(seen.durable.0);
        Ok(())
    }
}
