//! The partitions of one Fetch and what was read of them, until it is enough.
//!
//! Kept true: partitions are read in the order of the request, and looked at again only once they
//! moved, so that a wake-up costs what moved and not what is watched;
//! bytes are granted before they are read, and a fetch that holds some never waits for more, so
//! that two of them cannot wait for each other.

use std::future::Future;
use std::rc::Rc;

use engine_base::{Epoch, Offset, Refusal};
use engine_rt::Slice;
use engine_rt::sync::race;
use net_wire::messages::fetch::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchTopic,
    FetchableTopicResponse, LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use net_wire::{FrameRange, List};
use replication_shard::{
    Isolation, Partition, Position, ReadAnswer, ReadCommand, TopicFacts, Watch,
};

use crate::budget::Grant;
use crate::handle::leaders::Leaders;
use crate::handle::{Answer, Ask, Pace};
use crate::refusal::fetch_code;
use crate::serve::Server;

/// Topics go by their ids from this version on.
pub(crate) const BY_ID_FROM: i16 = 13;

/// The partitions of one Fetch.
pub(crate) struct Round {
    partitions: Vec<Asked>,
    isolation: Isolation,
    /// How many bytes of batches may be answered.
    bytes_max: usize,
    /// How many were found.
    bytes: usize,
    /// How many partitions are refused.
    refused: usize,
    /// Whether a reader must cut its log first.
    diverging: bool,
    /// Wakes when a partition moves; made for the first wait.
    news: Option<News>,
    /// What the batches found were granted.
    grant: Option<Grant>,
}

/// What a fetch waits for.
struct News {
    watch: Watch,
    /// Which of the request's partitions each watched one is.
    watched: Vec<usize>,
}

/// One partition of a Fetch.
struct Asked {
    /// Where it is; a refusal here is one that reading cannot change.
    partition: Result<Partition, Refusal>,
    current_leader_epoch: i32,
    offset: Offset,
    /// The epoch of what the reader had before; -1 where it does not ask whether that still stands.
    last_epoch: Epoch,
    /// Where the reader's log and this one part.
    diverging: Option<EpochEndOffset>,
    bytes_max: Result<usize, Refusal>,
    found: Option<Result<ReadAnswer, Refusal>>,
}

impl Round {
    /// The partitions of a request, none of them read.
    pub(crate) fn of(ask: &Ask<FetchRequest>, isolation: Isolation) -> Round {
        let mut partitions = Vec::new();
        for topic in &ask.request.topics {
            let unknown = match ask.version() {
                ..BY_ID_FROM => Refusal::UnknownTopicOrPartition,
                _ => Refusal::UnknownTopicId,
            };
            let facts = topic_facts(ask, topic).ok_or(unknown);
            for asked in &topic.partitions {
                let facts = facts.as_ref().map_err(Refusal::clone);
                let partition =
                    facts.and_then(|facts| ask.node().partition_of(facts, asked.partition));
                partitions.push(Asked::of(asked, partition));
            }
        }
        let most = ask.server.options.fetch_bytes_max;
        let refused = partitions.iter().filter(|asked| asked.refusal().is_some()).count();
        Round {
            partitions,
            refused,
            diverging: false,
            news: None,
            isolation,
            bytes_max: usize::try_from(ask.request.max_bytes).unwrap_or(0).min(most),
            bytes: 0,
            grant: None,
        }
    }

    /// Reads every partition, each for the first time.
    pub(crate) async fn read(&mut self, server: &Server) {
        let mut pace = Pace::default();
        for at in 0..self.partitions.len() {
            pace.step(&server.core).await;
            self.read_at(server, at).await;
        }
    }

    /// Waits until a partition moves, or for `end`, then reads those that moved and no others.
    pub(crate) async fn read_news(&mut self, server: &Server, end: impl Future) {
        let mut news = match self.news.take() {
            Some(news) => news,
            None => self.news(server),
        };
        race(&mut news.watch, end).await;
        let mut pace = Pace::default();
        for at in news.watch.take_moved() {
            pace.step(&server.core).await;
            let asked = news.watched[at];
            self.read_at(server, asked).await;
            if let Some(Ok(found)) = &self.partitions[asked].found {
                news.watch.again(at, found.high_watermark);
            }
        }
        self.news = Some(news);
    }

    /// Watches every partition that was read.
    fn news(&self, server: &Server) -> News {
        let (mut watched, mut seen) = (Vec::new(), Vec::new());
        for (at, asked) in self.partitions.iter().enumerate() {
            if let (Ok(partition), Some(Ok(found))) = (&asked.partition, &asked.found) {
                watched.push(at);
                seen.push((*partition, found.high_watermark));
            }
        }
        News { watch: server.node.watch(&seen), watched }
    }

    async fn read_at(&mut self, server: &Server, at: usize) {
        let Ok(partition) = self.partitions[at].partition else { return };
        if let Some(Ok(old)) = self.partitions[at].found.take() {
            self.bytes -= old.bytes();
        }
        let found = self.read_one(server, at, partition).await;
        match &found {
            Ok(found) => self.bytes += found.bytes(),
            Err(_) => self.refused += 1,
        }
        self.partitions[at].found = Some(found);
        self.settle_grant();
    }

    async fn read_one(
        &mut self,
        server: &Server,
        at: usize,
        partition: Partition,
    ) -> Result<ReadAnswer, Refusal> {
        if let Some((parted, nothing)) = self.parted(server, at, partition)? {
            self.partitions[at].diverging = Some(parted);
            self.diverging = true;
            return Ok(nothing);
        }
        let asked = &self.partitions[at];
        let left = self.bytes_max.saturating_sub(self.bytes);
        let bytes_max = asked.bytes_max.clone()?.min(left);
        let mut command = ReadCommand {
            partition,
            current_leader_epoch: asked.current_leader_epoch,
            offset: asked.offset,
            bytes_max,
            at_least_one: self.bytes == 0,
            isolation: self.isolation,
        };
        match &mut self.grant {
            None => self.grant = Some(server.batches.take(bytes_max).await),
            Some(grant) => {
                if !grant.grow(bytes_max) {
                    command.bytes_max = 0;
                }
            }
        }
        server.node.read(command).await
    }

    /// Where the reader's log and this one part, if they do, and an answer without batches. A
    /// reader whose last epoch was never led here is out of range, as by Kafka.
    fn parted(
        &self,
        server: &Server,
        at: usize,
        partition: Partition,
    ) -> Result<Option<(EpochEndOffset, ReadAnswer)>, Refusal> {
        let Asked { last_epoch, offset, current_leader_epoch, .. } = self.partitions[at];
        if last_epoch < 0 {
            return Ok(None);
        }
        let node = &server.node;
        let (epoch, end_offset) = node.end_of_epoch(partition, current_leader_epoch, last_epoch)?;
        let Position { log_start, high_watermark, last_stable, .. } = node.position(partition)?;
        if epoch < 0 || end_offset < 0 {
            return Err(Refusal::OffsetOutOfRange { start: log_start, end: high_watermark });
        }
        if epoch >= last_epoch && end_offset >= offset {
            return Ok(None);
        }
        let nothing = ReadAnswer { slices: Vec::new(), high_watermark, last_stable, log_start };
        Ok(Some((EpochEndOffset { epoch, end_offset }, nothing)))
    }

    /// Gives back what was granted and not found.
    fn settle_grant(&mut self) {
        match &mut self.grant {
            Some(_) if self.bytes == 0 => self.grant = None,
            Some(grant) => grant.settle(self.bytes),
            None => (),
        }
    }

    /// Whether the answer need not wait for more.
    pub(crate) fn is_enough(&self, bytes_min: usize) -> bool {
        let is_settled = self.refused > 0 || self.diverging || self.partitions.is_empty();
        self.bytes >= bytes_min || is_settled
    }

    /// The answer, its batches in the order of its gaps.
    pub(crate) fn finish(self, ask: &Ask<FetchRequest>) -> Answer<FetchResponse> {
        let mut leaders = Leaders::default();
        let mut batches = Vec::new();
        let mut found = self.partitions.into_iter();
        let mut topics = List::new();
        for topic in &ask.request.topics {
            let facts = topic_facts(ask, topic);
            let mut partitions = List::new();
            for (asked, found) in topic.partitions.iter().zip(&mut found) {
                let refusal = found.refusal().filter(|no| Leaders::are_looked_for(no));
                let leader = match (refusal, &facts) {
                    (Some(_), Some(facts)) => leaders.of(&ask.server, facts, asked.partition),
                    _ => (-1, -1),
                };
                let mut answer = answered(asked, found, self.isolation, &mut batches);
                answer.current_leader =
                    LeaderIdAndEpoch { leader_id: leader.0, leader_epoch: leader.1 };
                partitions.push(answer);
            }
            // A topic of which nothing is asked is not answered, as by Kafka.
            if partitions.is_empty() {
                continue;
            }
            topics.push(FetchableTopicResponse {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partitions,
            });
        }
        let endpoints = leaders.endpoints(&ask.server, |node, endpoint| NodeEndpoint {
            node_id: node.id.0,
            host: endpoint.host.clone(),
            port: i32::from(endpoint.port),
            rack: node.rack.clone(),
        });
        let node_endpoints = List::from(endpoints);
        let response = FetchResponse { responses: topics, node_endpoints, ..Default::default() };
        Answer { batches, grant: self.grant, ..response.into() }
    }
}

fn topic_facts(ask: &Ask<FetchRequest>, topic: &FetchTopic) -> Option<Rc<TopicFacts>> {
    let image = ask.node().image();
    match ask.version() {
        ..BY_ID_FROM => image.topic(&topic.topic).cloned(),
        _ => image.topic_by_id(topic.topic_id).cloned(),
    }
}

impl Asked {
    /// Why there is nothing of it.
    fn refusal(&self) -> Option<&Refusal> {
        match (&self.partition, &self.found) {
            (Err(no), _) | (Ok(_), Some(Err(no))) => Some(no),
            (Ok(_), _) => None,
        }
    }

    fn of(asked: &FetchPartition, partition: Result<Partition, Refusal>) -> Asked {
        Asked {
            partition,
            // Here, unlike in ListOffsets, every number below zero is none.
            current_leader_epoch: asked.current_leader_epoch.max(-1),
            offset: asked.fetch_offset,
            last_epoch: asked.last_fetched_epoch,
            diverging: None,
            bytes_max: usize::try_from(asked.partition_max_bytes)
                .map_err(|_| Refusal::InvalidRequest("partition_max_bytes is negative".into())),
            found: None,
        }
    }
}

fn answered(
    asked: &FetchPartition,
    mut found: Asked,
    isolation: Isolation,
    batches: &mut Vec<Slice>,
) -> PartitionData {
    let aborted = match isolation {
        Isolation::ReadUncommitted => None,
        Isolation::ReadCommitted => Some(List::new()),
    };
    let refused = |refusal: &Refusal| PartitionData {
        partition_index: asked.partition,
        error_code: fetch_code(refusal).0,
        high_watermark: -1,
        records: Some(FrameRange::gap(0)),
        ..Default::default()
    };
    let diverging_epoch = found.diverging.take().unwrap_or_default();
    let found = match (found.partition, found.found) {
        // Like Kafka: no null where the partition is not even known.
        (Err(no), _) => {
            return PartitionData { aborted_transactions: Some(List::new()), ..refused(&no) };
        }
        // Nor any list for a reader that is out of range.
        (Ok(_), Some(Err(no @ Refusal::OffsetOutOfRange { .. }))) => return refused(&no),
        (Ok(_), Some(Err(no))) => {
            return PartitionData { aborted_transactions: aborted, ..refused(&no) };
        }
        (Ok(_), Some(Ok(found))) => found,
        (Ok(_), None) => unreachable!("every partition is read before the answer"),
    };
    let bytes = found.bytes();
    batches.extend(found.slices);
    PartitionData {
        partition_index: asked.partition,
        error_code: 0,
        high_watermark: found.high_watermark,
        last_stable_offset: found.last_stable,
        log_start_offset: found.log_start,
        diverging_epoch,
        aborted_transactions: aborted,
        records: Some(FrameRange::gap(bytes)),
        ..Default::default()
    }
}
