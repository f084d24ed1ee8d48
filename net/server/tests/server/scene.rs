//! A small world: one core that serves, one from which clients connect.

use std::cell::RefCell;
use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use engine_base::NodeId;
use engine_record::{BatchBuilder, Codec};
use engine_rt::sim::{Disk, SimOptions, World};
use engine_rt::{Class, Core, Listen};
use net_server::{Notice, ServerCounts, ServerOptions, Serving};
use net_wire::messages::create_topics::{
    CreatableTopic, CreatableTopicConfig, CreateTopicsRequest,
};
use net_wire::messages::fetch::{FetchPartition, FetchRequest, FetchTopic};
use net_wire::messages::produce::{PartitionProduceData, ProduceRequest, TopicProduceData};
use net_wire::{FrameRange, List};
use replication_shard::{Endpoint, Node, NodeOptions, StoreOptions};

use crate::peer::Peer;

/// What a test acts in.
#[derive(Clone)]
pub(crate) struct Scene {
    /// The clients' core.
    pub(crate) core: Core,
    pub(crate) node: Node,
    pub(crate) disk: Disk,
    serving_core: Core,
    address: SocketAddr,
    serving: Rc<RefCell<Option<Serving>>>,
    told: Rc<RefCell<Vec<Notice>>>,
}

/// Plays a test against a server with the usual options.
pub(crate) fn play<F: Future<Output = ()> + 'static>(seed: u64, act: impl FnOnce(Scene) -> F) {
    play_with(seed, |_| (), act);
}

/// Plays a test against a server with some options changed.
pub(crate) fn play_with<F: Future<Output = ()> + 'static>(
    seed: u64,
    change: impl FnOnce(&mut ServerOptions) + 'static,
    act: impl FnOnce(Scene) -> F,
) {
    play_in(World::new(seed, SimOptions::default()), change, act);
}

/// Plays a test in a world where every operation of the disk takes some seconds.
pub(crate) fn play_slowly<F: Future<Output = ()> + 'static>(
    seed: u64,
    act: impl FnOnce(Scene) -> F,
) {
    let disk_delay = Duration::from_secs(3)..Duration::from_secs(4);
    let options = SimOptions { disk_delay, ..SimOptions::default() };
    play_in(World::new(seed, options), |_| (), act);
}

fn play_in<F: Future<Output = ()> + 'static>(
    world: World,
    change: impl FnOnce(&mut ServerOptions) + 'static,
    act: impl FnOnce(Scene) -> F,
) {
    let disk = Disk::new(256 << 20, 512);
    let (serving_core, core) = (world.core(&disk), world.core(&disk));
    let told = Rc::new(RefCell::new(Vec::new()));
    let start = start(serving_core.clone(), change, told.clone());
    let (node, serving, address) =
        world.block_on(&serving_core, start).expect("because nothing is broken");
    let serving = Rc::new(RefCell::new(Some(serving)));
    let scene = Scene { core: core.clone(), node, disk, serving_core, address, serving, told };
    world.block_on(&core, act(scene)).expect("because a test comes to its end");
}

async fn start(
    core: Core,
    change: impl FnOnce(&mut ServerOptions),
    told: Rc<RefCell<Vec<Notice>>>,
) -> (Node, Serving, SocketAddr) {
    let store = StoreOptions {
        journal_files: 4,
        journal_file_bytes: 4 << 20,
        memory_bytes: 32 << 20,
        disk_reserve_bytes: 1 << 20,
        ..StoreOptions::default()
    };
    let mut node = NodeOptions::new(vec![PathBuf::from("/data")], NodeId(0), store);
    node.endpoints =
        vec![Endpoint { listener: "PLAINTEXT".into(), host: "localhost".into(), port: 9092 }];
    node.broker.set("log.retention.ms", "7777777777777").expect("a good value");
    let node = Node::start(&core, node).await.expect("because nothing is broken");
    let any = SocketAddr::from(([127, 0, 0, 1], 9092));
    let listener = core.listen(any, Listen::default()).expect("nobody else listens");
    let address = listener.local_addr();
    let mut options = ServerOptions {
        listen: Rc::new(move |notice| told.borrow_mut().push(notice.clone())),
        ..ServerOptions::default()
    };
    change(&mut options);
    let serving = net_server::serve(&core, vec![listener], node.clone(), options);
    (node, serving, address)
}

impl Scene {
    /// A new connection.
    pub(crate) async fn peer(&self) -> Peer {
        let stream = self.core.connect(self.address).await.expect("somebody listens");
        Peer::new(&self.core, stream)
    }

    /// Orders the server to stop and waits until it has.
    pub(crate) async fn stop(&self) {
        let serving = self.serving.borrow_mut().take().expect("stopped once");
        serving.stop().await;
    }

    /// Another life of the node, served by the usual options.
    pub(crate) async fn again(&self) -> Scene {
        self.stop().await;
        self.node.close().await.expect("because nothing is broken");
        let start = start(self.serving_core.clone(), |_| (), self.told.clone());
        let started = self.serving_core.spawn(Class::Net, "start", start);
        let (node, serving, address) = started.await;
        let serving = Rc::new(RefCell::new(Some(serving)));
        Scene { node, serving, address, ..self.clone() }
    }

    pub(crate) fn counts(&self) -> ServerCounts {
        self.serving.borrow().as_ref().expect("not stopped").counts()
    }

    /// What an operator was told so far.
    pub(crate) fn told(&self) -> Vec<Notice> {
        self.told.borrow().clone()
    }

    /// Creates a topic with some partitions and configs.
    pub(crate) async fn create(&self, name: &str, partitions: i32, configs: &[(&str, &str)]) {
        let config = |(name, value): &(&str, &str)| CreatableTopicConfig {
            name: (*name).to_owned(),
            value: Some((*value).to_owned()),
        };
        let request = CreateTopicsRequest {
            topics: List::from([CreatableTopic {
                name: name.to_owned(),
                num_partitions: partitions,
                replication_factor: 1,
                configs: configs.iter().map(config).collect(),
                ..Default::default()
            }]),
            timeout_ms: 5000,
            validate_only: false,
        };
        let created = self.peer().await.ask(&request, 7).await;
        assert_eq!(created.topics[0].error_code, 0, "{created:?}");
    }

    /// Produces one batch of values to a partition; gives the offset of the first.
    pub(crate) async fn produce(&self, topic: &str, partition: i32, values: &[&str]) -> i64 {
        let bytes = batch(values);
        let request = produce_request(topic, partition, bytes.len());
        let answer = self.peer().await.ask_with(&request, 9, &[&bytes]).await;
        let answer = &answer.responses[0].partition_responses[0];
        assert_eq!(answer.error_code, 0, "{answer:?}");
        answer.base_offset
    }
}

/// A batch of these values, without keys.
pub(crate) fn batch(values: &[&str]) -> Vec<u8> {
    batch_in(Codec::None, values)
}

/// A compressed batch of these values.
pub(crate) fn batch_in(codec: Codec, values: &[&str]) -> Vec<u8> {
    let mut builder = BatchBuilder::new();
    for value in values {
        builder.append(1_700_000_000_000, None, Some(value.as_bytes()), &[]);
    }
    builder.finish(codec)
}

/// A Produce with acks=all of one batch.
pub(crate) fn produce_request(topic: &str, partition: i32, bytes: usize) -> ProduceRequest {
    ProduceRequest {
        transactional_id: None,
        acks: -1,
        timeout_ms: 5000,
        topic_data: List::from([TopicProduceData {
            name: topic.to_owned(),
            partition_data: List::from([PartitionProduceData {
                index: partition,
                records: Some(FrameRange::gap(bytes)),
            }]),
            ..Default::default()
        }]),
    }
}

/// A Fetch of one partition that does not wait.
pub(crate) fn fetch_request(topic: &str, partition: i32, offset: i64) -> FetchRequest {
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 0,
        min_bytes: 1,
        max_bytes: 1 << 20,
        session_epoch: -1,
        topics: List::from([FetchTopic {
            topic: topic.to_owned(),
            partitions: List::from([fetch_partition(partition, offset)]),
            ..Default::default()
        }]),
        ..Default::default()
    }
}

pub(crate) fn fetch_partition(partition: i32, offset: i64) -> FetchPartition {
    FetchPartition {
        partition,
        fetch_offset: offset,
        current_leader_epoch: -1,
        partition_max_bytes: 1 << 20,
        ..Default::default()
    }
}
