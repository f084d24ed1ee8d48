//! The binary as a person uses it: a broker on a free port and a directory of its own, and the
//! commands against it. Kept true: every broker and every directory is gone when its test ends.

#![expect(
    clippy::disallowed_methods,
    reason = "a test starts processes, looks at its own directory and at the clock"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_bobbin");

/// A directory under the build's own that goes with its test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        // What an earlier run of the same number left behind.
        let _ = std::fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

struct Broker {
    child: Child,
    address: String,
    banner: String,
}

impl Broker {
    /// Starts `bobbin start --dev` and reads its banner to the end.
    fn start(folder: &Folder, more: &[&str]) -> Broker {
        let mut command = Command::new(PROGRAM);
        command.args(["start", "--dev", "--listen", "127.0.0.1:0", "--log", "error", "--data"]);
        command.arg(&folder.0).args(more);
        Broker::run_as(command)
    }

    fn run_as(mut command: Command) -> Broker {
        command.stdout(Stdio::piped());
        let mut child = command.spawn().expect("the binary was built");
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let mut banner = String::new();
        let mut address = String::new();
        for line in &mut lines {
            let line = line.expect("text");
            if let Some(listeners) = line.trim_start().strip_prefix("listeners") {
                address = listeners.trim().to_string();
            }
            banner.push_str(&line);
            banner.push('\n');
            if line.contains("kcat") {
                break;
            }
        }
        assert!(!address.is_empty(), "no banner came:\n{banner}");
        Broker { child, address, banner }
    }

    /// Runs a command against this broker.
    fn run(&self, arguments: &[&str], input: &[u8]) -> Output {
        run(arguments, &self.address, input)
    }

    /// As `run`, for a command that ends well; its standard output.
    fn ok(&self, arguments: &[&str], input: &[u8]) -> String {
        let output = self.run(arguments, input);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?} failed: {errors}");
        String::from_utf8(output.stdout).expect("text")
    }

    fn json(&self, arguments: &[&str]) -> serde_json::Value {
        serde_json::from_str(&self.ok(arguments, b"")).expect("JSON")
    }

    /// SIGTERM, and how long it took to leave, in milliseconds.
    fn stop(&mut self) -> u128 {
        let pid = self.child.id().to_string();
        let begun = std::time::Instant::now();
        let told = Command::new("kill").args(["-TERM", &pid]).status().expect("kill");
        assert!(told.success());
        let left = self.child.wait().expect("a child");
        assert!(left.success(), "a broker that was told to stop leaves well: {left}");
        begun.elapsed().as_millis()
    }

    fn kill(&mut self) {
        self.child.kill().expect("a child");
        self.child.wait().expect("a child");
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(arguments: &[&str], address: &str, input: &[u8]) -> Output {
    // A command that hangs ends the test with exit code 124.
    let mut command = Command::new("timeout");
    command.args(["60", PROGRAM]).args(arguments).env("BOBBIN_BROKERS", address);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary was built");
    let mut stdin = child.stdin.take().expect("piped");
    // A command that fails early does not read its input.
    let _ = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("a child")
}

fn fails(output: &Output, exit: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(exit), "{said}");
    assert!(said.contains(words), "expected {words:?} in: {said}");
}

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
fn every_compression_comes_back_as_it_went() {
    let folder = Folder::new("compression");
    let broker = Broker::start(&folder, &[]);
    let text: String = (0..2000).map(|i| format!("line {i} of some text\n")).collect();
    for codec in ["none", "gzip", "snappy", "lz4", "zstd"] {
        broker.ok(&["topic", "create", codec, "-p", "1"], b"");
        broker.ok(&["produce", codec, "-z", codec, "-q"], text.as_bytes());
        assert_eq!(broker.ok(&["consume", codec, "-e"], b""), text, "{codec}");
    }
}

#[test]
fn offsets_in_every_form() {
    let folder = Folder::new("offsets");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["produce", "t", "-q"], b"0\n1\n2\n3\n4\n");
    let read = |o: &str| broker.ok(&["consume", "t", "-e", "-f", "%v", "-o", o], b"");
    let cases = [
        ("start", "01234"),
        ("2", "234"),
        ("-2", "34"),
        ("+1", "1234"),
        ("1:3", "12"),
        ("end", ""),
        ("-1:end", "4"),
        ("@-1h", "01234"),
        ("@-2h:-1h", ""),
        ("99", ""),
    ];
    for (offset, expect) in cases {
        assert_eq!(read(offset), expect, "{offset}");
    }
    assert_eq!(broker.ok(&["consume", "t", "-n", "2", "-f", "%o"], b""), "01");
    let line = broker.ok(&["consume", "t", "-o", "json", "-n", "1"], b"");
    let record: serde_json::Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!((&record["value"], &record["offset"]), (&"0".into(), &0.into()));
}

#[test]
fn topics_from_creation_to_deletion() {
    let folder = Folder::new("topics");
    let broker = Broker::start(&folder, &[]);
    assert_eq!(broker.ok(&["topic", "list", "-o", "json"], b""), "[]\n");
    broker.ok(&["topic", "create", "a", "b", "-p", "2", "-c", "retention.ms=5000"], b"");
    let again = broker.run(&["topic", "create", "a"], b"");
    fails(&again, 1, "exists already");
    broker.ok(&["topic", "create", "a", "--if-not-exists"], b"");
    let listed = broker.json(&["topic", "list", "-o", "json"]);
    assert_eq!(listed[0]["topic"], "a");
    assert_eq!(listed[1]["partitions"], 2);
    let described = broker.json(&["topic", "describe", "a", "-o", "json"]);
    assert_eq!(described[0]["configs"]["retention.ms"], "5000");
    assert_eq!(described[0]["partitions"][1]["end"], 0);
    broker.ok(&["topic", "delete", "a"], b"");
    fails(&broker.run(&["topic", "delete", "a"], b""), 3, "there is no topic a");
    fails(&broker.run(&["topic", "describe", "a"], b""), 3, "there is no topic a");
    fails(&broker.run(&["topic", "create", "no/slash"], b""), 1, "no/slash");
    fails(&broker.run(&["topic", "create", "c", "-c", "nope=1"], b""), 1, "nope");
    let cluster = broker.json(&["cluster", "info", "-o", "json"]);
    assert_eq!((&cluster["topics"], &cluster["partitions"]), (&1.into(), &2.into()));
    assert_eq!(cluster["nodes"][0]["leads"], 2);
}

#[test]
fn commands_that_cannot_work_say_why() {
    let folder = Folder::new("refusals");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    let cases: &[(&[&str], &[u8], i32, &str)] = &[
        (&["consume", "absent"], b"", 3, "there is no topic absent"),
        (&["consume", "t", "-p", "7"], b"", 3, "no partition 7"),
        (&["consume", "t", "-o", "soon"], b"", 2, "soon"),
        (&["consume", "t", "-f", "%q"], b"", 2, "%q"),
        (&["produce", "t", "-p", "7"], b"x\n", 3, "no partition 7"),
        (&["produce", "t", "-K", ":"], b"without\n", 1, "no key"),
        (&["produce", "t", "/nowhere/at/all"], b"", 3, "/nowhere/at/all"),
        (&["produce", "t", "-X", "linger.msec=1"], b"", 2, "linger.ms"),
        (&["topic", "list", "-b", "127.0.0.1:1"], b"", 5, "127.0.0.1:1"),
        (&["topic", "list", "-b", "nowhere"], b"", 2, "nowhere"),
        (&["debug", "verify", "/nowhere/at/all"], b"", 3, "/nowhere/at/all"),
    ];
    for (arguments, input, exit, words) in cases {
        fails(&broker.run(arguments, input), *exit, words);
    }
}

#[test]
fn a_reader_that_leaves_ends_consume_quietly() {
    let folder = Folder::new("pipe");
    let broker = Broker::start(&folder, &[]);
    let text = "0123456789\n".repeat(100_000);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["produce", "t", "-q"], text.as_bytes());
    let mut consume = Command::new(PROGRAM);
    consume.args(["consume", "t"]).env("BOBBIN_BROKERS", &broker.address);
    let mut child = consume.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("built");
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    reader.read_line(&mut first).expect("a line");
    assert_eq!(first, "0123456789\n");
    drop(reader);
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(141));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_reader_that_leaves_ends_consume_though_nothing_more_comes() {
    let folder = Folder::new("hangup");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["produce", "t", "-q"], b"only\n");
    let mut consume = Command::new("timeout");
    consume.args(["20", PROGRAM, "consume", "t"]).env("BOBBIN_BROKERS", &broker.address);
    let mut child = consume.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("built");
    let mut first = String::new();
    let mut reader = BufReader::new(child.stdout.take().expect("piped"));
    reader.read_line(&mut first).expect("a line");
    assert_eq!(first, "only\n");
    drop(reader);
    let output = child.wait_with_output().expect("a child");
    assert_eq!(output.status.code(), Some(141), "not 124, which `timeout` ends it with");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn consume_into_a_file_waits_for_more() {
    let folder = Folder::new("into-file");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["produce", "t", "-q"], b"first\n");
    let path = folder.0.join("out");
    std::fs::write(&path, "").expect("a file");
    let mut consume = Command::new("sh");
    consume.args(["-c", "exec timeout 20 \"$0\" consume t -n 2 > \"$1\"", PROGRAM]);
    consume.arg(&path).env("BOBBIN_BROKERS", &broker.address);
    let mut child = consume.spawn().expect("built");
    while std::fs::read_to_string(&path).expect("there") != "first\n" {
        assert!(child.try_wait().expect("a child").is_none(), "it waits for the second");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    broker.ok(&["produce", "t", "-q"], b"second\n");
    assert!(child.wait().expect("a child").success());
    assert_eq!(std::fs::read_to_string(&path).expect("there"), "first\nsecond\n");
}

#[test]
fn a_record_without_a_key_is_named_and_what_stood_before_it_is_there() {
    let folder = Folder::new("no-key");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    let output = broker.run(&["produce", "t", "-K", ":"], b"a:1\nb:2\nwithout\nc:3\n");
    fails(&output, 1, "record 3 of the input has no key");
    fails(&output, 1, "the 2 records before it were sent");
    fails(&output, 1, "send the input from there");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("2 records to t"));
    assert_eq!(broker.ok(&["consume", "t", "-e", "-f", "%k=%v,"], b""), "a=1,b=2,");
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

#[test]
fn what_a_format_prints_the_same_format_reads() {
    let folder = Folder::new("formats");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "a", "b", "c", "-p", "1"], b"");
    broker.ok(&["produce", "a", "-K", ":", "-H", "h=1", "-H", "g=", "-q"], b"k1:v1\nk2:\n:v3\n");
    broker.ok(&["produce", "a", "-k", "logo", "-D", "", "-q"], b"\x00\xff\nall of it\n");
    let formats = [
        "%K{big32}%k%V{big32}%v%H{big16}%h{%K{big16}%k%V{big32}%v}%T{big64}",
        "%k{hex} %v{base64} %h %T\\n",
    ];
    for (to, format) in ["b", "c"].iter().zip(formats) {
        let wrote = broker.run(&["consume", "a", "-e", "-f", format], b"").stdout;
        broker.ok(&["produce", to, "-q", "-f", format], &wrote);
        let read = broker.run(&["consume", to, "-e", "-f", format], b"").stdout;
        assert_eq!(read, wrote, "{format}");
    }
    let json = |topic: &str| broker.ok(&["consume", topic, "-e", "-o", "jsonl"], b"");
    assert_eq!(json("b").replace("\"topic\":\"b\"", "\"topic\":\"a\""), json("a"));
    fails(&broker.run(&["produce", "b", "-f", "%p %v\\n"], b"0 x\none y\n"), 1, "record 2");
    fails(&broker.run(&["produce", "b", "-f", "%k%v\\n"], b""), 2, "cannot be told");
}

#[test]
fn every_shape_says_the_same() {
    let folder = Folder::new("shapes");
    let broker = Broker::start(&folder, &[]);
    for shape in ["json", "yaml"] {
        assert_eq!(broker.ok(&["topic", "list", "-o", shape], b""), "[]\n");
    }
    for shape in ["text", "wide", "jsonl"] {
        assert_eq!(broker.ok(&["topic", "list", "-o", shape], b""), "");
    }
    broker.ok(&["topic", "create", "a", "b", "-p", "2"], b"");
    let list = |shape: &str| broker.ok(&["topic", "list", "-o", shape], b"");
    let json: Vec<serde_json::Value> = serde_json::from_str(&list("json")).expect("JSON");
    let lines = list("jsonl");
    let lines = lines.lines().map(|l| serde_json::from_str(l).expect("JSON"));
    assert_eq!(lines.collect::<Vec<serde_json::Value>>(), json);
    let yaml = list("yaml");
    assert!(yaml.contains("- id: ") && yaml.contains("  topic: a\n"), "{yaml}");
    let heads = |shape: &str| list(shape).lines().next().expect("a head").to_string();
    assert_eq!(heads("text"), "TOPIC  PARTITIONS  REPLICAS");
    assert_eq!(heads("wide"), "TOPIC  PARTITIONS  REPLICAS  INTERNAL  ID");
    for shape in ["text", "wide", "json", "yaml", "jsonl"] {
        for command in [&["topic", "describe", "a"][..], &["cluster", "info"]] {
            let mut words = command.to_vec();
            words.extend(["-o", shape]);
            assert!(!broker.ok(&words, b"").is_empty(), "{words:?}");
        }
    }
}

#[test]
fn topics_are_trimmed_to_a_place() {
    let folder = Folder::new("trim");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "2"], b"");
    broker.ok(&["produce", "t", "-p", "0", "-q"], b"0\n1\n2\n3\n4\n");
    let trim = |more: &[&str]| {
        let mut words = vec!["topic", "trim", "t", "-o", "json"];
        words.extend(more);
        broker.json(&words)
    };
    let dry = trim(&["--before", "-2", "--dry-run"]);
    assert_eq!((&dry[0]["deleted"], &dry[0]["status"]), (&3.into(), &"would be done".into()));
    assert_eq!(dry[1]["status"], "nothing to do");
    let all = ["consume", "t", "-e", "-f", "%v"];
    assert_eq!(broker.ok(&all, b""), "01234", "a dry run deletes nothing");
    assert_eq!(trim(&["--before", "-2", "-p", "0"])[0]["new_start"], 3);
    assert_eq!(broker.ok(&all, b""), "34");
    trim(&["--before", "@-1h"]);
    assert_eq!(broker.ok(&all, b""), "34", "nothing is that old");
    trim(&["--before", "end"]);
    assert_eq!(broker.ok(&all, b""), "");
    fails(&broker.run(&["topic", "trim", "t", "--before", "soon"], b""), 2, "no place");
    fails(&broker.run(&["topic", "trim", "no", "--before", "1"], b""), 3, "no topic no");
}

/// Flags and output of Kafka 4.3.1's own tools, as they were seen against a Kafka 4.3.1.
#[test]
fn kafkas_tools_by_their_names() {
    let folder = Folder::new("kafka-tools");
    let broker = Broker::start(&folder, &[]);
    let tool = |line: &str, input: &[u8]| {
        let line = line.replacen(' ', &format!(" --bootstrap-server {} ", broker.address), 1);
        let words: Vec<&str> = line.split(' ').collect();
        let output = broker.run(&words, input);
        let said = String::from_utf8(output.stdout.clone()).expect("text");
        (output, said)
    };
    let ok = |line: &str, input: &[u8]| {
        let (output, said) = tool(line, input);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let create = "kafka-topics --create --topic kt --partitions 2 --config retention.ms=3600000";
    assert_eq!(ok(create, b""), "Created topic kt.\n");
    let (again, said) = tool("kafka-topics --create --topic kt", b"");
    fails(&again, 1, "already exists");
    assert_eq!(said, "Error while executing topic command : Topic 'kt' already exists.\n");
    assert_eq!(ok("kafka-topics --create --topic kt --if-not-exists", b""), "");
    assert_eq!(ok("kafka-topics --list", b""), "kt\n");
    let described = ok("kafka-topics --describe --topic k.", b"");
    let lines: Vec<&str> = described.lines().collect();
    assert!(lines[0].starts_with("Topic: kt\tTopicId: "), "{described}");
    let tail = "\tPartitionCount: 2\tReplicationFactor: 1\tConfigs: ";
    assert!(lines[0].contains(tail) && lines[0].contains("retention.ms=3600000"), "{described}");
    let first = "\tTopic: kt\tPartition: 0\tLeader: 0\tReplicas: 0\tIsr: 0\tElr: ";
    assert!(lines[1].starts_with(first) && lines.len() == 3, "{described}");
    fails(&tool("kafka-topics --describe --topic no", b"").0, 1, "does not exist as expected");

    let keyed = "kafka-console-producer --topic kt --reader-property parse.key=true \
                 --reader-property key.separator=:";
    ok(keyed, b"a:1\nb:2\n");
    fails(&tool(keyed, b"c\n").0, 1, "No key separator found on line number 1: 'c'");
    let read = "kafka-console-consumer --topic kt --from-beginning --max-messages 2 \
                --formatter-property print.key=true --formatter-property print.headers=true";
    let (output, said) = tool(read, b"");
    let mut lines: Vec<&str> = said.lines().collect();
    lines.sort();
    assert_eq!(lines, ["NO_HEADERS\ta\t1", "NO_HEADERS\tb\t2"]);
    fails(&output, 0, "Processed a total of 2 messages");
    let (output, said) = tool("kafka-console-consumer --topic kt --timeout-ms 300", b"");
    assert_eq!(said, "", "from the end on, and nothing comes");
    fails(&output, 0, "Processed a total of 0 messages");

    let offsets = ok("kafka-get-offsets --topic kt", b"");
    let sum: u64 = offsets
        .lines()
        .map(|line| line.rsplit_once(':').expect("kt:N:OFFSET").1.parse::<u64>().expect("a number"))
        .sum();
    assert_eq!((sum, offsets.lines().count()), (2, 2), "{offsets}");
    assert_eq!(ok("kafka-get-offsets --topic-partitions kt:0 --time -2", b""), "kt:0:0\n");
    let configs = ok("kafka-configs --describe --topic kt", b"");
    let config =
        "Dynamic configs for topic kt are:\n  retention.ms=3600000 sensitive=false synonyms={";
    assert!(configs.starts_with(config), "{configs}");
    let file = folder.0.join("offsets.json");
    let json = r#"{"partitions":[{"topic":"kt","partition":0,"offset":-1}],"version":1}"#;
    std::fs::write(&file, json).expect("a file");
    let delete = format!("kafka-delete-records --offset-json-file {}", file.display());
    let deleted = ok(&delete, b"");
    assert!(deleted.contains("partition: kt-0\tlow_watermark: "), "{deleted}");
    assert_eq!(ok("kafka-topics --delete --topic kt", b""), "");
    assert_eq!(ok("kafka-topics --list", b""), "");
    let (output, _) = tool("kafka-topics --bogus", b"");
    fails(&output, 1, "bogus is not a recognized option");

    // A link under the tool's name.
    let link = folder.0.join("kafka-topics.sh");
    std::os::unix::fs::symlink(PROGRAM, &link).expect("a link");
    let mut listed = Command::new(&link);
    listed.args(["--bootstrap-server", &broker.address, "--list"]);
    assert!(listed.output().expect("it runs").status.success());
}

/// `kafka-configs` as Kafka 4.3.1's own was seen to answer, on all that it configures.
#[test]
fn kafka_configs_alters_and_describes() {
    let folder = Folder::new("kafka-configs");
    let broker = Broker::start(&folder, &[]);
    let run = |line: &str| {
        let line = format!("kafka-configs --bootstrap-server {} {line}", broker.address);
        let output = broker.run(&line.split(' ').collect::<Vec<&str>>(), b"");
        let said = String::from_utf8(output.stdout.clone()).expect("text");
        (output, said)
    };
    let ok = |line: &str| {
        let (output, said) = run(line);
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        said
    };
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    let alter = "--alter --entity-type topics --entity-name t --add-config";
    let said = ok(&format!("{alter} retention.ms=7200000,cleanup.policy=[compact,delete]"));
    assert_eq!(said, "Completed updating config for topic t.\n");
    let told = ok("--describe --topic t");
    for row in [
        "  cleanup.policy=compact,delete sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:\
         cleanup.policy=compact,delete, DEFAULT_CONFIG:log.cleanup.policy=delete}\n",
        "  retention.ms=7200000 sensitive=false synonyms={DYNAMIC_TOPIC_CONFIG:\
         retention.ms=7200000",
    ] {
        assert!(told.contains(row), "{told}");
    }
    ok("--alter --topic t --delete-config cleanup.policy");
    fails(&run("--alter --topic t --add-config retention.ms=soon").0, 1, "Not a number of type");
    let defaults = "--alter --entity-type brokers --entity-default --add-config";
    let said = ok(&format!("{defaults} log.retention.ms=4000000"));
    assert_eq!(said, "Completed updating default config for brokers in the cluster.\n");
    ok("--alter --broker 0 --add-config log.retention.ms=3000000");
    let told = ok("--describe --broker 0");
    assert_eq!(
        told,
        "Dynamic configs for broker 0 are:\n  log.retention.ms=3000000 sensitive=false synonyms={\
         DYNAMIC_BROKER_CONFIG:log.retention.ms=3000000, \
         DYNAMIC_DEFAULT_BROKER_CONFIG:log.retention.ms=4000000, \
         DEFAULT_CONFIG:log.retention.hours=168}\n"
    );
    fails(&run("--alter --broker 0 --add-config node.id=5").0, 1, "Cannot update these configs");
    ok("--alter --group g --add-config consumer.session.timeout.ms=50000");
    let told = ok("--describe --group g");
    assert!(told.contains("GROUP_CONFIG:consumer.session.timeout.ms=50000"), "{told}");
    let said = ok("--alter --client-metrics cm --add-config metrics=[a.,b.],interval.ms=1000");
    assert_eq!(said, "Completed updating config for client-metric cm.\n");
    let told = ok("--describe --entity-type client-metrics");
    let rows = "Dynamic configs for client-metric cm are:\n  interval.ms=1000 sensitive=false \
                synonyms={DYNAMIC_CLIENT_METRICS_CONFIG:interval.ms=1000}\n  metrics=a.,b. ";
    assert!(told.starts_with(rows), "{told}");

    let add = "--add-config producer_byte_rate=1024,consumer_byte_rate=2048";
    let said = ok(&format!("--alter --entity-type users --entity-name alice {add}"));
    assert_eq!(said, "Completed updating config for user alice.\n");
    let said = ok("--alter --user-defaults --add-config request_percentage=50");
    assert_eq!(said, "Completed updating default config for users in the cluster.\n");
    let both = "--entity-type users --entity-name alice --entity-type clients --entity-default";
    ok(&format!("--alter {both} --add-config producer_byte_rate=5"));
    ok("--alter --ip 127.0.0.3 --add-config connection_creation_rate=7");
    assert_eq!(
        ok("--describe --entity-type users"),
        "Quota configs for the default user-principal are request_percentage=50.0\n\
         Quota configs for user-principal 'alice' are consumer_byte_rate=2048.0, \
         producer_byte_rate=1024.0\n"
    );
    assert_eq!(
        ok("--describe --user alice --entity-type clients"),
        "Quota configs for user-principal 'alice', the default client-id are \
         producer_byte_rate=5.0\n"
    );
    let told = "Quota configs for ip '127.0.0.3' are connection_creation_rate=7.0\n";
    assert_eq!(ok("--describe --entity-type ips"), told);
    ok("--alter --user alice --delete-config producer_byte_rate");
    let told = "Quota configs for user-principal 'alice' are consumer_byte_rate=2048.0\n";
    assert_eq!(ok("--describe --user alice"), told);
    let unknown = "Unexpected config names: Set(bogus)";
    fails(&run("--alter --user alice --add-config bogus=1").0, 1, unknown);
    let unset = "Invalid config(s): producer_byte_rate";
    fails(&run("--alter --user alice --delete-config producer_byte_rate").0, 1, unset);
}

/// What was answered is there after `kill -9`, and holds.
#[test]
fn configs_and_quotas_survive_a_kill() {
    let folder = Folder::new("configs-kill");
    let mut broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["config", "set", "topic", "t", "max.message.bytes=100"], b"");
    broker.ok(&["config", "set", "topic", "t", "--append", "cleanup.policy=compact"], b"");
    broker.ok(&["config", "set", "broker", "default", "log.roll.ms=5000000"], b"");
    broker.ok(&["config", "set", "broker", "0", "message.max.bytes=70000"], b"");
    broker.ok(&["config", "set", "group", "g", "consumer.session.timeout.ms=50000"], b"");
    let kafka = |broker: &Broker, more: &str| {
        let line = format!("kafka-configs --bootstrap-server {} {more}", broker.address);
        broker.ok(&line.split(' ').collect::<Vec<&str>>(), b"")
    };
    kafka(&broker, "--alter --client app --add-config producer_byte_rate=777");
    broker.kill();
    let broker = Broker::start(&folder, &[]);
    let get = |kind: &str, name: &str, key: &str| {
        let told = broker.json(&["config", "get", kind, name, key, "-o", "json"]);
        let told = &told[0];
        let text = |name: &str| told[name].as_str().unwrap_or_default().to_owned();
        (text("value"), text("source"))
    };
    let is = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(get("topic", "t", "cleanup.policy"), is("delete,compact", "topic"));
    assert_eq!(get("topic", "t", "segment.ms"), is("5000000", "cluster"));
    assert_eq!(get("broker", "0", "message.max.bytes"), is("70000", "broker"));
    assert_eq!(get("group", "g", "consumer.session.timeout.ms"), is("50000", "group"));
    let told = "Quota configs for client-id 'app' are producer_byte_rate=777.0\n";
    assert_eq!(kafka(&broker, "--describe --client app"), told);
    let long = format!("k:{}\n", "v".repeat(200));
    fails(&broker.run(&["produce", "t", "-K", ":", "-q"], long.as_bytes()), 1, "");
    broker.ok(&["produce", "t", "-K", ":", "-q"], b"k:v\n");
    fails(&broker.run(&["produce", "t", "-q"], b"without a key\n"), 1, "");
}

/// The rest of an administrator's day: more partitions, and what they take on disk.
#[test]
fn topics_grow_and_directories_are_told() {
    let folder = Folder::new("grow");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    broker.ok(&["topic", "add-partitions", "t", "-n", "2"], b"");
    let line = |words: &str| {
        let line = words.replacen(' ', &format!(" --bootstrap-server {} ", broker.address), 1);
        broker.ok(&line.split(' ').collect::<Vec<&str>>(), b"")
    };
    line("kafka-topics --alter --topic t --partitions 5");
    broker.ok(&["produce", "t", "-p", "4", "-q"], b"to the last one\n");
    let told = line("kafka-log-dirs --describe --topic-list t");
    let json = told.lines().find(|line| line.starts_with('{')).expect("JSON");
    let told: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let partitions = &told["brokers"][0]["logDirs"][0]["partitions"];
    let names = partitions.as_array().expect("a list").iter();
    let mut names: Vec<&str> = names.filter_map(|part| part["partition"].as_str()).collect();
    names.sort();
    assert_eq!(names, ["t-0", "t-1", "t-2", "t-3", "t-4"], "{told}");
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["generate", "completion", shell], "", b"");
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && script.contains("add-partitions"), "{shell}");
    }
}
