//! Apache Kafka and Bobbin, asked the same: one corpus of requests is played to both, and what they
//! answered is compared field by field.
//!
//! Kept true: every answer is decoded in full before it is compared; what may differ is a list
//! ([`differences`]) in which each entry has its reason and must be needed; ids, ports and the
//! order of what has no order are made the same on both sides and nothing else is.

#[allow(dead_code)]
#[path = "../../../net/wire/tests/messages/dice.rs"]
mod dice;
#[allow(dead_code, unreachable_pub)]
#[path = "../../../net/wire/tests/messages/generated/mod.rs"]
mod generated;
#[allow(dead_code)]
#[path = "../../../net/wire/tests/messages/sample.rs"]
mod sample;

mod batches;
mod compare;
mod corpus;
mod differences;
mod kafka;
mod names;
mod side;

use anyhow::Result;
use tests_e2e::Folder;
use tests_e2e::broker::Setup;

use compare::Verdict;
use kafka::Kafka;
use side::Side;

/// What both brokers are told beside where they listen. Records are older than a week: they stay.
const PROPERTIES: &[&str] = &[
    "offsets.topic.replication.factor=1",
    "transaction.state.log.replication.factor=1",
    "transaction.state.log.min.isr=1",
    "share.coordinator.state.topic.replication.factor=1",
    "share.coordinator.state.topic.min.isr=1",
    "group.initial.rebalance.delay.ms=0",
    "group.consumer.assignment.interval.ms=0",
    "group.min.session.timeout.ms=100",
    "log.retention.ms=-1",
];

/// What Bobbin alone is told: to open compressed batches as Kafka always does, and what Kafka's
/// node cannot be without.
const OURS: &[&str] = &[
    "record.validation=full",
    "process.roles=broker,controller",
    "controller.listener.names=CONTROLLER",
    "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
];

/// Which parts of the corpus are played, by name with spaces between; all where it is not set.
const PARTS_VARIABLE: &str = "BOBBIN_ORACLE_PARTS";

/// Plays the corpus to both brokers; gives what differs beyond the list, a line each, and prints
/// what was compared.
///
/// # Errors
/// When a broker does not start, or answers with what cannot be decoded.
pub fn compare_brokers(folder: &Folder) -> Result<Vec<String>> {
    let parts = std::env::var(PARTS_VARIABLE).unwrap_or_default();
    let parts: Vec<String> = parts.split_whitespace().map(str::to_owned).collect();
    compare_told(folder, &[], parts.is_empty(), |side| corpus::play(side, &parts))
}

/// Lets both brokers compact the same records; gives what differs of what is left, a line each.
///
/// # Errors
/// When a broker does not start, refuses what is in order, or does not compact in time.
pub fn compare_compaction(folder: &Folder) -> Result<Vec<String>> {
    let moment = corpus::compaction::now_ms()?;
    compare_told(folder, corpus::compaction::PROPERTIES, false, |side| {
        corpus::compaction::play(side, moment)
    })
}

/// Starts both brokers with these properties more, asks both the same and compares; `all`: the
/// whole corpus is played.
fn compare_told(
    folder: &Folder,
    more: &[&str],
    all: bool,
    mut play: impl FnMut(&mut Side) -> Result<()>,
) -> Result<Vec<String>> {
    let told: Vec<&str> = PROPERTIES.iter().chain(more).copied().collect();
    let kafka = Kafka::start(folder, &told)?;
    let quorum = format!("controller.quorum.bootstrap.servers={}", kafka.controller);
    let properties = told.iter().chain(OURS).copied().chain([&*quorum]);
    let arguments = properties.flat_map(|property| ["-X", property]);
    let bobbin = arguments.fold(Setup::new(folder)?, Setup::with).start()?;
    let sides = [
        ("kafka", kafka.bootstrap(), folder.path("kafka-data")),
        ("bobbin", bobbin.bootstrap(), folder.path("data")),
    ];
    let mut transcripts = Vec::new();
    for (name, bootstrap, data) in sides {
        let mut side = Side::new(name, bootstrap)?;
        side.call(&data.display().to_string(), "DATA");
        // Kafka's controller has a listener of its own.
        side.call(&format!(",CONTROLLER://{}", kafka.controller), "");
        // Who is told nothing listens everywhere, or on the loopback.
        side.call("PLAINTEXT://:9092", "PLAINTEXT://127.0.0.1:9092");
        // Kafka's default, which nobody uses here; ours is the directory that is used.
        side.call("/tmp/kafka-logs", "DATA");
        play(&mut side)?;
        transcripts.push(side.transcript());
    }
    let Verdict { compared, differing, lines } =
        compare::compare(&transcripts[0], &transcripts[1], all);
    println!("{compared} answers compared; {differing} fields differ as the list says");
    Ok(lines)
}
