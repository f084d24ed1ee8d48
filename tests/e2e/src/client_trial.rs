//! What every client library must be able to do with Bobbin, by its program (see `program`):
//! write with each codec and read back, read what others wrote and be read by them, share a topic
//! in a group that loses a member, find offsets by time, and administer.
//!
//! Kept true: the program's words are checked against other eyes: bobbin's own command line, kcat,
//! and the bytes of the batches. `BOBBIN_E2E_BROKER` names another broker to run against, such as
//! Apache Kafka.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::broker::{self, Broker, Setup};
use crate::members::{self, COUNT, read_all, read_by, shared_by, wanted};
use crate::program::{Program, Running, until};
use crate::written::{self, CODECS, Written};
use crate::{Folder, clients};

/// Runs everything that a program must be able to do.
///
/// # Errors
/// When a promise is broken; the folder then stays.
pub fn trial(program: &Program) -> Result<()> {
    let trial = Trial::begin(program)?;
    trial.part("writes", Trial::writes)?;
    trial.part("reads others", Trial::reads_others)?;
    trial.part("finds by time", Trial::finds_by_time)?;
    trial.part("administers", Trial::administers)?;
    trial.part("shares", Trial::shares)?;
    trial.end()
}

/// Runs what has to do with groups alone.
///
/// # Errors
/// When a promise is broken; the folder then stays.
pub fn trial_of_groups(program: &Program) -> Result<()> {
    let trial = Trial::begin(program)?;
    trial.part("shares", Trial::shares)?;
    trial.end()
}

struct Trial<'a> {
    program: &'a Program,
    folder: Folder,
    bootstrap: String,
    /// Of the program and this run, in the names of topics.
    name: String,
    broker: Option<Broker>,
    codecs: OnceCell<Vec<String>>,
}

impl Trial<'_> {
    fn begin(program: &Program) -> Result<Trial<'_>> {
        let folder = Folder::new(&program.name)?;
        let mut setup = Setup::new(&folder)?;
        setup.arguments.extend_from_slice(&program.broker_arguments);
        let (bootstrap, broker) = broker::under_test(&setup)?;
        let name = format!("{}-{}", program.name, std::process::id());
        let codecs = OnceCell::new();
        Ok(Trial { program, folder, bootstrap, name, broker, codecs })
    }

    fn end(self) -> Result<()> {
        drop(self.broker);
        self.folder.done()
    }

    fn part(&self, what: &str, run: impl Fn(&Self) -> Result<()>) -> Result<()> {
        let begun = Instant::now();
        run(self).with_context(|| format!("{} {what}", self.program.name))?;
        let seconds = begun.elapsed().as_secs_f64();
        println!("{} {what}: ok ({seconds:.1} s)", self.program.name);
        Ok(())
    }

    fn run(&self, verb: &str, arguments: &[&str]) -> Result<Vec<Value>> {
        self.program.run(&self.folder, &self.bootstrap, verb, arguments)
    }

    fn create(&self, topic: &str, partitions: usize) -> Result<()> {
        let count = partitions.to_string();
        self.bobbin(&["topic", "create", topic, "-p", &count], "").map(drop)
    }

    fn bobbin(&self, words: &[&str], input: &str) -> Result<String> {
        clients::bobbin(&self.bootstrap, words, input)
    }

    fn read(&self, topic: &str, count: usize) -> Result<Vec<Written>> {
        let lines = self.run("read", &[topic, &count.to_string()])?;
        ensure!(lines.len() == count, "{} records instead of {count}", lines.len());
        lines.iter().map(Written::of).collect()
    }

    fn own_topic(&self) -> String {
        format!("{}-own", self.name)
    }

    /// One topic, written with each codec that the program has.
    fn writes(&self) -> Result<()> {
        let topic = self.own_topic();
        self.create(&topic, 3)?;
        let codecs = self.codecs()?;
        for codec in codecs {
            let said = self.run("produce", &[&topic, codec, &COUNT.to_string(), codec])?;
            let wanted = serde_json::json!([{ "produced": COUNT }]);
            ensure!(Value::Array(said.clone()) == wanted, "{codec}: {said:?}");
        }
        let found = written::codecs_of_batches(&self.bootstrap, &topic, 3)?;
        let asked: BTreeSet<String> = codecs.iter().cloned().collect();
        ensure!(found == asked, "batches are packed with {found:?} instead of {asked:?}");
        let total = codecs.len() * COUNT;
        let records = self.read(&topic, total)?;
        written::check(&records, codecs, COUNT)?;
        let lines = written::lines(&records);
        let form = "%p\t%o\t%k\t%s\t%h\t%T\n";
        let place = ["-C", "-t", &topic, "-e", "-o", "beginning", "-f", form];
        let wait = ["-X", "fetch.wait.max.ms=50"];
        let by_kcat = clients::kcat(&self.bootstrap, &[&place[..], &wait[..]].concat(), "")?;
        written::same(&lines, &by_kcat).context("kcat reads it")?;
        let form = "%p\t%o\t%k\t%v\t%h\t%T\n";
        let by_bobbin = self.bobbin(&["consume", &topic, "-e", "-f", form], "")?;
        written::same(&lines, &by_bobbin).context("bobbin reads it")
    }

    /// The codecs that the program can write: names of Kafka's, each once.
    fn codecs(&self) -> Result<&[String]> {
        if let Some(codecs) = self.codecs.get() {
            return Ok(codecs);
        }
        let said = self.run("codecs", &[])?;
        let listed = said.first().and_then(|line| line.get("codecs"));
        let listed = listed.and_then(Value::as_array).context("a list of codecs")?;
        let codecs: Vec<String> =
            listed.iter().filter_map(|one| one.as_str().map(String::from)).collect();
        let known = codecs.iter().all(|codec| CODECS.contains(&&**codec));
        ensure!(known && codecs.iter().any(|codec| codec == "none"), "{codecs:?}");
        Ok(self.codecs.get_or_init(|| codecs))
    }

    /// One topic, written by bobbin and by kcat with each codec that the program has.
    fn reads_others(&self) -> Result<()> {
        let topic = format!("{}-others", self.name);
        self.create(&topic, 3)?;
        let mut writers = Vec::new();
        for codec in self.codecs()? {
            let by = format!("bobbin-{codec}");
            let (input, header) = (written::input(&by, 0..COUNT), format!("by={by}"));
            let words = ["produce", &topic, "-q", "-K", "\\t", "-z", codec, "-H", &header];
            self.bobbin(&words, &input)?;
            writers.push(by);
            let by = format!("kcat-{codec}");
            let (input, header) = (written::input(&by, 0..COUNT), format!("by={by}"));
            let words = ["-P", "-t", &topic, "-K", "\t", "-z", codec, "-H", &header];
            clients::kcat(&self.bootstrap, &words, &input)?;
            writers.push(by);
        }
        let records = self.read(&topic, writers.len() * COUNT)?;
        written::check(&records, &writers, COUNT)
    }

    /// Each partition's first record at or after a moment in the middle, and after the last one.
    fn finds_by_time(&self) -> Result<()> {
        let topic = self.own_topic();
        let records = self.read(&topic, self.codecs()?.len() * COUNT)?;
        let mut moments: Vec<i64> = records.iter().map(|record| record.timestamp).collect();
        moments.sort_unstable();
        let last = *moments.last().context("there are records")?;
        for moment in [moments[moments.len() / 2], last, last + 3_600_000] {
            let said = self.run("times", &[&topic, &moment.to_string()])?;
            ensure!(said.len() == 3, "three partitions: {said:?}");
            for line in said {
                let partition = written::number(&line, "partition")?;
                let found = line.get("offset").and_then(Value::as_i64).filter(|at| *at >= 0);
                let here = records.iter().filter(|record| record.partition == partition);
                let wanted = here.filter(|record| record.timestamp >= moment);
                let wanted = wanted.map(|record| record.offset).min();
                ensure!(found == wanted, "{moment} in {partition}: {found:?}, not {wanted:?}");
            }
        }
        Ok(())
    }

    fn administers(&self) -> Result<()> {
        let prefix = format!("{}-admin", self.name);
        let said = self.run("admin", &[&prefix])?;
        let mut steps = Vec::new();
        for line in &said {
            ensure!(line.get("ok") == Some(&Value::Bool(true)), "{line}");
            steps.push(line.get("step").and_then(Value::as_str).context("a step")?);
        }
        let wanted = self.program.admin_steps;
        ensure!(steps == wanted, "steps {steps:?} instead of {wanted:?}");
        let left = self.bobbin(&["topic", "list"], "")?;
        ensure!(!left.contains(&prefix), "its topic is left: {left}");
        let left = self.bobbin(&["group", "list"], "")?;
        ensure!(!left.contains(&prefix), "its group is left: {left}");
        Ok(())
    }

    /// A group of three that loses one, and another that goes on where they ended.
    fn shares(&self) -> Result<()> {
        let (topic, group) = (format!("{}-shared", self.name), format!("{}-group", self.name));
        members::create(&self.bootstrap, &topic)?;
        members::produce(&self.bootstrap, &topic, "first")?;
        let mut members = Vec::new();
        for _ in 0..3 {
            members.push(self.join(&topic, &group)?);
        }
        shared_by(&mut members[..])?;
        members::produce(&self.bootstrap, &topic, "second")?;
        read_by(&mut members[..], &["first", "second"])?;
        members[0].kill()?;
        members::produce(&self.bootstrap, &topic, "third")?;
        shared_by(&mut members[1..])?;
        until("the others take over", || Ok(read_all(&members)?.is_superset(&wanted(&["third"]))))?;
        for member in &mut members[1..] {
            member.end()?;
        }
        let all = read_all(&members)?;
        ensure!(all == wanted(&["first", "second", "third"]), "{} records", all.len());
        members::is_done(&self.bootstrap, &group)?;

        let mut next = [self.join(&topic, &group)?];
        shared_by(&mut next)?;
        members::produce(&self.bootstrap, &topic, "fourth")?;
        read_by(&mut next, &["fourth"])?;
        next[0].end()?;
        let read = read_all(&next)?;
        ensure!(read == wanted(&["fourth"]), "read again: {read:?}");
        Ok(())
    }

    fn join(&self, topic: &str, group: &str) -> Result<Running> {
        let mut arguments = vec![topic, group];
        arguments.extend(self.program.member_arguments.iter().map(|one| &**one));
        self.program.start(&self.folder, &self.bootstrap, "member", &arguments)
    }
}
