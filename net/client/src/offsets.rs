//! Offsets of partitions: where they begin and end, and where a moment falls.

use std::collections::BTreeMap;
use std::time::Duration;

use engine_base::TopicPartition;
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};

use crate::client::Client;
use crate::code::Code;
use crate::error::{ClientError, ErrorKind};

/// How long a leader may take to know that it leads.
const SETTLE_TIME: Duration = Duration::from_secs(5);

/// Pause before asking again.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// Whether a broker's refusal may be another one's yes, or its own a moment later.
fn passes(error: &ClientError) -> bool {
    matches!(error.kind, ErrorKind::Refused(_)) && error.is_retriable()
}

/// What ListOffsets is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OffsetQuery {
    /// The first record kept.
    Earliest,
    /// One past the last record that may be read.
    Latest,
    /// The first record with this timestamp or a later one, in milliseconds since 1970.
    Time(i64),
    /// The record with the largest timestamp.
    MaxTimestamp,
    /// The first record that is kept on the leader's own disk.
    EarliestLocal,
    /// The last record that was taken to slower storage.
    LatestTiered,
    /// The first record that waits to be taken there.
    EarliestPendingUpload,
}

impl OffsetQuery {
    /// As the protocol has it.
    fn timestamp(self) -> i64 {
        match self {
            OffsetQuery::Earliest => -2,
            OffsetQuery::Latest => -1,
            OffsetQuery::MaxTimestamp => -3,
            OffsetQuery::EarliestLocal => -4,
            OffsetQuery::LatestTiered => -5,
            OffsetQuery::EarliestPendingUpload => -6,
            OffsetQuery::Time(ms) => ms.max(0),
        }
    }
}

impl Client {
    /// The offsets that belong to the queries, in their order. None: no record is that late.
    pub async fn list_offsets(
        &self,
        queries: &[(TopicPartition, OffsetQuery)],
        read_committed: bool,
    ) -> Result<Vec<Option<i64>>, ClientError> {
        // One partition may be asked for twice; a request names it once.
        let mut rounds: Vec<BTreeMap<&TopicPartition, usize>> = Vec::new();
        for (i, (place, _)) in queries.iter().enumerate() {
            match rounds.iter_mut().find(|round| !round.contains_key(place)) {
                Some(round) => drop(round.insert(place, i)),
                None => rounds.push(BTreeMap::from([(place, i)])),
            }
        }
        let mut found = vec![None; queries.len()];
        let patience = self.core().now() + SETTLE_TIME;
        for round in rounds {
            loop {
                let asked = self.ask_round(queries, &round, read_committed, &mut found).await;
                match asked {
                    Ok(()) => break,
                    // Right after a topic's creation, or when a leader moves, what is known of it
                    // is ahead of its leader or behind.
                    Err(error) if passes(&error) && self.core().now() < patience => {
                        self.core().sleep(ASK_AGAIN).await;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(found)
    }

    async fn ask_round(
        &self,
        queries: &[(TopicPartition, OffsetQuery)],
        round: &BTreeMap<&TopicPartition, usize>,
        read_committed: bool,
        found: &mut [Option<i64>],
    ) -> Result<(), ClientError> {
        let mut by_leader: BTreeMap<i32, Vec<usize>> = BTreeMap::new();
        for (place, i) in round {
            let leader = self.leader_of(&place.topic, place.partition).await?;
            by_leader.entry(leader).or_default().push(*i);
        }
        for (leader, asked) in by_leader {
            self.ask_offsets(leader, queries, &asked, read_committed, found).await?;
        }
        Ok(())
    }

    async fn ask_offsets(
        &self,
        leader: i32,
        queries: &[(TopicPartition, OffsetQuery)],
        asked: &[usize],
        read_committed: bool,
        found: &mut [Option<i64>],
    ) -> Result<(), ClientError> {
        let mut topics: BTreeMap<&str, Vec<ListOffsetsPartition>> = BTreeMap::new();
        for i in asked {
            let (place, query) = &queries[*i];
            topics.entry(&place.topic).or_default().push(ListOffsetsPartition {
                partition_index: place.partition,
                timestamp: query.timestamp(),
                ..ListOffsetsPartition::default()
            });
        }
        let request = ListOffsetsRequest {
            replica_id: -1,
            isolation_level: i8::from(read_committed),
            topics: topics
                .into_iter()
                .map(|(name, partitions)| ListOffsetsTopic {
                    name: name.to_string(),
                    partitions: partitions.into(),
                })
                .collect(),
            ..ListOffsetsRequest::default()
        };
        let connection = self.broker(leader).await?;
        let answer = connection.call(&request).await?.response;
        for i in asked {
            let (place, _) = &queries[*i];
            let topic = answer.topics.iter().find(|t| t.name == place.topic);
            let part = topic
                .and_then(|t| t.partitions.iter().find(|p| p.partition_index == place.partition));
            let subject = || format!("{}: ListOffsets of {place}", connection.address());
            match part {
                None => {
                    let what = format!("{}: no answer", subject());
                    return Err(ClientError::new(ErrorKind::Malformed, what));
                }
                Some(part) if part.error_code != 0 => {
                    self.forget_topic(&place.topic);
                    return Err(ClientError::refused(Code(part.error_code), subject(), None));
                }
                Some(part) => found[*i] = (part.offset >= 0).then_some(part.offset),
            }
        }
        Ok(())
    }
}
