//! Crash states of compaction: logs of few keys in small segments, worked with, compacted, crashed
//! at the writes of a swap, recovered and judged.
//!
//! Kept true of every state: start and end are those after some block that is not older than what
//! was acknowledged; every record that is there was sent so; of each key the last record below the
//! end is there, or it is a tombstone whose time has come and nothing of its key is there; what
//! readers might not see was left alone; producers are known, and so is their last batch.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use engine_base::{LogId, Offset, Refusal, Uuid, WallMs};
use engine_log::{Log, LogOptions, ReadError, Seq, Store, format};
use engine_record::{BatchBuilder, BatchView, Codec, RecordReader, Rope};
use engine_rt::sim::{Disk, Rot, SimOptions, Stuck, World};
use engine_rt::{Class, Core, Task};

use crate::Summary;
use crate::chance::Chance;
use crate::lives::dump_disk;
use crate::mode::Mode;
use crate::setup::Setup;

const LIVES: u64 = 4;
const STEPS: u64 = 60;
const LIFE: Duration = Duration::from_secs(600);
/// Of these one is compacted only, one is cut by retention too.
const LOGS: [LogId; 2] = [LogId(1), LogId(2)];
const KEYS: u64 = 9;
const TOMBSTONE_MS: i64 = 40;

/// A record as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sent {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
    timestamp: i64,
    /// The wall clock when it was appended, or before.
    wall: i64,
}

/// The last batch that a producer numbered: its base and its first sequence.
type Numbered = BTreeMap<i64, (Offset, i32)>;

/// A log without compaction.
#[derive(Clone, Debug, Default)]
struct Model {
    start: Offset,
    end: Offset,
    records: BTreeMap<Offset, Sent>,
    batches: BTreeMap<Offset, Option<(i64, i32)>>,
}

impl Model {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::Append { base, records, by } => {
                assert_eq!(*base, self.end);
                self.batches.insert(*base, *by);
                for record in records {
                    self.records.insert(self.end, record.clone());
                    self.end += 1;
                }
            }
            Change::Cut(to) => {
                self.end = *to;
                self.records.split_off(to);
                self.batches.split_off(to);
            }
            Change::Start(to) => self.start = self.start.max(*to),
        }
    }

    fn numbered(&self) -> Numbered {
        let by = self.batches.iter();
        by.filter_map(|(base, by)| by.map(|(id, first)| (id, (*base, first)))).collect()
    }
}

#[derive(Clone, Debug)]
enum Change {
    Append { base: Offset, records: Vec<Sent>, by: Option<(i64, i32)> },
    Cut(Offset),
    Start(Offset),
}

/// Key, value and timestamp of a record that was read.
type Read = (Vec<u8>, Option<Vec<u8>>, i64);

/// A log as it was read.
struct Found {
    start: Offset,
    end: Offset,
    records: BTreeMap<Offset, Read>,
    /// Base, end, producer and first sequence of each batch.
    batches: Vec<(Offset, Offset, i64, i32)>,
    /// Producers whose last batch is known, and the sequence of their last record.
    producers: BTreeMap<i64, i32>,
}

/// One log over all lives.
#[derive(Default)]
struct Kept {
    settled: Model,
    since: VecDeque<(u64, Change)>,
    now: Model,
    /// Nothing from here on is compacted, over all lives.
    held: Option<Offset>,
    retention: bool,
}

impl Kept {
    fn note(&mut self, sequence: Seq, change: Change) {
        self.now.apply(&change);
        self.since.push_back((sequence.0, change));
    }

    fn settle(&mut self, upto: u64) {
        while self.since.front().is_some_and(|(sequence, _)| *sequence <= upto) {
            let (_, change) = self.since.pop_front().expect("there was one");
            self.settled.apply(&change);
        }
    }

    /// Which of the states behind `floor` was found; else what speaks against the last.
    fn judge(&self, found: &Found, floor: u64, wall: i64) -> Result<Model, String> {
        let mut state = self.settled.clone();
        let mut why = None;
        let mut last = 0;
        for (sequence, change) in &self.since {
            if *sequence > floor && *sequence != last {
                match self.compare(&state, found, wall) {
                    Ok(()) => return Ok(state),
                    Err(said) => why = Some(said),
                }
            }
            last = *sequence;
            state.apply(change);
        }
        match self.compare(&state, found, wall) {
            Ok(()) => Ok(state),
            Err(said) => Err(format!("{said}; before: {why:?}")),
        }
    }

    fn compare(&self, state: &Model, found: &Found, wall: i64) -> Result<(), String> {
        let moved = self.retention && found.start > state.start;
        if found.end != state.end || (found.start != state.start && !moved) {
            let (a, b) = (found.start, found.end);
            return Err(format!("{a}..{b} where {}..{} was due", state.start, state.end));
        }
        for (offset, (key, value, timestamp)) in &found.records {
            let sent = state.records.get(offset).ok_or("a record that nobody sent")?;
            if (&sent.key, &sent.value, sent.timestamp) != (key, value, *timestamp) {
                return Err(format!("another record at {offset}"));
            }
        }
        let mut last: BTreeMap<&[u8], (Offset, &Sent)> = BTreeMap::new();
        for (offset, sent) in state.records.range(found.start..) {
            last.insert(&sent.key, (*offset, sent));
            if self.held.is_some_and(|held| *offset >= held) && !found.records.contains_key(offset)
            {
                return Err(format!("{offset} was not to be compacted"));
            }
        }
        for (key, (offset, sent)) in last {
            if found.records.contains_key(&offset) {
                continue;
            }
            if sent.value.is_some() || wall < sent.wall + TOMBSTONE_MS {
                return Err(format!("{offset}, the last of {key:?}, is gone: {sent:?} at {wall}"));
            }
            if let Some((old, _)) = found.records.iter().find(|(_, (other, ..))| other == key) {
                return Err(format!("{key:?} was deleted at {offset} and is back at {old}"));
            }
        }
        self.compare_producers(state, found)
    }

    fn compare_producers(&self, state: &Model, found: &Found) -> Result<(), String> {
        for (id, (base, first)) in state.numbered() {
            let end = state.batches.range(base + 1..).next().map_or(state.end, |next| *next.0);
            let last = first + i32::try_from(end - base).expect("batches are small") - 1;
            // After deep cuts the log knows none of its batches any more.
            let Some(known) = found.producers.get(&id) else { continue };
            if *known != last {
                return Err(format!("producer {id} at {known}, not at {last}"));
            }
            let batch = (base, end, id, first);
            if base >= found.start && !found.batches.contains(&batch) {
                return Err(format!("the last batch of producer {id} is gone: {batch:?}"));
            }
        }
        Ok(())
    }
}

/// What the work and its judge both see.
#[derive(Default)]
struct Shared {
    logs: BTreeMap<LogId, Kept>,
    store: Option<Store>,
    /// The wall clock is to go on by so much.
    jump: i64,
}

fn options_of(id: LogId, setup: &Setup, kept: &Kept) -> LogOptions {
    LogOptions {
        segment_bytes: setup.segment_bytes,
        segment_ms: if id == LOGS[0] { i64::MAX } else { 60 },
        retention_ms: -1,
        retention_bytes: if kept.retention { 20_000 } else { -1 },
        delete: kept.retention,
        compact: true,
        delete_retention_ms: TOMBSTONE_MS,
        min_dirty_millionths: 200_000,
        ..LogOptions::default()
    }
}

/// Reads all of a log, as a client goes.
async fn read_log(log: &Log) -> Result<Found, String> {
    let mut found = Found {
        start: log.start(),
        end: log.end(),
        records: BTreeMap::new(),
        batches: Vec::new(),
        producers: known_producers(log),
    };
    let mut at = found.start;
    while at < found.end {
        let slices = match log.read(at, found.end, 3000, true).await {
            Ok(slices) => slices,
            // Retention came by.
            Err(ReadError::Refusal(Refusal::OffsetOutOfRange { start, .. })) if start > at => {
                at = start;
                continue;
            }
            Err(why) => return Err(format!("a read at {at} of {:?}: {why:?}", log.segments())),
        };
        let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
        let rope = Rope::new(&pieces);
        if rope.is_empty() {
            return Err(format!("a read at {at} finds nothing: {:?}", log.segments()));
        }
        let mut place = 0;
        while place < rope.len() {
            let view = BatchView::parse(rope, place).map_err(|why| why.to_string())?;
            view.verify_crc().map_err(|why| why.to_string())?;
            let header = *view.header();
            let (base, end) = (header.base_offset, header.last_offset() + 1);
            let follows = found.batches.last().is_none_or(|(_, before, ..)| base >= *before);
            if end <= at || !follows {
                return Err(format!("batch {base}..{end} at {at}"));
            }
            found.batches.push((base, end, header.producer_id, header.base_sequence));
            let mut records = RecordReader::new(view, 1 << 20).map_err(|why| why.to_string())?;
            while let Some(record) = records.next_record() {
                let record = record.map_err(|why| why.to_string())?;
                let key = record.key.ok_or("a record without a key")?.to_vec();
                let value = record.value.map(<[u8]>::to_vec);
                if record.offset >= found.start {
                    found.records.insert(record.offset, (key, value, record.timestamp));
                }
            }
            (at, place) = (end, place + header.total_bytes());
        }
    }
    found.start = log.start();
    found.records = found.records.split_off(&found.start);
    Ok(found)
}

fn known_producers(log: &Log) -> BTreeMap<i64, i32> {
    let known = log.producers().into_iter().filter(|(_, known)| !known.batches.is_empty());
    known.map(|(id, known)| (id, known.last_sequence)).collect()
}

/// Opens the shard and reads every log.
async fn open(core: &Core, setup: &Setup) -> Result<(Store, BTreeMap<LogId, Found>), String> {
    let opened = Store::open(core, &setup.dir, setup.options.clone()).await;
    let (store, recovered) = opened.map_err(|fault| format!("open: {fault}"))?;
    // A checkpoint that was made to rot is told.
    let mut faults = recovered.report.faults.iter();
    if let Some(fault) = faults.find(|fault| !fault.place.contains("/checkpoint-")) {
        return Err(format!("open reports {fault}"));
    }
    let mut all = BTreeMap::new();
    for id in store.log_ids() {
        let log = store.log(id).expect("its id was just listed");
        let found = read_log(&log).await.map_err(|why| format!("log {}: {why}", id.0))?;
        all.insert(id, found);
    }
    Ok((store, all))
}

struct Work {
    core: Core,
    store: Store,
    shared: Rc<RefCell<Shared>>,
    setup: Setup,
    chance: Chance,
    term: i32,
}

impl Work {
    async fn run(&mut self) -> Result<(), String> {
        for id in LOGS {
            if self.store.log(id).is_none() {
                let created = self.store.create_log(id, LogOptions::default());
                let (_, sequence) = created.map_err(|why| format!("create: {why:?}"))?;
                self.durable(sequence).await?;
            }
            self.tell(id);
        }
        for _ in 0..STEPS {
            let id = LOGS[usize::from(self.chance.once_in(3))];
            let log = self.store.log(id).expect("it was created");
            match self.chance.below(40) {
                0..24 => {
                    for _ in 0..1 + self.chance.below(12) {
                        self.append(&log).await?;
                    }
                }
                24..32 => {
                    let time = Duration::from_micros(1 + self.chance.below(20_000));
                    self.core.sleep(time).await;
                }
                32..34 => self.shared.borrow_mut().jump += 1 + self.chance.below(60) as i64,
                34 => self.cut(&log).await?,
                35 => self.move_start(&log),
                36 => self.switch(&log).await,
                37 => self.hold(&log),
                _ => self.look().await?,
            }
            if let Some(fault) = self.store.failed() {
                return Err(format!("stopped: {fault}"));
            }
        }
        self.core.sleep(Duration::from_millis(60)).await;
        self.look().await
    }

    fn tell(&self, id: LogId) {
        let shared = self.shared.borrow();
        let kept = &shared.logs[&id];
        let log = self.store.log(id).expect("it was created");
        log.set_retain_from(kept.held.unwrap_or(Offset::MAX));
        log.set_options(options_of(id, &self.setup, kept));
    }

    async fn durable(&self, sequence: Seq) -> Result<(), String> {
        let mut seen = self.store.progress();
        while seen.durable < sequence {
            seen =
                self.store.progressed(seen).await.map_err(|fault| format!("stopped: {fault}"))?;
        }
        Ok(())
    }

    async fn append(&mut self, log: &Log) -> Result<(), String> {
        let wall = self.core.wall().0;
        let count = 1 + self.chance.below(4);
        let id = self.chance.below(4) as i64;
        let mut builder = BatchBuilder::new();
        let by = (id < 3).then(|| {
            let next =
                log.with_producer(id, |known| known.map_or(0, |known| known.last_sequence + 1));
            (id, next)
        });
        if let Some((id, first)) = by {
            builder = builder.producer(id, 0, first);
        }
        let mut records = Vec::new();
        for _ in 0..count {
            let key = format!("key {}", self.chance.below(KEYS)).into_bytes();
            let value = (!self.chance.once_in(5)).then(|| {
                let bytes = self.chance.below(300);
                (0..bytes).map(|_| self.chance.below(256) as u8).collect::<Vec<u8>>()
            });
            let timestamp = wall - self.chance.below(50) as i64;
            builder.append(timestamp, Some(&key), value.as_deref(), &[]);
            records.push(Sent { key, value, timestamp, wall });
        }
        let batch = builder.finish(self.chance.pick(&Codec::ALL));
        self.store.room(batch.len()).await.map_err(|why| format!("room: {why:?}"))?;
        let base = log.end();
        match log.append(&[&batch], base, self.term) {
            Ok(sequence) => {
                let change = Change::Append { base, records, by };
                self.note(log, sequence, change);
                Ok(())
            }
            Err(Refusal::Overloaded) => Ok(()),
            Err(why) => Err(format!("append: {why:?}")),
        }
    }

    fn note(&self, log: &Log, sequence: Seq, change: Change) {
        let mut shared = self.shared.borrow_mut();
        shared.logs.get_mut(&log.id()).expect("a log of ours").note(sequence, change);
    }

    async fn cut(&mut self, log: &Log) -> Result<(), String> {
        let before = log.end();
        let to = (before - self.chance.below(30) as i64).max(log.start());
        match log.truncate(to).await {
            Ok(sequence) if log.end() < before => {
                let to = log.end();
                self.note(log, sequence, Change::Cut(to));
                Ok(())
            }
            Ok(_) => Ok(()),
            // Compacted, below the start, or no room for the entry.
            Err(ReadError::Refusal(Refusal::OffsetOutOfRange { .. } | Refusal::Overloaded)) => {
                Ok(())
            }
            Err(why) => Err(format!("cut to {to}: {why:?}")),
        }
    }

    fn move_start(&mut self, log: &Log) {
        let span = (log.end() - log.start()) as u64;
        let to = log.start() + self.chance.below(span / 2 + 1) as i64;
        if to > log.start()
            && let Ok(sequence) = log.set_start(to)
        {
            self.note(log, sequence, Change::Start(to));
        }
    }

    /// Compaction is switched off and on.
    async fn switch(&mut self, log: &Log) {
        log.set_options(LogOptions {
            compact: false,
            ..options_of(log.id(), &self.setup, &self.shared.borrow().logs[&log.id()])
        });
        self.core.sleep(Duration::from_millis(self.chance.below(20))).await;
        self.tell(log.id());
    }

    /// What is appended from here on stays as it is.
    fn hold(&mut self, log: &Log) {
        let held = self.chance.once_in(2).then(|| log.end());
        let mut shared = self.shared.borrow_mut();
        let kept = shared.logs.get_mut(&log.id()).expect("a log of ours");
        // Once it was free, it may be compacted.
        if kept.held.is_some() {
            kept.held = None;
        } else {
            kept.held = held;
        }
        drop(shared);
        self.tell(log.id());
    }

    /// What is read now is right too.
    async fn look(&self) -> Result<(), String> {
        for id in LOGS {
            let log = self.store.log(id).expect("it was created");
            let found = read_log(&log).await.map_err(|why| format!("live log {}: {why}", id.0))?;
            let wall = self.core.wall().0;
            let shared = self.shared.borrow();
            let kept = &shared.logs[&id];
            kept.compare(&kept.now, &found, wall).map_err(|why| format!("live {}: {why}", id.0))?;
        }
        Ok(())
    }
}

struct Run {
    chance: Chance,
    disk: Disk,
    setup: Setup,
    shared: Rc<RefCell<Shared>>,
    /// What was durable and what was submitted when the last life ended.
    floors: (u64, u64),
    wall: i64,
    summary: Summary,
}

/// Runs one seed.
pub fn run_seed(seed: u64) -> Summary {
    let mut chance = Chance::new(seed);
    let mut setup = Setup::of(&mut chance);
    setup.segment_bytes = chance.pick(&[1500, 4000, 12_000]);
    setup.options.compaction = true;
    setup.options.disk_reserve_bytes = 0;
    setup.options.compaction_pause_ms = chance.pick(&[2, 7, 30]);
    setup.options.compaction_key_bytes = chance.pick(&[0, 120, 1 << 16]);
    setup.options.compaction_bytes_per_second = chance.pick(&[4 << 20, u64::MAX]);
    let disk = Disk::new(64 << 20, setup.sector_bytes);
    disk.make_dir(std::path::Path::new("/data"));
    let mut shared = Shared::default();
    for id in LOGS {
        shared.logs.insert(id, Kept { retention: id == LOGS[1], ..Kept::default() });
    }
    let mut run = Run {
        chance,
        disk,
        setup,
        shared: Rc::new(RefCell::new(shared)),
        floors: (0, 0),
        wall: SimOptions::default().wall.0,
        summary: Summary { seeds: 1, ..Summary::default() },
    };
    if let Err(why) = run.all() {
        let again = format!("BOBBIN_SEED={seed} cargo test -p tests-sim compaction_of_one");
        run.summary.failures.push(format!("{again} # {why}"));
    }
    run.summary
}

fn world_options(wall: i64) -> SimOptions {
    SimOptions { pool_bytes_max: 1 << 20, wall: WallMs(wall), ..SimOptions::default() }
}

impl Run {
    fn all(&mut self) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options(self.wall));
        let core = world.core(&self.disk);
        let setup = self.setup.clone();
        let formatted = world.block_on(&core.clone(), async move {
            format(&core, &setup.dir, Uuid([7; 16]), &setup.options).await
        });
        formatted.map_err(|stuck| stuck.to_string())?.map_err(|fault| fault.to_string())?;
        for life in 0..LIVES {
            self.life(life).map_err(|why| format!("life {life}: {why}"))?;
        }
        Ok(())
    }

    fn life(&mut self, life: u64) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options(self.wall));
        let core = world.core(&self.disk);
        let (core_of_life, setup) = (core.clone(), self.setup.clone());
        let (shared, chance) = (Rc::clone(&self.shared), Chance::new(self.chance.draw()));
        let (floor, term) = (self.floors.1, life as i32 + 1);
        let task = core.spawn(Class::Control, "life", async move {
            let (store, found) = open(&core_of_life, &setup).await?;
            begin(&shared, &store, &found, floor, core_of_life.wall().0)?;
            Work { core: core_of_life, store, shared, setup, chance, term }.run().await
        });
        let lived = self.watch(&world, &core, &task);
        let mode = self.chance.pick(&[Mode::Power, Mode::Power, Mode::Kill, Mode::Late]);
        let (durable, submitted) = self.floors_now();
        self.floors = (durable, if mode == Mode::Power { durable } else { submitted });
        if let Some(store) = self.shared.borrow_mut().store.take() {
            let stats = store.stats();
            self.summary.compactions += stats.compactions;
            self.summary.checkpoints += stats.checkpoints;
            self.summary.laps += stats.journal_bytes / self.setup.options.ring_bytes();
        }
        lived?;
        world.block_on(&core, task).map_err(|stuck| stuck.to_string())??;
        self.wall = core.wall().0;
        self.summary.trace = self.summary.trace.rotate_left(9) ^ world.trace_hash();
        self.disk = mode.crash(&self.disk, self.chance.draw());
        Ok(())
    }

    /// What must not be compacted of each log.
    fn held(&self) -> [Option<Offset>; 2] {
        let shared = self.shared.borrow();
        LOGS.map(|id| shared.logs[&id].held)
    }

    fn floors_now(&self) -> (u64, u64) {
        let shared = self.shared.borrow();
        shared.store.as_ref().map_or(self.floors, |store| {
            let progress = store.progress();
            (progress.durable.0, progress.submitted.0)
        })
    }

    fn watch(
        &mut self,
        world: &World,
        core: &Core,
        task: &Task<Result<(), String>>,
    ) -> Result<(), String> {
        let mut writes = 0;
        while !task.is_finished() {
            if world.time() > LIFE {
                return Err("a life that does not end".into());
            }
            match world.step_once() {
                Ok(()) => {}
                Err(Stuck::Endless) => return Err("a world without end".into()),
                Err(Stuck::Frozen | Stuck::Idle) => return Err("everybody waits".into()),
            }
            let compacting = {
                let mut shared = self.shared.borrow_mut();
                let Shared { logs, store, jump } = &mut *shared;
                if *jump > 0 {
                    world.set_wall(WallMs(core.wall().0 + std::mem::take(jump)));
                }
                let durable = store.as_ref().map_or(0, |store| store.progress().durable.0);
                logs.values_mut().for_each(|kept| kept.settle(durable));
                store.as_ref().is_some_and(|store| store.stats().compacting > 0)
            };
            if self.disk.writes() != writes {
                writes = self.disk.writes();
                if self.chance.once_in(if compacting { 9 } else { 60 }) {
                    self.state(core.wall().0, compacting)?;
                }
            }
        }
        Ok(())
    }

    /// One crash state.
    fn state(&mut self, wall: i64, compacting: bool) -> Result<(), String> {
        let mode = self.chance.pick(&[Mode::Power, Mode::Power, Mode::Kill, Mode::Late]);
        let choice = self.chance.draw();
        let (durable, submitted) = self.floors_now();
        let floor = if mode == Mode::Power { durable } else { submitted };
        let crashed = mode.crash(&self.disk, choice);
        self.summary.states += 1;
        self.summary.late += u64::from(crashed.late() > 0);
        self.summary.in_compaction += u64::from(compacting);
        let said = |why: String| format!("{mode:?} state {choice:x}: {why}");
        let checked = self.check(&crashed.snapshot(), floor, wall).map_err(said);
        if checked.is_err() && std::env::var("BOBBIN_DUMP").is_ok() {
            dump_disk(&crashed);
        }
        checked?;
        if self.chance.once_in(5) {
            let disk = crashed.snapshot();
            if rot_newest_checkpoint(&disk, self.chance.below(90)) {
                self.summary.states += 1;
                let checked = self.check(&disk, floor, wall);
                checked.map_err(|why| said(format!("without the newest checkpoint: {why}")))?;
            }
        }
        if self.chance.once_in(5) {
            let second = self.chance.pick(&[Mode::Power, Mode::Kill, Mode::Late]);
            let again = self.crash_recovery(&crashed, second, wall).map_err(said)?;
            // What a killed process had handed over is there until the power goes.
            let floor = if second == Mode::Power { durable } else { floor };
            self.summary.states += 1;
            self.summary.states_in_recovery += 1;
            let checked = self.check(&again, floor, wall + 150);
            checked.map_err(|why| said(format!("after a {second:?} in recovery: {why}")))?;
        }
        Ok(())
    }

    /// Crashes a recovery, or the compaction that goes on behind it, somewhere.
    fn crash_recovery(&mut self, crashed: &Disk, second: Mode, wall: i64) -> Result<Disk, String> {
        let disk = crashed.snapshot();
        let world = World::new(self.chance.draw(), world_options(wall));
        let core = world.core(&disk);
        let (core_of_task, setup) = (core.clone(), self.setup.clone());
        let held = self.held();
        let _task = core.spawn(Class::Control, "recovery", async move {
            let (store, _) = open(&core_of_task, &setup).await?;
            compact_on(&core_of_task, &store, &setup, &held).await;
            Ok::<(), String>(())
        });
        let time = Duration::from_micros(self.chance.below(40_000));
        world.run_for(time).map_err(|stuck| format!("recovery to be crashed: {stuck}"))?;
        Ok(second.crash(&disk, self.chance.draw()))
    }

    /// Recovers a disk, compares, and lets it compact on.
    fn check(&mut self, disk: &Disk, floor: u64, wall: i64) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options(wall));
        let core = world.core(disk);
        let (core_of_check, setup) = (core.clone(), self.setup.clone());
        let held = self.held();
        let on = self.chance.once_in(4);
        let found = world.block_on(&core, async move {
            let (store, found) = open(&core_of_check, &setup).await?;
            if !on {
                return Ok((found, None));
            }
            compact_on(&core_of_check, &store, &setup, &held).await;
            let mut later = BTreeMap::new();
            for id in store.log_ids() {
                let log = store.log(id).expect("its id was just listed");
                later.insert(id, read_log(&log).await?);
            }
            Ok((found, Some((later, core_of_check.wall().0))))
        });
        let found: Result<_, String> = found.map_err(|stuck| format!("recovery: {stuck}"))?;
        let (found, later) = found?;
        let shared = self.shared.borrow();
        for (id, kept) in &shared.logs {
            let none = kept.settled.end == 0;
            let Some(found) = found.get(id) else {
                if none { continue } else { return Err(format!("log {} is gone", id.0)) }
            };
            let state = kept.judge(found, floor, wall);
            let state = state.map_err(|why| format!("log {}: {why}", id.0))?;
            if let Some((later, wall)) = &later {
                let said = kept.compare(&state, &later[id], *wall);
                said.map_err(|why| format!("log {} later: {why}", id.0))?;
            }
        }
        self.summary.trace = self.summary.trace.rotate_left(5) ^ world.trace_hash();
        Ok(())
    }
}

/// Where the crash was, compaction goes on.
async fn compact_on(core: &Core, store: &Store, setup: &Setup, held: &[Option<Offset>; 2]) {
    for (id, held) in LOGS.into_iter().zip(held) {
        let Some(log) = store.log(id) else { continue };
        log.set_retain_from(held.unwrap_or(Offset::MAX));
        log.set_options(options_of(id, setup, &Kept::default()));
    }
    core.sleep(Duration::from_millis(100)).await;
}

/// The older of two checkpoints suffices, although compaction went on behind it.
fn rot_newest_checkpoint(disk: &Disk, at: u64) -> bool {
    let paths = disk.files().into_iter().map(|(path, _)| path);
    let named: Vec<_> =
        paths.filter(|path| path.to_string_lossy().contains("/checkpoint-")).collect();
    let [.., _, newest] = named.as_slice() else { return false };
    disk.rot(newest, at, Rot::Flip(3))
}

/// A life begins with what was found.
fn begin(
    shared: &Rc<RefCell<Shared>>,
    store: &Store,
    found: &BTreeMap<LogId, Found>,
    floor: u64,
    wall: i64,
) -> Result<(), String> {
    let mut shared = shared.borrow_mut();
    for (id, kept) in &mut shared.logs {
        let Some(found) = found.get(id) else { continue };
        let state = kept.judge(found, floor, wall);
        let mut state = state.map_err(|why| format!("log {}: {why}", id.0))?;
        state.start = found.start;
        kept.held = kept.held.filter(|held| *held <= state.end);
        kept.since.clear();
        kept.settled = state.clone();
        kept.now = state;
    }
    shared.store = Some(store.clone());
    Ok(())
}
