//! Who is to have which partitions: the assignors `uniform` and `range`.
//!
//! Kept true: every partition of a topic that somebody reads goes to exactly one of its readers;
//! `uniform` leaves what it can where it is; equal questions have equal answers.

use std::collections::BTreeMap;
use std::rc::Rc;

use engine_base::Uuid;

use super::balance;
use super::state::Share;

/// A member as an assignor sees it.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    pub(crate) id: Rc<str>,
    pub(crate) instance_id: Option<Rc<str>>,
    /// The topics that it reads, sorted; each is in the question's sizes.
    pub(crate) topics: Rc<[Uuid]>,
    /// What it was to have before.
    pub(crate) before: Rc<Share>,
}

/// What an assignor is asked.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// In the order of ids.
    pub(crate) readers: Vec<Reader>,
    /// How many partitions the topics have.
    pub(crate) sizes: BTreeMap<Uuid, i32>,
}

/// What each reader is to have, in the order of the question.
pub(crate) type Shares = Vec<Rc<Share>>;

/// The assignors by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Assignor {
    Uniform,
    Range,
}

impl Assignor {
    /// The assignor of this name.
    pub(crate) fn named(name: &str) -> Option<Assignor> {
        match name {
            "uniform" => Some(Assignor::Uniform),
            "range" => Some(Assignor::Range),
            _ => None,
        }
    }

    /// Answers.
    pub(crate) fn assign(self, question: &Question) -> Shares {
        match self {
            Assignor::Range => range(question),
            Assignor::Uniform if question.readers.is_empty() => Shares::new(),
            Assignor::Uniform => {
                let first = &question.readers[0].topics;
                let alike =
                    |reader: &Reader| Rc::ptr_eq(&reader.topics, first) || reader.topics == *first;
                match question.readers.iter().all(alike) {
                    true => uniform(question, first),
                    false => balance::balanced(question),
                }
            }
        }
    }
}

/// The new share, or the old one itself if it says the same.
pub(crate) fn shared(before: &Rc<Share>, share: Share) -> Rc<Share> {
    if **before == share { before.clone() } else { Rc::new(share) }
}

/// Partitions in runs: static members first, by their names, the others by their ids.
fn range(question: &Question) -> Shares {
    let mut readers_of: BTreeMap<Uuid, i32> = BTreeMap::new();
    for topic in question.readers.iter().flat_map(|reader| reader.topics.iter()) {
        *readers_of.entry(*topic).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..question.readers.len()).collect();
    order.sort_by_key(|at| {
        let reader = &question.readers[*at];
        (reader.instance_id.is_none(), reader.instance_id.clone(), reader.id.clone())
    });
    // By topic: the next partition, and how many readers were served.
    let mut done: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    let mut shares = vec![Share::new(); question.readers.len()];
    for at in order {
        for topic in question.readers[at].topics.iter() {
            let (size, readers) = (question.sizes[topic], readers_of[topic]);
            let (next, served) = done.entry(*topic).or_default();
            let run = size / readers + i32::from(*served < size % readers);
            if run > 0 {
                shares[at].insert(*topic, (*next..*next + run).collect());
            }
            (*next, *served) = (*next + run, *served + 1);
        }
    }
    let readers = question.readers.iter();
    readers.zip(shares).map(|(reader, share)| shared(&reader.before, share)).collect()
}

/// Everybody reads the same topics: shares differ by one partition at most.
fn uniform(question: &Question, topics: &Rc<[Uuid]>) -> Shares {
    let mut free: BTreeMap<Uuid, Vec<bool>> = BTreeMap::new();
    let mut all = 0;
    for topic in topics.iter() {
        let size = question.sizes[topic].max(0) as usize;
        all += size;
        free.insert(*topic, vec![true; size]);
    }
    let readers = question.readers.len();
    let (least, extra) = (all / readers, all % readers);
    let kept: Vec<usize> = question.readers.iter().map(|reader| kept(reader, &free)).collect();
    let quotas = quotas(&kept, least, extra);
    let mut shares = Vec::with_capacity(readers);
    let mut revoked = Vec::new();
    for (reader, quota) in question.readers.iter().zip(&quotas) {
        let mut share = Share::new();
        let mut left = *quota;
        for (topic, partitions) in reader.before.iter() {
            let Some(free) = free.get_mut(topic) else { continue };
            for partition in partitions {
                let Some(is_free) = free.get_mut(*partition as usize) else { continue };
                // Whatever two were to have before stays with the first of them.
                if !std::mem::replace(is_free, false) {
                    continue;
                }
                if left == 0 {
                    revoked.push((*topic, *partition));
                    continue;
                }
                left -= 1;
                share.entry(*topic).or_default().insert(*partition);
            }
        }
        shares.push((share, left));
    }
    let unassigned = free.iter().flat_map(|(topic, free)| {
        let free = free.iter().zip(0..).filter(|(is_free, _)| **is_free);
        free.map(|(_, partition)| (*topic, partition))
    });
    let mut rest = unassigned.chain(revoked);
    for (share, left) in &mut shares {
        for (topic, partition) in rest.by_ref().take(*left) {
            share.entry(topic).or_default().insert(partition);
        }
    }
    assert!(rest.next().is_none(), "quotas add up to all partitions");
    let shares = shares.into_iter().map(|(share, _)| share);
    question.readers.iter().zip(shares).map(|(one, share)| shared(&one.before, share)).collect()
}

/// How many of its partitions a reader could keep.
fn kept(reader: &Reader, free: &BTreeMap<Uuid, Vec<bool>>) -> usize {
    let kept = reader.before.iter().filter_map(|(topic, partitions)| {
        let size = free.get(topic)?.len();
        Some(partitions.iter().filter(|partition| (**partition as usize) < size).count())
    });
    kept.sum()
}

/// How many partitions each reader gets: one more for those who have more already, then for the
/// first ones.
fn quotas(kept: &[usize], least: usize, mut extra: usize) -> Vec<usize> {
    let mut quotas = vec![least; kept.len()];
    for richer in [true, false] {
        for (quota, kept) in quotas.iter_mut().zip(kept) {
            if extra > 0 && *quota == least && (!richer || *kept > least) {
                *quota += 1;
                extra -= 1;
            }
        }
    }
    quotas
}

#[cfg(test)]
#[path = "assign_test.rs"]
mod assign_test;
