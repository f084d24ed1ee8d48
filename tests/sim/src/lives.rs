//! Several lives of a shard, or of two on one disk and core: in each the stores are recovered,
//! worked with and crashed; on the way their disk is copied at many of its writes, crashed,
//! recovered and checked.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Uuid, WallMs};
use engine_log::format;
use engine_rt::sim::{Disk, Rot, SimOptions, Stuck, World};
use engine_rt::{Class, Task};

use crate::Summary;
use crate::chance::Chance;
use crate::check::{Bad, open_and_read};
use crate::faults::{inject, is_injected, refuse_checkpoints};
use crate::mode::Mode;
use crate::setup::{Setup, dir};
use crate::spec::Spec;
use crate::workload::{End, Shared, Work};

/// Lives of one seed.
const LIVES: u64 = 4;
/// Steps of the workload in one life.
const STEPS: u64 = 120;
/// Longest time, in the world's clock, that one life may take.
const LIFE: Duration = Duration::from_secs(600);

/// What must not be lost: by power loss, and by the death of the process.
#[derive(Clone, Copy, Debug, Default)]
struct Floor {
    power: u64,
    kill: u64,
}

impl Floor {
    fn of(self, mode: Mode) -> u64 {
        match mode {
            Mode::Power => self.power,
            Mode::Kill | Mode::Late => self.kill,
        }
    }
}

/// One shard over all its lives.
struct Shard {
    setup: Setup,
    shared: Rc<RefCell<Shared>>,
    /// What held when the last life ended; counts until the next has recovered.
    floor: Floor,
}

impl Shard {
    /// What must not be lost if everything ended now.
    fn floor_now(&self) -> Floor {
        let shared = self.shared.borrow();
        match &shared.store {
            Some(store) => {
                let progress = store.progress();
                let power = progress.durable.0;
                // What was only submitted may be what failed.
                Floor { power, kill: if shared.errors { power } else { progress.submitted.0 } }
            }
            None => self.floor,
        }
    }

    /// Takes note of what the store did by itself, and of what is acknowledged.
    fn settle(&self, now: (u64, i64)) -> Result<(), String> {
        let mut shared = self.shared.borrow_mut();
        let Shared { store, spec, keeping, .. } = &mut *shared;
        if let Some(store) = store {
            keeping.observe(store, spec, now)?;
            spec.settle(store.progress().durable.0);
        }
        Ok(())
    }

    /// A life is over.
    fn end_life(&mut self, mode: Mode, summary: &mut Summary) {
        let floor = self.floor_now();
        let Floor { power, .. } = floor;
        self.floor = if mode == Mode::Power { Floor { power, kill: power } } else { floor };
        let mut shared = self.shared.borrow_mut();
        summary.full += std::mem::take(&mut shared.full);
        summary.retained += std::mem::take(&mut shared.keeping.moves);
        summary.expired += std::mem::take(&mut shared.expired);
        summary.set_aside += std::mem::take(&mut shared.set_aside);
        if let Some(store) = &shared.store {
            let stats = store.stats();
            summary.checkpoints += stats.checkpoints;
            summary.carried += stats.carried;
            summary.destaged_bytes += stats.destaged_bytes;
            summary.laps += stats.journal_bytes / self.setup.options.ring_bytes();
            summary.stops += u64::from(store.failed().is_some());
        }
    }
}

/// One seed's run.
struct Run {
    chance: Chance,
    /// Which starts find no space for their checkpoint: drawn beside all else.
    spaces: Chance,
    disk: Disk,
    shards: Vec<Shard>,
    /// The wall clock jumps.
    jumps: bool,
    wall: i64,
    summary: Summary,
}

/// Runs one seed.
pub fn run_seed(seed: u64) -> Summary {
    let mut chance = Chance::new(seed);
    let first = Setup::of(&mut chance);
    let count = if chance.once_in(6) { 2 } else { 1 };
    let disk = Disk::new(first.disk_bytes * count as u64, first.sector_bytes);
    disk.make_dir(std::path::Path::new("/data"));
    let shards = (0..count).map(|i| {
        let shared = Shared { next_log: 1, ..Shared::default() };
        let setup = Setup { dir: dir(i), ..first.clone() };
        Shard { setup, shared: Rc::new(RefCell::new(shared)), floor: Floor::default() }
    });
    let mut run = Run {
        disk,
        shards: shards.collect(),
        jumps: chance.once_in(2),
        wall: SimOptions::default().wall.0,
        chance,
        spaces: Chance::new(!seed),
        summary: Summary { seeds: 1, ..Summary::default() },
    };
    if let Err(why) = run.all() {
        let again = format!("BOBBIN_SEED={seed} cargo test -p tests-sim one_seed -- --nocapture");
        run.summary.failures.push(format!("{again} # {why}"));
    }
    run.summary
}

fn world_options() -> SimOptions {
    SimOptions { pool_bytes_max: 1 << 20, ..SimOptions::default() }
}

impl Run {
    fn all(&mut self) -> Result<(), String> {
        for i in 0..self.shards.len() {
            self.format(i)?;
        }
        for life in 0..LIVES {
            self.life(life).map_err(|why| format!("life {life}: {why}"))?;
        }
        Ok(())
    }

    /// Some starts on this disk find no space for their checkpoint.
    fn narrow(&mut self, disk: &Disk) {
        if self.spaces.once_in(4) {
            self.summary.narrow += 1;
            refuse_checkpoints(disk, self.spaces.pick(&[1, 1, 2, 5]));
        }
    }

    fn format(&mut self, shard: usize) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(&self.disk);
        let Setup { options, dir, .. } = self.shards[shard].setup.clone();
        let formatted = world.block_on(&core.clone(), async move {
            format(&core, &dir, Uuid([7 + shard as u8; 16]), &options).await
        });
        match formatted {
            Ok(Ok(())) => Ok(()),
            other => Err(format!("format: {other:?}")),
        }
    }

    fn life(&mut self, life: u64) -> Result<(), String> {
        let options = SimOptions { wall: WallMs(self.wall), ..world_options() };
        let world = World::new(self.chance.draw(), options);
        let core = world.core(&self.disk);
        self.narrow(&self.disk.clone());
        let mut tasks = Vec::new();
        for shard in &self.shards {
            let (setup, shared) = (shard.setup.clone(), Rc::clone(&shard.shared));
            let (core_of_life, chance) = (core.clone(), Chance::new(self.chance.draw()));
            let (floor, term) = (shard.floor, life as i32 + 1);
            shard.shared.borrow_mut().errors = false;
            tasks.push(core.spawn(Class::Control, "life", async move {
                one_life(core_of_life, setup, shared, chance, floor, term).await
            }));
        }
        if self.chance.once_in(4) {
            // One shard's errors are not the other's.
            let only = (self.shards.len() > 1).then_some(self.shards[0].setup.dir.as_path());
            inject(&self.disk, &mut self.chance, only, 220);
            self.shards[0].shared.borrow_mut().errors = true;
        }
        let lived = self.watch(&world, &core, &tasks);
        let mode = self.chance.pick(&[Mode::Power, Mode::Power, Mode::Kill, Mode::Late]);
        for shard in &mut self.shards {
            shard.end_life(mode, &mut self.summary);
        }
        lived?;
        for (task, shard) in tasks.into_iter().zip(&self.shards) {
            let ended = world.block_on(&core, task).map_err(|stuck| format!("{stuck}"))??;
            if ended == End::Stopped && !shard.shared.borrow().errors {
                let dir = shard.setup.dir.display();
                let store = shard.shared.borrow().store.clone();
                let fault = store.and_then(|store| store.failed());
                return Err(format!("{dir} stopped without an error of its own: {fault:?}"));
            }
        }
        self.wall = core.wall().0;
        self.summary.trace = self.summary.trace.rotate_left(9) ^ world.trace_hash();
        let crashed = mode.crash(&self.disk, self.chance.draw());
        for shard in &self.shards {
            let store = shard.shared.borrow_mut().store.take();
            drop(store);
        }
        self.disk = crashed;
        Ok(())
    }

    /// Looks at every turn of a life, and at the crash states on its way.
    fn watch(
        &mut self,
        world: &World,
        core: &engine_rt::Core,
        tasks: &[Task<Result<End, String>>],
    ) -> Result<(), String> {
        let mut writes = 0;
        let mut jump_at = Duration::from_micros(self.chance.below(40_000));
        // More states early in a life, where recovery and its checkpoint are.
        let mut sample_of = 2 + self.chance.below(12);
        while !tasks.iter().all(Task::is_finished) {
            if world.time() > LIFE {
                return Err("a life that does not end".into());
            }
            match world.step_once() {
                Ok(()) => {}
                Err(Stuck::Endless) => return Err("a world without end".into()),
                Err(Stuck::Frozen | Stuck::Idle) => return Err("everybody waits".into()),
            }
            let now = (world.time().as_nanos() as u64, core.wall().0);
            for shard in &self.shards {
                shard.settle(now)?;
                let jump = shard.shared.borrow_mut().jump_to.take();
                if let Some(to) = jump.filter(|to| *to > now.1) {
                    world.set_wall(WallMs(to));
                }
            }
            if self.jumps && world.time() >= jump_at {
                let jumps = [50, 500, 3_600_000, 86_400_000, -20, -300, -3_600_000];
                let to = core.wall().0 + self.chance.pick(&jumps);
                world.set_wall(WallMs(to));
                for shard in &self.shards {
                    shard.shared.borrow_mut().keeping.on_clock(to);
                }
                jump_at = world.time() + Duration::from_micros(self.chance.below(40_000));
            }
            if self.disk.writes() != writes {
                writes = self.disk.writes();
                if writes == 60 {
                    sample_of = 8 + self.chance.below(60);
                }
                if self.chance.once_in(sample_of) {
                    self.state()?;
                }
            }
        }
        Ok(())
    }

    /// One crash state, or two: the second crashes the first one's recovery.
    fn state(&mut self) -> Result<(), String> {
        let mode = self.chance.pick(&[Mode::Power, Mode::Power, Mode::Kill, Mode::Late]);
        let choice = self.chance.draw();
        let floors: Vec<Floor> = self.shards.iter().map(Shard::floor_now).collect();
        let crashed = mode.crash(&self.disk, choice);
        self.summary.states += 1;
        self.summary.late += u64::from(crashed.late() > 0);
        let said = |why: String| format!("{mode:?} state {choice:x}: {why}");
        let floors_of =
            |mode: Mode| floors.iter().map(|floor| floor.of(mode)).collect::<Vec<u64>>();
        let checked = self.check(&crashed.snapshot(), &floors_of(mode)).map_err(said);
        if checked.is_err() && std::env::var("BOBBIN_DUMP").is_ok() {
            dump_disk(&crashed);
        }
        checked?;
        if self.chance.once_in(4) {
            let (errors, second) =
                (self.chance.once_in(3), self.chance.pick(&[Mode::Power, Mode::Kill, Mode::Late]));
            let again = self.crash_recovery(&crashed, errors, second).map_err(said)?;
            // What a killed process had handed over is there until the power goes.
            let least = if second == Mode::Power { Mode::Power } else { mode };
            self.summary.states_in_recovery += 1;
            self.summary.states += 1;
            let checked = self.check(&again, &floors_of(least));
            let how = if errors { "with errors " } else { "" };
            checked.map_err(|why| said(format!("after a {second:?} in recovery {how}: {why}")))?;
        }
        if self.chance.once_in(6) {
            self.rot_newest_checkpoint(&crashed, &floors_of(mode)).map_err(said)?;
        }
        Ok(())
    }

    /// The older of two checkpoints suffices.
    fn rot_newest_checkpoint(&mut self, crashed: &Disk, floors: &[u64]) -> Result<(), String> {
        let disk = crashed.snapshot();
        let is = |path: &PathBuf| path.to_string_lossy().contains("shard0/checkpoint-");
        let named: Vec<PathBuf> = disk.files().into_iter().map(|f| f.0).filter(is).collect();
        let [.., _, newest] = named.as_slice() else { return Ok(()) };
        disk.rot(newest, self.chance.below(90), Rot::Flip(3));
        self.summary.states += 1;
        let name = newest.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        let checked = self.check_but(&disk, floors, &name);
        checked.map_err(|why| format!("without the newest checkpoint: {why}"))
    }

    /// Recovers a disk and compares.
    fn check(&mut self, disk: &Disk, floors: &[u64]) -> Result<(), String> {
        self.check_but(disk, floors, "nothing")
    }

    /// The same; faults in `known` are expected.
    fn check_but(&mut self, disk: &Disk, floors: &[u64], known: &str) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(disk);
        self.narrow(disk);
        for (shard, floor) in self.shards.iter().zip(floors) {
            let (core_of_check, setup) = (core.clone(), shard.setup.clone());
            let aside = shard.shared.borrow().spec.aside;
            let found = world.block_on(&core, async move {
                let (_, recovered, state) = open_and_read(&core_of_check, &setup, aside).await?;
                Ok((recovered, state))
            });
            let (recovered, state) = match found {
                Err(stuck) => return Err(format!("recovery: {stuck}")),
                Ok(Err(Bad::Wrong(why))) => return Err(why),
                Ok(Err(Bad::Fault(log, at, fault))) => {
                    return Err(format!("log {} at {at}: {fault}", log.0.cast_signed()));
                }
                Ok(Ok(found)) => found,
            };
            let aside = aside.map(|id| format!("/logs/{id}/"));
            let is_known = |place: &str| {
                place.contains(known) || aside.as_ref().is_some_and(|aside| place.contains(aside))
            };
            let mut faults = recovered.report.faults.iter();
            if let Some(fault) = faults.find(|fault| !is_known(&fault.place)) {
                return Err(format!("recovery reports {fault}"));
            }
            self.summary.torn += u64::from(recovered.report.torn);
            shard.shared.borrow().spec.admits(&state, *floor)?;
        }
        self.summary.trace = self.summary.trace.rotate_left(5) ^ world.trace_hash();
        Ok(())
    }

    /// Crashes a recovery somewhere. It may meet errors: then it stops, or what it says holds.
    fn crash_recovery(
        &mut self,
        crashed: &Disk,
        errors: bool,
        second: Mode,
    ) -> Result<Disk, String> {
        let disk = crashed.snapshot();
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(&disk);
        self.narrow(&disk);
        if errors {
            self.summary.with_errors += 1;
            inject(&disk, &mut self.chance, None, 24);
        }
        let mut tasks = Vec::new();
        for shard in &self.shards {
            let (core_of_task, setup) = (core.clone(), shard.setup.clone());
            let aside = shard.shared.borrow().spec.aside;
            tasks.push(core.spawn(Class::Control, "recovery", async move {
                open_and_read(&core_of_task, &setup, aside).await.map(|(_, _, state)| state)
            }));
        }
        let time = Duration::from_micros(self.chance.below(if errors { 60_000 } else { 12_000 }));
        world.run_for(time).map_err(|stuck| format!("recovery to be crashed: {stuck}"))?;
        for (task, shard) in tasks.into_iter().zip(&self.shards) {
            if !errors || !task.is_finished() {
                continue;
            }
            match world.block_on(&core, task).map_err(|stuck| format!("{stuck}"))? {
                Ok(state) => shard
                    .shared
                    .borrow()
                    .spec
                    .admits(&state, 0)
                    .map_err(|why| format!("recovered with errors: {why}"))?,
                Err(Bad::Fault(_, _, fault)) if is_injected(&fault.detail) => {}
                Err(bad) => return Err(format!("recovered with errors: {bad:?}")),
            }
        }
        Ok(second.crash(&disk, self.chance.draw()))
    }
}

/// Prints every file of a shard: to see what a failed state looked like.
#[expect(clippy::print_stdout, reason = "asked for by name, to look into a failure")]
pub(crate) fn dump_disk(disk: &Disk) {
    let world = World::new(1, world_options());
    let core = world.core(disk);
    let files = disk.files();
    let dumped = world.block_on(&core.clone(), async move {
        for (path, len) in files {
            println!("== {} {len}", path.display());
            let _ = engine_log::dump(&core, &path, false, &mut |found| println!("{found:?}")).await;
        }
    });
    println!("{dumped:?}");
}

/// Recovers, compares with what was promised, works.
async fn one_life(
    core: engine_rt::Core,
    setup: Setup,
    shared: Rc<RefCell<Shared>>,
    chance: Chance,
    floor: Floor,
    term: i32,
) -> Result<End, String> {
    let aside = shared.borrow().spec.aside;
    let (store, recovered, state) = match open_and_read(&core, &setup, aside).await {
        Ok(opened) => opened,
        // An injected error: what is on disk counts.
        Err(Bad::Fault(_, _, fault)) if shared.borrow().errors && is_injected(&fault.detail) => {
            return Ok(End::Stopped);
        }
        Err(Bad::Fault(_, _, fault)) => return Err(format!("open: {fault}")),
        Err(Bad::Wrong(why)) => return Err(format!("open: {why}")),
    };
    let aside_place = aside.map(|id| format!("/logs/{id}/"));
    for fault in &recovered.report.faults {
        let is_aside = aside_place.as_ref().is_some_and(|aside| fault.place.contains(aside));
        let is_told = shared.borrow().errors && is_injected(&fault.detail);
        if !is_aside && !is_told {
            return Err(format!("open reports {fault}"));
        }
    }
    {
        let mut shared = shared.borrow_mut();
        shared.spec.admits(&state, floor.kill)?;
        shared.spec = Spec::from_recovered(state);
        shared.spec.aside = aside.filter(|id| store.log(*id).is_some());
        shared.keeping.begin_life();
        shared.store = Some(store.clone());
    }
    let mut work = Work { core, store, shared, setup, chance, term };
    work.run(STEPS).await
}
