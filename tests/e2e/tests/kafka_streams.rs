//! Kafka Streams: an application with repartition, changelog and windowed changelog topics is
//! killed in the middle and goes on elsewhere; its results are those that were computed here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use tests_e2e::broker::{self, Setup};
use tests_e2e::program::{Program, Running, until};
use tests_e2e::{Folder, clients, folder};

const LINES: usize = 2_000;
const WORDS: usize = 40;
const PAIRS: usize = 600;
const KEYS: usize = 20;
const NEAR_MS: usize = 5_000;

/// What Streams says against Apache Kafka, too: it asks for its repartition topic before it has
/// made it, and tells of a default that Kafka 5 will have.
const SAID_ANYWAY: &[&str] = &[
    "{app-words-repartition=UNKNOWN_TOPIC_OR_PARTITION}",
    "`processing.exception.handler.global.enabled`",
    // Where the project itself lies below /tmp.
    "Using an OS temp directory in the state.dir property",
];

fn words(line: usize) -> impl Iterator<Item = String> {
    (0..5).map(move |at| format!("w{}", (line * line + at * (line + 3)) % WORDS))
}

/// Name, moment in milliseconds from the first, and key of a record of one side.
fn sided(side: &str, n: usize) -> (String, usize, usize) {
    let step = if side == "left" { 37 } else { 53 };
    (format!("{side}{n}"), n * step * 7 % 60_000, n % KEYS)
}

/// In how many lines each word stands.
fn counts() -> BTreeMap<String, String> {
    let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for line in 0..LINES {
        for word in words(line) {
            lines.entry(word).or_default().insert(line);
        }
    }
    lines.into_iter().map(|(word, lines)| (word, lines.len().to_string())).collect()
}

/// Pairs of one key that are near.
fn joined() -> BTreeSet<String> {
    let mut pairs = BTreeSet::new();
    for (left, at, key) in (0..PAIRS).map(|n| sided("left", n)) {
        for (right, other, of) in (0..PAIRS).map(|n| sided("right", n)) {
            if key == of && at.abs_diff(other) <= NEAR_MS {
                pairs.insert(format!("k{key} {left}/{right}"));
            }
        }
    }
    pairs
}

fn produce(bootstrap: &str, topic: &str, input: &str) -> Result<()> {
    let words = ["produce", topic, "-q", "-f", "%T\\t%k\\t%v\\n"];
    clients::bobbin(bootstrap, &words, input).map(drop)
}

/// Two minutes ago, in milliseconds. What is older than its topic's retention goes, and that of a
/// windowed changelog is its window's.
fn first_moment() -> Result<usize> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).context("the time")?.as_millis();
    Ok(usize::try_from(now).context("the time in milliseconds")? - 120_000)
}

fn feed(bootstrap: &str, base: usize, lines: Range<usize>, pairs: Range<usize>) -> Result<()> {
    let mut input = String::new();
    for line in lines {
        let words: Vec<String> = words(line).collect();
        writeln!(input, "{}\tl{line}\t{}", base + line, words.join(" "))?;
    }
    produce(bootstrap, "lines", &input)?;
    for side in ["left", "right"] {
        let mut input = String::new();
        for (name, at, key) in pairs.clone().map(|n| sided(side, n)) {
            writeln!(input, "{}\tk{key}\t{name}", base + at)?;
        }
        produce(bootstrap, side, &input)?;
    }
    Ok(())
}

fn read(bootstrap: &str, topic: &str) -> Result<String> {
    clients::bobbin(bootstrap, &["consume", topic, "-e", "-f", "%k %v\\n"], "")
}

/// The last count of each word.
fn counted(bootstrap: &str) -> Result<BTreeMap<String, String>> {
    let text = read(bootstrap, "counts")?;
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(word, count)| (word.to_owned(), count.to_owned())).collect())
}

fn application(folder: &Folder, bootstrap: &str, state: &str) -> Result<Running> {
    let command = folder::java("kafka", "StreamsApp")?;
    let name = "streams".to_owned();
    let program = Program { name, command, allowed: SAID_ANYWAY, ..Program::default() };
    let state = folder.path(state).display().to_string();
    program.start(folder, bootstrap, "streams", &[&state])
}

#[test]
#[ignore = "needs the release binary and Kafka Streams: cargo xtask e2e"]
fn kafka_streams_go_on_after_a_kill_with_the_results_that_were_computed() -> Result<()> {
    let folder = Folder::new("kafka-streams")?;
    let (bootstrap, broker) = broker::under_test(&Setup::new(&folder)?)?;
    for topic in ["lines", "left", "right", "counts", "joined"] {
        clients::bobbin(&bootstrap, &["topic", "create", topic, "-p", "3"], "")?;
    }
    let base = first_moment()?;
    feed(&bootstrap, base, 0..LINES / 2, 0..PAIRS / 2)?;
    let mut first = application(&folder, &bootstrap, "state-1")?;
    until("there are first results", || {
        first.is_running()?;
        Ok(!counted(&bootstrap)?.is_empty() && !read(&bootstrap, "joined")?.is_empty())
    })?;
    feed(&bootstrap, base, LINES / 2..LINES * 3 / 4, PAIRS / 2..PAIRS * 3 / 4)?;
    first.kill()?;
    feed(&bootstrap, base, LINES * 3 / 4..LINES, PAIRS * 3 / 4..PAIRS)?;

    // Elsewhere: what the first one knew is in its changelogs alone.
    let mut second = application(&folder, &bootstrap, "state-2")?;
    let counts = counts();
    until("every word is counted", || {
        second.is_running()?;
        Ok(counted(&bootstrap)? == counts)
    })?;
    let joined = joined();
    until("every pair is joined", || {
        second.is_running()?;
        let text = read(&bootstrap, "joined")?;
        let found: BTreeSet<String> = text.lines().map(String::from).collect();
        let odd = found.difference(&joined).next();
        ensure!(odd.is_none(), "joined what does not belong together: {odd:?}");
        Ok(found == joined)
    })?;
    until("what was read of the repartition topic is deleted", || {
        second.is_running()?;
        let place = ["consume", "app-words-repartition", "-e", "-f", "%o\\n"];
        Ok(clients::bobbin(&bootstrap, &place, "")?.lines().count() < 5 * LINES / 4)
    })?;
    second.end()?;
    let topics = clients::bobbin(&bootstrap, &["topic", "list"], "")?;
    let internal = topics.lines().filter(|line| line.starts_with("app-")).count();
    ensure!(internal == 4, "a repartition topic and three changelogs: {topics}");
    ensure!(counted(&bootstrap)? == counts, "the counts stay");
    let described = ["config", "get", "topic", "app-seen-changelog"];
    let configs = clients::bobbin(&bootstrap, &described, "").context("its configs")?;
    let compact = configs.lines().any(|line| {
        line.starts_with("cleanup.policy") && line.split_whitespace().any(|word| word == "compact")
    });
    ensure!(compact, "a changelog is compacted: {configs}");
    drop(broker);
    folder.done()
}
