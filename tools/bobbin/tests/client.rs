//! net/client against the broker itself: what the command line does not use, or does not see.

use std::cell::RefCell;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::rc::Rc;
use std::time::Duration;

use engine_base::TopicPartition;
use engine_rt::{Core, CoreConfig};
use net_client::{
    Acks, Address, Admin, Client, ClientOptions, Code, Codec, ConfigOf, Consumer, ConsumerOptions,
    ErrorKind, NewRecord, NewTopic, OffsetQuery, Producer, ProducerOptions,
};

struct Broker {
    child: Child,
    folder: PathBuf,
    address: Address,
}

impl Broker {
    fn start(name: &str) -> Broker {
        let name = format!("client-{name}-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_bobbin"));
        command.args(["start", "--dev", "--listen", "127.0.0.1:0", "--log", "error", "--data"]);
        command.arg(&folder).stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let listeners = lines
            .map(|line| line.expect("text"))
            .find_map(|line| line.trim_start().strip_prefix("listeners").map(str::to_string));
        let listeners = listeners.expect("a banner");
        Broker { child, folder, address: listeners.trim().parse().expect("an address") }
    }

    /// Runs `work` with a client of this broker.
    fn with<F: Future<Output = ()> + 'static>(&self, work: impl FnOnce(Client) -> F) {
        let mut options = ClientOptions::new("test");
        options.brokers = vec![self.address.clone()];
        let ran = engine_rt::run(CoreConfig::default(), |core: Core| {
            let work = work(Client::new(&core, options));
            async move { core.timeout(Duration::from_secs(60), work).await }
        });
        ran.expect("a core").expect("in time");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

async fn create(client: &Client, name: &str, partitions: i32) {
    let topic = NewTopic { name: name.into(), partitions: Some(partitions), ..NewTopic::default() };
    let created = Admin::new(client).create_topics(&[topic], false).await.expect("an answer");
    assert!(created[0].is_ok(), "{created:?}");
}

/// Writes `count` numbers to partition 0 and returns their offsets.
async fn write(client: &Client, topic: &str, count: i64, options: ProducerOptions) -> Vec<i64> {
    let producer = Producer::new(client, options);
    let mut deliveries = Vec::new();
    for n in 0..count {
        let value = n.to_string();
        let record = NewRecord {
            partition: Some(0),
            timestamp: Some(1_000_000 + n),
            value: Some(value.as_bytes()),
            ..NewRecord::default()
        };
        deliveries.push(producer.send(topic, record).await.expect("taken"));
    }
    producer.close().await;
    let mut offsets = Vec::new();
    for delivery in deliveries {
        offsets.push(delivery.await.expect("told").expect("delivered").offset);
    }
    offsets
}

fn place(topic: &str) -> TopicPartition {
    TopicPartition { topic: topic.into(), partition: 0 }
}

#[test]
fn every_acks_level_and_codec() {
    let broker = Broker::start("acks");
    broker.with(|client| async move {
        let codecs = [Codec::None, Codec::Gzip, Codec::Snappy, Codec::Lz4, Codec::Zstd];
        for (i, codec) in codecs.into_iter().enumerate() {
            for acks in [Acks::All, Acks::Leader, Acks::None] {
                let topic = format!("t-{i}-{}", acks.number());
                create(&client, &topic, 1).await;
                let options =
                    ProducerOptions { acks, codec, batch_records: 7, ..ProducerOptions::default() };
                let offsets = write(&client, &topic, 50, options).await;
                match acks {
                    Acks::None => assert!(offsets.iter().all(|offset| *offset == -1)),
                    Acks::All | Acks::Leader => assert!(offsets.into_iter().eq(0..50)),
                }
                let consumer = Consumer::new(&client, ConsumerOptions::default());
                consumer.assign(&topic, 0, 0);
                let mut read = Vec::new();
                while read.len() < 50 {
                    for fetched in consumer.poll().await.expect("records") {
                        read.extend(fetched.records);
                    }
                }
                let values = read.iter().map(|r| r.value.clone().expect("a value"));
                assert!(values.eq((0..50).map(|n: i64| n.to_string().into_bytes())), "{topic}");
            }
        }
    });
}

#[test]
fn offsets_by_time_and_deleted_records() {
    let broker = Broker::start("offsets");
    broker.with(|client| async move {
        create(&client, "t", 1).await;
        let options = ProducerOptions { batch_records: 10, ..ProducerOptions::default() };
        write(&client, "t", 100, options).await;
        let ask = |query| {
            let client = client.clone();
            async move {
                let found = client.list_offsets(&[(place("t"), query)], false).await;
                found.expect("an answer")[0]
            }
        };
        assert_eq!(ask(OffsetQuery::Earliest).await, Some(0));
        assert_eq!(ask(OffsetQuery::Latest).await, Some(100));
        assert_eq!(ask(OffsetQuery::Time(0)).await, Some(0));
        assert_eq!(ask(OffsetQuery::Time(1_000_042)).await, Some(42));
        assert_eq!(ask(OffsetQuery::Time(1_000_100)).await, None);
        assert_eq!(ask(OffsetQuery::MaxTimestamp).await, Some(99));
        let admin = Admin::new(&client);
        assert_eq!(admin.delete_records(&place("t"), 30).await, Ok(30));
        assert_eq!(ask(OffsetQuery::Earliest).await, Some(30));
        let beyond = admin.delete_records(&place("t"), 101).await.expect_err("beyond the end");
        assert_eq!(beyond.kind, ErrorKind::Refused(Code::OFFSET_OUT_OF_RANGE));
        assert_eq!(admin.delete_records(&place("t"), -1).await, Ok(100));

        let consumer = Consumer::new(&client, ConsumerOptions::default());
        consumer.assign("t", 0, 5);
        let gone = consumer.poll().await.expect_err("what was deleted cannot be read");
        assert_eq!(gone.kind, ErrorKind::Refused(Code::OFFSET_OUT_OF_RANGE));
        assert!(gone.next.expect("a step").contains("-o start"));
    });
}

#[test]
fn a_waiting_fetch_is_woken_by_a_record() {
    let broker = Broker::start("waiting");
    broker.with(|client| async move {
        create(&client, "t", 1).await;
        let options =
            ConsumerOptions { wait: Duration::from_secs(20), ..ConsumerOptions::default() };
        let consumer = Consumer::new(&client, options);
        consumer.assign("t", 0, 0);
        let core = client.core().clone();
        let begun = core.now();
        let written = Rc::new(RefCell::new(None));
        let (writer, when, writer_core) = (client.clone(), written.clone(), core.clone());
        core.spawn(engine_rt::Class::Net, "writer", async move {
            writer_core.sleep(Duration::from_millis(300)).await;
            write(&writer, "t", 1, ProducerOptions::default()).await;
            *when.borrow_mut() = Some(writer_core.now());
        });
        while consumer.poll().await.expect("an answer").iter().all(|f| f.records.is_empty()) {}
        let woken = core.now();
        core.sleep(Duration::from_millis(100)).await;
        let written = written.borrow().expect("the writer was answered");
        assert!(written.since(begun) < Duration::from_secs(5), "the write waited for the fetch");
        assert!(woken.since(written) < Duration::from_millis(500), "long after the record");
    });
}

#[test]
fn what_a_topic_and_a_node_are_set_to() {
    let broker = Broker::start("configs");
    broker.with(|client| async move {
        let admin = Admin::new(&client);
        let cluster = admin.describe_cluster().await.expect("a cluster");
        assert_eq!((cluster.nodes.len(), cluster.controller), (1, 0));
        assert_eq!(cluster.id.len(), 22);
        create(&client, "t", 2).await;
        let configs = admin.describe_configs(ConfigOf::Topic, "t").await.expect("configs");
        assert!(configs.iter().any(|c| c.name == "retention.ms" && c.value.is_some()));
        let configs = admin.describe_configs(ConfigOf::Node, "0").await.expect("configs");
        assert!(configs.iter().any(|c| c.name == "log.retention.hours"));
        let absent = admin.describe_configs(ConfigOf::Topic, "absent").await;
        assert_eq!(
            absent.expect_err("no such topic").kind,
            ErrorKind::Refused(Code::UNKNOWN_TOPIC_OR_PARTITION)
        );
        let bad = NewTopic { name: "u".into(), partitions: Some(0), ..NewTopic::default() };
        let refused = admin.create_topics(&[bad], false).await.expect("an answer");
        let refused = refused[0].as_ref().expect_err("no partitions");
        assert_eq!(refused.kind, ErrorKind::Refused(Code(37)));
        assert_eq!(admin.list_topics().await.expect("topics").len(), 1);
    });
}
