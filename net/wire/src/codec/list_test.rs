//! Lists behave like vectors and stay in small pieces.

use super::*;

#[test]
fn no_chunk_is_larger_than_one_allocation_may_be() {
    let many: List<u64> = (0..100_000).collect();
    assert_eq!(many.len(), 100_000);
    for chunk in many.chunks() {
        assert!(chunk.capacity() * 8 <= REQUEST_ALLOC_BYTES_MAX, "{}", chunk.capacity());
    }
    let mut bytes = Bytes::new();
    bytes.extend_from_slice(&vec![7; 1_000_000]);
    assert!(bytes.chunks().iter().all(|chunk| chunk.capacity() <= REQUEST_ALLOC_BYTES_MAX));
    assert_eq!(bytes.to_vec(), vec![7; 1_000_000]);
}

#[test]
fn elements_keep_their_order_through_every_way_of_reading() {
    let want: Vec<u64> = (0..50_000).collect();
    let mut list: List<u64> = want.iter().copied().collect();
    assert!(list.iter().eq(&want));
    assert_eq!(list[0], 0);
    assert_eq!(list[49_999], 49_999);
    assert_eq!(list.get(50_000), None);
    assert_eq!(list, *want.as_slice());
    assert_eq!(list, List::from(want.clone()), "however it is cut");
    list[40_000] = 1;
    assert_ne!(list, List::from(want.clone()));
    list[40_000] = 40_000;
    assert_eq!(list.clone().into_iter().collect::<Vec<_>>(), want);
    assert_eq!(list.into_vec(), want);
}

#[test]
fn a_list_is_three_words_and_nullable_for_free() {
    assert_eq!(size_of::<List<String>>(), 24);
    assert_eq!(size_of::<Option<List<String>>>(), 24);
}
