//! A Fetch that names a partition twice.
//!
//! Kept true: it is answered once, in the place where it was named first, to what was asked of it
//! last, as by a Kafka 4.3.1 node; a request of few partitions, or of ascending ones, allocates
//! nothing here, and no request costs more than sorting its partitions.

use std::cmp::Ordering;

use crate::handle::fetch_round::{Asked, TopicKey};

/// So few are compared each with each.
const FEW: usize = 16;

/// Keeps of each partition what was asked last, in the place where it was named first.
pub(crate) fn keep_last(asked: &mut Vec<Asked>) {
    let is_ascending = asked.is_sorted_by(|one, next| compare(one, next) == Ordering::Less);
    if is_ascending || asked.len() <= FEW && !has_pair(asked) {
        return;
    }
    let mut places: Vec<usize> = (0..asked.len()).collect();
    // Each partition's places stand together, the first of them first.
    places
        .sort_unstable_by(|one, other| compare(&asked[*one], &asked[*other]).then(one.cmp(other)));
    let is_same = |one: &usize, other: &usize| compare(&asked[*one], &asked[*other]).is_eq();
    let mut is_kept = vec![true; asked.len()];
    let mut again = Vec::new();
    for same in places.chunk_by(is_same).filter(|same| same.len() > 1) {
        again.push((same[0], asked[same[same.len() - 1]].read));
        same[1..].iter().for_each(|place| is_kept[*place] = false);
    }
    for (first, read) in again {
        asked[first].read = read;
    }
    let mut kept = is_kept.iter();
    asked.retain(|_| *kept.next().expect("because there is one for each"));
}

fn has_pair(asked: &[Asked]) -> bool {
    let behind = |at: usize| asked[at + 1..].iter();
    (0..asked.len()).any(|at| behind(at).any(|other| compare(&asked[at], other).is_eq()))
}

/// Those that are there by their logs, which are numbers; the others by what they were called.
fn compare(one: &Asked, other: &Asked) -> Ordering {
    fn name(asked: &Asked) -> (&TopicKey, i32) {
        (&asked.topic, asked.read.index)
    }
    match (&one.partition, &other.partition) {
        (Ok(one), Ok(other)) => one.log().cmp(&other.log()),
        (Ok(_), Err(_)) => Ordering::Less,
        (Err(_), Ok(_)) => Ordering::Greater,
        (Err(_), Err(_)) => name(one).cmp(&name(other)),
    }
}
