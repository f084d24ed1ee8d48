//! The partitions of one Fetch and what was read of them, until it is enough.
//!
//! Kept true: partitions are read in the order of the request, each once, and looked at again only
//! once they moved, so that a wake-up costs what moved and not what is watched; those that are not
//! there are answered after the others, as by Kafka;
//! bytes are granted before they are read, and a fetch that holds some never waits for more, so
//! that two of them cannot wait for each other.

use std::rc::Rc;

use engine_base::{Epoch, Offset, Refusal, Uuid};
use engine_rt::Slice;
use net_wire::messages::fetch::{
    EpochEndOffset, FetchPartition, FetchRequest, FetchResponse, FetchableTopicResponse,
    LeaderIdAndEpoch, NodeEndpoint, PartitionData,
};
use net_wire::{FrameRange, List};
use replication_shard::{
    Isolation, Node, Partition, Position, ReadAnswer, ReadCommand, TopicFacts, Watch,
};

use crate::budget::Grant;
use crate::handle::fetch_twice;
use crate::handle::fetch_wait::Patience;
use crate::handle::granted::Granted;
use crate::handle::leaders::Leaders;
use crate::handle::{Answer, Ask, Pace};
use crate::refusal::fetch_code;
use crate::serve::Server;

/// Topics go by their ids from this version on.
pub(crate) const BY_ID_FROM: i16 = 13;

/// The partitions of one Fetch.
pub(crate) struct Round {
    pub(crate) partitions: Vec<Asked>,
    isolation: Isolation,
    /// How many bytes of batches may be answered; a negative number is refused by each partition.
    bytes_max: Result<usize, Refusal>,
    /// How many are held.
    bytes: usize,
    /// How many count as found.
    counted: usize,
    /// How many partitions are refused.
    refused: usize,
    /// Whether a reader must cut its log first.
    diverging: bool,
    /// Wakes when a partition moves; made for the first wait.
    news: Option<News>,
    /// Whether a session watches what was read.
    pub(crate) is_watched: bool,
    /// What the batches held were granted.
    grant: Option<Grant>,
    /// What the request as a whole was granted.
    pub(super) granted: Rc<Granted>,
    pub(super) patience: Patience,
}

/// What a fetch waits for.
struct News {
    watch: Watch,
    /// Which of the request's partitions each watched one is.
    watched: Vec<usize>,
}

/// A topic as a request names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TopicKey {
    Name(String),
    Id(Uuid),
}

impl TopicKey {
    fn facts(&self, node: &Node) -> Option<Rc<TopicFacts>> {
        let image = node.image();
        match self {
            TopicKey::Name(name) => image.topic(name).cloned(),
            TopicKey::Id(id) => image.topic_by_id(*id).cloned(),
        }
    }

    /// What it is not to be there.
    fn unknown(&self) -> Refusal {
        match self {
            TopicKey::Name(_) => Refusal::UnknownTopicOrPartition,
            TopicKey::Id(_) => Refusal::UnknownTopicId,
        }
    }

    /// Where one of its partitions is.
    pub(crate) fn partition(&self, node: &Node, index: i32) -> Result<Partition, Refusal> {
        let facts = self.facts(node).ok_or_else(|| self.unknown())?;
        node.partition_of(&facts, index)
    }
}

/// What a reader wants of a partition.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Read {
    pub(crate) index: i32,
    pub(crate) offset: Offset,
    current_leader_epoch: Epoch,
    /// The epoch of what the reader had before; -1 where it does not ask whether that still stands.
    last_epoch: Epoch,
    bytes_max: i32,
}

impl Read {
    pub(crate) fn of(asked: &FetchPartition) -> Read {
        Read {
            index: asked.partition,
            offset: asked.fetch_offset,
            // Here, unlike in ListOffsets, every number below zero is none.
            current_leader_epoch: asked.current_leader_epoch.max(-1),
            last_epoch: asked.last_fetched_epoch,
            bytes_max: asked.partition_max_bytes,
        }
    }
}

/// One partition of a Fetch.
pub(crate) struct Asked {
    pub(crate) topic: Rc<TopicKey>,
    pub(crate) read: Read,
    /// Its place in the session, if there is one.
    pub(crate) slot: Option<usize>,
    /// Whether it is answered.
    pub(crate) is_told: bool,
    /// Where it is; a refusal here is one that reading cannot change.
    pub(crate) partition: Result<Partition, Refusal>,
    /// Where the reader's log and this one part.
    diverging: Option<EpochEndOffset>,
    found: Option<Result<ReadAnswer, Refusal>>,
    /// How many bytes count as found, whether they are held or were let go.
    pub(super) counted: usize,
}

impl Round {
    /// The partitions of a full fetch, none of them read.
    pub(crate) fn of(ask: &Ask<FetchRequest>, isolation: Isolation) -> Round {
        let mut round = Round::empty(ask, isolation);
        for topic in &ask.request.topics {
            let key = Rc::new(match ask.version() {
                ..BY_ID_FROM => TopicKey::Name(topic.topic.clone()),
                _ => TopicKey::Id(topic.topic_id),
            });
            let facts = key.facts(ask.node()).ok_or_else(|| key.unknown());
            for asked in &topic.partitions {
                let facts = facts.as_ref().map_err(Refusal::clone);
                let partition =
                    facts.and_then(|facts| ask.node().partition_of(facts, asked.partition));
                round.partitions.push(Asked::new(key.clone(), Read::of(asked), partition));
            }
        }
        fetch_twice::keep_last(&mut round.partitions);
        round.refused = round.partitions.iter().filter(|asked| asked.refusal().is_some()).count();
        round
    }

    /// A fetch of nothing yet.
    pub(crate) fn empty(ask: &Ask<FetchRequest>, isolation: Isolation) -> Round {
        let most = ask.server.options.fetch_bytes_max;
        let bytes_max = usize::try_from(ask.request.max_bytes).map(|bytes| bytes.min(most));
        Round {
            granted: ask.granted.clone(),
            patience: Patience::of(ask, bytes_max.unwrap_or(most)),
            partitions: Vec::new(),
            refused: 0,
            diverging: false,
            news: None,
            is_watched: false,
            isolation,
            bytes_max: bytes_max
                .map_err(|_| Refusal::InvalidRequest("max_bytes is negative".into())),
            bytes: 0,
            counted: 0,
            grant: None,
        }
    }

    /// Puts a partition in.
    pub(crate) fn put(&mut self, asked: Asked) {
        self.refused += usize::from(asked.refusal().is_some());
        self.partitions.push(asked);
    }

    /// Puts those that are not there behind the others, first those whose topic has an id that is
    /// unknown.
    pub(crate) fn put_unknown_last(&mut self) {
        if self.refused > 0 {
            self.partitions.sort_by_key(|asked| match &asked.partition {
                Ok(_) => 0,
                Err(Refusal::UnknownTopicId) => 1,
                Err(_) => 2,
            });
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

    /// About how many bytes the answer takes, without its batches.
    pub(super) fn memory(&self) -> usize {
        memory(self.partitions.len())
    }

    /// Lets the batches go that were found; gives whether there were any.
    pub(super) fn let_go(&mut self) -> bool {
        if self.bytes == 0 {
            return false;
        }
        for found in self.partitions.iter_mut().filter_map(|asked| asked.found.as_mut()) {
            let _refused = found.as_mut().map(|found| found.slices.clear());
        }
        self.bytes = 0;
        self.grant = None;
        true
    }

    /// Waits until a partition moves or its time is over, then reads those that moved and no
    /// others.
    pub(crate) async fn read_news(&mut self, server: &Server) {
        let mut news = match self.news.take() {
            Some(news) => news,
            None => self.news(server),
        };
        self.rest(server, &mut news.watch).await;
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

    /// Reads a partition, for the first time or again.
    pub(crate) async fn read_at(&mut self, server: &Server, at: usize) {
        let Ok(partition) = self.partitions[at].partition else { return };
        match self.partitions[at].found.take() {
            Some(Ok(old)) => self.bytes -= old.bytes(),
            Some(Err(_)) => self.refused -= 1,
            None => {}
        }
        self.counted -= std::mem::take(&mut self.partitions[at].counted);
        let found = self.read_one(server, at, partition).await;
        self.counted += self.partitions[at].counted;
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
        let left = self.bytes_max.clone()?.saturating_sub(self.bytes);
        let bytes_max = usize::try_from(asked.read.bytes_max);
        let negative = || Refusal::InvalidRequest("partition_max_bytes is negative".into());
        let bytes_max = bytes_max.map_err(|_| negative())?.min(left);
        let mut command = ReadCommand {
            partition,
            current_leader_epoch: asked.read.current_leader_epoch,
            offset: asked.read.offset,
            bytes_max,
            at_least_one: self.bytes == 0,
            isolation: self.isolation,
        };
        let is_granted = match &mut self.grant {
            None => {
                self.grant = self.take(server, bytes_max).await;
                self.grant.is_some()
            }
            Some(grant) => grant.grow(bytes_max),
        };
        if !is_granted {
            (command.bytes_max, command.at_least_one) = (0, false);
        }
        let found = server.node.read(command).await?;
        self.partitions[at].counted = self.patience.counted(&command, &found, bytes_max);
        Ok(found)
    }

    /// Where the reader's log and this one part, if they do, and an answer without batches. A
    /// reader whose last epoch was never led here is out of range, as by Kafka.
    fn parted(
        &self,
        server: &Server,
        at: usize,
        partition: Partition,
    ) -> Result<Option<(EpochEndOffset, ReadAnswer)>, Refusal> {
        let Read { last_epoch, offset, current_leader_epoch, .. } = self.partitions[at].read;
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
        self.counted >= bytes_min || self.refused > 0 || self.diverging
    }

    /// The answer, its batches in the order of its gaps.
    pub(crate) fn finish(self, ask: &Ask<FetchRequest>, session_id: i32) -> Answer<FetchResponse> {
        let mut leaders = Leaders::default();
        let mut batches = Vec::new();
        let mut topics = List::new();
        let mut last: Option<(Rc<TopicKey>, List<PartitionData>)> = None;
        for asked in self.partitions.into_iter().filter(|asked| asked.is_told) {
            let is_lost = asked.refusal().is_some_and(Leaders::are_looked_for);
            let facts = if is_lost { asked.topic.facts(ask.node()) } else { None };
            let leader =
                facts.map_or((-1, -1), |facts| leaders.of(&ask.server, &facts, asked.read.index));
            let topic = asked.topic.clone();
            let mut answer = answered(asked, self.isolation, &mut batches);
            answer.current_leader =
                LeaderIdAndEpoch { leader_id: leader.0, leader_epoch: leader.1 };
            // A topic of which nothing is answered is not answered, as by Kafka.
            match &mut last {
                // A session may have learnt of it in several requests.
                Some((before, partitions)) if Rc::ptr_eq(before, &topic) || *before == topic => {
                    partitions.push(answer);
                }
                _ => {
                    let before = last.replace((topic, List::from([answer])));
                    topics.extend(before.map(of_topic));
                }
            }
        }
        topics.extend(last.map(of_topic));
        let endpoints = leaders.endpoints(&ask.server, |node, endpoint| NodeEndpoint {
            node_id: node.id.0,
            host: endpoint.host.clone(),
            port: i32::from(endpoint.port),
            rack: node.rack.clone(),
        });
        let node_endpoints = List::from(endpoints);
        let response =
            FetchResponse { session_id, responses: topics, node_endpoints, ..Default::default() };
        Answer { batches, grant: self.grant, ..response.into() }
    }
}

/// About how many bytes an answer of so many partitions takes, without its batches.
pub(super) fn memory(partitions: usize) -> usize {
    1024 + partitions * size_of::<PartitionData>()
}

fn of_topic((key, partitions): (Rc<TopicKey>, List<PartitionData>)) -> FetchableTopicResponse {
    match &*key {
        TopicKey::Name(name) => {
            FetchableTopicResponse { topic: name.clone(), partitions, ..Default::default() }
        }
        TopicKey::Id(id) => {
            FetchableTopicResponse { topic_id: *id, partitions, ..Default::default() }
        }
    }
}

impl Asked {
    /// A partition that was not read yet.
    pub(crate) fn new(
        topic: Rc<TopicKey>,
        read: Read,
        partition: Result<Partition, Refusal>,
    ) -> Asked {
        Asked {
            topic,
            read,
            slot: None,
            is_told: true,
            partition,
            diverging: None,
            found: None,
            counted: 0,
        }
    }

    /// Why there is nothing of it.
    fn refusal(&self) -> Option<&Refusal> {
        match (&self.partition, &self.found) {
            (Err(no), _) | (Ok(_), Some(Err(no))) => Some(no),
            (Ok(_), _) => None,
        }
    }

    /// What was read, unless it was refused or the reader has to cut its log.
    pub(crate) fn found(&self) -> Option<(Partition, &ReadAnswer)> {
        match (&self.partition, &self.found, &self.diverging) {
            (Ok(partition), Some(Ok(found)), None) => Some((*partition, found)),
            _ => None,
        }
    }
}

fn answered(mut found: Asked, isolation: Isolation, batches: &mut Vec<Slice>) -> PartitionData {
    let partition_index = found.read.index;
    let aborted = match isolation {
        Isolation::ReadUncommitted => None,
        Isolation::ReadCommitted => Some(List::new()),
    };
    let refused = |refusal: &Refusal| PartitionData {
        partition_index,
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
        partition_index,
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
