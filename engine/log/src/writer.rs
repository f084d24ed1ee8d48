//! The journal's only writer: one task that starts blocks and takes their completions.
//!
//! Kept true: at most `blocks_in_flight` blocks are under way; with fewer, a block that has an
//! entry is started as soon as this task runs; the first failed write or flush stops the store, and
//! no block at or behind it counts as handed over afterwards. A block counts as handed over once
//! the death of this process cannot stop it any more.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use engine_base::{Fault, FaultKind};
use engine_rt::{File, Submitted, Sync};

use crate::FlushMethod;
use crate::journal::SealedBlock;
use crate::shard::Shard;

struct Flight {
    block: SealedBlock,
    write: Pin<Box<dyn Future<Output = io::Result<()>>>>,
}

/// Blocks up to `sequence` that may not have been handed to the kernel yet.
struct Handed {
    sequence: u64,
    submitted: Pin<Box<Submitted>>,
    /// The kernel may give one of them to a worker of its own, which dies with this process: they
    /// count only when they are flushed.
    by_worker: bool,
}

struct Writer {
    shard: Rc<Shard>,
    files: Vec<File>,
    flights: Vec<Flight>,
    handed: VecDeque<Handed>,
    /// Per file: a write of this life came to its end in it. The first one into an inode that the
    /// kernel has just read must look at its privileges, under a lock that needs a worker.
    written: Vec<bool>,
    /// The file of the ring's head when last looked at.
    head_file: u32,
}

/// Runs until the store closes or fails.
pub(crate) async fn run(shard: Rc<Shard>, files: Vec<File>) {
    let head_file = shard.journal.borrow().ring.head().file;
    let written = vec![false; files.len()];
    let (flights, handed) = (Vec::new(), VecDeque::new());
    let mut writer = Writer { shard, files, flights, handed, written, head_file };
    loop {
        let mut work = writer.shard.journal_work.notified();
        writer.start_blocks();
        poll_fn(|cx| {
            let moved = writer.poll_flights(cx);
            let called = Pin::new(&mut work).poll(cx).is_ready();
            if moved || called { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let quiet = writer.flights.is_empty() && writer.shard.journal.borrow().is_quiet();
        if writer.shard.has_failed() || writer.shard.ended.get() && quiet {
            return;
        }
    }
}

impl Writer {
    fn start_blocks(&mut self) {
        if self.shard.has_failed() {
            return;
        }
        let at_most = self.shard.options.blocks_in_flight;
        let mut started = None;
        let mut by_worker = false;
        loop {
            let block = self.shard.journal.borrow_mut().take_block(at_most);
            let Some(block) = block else { break };
            started = Some(block.sequence);
            by_worker |= self.needs_worker(block.place.file);
            self.start(block);
        }
        if let Some(sequence) = started {
            let submitted = Box::pin(self.shard.core.submitted());
            self.handed.push_back(Handed { sequence, submitted, by_worker });
            self.shard.admitted.notify_all();
        }
        if self.shard.journal.borrow().ring.head().file != self.head_file {
            self.head_file = self.shard.journal.borrow().ring.head().file;
            self.shard.keeper_work.notify_all();
        }
    }

    /// Whether the kernel may give a write to this file to a worker: the first of a life, and while
    /// zeros make the file longer, which holds its lock.
    fn needs_worker(&self, file: u32) -> bool {
        !self.written[file as usize] || !self.shard.journal.borrow().ring.is_zeroed(file)
    }

    fn start(&mut self, block: SealedBlock) {
        let file = self.files[block.place.file as usize].clone();
        let dsync = self.shard.flush.get() == FlushMethod::Dsync;
        let sync = if dsync { Sync::Dsync } else { Sync::No };
        let write = file.write_at(block.bytes.clone(), block.place.offset, sync);
        let write = Box::pin(async move {
            write.await?;
            if dsync { Ok(()) } else { file.sync_data().await }
        });
        self.flights.push(Flight { block, write });
    }

    /// Takes what completed; says whether anything did.
    fn poll_flights(&mut self, cx: &mut Context<'_>) -> bool {
        let mut moved = false;
        let mut fault = None;
        let shard = &self.shard;
        let written = &mut self.written;
        self.flights.retain_mut(|flight| {
            let Poll::Ready(result) = flight.write.as_mut().poll(cx) else { return true };
            moved = true;
            match result {
                Ok(()) => {
                    written[flight.block.place.file as usize] = true;
                    shard.journal.borrow_mut().on_flushed(flight.block.sequence);
                }
                Err(error) => fault = Some(failed_write(shard, &flight.block, &error)),
            }
            false
        });
        if let Some(fault) = fault {
            // What was handed over in the same turn is not: it may be the block that failed.
            shard.fail(fault);
            return true;
        }
        while let Some(handed) = self.handed.front_mut() {
            let is_durable = shard.progress().durable.0 >= handed.sequence;
            let is_handed = handed.submitted.as_mut().poll(cx).is_ready() && !handed.by_worker;
            if !is_durable && !is_handed {
                break;
            }
            shard.journal.borrow_mut().on_submitted(handed.sequence);
            self.handed.pop_front();
            moved = true;
        }
        if moved {
            shard.moved.notify_all();
        }
        moved
    }
}

fn failed_write(shard: &Shard, block: &SealedBlock, error: &io::Error) -> Fault {
    let path = crate::names::journal_file(&shard.dir, block.place.file);
    let place = path.display().to_string();
    Fault::at(FaultKind::WriteFailed, place, block.place.offset, error.to_string())
}
