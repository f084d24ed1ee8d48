//! A segment that is written whole, beside the log: what compaction puts in the place of others.
//!
//! Kept true: it is laid out as one that appends made, runs of whole device blocks and their
//! sidecar, but for the holes; it counts for nothing before both files and their names are flushed
//! and an entry of the journal says so; without space it is no fault that it does not come to be.

use std::rc::Rc;

use engine_base::{Fault, FaultKind, limits::CHUNK_BYTES_MAX};
use engine_record::{BatchHeader, Rope};
use engine_rt::{Buf, Slice, Sync};

use crate::fields::{as_u64, round_up};
use crate::names;
use crate::sealed::Sealed;
use crate::segment::{Segment, SegmentKey, allocation, is_full};
use crate::shard::Shard;
use crate::sidecar::{SIDE_ENTRY_BYTES, SideEntry, SideRecord};

/// A sidecar is written in pieces of this size, in bytes.
const SIDE_BYTES: usize = 64 << 10;

/// Why a segment does not come to be.
#[derive(Debug)]
pub(crate) enum NotWritten {
    /// There is no space now.
    Full,
    /// Final.
    Fault(Fault),
}

/// A segment in the making.
pub(crate) struct SegmentWriter {
    shard: Rc<Shard>,
    segment: Rc<Segment>,
    /// The run that fills.
    buf: Buf,
    run: SideEntry,
    /// Runs that are full and not written yet.
    ready: Vec<(Slice, SideEntry)>,
    /// Bytes so far.
    len: u64,
    side: Vec<u8>,
    /// What will be said of it.
    sealed: Sealed,
}

impl SegmentWriter {
    /// Begins the segment of `sealed`'s name; its base, end and times are those of `sealed`.
    ///
    /// # Errors
    /// No space, a failed creation.
    pub(crate) async fn create(
        shard: &Rc<Shard>,
        key: SegmentKey,
        sealed: Sealed,
    ) -> Result<SegmentWriter, NotWritten> {
        let segment = match shard.segments.open(key, 0, true).await {
            Ok(segment) => segment,
            Err(error) if error.is_full() => return Err(NotWritten::Full),
            Err(error) => return Err(NotWritten::Fault(error.writing())),
        };
        let locked = segment.make_writable(&shard.core, 0, 0).await;
        locked.map_err(NotWritten::Fault)?;
        let buf = shard.core.buf(CHUNK_BYTES_MAX);
        let run = run_at(0, sealed.base, sealed.wall_ms);
        let (ready, side) = (Vec::new(), Vec::new());
        let shard = Rc::clone(shard);
        let sealed = Sealed { bytes: 0, side_bytes: 0, max_timestamp: -1, ..sealed };
        Ok(SegmentWriter { shard, segment, buf, run, ready, len: 0, side, sealed })
    }

    /// Puts the next batch behind what is there.
    pub(crate) fn push(&mut self, header: &BatchHeader, bytes: Rope<'_>) {
        assert!(header.base_offset >= self.run.next, "batches ascend");
        let mut begins = true;
        for mut piece in bytes.pieces() {
            while !piece.is_empty() {
                if self.buf.len() == CHUNK_BYTES_MAX {
                    self.close_run();
                }
                if std::mem::take(&mut begins) {
                    self.begin_batch(header);
                }
                let n = piece.len().min(CHUNK_BYTES_MAX - self.buf.len());
                self.buf.append(&piece[..n]);
                self.len += as_u64(n);
                piece = &piece[n..];
            }
        }
    }

    fn begin_batch(&mut self, header: &BatchHeader) {
        let run = &mut self.run;
        if run.first < 0 {
            run.first = header.base_offset;
            let at = self.len - run.position;
            run.first_position = u32::try_from(at).expect("a run is small");
        }
        run.next = header.last_offset() + 1;
        run.max_timestamp = run.max_timestamp.max(header.max_timestamp);
        self.sealed.max_timestamp = self.sealed.max_timestamp.max(header.max_timestamp);
    }

    /// The run that fills is full, or the last.
    fn close_run(&mut self) {
        let bytes = self.buf.len();
        let padded = bytes.next_multiple_of(self.shard.options.device_block);
        self.buf.fill_zeros(padded - bytes);
        let mut full = std::mem::replace(&mut self.buf, self.shard.core.buf(CHUNK_BYTES_MAX));
        let slice = full.share(0..padded);
        let key = self.segment.side_key();
        let run = SideEntry {
            length: u32::try_from(bytes).expect("a run is small"),
            checksum: key.checksum(self.run.position, [&slice[..bytes]]),
            ..self.run
        };
        let index = as_u64(self.side.len() / SIDE_ENTRY_BYTES);
        self.side.extend(key.encode(index, &SideRecord::Run(run)));
        self.run = run_at(self.len, run.next, run.wall_ms);
        self.ready.push((slice, run));
    }

    /// Writes the runs that are full; how many bytes.
    ///
    /// # Errors
    /// No space, a failed write.
    pub(crate) async fn write(&mut self) -> Result<u64, NotWritten> {
        let mut bytes = 0;
        for (slice, run) in std::mem::take(&mut self.ready) {
            let upto = run.position + as_u64(slice.len());
            self.allocate(upto).await?;
            let written = self.segment.log.write_at(slice, run.position, Sync::No).await;
            written.map_err(|e| self.failed(&self.segment.log, run.position, &e))?;
            let pushed = self.segment.index.borrow_mut().push(run, false);
            pushed.expect("a segment is written in order");
            bytes += u64::from(run.length);
        }
        Ok(bytes)
    }

    async fn allocate(&self, upto: u64) -> Result<(), NotWritten> {
        let block = as_u64(self.shard.options.device_block);
        let had = self.segment.allocated.get();
        if upto <= had {
            return Ok(());
        }
        let to = allocation(had, round_up(upto, block), self.shard.options.allocate_bytes, block);
        let allocated = self.segment.log.allocate(had, to - had).await;
        allocated.map_err(|e| self.failed(&self.segment.log, had, &e))?;
        self.segment.allocated.set(to);
        self.shard.space.on_taken(to - had);
        Ok(())
    }

    /// Writes what is left and flushes the files and their names. What it is then.
    ///
    /// # Errors
    /// No space, a failed write or flush.
    pub(crate) async fn finish(mut self) -> Result<Sealed, NotWritten> {
        assert_eq!(self.run.next, self.sealed.end, "the last batch ends where the segment does");
        if !self.buf.is_empty() {
            self.close_run();
        }
        self.write().await?;
        self.sealed.bytes = self.len;
        let entries = self.side.len() + SIDE_ENTRY_BYTES;
        self.sealed.side_bytes = as_u64(entries);
        let Sealed { bytes, end, max_timestamp, wall_ms, .. } = self.sealed;
        let seal = SideRecord::Seal { bytes, end, max_timestamp, wall_ms };
        let index = as_u64(self.side.len() / SIDE_ENTRY_BYTES);
        self.side.extend(self.segment.side_key().encode(index, &seal));
        let (log, side) = (&self.segment.log, &self.segment.side);
        log.set_len(bytes).await.map_err(|e| self.failed(log, bytes, &e))?;
        side.allocate(0, as_u64(entries)).await.map_err(|e| self.failed(side, 0, &e))?;
        for (i, piece) in self.side.chunks(SIDE_BYTES).enumerate() {
            let at = as_u64(i * SIDE_BYTES);
            let piece = Slice::copy_of(&self.shard.core, piece);
            let written = side.write_at(piece, at, Sync::No).await;
            written.map_err(|e| self.failed(side, at, &e))?;
        }
        for file in [log, side] {
            file.sync_all().await.map_err(|e| self.failed(file, 0, &e))?;
        }
        // The log's directory may be as new as the segments: its own name counts too.
        let of_log = names::log_dir(&self.shard.dir, self.segment.key.0);
        for dir in [of_log, self.shard.dir.join(names::LOGS)] {
            let failed = |e: std::io::Error| {
                let place = dir.display().to_string();
                NotWritten::Fault(Fault::new(FaultKind::WriteFailed, place, e.to_string()))
            };
            self.shard.core.sync_dir(&dir).await.map_err(failed)?;
        }
        Ok(self.sealed)
    }

    fn failed(&self, file: &engine_rt::File, position: u64, error: &std::io::Error) -> NotWritten {
        if is_full(error) {
            return NotWritten::Full;
        }
        let place = file.path().display().to_string();
        NotWritten::Fault(Fault::at(FaultKind::WriteFailed, place, position, error.to_string()))
    }
}

/// An empty run.
fn run_at(position: u64, next: i64, wall_ms: i64) -> SideEntry {
    SideEntry {
        position,
        length: 0,
        checksum: 0,
        first: -1,
        next,
        max_timestamp: -1,
        wall_ms,
        first_position: 0,
    }
}
