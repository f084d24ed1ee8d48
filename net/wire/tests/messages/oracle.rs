//! Kafka's own message classes, 4.3.1: what they write we read and write back the same, and the
//! other way round, every field under its own name. `cargo xtask wire-oracle` sets Java up.

use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use net_wire::api;
use serde_json::Value;

use crate::dice::Dice;
use crate::generated::CASES;
use crate::sample::Case;

/// Random messages of each kind and version, in each direction.
const ROUNDS: u64 = 40;

/// A Java process that answers questions; see WireOracle.java.
struct Kafka {
    process: Child,
    ask: ChildStdin,
    hear: BufReader<ChildStdout>,
}

impl Kafka {
    fn start() -> Kafka {
        let path = std::env::var("BOBBIN_WIRE_ORACLE").expect("`cargo xtask wire-oracle` sets it");
        let mut process = Command::new("java")
            .args(["-Xmx512m", "-XX:+UseSerialGC", "-cp", &path, "WireOracle"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("because java is installed");
        let ask = process.stdin.take().expect("because it was piped");
        let hear = BufReader::new(process.stdout.take().expect("because it was piped"));
        Kafka { process, ask, hear }
    }

    fn ask(
        &mut self,
        what: u8,
        key: i16,
        response: bool,
        version: i16,
        argument: &[u8],
    ) -> Vec<Vec<u8>> {
        let mut question = vec![0, 0, 0, 0, what];
        question.extend(key.to_be_bytes());
        question.push(u8::from(response));
        question.extend(version.to_be_bytes());
        question.extend(argument);
        let length = question.len() as u32 - 4;
        question[..4].copy_from_slice(&length.to_be_bytes());
        self.ask.write_all(&question).expect("because Java reads");
        let mut status = [0];
        self.hear.read_exact(&mut status).expect("because Java answers");
        let parts: Vec<Vec<u8>> = (0..self.number())
            .map(|_| {
                let mut part = vec![0; self.number()];
                self.hear.read_exact(&mut part).expect("because Java said how many");
                part
            })
            .collect();
        assert_eq!(status, [0], "Kafka refuses: {}", String::from_utf8_lossy(&parts[0]));
        parts
    }

    fn number(&mut self) -> usize {
        let mut number = [0; 4];
        self.hear.read_exact(&mut number).expect("because Java answers");
        u32::from_be_bytes(number) as usize
    }

    fn json(&mut self, text: &[u8]) -> Value {
        serde_json::from_slice(text).expect("because Kafka writes JSON")
    }
}

impl Drop for Kafka {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn seed(case: &Case, version: i16, round: u64) -> u64 {
    (case.key as u64) << 32 | u64::from(case.response) << 24 | (version as u64) << 16 | round
}

#[test]
#[ignore = "cargo xtask wire-oracle"]
fn what_kafka_writes_we_read_and_write_the_same() {
    let mut kafka = Kafka::start();
    for case in CASES {
        for version in case.all_versions() {
            let name = format!("{} {} response {}", case.name, version, case.response);
            for round in 0..ROUNDS {
                let seed = seed(case, version, round);
                let parts = kafka.ask(b'm', case.key, case.response, version, &seed.to_be_bytes());
                let [json, raw, canonical] = &parts[..] else { panic!("three parts") };
                let json = kafka.json(json);
                // As one slice, and cut somewhere; with its defaults spelled out, and without.
                let cut = Dice::new(seed).below(raw.len() + 1);
                for frame in [&[&raw[..cut], &raw[cut..]][..], &[&canonical[..]]] {
                    let (bytes, own) = (case.again)(frame, version)
                        .unwrap_or_else(|error| panic!("{name}, seed {seed}: {error}\n{json}"));
                    assert_eq!(own, json, "{name}, seed {seed}");
                    assert_eq!(&bytes, canonical, "{name}, seed {seed}\n{json}");
                }
            }
        }
    }
}

#[test]
#[ignore = "cargo xtask wire-oracle"]
fn what_we_write_kafka_reads_and_writes_the_same() {
    let mut kafka = Kafka::start();
    for case in CASES {
        for version in case.all_versions() {
            let name = format!("{} {} response {}", case.name, version, case.response);
            for round in 0..ROUNDS {
                let seed = seed(case, version, round);
                let (bytes, own) = (case.make)(&mut Dice::new(seed), version);
                let parts = kafka.ask(b'r', case.key, case.response, version, &bytes);
                let [json, canonical] = &parts[..] else { panic!("two parts") };
                assert_eq!(own, kafka.json(json), "{name}, seed {seed}");
                assert_eq!(&bytes, canonical, "{name}, seed {seed}\n{own}");
            }
        }
    }
}

#[test]
#[ignore = "cargo xtask wire-oracle"]
fn versions_and_headers_are_kafkas() {
    let mut kafka = Kafka::start();
    for api in api::APIS {
        let described = api.described;
        for version in described.versions.min..=described.versions.max {
            let parts = kafka.ask(b'f', described.key, false, version, &[]);
            let facts = kafka.json(&parts[0]);
            let name = format!("{} {version}", described.name);
            assert_eq!(facts["requestHeader"], described.request_header(version), "{name}");
            assert_eq!(facts["responseHeader"], described.response_header(version), "{name}");
            assert_eq!(facts["min"], described.versions.min, "{name}");
            assert_eq!(facts["max"], described.versions.max, "{name}");
        }
    }
}
