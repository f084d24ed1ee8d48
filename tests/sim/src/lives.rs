//! Several lives of one shard: in each the store is recovered, worked with and crashed; on the way
//! its disk is copied at many of its writes, crashed, recovered and checked.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Uuid;
use engine_log::format;
use engine_rt::Class;
use engine_rt::sim::{Crash, Disk, DiskOp, FailRule, Rot, SimOptions, Stuck, World};

use crate::Summary;
use crate::chance::Chance;
use crate::check::{Bad, open_and_read};
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
    fn of(self, crash: Crash) -> u64 {
        match crash {
            Crash::Power => self.power,
            Crash::Kill => self.kill,
        }
    }
}

/// One seed's run.
struct Run {
    chance: Chance,
    setup: Setup,
    disk: Disk,
    shared: Rc<RefCell<Shared>>,
    /// What held when the last life ended; counts until the next has recovered.
    floor: Floor,
    /// A write may fail in this life: what was only submitted may then be lost.
    errors: bool,
    summary: Summary,
}

/// Runs one seed.
pub fn run_seed(seed: u64) -> Summary {
    let mut chance = Chance::new(seed);
    let setup = Setup::of(&mut chance);
    let disk = Disk::new(setup.disk_bytes, setup.sector_bytes);
    disk.make_dir(std::path::Path::new("/data"));
    let shared = Shared { next_log: 1, ..Shared::default() };
    let mut run = Run {
        chance,
        setup,
        disk,
        shared: Rc::new(RefCell::new(shared)),
        floor: Floor::default(),
        errors: false,
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
        self.format()?;
        for life in 0..LIVES {
            self.life(life).map_err(|why| format!("life {life}: {why}"))?;
        }
        Ok(())
    }

    fn format(&mut self) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(&self.disk);
        let options = self.setup.options.clone();
        let formatted = world.block_on(&core.clone(), async move {
            format(&core, &dir(), Uuid([7; 16]), &options).await
        });
        match formatted {
            Ok(Ok(())) => Ok(()),
            other => Err(format!("format: {other:?}")),
        }
    }

    fn life(&mut self, life: u64) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(&self.disk);
        let task = {
            let (core, setup, shared) = (core.clone(), self.setup.clone(), Rc::clone(&self.shared));
            let chance = Chance::new(self.chance.draw());
            let (floor, term) = (self.floor, life as i32 + 1);
            core.clone().spawn(Class::Control, "life", async move {
                one_life(core, setup, shared, chance, floor, term).await
            })
        };
        self.errors = self.chance.once_in(4);
        if self.errors {
            self.inject_errors();
        }
        let mut writes = 0;
        // More states early in a life, where recovery and its checkpoint are.
        let mut sample_of = 1 + self.chance.below(6);
        while !task.is_finished() {
            if world.time() > LIFE {
                return Err("a life that does not end".into());
            }
            match world.run_for(Duration::from_micros(1 + self.chance.below(120))) {
                Ok(()) => {}
                Err(Stuck::Endless) => return Err("a world without end".into()),
                Err(Stuck::Frozen | Stuck::Idle) => return Err("everybody waits".into()),
            }
            self.settle();
            if self.disk.writes() != writes {
                writes = self.disk.writes();
                if writes == 60 {
                    sample_of = 4 + self.chance.below(30);
                }
                if self.chance.once_in(sample_of) {
                    self.state()?;
                }
            }
        }
        let ended = world.block_on(&core, task).map_err(|stuck| format!("{stuck}"))?;
        let crash = self.chance.pick(&[Crash::Power, Crash::Kill]);
        let store = self.shared.borrow_mut().store.take();
        if let Some(store) = &store {
            let (stats, progress) = (store.stats(), store.progress());
            let s = &mut self.summary;
            s.checkpoints += stats.checkpoints;
            s.carried += stats.carried;
            s.destaged_bytes += stats.destaged_bytes;
            s.laps += stats.journal_bytes / self.setup.options.ring_bytes();
            s.stops += u64::from(store.failed().is_some());
            let power = progress.durable.0;
            let stays = crash == Crash::Kill && !self.errors;
            let kill = if stays { progress.submitted.0 } else { power };
            self.floor = Floor { power, kill };
        }
        ended?;
        self.summary.full += std::mem::take(&mut self.shared.borrow_mut().full);
        self.summary.trace = self.summary.trace.rotate_left(9) ^ world.trace_hash();
        let crashed = self.disk.crash(self.chance.draw(), crash);
        drop(store);
        self.disk = crashed;
        Ok(())
    }

    /// Some time in this life an operation of the disk fails.
    fn inject_errors(&mut self) {
        let op = self.chance.pick(&[DiskOp::Write, DiskOp::Write, DiskOp::Flush]);
        self.disk.fail(FailRule {
            op: Some(op),
            path_contains: self.chance.pick(&["journal", "logs", "checkpoint", ""]).into(),
            skip: 20 + self.chance.below(200),
            times: 1,
            errno: 5,
        });
    }

    /// Takes note of what is acknowledged.
    fn settle(&mut self) {
        let mut shared = self.shared.borrow_mut();
        if let Some(store) = &shared.store {
            let durable = store.progress().durable.0;
            shared.spec.settle(durable);
        }
    }

    /// What must not be lost if everything ended now.
    fn floor_now(&self) -> Floor {
        match &self.shared.borrow().store {
            Some(store) => {
                let progress = store.progress();
                let power = progress.durable.0;
                Floor { power, kill: if self.errors { power } else { progress.submitted.0 } }
            }
            None => self.floor,
        }
    }

    /// One crash state, or two: the second crashes the first one's recovery.
    fn state(&mut self) -> Result<(), String> {
        let crash = self.chance.pick(&[Crash::Power, Crash::Power, Crash::Kill]);
        let choice = self.chance.draw();
        let floor = self.floor_now();
        let crashed = self.disk.crash(choice, crash);
        self.summary.states += 1;
        let said = |why: String| format!("{crash:?} state {choice:x}: {why}");
        let checked = self.check(&crashed.snapshot(), floor.of(crash)).map_err(said);
        if checked.is_err() && std::env::var("BOBBIN_DUMP").is_ok() {
            dump_disk(&crashed);
        }
        checked?;
        if self.chance.once_in(4) {
            self.crash_recovery(&crashed, crash, floor).map_err(said)?;
        }
        if self.chance.once_in(6) {
            self.rot_newest_checkpoint(&crashed, floor.of(crash)).map_err(said)?;
        }
        Ok(())
    }

    /// The older of two checkpoints suffices.
    fn rot_newest_checkpoint(&mut self, crashed: &Disk, floor: u64) -> Result<(), String> {
        let disk = crashed.snapshot();
        let is = |path: &PathBuf| path.to_string_lossy().contains("checkpoint-");
        let named: Vec<PathBuf> = disk.files().into_iter().map(|f| f.0).filter(is).collect();
        let [.., _, newest] = named.as_slice() else { return Ok(()) };
        disk.rot(newest, self.chance.below(90), Rot::Flip(3));
        self.summary.states += 1;
        let name = newest.file_name().map_or(String::new(), |n| n.to_string_lossy().into_owned());
        let checked = self.check_but(&disk, floor, &name);
        checked.map_err(|why| format!("without the newest checkpoint: {why}"))
    }

    /// Recovers a disk and compares.
    fn check(&mut self, disk: &Disk, floor: u64) -> Result<(), String> {
        self.check_but(disk, floor, "nothing")
    }

    /// The same; faults in `known` are expected.
    fn check_but(&mut self, disk: &Disk, floor: u64, known: &str) -> Result<(), String> {
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(disk);
        let setup = self.setup.clone();
        let found = world.block_on(&core.clone(), async move {
            let (_, recovered, state) = open_and_read(&core, &setup).await?;
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
        let mut faults = recovered.report.faults.iter();
        if let Some(fault) = faults.find(|fault| !fault.place.contains(known)) {
            return Err(format!("recovery reports {fault}"));
        }
        self.summary.torn += u64::from(recovered.report.torn);
        self.summary.trace = self.summary.trace.rotate_left(5) ^ world.trace_hash();
        self.shared.borrow().spec.admits(&state, floor)
    }

    /// Crashes a recovery somewhere and recovers that.
    fn crash_recovery(&mut self, crashed: &Disk, first: Crash, floor: Floor) -> Result<(), String> {
        let disk = crashed.snapshot();
        let world = World::new(self.chance.draw(), world_options());
        let core = world.core(&disk);
        let setup = self.setup.clone();
        let task = core.clone().spawn(Class::Control, "recovery", async move {
            open_and_read(&core, &setup).await.map(|_| ())
        });
        let time = Duration::from_micros(self.chance.below(12_000));
        world.run_for(time).map_err(|stuck| format!("recovery to be crashed: {stuck}"))?;
        drop(task);
        let crash = self.chance.pick(&[Crash::Power, Crash::Kill]);
        let again = disk.crash(self.chance.draw(), crash);
        self.summary.states_in_recovery += 1;
        self.summary.states += 1;
        // What a killed process had handed over is there until the power goes.
        let floor = match crash {
            Crash::Power => floor.power,
            Crash::Kill => floor.of(first),
        };
        self.check(&again, floor).map_err(|why| format!("after a crash in recovery: {why}"))
    }
}

/// Prints every file of a shard: to see what a failed state looked like.
#[expect(clippy::print_stdout, reason = "asked for by name, to look into a failure")]
fn dump_disk(disk: &Disk) {
    let world = World::new(1, world_options());
    let core = world.core(disk);
    let files = disk.files();
    let dumped = world.block_on(&core.clone(), async move {
        for (path, len) in files {
            println!("== {} {len}", path.display());
            let _ = engine_log::dump(&core, &path, &mut |line| println!("{line}")).await;
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
    let (store, recovered, state) = match open_and_read(&core, &setup).await {
        Ok(opened) => opened,
        // An injected error: what is on disk counts.
        Err(Bad::Fault(_, _, fault)) if fault.detail.contains("os error 5") => {
            return Ok(End::Stopped);
        }
        Err(Bad::Fault(_, _, fault)) => return Err(format!("open: {fault}")),
        Err(Bad::Wrong(why)) => return Err(format!("open: {why}")),
    };
    if let Some(fault) = recovered.report.faults.first() {
        return Err(format!("open reports {fault}"));
    }
    {
        let mut shared = shared.borrow_mut();
        shared.spec.admits(&state, floor.kill)?;
        shared.spec = Spec::from_recovered(state);
        shared.store = Some(store.clone());
    }
    let mut work = Work { core, store, shared, setup, chance, term };
    work.run(STEPS).await
}
