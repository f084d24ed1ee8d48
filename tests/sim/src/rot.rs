//! Rot: one byte, or a few, of a file of a shard at rest are flipped, zeroed or swapped. It must be
//! found and named, nothing wrong may be served, no log may be cut, and what lies elsewhere must
//! still serve.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use engine_base::{Fault, Uuid};
use engine_log::{ReadError, Store, VerifyReport, format, verify};
use engine_rt::Core;
use engine_rt::sim::{Crash, Disk, Rot, SimOptions, World};

use crate::chance::Chance;
use crate::check::{parse, read_state};
use crate::setup::{Setup, dir};
use crate::spec::{Batch, State};
use crate::workload::{Shared, Work};

/// What the rot of some seeds came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RotSummary {
    /// Bytes that were rotted.
    pub trials: u64,
    /// Found by the start, by a read or by the offline check.
    pub found: u64,
    /// In bytes that nothing needs: everything was served as before.
    pub harmless: u64,
    /// Each failure in one line.
    pub failures: Vec<String>,
}

/// The smallest unit of a device, in bytes.
const SECTOR: u64 = 512;

/// A shard at rest.
struct Rest {
    setup: Setup,
    disk: Disk,
    state: State,
    /// Batches in the order of their logs.
    batches: u64,
}

/// Makes shards from these seeds and rots each of them `trials` times.
pub fn rot(seeds: std::ops::Range<u64>, trials: u64) -> RotSummary {
    let mut all = RotSummary::default();
    for seed in seeds {
        let again = format!("BOBBIN_SEED={seed} cargo test -p tests-sim rot -- --nocapture");
        let rest = match at_rest(seed) {
            Ok(rest) => rest,
            Err(why) => {
                all.failures.push(format!("{again} # {why}"));
                continue;
            }
        };
        let mut chance = Chance::new(!seed);
        for _ in 0..trials {
            if let Err(why) = one(&rest, &mut chance, &mut all) {
                all.failures.push(format!("{again} # {why}"));
            }
        }
    }
    all
}

fn world(seed: u64) -> World {
    World::new(seed, SimOptions { pool_bytes_max: 1 << 20, ..SimOptions::default() })
}

/// A workload, then quiet: closed in order, or idle until the journal closed itself and then
/// killed.
fn at_rest(seed: u64) -> Result<Rest, String> {
    let mut chance = Chance::new(seed);
    let mut setup = Setup::of(&mut chance);
    setup.retention = false;
    setup.disk_bytes = 64 << 20;
    setup.options.disk_reserve_bytes = 0;
    let disk = Disk::new(setup.disk_bytes, setup.sector_bytes);
    disk.make_dir(std::path::Path::new("/data"));
    let (world, closed) = (world(chance.draw()), chance.once_in(2));
    let core = world.core(&disk);
    let work_chance = Chance::new(chance.draw());
    let mine = setup.clone();
    let state = world.block_on(&core.clone(), async move {
        let options = mine.options.clone();
        let failed = |fault: Fault| format!("at rest: {fault}");
        format(&core, &dir(0), Uuid([7; 16]), &options).await.map_err(failed)?;
        let (store, _) = Store::open(&core, &dir(0), options).await.map_err(failed)?;
        let shared = Shared { next_log: 1, ..Shared::default() };
        let shared = Rc::new(RefCell::new(shared));
        let (core_of_work, store_of_work) = (core.clone(), store.clone());
        let mut work = Work {
            core: core_of_work,
            store: store_of_work,
            shared,
            setup: mine,
            chance: work_chance,
            term: 1,
        };
        work.run(200).await?;
        if closed {
            let state = read_state(&store, None).await.map_err(|bad| format!("{bad:?}"))?;
            store.close().await.map_err(failed)?;
            return Ok::<State, String>(state);
        }
        core.sleep(std::time::Duration::from_millis(50)).await;
        work.last_words().await?;
        core.sleep(std::time::Duration::from_millis(10)).await;
        read_state(&store, None).await.map_err(|bad| format!("{bad:?}"))
    });
    let state = state.map_err(|stuck| format!("at rest: {stuck}"))??;
    let disk = disk.crash(chance.draw(), Crash::Kill);
    let batches = state.values().map(|log| log.batches.len() as u64).sum();
    Ok(Rest { setup, disk, state, batches })
}

/// Rots one place and looks what becomes of it.
fn one(rest: &Rest, chance: &mut Chance, all: &mut RotSummary) -> Result<(), String> {
    let disk = rest.disk.snapshot();
    let Some((path, offset, kind)) = hit(&disk, chance) else { return Ok(()) };
    all.trials += 1;
    let said = |why: String| format!("{} at {offset} {kind:?}: {why}", path.display());
    let seed = chance.draw();
    let report = offline(&disk, seed).map_err(said)?;
    let outcome = serve(rest, &disk, seed).map_err(said)?;
    let name = path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned());
    // A sidecar's rot may show as a segment that nothing covers, and the other way round.
    let stem = name.split('.').next().unwrap_or_default().to_string();
    let named = |fault: &&Fault| fault.place.contains(&stem);
    let mut faults = report.faults.iter().chain(&outcome.faults);
    let is_found = faults.any(|fault| named(&fault));
    if let Some(fault) = &outcome.refused {
        let journal = path.starts_with(dir(0).join("journal"));
        if !fault.place.contains(&stem) && !journal {
            return Err(said(format!("the start names another place: {fault}")));
        }
        all.found += 1;
        return Ok(());
    }
    if is_found {
        all.found += 1;
        return Ok(());
    }
    if !report.faults.is_empty() || !outcome.faults.is_empty() {
        let faults = (report.faults, outcome.faults);
        return Err(said(format!("what was found names another place: {faults:?}")));
    }
    if outcome.served != rest.batches {
        return Err(said(format!("{} of {} batches, and no word", outcome.served, rest.batches)));
    }
    // Every batch was read from where it lies and is what it was: the byte belongs to none.
    all.harmless += 1;
    Ok(())
}

/// Chooses a place and rots it; none if the bytes stayed as they were or nothing is kept there.
fn hit(disk: &Disk, chance: &mut Chance) -> Option<(PathBuf, u64, Rot)> {
    let files = disk.files();
    let of_kind = |kind: &str| -> Vec<(PathBuf, u64)> {
        let is = |path: &PathBuf| path.to_string_lossy().contains(kind);
        files.iter().filter(|(path, len)| *len > 0 && is(path)).cloned().collect()
    };
    let kinds =
        [".log", ".log", ".side", "journal", "journal", "journal", "checkpoint-", "shard0/shard"];
    let kind = chance.pick(&kinds);
    let candidates = of_kind(kind);
    if candidates.is_empty() {
        return None;
    }
    let (path, len) = candidates[chance.below(candidates.len() as u64) as usize].clone();
    let before = disk.contents(&path).expect("it is listed");
    // Not in what was allocated and never written: nothing is kept there.
    let written = before.iter().rposition(|byte| *byte != 0).map_or(0, |last| last as u64 + 1);
    if written == 0 {
        return None;
    }
    let offset = chance.below(written.min(len));
    // What takes the last two blocks of a journal at once is a torn end, for all that anybody can
    // tell: there one sector rots.
    let sector = offset - offset % SECTOR..offset - offset % SECTOR + SECTOR;
    let (places, most) = match kind {
        "journal" => (sector.clone(), sector.end - offset),
        _ => (0..written, SECTOR),
    };
    let rot = match chance.below(3) {
        0 => Rot::Flip(chance.below(8) as u8),
        1 => Rot::Zero(1 + chance.below(64.min(most)) as usize),
        _ => {
            let other = places.start + chance.below(places.end - places.start);
            Rot::Swap(other, 1 + chance.below(most.min(places.end - other)) as usize)
        }
    };
    if !disk.rot(&path, offset, rot) {
        return None;
    }
    let after = disk.contents(&path).expect("it is still listed");
    (before != after).then_some((path, offset, rot))
}

fn offline(disk: &Disk, seed: u64) -> Result<VerifyReport, String> {
    let disk = disk.snapshot();
    let world = world(seed);
    let core = world.core(&disk);
    let report = world.block_on(&core.clone(), async move { verify(&core, &dir(0)).await });
    match report.map_err(|stuck| format!("the offline check: {stuck}"))? {
        Ok(report) => Ok(report),
        Err(fault) => Ok(VerifyReport { faults: vec![fault], ..VerifyReport::default() }),
    }
}

/// What a start and reads made of it.
#[derive(Default)]
struct Outcome {
    refused: Option<Fault>,
    faults: Vec<Fault>,
    served: u64,
}

fn serve(rest: &Rest, disk: &Disk, seed: u64) -> Result<Outcome, String> {
    let world = world(seed);
    let core = world.core(disk);
    let (options, state) = (rest.setup.options.clone(), rest.state.clone());
    let served = world.block_on(&core.clone(), async move {
        let mut outcome = Outcome::default();
        let (store, recovered) = match Store::open(&core, &dir(0), options).await {
            Ok(opened) => opened,
            Err(fault) => {
                outcome.refused = Some(fault);
                return Ok(outcome);
            }
        };
        outcome.faults.extend(recovered.report.faults);
        for (id, log) in &state {
            let Some(found) = store.log(*id) else { return Err(format!("log {} is gone", id.0)) };
            if (found.start(), found.end()) != (log.start, log.end) {
                let (start, end) = (found.start(), found.end());
                return Err(format!("log {} is {start}..{end}: it was cut", id.0));
            }
            for batch in &log.batches {
                read_one(&core, &store, *id, batch, log.start, &mut outcome).await?;
            }
        }
        Ok(outcome)
    });
    served.map_err(|stuck| format!("a start on rot: {stuck}"))?
}

async fn read_one(
    _core: &Core,
    store: &Store,
    id: engine_base::LogId,
    batch: &Batch,
    start: i64,
    outcome: &mut Outcome,
) -> Result<(), String> {
    let log = store.log(id).expect("it was there");
    let at = batch.base.max(start);
    match log.read(at, log.end(), 4096, true).await {
        Ok(slices) => {
            let read = parse(&slices)?;
            if read.first() != Some(batch) {
                return Err(format!("log {} at {at} served {:?}", id.0, read.first()));
            }
            outcome.served += 1;
            Ok(())
        }
        Err(ReadError::Fault(fault)) => {
            outcome.faults.push(fault);
            Ok(())
        }
        Err(ReadError::Refusal(why)) => Err(format!("log {} at {at}: {why:?}", id.0)),
    }
}
