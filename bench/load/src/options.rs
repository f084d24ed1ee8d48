//! What is asked of a run, from the command line.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

pub(crate) const HELP: &str = "
bench-load --address HOST:PORT [options]     produces, and prints one line of JSON

  --connections N    64
  --depth N          requests in flight per connection, 1 (closed loop only)
  --rate R           open loop: R requests a second in all, whatever the answers do;
                     without it a closed loop as fast as the answers come
  --seconds S        10, after --warmup S, 2
  --record-bytes N   value of a record, 1024; --records N a batch, 1
  --acks -1|1        -1
  --topic NAME       load; --topics N of that name, 1; --partitions N of each, 1
  --keys N           records have keys, N of them in turn; without it none
  --groups N         commits offsets instead, in turn for N groups without members: of one partition
                     in a request, or of all with --whole
  --members N        no load: N members join a group of the topic's partitions at once, and the time
                     is told until all have their share; --consumer in the consumer protocol
  --create           creates the topics first; --config KEY=VALUE for them, repeatable
  --prime            one request to every partition before the clock starts, tried until it succeeds
  --many             measures partitions at rest instead, of 10 new topics at least
  --core N           the core to stay on
  --pid N            the broker's process: its CPU time is reported
";

/// Everything a run is told.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Options {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) depth: usize,
    /// Requests a second in an open loop; a closed loop without.
    pub(crate) rate: Option<f64>,
    pub(crate) measured: Duration,
    pub(crate) warmup: Duration,
    pub(crate) record_bytes: usize,
    pub(crate) records: usize,
    pub(crate) acks: i16,
    pub(crate) topic: String,
    pub(crate) topics: usize,
    pub(crate) partitions: usize,
    /// Groups to commit offsets for; 0: batches are produced.
    pub(crate) keys: usize,
    pub(crate) groups: usize,
    pub(crate) whole: bool,
    /// Members of a group that comes together; 0: a load.
    pub(crate) members: usize,
    /// They speak the consumer protocol.
    pub(crate) consumer: bool,
    pub(crate) create: bool,
    pub(crate) config: Vec<(String, String)>,
    pub(crate) prime: bool,
    /// Measure partitions at rest, not a load.
    pub(crate) many: bool,
    pub(crate) core: Option<usize>,
    pub(crate) pid: Option<u32>,
}

impl Options {
    /// Reads the command line.
    pub(crate) fn parse(arguments: &[String]) -> Result<Options> {
        let mut options = Options {
            address: SocketAddr::from(([127, 0, 0, 1], 9092)),
            connections: 64,
            depth: 1,
            rate: None,
            measured: Duration::from_secs(10),
            warmup: Duration::from_secs(2),
            record_bytes: 1024,
            records: 1,
            acks: -1,
            topic: "load".to_owned(),
            topics: 1,
            partitions: 1,
            keys: 0,
            groups: 0,
            whole: false,
            members: 0,
            consumer: false,
            create: false,
            config: Vec::new(),
            prime: false,
            many: false,
            core: None,
            pid: None,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--create" => options.create = true,
                "--consumer" => options.consumer = true,
                "--prime" => options.prime = true,
                "--whole" => options.whole = true,
                "--many" => options.many = true,
                _ => {
                    let value = words.next().with_context(|| format!("{word} wants a value"))?;
                    options.set(word, value).with_context(|| format!("{word} {value}"))?;
                }
            }
        }
        options.checked()
    }

    fn set(&mut self, word: &str, value: &str) -> Result<()> {
        match word {
            "--address" => self.address = value.parse()?,
            "--connections" => self.connections = value.parse()?,
            "--depth" => self.depth = value.parse()?,
            "--rate" => self.rate = Some(value.parse()?),
            "--seconds" => self.measured = Duration::try_from_secs_f64(value.parse()?)?,
            "--warmup" => self.warmup = Duration::try_from_secs_f64(value.parse()?)?,
            "--record-bytes" => self.record_bytes = value.parse()?,
            "--records" => self.records = value.parse()?,
            "--acks" => self.acks = value.parse()?,
            "--topic" => self.topic = value.to_owned(),
            "--topics" => self.topics = value.parse()?,
            "--partitions" => self.partitions = value.parse()?,
            "--keys" => self.keys = value.parse()?,
            "--groups" => self.groups = value.parse()?,
            "--members" => self.members = value.parse()?,
            "--config" => {
                let (key, value) = value.split_once('=').context("KEY=VALUE")?;
                self.config.push((key.to_owned(), value.to_owned()));
            }
            "--core" => self.core = Some(value.parse()?),
            "--pid" => self.pid = Some(value.parse()?),
            _ => bail!("there is no option {word}"),
        }
        Ok(())
    }

    fn checked(self) -> Result<Options> {
        ensure!(self.connections > 0 && self.depth > 0, "at least one request in flight");
        ensure!(self.topics > 0 && self.partitions > 0, "at least one partition");
        ensure!(self.members <= self.partitions, "a partition for every member");
        ensure!(self.groups == 0 || self.topics == 1, "groups commit for one topic");
        ensure!(self.keys.saturating_mul(self.record_bytes) < 1 << 30, "keys for less than 1 GiB");
        ensure!(self.records > 0 && self.records < 100_000, "1 to 99,999 records a batch");
        ensure!(self.record_bytes < 100 << 20, "a record below 100 MiB");
        ensure!(
            self.acks == -1 || self.acks == 1,
            "acks -1 or 1: without answers nothing is known"
        );
        ensure!(self.rate.is_none_or(|rate| rate > 0.0), "a rate above 0");
        ensure!(!self.measured.is_zero(), "some time to measure");
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Options> {
        Options::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<String>>())
    }

    #[test]
    fn a_command_line_is_read() {
        let options =
            parse("--rate 1000 --partitions 8 --create --config a=b=c --seconds 0.5").unwrap();
        assert_eq!(options.rate, Some(1000.0));
        assert_eq!((options.partitions, options.create), (8, true));
        assert_eq!(options.config, [("a".to_owned(), "b=c".to_owned())]);
        assert_eq!(options.measured, Duration::from_millis(500));
    }

    #[test]
    fn nonsense_is_refused() {
        for line in ["--rate 0", "--depth 0", "--acks 0", "--speed 1", "--rate", "--seconds -1"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
