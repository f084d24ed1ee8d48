//! What a restart finds on the disk.
//!
//! Kept true: what was flushed is there; of everything else the seed keeps any part, sector by
//! sector and name by name; what never was handed to the disk is not there.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::image::{Change, Image};
use super::names::{self, Node};
use super::{Action, Disk, State, Unflushed};
use crate::chance::Chance;
use crate::disk::Create;
use crate::op::NameCall;

/// What a crash does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// Power loss: whatever was not flushed is kept or lost, sector by sector, name by name.
    Power,
    /// Death of the process: everything handed to the kernel lands. It is still not flushed.
    Kill,
}

/// How the seed chooses what survives.
enum Fate {
    /// Each part with this chance of 16.
    Parts(u64),
    /// Each operation as a whole with this chance of 16.
    Whole(u64),
    /// All before this operation, nothing after it, parts of this one.
    Cut(u64),
}

impl Fate {
    fn draw(chance: &Chance, numbers: &[u64]) -> Fate {
        match chance.below(8) {
            0 => Fate::Whole(0),
            1 => Fate::Whole(16),
            2 => Fate::Whole(8),
            3 => Fate::Parts(8),
            4 => Fate::Parts(2),
            5 => Fate::Parts(14),
            _ => {
                let at = chance.below(numbers.len().max(1) as u64);
                let at = usize::try_from(at).expect("because it is below a length");
                Fate::Cut(numbers.get(at).copied().unwrap_or(0))
            }
        }
    }

    /// Chance, of 16, that a part of this operation survives, and whether its parts share their
    /// fate.
    fn of(&self, number: u64, chance: &Chance) -> u64 {
        match self {
            Fate::Parts(odds) => *odds,
            Fate::Whole(odds) => 16 * u64::from(chance.one_in(*odds, 16)),
            Fate::Cut(at) if number < *at => 16,
            Fate::Cut(at) if number > *at => 0,
            Fate::Cut(_) => 8,
        }
    }
}

impl Disk {
    /// The disk that a restart finds: nothing is open, locked or under way, no rule and no freeze
    /// holds, and [`Disk::writes`] counts from 0. This one stays as it is.
    pub fn crash(&self, seed: u64, crash: Crash) -> Disk {
        let chance = Chance::new(seed);
        let mut state = self.state.borrow().clone();
        match crash {
            Crash::Kill => {
                state.land_all(|_| true, &chance);
            }
            Crash::Power => {
                state.lose_power(&chance);
                state.running.clear();
            }
        }
        state.release_all();
        state.writes = 0;
        Disk { state: Rc::new(RefCell::new(state)) }
    }
}

impl State {
    /// Nobody has anything open, locked or under way, but for the dead.
    pub(super) fn release_all(&mut self) {
        self.running.retain(|_, running| running.is_late);
        self.late_taken = false;
        self.freeze_after = u64::MAX;
        self.rules.clear();
        self.lost_write_back = 0;
        for content in self.files.values_mut() {
            content.open = 0;
            content.lock_is_late = content.locked_by.is_some();
        }
        self.release_locks();
        self.sweep();
    }

    fn lose_power(&mut self, chance: &Chance) {
        self.land_names_in_doubt();
        let numbers = self.numbers_in_doubt();
        let fate = Fate::draw(chance, &numbers);
        self.lose_names(&fate, chance);
        let files: Vec<u64> = self.files.keys().copied().collect();
        for file in files {
            self.lose_bytes(file, &fate, chance);
        }
        self.used_pages = 0;
        let named: Vec<u64> = self
            .names
            .values()
            .filter_map(|node| match node {
                Node::File(file) => Some(*file),
                Node::Dir => None,
            })
            .collect();
        for content in self.files.values_mut() {
            content.removed = true;
        }
        for file in named {
            let content = self.content(file);
            content.removed = false;
            self.used_pages += self.files[&file].now.page_count();
        }
    }

    fn numbers_in_doubt(&self) -> Vec<u64> {
        let names = self.unflushed_names.changes.iter().map(|landed| landed.number);
        let bytes = self.files.values().flat_map(|content| &content.unflushed.changes);
        let running = self.running.keys().copied();
        let mut numbers: Vec<u64> =
            names.chain(bytes.map(|landed| landed.number)).chain(running).collect();
        numbers.sort_unstable();
        numbers
    }

    /// Changes of names that are under way may have happened: in doubt like the unflushed ones.
    fn land_names_in_doubt(&mut self) {
        let running = self.running.clone();
        for (number, running) in running {
            let changes_names = match &running.action {
                Action::Open { how, .. } => how.create != Create::No,
                Action::Names { call } => matches!(
                    call,
                    NameCall::CreateDirAll(_)
                        | NameCall::RemoveFile(_)
                        | NameCall::RemoveDir(_)
                        | NameCall::Rename(..)
                ),
                _ => false,
            };
            if changes_names && running.error.is_none() {
                // It may fail, as it would have.
                let _ = self.land(number, &running, &Chance::new(0));
            }
        }
    }

    fn lose_names(&mut self, fate: &Fate, chance: &Chance) {
        let mut found = self.durable_names.clone();
        let unflushed = std::mem::replace(&mut self.unflushed_names, Unflushed::new());
        for landed in unflushed.changes {
            let odds = if landed.flushed { 16 } else { fate.of(landed.number, chance) };
            if chance.one_in(odds, 16) {
                names::apply(&mut found, &landed.change);
            }
        }
        names::drop_lost(&mut found);
        self.names = found.clone();
        self.durable_names = found;
    }

    fn lose_bytes(&mut self, file: u64, fate: &Fate, chance: &Chance) {
        let sector = self.sector_bytes as u64;
        let zero = Rc::clone(&self.zero);
        let running = self.running.iter().filter(|(_, r)| r.action.file() == Some(file));
        let under_way: Vec<(u64, Change)> = running
            .filter_map(|(&number, running)| {
                let change = match &running.action {
                    Action::Write { offset, data, .. } => {
                        let mut alone = Image::default();
                        alone.write(*offset, data, &zero);
                        alone.written(*offset..*offset + data.len() as u64)
                    }
                    Action::Allocate { offset, len, .. } => Change::Allocate { end: offset + len },
                    Action::SetLen { len, .. } => Change::SetLen { len: *len },
                    _ => return None,
                };
                Some((number, change))
            })
            .collect();
        let content = self.content(file);
        let mut found = std::mem::take(&mut content.durable);
        let unflushed = std::mem::replace(&mut content.unflushed, Unflushed::new());
        for landed in unflushed.changes {
            if landed.flushed {
                found.apply(&landed.change);
            } else {
                survive(&mut found, landed.number, &landed.change, fate, chance, sector);
            }
        }
        for (number, change) in under_way {
            survive(&mut found, number, &change, fate, chance, sector);
        }
        content.durable = found.clone();
        content.now = found;
    }
}

/// Applies what survives of an unflushed change.
fn survive(
    found: &mut Image,
    number: u64,
    change: &Change,
    fate: &Fate,
    chance: &Chance,
    sector: u64,
) {
    let odds = fate.of(number, chance);
    let Change::Write { range, pages } = change else {
        if chance.one_in(odds, 16) {
            found.apply(change);
        }
        return;
    };
    // The length is metadata: it may be lost with all sectors written, and the other way round.
    if range.end > found.len() && chance.one_in(odds, 16) {
        found.set_len(range.end);
    }
    for part in sectors(range.clone(), sector) {
        if chance.one_in(odds, 16) {
            found.apply_part(part, range.start, pages);
        }
    }
    found.trim();
}

/// The range, cut at sector boundaries.
fn sectors(range: Range<u64>, sector: u64) -> impl Iterator<Item = Range<u64>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        let start = at;
        at = (start / sector + 1) * sector;
        at = at.min(range.end);
        (start < range.end).then_some(start..at)
    })
}
