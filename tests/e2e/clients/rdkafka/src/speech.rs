//! What this program says and how, as python/speech.py tells of all of these programs; and the
//! library's clients, whose warnings and errors go to standard error.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, ConsumerContext, Rebalance};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Headers, Message};
use rdkafka::producer::{DeliveryResult, ProducerContext};
use serde_json::{Value, json};

pub type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Prints a line.
pub fn say(line: Value) {
    println!("{line}");
}

/// Prints a record.
pub fn say_record(record: &BorrowedMessage<'_>) {
    let text =
        |bytes: Option<&[u8]>| bytes.map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let headers = record.headers().map(|headers| headers.iter().collect::<Vec<_>>());
    let headers: serde_json::Map<String, Value> = headers
        .unwrap_or_default()
        .into_iter()
        .map(|header| (header.key.to_owned(), json!(text(header.value))))
        .collect();
    say(json!({
        "partition": record.partition(), "offset": record.offset(), "key": text(record.key()),
        "value": text(record.payload()), "headers": headers,
        "timestamp": record.timestamp().to_millis(),
    }));
}

/// What record `number` of a writer holds: key, value.
pub fn body(prefix: &str, number: usize) -> (String, String) {
    let key = format!("{prefix}-{number}");
    let value = format!("{key}:{}", "x".repeat(100));
    (key, value)
}

/// Set when standard input ends.
pub fn stdin_closed() -> Arc<AtomicBool> {
    let closed = Arc::new(AtomicBool::new(false));
    let told = closed.clone();
    std::thread::spawn(move || {
        let mut rest = Vec::new();
        std::io::stdin().read_to_end(&mut rest).ok();
        told.store(true, Ordering::Relaxed);
    });
    closed
}

/// Asks until it is so.
pub fn until(what: &str, mut is: impl FnMut() -> Fallible<bool>) -> Fallible<()> {
    let begun = Instant::now();
    while !is()? {
        if begun.elapsed() > Duration::from_secs(20) {
            return Err(format!("not within 20 s: {what}").into());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// Passes the library's warnings and errors on, counts what was delivered, and tells what is
/// assigned and revoked if it is to.
#[derive(Default)]
pub struct Told {
    pub tells: bool,
    pub delivered: std::sync::atomic::AtomicUsize,
}

impl ClientContext for Told {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        if (level as i32) <= RDKafkaLogLevel::Warning as i32 {
            eprintln!("{level:?} {facility} {message}");
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        eprintln!("{error}: {reason}");
    }
}

impl ConsumerContext for Told {
    // Before: the partitions are this member's as soon as it says so, and no longer once it has.
    fn pre_rebalance(&self, _: &BaseConsumer<Self>, change: &Rebalance<'_>) {
        let (word, list) = match change {
            Rebalance::Assign(list) => ("assigned", list),
            Rebalance::Revoke(list) => ("revoked", list),
            Rebalance::Error(error) => return eprintln!("{error}"),
        };
        let partitions: Vec<i32> = list.elements().iter().map(|one| one.partition()).collect();
        if self.tells {
            say(json!({ word: partitions }));
        }
    }
}

impl ProducerContext for Told {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, _: ()) {
        match result {
            Ok(_) => drop(self.delivered.fetch_add(1, Ordering::Relaxed)),
            Err((error, _)) => eprintln!("{error}"),
        }
    }
}

/// Settings of a client; defaults but the log's level, and a name, by which the broker's log tells
/// it from kcat.
pub fn config(bootstrap: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap).set("client.id", "rust-rdkafka");
    config.set_log_level(RDKafkaLogLevel::Warning);
    config
}
