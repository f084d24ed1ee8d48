//! The binary under the names of Kafka's tools: their flags and their output, as they were seen
//! against a Kafka 4.3.1.

use std::process::Command;

use crate::{Broker, Folder, PROGRAM, fails};

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

/// A flag that a tool cannot honour beside the others is refused before anything is done, in words
/// that were compared with those of Kafka 4.3.1's tools; what is honoured is seen to be.
#[test]
fn kafkas_tools_honour_a_flag_or_refuse_it() {
    let folder = Folder::new("tools-flags");
    let broker = Broker::start(&folder, &[]);
    let run = |words: &str| {
        let line = words.replacen(' ', &format!(" --bootstrap-server {} ", broker.address), 1);
        broker.run(&line.split(' ').collect::<Vec<&str>>(), b"")
    };
    let ok = |words: &str| {
        let output = run(words);
        assert!(output.status.success(), "{words}: {output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    broker.ok(&["topic", "create", "t", "-p", "2"], b"");
    broker.ok(&["produce", "t", "-p", "0", "-q"], b"a\nb\n");
    let words = "kafka-console-consumer --topic t --consumer-property group.id=by.property \
                 --command-config";
    let config = folder.0.join("client.properties");
    std::fs::write(&config, "auto.offset.reset=earliest\n").expect("a file");
    let consume = format!("{words} {} --max-messages 2 --timeout-ms 20000", config.display());
    assert_eq!(ok(&consume), "a\nb\n");
    assert_eq!(ok("kafka-consumer-groups --list"), "by.property\n");

    let cannot = |one: &str, other: &str| {
        format!("Option \"[{one}]\" can't be used with option \"[{other}]\"")
    };
    let cases = [
        ("kafka-topics --list --partitions 3", cannot("partitions", "list")),
        ("kafka-topics --delete --topic t --config a=b", cannot("config", "delete")),
        ("kafka-topics --create --topic n --if-exists", cannot("if-exists", "create")),
        ("kafka-topics --alter --topic t", "Missing required argument \"[partitions]\"".into()),
        (
            "kafka-topics --alter --topic t --partitions 3 --replica-assignment 0,0,0",
            cannot("replica-assignment", "alter"),
        ),
        ("kafka-consumer-groups --delete --group by.property --topic t", cannot("topic", "delete")),
        (
            "kafka-consumer-groups --delete --group by.property --all-groups",
            cannot("group", "all-groups"),
        ),
        ("kafka-consumer-groups --list --state bogus", "Valid are: Empty".into()),
        ("kafka-configs --describe --topic t --add-config a=b", cannot("add-config", "describe")),
        ("kafka-configs --describe --topic t --entity-name u", "go with --entity-type".into()),
        ("kafka-configs --describe --broker-logger 0", "not dealt with".into()),
        ("kafka-configs --describe --bootstrap-controller x --broker 0", "only brokers".into()),
        (
            "kafka-configs --alter --user u --add-config SCRAM-SHA-256=[password=x]",
            "sets no SCRAM credentials".into(),
        ),
        (
            "kafka-configs --alter --user u --delete-config SCRAM-SHA-256",
            "sets no SCRAM credentials".into(),
        ),
        (
            "kafka-console-consumer --topic t --partition 0 --group g",
            "Options group and partition".into(),
        ),
        (
            "kafka-console-consumer --topic t --group a --consumer-property group.id=b",
            "Detected group ids: 'a', 'b'".into(),
        ),
        (
            "kafka-console-consumer --topic t --from-beginning --command-property \
             auto.offset.reset=latest",
            "please remove one option".into(),
        ),
        (
            "kafka-console-consumer --topic t --group g --command-property \
             enable.auto.commit=false",
            "commits what it has printed".into(),
        ),
        (
            "kafka-console-producer --topic t --property a=b --reader-property a=b",
            cannot("reader-property", "property"),
        ),
    ];
    for (words, said) in &cases {
        fails(&run(words), 1, said);
    }
    assert_eq!(ok("kafka-consumer-groups --list"), "by.property\n", "nothing was deleted");

    assert_eq!(ok("kafka-get-offsets --topic t --time earliest-local"), "t:0:0\nt:1:0\n");
    // Where there is no such offset, the partition is left out.
    assert_eq!(ok("kafka-get-offsets --topic t --time latest-tiered"), "");
    assert_eq!(ok("kafka-get-offsets --topic t --time 4102444800000"), "");
    let valid = "The regular expression `a.*` is valid.\n";
    assert_eq!(broker.ok(&["kafka-consumer-groups", "--validate-regex", "a.*"], b""), valid);
    let said = broker.ok(&["kafka-consumer-groups", "--validate-regex", "a("], b"");
    assert!(said.starts_with("The regular expression `a(` is invalid: "), "{said}");
}
