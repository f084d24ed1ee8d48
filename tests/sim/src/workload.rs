//! A seeded workload over several logs, which writes down what it did.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, LogId, NodeId, Refusal};
use engine_log::{HardState, Log, LogOptions, NumberedBatch, ReadError, Seq, Store};
use engine_record::{BatchBuilder, Codec, stamp};
use engine_rt::{Core, Open, Slice};

use crate::chance::Chance;
use crate::check::{Bad, parse, read_state};
use crate::faults::is_injected;
use crate::retention::Keeping;
use crate::setup::Setup;
use crate::spec::{Batch, Change, Spec};

/// What the workload and its judge both see.
#[derive(Default)]
pub struct Shared {
    /// What was promised.
    pub spec: Spec,
    /// What logs keep.
    pub keeping: Keeping,
    /// The batches of the log that is being set aside, and whether all were durable before.
    pub aside_known: Option<(bool, VecDeque<Batch>)>,
    /// The wall clock is to jump here.
    pub jump_to: Option<i64>,
    /// Errors of the disk are injected.
    pub errors: bool,
    /// Logs set aside for good.
    pub set_aside: u64,
    /// Looks whether all that is old had gone.
    pub expired: u64,
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
            Err(Trouble::Stopped) => self.after_stop().await.map(|()| End::Stopped),
            Err(Trouble::Wrong(why)) => Err(why),
        }
    }

    async fn steps(&mut self, steps: u64) -> Step {
        self.bump().await?;
        let aside = self.shared.borrow().spec.aside;
        if let Some(id) = aside {
            self.set_aside(id).await?;
            if self.shared.borrow().spec.aside.is_some() {
                // No space to go on with it: a log of which nobody knows anything is not worked on.
                return Ok(());
            }
        }
        for _ in 0..steps {
            match self.chance.below(100) {
                0..59 => self.append().await?,
                59..65 => self.burst().await?,
                65..70 => self.truncate().await?,
                70..72 => self.set_start().await?,
                72..74 => self.retain()?,
                74..76 => self.hold(),
                76..79 => self.hard_state().await?,
                79..83 => self.create().await?,
                83..86 => self.delete().await?,
                86..90 => self.read().await?,
                90..94 => self.wait_durable().await?,
                94..99 => self.pause(400).await,
                _ => self.pause(8000).await,
            }
        }
        if self.setup.retention && self.chance.once_in(4) {
            self.all_is_old().await
        } else {
            Ok(())
        }
    }

    /// Starts that the store moved by itself are judged and written down.
    fn observe(&self) -> Step {
        let mut shared = self.shared.borrow_mut();
        let Shared { spec, keeping, .. } = &mut *shared;
        let now = (self.core.now().0, self.core.wall().0);
        keeping.observe(&self.store, spec, now).map_err(Trouble::Wrong)
    }

    /// A stopped store acknowledges and takes nothing more.
    async fn after_stop(&mut self) -> Result<(), String> {
        let before = self.store.progress();
        if self.store.failed().is_none() {
            return Err("it stopped without a fault".into());
        }
        self.core.sleep(Duration::from_millis(3)).await;
        if self.store.progress() != before {
            return Err("progress after the stop".into());
        }
        let refused = match self.any_log() {
            Some(log) => log.set_hard_state(HardState::default()).map(|_| ()),
            None => self.store.create_log(LogId(u64::MAX), LogOptions::default()).map(|_| ()),
        };
        match refused {
            Err(Refusal::StorageStopped) => Ok(()),
            other => Err(format!("a stopped store answers {other:?}")),
        }
    }

    /// The clock passes every rule: after some quiet all that is old has gone.
    async fn all_is_old(&mut self) -> Step {
        {
            let mut shared = self.shared.borrow_mut();
            for id in std::mem::take(&mut shared.keeping.retain_from).into_keys() {
                if let Some(log) = self.store.log(id) {
                    log.set_retain_from(i64::MAX);
                }
            }
            shared.jump_to = Some(shared.keeping.latest_wall + 3_600_001);
        }
        let mut overdue = None;
        for _ in 0..60 {
            self.core.sleep(Duration::from_millis(5)).await;
            if self.store.failed().is_some() {
                return Err(Trouble::Stopped);
            }
            self.observe()?;
            overdue = {
                let shared = self.shared.borrow();
                shared.keeping.overdue(&self.store, self.core.wall().0)
            };
            if overdue.is_none() {
                overdue = self.needless_file().await?;
            }
            if overdue.is_none() {
                break;
            }
        }
        self.shared.borrow_mut().expired += 1;
        match overdue {
            // Nothing can be closed without space for it.
            Some(why) if !self.store.stats().storage_full && !self.shared.borrow().errors => {
                Err(Trouble::Wrong(why))
            }
            _ => Ok(()),
        }
    }

    /// A segment's file that no log has any more.
    async fn needless_file(&self) -> Result<Option<String>, Trouble> {
        for id in self.store.log_ids() {
            let log = self.store.log(id).expect("its id was just listed");
            let dir = self.setup.dir.join(format!("logs/{id}"));
            let files = match self.core.list_dir(&dir).await {
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                listed => listed.map_err(|e| Trouble::Wrong(format!("{id}: {e}")))?,
            };
            let first = log.segments()[0].base;
            for file in files {
                let base: i64 =
                    file.name.split('.').next().and_then(|b| b.parse().ok()).unwrap_or(-1);
                if base < first {
                    return Ok(Some(format!(
                        "log {id} begins at {first} and has {}: {}..{}, {:?}",
                        file.name,
                        log.start(),
                        log.end(),
                        log.segments()
                    )));
                }
            }
        }
        Ok(None)
    }

    /// What readers may not see yet is not old.
    fn hold(&mut self) {
        let Some(log) = self.any_log() else { return };
        let held = &mut self.shared.borrow_mut().keeping.retain_from;
        let from = match self.chance.below(2) {
            0 => log.start() + self.chance.below((log.end() - log.start()) as u64 + 1) as i64,
            _ => i64::MAX,
        };
        log.set_retain_from(from);
        if from < i64::MAX {
            held.insert(log.id(), from)
        } else {
            held.remove(&log.id())
        };
    }

    /// A log that the metadata does not know: its bytes are kept in files of their own.
    async fn set_aside(&mut self, id: LogId) -> Step {
        let begun = self.shared.borrow().spec.aside == Some(id);
        if !begun {
            let settled = self.chance.once_in(2);
            if settled {
                self.wait_durable().await?;
            }
            let mut shared = self.shared.borrow_mut();
            let known = shared.spec.now[&id].batches.clone();
            shared.spec.aside = Some(id);
            shared.aside_known = Some((settled, known));
        }
        if let Some(log) = self.store.log(id) {
            // Nobody knows what it is to keep.
            log.set_options(Keeping::everything(&self.setup));
        }
        match self.store.set_aside(id).await {
            Ok(true) => {}
            // No space: it stays as it is.
            Ok(false) if begun => return Ok(()),
            Ok(false) => {
                let mut shared = self.shared.borrow_mut();
                shared.spec.aside = None;
                if let (Some(log), Some(rule)) =
                    (self.store.log(id), shared.keeping.options.get(&id))
                {
                    log.set_options(rule.clone());
                }
                return Ok(());
            }
            Err(_) if self.store.failed().is_some() => return Err(Trouble::Stopped),
            Err(fault) => return Err(Trouble::Wrong(format!("set aside {id}: {fault}"))),
        }
        self.shared.borrow_mut().keeping.options.remove(&id);
        if self.store.log(id).is_some() {
            return Err(Trouble::Wrong(format!("log {id} was set aside and is there")));
        }
        // A block that is not older than the one that forgets the log.
        let next = LogId(self.shared.borrow().next_log);
        let sequence = loop {
            match self.store.create_log(next, Keeping::everything(&self.setup)) {
                Ok((_, sequence)) => break sequence,
                Err(Refusal::Overloaded) => self.wait_room(100).await?,
                Err(other) => return Err(other.into()),
            }
        };
        self.shared.borrow_mut().next_log += 1;
        self.note(next, sequence, Change::Create);
        self.until_durable(sequence).await?;
        self.shared.borrow_mut().spec.forget(id);
        self.shared.borrow_mut().set_aside += 1;
        let known = self.shared.borrow_mut().aside_known.take();
        match known {
            // What was not durable when an earlier life began with it may be lost.
            Some((settled, known)) if !known.is_empty() && (settled || !begun) => {
                match self.is_aside(id, known).await {
                    // The look itself met an error that the disk was told to have.
                    Err(Trouble::Wrong(why))
                        if self.shared.borrow().errors && is_injected(&why) =>
                    {
                        Ok(())
                    }
                    looked => looked,
                }
            }
            _ => Ok(()),
        }
    }

    /// Every batch is in the files that were set aside.
    async fn is_aside(&mut self, id: LogId, known: VecDeque<Batch>) -> Step {
        let failed = |e: std::io::Error| Trouble::Wrong(format!("aside {id}: {e}"));
        let aside = self.setup.dir.join("aside");
        let mut found = Vec::new();
        let mut dirs = self.core.list_dir(&aside).await.map_err(failed)?;
        dirs.retain(|dir| dir.name.starts_with(&format!("{id}-")));
        let [dir] = dirs.as_slice() else {
            return Err(Trouble::Wrong(format!("aside {id} is in {dirs:?}")));
        };
        let dir = aside.join(&dir.name);
        for file in self.core.list_dir(&dir).await.map_err(failed)? {
            if file.name.ends_with(".log") {
                let (path, file_len) = (dir.join(&file.name), file.len as usize);
                let file = self.core.open(&path, Open::default()).await.map_err(failed)?;
                let (read, buf) = file.read_at(self.core.buf(file_len), 0, file_len).await;
                read.map_err(failed)?;
                let batches = parse(&[Slice::copy_of(&self.core, buf.filled())]);
                let wrong = |why| Trouble::Wrong(format!("aside {id}: {}: {why}", path.display()));
                found.extend(batches.map_err(wrong)?);
            }
        }
        if !found.ends_with(&Vec::from(known)) {
            return Err(Trouble::Wrong(format!("aside {id} has other batches")));
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
        let aside = self.shared.borrow().spec.aside;
        for id in self.store.log_ids().into_iter().filter(|id| aside != Some(*id)) {
            let log = self.store.log(id).expect("its id was just listed");
            self.tell(&log);
            last = self.set_hard_state(&log, self.term).await?;
        }
        if self.chance.once_in(2) { Ok(()) } else { self.until_durable(last).await }
    }

    /// Tells a log what it is to keep.
    fn tell(&mut self, log: &Log) {
        let chosen = self.new_options();
        let changes = self.chance.once_in(10);
        let keeping = &mut self.shared.borrow_mut().keeping;
        if changes || !keeping.choices.contains_key(&log.id()) {
            keeping.choices.insert(log.id(), chosen);
        }
        let options = keeping.choices[&log.id()].clone();
        keeping.options.insert(log.id(), options.clone());
        log.set_options(options);
    }

    fn new_options(&mut self) -> LogOptions {
        if self.setup.retention {
            Keeping::choose(&mut self.chance, &self.setup)
        } else {
            Keeping::everything(&self.setup)
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
        self.observe()?;
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
        let mark = self.chance.draw().to_le_bytes();
        let by = producer_of(log, mark);
        let mut builder = BatchBuilder::new();
        if let Some((id, epoch, sequence)) = by {
            builder = builder.producer(id, epoch, sequence);
        }
        let mut value = vec![0; (payload / records) as usize];
        value.iter_mut().zip(mark.iter().cycle()).for_each(|(v, m)| *v = *m);
        let time = match self.chance.below(12) {
            0 => self.core.wall().0 + 10 * 365 * 24 * 3_600_000,
            1 => self.chance.below(1000) as i64,
            _ => self.core.wall().0,
        };
        for i in 0..records {
            builder.append(time + i as i64, Some(&mark), Some(&value), &[]);
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
                let (newest, wall) = (time + records as i64 - 1, self.core.wall().0);
                self.shared.borrow_mut().keeping.note_append(
                    log.id(),
                    (base, print.0),
                    newest,
                    wall,
                );
                let by = by.map(|(id, of, first_sequence)| {
                    let last = i64::from(first_sequence) + records as i64 - 1;
                    let last_sequence = (last % (1 << 31)) as i32;
                    let (end, timestamp) = (next, newest);
                    let numbers =
                        NumberedBatch { first_sequence, last_sequence, base, end, timestamp };
                    (id, of, numbers)
                });
                let batch = Batch { base, next, epoch, print, by };
                self.note(log.id(), sequence, Change::Append(batch));
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
            // Nothing was cut.
            Err(ReadError::Fault(fault)) if self.injected(&fault) => Ok(()),
            Err(ReadError::Fault(fault)) => Err(Trouble::Wrong(format!("truncate: {fault}"))),
        }
    }

    async fn set_start(&mut self) -> Step {
        self.observe()?;
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

    /// Retention by size, now: whole segments go.
    fn retain(&mut self) -> Step {
        let Some(log) = self.any_log() else { return Ok(()) };
        self.observe()?;
        let keep = self.chance.below(4 * self.setup.segment_bytes).cast_signed();
        let rule = LogOptions { retention_bytes: keep, ..Keeping::everything(&self.setup) };
        let before = {
            let keeping = &mut self.shared.borrow_mut().keeping;
            keeping.look(&self.store);
            keeping.options.insert(log.id(), rule.clone())
        };
        log.set_options(rule);
        let moved = log.enforce_retention();
        self.observe()?;
        let before = before.unwrap_or_else(|| Keeping::everything(&self.setup));
        self.shared.borrow_mut().keeping.options.insert(log.id(), before.clone());
        log.set_options(before);
        match moved {
            Ok(_) | Err(Refusal::Overloaded) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    /// Whether this is one of the errors that the disk was told to have.
    fn injected(&self, fault: &Fault) -> bool {
        self.shared.borrow().errors && fault.detail.contains("os error")
    }

    async fn create(&mut self) -> Step {
        if self.store.log_ids().len() >= 6 {
            return Ok(());
        }
        let id = LogId(self.shared.borrow().next_log);
        let options = self.new_options();
        match self.store.create_log(id, options.clone()) {
            Ok((log, sequence)) => {
                {
                    let mut shared = self.shared.borrow_mut();
                    shared.next_log += 1;
                    shared.keeping.choices.insert(id, options.clone());
                    shared.keeping.options.insert(id, options);
                }
                self.note(id, sequence, Change::Create);
                self.set_hard_state(&log, self.term).await?;
                Ok(())
            }
            Err(Refusal::Overloaded) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }

    async fn delete(&mut self) -> Step {
        self.observe()?;
        let Some(log) = self.any_log() else { return Ok(()) };
        if self.chance.once_in(5) {
            return self.set_aside(log.id()).await;
        }
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
        if self.chance.once_in(3) { self.read_all().await } else { self.read_some().await }
    }

    async fn read_all(&mut self) -> Step {
        self.observe()?;
        let moves = self.shared.borrow().keeping.moves;
        let found = read_state(&self.store, None).await;
        self.observe()?;
        let moved = self.shared.borrow().keeping.moves != moves;
        let wrong = match found {
            Ok(found) if found == self.shared.borrow().spec.now => return Ok(()),
            Ok(_) => "another state".into(),
            Err(Bad::Fault(..)) if self.store.failed().is_some() => return Err(Trouble::Stopped),
            Err(Bad::Fault(_, _, fault)) if self.injected(&fault) => return Ok(()),
            Err(Bad::Wrong(why)) => why,
            Err(Bad::Fault(log, at, fault)) => format!("log {} at {at}: {fault}", log.0),
        };
        // Retention came in between.
        if moved { Ok(()) } else { Err(Trouble::Wrong(format!("a live read: {wrong}"))) }
    }

    async fn read_some(&mut self) -> Step {
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
            Err(ReadError::Fault(fault)) if self.injected(&fault) => return Ok(()),
            Err(ReadError::Refusal(Refusal::OffsetOutOfRange { .. })) if from < log.start() => {
                return Ok(());
            }
            Err(other) => return Err(Trouble::Wrong(format!("a read at {from}: {other:?}"))),
        };
        let read = parse(&slices).map_err(Trouble::Wrong)?;
        self.observe()?;
        if from < log.start() {
            return Ok(());
        }
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

/// Who numbers the next batch of a log, as producers do: five of them, which sometimes begin a new
/// epoch or come close to the largest sequence; some batches have none.
fn producer_of(log: &Log, mark: [u8; 8]) -> Option<(i64, i16, i32)> {
    let [id, what, ..] = mark;
    let id = i64::from(id % 6);
    log.with_producer(id, |known| match known {
        _ if id == 5 => None,
        None => Some((id, 0, if what.is_multiple_of(3) { i32::MAX - 9 } else { 0 })),
        Some(known) if what.is_multiple_of(16) => Some((id, known.epoch + 1, 0)),
        Some(known) => {
            let next = (i64::from(known.last_sequence) + 1) % (1 << 31);
            Some((id, known.epoch, next as i32))
        }
    })
}
