//! Transcripts of Kafka's command line tools: commands, and what each of them prints. The format is
//! told at the head of tests/e2e/clients/kafka/tools.transcript.
//!
//! Kept true: every line that was printed is expected, and every expected one was printed.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::program::{Running, until};

const SERVER: &str = "--bootstrap-server";
const ANY: &str = "<*>";
const ANY_MORE: &str = "...";

/// A command's name and the class that is behind it.
const TOOLS: &[(&str, &str)] = &[
    ("kafka-broker-api-versions", "org.apache.kafka.tools.BrokerApiVersionsCommand"),
    ("kafka-cluster", "org.apache.kafka.tools.ClusterTool"),
    ("kafka-configs", "kafka.admin.ConfigCommand"),
    ("kafka-console-consumer", "org.apache.kafka.tools.consumer.ConsoleConsumer"),
    ("kafka-console-producer", "org.apache.kafka.tools.ConsoleProducer"),
    ("kafka-consumer-groups", "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"),
    ("kafka-consumer-perf-test", "org.apache.kafka.tools.ConsumerPerformance"),
    ("kafka-delete-records", "org.apache.kafka.tools.DeleteRecordsCommand"),
    ("kafka-features", "org.apache.kafka.tools.FeatureCommand"),
    ("kafka-get-offsets", "org.apache.kafka.tools.GetOffsetShell"),
    ("kafka-groups", "org.apache.kafka.tools.GroupsCommand"),
    ("kafka-leader-election", "org.apache.kafka.tools.LeaderElectionCommand"),
    ("kafka-log-dirs", "org.apache.kafka.tools.LogDirsCommand"),
    ("kafka-metadata-quorum", "org.apache.kafka.tools.MetadataQuorumCommand"),
    ("kafka-producer-perf-test", "org.apache.kafka.tools.ProducerPerformance"),
    ("kafka-reassign-partitions", "org.apache.kafka.tools.reassign.ReassignPartitionsCommand"),
    ("kafka-topics", "org.apache.kafka.tools.TopicCommand"),
    ("kafka-transactions", "org.apache.kafka.tools.TransactionsCommand"),
];

/// One command of a transcript and what is expected of it.
#[derive(Debug, Default)]
pub struct Step {
    /// As it stands there.
    pub command: String,
    input: String,
    exit: i64,
    out: Vec<String>,
    err: Vec<String>,
}

/// The commands of a transcript; its files are written into the folder.
///
/// # Errors
/// When it is not written as its head says.
pub fn parse(text: &str, folder: &Path) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(command) = line.strip_prefix("$ ") {
            let command = command.replace("{folder}", &folder.display().to_string());
            steps.push(Step { command, ..Step::default() });
            continue;
        }
        if let Some((name, content)) = line.strip_prefix('<').and_then(|l| l.split_once("> "))
            && line.find(' ').is_some_and(|at| line[..at].ends_with('>'))
            && !line.starts_with(ANY)
        {
            std::fs::write(folder.join(name), content).context("a file of a transcript")?;
            continue;
        }
        let step = steps.last_mut().context("a line before the first command")?;
        match line.split_at_checked(2) {
            Some(("< ", input)) => step.input += &format!("{input}\n"),
            Some(("! ", said)) => step.err.push(said.to_owned()),
            Some(("= ", exit)) => step.exit = exit.parse().context("an exit code")?,
            _ => step.out.push(line.to_owned()),
        }
    }
    Ok(steps)
}

impl Step {
    /// The class and its arguments.
    fn words(&self, bootstrap: &str) -> Result<(&'static str, Vec<String>)> {
        let mut words: Vec<String> = self.command.split(' ').map(String::from).collect();
        let name = words.remove(0);
        let tool = TOOLS.iter().find(|(tool, _)| *tool == name);
        let (_, class) = tool.with_context(|| format!("no tool {name}"))?;
        let at = words.iter().position(|word| word == "{server}");
        let at = at.inspect(|at| drop(words.remove(*at))).unwrap_or(0);
        words.splice(at..at, [SERVER.to_owned(), bootstrap.to_owned()]);
        Ok((class, words))
    }

    /// That an answer of the tools is what is expected.
    fn check(&self, answer: &Value) -> Result<()> {
        let text = |name| answer.get(name).and_then(Value::as_str).context("an answer");
        let (out, err) = (text("out")?, text("err")?);
        let exit = answer.get("exit").and_then(Value::as_i64).context("an exit code")?;
        ensure!(exit == self.exit, "ended with {exit}: {out}{err}");
        matches(&self.out, out).with_context(|| format!("printed {out}"))?;
        matches(&self.err, err).with_context(|| format!("said {err}"))
    }
}

/// That the lines of a text are the expected ones, each once, in any order. Lines of a stack, empty
/// ones, and how many blanks there are, do not count.
fn matches(expected: &[String], text: &str) -> Result<()> {
    let counts = |line: &&str| !line.starts_with("\tat ") && !line.starts_with("Caused by: ");
    let printed = text.lines().filter(counts).map(plain);
    let mut left: Vec<String> = printed.filter(|line| !line.is_empty()).collect();
    let more = expected.iter().any(|line| line == ANY_MORE);
    let expected = expected.iter().filter(|line| *line != ANY_MORE).map(|line| plain(line));
    let expected = expected.filter(|line| !line.is_empty());
    let (loose, exact): (Vec<String>, Vec<String>) = expected.partition(|line| line.contains(ANY));
    for line in exact.into_iter().chain(loose) {
        let found = left.iter().position(|printed| like(&line, printed));
        left.remove(found.with_context(|| format!("missing: {line}"))?);
    }
    ensure!(more || left.is_empty(), "too much: {left:?}");
    Ok(())
}

/// A line with one blank wherever there are some.
fn plain(line: &str) -> String {
    line.split_whitespace().collect::<Vec<&str>>().join(" ")
}

/// Whether a printed line is the expected one, in which `<*>` stands for any text.
fn like(expected: &str, printed: &str) -> bool {
    let mut parts = expected.split(ANY);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    false
}

/// The program that runs tools, one after the other.
#[derive(Debug)]
pub struct Tools {
    running: Running,
    asked: usize,
}

impl Tools {
    /// Tools.java, started.
    pub fn new(running: Running) -> Tools {
        Tools { running, asked: 0 }
    }

    /// Runs a step against a broker and checks what it did.
    ///
    /// # Errors
    /// When it does anything else than what the transcript says.
    pub fn play(&mut self, step: &Step, bootstrap: &str) -> Result<()> {
        let (class, arguments) = step.words(bootstrap)?;
        let asked = json!({ "class": class, "arguments": arguments, "input": step.input });
        self.running.tell(&format!("{asked}\n"))?;
        self.asked += 1;
        until(&step.command, || {
            self.running.is_running()?;
            Ok(self.running.lines()?.len() == self.asked)
        })?;
        let lines = self.running.lines()?;
        let Some(answer) = lines.last() else { bail!("no answer") };
        step.check(answer).with_context(|| step.command.clone())
    }

    /// Ends the program.
    ///
    /// # Errors
    /// When it does not end well.
    pub fn end(mut self) -> Result<()> {
        self.running.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_like_another_where_it_says_so() {
        for (expected, printed, so) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a<*>c", "abc", true),
            ("a<*>c", "abd", false),
            ("<*>b<*>", "abc", true),
            ("<*>", "", true),
            ("a<*>a", "a", false),
        ] {
            assert_eq!(like(expected, printed), so, "{expected} {printed}");
        }
    }

    #[test]
    fn lines_that_are_missing_or_too_many_are_found() {
        let expected = ["b".to_owned(), "a<*>".to_owned()];
        assert!(matches(&expected, "ax\nb\n\n\tat Some.where\n").is_ok());
        assert!(matches(&expected, "ax\n").is_err());
        assert!(matches(&expected, "ax\nb\nb\n").is_err());
        let and_more = [expected.to_vec(), vec!["...".to_owned()]].concat();
        assert!(matches(&and_more, "ax\nb\nb\n").is_ok());
    }
}
