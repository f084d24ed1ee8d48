//! The metadata partition: an ordinary replica with the cluster's machine on top.
//!
//! Kept true: an image is published only when every shard matches it; an answer leaves after that,
//! so whoever was told that a topic exists can produce to it.

use std::cell::RefCell;
use std::rc::Rc;

use engine_base::settings::BrokerConfig;
use engine_base::{Offset, Refusal};
use engine_log::LiveOptions;
use engine_rt::sync::Watch as Value;
use engine_rt::{Class, Core, Task};
use replication_control::{Answer, Cluster, Command, Image};
use replication_machine::Driver;

use crate::command::Position;
use crate::host::{Home, Host};
use crate::shard::Shard;

/// What its log is called in faults.
pub(crate) const NAME: &str = "metadata log";

/// A handle to the cluster's facts. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Metadata(Rc<Inner>);

struct Inner {
    core: Core,
    host: Host<Cluster>,
    /// Every open shard, the metadata's own included, with what its store was opened with.
    shards: Vec<(Shard, LiveOptions)>,
    published: RefCell<Rc<Image>>,
    version: Value<u64>,
}

impl Metadata {
    /// The metadata over its replica, with a machine that has replayed its log.
    pub(crate) fn new(
        home: Home,
        shards: Vec<Shard>,
        driver: RefCell<Driver<Cluster>>,
    ) -> Metadata {
        let core = home.core.clone();
        let host = Host::new(home, driver);
        host.begin();
        let opened_with = |shard: Shard| {
            let live = shard.store.live_options();
            (shard, live)
        };
        let shards = shards.into_iter().map(opened_with).collect();
        Metadata(Rc::new(Inner {
            core,
            host,
            shards,
            published: RefCell::new(Rc::new(Image::default())),
            version: Value::new(0),
        }))
    }

    /// Starts its task.
    pub(crate) fn start(&self) -> Task<()> {
        let metadata = self.clone();
        self.0.core.spawn(Class::Control, "metadata", async move {
            metadata.0.host.run(async || metadata.publish().await).await;
        })
    }

    /// The published image.
    pub(crate) fn image(&self) -> Rc<Image> {
        self.0.published.borrow().clone()
    }

    /// Where its log stands, and where it ends.
    pub(crate) fn position(&self) -> Result<(Position, Offset), Refusal> {
        let Home { shard, partition, .. } = self.0.host.home();
        shard
            .with(*partition, |replica| {
                replica.serve(-1)?;
                Ok((replica.position(), replica.log().end()))
            })
            .flatten()
    }

    /// The hash of the machine's whole state.
    #[cfg(test)]
    pub(crate) fn state_hash(&self) -> u64 {
        use replication_machine::Machine;
        self.0.host.look(Machine::state_hash)
    }

    /// Waits for an image later than `seen`.
    pub(crate) async fn image_changed(&self, seen: u64) -> Rc<Image> {
        loop {
            let version = self.0.version.get();
            if version > seen {
                return self.image();
            }
            self.0.version.changed(version).await;
        }
    }

    /// Asks the machine; the answer leaves after commit and after every shard matches.
    pub(crate) async fn ask(&self, command: Command) -> Result<Answer, Refusal> {
        self.0.host.ask(command).await
    }

    /// Takes no more commands; whoever waits is told.
    pub(crate) fn end(&self, why: &Refusal) {
        self.0.host.end(why);
    }

    /// Lets every shard match the machine's image, then shows the image to everybody.
    pub(crate) async fn publish(&self) {
        let image = self.0.host.look(|cluster| cluster.image().clone());
        let changes = image.changes_since(&self.image());
        let mut due = Vec::new();
        for (shard, usual) in &self.0.shards {
            let live = live(&image.broker, *usual, self.0.shards.len());
            shard.store.set_live_options(live);
            // A shard whose store failed matches nothing and says so itself.
            if let Ok(Some(seq)) = shard.follow(&changes).await {
                due.push((shard, seq));
            }
        }
        for (shard, seq) in due {
            _ = shard.durable(seq).await;
        }
        assert!(image.version >= self.0.version.get(), "images only move forward");
        let version = image.version;
        *self.0.published.borrow_mut() = image;
        self.0.version.set(version);
    }
}

/// The options of one of so many stores: what was set since the start, or else as it was opened.
fn live(broker: &BrokerConfig, usual: LiveOptions, shards: usize) -> LiveOptions {
    let shards = u64::try_from(shards.max(1)).expect("because memory bounds their number");
    let set = |name| broker.given_since(name).and_then(|_| broker.int(name));
    let size = |name| set(name).and_then(|n| u64::try_from(n).ok());
    let rate = broker.given_since("log.cleaner.io.max.bytes.per.second");
    let rate = rate.and_then(|text| text.parse::<f64>().ok()).filter(|rate| *rate > 0.0);
    LiveOptions {
        producer_expiration_ms: set("producer.id.expiration.ms")
            .unwrap_or(usual.producer_expiration_ms),
        compaction_pause_ms: size("log.cleaner.backoff.ms").unwrap_or(usual.compaction_pause_ms),
        compaction_key_bytes: size("log.cleaner.dedupe.buffer.size")
            .map_or(usual.compaction_key_bytes, |bytes| bytes / shards),
        // A number beyond it saturates: Kafka's default is far above.
        compaction_bytes_per_second: rate
            .map_or(usual.compaction_bytes_per_second, |rate| (rate as u64 / shards).max(1)),
    }
}
