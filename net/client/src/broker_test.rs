//! A broker for tests, in the simulated world: one topic, batches kept as they came, and faults on
//! order. It knows nothing of how the client works, only what the protocol says.

use std::cell::{Cell, RefCell};
use std::net::SocketAddr;
use std::rc::Rc;

use crate::group_test::Group;
use engine_base::Uuid;
use engine_record::{BatchView, Rope, stamp};
use engine_rt::{Class, Core, Listen, Slice, Stream};
use net_wire::messages::api_versions::{ApiVersion, ApiVersionsRequest, ApiVersionsResponse};
use net_wire::messages::fetch::{
    FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use net_wire::messages::list_offsets::{
    ListOffsetsPartitionResponse, ListOffsetsRequest, ListOffsetsResponse, ListOffsetsTopicResponse,
};
use net_wire::messages::metadata::{
    MetadataRequest, MetadataResponse, MetadataResponseBroker, MetadataResponsePartition,
    MetadataResponseTopic,
};
use net_wire::messages::produce::{
    PartitionProduceResponse, ProduceRequest, ProduceResponse, TopicProduceResponse,
};
use net_wire::{FrameRange, Message, Reader, Request, RequestHeader, frame};

pub(crate) const TOPIC: &str = "t";

/// What goes wrong, and after how many requests of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The connection is closed instead of an answer.
    Close,
    /// The answer stops in the middle, then the connection is closed.
    Half,
    /// The answer carries another correlation id.
    WrongId,
    /// No answer ever comes.
    Silence,
    /// Every partition of a Produce or Fetch is answered with this code.
    Code(i16),
}

/// A partition's batches, each with its base offset.
type Log = Vec<(i64, Vec<u8>)>;

pub(crate) struct Broker {
    core: Core,
    address: SocketAddr,
    /// By partition.
    pub(crate) logs: RefCell<Vec<Log>>,
    /// Faults by the number of the request that meets them.
    pub(crate) faults: RefCell<Vec<(u64, Fault)>>,
    /// The highest versions offered, where they are not the newest; -1 where none is.
    pub(crate) ceilings: RefCell<Vec<(i16, i16)>>,
    requests: Cell<u64>,
    /// The group whose coordinator it is.
    pub(crate) group: RefCell<Group>,
}

impl Broker {
    pub(crate) fn start(core: &Core, partitions: usize) -> Rc<Broker> {
        let address: SocketAddr = "10.0.0.1:9092".parse().expect("an address");
        let broker = Rc::new(Broker {
            core: core.clone(),
            address,
            logs: RefCell::new(vec![Vec::new(); partitions]),
            faults: RefCell::default(),
            ceilings: RefCell::default(),
            requests: Cell::new(0),
            group: RefCell::default(),
        });
        let listener = core.listen(address, Listen::default()).expect("a free address");
        let accepting = broker.clone();
        core.spawn(Class::Net, "accept", async move {
            loop {
                let (stream, _) = listener.accept().await.expect("a connection");
                let broker = accepting.clone();
                let session = async move { broker.session(stream).await };
                accepting.core.spawn(Class::Net, "session", session);
            }
        });
        broker
    }

    fn topic_id(&self) -> Uuid {
        Uuid([7; 16])
    }

    async fn session(&self, stream: Stream) {
        let mut held: Vec<u8> = Vec::new();
        loop {
            let (received, buf) = stream.recv(self.core.buf(64 * 1024)).await;
            match received {
                Ok(n) if n > 0 => held.extend_from_slice(buf.filled()),
                _ => return,
            }
            while let Some(length) = whole(&held) {
                let request: Vec<u8> = held.drain(..4 + length).skip(4).collect();
                if !self.answer(&stream, &request).await {
                    stream.shutdown();
                    return;
                }
            }
        }
    }

    /// Answers one request; false if the connection is to be closed.
    async fn answer(&self, stream: &Stream, request: &[u8]) -> bool {
        let number = self.requests.get();
        self.requests.set(number + 1);
        let fault = self.fault_of(number);
        let code = match fault {
            Some(Fault::Code(code)) => code,
            _ => 0,
        };
        if fault == Some(Fault::Close) {
            return false;
        }
        let Some(mut response) = self.respond(request, code) else { return true };
        match fault {
            Some(Fault::Silence) => return true,
            Some(Fault::WrongId) => response[7] ^= 0x55,
            Some(Fault::Half) => response.truncate(response.len() / 2),
            _ => {}
        }
        let (sent, _) = stream.send(vec![Slice::of_vec(response)]).await;
        sent.is_ok() && fault != Some(Fault::Half)
    }

    fn fault_of(&self, number: u64) -> Option<Fault> {
        let faults = self.faults.borrow();
        faults.iter().find(|(n, _)| *n == number).map(|(_, fault)| *fault)
    }

    fn respond(&self, request: &[u8], code: i16) -> Option<Vec<u8>> {
        let slices = [request];
        let mut reader = Reader::new(&slices);
        let header = RequestHeader::decode(&mut reader).expect("a header");
        let ceiling = self.ceilings.borrow().iter().find(|c| c.0 == header.api_key).map(|c| c.1);
        let version = header.api_version;
        if header.api_key == 18 && ceiling.is_some_and(|max| version > max) {
            let refused = ApiVersionsResponse { error_code: 35, ..self.versions() };
            return Some(encode::<ApiVersionsRequest>(&refused, 0, header.correlation_id, &[]));
        }
        assert!(ceiling.is_none_or(|max| version <= max), "a version that was not offered");
        let id = header.correlation_id;
        Some(match header.api_key {
            18 => encode::<ApiVersionsRequest>(&self.versions(), version, id, &[]),
            3 => encode::<MetadataRequest>(&self.metadata(&mut reader, version), version, id, &[]),
            0 => {
                let asked = ProduceRequest::decode(&mut reader, version).expect("a request");
                let response = self.produce(&asked, request, code);
                if asked.acks == 0 {
                    return None;
                }
                encode::<ProduceRequest>(&response, version, id, &[])
            }
            1 => {
                let asked = FetchRequest::decode(&mut reader, version).expect("a request");
                let (response, records) = self.fetch(&asked, code);
                let records: Vec<&[u8]> = records.iter().map(Vec::as_slice).collect();
                encode::<FetchRequest>(&response, version, id, &records)
            }
            2 => {
                let asked = ListOffsetsRequest::decode(&mut reader, version).expect("a request");
                encode::<ListOffsetsRequest>(&self.list_offsets(&asked, code), version, id, &[])
            }
            key => {
                let mut group = self.group.borrow_mut();
                group.respond(key, version, id, &mut reader, self.address)
            }
        })
    }

    fn versions(&self) -> ApiVersionsResponse {
        let offered = |key: i16, min: i16, max: i16| {
            let ceiling = self.ceilings.borrow().iter().find(|c| c.0 == key).map_or(max, |c| c.1);
            ApiVersion { api_key: key, min_version: min, max_version: ceiling.min(max) }
        };
        let all = [
            offered(0, 0, 13),
            offered(1, 4, 18),
            offered(2, 1, 11),
            offered(3, 0, 13),
            offered(8, 2, 9),
            offered(9, 1, 9),
            offered(10, 0, 6),
            offered(11, 2, 9),
            offered(12, 0, 4),
            offered(13, 0, 5),
            offered(14, 0, 5),
            offered(18, 0, 4),
        ];
        ApiVersionsResponse {
            api_keys: all.into_iter().filter(|api| api.max_version >= 0).collect(),
            ..ApiVersionsResponse::default()
        }
    }

    fn metadata(&self, reader: &mut Reader<'_>, version: i16) -> MetadataResponse {
        let asked = MetadataRequest::decode(reader, version).expect("a request");
        let topic = |name: Option<String>| {
            let known = name.as_deref() == Some(TOPIC);
            let partition = |index: usize| MetadataResponsePartition {
                partition_index: index as i32,
                leader_epoch: 3,
                replica_nodes: [0].into(),
                isr_nodes: [0].into(),
                ..MetadataResponsePartition::default()
            };
            MetadataResponseTopic {
                error_code: if known { 0 } else { 3 },
                topic_id: if known { self.topic_id() } else { Uuid::ZERO },
                partitions: match known {
                    true => (0..self.logs.borrow().len()).map(partition).collect(),
                    false => Default::default(),
                },
                name,
                ..MetadataResponseTopic::default()
            }
        };
        MetadataResponse {
            brokers: [MetadataResponseBroker {
                host: self.address.ip().to_string(),
                port: i32::from(self.address.port()),
                ..MetadataResponseBroker::default()
            }]
            .into(),
            topics: match asked.topics {
                Some(asked) => asked.into_iter().map(|t| topic(t.name)).collect(),
                None => [topic(Some(TOPIC.into()))].into(),
            },
            ..MetadataResponse::default()
        }
    }

    fn produce(&self, asked: &ProduceRequest, request: &[u8], code: i16) -> ProduceResponse {
        let topic = asked.topic_data.first().expect("a topic");
        let partition = |p: &net_wire::messages::produce::PartitionProduceData| {
            let range = p.records.expect("records");
            let mut batch = request[range.start..range.end()].to_vec();
            let mut logs = self.logs.borrow_mut();
            let log = &mut logs[p.index as usize];
            let base = log.last().map_or(0, |(base, bytes)| base + count(bytes));
            if code == 0 {
                assert_eq!(check(&batch), batch.len(), "one whole batch");
                stamp(&mut batch, base, 3);
                log.push((base, batch));
            }
            PartitionProduceResponse {
                index: p.index,
                error_code: code,
                base_offset: if code == 0 { base } else { -1 },
                ..PartitionProduceResponse::default()
            }
        };
        ProduceResponse {
            responses: [TopicProduceResponse {
                name: topic.name.clone(),
                topic_id: topic.topic_id,
                partition_responses: topic.partition_data.iter().map(partition).collect(),
            }]
            .into(),
            ..ProduceResponse::default()
        }
    }

    fn fetch(&self, asked: &FetchRequest, code: i16) -> (FetchResponse, Vec<Vec<u8>>) {
        let topic = asked.topics.first().expect("a topic");
        let logs = self.logs.borrow();
        let mut records = Vec::new();
        let mut partitions = Vec::new();
        for p in &topic.partitions {
            let log = &logs[p.partition as usize];
            let wanted = |(base, bytes): &&(i64, Vec<u8>)| base + count(bytes) > p.fetch_offset;
            let found = log.iter().find(wanted).map(|(_, bytes)| bytes.clone());
            let found = found.filter(|_| code == 0).unwrap_or_default();
            let end = log.last().map_or(0, |(base, bytes)| base + count(bytes));
            partitions.push(PartitionData {
                partition_index: p.partition,
                error_code: code,
                high_watermark: end,
                records: Some(FrameRange::gap(found.len())),
                ..PartitionData::default()
            });
            if !found.is_empty() {
                records.push(found);
            }
        }
        let response = FetchResponse {
            responses: [FetchableTopicResponse {
                topic: topic.topic.clone(),
                topic_id: topic.topic_id,
                partitions: partitions.into(),
            }]
            .into(),
            ..FetchResponse::default()
        };
        (response, records)
    }

    fn list_offsets(&self, asked: &ListOffsetsRequest, code: i16) -> ListOffsetsResponse {
        let topic = asked.topics.first().expect("a topic");
        let logs = self.logs.borrow();
        let partition = |p: &net_wire::messages::list_offsets::ListOffsetsPartition| {
            let log = &logs[p.partition_index as usize];
            let end = log.last().map_or(0, |(base, bytes)| base + count(bytes));
            ListOffsetsPartitionResponse {
                partition_index: p.partition_index,
                error_code: code,
                offset: if p.timestamp == -2 { 0 } else { end },
                ..ListOffsetsPartitionResponse::default()
            }
        };
        ListOffsetsResponse {
            topics: [ListOffsetsTopicResponse {
                name: topic.name.clone(),
                partitions: topic.partitions.iter().map(partition).collect(),
            }]
            .into(),
            ..ListOffsetsResponse::default()
        }
    }
}

/// The length of the first frame, if it is there whole.
fn whole(held: &[u8]) -> Option<usize> {
    let length = held.get(..4)?;
    let length = u32::from_be_bytes([length[0], length[1], length[2], length[3]]) as usize;
    (held.len() >= 4 + length).then_some(length)
}

pub(crate) fn encode<R: Request>(
    response: &R::Response,
    version: i16,
    id: i32,
    records: &[&[u8]],
) -> Vec<u8> {
    let framed = frame::response(R::API, version, id, |w| response.encode(w, version));
    framed.expect("a frame").join(records)
}

fn count(batch: &[u8]) -> i64 {
    let slices = [batch];
    let view = BatchView::parse(Rope::new(&slices), 0).expect("a batch");
    i64::from(view.header().record_count)
}

fn check(batch: &[u8]) -> usize {
    let slices = [batch];
    let view = BatchView::parse(Rope::new(&slices), 0).expect("a batch");
    view.verify_crc().expect("its checksum");
    view.header().total_bytes()
}
