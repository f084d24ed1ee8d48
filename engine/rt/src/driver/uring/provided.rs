//! Provided buffers: the kernel picks a receive's memory when bytes have come, so that a receive
//! that waits holds none.
//!
//! Kept true: a buffer of a group is either in its ring, the kernel's alone, or was taken out by
//! one completion; a fresh one takes its place at once, so a group never shrinks, and a receive
//! that finds it empty finds it full when it asks again. A group is made when it is first asked
//! for.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicU16, Ordering};

use engine_base::limits::BLOCK_BYTES;
use io_uring::{IoUring, types};

use crate::buf::Buf;
use crate::net::{LENT_BYTES, lent_group};
use crate::pool::Pool;

/// Buffers in the rings of the groups, each a power of two: what one turn may receive before a
/// receive has to ask again.
const ENTRIES: [u16; LENT_BYTES.len()] = [64, 32, 16];

const ENTRY_BYTES: usize = size_of::<types::BufRingEntry>();

/// All groups of one core.
#[derive(Default)]
pub(super) struct Provided {
    groups: RefCell<[Option<Group>; LENT_BYTES.len()]>,
}

struct Group {
    /// The ring that the kernel reads, in a block of its own.
    ring: Buf,
    /// What is in the ring, by buffer id.
    lent: Vec<Buf>,
    bytes: usize,
    tail: u16,
}

impl Provided {
    /// Makes sure that the group for so many bytes is there.
    pub(super) fn ready(&self, ring: &IoUring, pool: &Rc<Pool>, want: usize) -> io::Result<()> {
        let number = lent_group(want);
        let mut groups = self.groups.borrow_mut();
        if groups[number].is_none() {
            groups[number] = Some(Group::register(ring, pool, number)?);
        }
        Ok(())
    }

    /// What a completion brought: the buffer with this id. Another takes its place.
    pub(super) fn take(&self, pool: &Rc<Pool>, want: usize, id: u16) -> Buf {
        let mut groups = self.groups.borrow_mut();
        let group = groups[lent_group(want)].as_mut();
        group.expect("because a receive makes its group ready").take(pool, id)
    }
}

impl Group {
    fn register(ring: &IoUring, pool: &Rc<Pool>, number: usize) -> io::Result<Group> {
        let (entries, bytes) = (ENTRIES[number], LENT_BYTES[number]);
        let mut memory = Buf::of_pool(pool, usize::from(entries) * ENTRY_BYTES);
        memory.fill_zeros(usize::from(entries) * ENTRY_BYTES);
        let at = memory.bytes_mut(0..memory.len()).as_mut_ptr().expose_provenance() as u64;
        // SAFETY: the block is aligned to a page, holds `entries` entries, and stays where it is
        // until the ring is gone: both live in `Uring`, which drops the ring first.
        unsafe {
            let submitter = ring.submitter();
            submitter.register_buf_ring_with_flags(at, entries, group_id(number), 0)?;
        }
        let mut group =
            Group { ring: memory, lent: Vec::with_capacity(entries.into()), bytes, tail: 0 };
        for id in 0..entries {
            group.lent.push(Buf::of_pool(pool, bytes));
            group.offer(id);
        }
        group.publish();
        Ok(group)
    }

    fn take(&mut self, pool: &Rc<Pool>, id: u16) -> Buf {
        let fresh = Buf::of_pool(pool, self.bytes);
        let taken = std::mem::replace(&mut self.lent[usize::from(id)], fresh);
        self.offer(id);
        self.publish();
        taken
    }

    /// Writes the entry of a buffer behind the others.
    fn offer(&mut self, id: u16) {
        let slot = self.tail & (ENTRIES[lent_group(self.bytes)] - 1);
        let buf = &mut self.lent[usize::from(id)];
        assert!(buf.is_empty() && buf.room() >= self.bytes, "a fresh buffer of the group's size");
        let at = buf.spare_pointer().expose_provenance() as u64;
        let len = u32::try_from(self.bytes).expect("because groups are small");
        // SAFETY: the slot lies in the ring, and is not between the kernel's head and the
        // published tail: a group has no more buffers than slots. The tail, which lies in the
        // first entry's spare bytes, is not touched by the setters.
        unsafe {
            let entry = self.entries().add(usize::from(slot));
            (*entry).set_addr(at);
            (*entry).set_len(len);
            (*entry).set_bid(id);
        }
        self.tail = self.tail.wrapping_add(1);
    }

    /// Lets the kernel see what was offered.
    fn publish(&mut self) {
        // SAFETY: the tail is an aligned u16 in the ring, shared with the kernel as an atomic.
        let tail =
            unsafe { AtomicU16::from_ptr(types::BufRingEntry::tail(self.entries()).cast_mut()) };
        tail.store(self.tail, Ordering::Release);
    }

    fn entries(&mut self) -> *mut types::BufRingEntry {
        self.ring.bytes_mut(0..ENTRY_BYTES).as_mut_ptr().cast()
    }
}

/// The group's id towards the kernel.
pub(super) fn group_id(number: usize) -> u16 {
    u16::try_from(number).expect("because there are few groups")
}

const _: () = assert!(ENTRIES[0] as usize * ENTRY_BYTES <= BLOCK_BYTES);
const _: () = assert!(LENT_BYTES[0] == BLOCK_BYTES);
