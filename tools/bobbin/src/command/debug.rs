//! `bobbin debug`: what lies on disk, with no broker on it. Kept true: it only reads.

use std::path::Path;

use engine_base::{Fault, FaultKind};
use engine_log::{Finding, VerifyReport};
use engine_rt::Core;
use replication_shard::Inspection;
use serde_json::{Value, json};

use super::on_core;
use crate::cli::DebugCommand;
use crate::failure::{Exit, Failure};
use crate::finding;
use crate::listing;
use crate::output::{Out, Shape};
use crate::start::refused_directory;

/// Runs the command.
pub(crate) fn run(command: DebugCommand) -> Result<(), Failure> {
    match command {
        DebugCommand::DumpLog { path, records, shape } => {
            on_core(|core| async move { dump(&core, &path, records, shape.output).await })
        }
        DebugCommand::Verify { dir, shape } => {
            on_core(|core| async move { verify(&core, &dir, shape.output).await })
        }
    }
}

async fn dump(core: &Core, path: &Path, records: bool, shape: Shape) -> Result<(), Failure> {
    must_exist(core, path).await?;
    let mut out = Out::new();
    let mut told = Ok(());
    let mut count = 0;
    let mut tell = |found: Finding| {
        if told.is_ok() {
            told = match shape {
                Shape::Text | Shape::Wide => out.line(&finding::line(&found)),
                shape => out.item(shape, count, &finding::json(&found)),
            };
        }
        count += 1;
    };
    let dumped = engine_log::dump(core, path, records, &mut tell).await;
    told?;
    out.items_end(shape, count)?;
    out.flush()?;
    dumped.map_err(|fault| Failure::failed(fault.to_string()))
}

async fn verify(core: &Core, dir: &Path, shape: Shape) -> Result<(), Failure> {
    must_exist(core, dir).await?;
    // Held until the end, so that no broker starts on it and changes it meanwhile.
    let inspection = Inspection::take(core, dir).await.map_err(not_taken)?;
    let mut reports = Vec::new();
    for shard in inspection.shards() {
        let report = match engine_log::verify(core, &shard).await {
            Ok(report) => report,
            Err(fault) => VerifyReport { faults: vec![fault], ..VerifyReport::default() },
        };
        reports.push((shard, report));
    }
    inspection.release();
    let faults: usize = reports.iter().map(|(_, report)| report.faults.len()).sum();
    let shards: Vec<Value> =
        reports.iter().map(|(shard, report)| report_json(shard, report)).collect();
    let value = json!({ "sound": faults == 0, "shards": shards });
    listing::document(shape, &value, |out, _| {
        for (shard, report) in &reports {
            out.line(&format!(
                "{}: {} logs, {} segments, {} batches, {} bytes checked",
                shard.display(),
                report.logs,
                report.segments,
                report.batches,
                report.bytes
            ))?;
            report.faults.iter().try_for_each(|fault| out.line(&format!("  {fault}")))?;
        }
        out.line(if faults == 0 { "sound" } else { "NOT SOUND" })
    })?;
    match faults {
        0 => Ok(()),
        n => Err(Failure::failed(format!("{}: {n} faults found", dir.display()))
            .next("keep a copy of the directory before anything else writes to it")),
    }
}

fn report_json(shard: &Path, report: &VerifyReport) -> Value {
    let faults = report.faults.iter();
    let faults =
        faults.map(|f| json!({ "place": f.place, "position": f.position, "detail": f.detail }));
    json!({
        "shard": shard.display().to_string(), "logs": report.logs,
        "segments": report.segments, "bytes": report.bytes,
        "batches": report.batches, "faults": faults.collect::<Vec<Value>>(),
    })
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

fn not_taken(fault: Fault) -> Failure {
    if fault.kind != FaultKind::Refused {
        return Failure::failed(fault.to_string());
    }
    refused_directory(&fault, "name the data directory of a broker that is not running")
}
