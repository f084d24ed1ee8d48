//! Row 37 of the bad-input table, and the files that a start takes as they are.

use std::path::Path;

use super::*;
use crate::failure::Exit;

fn machine() -> Machine {
    Machine {
        cores: 4,
        memory_bytes: 8 << 30,
        data_home: Some(PathBuf::from("/users/u/.local/share")),
    }
}

fn plan(args: &StartArgs, file: Option<(&str, &str)>) -> Result<Plan, Failure> {
    let file = file.map(|(path, text)| (Path::new(path), text));
    let sources = Sources::gather(args, file, &[])?;
    Plan::new(args, &sources, &machine())
}

fn set(properties: &[&str]) -> StartArgs {
    let set = properties.iter().map(|p| p.to_string()).collect();
    StartArgs { dev: true, set, ..StartArgs::default() }
}

#[test]
fn dev_needs_nothing_else() {
    let plan = plan(&set(&[]), None).expect("dev");
    assert_eq!(plan.data_dirs, [PathBuf::from("/users/u/.local/share/bobbin")]);
    assert_eq!((plan.cores, plan.memory_bytes, plan.node_id), (1, 1 << 30, 0));
    assert_eq!(plan.listeners.len(), 2);
    assert!(plan.config.bool("auto.create.topics.enable"));
    assert!(plan.without_effect.is_empty());
}

#[test]
fn production_takes_most_of_the_machine() {
    let args = StartArgs { data: Some("/d".into()), ..StartArgs::default() };
    let plan = plan(&args, None).expect("production");
    assert_eq!(plan.data_dirs, [PathBuf::from("/d")]);
    assert_eq!(plan.memory_bytes, (8 << 30) / 100 * 60);
    assert_eq!(plan.cores, 4);
    assert!(plan.without_effect[0].contains("serves with one"), "{:?}", plan.without_effect);
}

/// A file as an operator of a Kafka node in combined mode has it, in our words.
const SERVER_PROPERTIES: &str = "\
# One machine that is both broker and controller.
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,\\
    SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/srv/combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=2
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
#log.flush.interval.messages=10000
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
";

#[test]
fn a_stock_server_properties_starts_as_it_is() {
    let args = StartArgs::default();
    let plan = plan(&args, Some(("server.properties", SERVER_PROPERTIES))).expect("as it is");
    assert_eq!(plan.data_dirs, [PathBuf::from("/srv/combined-logs")]);
    assert_eq!(plan.node_id, 1);
    assert_eq!(plan.listeners.len(), 1);
    assert_eq!(plan.listeners[0].advertised.to_string(), "localhost:9092");
    let idle = plan.without_effect.join("\n");
    for key in ["process.roles", "num.network.threads", "controller.quorum.bootstrap.servers"] {
        assert!(idle.contains(key), "{key} must be said to be without effect:\n{idle}");
    }
    assert!(!idle.contains("log.retention.hours"), "{idle}");
}

#[test]
fn what_a_start_refuses_and_how_it_says_so() {
    // properties, what the sentence names, what mends it
    let cases: &[(&[&str], &str, &str)] = &[
        (&["log.retention.mss=5"], "log.retention.mss", "log.retention.ms"),
        (&["frobnicate=1"], "-X frobnicate: no such configuration key", ""),
        (&["num.partitions=three"], "num.partitions", ""),
        (&["auto.create.topics.enable=perhaps"], "auto.create.topics.enable", ""),
        (&["node.id=-5"], "node.id", ""),
        (&["log.segment.bytes=1"], "log.segment.bytes", ""),
        (&["core=1"], "cores", ""),
        (&["cores=0"], "-X cores: cores=0", ""),
        (&["cores=5"], "this process may use 4", "at most 4"),
        (&["memory=little"], "memory=little", "4GiB"),
        (&["memory=1MiB"], "too little", "128 MiB"),
        (&["allow.plaintext=yes"], "true or false", ""),
        (&["log.level=loud"], "loud", "error, warn"),
        (&["log.dirs=/a,/a"], "-X log.dirs: ", ""),
        (&["listeners=10.0.0.1:9092"], "without authentication", "--allow-plaintext"),
        (&["nmu.partitions=3", "num.io.thread=1"], "num.io.thread", "nmu.partitions"),
    ];
    for (properties, what, next) in cases {
        let failure = plan(&set(properties), None).expect_err(what);
        assert_eq!(failure.exit, Exit::Usage, "{properties:?}");
        let said = failure.to_string();
        assert!(said.contains(what), "{properties:?}: {said}");
        assert!(said.contains(next), "{properties:?}: {said}");
        assert!(!failure.what.contains('\n'), "one sentence: {said}");
    }
    let nowhere = plan(&StartArgs::default(), None).expect_err("no directory");
    assert!(nowhere.next.expect("a way out").contains("--data"));
}

#[test]
fn a_refusal_names_its_file_and_line() {
    let file = Some(("etc/server.properties", "num.partitions=1\n\nlog.dirz=/d\n"));
    let failure = plan(&StartArgs::default(), file).expect_err("unknown key");
    assert!(failure.what.starts_with("etc/server.properties, line 3: log.dirz"), "{failure}");
    assert!(failure.what.contains("did you mean log.dir?"), "{failure}");
}
