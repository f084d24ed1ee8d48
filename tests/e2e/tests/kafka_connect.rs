//! Kafka Connect, standalone, with its file source and sink: what goes into one file comes out of
//! the other, once, also over a restart: the sink's offsets are those of a group.

use std::fs::OpenOptions;
use std::io::Write;
use std::ops::Range;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tests_e2e::broker::{self, Setup};
use tests_e2e::program::{Program, Running, until};
use tests_e2e::{Folder, clients, folder};

const STANDALONE: &str = "org.apache.kafka.connect.cli.ConnectStandalone";

/// Adds numbered lines to the file that the source reads.
fn write(folder: &Folder, numbers: Range<usize>) -> Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(folder.path("in"))?;
    let lines: String = numbers.map(|n| format!("line {n}\n")).collect();
    file.write_all(lines.as_bytes()).context("adding lines")
}

fn configure(folder: &Folder, bootstrap: &str) -> Result<Vec<String>> {
    let path = |name: &str| folder.path(name).display().to_string();
    let converter = "org.apache.kafka.connect.storage.StringConverter";
    let worker = [
        format!("bootstrap.servers={bootstrap}"),
        format!("key.converter={converter}"),
        format!("value.converter={converter}"),
        format!("offset.storage.file.filename={}", path("offsets")),
        format!("plugin.path={}", path("plugins")),
        // Everything is on the class path already.
        "plugin.discovery=service_load".to_owned(),
        "offset.flush.interval.ms=1000".to_owned(),
        "listeners=http://127.0.0.1:0".to_owned(),
    ];
    std::fs::create_dir_all(folder.path("plugins"))?;
    std::fs::write(folder.path("worker.properties"), worker.join("\n"))?;
    for (name, class, places) in [
        ("source", "FileStreamSource", json!({ "file": path("in"), "topic": "lines" })),
        ("sink", "FileStreamSink", json!({ "file": path("out"), "topics": "lines" })),
    ] {
        let mut config = places;
        config["connector.class"] =
            format!("org.apache.kafka.connect.file.{class}Connector").into();
        config["tasks.max"] = "1".into();
        let connector = json!({ "name": name, "config": config });
        std::fs::write(folder.path(&format!("{name}.json")), connector.to_string())?;
    }
    let files = ["worker.properties", "source.json", "sink.json"];
    Ok(files.map(path).to_vec())
}

fn connect(folder: &Folder, bootstrap: &str) -> Result<Running> {
    let files = configure(folder, bootstrap)?;
    let name = "connect".to_owned();
    let command = folder::java("kafka", "Tools")?;
    let program = Program { name, command, ..Program::default() };
    let words: Vec<&str> = [STANDALONE].into_iter().chain(files.iter().map(|f| &**f)).collect();
    program.start(folder, bootstrap, "main", &words)
}

fn lines_of(folder: &Folder, name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(folder.path(name)).unwrap_or_default();
    text.lines().map(String::from).collect()
}

#[test]
#[ignore = "needs the release binary and Kafka Connect: cargo xtask e2e"]
fn kafka_connect_copies_a_file_once_over_a_restart() -> Result<()> {
    let folder = Folder::new("kafka-connect")?;
    let (bootstrap, broker) = broker::under_test(&Setup::new(&folder)?)?;
    write(&folder, 0..1_000)?;
    for round in 1..=2 {
        let mut running = connect(&folder, &bootstrap)?;
        until("the file is copied", || {
            running.is_running()?;
            Ok(lines_of(&folder, "out").len() >= 1_000 * round)
        })?;
        running.terminate()?;
        ensure!(lines_of(&folder, "out") == lines_of(&folder, "in"), "in order, once");
        write(&folder, 1_000 * round..1_000 * (round + 1))?;
    }
    let told = clients::bobbin(&bootstrap, &["group", "describe", "connect-sink"], "")?;
    ensure!(told.contains("lag          0 records"), "the sink has committed: {told}");
    drop(broker);
    folder.done()
}
