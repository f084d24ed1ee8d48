//! `produce`, `consume`, `topic` and the rest, as they are typed: what they print and what they
//! refuse.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::{Broker, Folder, PROGRAM, fails, run};

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
    // More likely a slip than a wish, so nothing goes, in no partition.
    let slip = broker.run(&["topic", "trim", "t", "--before", "50"], b"");
    fails(&slip, 1, "partition 0 ends at 5");
    assert_eq!(broker.ok(&all, b""), "34", "nothing went");
    trim(&["--before", "end"]);
    assert_eq!(broker.ok(&all, b""), "");
    fails(&broker.run(&["topic", "trim", "t", "--before", "soon"], b""), 2, "no place");
    fails(&broker.run(&["topic", "trim", "no", "--before", "1"], b""), 3, "no topic no");
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = run(&["generate", "completion", shell], "", b"");
        let script = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success() && script.contains("add-partitions"), "{shell}");
    }
    let script = "source <(\"$0\" generate completion bash); COMP_WORDS=(bobbin topic ad); \
                  COMP_CWORD=2; _bobbin bobbin ad topic; echo \"${COMPREPLY[@]}\"";
    let completed = Command::new("bash").args(["-c", script, PROGRAM]).output().expect("bash");
    assert_eq!(String::from_utf8_lossy(&completed.stdout), "add-partitions\n", "{completed:?}");
}

/// Lines of a member of a group as it prints them.
fn member(broker: &Broker, more: &[&str]) -> (std::process::Child, impl Iterator<Item = String>) {
    let mut consume = Command::new("timeout");
    consume.args(["60", PROGRAM, "consume"]).args(more).env("BOBBIN_BROKERS", &broker.address);
    let mut child = consume.stdout(Stdio::piped()).spawn().expect("built");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    (child, lines.map(|line| line.expect("text")))
}

/// As Kafka's consumers do when they ask for metadata again: a topic that got more partitions is
/// read whole, by both members of its group, and nothing is read twice.
#[test]
fn a_group_reads_the_partitions_that_its_topic_gets() {
    let folder = Folder::new("group-grows");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "1"], b"");
    let often = "-Xmetadata.max.age.ms=200";
    let words = ["t", "-g", "g", often, "-Xheartbeat.interval.ms=100", "-n", "3", "-f", "%p:%v\\n"];
    let (mut first, mut lines) = member(&broker, &words);
    broker.ok(&["produce", "t", "-q", "-p", "0"], b"a\n");
    assert_eq!(lines.next().as_deref(), Some("0:a"));
    broker.ok(&["topic", "add-partitions", "t", "-n", "2"], b"");
    broker.ok(&["produce", "t", "-q", "-p", "2"], b"b\n");
    assert_eq!(lines.next().as_deref(), Some("2:b"));

    // Of two members the one that does not lead reads its share of what comes new, too.
    let (mut second, mut others) = member(&broker, &words);
    broker.ok(&["topic", "add-partitions", "t", "-n", "1"], b"");
    let shares = |broker: &Broker| {
        let told = broker.json(&["group", "describe", "g", "-o", "json"]);
        let rows = told[0]["partitions"].as_array().expect("partitions").clone();
        let members = rows.iter().filter_map(|row| row["member"].as_str().map(str::to_owned));
        let mut members: Vec<String> = members.collect();
        members.sort();
        (members.len(), members.first() != members.last())
    };
    let begun = std::time::Instant::now();
    while shares(&broker) != (4, true) {
        assert!(begun.elapsed().as_secs() < 30, "{:?}", shares(&broker));
    }
    broker.ok(&["produce", "t", "-q", "-p", "0"], b"c\n");
    broker.ok(&["produce", "t", "-q", "-p", "3"], b"d\n");
    let mut read: Vec<String> = Vec::new();
    read.extend(lines.next());
    assert!(first.wait().expect("a child").success(), "it has read three");
    broker.ok(&["produce", "t", "-q", "-p", "1"], b"e\nf\n");
    read.extend(others.by_ref().take(3));
    assert!(second.wait().expect("a child").success(), "so has the other");
    read.sort();
    assert_eq!(read, ["0:c", "1:e", "1:f", "3:d"]);
}

/// What a person gets wrong about groups is told with what would be right.
#[test]
fn slips_about_groups_are_told() {
    let folder = Folder::new("group-slips");
    let broker = Broker::start(&folder, &[]);
    broker.ok(&["topic", "create", "t", "-p", "2"], b"");
    broker.ok(&["produce", "t", "-p", "0", "-q"], b"0\n1\n2\n");
    fails(&broker.run(&["group", "list", "--state", "stabel"], b""), 2, "the states are Empty");
    assert_eq!(broker.ok(&["group", "list", "--state", "stable", "-o", "json"], b""), "[]\n");
    fails(&broker.run(&["group", "seek", "g", "--to", "start"], b""), 3, "--topics");
    let sought = broker.run(&["group", "seek", "g", "--to", "2", "-t", "t", "-o", "json"], b"");
    let told = String::from_utf8_lossy(&sought.stderr).into_owned();
    assert_eq!(told, "1 of 2 partitions do not keep offset 2: there it is the nearest one\n");
    let now: serde_json::Value = serde_json::from_slice(&sought.stdout).expect("JSON");
    assert_eq!((&now[0]["now"], &now[1]["now"]), (&2.into(), &0.into()));
    let protocol = |words: &[&str]| broker.json(words)[0]["protocol"].clone();
    assert_eq!(protocol(&["group", "list", "-o", "json"]), "classic");
    assert_eq!(protocol(&["group", "describe", "g", "-o", "json"]), "classic");

    let (mut reading, mut lines) = member(&broker, &["t", "-g", "g", "-n", "2"]);
    assert_eq!(lines.next().as_deref(), Some("2"), "the group stood there");
    let delete = broker.run(&["group", "delete", "g", "-t", "t:0"], b"");
    fails(&delete, 1, "members of it read this topic");
    fails(&broker.run(&["group", "seek", "g", "--to", "start"], b""), 1, "stop them first");
    fails(&broker.run(&["config", "get", "topic", "no"], b""), 3, "bobbin topic create no");
    broker.ok(&["produce", "t", "-p", "1", "-q"], b"last\n");
    assert_eq!(lines.next().as_deref(), Some("last"));
    assert!(reading.wait().expect("a child").success());
    broker.ok(&["group", "delete", "g", "-t", "t:0"], b"");
}
