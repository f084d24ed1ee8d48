//! Memory of one core: aligned blocks in size classes, counted owners, home to the free list.
//!
//! Kept true: a block's memory is always initialised (fresh memory is zero, recycled memory holds
//! old bytes), aligned to [`BLOCK_BYTES`], and freed or recycled exactly once, by its last owner.
//! Nothing here is `Send`. The free lists hold at most `free_bytes_max` bytes; what small blocks
//! are freed beyond that keeps its addresses and gives its pages back.

use std::cell::{Cell, RefCell};
use std::ptr::NonNull;
use std::rc::Rc;

use engine_base::limits::BLOCK_BYTES;

/// Size classes are 4 KiB, 8 KiB, ... 4 MiB; larger blocks are made to measure and never kept.
const CLASSES: usize = 11;
const CLASS_BYTES_MAX: usize = BLOCK_BYTES << (CLASSES - 1);
/// From this size on a block is a mapping of its own, so that untouched pages cost nothing.
const MAP_BYTES_MIN: usize = 64 * 1024;
/// Smaller blocks are cut out of mappings of this size. An allocator would put a header before each
/// aligned block, which costs another page.
const SLAB_BYTES: usize = 1024 * 1024;
/// Classes below [`MAP_BYTES_MIN`].
const SMALL_CLASSES: usize = (MAP_BYTES_MIN / BLOCK_BYTES).trailing_zeros() as usize;

const _: () = assert!(SLAB_BYTES.is_multiple_of(MAP_BYTES_MIN));

/// One allocation with its owners: at most one [`crate::Buf`], any number of [`crate::Slice`]s.
pub(crate) struct Block {
    memory: NonNull<u8>,
    capacity: usize,
    owners: Cell<usize>,
    /// Bytes below this are frozen: slices may look at them, nobody writes them.
    pub(crate) shared: Cell<usize>,
    /// Where the memory came from. `Some` as long as the block is owned.
    home: RefCell<Option<Home>>,
}

enum Home {
    Pool(Rc<Pool>),
    Vector(usize),
}

/// The free lists of one core.
pub(crate) struct Pool {
    free: RefCell<[Vec<NonNull<Block>>; CLASSES]>,
    free_bytes: Cell<usize>,
    free_bytes_max: usize,
    lent_bytes: Cell<usize>,
    slabs: RefCell<Slabs>,
}

/// Memory of small blocks. Addresses are kept as long as the pool, pages are not.
#[derive(Default)]
struct Slabs {
    mapped: Vec<NonNull<u8>>,
    /// Pieces without pages, which read as zero, by class.
    cold: [Vec<NonNull<u8>>; SMALL_CLASSES],
}

impl Slabs {
    /// Memory of a small class, all zero.
    fn cut(&mut self, class: usize) -> NonNull<u8> {
        if let Some(memory) = self.cold[class].pop() {
            return memory;
        }
        let slab = map(SLAB_BYTES);
        self.mapped.push(slab);
        let piece = BLOCK_BYTES << class;
        // SAFETY: every piece lies within the mapping, whose size is a multiple of all of them.
        let pieces = (0..SLAB_BYTES / piece).rev().map(|i| unsafe { slab.add(i * piece) });
        self.cold[class].extend(pieces);
        self.cold[class].pop().expect("because a slab has pieces")
    }

    /// Takes a piece back and gives its pages to the system.
    ///
    /// # Safety
    /// `memory` came from `cut(class)` and nobody refers to it any more.
    unsafe fn give_back(&mut self, class: usize, memory: NonNull<u8>) {
        let bytes = BLOCK_BYTES << class;
        // SAFETY: by the contract these are whole pages of a mapping of ours that nobody looks at;
        // it is private and anonymous, so they read as zero afterwards.
        let failed = unsafe { libc::madvise(memory.as_ptr().cast(), bytes, libc::MADV_DONTNEED) };
        assert_eq!(failed, 0, "giving back pages of our own mapping");
        self.cold[class].push(memory);
    }
}

impl Drop for Slabs {
    fn drop(&mut self) {
        // SAFETY: the mappings are ours; a block that somebody owns keeps its pool alive, and so
        // this.
        self.mapped.drain(..).for_each(|slab| unsafe { unmap(slab, SLAB_BYTES) });
    }
}

impl Pool {
    pub(crate) fn new(free_bytes_max: usize) -> Rc<Pool> {
        Rc::new(Pool {
            free: RefCell::default(),
            free_bytes: Cell::new(0),
            free_bytes_max,
            lent_bytes: Cell::new(0),
            slabs: RefCell::default(),
        })
    }

    fn allocate(&self, capacity: usize) -> NonNull<u8> {
        match small_class(capacity) {
            Some(class) => self.slabs.borrow_mut().cut(class),
            None => map(capacity),
        }
    }

    /// Frees a block that has no owner and is in no list.
    fn free(&self, block: NonNull<Block>) {
        // SAFETY: only blocks without owners come here, once; they came from `leak` and
        // `allocate`.
        unsafe {
            let header = Box::from_raw(block.as_ptr());
            match small_class(header.capacity) {
                Some(class) => self.slabs.borrow_mut().give_back(class, header.memory),
                None => unmap(header.memory, header.capacity),
            }
        }
    }

    /// Bytes of all blocks that are owned by somebody now.
    pub(crate) fn lent_bytes(&self) -> usize {
        self.lent_bytes.get()
    }

    /// Bytes kept for reuse.
    pub(crate) fn free_bytes(&self) -> usize {
        self.free_bytes.get()
    }

    /// A block of at least `capacity` bytes with one owner, the caller.
    pub(crate) fn take(self: &Rc<Pool>, capacity: usize) -> NonNull<Block> {
        let capacity = rounded(capacity);
        let kept = class_of(capacity).and_then(|class| self.free.borrow_mut()[class].pop());
        let block = match kept {
            Some(block) => {
                self.free_bytes.set(self.free_bytes.get() - capacity);
                block
            }
            None => leak(Block {
                memory: self.allocate(capacity),
                capacity,
                owners: Cell::new(0),
                shared: Cell::new(0),
                home: RefCell::new(None),
            }),
        };
        self.lent_bytes.set(self.lent_bytes.get() + capacity);
        // SAFETY: the block came from `leak` and is in no list and owned by nobody but us.
        let header = unsafe { block.as_ref() };
        assert_eq!(header.owners.get(), 0, "a free block has no owner");
        header.owners.set(1);
        header.shared.set(0);
        header.home.replace(Some(Home::Pool(Rc::clone(self))));
        block
    }

    fn take_back(&self, block: NonNull<Block>) {
        // SAFETY: called by `release` for the last owner; nobody else refers to the block.
        let capacity = unsafe { block.as_ref() }.capacity;
        self.lent_bytes.set(self.lent_bytes.get() - capacity);
        let kept = self.free_bytes.get() + capacity;
        match class_of(capacity) {
            Some(class) if kept <= self.free_bytes_max => {
                self.free_bytes.set(kept);
                self.free.borrow_mut()[class].push(block);
            }
            _ => self.free(block),
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let kept = std::mem::take(self.free.get_mut());
        kept.into_iter().flatten().for_each(|block| self.free(block));
    }
}

impl Block {
    pub(crate) fn memory(&self) -> NonNull<u8> {
        self.memory
    }

    pub(crate) fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn owners(&self) -> usize {
        self.owners.get()
    }

    /// A block around a vector's memory, with one owner; all of it counts as shared.
    pub(crate) fn of_vector(bytes: Vec<u8>) -> NonNull<Block> {
        let mut bytes = std::mem::ManuallyDrop::new(bytes);
        leak(Block {
            memory: NonNull::new(bytes.as_mut_ptr()).expect("because a vector is never null"),
            capacity: bytes.len(),
            owners: Cell::new(1),
            shared: Cell::new(bytes.len()),
            home: RefCell::new(Some(Home::Vector(bytes.capacity()))),
        })
    }

    pub(crate) fn add_owner(&self) {
        self.owners.set(self.owners.get() + 1);
    }
}

/// Gives up one ownership; the last one sends the memory home.
///
/// # Safety
/// The caller owns the block once and forgets it with this call.
pub(crate) unsafe fn release(block: NonNull<Block>) {
    // SAFETY: the caller's ownership keeps the block alive until here.
    let header = unsafe { block.as_ref() };
    let owners = header.owners.get() - 1;
    header.owners.set(owners);
    if owners > 0 {
        return;
    }
    let home = header.home.take().expect("because an owned block has a home");
    match home {
        Home::Pool(pool) => pool.take_back(block),
        Home::Vector(vector_capacity) => {
            // SAFETY: no owner is left; memory, length and capacity are those of the vector taken
            // apart in `of_vector`, and the header came from `leak`.
            unsafe {
                let header = Box::from_raw(block.as_ptr());
                let memory = header.memory.as_ptr();
                drop(Vec::from_raw_parts(memory, header.capacity, vector_capacity));
            }
        }
    }
}

fn leak(block: Block) -> NonNull<Block> {
    NonNull::from(Box::leak(Box::new(block)))
}

/// The capacity that a request is rounded up to.
pub(crate) fn rounded(capacity: usize) -> usize {
    if capacity <= CLASS_BYTES_MAX {
        capacity.max(BLOCK_BYTES).next_power_of_two()
    } else {
        capacity
            .checked_next_multiple_of(BLOCK_BYTES)
            .expect("because no caller asks for 2^64 bytes")
    }
}

fn class_of(rounded_capacity: usize) -> Option<usize> {
    (rounded_capacity <= CLASS_BYTES_MAX)
        .then(|| (rounded_capacity / BLOCK_BYTES).trailing_zeros() as usize)
}

fn small_class(rounded_capacity: usize) -> Option<usize> {
    class_of(rounded_capacity).filter(|class| *class < SMALL_CLASSES)
}

/// A mapping of zeros.
fn map(bytes: usize) -> NonNull<u8> {
    // SAFETY: an anonymous private mapping of a non-zero length touches no memory of ours.
    let at = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    let at = if at == libc::MAP_FAILED { std::ptr::null_mut() } else { at.cast::<u8>() };
    NonNull::new(at).unwrap_or_else(|| {
        let layout = std::alloc::Layout::from_size_align(bytes, BLOCK_BYTES);
        std::alloc::handle_alloc_error(layout.expect("because sizes are far below isize::MAX"))
    })
}

/// # Safety
/// `memory` came from `map(bytes)` and nobody refers to it any more.
unsafe fn unmap(memory: NonNull<u8>, bytes: usize) {
    // SAFETY: by the contract this is exactly the mapping that `map` made.
    let failed = unsafe { libc::munmap(memory.as_ptr().cast(), bytes) };
    assert_eq!(failed, 0, "unmapping our own mapping");
}
