//! A small world for tests of a whole node: a memory disk, nodes that start on it, short words for
//! what clients do.

use std::future::Future;
use std::path::PathBuf;

use engine_base::{Fault, NodeId, Offset, Refusal};
use engine_record::{BatchBuilder, BatchView, Codec, RecordReader, Rope};
use engine_rt::sim::{Crash, Disk, SimOptions, World};
use engine_rt::{Core, Slice};

use crate::{
    Acks, Endpoint, Isolation, NewTopic, Node, NodeOptions, Partition, ProduceAnswer,
    ProduceCommand, Produced, ReadAnswer, ReadCommand, StoreOptions,
};

/// A disk and the seed of everything that happens on it.
pub(crate) struct Scene {
    pub(crate) disk: Disk,
    seed: u64,
}

/// A store small enough that tests lap its ring.
pub(crate) fn small_store() -> StoreOptions {
    StoreOptions {
        journal_files: 4,
        journal_file_bytes: 256 << 10,
        block_bytes_max: 64 << 10,
        memory_bytes: 4 << 20,
        disk_reserve_bytes: 1 << 20,
        ..StoreOptions::default()
    }
}

/// A node of two shards in one directory.
pub(crate) fn options() -> NodeOptions {
    let mut options = NodeOptions::new(vec![PathBuf::from("/data")], NodeId(0), small_store());
    options.cores = 2;
    options.endpoints =
        vec![Endpoint { listener: "PLAINTEXT".into(), host: "localhost".into(), port: 9092 }];
    options
}

impl Scene {
    pub(crate) fn new(seed: u64) -> Scene {
        Scene { disk: Disk::new(256 << 20, 512), seed }
    }

    /// This disk as it is.
    pub(crate) fn of(disk: Disk, seed: u64) -> Scene {
        Scene { disk, seed }
    }

    /// Runs a task of a fresh process on this disk.
    pub(crate) fn run<T: 'static, F: Future<Output = T> + 'static>(
        &mut self,
        act: impl FnOnce(Core) -> F,
    ) -> T {
        self.seed += 1;
        let world = World::new(self.seed, SimOptions::default());
        let core = world.core(&self.disk);
        let future = act(core.clone());
        let done = world.block_on(&core, future).expect("because a test comes to its end");
        world.kill(&core);
        // What the process handed over lands, whoever comes next.
        self.crash(Crash::Kill);
        done
    }

    /// Runs a task with a node of these options, which is killed (not closed) when the task ends.
    pub(crate) fn with_node<T: 'static, F: Future<Output = T> + 'static>(
        &mut self,
        options: NodeOptions,
        act: impl FnOnce(Core, Node) -> F + 'static,
    ) -> T {
        self.run(|core| async move {
            let node = Node::start(&core, options).await.expect("because nothing is broken");
            act(core, node).await
        })
    }

    /// What a start on this disk comes to.
    pub(crate) fn try_start(&mut self, options: NodeOptions) -> Result<(), Fault> {
        self.run(|core| async move { Node::start(&core, options).await.map(|_| ()) })
    }

    /// The disk as a crash leaves it.
    pub(crate) fn crash(&mut self, crash: Crash) {
        self.seed += 1;
        self.disk = self.disk.crash(self.seed, crash);
    }
}

/// A batch of these values.
pub(crate) fn batch(values: &[&str]) -> Slice {
    let mut batch = BatchBuilder::new();
    for (i, value) in values.iter().enumerate() {
        batch.append(1_000 + i as i64, Some(b"k"), Some(value.as_bytes()), &[]);
    }
    Slice::of_vec(batch.finish(Codec::None))
}

pub(crate) async fn create(node: &Node, name: &str, partitions: i32) {
    create_with(node, name, partitions, &[]).await;
}

pub(crate) async fn create_with(
    node: &Node,
    name: &str,
    partitions: i32,
    configs: &[(&str, &str)],
) {
    let configs = configs.iter().map(|(key, value)| ((*key).into(), Some((*value).into())));
    let topic = NewTopic { partitions, configs: configs.collect(), ..NewTopic::named(name) };
    let answers = node.create_topics(vec![topic], false).await;
    assert!(answers[0].is_ok(), "{answers:?}");
}

pub(crate) fn partition(node: &Node, topic: &str, index: i32) -> Partition {
    node.partition(topic, index).expect("because it was created")
}

/// Hands a batch in.
pub(crate) fn send_as(node: &Node, partition: Partition, batch: Slice, acks: Acks) -> Produced {
    node.produce(ProduceCommand {
        partition,
        batch: batch.into(),
        acks,
        zstd_allowed: true,
        has_transactional_id: false,
    })
}

pub(crate) fn send(node: &Node, partition: Partition, values: &[&str]) -> Produced {
    send_as(node, partition, batch(values), Acks::All)
}

pub(crate) async fn produce(
    node: &Node,
    partition: Partition,
    values: &[&str],
) -> Result<ProduceAnswer, Refusal> {
    send(node, partition, values).await
}

pub(crate) async fn read_at(
    node: &Node,
    partition: Partition,
    offset: Offset,
) -> Result<ReadAnswer, Refusal> {
    node.read(ReadCommand {
        partition,
        current_leader_epoch: -1,
        offset,
        bytes_max: 1 << 20,
        at_least_one: true,
        isolation: Isolation::ReadUncommitted,
    })
    .await
}

/// Every record of an answer: offset, epoch, value.
pub(crate) fn records(answer: &ReadAnswer) -> Vec<(Offset, i32, String)> {
    let pieces: Vec<&[u8]> = answer.slices.iter().map(|slice| &slice[..]).collect();
    let rope = Rope::new(&pieces);
    let (mut at, mut found) = (0, Vec::new());
    while at < rope.len() {
        let batch = BatchView::parse(rope, at).expect("whole batches");
        batch.verify_crc().expect("sound batches");
        let mut reader = RecordReader::new(batch, 1 << 20).expect("records");
        while let Some(record) = reader.next_record() {
            let record = record.expect("a record");
            let value = String::from_utf8_lossy(record.value.unwrap_or(b"")).into_owned();
            found.push((record.offset, batch.header().leader_epoch, value));
        }
        at += batch.header().total_bytes();
    }
    found
}

/// Everything that can be read of a partition, in order, with dense offsets.
pub(crate) async fn read_all(node: &Node, partition: Partition) -> Vec<String> {
    let mut values = Vec::new();
    let mut offset = node.position(partition).expect("it is served").log_start;
    loop {
        let answer = read_at(node, partition, offset).await.expect("a read inside bounds");
        if answer.slices.is_empty() {
            assert_eq!(offset, answer.high_watermark, "only the end is empty");
            return values;
        }
        for (at, _, value) in records(&answer) {
            if at >= offset {
                assert_eq!(at, offset, "offsets are dense");
                offset += 1;
                values.push(value);
            }
        }
        assert!(offset <= answer.high_watermark, "nothing beyond the high watermark");
    }
}
