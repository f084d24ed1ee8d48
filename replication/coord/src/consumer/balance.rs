//! `uniform` where members read different topics: what is free goes to the least loaded reader,
//! then partitions move from the most to the least loaded one, topic by topic.
//!
//! Kept true: a partition moves only if that evens out its two readers, so it ends; topics with
//! few choices are served first.

use std::collections::{BTreeMap, BTreeSet};

use engine_base::Uuid;

use super::assign::{Question, Shares, shared};
use super::state::Share;

/// How often the topics are gone through at most.
const ROUNDS_MAX: usize = 16;

/// Readers by their load, the least loaded one first.
type ByLoad = BTreeSet<(usize, usize)>;

struct Topic {
    id: Uuid,
    /// Who reads it, by place in the question.
    readers: Vec<usize>,
    /// Who is to have each partition.
    owners: Vec<Option<usize>>,
}

struct Board {
    topics: Vec<Topic>,
    /// How many partitions each reader has.
    load: Vec<usize>,
}

/// Answers a question in which not all read the same.
pub(crate) fn balanced(question: &Question) -> Shares {
    let mut board = Board::of(question);
    board.hand_out();
    board.even_out();
    let mut shares = vec![Share::new(); question.readers.len()];
    for topic in &board.topics {
        for (owner, partition) in topic.owners.iter().zip(0..) {
            let owner = owner.expect("because every partition was handed out");
            shares[owner].entry(topic.id).or_default().insert(partition);
        }
    }
    let readers = question.readers.iter();
    readers.zip(shares).map(|(reader, share)| shared(&reader.before, share)).collect()
}

impl Board {
    fn of(question: &Question) -> Board {
        let mut topics: BTreeMap<Uuid, Topic> = BTreeMap::new();
        let mut load = vec![0; question.readers.len()];
        for (at, reader) in question.readers.iter().enumerate() {
            for id in reader.topics.iter() {
                let size = question.sizes[id].max(0) as usize;
                let (readers, owners) = (Vec::new(), vec![None; size]);
                let fresh = || Topic { id: *id, readers, owners };
                topics.entry(*id).or_insert_with(fresh).readers.push(at);
            }
        }
        for (at, reader) in question.readers.iter().enumerate() {
            for (id, partitions) in reader.before.iter() {
                if reader.topics.binary_search(id).is_err() {
                    continue;
                }
                let topic = topics.get_mut(id).expect("because it has a reader");
                for partition in partitions {
                    let owner = topic.owners.get_mut(*partition as usize);
                    if let Some(owner @ None) = owner {
                        *owner = Some(at);
                        load[at] += 1;
                    }
                }
            }
        }
        let mut topics: Vec<Topic> = topics.into_values().collect();
        // Most partitions for each reader first, then the fewest readers, then by id.
        topics.sort_by(|a, b| {
            let (of_a, of_b) = (a.owners.len() * b.readers.len(), b.owners.len() * a.readers.len());
            of_b.cmp(&of_a).then(a.readers.len().cmp(&b.readers.len())).then(a.id.cmp(&b.id))
        });
        Board { topics, load }
    }

    fn hand_out(&mut self) {
        let Board { topics, load } = self;
        for topic in topics.iter_mut().filter(|topic| topic.owners.contains(&None)) {
            let mut by_load: ByLoad = topic.readers.iter().map(|at| (load[*at], *at)).collect();
            for owner in topic.owners.iter_mut().filter(|owner| owner.is_none()) {
                let (has, at) = by_load.pop_first().expect("because a topic here has readers");
                *owner = Some(at);
                load[at] = has + 1;
                by_load.insert((has + 1, at));
            }
        }
    }

    fn even_out(&mut self) {
        let Board { topics, load } = self;
        // Gone through until a whole round moved nothing.
        let mut still = 0;
        for topic in 0..topics.len() * ROUNDS_MAX {
            if still == topics.len() {
                return;
            }
            let at = topic % topics.len();
            still = if even_out_topic(&mut topics[at], load) { 0 } else { still + 1 };
        }
    }
}

/// Moves partitions of one topic; whether any moved.
fn even_out_topic(topic: &mut Topic, load: &mut [usize]) -> bool {
    let loads = topic.readers.iter().map(|at| load[*at]);
    let (least, most) = (loads.clone().min().unwrap_or(0), loads.max().unwrap_or(0));
    if most - least <= 1 {
        return false;
    }
    let mut by_load: ByLoad = topic.readers.iter().map(|at| (load[*at], *at)).collect();
    // Whoever has partitions of this topic to give, the last ones first.
    let mut to_give: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (partition, owner) in topic.owners.iter().enumerate() {
        let owner = owner.expect("because every partition was handed out");
        to_give.entry(owner).or_default().push(partition);
    }
    let mut givers: ByLoad = to_give.keys().map(|at| (load[*at], *at)).collect();
    let mut moved = false;
    while let Some((most, from)) = givers.pop_last() {
        let (least, to) = *by_load.first().expect("because a topic here has readers");
        if most <= least + 1 {
            break;
        }
        let Some(partition) = to_give.get_mut(&from).and_then(Vec::pop) else { continue };
        topic.owners[partition] = Some(to);
        for (at, has, gets) in [(from, most, most - 1), (to, least, least + 1)] {
            by_load.remove(&(has, at));
            by_load.insert((gets, at));
            load[at] = gets;
        }
        givers.insert((most - 1, from));
        if givers.remove(&(least, to)) {
            givers.insert((least + 1, to));
        }
        moved = true;
    }
    moved
}
