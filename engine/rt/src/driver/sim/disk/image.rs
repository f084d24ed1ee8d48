//! A file's bytes at one moment: copy-on-write pages, so that copies of a disk cost next to
//! nothing.
//!
//! Kept true: bytes at and beyond the length are zero in every page; a hole reads as zeros.

use std::ops::Range;
use std::rc::Rc;

pub(super) const PAGE: usize = 4096;

pub(super) type Page = Rc<[u8; PAGE]>;

pub(super) fn zero_page() -> Page {
    Rc::new([0; PAGE])
}

/// Pages (none: a hole) and the length in bytes.
#[derive(Clone, Default)]
pub(super) struct Image {
    pages: Vec<Option<Page>>,
    len: u64,
}

/// What happened to a file, with all that is needed to make it happen to another image of it.
#[derive(Clone)]
pub(super) enum Change {
    /// The bytes of `range` as they are in `pages`, the first of which holds the range's start.
    Write {
        range: Range<u64>,
        pages: Vec<Page>,
    },
    Allocate {
        end: u64,
    },
    SetLen {
        len: u64,
    },
}

fn index(offset: u64) -> usize {
    usize::try_from(offset / PAGE as u64).expect("because a memory disk fits into memory")
}

fn within(offset: u64) -> usize {
    usize::try_from(offset % PAGE as u64).expect("because a page is small")
}

impl Image {
    pub(super) fn len(&self) -> u64 {
        self.len
    }

    pub(super) fn page_count(&self) -> u64 {
        self.pages.iter().flatten().count() as u64
    }

    /// Holes that a write to the range would fill.
    pub(super) fn holes(&self, range: &Range<u64>) -> u64 {
        if range.is_empty() {
            return 0;
        }
        let pages = index(range.start)..index(range.end - 1) + 1;
        pages.filter(|&at| self.pages.get(at).is_none_or(Option::is_none)).count() as u64
    }

    fn page_mut(&mut self, at: usize, zero: &Page) -> &mut Page {
        if self.pages.len() <= at {
            self.pages.resize(at + 1, None);
        }
        self.pages[at].get_or_insert_with(|| Rc::clone(zero))
    }

    /// Writes bytes, growing the file. Returns how many holes were filled.
    pub(super) fn write(&mut self, offset: u64, bytes: &[u8], zero: &Page) -> u64 {
        let end = offset + bytes.len() as u64;
        let filled = self.holes(&(offset..end));
        let mut at = offset;
        let mut rest = bytes;
        while !rest.is_empty() {
            let start = within(at);
            let (part, later) = rest.split_at(rest.len().min(PAGE - start));
            let page = self.page_mut(index(at), zero);
            if let Ok(whole) = <&[u8; PAGE]>::try_from(part) {
                *page = if *whole == **zero { Rc::clone(zero) } else { Rc::new(*whole) };
            } else {
                Rc::make_mut(page)[start..start + part.len()].copy_from_slice(part);
            }
            at += part.len() as u64;
            rest = later;
        }
        self.len = self.len.max(end);
        filled
    }

    /// Reads into `into`; says how many bytes there were.
    pub(super) fn read(&self, offset: u64, into: &mut [u8]) -> usize {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = into.len().min(left);
        let mut done = 0;
        while done < count {
            let at = offset + done as u64;
            let start = within(at);
            let part = (count - done).min(PAGE - start);
            let to = &mut into[done..done + part];
            match self.pages.get(index(at)).and_then(Option::as_ref) {
                Some(page) => to.copy_from_slice(&page[start..start + part]),
                None => to.fill(0),
            }
            done += part;
        }
        count
    }

    /// Cuts or grows. Returns how many pages were freed.
    pub(super) fn set_len(&mut self, len: u64) -> u64 {
        let mut freed = 0;
        if len < self.len {
            let keep = index(len) + usize::from(within(len) > 0);
            let cut = self.pages.split_off(keep.min(self.pages.len()));
            freed = cut.iter().flatten().count() as u64;
            if within(len) > 0
                && let Some(Some(page)) = self.pages.get_mut(index(len))
            {
                Rc::make_mut(page)[within(len)..].fill(0);
            }
        }
        self.len = len;
        freed
    }

    /// Fills holes up to `end` with zeros and grows to it. Returns how many were filled.
    pub(super) fn allocate(&mut self, range: Range<u64>, zero: &Page) -> u64 {
        let filled = self.holes(&range);
        if !range.is_empty() {
            for at in index(range.start)..index(range.end - 1) + 1 {
                self.page_mut(at, zero);
            }
        }
        self.len = self.len.max(range.end);
        filled
    }

    /// The change that a write to this range was, as this image shows it now.
    pub(super) fn written(&self, range: Range<u64>) -> Change {
        let pages = if range.is_empty() {
            Vec::new()
        } else {
            let pages = index(range.start)..index(range.end - 1) + 1;
            let page = |at: usize| self.pages[at].clone().expect("because the write filled it");
            pages.map(page).collect()
        };
        Change::Write { range, pages }
    }

    pub(super) fn apply(&mut self, change: &Change) {
        match change {
            Change::Write { range, pages } => {
                self.apply_part(range.clone(), range.start, pages);
                self.len = self.len.max(range.end);
            }
            Change::Allocate { end } => self.len = self.len.max(*end),
            Change::SetLen { len } => {
                self.set_len(*len);
            }
        }
    }

    /// Takes the bytes of `part` out of a write's pages. Does not change the length.
    pub(super) fn apply_part(&mut self, part: Range<u64>, write_start: u64, pages: &[Page]) {
        let mut at = part.start;
        while at < part.end {
            let page = &pages[index(at) - index(write_start)];
            let start = within(at);
            let count = usize::try_from(part.end - at).unwrap_or(PAGE).min(PAGE - start);
            if self.pages.len() <= index(at) {
                self.pages.resize(index(at) + 1, None);
            }
            let own = &mut self.pages[index(at)];
            if count == PAGE {
                *own = Some(Rc::clone(page));
            } else {
                let own = own.get_or_insert_with(zero_page);
                Rc::make_mut(own)[start..start + count]
                    .copy_from_slice(&page[start..start + count]);
            }
            at += count as u64;
        }
    }

    /// Zeros whatever lies beyond the length, after parts of writes were applied without growing.
    pub(super) fn trim(&mut self) {
        let len = self.len;
        self.len = u64::MAX;
        self.set_len(len);
    }
}
