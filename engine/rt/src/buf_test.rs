//! Memory: one writes, many read, and it comes home.

use std::rc::Rc;

use super::*;
use crate::pool::rounded;

fn pool() -> Rc<Pool> {
    Pool::new(1 << 20)
}

#[test]
fn what_is_shared_stays_while_the_writer_goes_on() {
    let pool = pool();
    let mut buf = Buf::of_pool(&pool, 100);
    assert_eq!((buf.capacity(), buf.len(), buf.room()), (4096, 0, 4096));
    assert_eq!(buf.filled().as_ptr().addr() % 4096, 0);
    let range = buf.append(b"hello ");
    let hello = buf.share(range);
    let range = buf.append(b"world");
    buf.bytes_mut(range.clone()).make_ascii_uppercase();
    let both = buf.share(0..range.end);
    buf.fill_zeros(3);
    assert_eq!(&hello[..], b"hello ");
    assert_eq!(&both[..], b"hello WORLD");
    assert_eq!(buf.filled(), b"hello WORLD\0\0\0");
    let world = both.slice(6..11);
    assert!(world.ptr_eq(&both.slice(6..11)) && !world.ptr_eq(&hello));
    drop((buf, hello, both));
    assert_eq!(&world[..], b"WORLD", "a part keeps the memory alive");
    assert_eq!(pool.lent_bytes(), 4096);
    drop(world);
    assert_eq!((pool.lent_bytes(), pool.free_bytes()), (0, 4096));
}

#[test]
#[should_panic(expected = "shared bytes are frozen")]
fn shared_bytes_cannot_be_written() {
    let mut buf = Buf::of_pool(&pool(), 10);
    buf.append(b"frozen, free");
    let _frozen = buf.share(0..6);
    buf.bytes_mut(5..8);
}

#[test]
#[should_panic(expected = "still alive")]
fn a_buffer_with_readers_cannot_be_cleared() {
    let mut buf = Buf::of_pool(&pool(), 10);
    buf.append(b"read");
    let _reader = buf.share(0..4);
    buf.clear();
}

#[test]
fn a_buffer_without_readers_starts_again() {
    let mut buf = Buf::of_pool(&pool(), 10);
    buf.append(b"first");
    drop(buf.share(0..5));
    assert!(buf.is_sole_owner());
    assert_eq!(buf.shared(), 5);
    buf.clear();
    buf.append(b"second");
    buf.truncate(3);
    assert_eq!(buf.filled(), b"sec");
}

#[test]
fn memory_is_used_again_and_the_pool_keeps_no_more_than_told() {
    let pool = pool();
    let first = Buf::of_pool(&pool, 64 << 10);
    let at = first.filled().as_ptr();
    drop(first);
    let again = Buf::of_pool(&pool, 60_000);
    assert_eq!(again.filled().as_ptr(), at);
    let many: Vec<Buf> = (0..40).map(|_| Buf::of_pool(&pool, 64 << 10)).collect();
    drop((again, many));
    assert_eq!((pool.lent_bytes(), pool.free_bytes()), (0, 1 << 20));
    let huge = Buf::of_pool(&pool, (5 << 20) + 1);
    assert_eq!(huge.capacity(), (5 << 20) + 4096, "made to measure");
    drop(huge);
    assert_eq!(pool.free_bytes(), 1 << 20, "and not kept");
}

#[test]
fn capacities_are_rounded_to_classes() {
    let rounded: Vec<usize> = [0, 1, 4096, 4097, 100_000, 4 << 20].map(rounded).to_vec();
    assert_eq!(rounded, [4096, 4096, 4096, 8192, 131_072, 4 << 20]);
}

#[test]
fn a_vector_becomes_a_slice_without_copying() {
    let bytes = vec![1, 2, 3, 4];
    let at = bytes.as_ptr();
    let slice = Slice::of_vec(bytes);
    assert_eq!(slice.as_ptr(), at);
    let tail = slice.slice(2..4);
    drop(slice);
    assert_eq!(&tail[..], [3, 4]);
    assert!(Slice::of_vec(Vec::new()).is_empty() && Slice::empty().is_empty());
}

#[test]
fn small_memory_beyond_what_is_kept_gives_its_pages_back_and_comes_again_as_zeros() {
    let pool = Pool::new(0);
    for bytes in [4096, 8192, 16384, 32768] {
        let mut all: Vec<Buf> = (0..600).map(|_| Buf::of_pool(&pool, bytes)).collect();
        let mut places: Vec<usize> = Vec::new();
        for (i, buf) in all.iter_mut().enumerate() {
            let old = buf.spare_mut().iter().position(|byte| *byte != 0);
            assert_eq!(old, None, "nothing of an earlier owner");
            buf.append(&vec![1 + (i % 250) as u8; bytes]);
            places.push(buf.filled().as_ptr().addr());
        }
        for (i, buf) in all.iter().enumerate() {
            assert!(buf.filled().iter().all(|byte| *byte == 1 + (i % 250) as u8));
        }
        places.sort_unstable();
        assert!(places.iter().all(|place| place.is_multiple_of(4096)));
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= bytes), "no two overlap");
        drop(all);
        assert_eq!((pool.lent_bytes(), pool.free_bytes()), (0, 0));
    }
}

#[test]
fn memory_may_outlive_its_pool() {
    let mut buf = Buf::of_pool(&pool(), 10);
    let range = buf.append(b"late");
    let slice = buf.share(range);
    drop(buf);
    assert_eq!(&slice[..], b"late");
}
