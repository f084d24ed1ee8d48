//! A Produce that names a partition twice.
//!
//! Kept true: the last batch counts and the others are as if they had not come, as by a Kafka 4.3.1
//! node; a request that names one partition costs nothing here.

use std::collections::{BTreeMap, BTreeSet};

use net_wire::produce_view::{ProduceStep, ProduceView};

/// The partitions that are named again later, by their place among all partitions of the request.
pub(crate) fn superseded(view: &ProduceView<'_>) -> BTreeSet<usize> {
    let partitions = view.steps().filter(|step| matches!(step, ProduceStep::Partition(_)));
    if partitions.take(2).count() < 2 {
        return BTreeSet::new();
    }
    let mut topics = BTreeMap::new();
    let mut topic = 0;
    let mut places = Vec::new();
    for step in view.steps() {
        match step {
            ProduceStep::Topic(asked) => {
                let next = topics.len();
                topic = *topics.entry(asked.key).or_insert(next);
            }
            ProduceStep::Partition(asked) => places.push((topic, asked.index, places.len())),
        }
    }
    places.sort_unstable();
    let again = places.windows(2).filter(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1));
    again.map(|two| two[0].2).collect()
}
