//! `bobbin debug`: what lies on disk, with no broker on it. Kept true: it only reads.

use std::path::{Path, PathBuf};

use engine_rt::Core;
use serde_json::{Value, json};

use super::on_core;
use crate::cli::DebugCommand;
use crate::failure::{Exit, Failure};
use crate::output::{Out, Shape};

/// How replication/shard names the directories of its shards.
const SHARD_PREFIX: &str = "shard-";

/// Runs the command.
pub(crate) fn run(command: DebugCommand) -> Result<(), Failure> {
    match command {
        DebugCommand::DumpLog { path, shape } => {
            on_core(|core| async move { dump(&core, &path, shape.output).await })
        }
        DebugCommand::Verify { dir, shape } => {
            on_core(|core| async move { verify(&core, &dir, shape.output).await })
        }
    }
}

async fn dump(core: &Core, path: &Path, shape: Shape) -> Result<(), Failure> {
    must_exist(core, path).await?;
    let mut out = Out::new();
    let mut stopped = Ok(());
    let mut line = |text: &str| {
        if stopped.is_ok() {
            stopped = match shape {
                Shape::Text => out.line(text),
                Shape::Json => out.json_line(&json!({ "line": text })),
            };
        }
    };
    let dumped = engine_log::dump(core, path, &mut line).await;
    stopped?;
    out.flush()?;
    dumped.map_err(|fault| Failure::failed(fault.to_string()))
}

async fn verify(core: &Core, dir: &Path, shape: Shape) -> Result<(), Failure> {
    must_exist(core, dir).await?;
    let mut reports = Vec::new();
    for shard in shard_dirs(core, dir).await? {
        let report = engine_log::verify(core, &shard).await.map_err(unreadable)?;
        reports.push((shard, report));
    }
    if reports.is_empty() {
        let what = format!("{} is no data directory of ours: it has no shard", dir.display());
        return Err(Failure::new(Exit::NotFound, what));
    }
    let faults: usize = reports.iter().map(|(_, report)| report.faults.len()).sum();
    let mut out = Out::new();
    match shape {
        Shape::Json => {
            let shards = reports.iter().map(|(shard, report)| {
                let faults = report.faults.iter().map(
                    |f| json!({ "place": f.place, "position": f.position, "detail": f.detail }),
                );
                json!({
                    "shard": shard.display().to_string(), "logs": report.logs,
                    "segments": report.segments, "bytes": report.bytes,
                    "batches": report.batches, "faults": faults.collect::<Vec<Value>>(),
                })
            });
            let shards: Vec<Value> = shards.collect();
            out.json(&json!({ "sound": faults == 0, "shards": shards }))?;
        }
        Shape::Text => {
            for (shard, report) in &reports {
                out.line(&format!(
                    "{}: {} logs, {} segments, {} batches, {} bytes checked",
                    shard.display(),
                    report.logs,
                    report.segments,
                    report.batches,
                    report.bytes
                ))?;
                for fault in &report.faults {
                    out.line(&format!("  {fault}"))?;
                }
            }
            out.line(if faults == 0 { "sound" } else { "NOT SOUND" })?;
        }
    }
    out.flush()?;
    match faults {
        0 => Ok(()),
        n => Err(Failure::failed(format!("{}: {n} faults found", dir.display()))
            .next("keep a copy of the directory before anything else writes to it")),
    }
}

/// The shards of a node's data directory, by name.
async fn shard_dirs(core: &Core, dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = core
        .list_dir(dir)
        .await
        .map_err(|error| Failure::failed(format!("could not read {}: {error}", dir.display())))?;
    let shards = entries.iter().filter(|e| e.is_dir && e.name.starts_with(SHARD_PREFIX));
    Ok(shards.map(|e| dir.join(&e.name)).collect())
}

async fn must_exist(core: &Core, path: &Path) -> Result<(), Failure> {
    match core.exists(path).await {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(Exit::NotFound, format!("there is no {}", path.display()))),
        Err(error) => {
            Err(Failure::failed(format!("could not look at {}: {error}", path.display())))
        }
    }
}

fn unreadable(fault: engine_base::Fault) -> Failure {
    Failure::failed(fault.to_string()).next("stop the broker on this directory first")
}
