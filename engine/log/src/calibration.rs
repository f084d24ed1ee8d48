//! Which way of flushing a journal block is the faster one here: measured once, kept in the shard's
//! directory, used from then on. `docs/formats/calibration.md`.
//!
//! Kept true: it is measured beside the service, on a file of its own, for a bounded time; a block
//! is durable either way, so the choice may change between two blocks; what is kept is only an
//! answer: without it, or if it is rotten, it is measured again.

use std::io;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use engine_base::{Fault, FaultKind};
use engine_rt::{Core, Create, File, Open, Slice, Sync};

use crate::fields::{Fields, as_u64, put};
use crate::options::{FlushChoice, FlushMethod};
use crate::report::FlushTimes;
use crate::shard::Shard;
use crate::{StoreOptions, checkpoint_file, names};

const BYTES: usize = 32;
const MAGIC: [u8; 4] = *b"BBFL";
const VERSION: u16 = 1;

/// Writes of each kind: at most, and at least however long they take.
const ROUNDS: (usize, usize) = (32, 5);
/// No round begins after this time.
const TIME: Duration = Duration::from_millis(40);
/// Blocks of the file that is written for it, one after the other.
const BLOCKS: u64 = 16;
/// `RWF_DSYNC` needs no kernel worker: the other way must be faster by a quarter.
const WORTH: (u64, u64) = (5, 4);

/// What the kept answer, or the operator, says now.
pub(crate) async fn known(
    core: &Core,
    dir: &Path,
    choice: FlushChoice,
) -> (FlushMethod, Option<FlushTimes>) {
    match choice {
        FlushChoice::Always(method) => (method, None),
        FlushChoice::Measure => (FlushMethod::Dsync, None),
        FlushChoice::Measured => {
            let bytes = checkpoint_file::read_whole(core, &names::calibration(dir)).await;
            let times = bytes.ok().and_then(|bytes| decode(&bytes));
            (times.map_or(FlushMethod::Dsync, |times| choose(&times)), times)
        }
    }
}

/// Measures if nothing is known, keeps the answer and follows it from the next block on.
pub(crate) async fn run(shard: Rc<Shard>) {
    let asked = !matches!(shard.options.flush, FlushChoice::Always(_));
    if !asked || shard.flush_times.get().is_some() || shard.closing.get() || shard.has_failed() {
        return;
    }
    let measured = measure(&shard.core, &shard.dir, &shard.options).await;
    let kept = match measured {
        Ok(times) => {
            shard.flush.set(choose(&times));
            shard.flush_times.set(Some(times));
            keep(&shard.core, &shard.dir, &times).await
        }
        Err(error) => Err(error),
    };
    match kept {
        Ok(()) => {}
        // The next start tries again.
        Err(error) if crate::segment::is_full(&error) => {}
        Err(error) => {
            let place = names::calibration(&shard.dir).display().to_string();
            shard.fail(Fault::new(FaultKind::WriteFailed, place, error.to_string()));
        }
    }
}

fn choose(times: &FlushTimes) -> FlushMethod {
    if times.dsync_ns * WORTH.1 > times.fdatasync_ns * WORTH.0 {
        FlushMethod::Fdatasync
    } else {
        FlushMethod::Dsync
    }
}

/// The median time of either way, turn and turn about.
async fn measure(core: &Core, dir: &Path, options: &StoreOptions) -> io::Result<FlushTimes> {
    let path = names::calibration_scratch(dir);
    let block = options.device_block;
    let how = Open { write: true, create: Create::Yes, direct: options.direct };
    let file = core.open(&path, how).await?;
    let mut buf = core.buf(block);
    buf.fill_zeros(block);
    let zeros = buf.share(0..block);
    // Written before, as a journal's files are: a write then changes no metadata.
    for i in 0..BLOCKS {
        file.write_at(zeros.clone(), i * as_u64(block), Sync::No).await?;
    }
    file.sync_all().await?;
    let (mut dsync, mut fdatasync) = (Vec::new(), Vec::new());
    let until = core.now() + TIME;
    while dsync.len() < ROUNDS.1 || dsync.len() < ROUNDS.0 && core.now() < until {
        let at = dsync.len() as u64 * 2 % BLOCKS * as_u64(block);
        dsync.push(timed(core, &file, zeros.clone(), at, FlushMethod::Dsync).await?);
        let at = at + as_u64(block);
        fdatasync.push(timed(core, &file, zeros.clone(), at, FlushMethod::Fdatasync).await?);
    }
    drop(file);
    core.remove_file(&path).await?;
    Ok(FlushTimes { dsync_ns: median(dsync), fdatasync_ns: median(fdatasync) })
}

async fn timed(
    core: &Core,
    file: &File,
    bytes: Slice,
    at: u64,
    method: FlushMethod,
) -> io::Result<u64> {
    let begun = core.now();
    match method {
        FlushMethod::Dsync => file.write_at(bytes, at, Sync::Dsync).await?,
        FlushMethod::Fdatasync => {
            file.write_at(bytes, at, Sync::No).await?;
            file.sync_data().await?;
        }
    }
    Ok(u64::try_from(core.now().since(begun).as_nanos()).unwrap_or(u64::MAX / 8))
}

fn median(mut times: Vec<u64>) -> u64 {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Puts the answer into the shard's directory.
async fn keep(core: &Core, dir: &Path, times: &FlushTimes) -> io::Result<()> {
    let temporary = names::calibration_new(dir);
    let how = Open { write: true, create: Create::Yes, direct: false };
    let file = core.open(&temporary, how).await?;
    file.set_len(0).await?;
    file.write_at(Slice::copy_of(core, &encode(times)), 0, Sync::No).await?;
    file.sync_all().await?;
    core.rename(&temporary, &names::calibration(dir)).await?;
    core.sync_dir(dir).await
}

fn encode(times: &FlushTimes) -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    put(&mut bytes, 0, MAGIC);
    put(&mut bytes, 8, VERSION.to_le_bytes());
    put(&mut bytes, 16, times.dsync_ns.to_le_bytes());
    put(&mut bytes, 24, times.fdatasync_ns.to_le_bytes());
    let crc = crc32c::crc32c(&bytes[8..]);
    put(&mut bytes, 4, crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<FlushTimes> {
    let whole = bytes.get(..BYTES)?;
    let mut fields = Fields::new(whole);
    let magic = fields.array()?;
    let crc = fields.u32()?;
    if magic != MAGIC || crc != crc32c::crc32c(&whole[8..]) || fields.u16()? != VERSION {
        return None;
    }
    fields.bytes(6)?;
    Some(FlushTimes { dsync_ns: fields.u64()?, fdatasync_ns: fields.u64()? })
}

#[cfg(test)]
#[path = "calibration_test.rs"]
mod calibration_test;
