//! Where a group stands: what it committed, what its members are to read, and what is left, in
//! records and in time. Kept true: a partition that is committed or assigned is in it once; a topic
//! that is gone hides nothing of the others.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use engine_base::TopicPartition;
use net_client::{Client, Consumer, ConsumerOptions, GroupInfo, GroupMember, Groups, OffsetQuery};

use crate::failure::Failure;

/// How long the timestamps of the next records are waited for.
const LOOK_TIME: Duration = Duration::from_secs(5);

/// Bytes of one partition that are read to see its next record.
const LOOK_BYTES: u32 = 4096;

/// A group and its partitions.
pub(crate) struct Standing {
    pub(crate) info: GroupInfo,
    /// By topic and partition.
    pub(crate) rows: Vec<Row>,
}

/// A partition of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) place: TopicPartition,
    /// What was committed, if anything was.
    pub(crate) committed: Option<i64>,
    /// What the committer noted with it.
    pub(crate) note: String,
    /// The leader's epoch of the last record that was read, if that was committed too.
    pub(crate) leader_epoch: Option<i32>,
    /// The first offset kept and one past the last; none where nobody leads.
    pub(crate) bounds: Option<(i64, i64)>,
    /// The age of the first record that is not read, in milliseconds; 0 if there is none.
    pub(crate) behind_ms: Option<i64>,
    /// Who is to read it, as an index of the group's members.
    pub(crate) member: Option<usize>,
}

impl Row {
    /// Records between what was committed and the end.
    pub(crate) fn lag(&self) -> Option<i64> {
        let (start, end) = self.bounds?;
        Some((end - self.committed?.max(start)).max(0))
    }
}

impl Standing {
    /// Asks for all of it.
    pub(crate) async fn find(client: &Client, group: &str) -> Result<Standing, Failure> {
        let mut standing = Standing::without_ages(client, group).await?;
        standing.find_ages(client).await?;
        Ok(standing)
    }

    /// Asks for all of it but the age of what is left, for which records are read.
    pub(crate) async fn without_ages(client: &Client, group: &str) -> Result<Standing, Failure> {
        let groups = Groups::new(client);
        let info = groups.describe(group).await?;
        let mut rows: BTreeMap<TopicPartition, Row> = BTreeMap::new();
        for committed in groups.committed(group).await? {
            let row = rows.entry(committed.place.clone()).or_insert_with(|| row(committed.place));
            row.committed = Some(committed.offset);
            row.note = committed.note;
            row.leader_epoch = Some(committed.leader_epoch).filter(|epoch| *epoch >= 0);
        }
        for (i, member) in info.members.iter().enumerate() {
            for place in member.assigned.iter().flatten() {
                let row = rows.entry(place.clone()).or_insert_with(|| row(place.clone()));
                row.member = Some(i);
            }
        }
        let mut standing = Standing { info, rows: rows.into_values().collect() };
        standing.find_bounds(client).await?;
        Ok(standing)
    }

    async fn find_bounds(&mut self, client: &Client) -> Result<(), Failure> {
        let topics: BTreeSet<String> = self.rows.iter().map(|r| r.place.topic.clone()).collect();
        for topic in topics {
            // A topic that was deleted has no bounds, and its commits stay for a while.
            let Ok(partitions) = client.partitions_of(&topic).await else { continue };
            let of_topic = self.rows.iter_mut().filter(|r| r.place.topic == topic);
            let rows: Vec<&mut Row> = of_topic.filter(|r| r.place.partition < partitions).collect();
            let both = [OffsetQuery::Earliest, OffsetQuery::Latest];
            let queries: Vec<(TopicPartition, OffsetQuery)> =
                rows.iter().flat_map(|r| both.map(|query| (r.place.clone(), query))).collect();
            let answers = client.list_offsets(&queries, false).await?;
            for (row, pair) in rows.into_iter().zip(answers.chunks(2)) {
                if let [Some(start), Some(end)] = pair {
                    row.bounds = Some((*start, *end));
                }
            }
        }
        Ok(())
    }

    /// Reads the first record behind each commit, for its timestamp.
    async fn find_ages(&mut self, client: &Client) -> Result<(), Failure> {
        let options = ConsumerOptions {
            partition_bytes_max: LOOK_BYTES,
            wait: Duration::from_millis(100),
            ..ConsumerOptions::default()
        };
        let consumer = Consumer::new(client, options);
        for row in &mut self.rows {
            match (row.lag(), row.committed, row.bounds) {
                (Some(0), _, _) => row.behind_ms = Some(0),
                (Some(_), Some(committed), Some((start, _))) => {
                    let place = &row.place;
                    consumer.assign(&place.topic, place.partition, committed.max(start));
                }
                _ => {}
            }
        }
        let core = client.core().clone();
        let patience = core.now() + LOOK_TIME;
        while consumer.assigned() > 0 {
            let left = patience - core.now();
            // What could not be read in time is not known; the lag in records still is.
            let Ok(polled) = core.timeout(left, consumer.poll()).await else { break };
            let Ok(polled) = polled else { break };
            for fetched in polled {
                let Some(row) = self.rows.iter_mut().find(|r| r.place == fetched.place) else {
                    continue;
                };
                let first = fetched.records.first();
                if let Some(record) = first.filter(|record| record.timestamp >= 0) {
                    row.behind_ms = Some((core.wall().0 - record.timestamp).max(0));
                }
                // Markers and compacted records are no lag that anybody reads.
                let at_end = row.bounds.is_some_and(|(_, end)| fetched.next >= end);
                if first.is_none() && at_end {
                    row.behind_ms = Some(0);
                }
                if first.is_some() || at_end {
                    consumer.unassign(&fetched.place.topic, fetched.place.partition);
                }
            }
        }
        Ok(())
    }

    /// Records that are left, of all partitions that were committed.
    pub(crate) fn lag(&self) -> i64 {
        self.rows.iter().filter_map(Row::lag).sum()
    }

    /// The largest age of all partitions, if any is known.
    pub(crate) fn behind_ms(&self) -> Option<i64> {
        self.rows.iter().filter_map(|row| row.behind_ms).max()
    }

    /// Members that have nothing to read.
    pub(crate) fn idle(&self) -> impl Iterator<Item = &GroupMember> {
        let members = self.info.members.iter();
        members.filter(|m| m.assigned.as_ref().is_some_and(Vec::is_empty))
    }
}

fn row(place: TopicPartition) -> Row {
    let note = String::new();
    let (committed, bounds, behind_ms, member) = (None, None, None, None);
    Row { place, committed, note, leader_epoch: None, bounds, behind_ms, member }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lag_counts_only_what_is_kept_and_committed() {
        let place = TopicPartition { topic: "t".into(), partition: 0 };
        let at = |committed, bounds| Row { committed, bounds, ..row(place.clone()) }.lag();
        assert_eq!(at(Some(5), Some((0, 12))), Some(7));
        assert_eq!(at(Some(5), Some((8, 12))), Some(4), "what retention took is not left");
        assert_eq!(at(Some(12), Some((0, 12))), Some(0));
        assert_eq!(at(Some(20), Some((0, 12))), Some(0), "a topic that was made anew");
        assert_eq!(at(None, Some((0, 12))), None);
        assert_eq!(at(Some(5), None), None);
    }
}
