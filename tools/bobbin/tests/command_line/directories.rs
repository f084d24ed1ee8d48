//! Starts and the directories they are given: what survives a stop and a kill, what is refused, and
//! what rot is told as.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Broker, Folder, PROGRAM, fails, run};

#[test]
fn what_is_produced_is_consumed_and_outlives_the_broker() {
    let folder = Folder::new("outlives");
    let mut broker = Broker::start(&folder, &[]);
    assert!(broker.banner.contains("formatted now"), "{}", broker.banner);
    broker.ok(&["topic", "create", "t", "-p", "3"], b"");
    let said = broker.ok(&["produce", "t", "-K", ":", "-H", "h=1"], b"a:1\nb:2\na:3\nc:\n");
    assert!(said.starts_with("4 records to t"), "{said}");
    let layout = ["consume", "t", "-e", "-f", "%k=%v %h\\n"];
    let mut read: Vec<String> = broker.ok(&layout, b"").lines().map(str::to_string).collect();
    read.sort();
    assert_eq!(read, ["a=1 h=1", "a=3 h=1", "b=2 h=1", "c= h=1"]);
    let ms = broker.stop();
    assert!(ms < 1000, "leaving took {ms} ms");

    let mut broker = Broker::start(&folder, &[]);
    assert!(broker.banner.contains("1 topics, recovered"), "{}", broker.banner);
    assert_eq!(broker.ok(&layout, b"").lines().count(), 4);
    broker.ok(&["produce", "t", "-q", "--acks", "all"], b"last\n");
    broker.kill();

    let broker = Broker::start(&folder, &[]);
    assert_eq!(broker.ok(&layout, b"").lines().count(), 5);
}

#[test]
fn starts_that_must_not_be() {
    let folder = Folder::new("foreign");
    let broker = Broker::start(&folder, &[]);
    let data = folder.0.to_str().expect("text");
    let start = |arguments: &[&str]| {
        let mut all = vec!["start", "--dev"];
        all.extend_from_slice(arguments);
        run(&all, "", b"")
    };
    let elsewhere = Folder::new("elsewhere");
    let other = elsewhere.0.to_str().expect("text");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["--data", data, "--listen", "127.0.0.1:0"], 1, "stop that process"),
        (&["--data", other, "--listen", &broker.address], 1, "another process listens there"),
        (&["--data", other, "--listen", "0.0.0.0:0"], 2, "--allow-plaintext"),
        (&["--data", other, "--listen", "PLAINTEXT://0.0.0.0:0"], 2, "--advertise"),
        (&["--data", other, "-X", "log.retention.mss=1"], 2, "log.retention.ms"),
        (&["--data", other, "--config", "/nowhere"], 3, "/nowhere"),
        (&["--data", "/proc/none", "--listen", "127.0.0.1:0"], 1, "/proc/none"),
    ];
    for (arguments, exit, words) in cases {
        fails(&start(arguments), *exit, words);
    }
    assert!(!elsewhere.0.exists(), "a start that is refused leaves nothing behind");

    std::fs::create_dir_all(&elsewhere.0).expect("a folder");
    let mark = elsewhere.0.join("meta.properties");
    std::fs::write(&mark, "version=1\n").expect("a file");
    let refused = start(&["--data", other, "--listen", "127.0.0.1:0"]);
    fails(&refused, 2, "Apache Kafka");
    assert_eq!(std::fs::read_dir(&elsewhere.0).expect("a folder").count(), 1, "untouched");
    let verify = |dir: &str| run(&["debug", "verify", dir], "", b"");
    fails(&verify(other), 2, "Apache Kafka");
    fails(&verify(data), 1, "stop that process");

    std::fs::rename(&mark, elsewhere.0.join("letter.txt")).expect("a file");
    for refused in [start(&["--data", other, "--listen", "127.0.0.1:0"]), verify(other)] {
        fails(&refused, 2, "it has letter.txt");
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(!said.contains("stop"), "nobody has it: {said}");
    }
}

/// What an operator of a Kafka node in combined mode has, in our words; the paths and the ports are
/// the test's.
const SERVER_PROPERTIES: &str = "\
process.roles=broker,controller
node.id=4
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:0,CONTROLLER://:9093
advertised.listeners=PLAINTEXT://localhost:0,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
num.io.threads=8
num.partitions=5
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
log.retention.hours=168
";

#[test]
fn a_kafka_configuration_starts_as_it_is_and_is_overruled_by_flags() {
    let folder = Folder::new("properties");
    std::fs::create_dir_all(&folder.0).expect("a folder");
    let file = folder.0.join("server.properties");
    let data = folder.0.join("data");
    let text = format!("{SERVER_PROPERTIES}log.dirs={}\n", data.display());
    std::fs::write(&file, text).expect("a file");
    let command = || {
        let mut command = Command::new(PROGRAM);
        command.args(["start", "--config"]).arg(&file).env("BOBBIN_LOG", "error");
        command.stderr(Stdio::null());
        command
    };
    let mut broker = Broker::run_as(command());
    assert!(data.join("bobbin.meta").exists(), "it keeps its data where log.dirs says");
    // Every address of this machine, this one too; clients are told the advertised name.
    let port = broker.address.rsplit_once(':').expect("a port").1.to_string();
    broker.address = format!("127.0.0.1:{port}");
    broker.ok(&["produce", "t", "-q"], b"hello\n");
    assert_eq!(broker.ok(&["consume", "t", "-e"], b""), "hello\n");
    let cluster = broker.json(&["cluster", "info", "-o", "json"]);
    assert_eq!((&cluster["nodes"][0]["id"], &cluster["partitions"]), (&4.into(), &5.into()));
    assert_eq!(cluster["nodes"][0]["host"], "localhost");
    broker.stop();

    let mut overruled = command();
    overruled.args(["--listen", "127.0.0.1:0", "--advertise", "127.0.0.1:0"]);
    overruled.args(["-X", "auto.create.topics.enable=false"]);
    let broker = Broker::run_as(overruled);
    assert_eq!(broker.ok(&["consume", "t", "-e"], b""), "hello\n");
    fails(&broker.run(&["produce", "typo"], b"x\n"), 3, "there is no topic typo");
}

/// The largest file under a directory whose path has `part` in it.
fn largest(dir: &Path, part: &str) -> PathBuf {
    let mut open = vec![dir.to_path_buf()];
    let mut found: Option<(u64, PathBuf)> = None;
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            let length = path.metadata().expect("there").len();
            let matches = path.to_string_lossy().contains(part);
            if path.is_dir() {
                open.push(path);
            } else if matches && found.as_ref().is_none_or(|(most, _)| length > *most) {
                found = Some((length, path));
            }
        }
    }
    found.expect("a file").1
}

/// `debug dump-log` over every file of the shards, as text and as JSON: nothing is trouble, and no
/// line shows a program's own words.
fn every_file_is_told(data: &Path) {
    let mut kinds = std::collections::BTreeSet::new();
    for path in files_under(data) {
        let text = path.to_string_lossy().into_owned();
        // The file whose flush asks after the others' errors holds nothing.
        if !text.contains("/shard-0/") || text.ends_with("/flush") {
            continue;
        }
        let dumped = run(&["debug", "dump-log", &text], "", b"");
        let said = String::from_utf8_lossy(&dumped.stdout).into_owned();
        assert!(dumped.status.success(), "{dumped:?}");
        let bad = said.lines().find(|line| {
            line.contains(['{', '('])
                || line.contains("CRC DOES NOT")
                || line.contains("TROUBLE: t")
        });
        assert_eq!(bad, None, "{text}");
        let json = run(&["debug", "dump-log", &text, "-o", "json"], "", b"");
        let found: Vec<serde_json::Value> = serde_json::from_slice(&json.stdout).expect("JSON");
        assert_eq!(found.len(), said.lines().count(), "{text}");
        for one in found {
            kinds.insert(one["kind"].as_str().expect("a word").to_string());
        }
    }
    for kind in ["shard", "checkpoint", "log", "open", "block", "append", "create", "batch", "run"]
    {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
}

/// Every file below a directory.
fn files_under(dir: &Path) -> Vec<PathBuf> {
    let mut open = vec![dir.to_path_buf()];
    let mut found = Vec::new();
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Rot in the log of the metadata: the start is refused with the file and the place, nothing that
/// was in any file is cut or changed but what recovery itself writes (checkpoints, and the tail
/// behind what the segment held), and once the byte is mended everything is there.
#[test]
fn rot_in_the_metadata_refuses_the_start_and_cuts_nothing() {
    let folder = Folder::new("metadata-rot");
    let mut broker = Broker::start(&folder, &[]);
    for round in 0..12 {
        let names: Vec<String> = (0..10).map(|i| format!("t{round}-{i}")).collect();
        let mut create = vec!["topic", "create", "-p", "200"];
        create.extend(names.iter().map(String::as_str));
        broker.ok(&create, b"");
        let mut delete = vec!["topic", "delete"];
        delete.extend(names.iter().map(String::as_str));
        broker.ok(&delete, b"");
    }
    broker.ok(&["topic", "create", "kept", "-p", "3"], b"");
    broker.stop();

    let segment = largest(&folder.0, "/shard-0/logs/0000000000000000/");
    let mut bytes = std::fs::read(&segment).expect("a file");
    let written = bytes.iter().rposition(|byte| *byte != 0).expect("bytes") + 1;
    assert!(written > 100_000, "most of the metadata is in its segment: {written}");
    bytes[70] ^= 0x40;
    std::fs::write(&segment, &bytes).expect("a file");
    let of_recovery = |path: &PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        name.starts_with("checkpoint-") || name.ends_with(".side") || *path == segment
    };
    let read = |path: &PathBuf| std::fs::read(path).expect("a file");
    let before: Vec<(PathBuf, Vec<u8>)> =
        files_under(&folder.0).into_iter().map(|path| (path.clone(), read(&path))).collect();

    for _ in 0..2 {
        let data = folder.0.to_str().expect("text");
        let start = ["start", "--dev", "--listen", "127.0.0.1:0", "--log", "error", "--data", data];
        let refused = run(&start, "", b"");
        fails(&refused, 1, segment.to_str().expect("text"));
        fails(&refused, 1, "at byte 0");
        assert!(refused.stdout.is_empty(), "no banner of a broker that does not serve");
        for (path, old) in before.iter().filter(|(path, _)| !of_recovery(path)) {
            // A journal's files may still have been on their way to be filled with zeros.
            let new = read(path);
            let same = old.iter().zip(&new).all(|(old, new)| old == new);
            let rest_is_zero = new.iter().skip(old.len()).all(|byte| *byte == 0);
            let grown = path.to_string_lossy().contains("/journal/") && rest_is_zero;
            let whole = new.len() == old.len() || new.len() > old.len() && grown;
            assert!(same && whole, "{} was changed by a failed start", path.display());
        }
        let new = read(&segment);
        assert!(new.starts_with(&bytes[..written]), "the metadata was cut or changed");
    }
    let mut mended = read(&segment);
    mended[70] ^= 0x40;
    std::fs::write(&segment, mended).expect("a file");
    let broker = Broker::start(&folder, &[]);
    let topics = broker.json(&["topic", "list", "-o", "json"]);
    assert_eq!((&topics[0]["topic"], topics.as_array().map(Vec::len)), (&"kept".into(), Some(1)));
}

#[test]
fn a_sound_directory_is_told_from_a_rotten_one() {
    let folder = Folder::new("rot");
    let mut broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1", "-c", "segment.bytes=1048576"], b"");
    let text = "the quick brown fox jumps over the lazy dog\n".repeat(60_000);
    broker.ok(&["produce", "t", "-q"], text.as_bytes());
    let dir = folder.0.to_str().expect("text").to_string();
    let verify = ["debug", "verify", &dir];
    fails(&run(&verify, "", b""), 1, "in use by another process");
    broker.stop();
    // A machine that is busy may leave without a closing checkpoint; a start always takes one.
    Broker::start(&folder, &[]).stop();
    let sound = run(&verify, "", b"");
    let said = String::from_utf8_lossy(&sound.stdout).into_owned();
    assert!(sound.status.success() && said.ends_with("sound\n"), "{said}");

    let segment = largest(&folder.0, "logs");
    let path = segment.to_str().expect("text");
    every_file_is_told(&folder.0);
    let dumped = run(&["debug", "dump-log", path], "", b"");
    let said = String::from_utf8_lossy(&dumped.stdout).into_owned();
    let first = said.lines().next().expect("a batch");
    let base: u64 = segment.file_stem().and_then(|n| n.to_str()?.parse().ok()).expect("an offset");
    assert!(first.starts_with(&format!("batch at 0, first {base}, last ")), "{first}");
    for words in [", epoch 0, ", ", codec none, ", ", max timestamp 20", "Z, ", ", crc ok"] {
        assert!(first.contains(words), "no {words:?} in {first}");
    }
    assert!(!said.contains(['{', '(', '[']), "no program's own words: {first}");
    let records = run(&["debug", "dump-log", "--records", path, "-o", "json"], "", b"");
    let found: Vec<serde_json::Value> = serde_json::from_slice(&records.stdout).expect("JSON");
    let record = found.iter().find(|one| one["kind"] == "record").expect("records");
    assert_eq!((&record["offset"], &record["depth"]), (&base.into(), &1.into()));
    assert_eq!(record["value"], "the quick brown fox jumps over the lazy dog");
    let count = found.iter().filter(|one| one["kind"] == "record").count() as u64;
    let batches = found.iter().filter(|one| one["kind"] == "batch");
    assert_eq!(count, batches.map(|one| one["records"].as_u64().expect("a number")).sum::<u64>());

    let mut bytes = std::fs::read(&segment).expect("a file");
    bytes[5000] ^= 1;
    std::fs::write(&segment, bytes).expect("a file");
    let rotten = run(&["debug", "verify", &dir, "-o", "json"], "", b"");
    fails(&rotten, 1, "faults found");
    let report: serde_json::Value = serde_json::from_slice(&rotten.stdout).expect("JSON");
    assert_eq!(report["sound"], false);
    let place = report["shards"][0]["faults"][0]["place"].as_str().expect("a place");
    assert!(path.ends_with(place) || place.ends_with(path), "{place} names {path}");
    fails(&run(&["debug", "verify", "/"], "", b""), 2, "not a Bobbin data directory");
}
