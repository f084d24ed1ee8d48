//! What the assignors promise, and the shares that Kafka's own give for the same questions.

use std::collections::BTreeSet;

use super::*;

fn topic(n: u8) -> Uuid {
    Uuid([n; 16])
}

fn share(places: &[(u8, &[i32])]) -> Rc<Share> {
    Rc::new(places.iter().map(|(t, of)| (topic(*t), of.iter().copied().collect())).collect())
}

fn reader(id: &str, topics: &[u8], before: &Rc<Share>) -> Reader {
    let topics = topics.iter().map(|n| topic(*n)).collect();
    Reader { id: id.into(), instance_id: None, topics, before: before.clone() }
}

fn question(sizes: &[(u8, i32)], readers: Vec<Reader>) -> Question {
    Question { readers, sizes: sizes.iter().map(|(t, n)| (topic(*t), *n)).collect() }
}

/// Every partition of a topic that is read goes to one reader of it.
fn check(question: &Question, shares: &Shares) {
    let mut seen = BTreeSet::new();
    for (reader, share) in question.readers.iter().zip(shares) {
        for (topic, partitions) in share.iter() {
            assert!(reader.topics.contains(topic), "{} reads what it gets", reader.id);
            assert!(!partitions.is_empty());
            for partition in partitions {
                assert!((0..question.sizes[topic]).contains(partition));
                assert!(seen.insert((*topic, *partition)), "one owner");
            }
        }
    }
    let read: BTreeSet<&Uuid> = question.readers.iter().flat_map(|r| r.topics.iter()).collect();
    let all: i32 = read.into_iter().map(|topic| question.sizes[topic]).sum();
    assert_eq!(seen.len() as i32, all, "every partition is read");
}

fn assigned(assignor: Assignor, question: &Question) -> Shares {
    let shares = assignor.assign(question);
    check(question, &shares);
    shares
}

fn load(share: &Rc<Share>) -> usize {
    share.values().map(BTreeSet::len).sum()
}

#[test]
fn ranges_are_runs_in_the_order_of_static_names_then_ids() {
    let none = share(&[]);
    let mut readers =
        vec![reader("a", &[1, 2], &none), reader("b", &[1], &none), reader("c", &[1, 2], &none)];
    readers[2].instance_id = Some("i".into());
    let shares = assigned(Assignor::Range, &question(&[(1, 7), (2, 3)], readers));
    // Kafka: c is first, since it is static; extras go to the first.
    assert_eq!(shares[2], share(&[(1, &[0, 1, 2]), (2, &[0, 1])]));
    assert_eq!(shares[0], share(&[(1, &[3, 4]), (2, &[2])]));
    assert_eq!(shares[1], share(&[(1, &[5, 6])]));
}

#[test]
fn more_readers_than_partitions_leave_some_without() {
    let none = share(&[]);
    let readers = || vec![reader("a", &[1], &none), reader("b", &[1], &none)];
    for assignor in [Assignor::Range, Assignor::Uniform] {
        let shares = assigned(assignor, &question(&[(1, 1)], readers()));
        assert_eq!((load(&shares[0]), load(&shares[1])), (1, 0));
        assert_eq!(assigned(assignor, &question(&[(1, 0)], readers()))[0], none);
        assert!(assignor.assign(&question(&[], Vec::new())).is_empty());
    }
}

#[test]
fn uniform_moves_no_more_than_it_must() {
    // As the node of Kafka did it: four partitions, a second member, a third.
    let none = share(&[]);
    let first = assigned(Assignor::Uniform, &question(&[(1, 4)], vec![reader("a", &[1], &none)]));
    assert_eq!(first[0], share(&[(1, &[0, 1, 2, 3])]));
    let two = vec![reader("a", &[1], &first[0]), reader("b", &[1], &none)];
    let second = assigned(Assignor::Uniform, &question(&[(1, 4)], two));
    assert_eq!(second, [share(&[(1, &[0, 1])]), share(&[(1, &[2, 3])])]);
    let three = vec![
        reader("a", &[1], &second[0]),
        reader("b", &[1], &second[1]),
        reader("d", &[1], &none),
    ];
    let third = assigned(Assignor::Uniform, &question(&[(1, 4)], three));
    assert_eq!(third, [share(&[(1, &[0, 1])]), share(&[(1, &[2])]), share(&[(1, &[3])])]);
    // Nothing changed: the shares are the very same ones.
    let again = third.iter().zip(["a", "b", "d"]).map(|(share, id)| reader(id, &[1], share));
    let again = assigned(Assignor::Uniform, &question(&[(1, 4)], again.collect()));
    assert!(again.iter().zip(&third).all(|(one, other)| Rc::ptr_eq(one, other)));
}

#[test]
fn whoever_has_more_already_keeps_the_one_too_many() {
    let (one, two) = (share(&[(1, &[0])]), share(&[(1, &[1, 2])]));
    let readers = vec![reader("a", &[1], &one), reader("b", &[1], &two)];
    let shares = assigned(Assignor::Uniform, &question(&[(1, 3)], readers));
    assert_eq!(shares, [one, two]);
}

#[test]
fn what_is_not_read_any_more_and_what_two_have_is_given_once() {
    let both = share(&[(1, &[0, 1, 9]), (2, &[0])]);
    let readers = vec![reader("a", &[1], &both), reader("b", &[1], &both)];
    let shares = assigned(Assignor::Uniform, &question(&[(1, 4)], readers));
    assert_eq!((load(&shares[0]), load(&shares[1])), (2, 2));
}

/// A small generator: the same on every machine (Marsaglia, "Xorshift RNGs", 2003).
fn dice(seed: &mut u64, below: u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed % below
}

#[test]
fn uniform_over_different_topics_is_as_even_as_it_can_be_and_stays() {
    for seed in 1..200_u64 {
        let mut seed = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut sizes: Vec<(u8, i32)> = Vec::new();
        (1..=6).for_each(|n| sizes.push((n, dice(&mut seed, 9) as i32)));
        let none = share(&[]);
        let mut readers: Vec<Reader> = Vec::new();
        for at in 0..2 + dice(&mut seed, 6) {
            let topics: Vec<u8> = (1..=6).filter(|_| dice(&mut seed, 2) == 0).collect();
            readers.push(reader(&format!("m{at}"), &topics, &none));
        }
        let asked = question(&sizes, readers);
        let shares = assigned(Assignor::Uniform, &asked);
        // No partition could move from one reader of its topic to another and even them out.
        for (from, giver) in shares.iter().enumerate() {
            for (to, taker) in asked.readers.iter().enumerate() {
                let can = giver.keys().any(|topic| taker.topics.contains(topic));
                assert!(!can || load(giver) <= load(&shares[to]) + 1, "{from} {to}");
            }
        }
        let again = asked.readers.iter().zip(&shares);
        let again: Vec<Reader> =
            again.map(|(one, share)| Reader { before: share.clone(), ..one.clone() }).collect();
        assert_eq!(assigned(Assignor::Uniform, &question(&sizes, again)), shares);
    }
}
