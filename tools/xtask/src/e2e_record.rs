//! docs/compat/proven.tsv: which versions of which API each client used in the e2e tests and was
//! answered, as the brokers under test told it (`--log debug`).
//!
//! Kept true: the file is made by runs in which every test passed. A row is a client with its
//! version, an API, and a version of it; rows are sorted. Our own client proves nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

const FILE: &str = "docs/compat/proven.tsv";
const ANSWERED: &str = "target/e2e/answered";
const HEAD: &str = "# client\tAPI\tversion: written by `cargo xtask e2e --record`\n";

/// Names that clients give their software, and what we call them.
const SOFTWARE: &[(&str, &str)] = &[
    ("apache-kafka-java", "java"),
    ("confluent-kafka-python", "confluent-kafka"),
    ("kgo", "franz-go"),
    ("kafka-python", "kafka-python"),
    ("librdkafka", "kcat, librdkafka"),
    ("sarama", "sarama"),
];

/// Clients that do not tell their software: how the folder of their test begins, and what we call
/// them. What else speaks in that folder tells its software, but for our own raw peer.
const UNNAMED: &[(&str, &str)] =
    &[("aiokafka", "aiokafka"), ("java-2.1.1", "java 2.1.1"), ("kafkajs", "kafkajs")];
/// The rdkafka crate tells librdkafka's name; its program calls itself this.
const RDKAFKA: &str = "\"rust-rdkafka\"";
const PEER: &str = "\"bad-input\"";

type Row = (String, String, i16);

/// An empty file for what the brokers of a run will say.
pub(crate) fn begin(root: &Path) -> Result<PathBuf> {
    let file = root.join(ANSWERED);
    fs::write(&file, "").with_context(|| ANSWERED.to_owned())?;
    Ok(file)
}

/// Writes what the brokers said: alone after a run of all tests, else beside what was known.
pub(crate) fn write(root: &Path, is_whole: bool) -> Result<()> {
    let said = fs::read_to_string(root.join(ANSWERED)).context(ANSWERED)?;
    let mut rows = BTreeSet::new();
    for line in said.lines() {
        rows.extend(rows_of(line).with_context(|| format!("{line:?}"))?);
    }
    ensure!(!rows.is_empty(), "no client was answered anything");
    let file = root.join(FILE);
    if !is_whole {
        let known = fs::read_to_string(&file).unwrap_or_default();
        rows.extend(known.lines().filter_map(parse));
    }
    let mut text = HEAD.to_owned();
    for (client, api, version) in &rows {
        text.push_str(&format!("{client}\t{api}\t{version}\n"));
    }
    fs::create_dir_all(file.parent().context("it has a folder")?)?;
    fs::write(&file, text).with_context(|| FILE.to_owned())?;
    println!("{FILE}: {} rows; cargo xtask codegen makes the table", rows.len());
    Ok(())
}

fn parse(row: &str) -> Option<Row> {
    let mut columns = row.split('\t');
    let (client, api, version) = (columns.next()?, columns.next()?, columns.next()?);
    Some((client.to_owned(), api.to_owned(), version.parse().ok()?))
}

/// The rows of what was said of one connection: FOLDER, a tab, `SOFTWARE/VERSION as "CLIENT ID" was
/// answered API:VERSION=COUNT ...`.
fn rows_of(line: &str) -> Result<Vec<Row>> {
    let (folder, said) = line.split_once('\t').context("a folder")?;
    let (who, answers) = said.rsplit_once(" was answered ").context("what was answered")?;
    let (software, client_id) = who.split_once(" as ").context("a client id")?;
    let Some(client) = client(folder, software, client_id) else { return Ok(Vec::new()) };
    let row = |answer: &str| {
        let (api, rest) = answer.split_once(':')?;
        let (version, _count) = rest.split_once('=')?;
        Some((client.clone(), api.to_owned(), version.parse().ok()?))
    };
    answers.split(' ').map(|answer| row(answer).context("API:VERSION=COUNT")).collect()
}

/// What we call a client; none where it is ourselves, or nobody knows.
fn client(folder: &str, software: &str, client_id: &str) -> Option<String> {
    let (name, version) = software.split_once('/')?;
    if let Some((_, ours)) = SOFTWARE.iter().find(|(theirs, _)| *theirs == name) {
        let ours = if client_id == RDKAFKA { "rdkafka, librdkafka" } else { ours };
        let version = version.split("-rdkafka").next().unwrap_or(version).trim_start_matches('v');
        return Some(format!("{ours} {version}"));
    }
    let unnamed = UNNAMED.iter().find(|(begins, _)| folder.starts_with(begins))?;
    (name == "-" && client_id != PEER).then(|| unnamed.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_of_those_who_are_known() {
        let row = |client: &str, api: &str, version| (client.to_owned(), api.to_owned(), version);
        let line =
            "x\tapache-kafka-java/4.3.1 as \"producer-1\" was answered Produce:13=2 Fetch:4=1";
        let java = [row("java 4.3.1", "Produce", 13), row("java 4.3.1", "Fetch", 4)];
        assert_eq!(rows_of(line).unwrap(), java);
        let line = "x\tlibrdkafka/2.1.0 as \"rust-rdkafka\" was answered Produce:7=2";
        assert_eq!(rows_of(line).unwrap(), [row("rdkafka, librdkafka 2.1.0", "Produce", 7)]);
        let line = "x\tkgo/v1.22.2 as \"kgo\" was answered Produce:7=2";
        assert_eq!(rows_of(line).unwrap(), [row("franz-go 1.22.2", "Produce", 7)]);
        let line = "kafkajs\t-/- as \"kafkajs\" was answered Metadata:6=1";
        assert_eq!(rows_of(line).unwrap(), [row("kafkajs", "Metadata", 6)]);
        for nobody in [
            "kafkajs\t-/- as \"bad-input\" was answered Fetch:11=1",
            "kafkajs\tbobbin/0.1.0 as \"bobbin\" was answered Fetch:11=1",
            "elsewhere\t-/- as \"x\" was answered Fetch:11=1",
        ] {
            assert_eq!(rows_of(nobody).unwrap(), []);
        }
        assert!(rows_of("kafkajs\t-/- as \"kafkajs\" was answered Metadata").is_err());
    }
}
