//! Recovering a disk and reading everything on it.

use engine_base::{Fault, LogId, Offset};
use engine_log::{Log, NumberedBatch, ReadError, Recovered, Store, sequence_after};
use engine_record::{BatchView, Rope};
use engine_rt::{Core, Slice};

use crate::setup::Setup;
use crate::spec::{Batch, LogSpec, Numbered, State};

/// What could not be read where it should be.
#[derive(Clone, Debug)]
pub enum Bad {
    /// The store said so: a fault with its place.
    Fault(LogId, Offset, Fault),
    /// The store served what it must not.
    Wrong(String),
}

/// Opens the shard and reads it whole, but for a log that was being set aside.
pub async fn open_and_read(
    core: &Core,
    setup: &Setup,
    aside: Option<LogId>,
) -> Result<(Store, Recovered, State), Bad> {
    let opened = Store::open(core, &setup.dir, setup.options.clone()).await;
    let (store, recovered) = opened.map_err(|fault| Bad::Fault(LogId(u64::MAX), -1, fault))?;
    let state = read_state(&store, aside).await?;
    for log in recovered.logs.iter().filter(|log| Some(log.id) != aside) {
        let found = state.get(&log.id).ok_or_else(|| Bad::Wrong("a log is gone".into()))?;
        if (found.start, found.end) != (log.start, log.end) {
            return Err(Bad::Wrong(format!("log {} is not as reported", log.id.0)));
        }
    }
    Ok((store, recovered, state))
}

/// Reads every batch of every log but one.
pub async fn read_state(store: &Store, but: Option<LogId>) -> Result<State, Bad> {
    let mut state = State::new();
    for id in store.log_ids().into_iter().filter(|id| Some(*id) != but) {
        let log = store.log(id).expect("its id was just listed");
        let batches = read_log(&log).await?.into();
        let known = log.producers().into_iter().map(|(id, known)| {
            let (epoch, last_sequence) = (known.epoch, known.last_sequence);
            (id, Numbered { epoch, last_sequence, batches: known.batches.into() })
        });
        let spec = LogSpec {
            start: log.start(),
            end: log.end(),
            hard_state: log.hard_state(),
            batches,
            producers: known.collect(),
        };
        check_epochs(&log, &spec).map_err(Bad::Wrong)?;
        state.insert(id, spec);
    }
    Ok(state)
}

/// The epochs that a log says it has are those of its batches.
fn check_epochs(log: &Log, spec: &LogSpec) -> Result<(), String> {
    let epochs = log.epochs();
    if !epochs.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1) {
        return Err(format!("log {}: epochs {epochs:?} do not ascend", log.id().0));
    }
    for batch in &spec.batches {
        let i = epochs.partition_point(|(_, first)| *first <= batch.base);
        if i == 0 || epochs[i - 1].0 != batch.epoch {
            let base = batch.base;
            return Err(format!(
                "log {}: epochs {epochs:?}, batch {base} {}",
                log.id().0,
                batch.epoch
            ));
        }
    }
    Ok(())
}

/// Every batch of a log, from the one that holds its start on.
pub async fn read_log(log: &Log) -> Result<Vec<Batch>, Bad> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut at = log.start();
    while at < log.end() {
        let slices = match log.read(at, log.end(), 24 << 10, true).await {
            Ok(slices) => slices,
            Err(ReadError::Fault(fault)) => return Err(Bad::Fault(log.id(), at, fault)),
            Err(ReadError::Refusal(why)) => {
                return Err(Bad::Wrong(format!("log {} at {at}: {why:?}", log.id().0)));
            }
        };
        let read = parse(&slices)
            .map_err(|why| Bad::Wrong(format!("log {} read at {at}: {why}", log.id().0)))?;
        let Some(last) = read.last() else {
            return Err(Bad::Wrong(format!(
                "log {} at {at}: nothing of {}",
                log.id().0,
                log.end()
            )));
        };
        let first = read[0].base;
        let dense = if batches.is_empty() { first <= at } else { first == at };
        if !dense {
            return Err(Bad::Wrong(format!(
                "log {}: batch {first} where {at} was due",
                log.id().0
            )));
        }
        at = last.next;
        batches.extend(read);
    }
    Ok(batches)
}

/// The batches that a read returned.
pub fn parse(slices: &[Slice]) -> Result<Vec<Batch>, String> {
    let pieces: Vec<&[u8]> = slices.iter().map(|slice| &slice[..]).collect();
    let rope = Rope::new(&pieces);
    let mut batches: Vec<Batch> = Vec::new();
    let mut at = 0;
    while at < rope.len() {
        let view = BatchView::parse(rope, at).map_err(|why| format!("half a batch: {why}"))?;
        view.verify_crc().map_err(|why| why.to_string())?;
        let header = view.header();
        if batches.last().is_some_and(|before| before.next != header.base_offset) {
            return Err(format!("a gap before batch {}", header.base_offset));
        }
        batches.push(Batch {
            base: header.base_offset,
            next: header.last_offset() + 1,
            epoch: header.leader_epoch,
            print: (view.bytes().crc32c(0), view.bytes().len()),
            by: header.has_producer().then(|| {
                let numbers = NumberedBatch {
                    first_sequence: header.base_sequence,
                    last_sequence: sequence_after(header.base_sequence, header.last_offset_delta),
                    base: header.base_offset,
                    end: header.last_offset() + 1,
                    timestamp: header.max_timestamp,
                };
                (header.producer_id, header.producer_epoch, numbers)
            }),
        });
        at += view.bytes().len();
    }
    Ok(batches)
}
