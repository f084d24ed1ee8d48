//! An operation completes: it takes effect now, in the order of completions.

use std::io;
use std::path::Path;

use super::image::Change;
use super::names::Node;
use super::{Action, Disk, OpenFile, Running, State, errno};
use crate::chance::Chance;
use crate::disk::{Create, Open};
use crate::op::{Request, Value};

/// What came out: a value, or a file that the core makes its own handle of.
pub(in super::super) enum Answer {
    Value(Value),
    Opened(OpenFile),
}

impl Disk {
    pub(in super::super) fn finish(
        &self,
        number: u64,
        chance: &Chance,
        request: &mut Request,
    ) -> io::Result<Answer> {
        let mut state = self.state.borrow_mut();
        let running = state.running.remove(&number).expect("because it completes once");
        if let (Action::Read { file }, None) = (&running.action, running.error) {
            let Request::Read { buf, offset, len, done, .. } = request else {
                unreachable!("a read's request is a read")
            };
            let count = state.content(*file).now.read(*offset, &mut buf.spare_mut()[..*len]);
            buf.advance(count);
            *done = count;
            return Ok(Answer::Value(Value::Count(count)));
        }
        if let (Action::Open { path, how }, None) = (&running.action, running.error) {
            let file = state.open(number, path, *how)?;
            let id = state.next_number();
            return Ok(Answer::Opened(OpenFile { disk: self.clone(), file, id }));
        }
        state.land(number, &running, chance)
    }
}

impl State {
    fn open(&mut self, number: u64, path: &Path, how: Open) -> io::Result<u64> {
        let file = match self.names.get(path) {
            Some(Node::Dir) => return errno(libc::EISDIR),
            Some(Node::File(_)) if how.create == Create::New => return errno(libc::EEXIST),
            Some(Node::File(file)) => *file,
            None if how.create == Create::No => return errno(libc::ENOENT),
            None => self.create(number, path)?,
        };
        self.content(file).open += 1;
        Ok(file)
    }

    /// Makes a running operation happen.
    pub(super) fn land(
        &mut self,
        number: u64,
        running: &Running,
        chance: &Chance,
    ) -> io::Result<Answer> {
        if let Some(code) = running.error {
            self.lose_flush(&running.action);
            if let Action::Write { file, offset, data, .. } = &running.action
                && code != libc::EINVAL
                && code != libc::ENOSPC
            {
                self.write_in_part(number, *file, *offset, data, chance);
            }
            return errno(code);
        }
        match &running.action {
            Action::Write { file, offset, data, dsync } => {
                self.write(number, *file, *offset, data, *dsync)?;
            }
            Action::Flush { file, mark, .. } => {
                self.content(*file).unflushed.flush_to(*mark);
                self.settle(*file);
            }
            Action::Allocate { file, offset, len } => {
                self.allocate(number, *file, *offset, *len)?;
            }
            Action::SetLen { file, len } => self.set_len(number, *file, *len),
            Action::Names { call } => return self.call_names(number, call),
            Action::FlushDir { dir, mark } => self.flush_dir(dir, *mark)?,
            Action::FlushAll { names, files } => {
                self.unflushed_names.flush_to(*names);
                self.settle_names();
                for &(file, mark) in files {
                    if let Some(content) = self.files.get_mut(&file) {
                        content.unflushed.flush_to(mark);
                        self.settle(file);
                    }
                }
                self.sweep();
            }
            // After a crash nobody waits for what was read; an open lands as its file.
            Action::Read { .. } => {}
            Action::Open { path, how } => {
                let file = self.open(number, path, *how)?;
                self.content(file).open -= 1;
            }
        }
        Ok(Answer::Value(Value::Done))
    }

    /// If it is a flush that failed: what the page cache held is in doubt for ever.
    pub(super) fn lose_flush(&mut self, action: &Action) {
        if let Action::Flush { file, mark, direct: false } = *action {
            self.content(file).unflushed.miss_to(mark);
        }
    }

    fn count_pages(&mut self, file: u64, filled: u64) {
        if !self.content(file).removed {
            self.used_pages += filled;
        }
    }

    fn has_room(&mut self, file: u64, pages: u64) -> io::Result<()> {
        if !self.content(file).removed && self.used_pages + pages > self.capacity_pages {
            return errno(libc::ENOSPC);
        }
        Ok(())
    }

    fn write(
        &mut self,
        number: u64,
        file: u64,
        offset: u64,
        data: &[u8],
        dsync: bool,
    ) -> io::Result<()> {
        let range = offset..offset + data.len() as u64;
        let holes = self.content(file).now.holes(&range);
        self.has_room(file, holes)?;
        let zero = self.zero.clone();
        let content = self.content(file);
        content.now.write(offset, data, &zero);
        let change = content.now.written(range);
        content.unflushed.push(number, change, dsync);
        self.count_pages(file, holes);
        self.settle(file);
        Ok(())
    }

    /// A failed write: any of its sectors may have been written.
    fn write_in_part(&mut self, number: u64, file: u64, offset: u64, data: &[u8], chance: &Chance) {
        let sector = self.sector_bytes;
        for (at, part) in data.chunks(sector).enumerate() {
            if chance.one_in(1, 2) {
                let at = offset + (at * sector) as u64;
                // No room for this sector: then it was not written.
                let _ = self.write(number, file, at, part, false);
            }
        }
    }

    fn allocate(&mut self, number: u64, file: u64, offset: u64, len: u64) -> io::Result<()> {
        let range = offset..offset + len;
        let holes = self.content(file).now.holes(&range);
        self.has_room(file, holes)?;
        let zero = self.zero.clone();
        let content = self.content(file);
        content.now.allocate(range.clone(), &zero);
        content.unflushed.push(number, Change::Allocate { end: range.end }, false);
        self.count_pages(file, holes);
        Ok(())
    }

    fn set_len(&mut self, number: u64, file: u64, len: u64) {
        let content = self.content(file);
        let freed = content.now.set_len(len);
        content.unflushed.push(number, Change::SetLen { len }, false);
        if !content.removed {
            self.used_pages -= freed;
        }
    }

    fn flush_dir(&mut self, dir: &Path, mark: u64) -> io::Result<()> {
        if !self.is_dir(dir) {
            return errno(libc::ENOENT);
        }
        let gone = self.unflushed_names.gone;
        let count = usize::try_from(mark.saturating_sub(gone)).unwrap_or(usize::MAX);
        let landed = self.unflushed_names.changes.iter_mut().take(count);
        for landed in landed {
            let here = landed.change.iter().any(|change| change.path.parent() == Some(dir));
            landed.flushed |= here;
        }
        self.settle_names();
        self.sweep();
        Ok(())
    }
}
