//! Whatever is well formed is answered or refused: random requests of every API that is served, in
//! every version, over few names, so that they have to do with each other.
//!
//! Kept true: what the broker tells (members, ids) is asked about next; connections are left in the
//! middle; time passes; the node starts again from its disk.

use std::time::Duration;

use engine_base::Uuid;
use net_wire::messages::metadata::MetadataRequest;
use net_wire::{Reader, api, frame};
use serde_json::Value;

#[path = "../../../wire/tests/messages/dice.rs"]
mod dice;
#[path = "../../../wire/tests/messages/generated/mod.rs"]
mod generated;
#[allow(dead_code)]
#[path = "../server/peer.rs"]
mod peer;
#[allow(dead_code)]
#[path = "../../../wire/tests/messages/sample.rs"]
mod sample;
#[allow(dead_code)]
#[path = "../server/scene.rs"]
mod scene;

use dice::{Dice, Words};
use peer::Peer;
use sample::Case;
use scene::{Scene, batch, play};

/// How many worlds are played; more where this variable says so.
const SEEDS: u64 = 8;
const SEEDS_VARIABLE: &str = "BOBBIN_ANY_REQUEST_SEEDS";
const REQUESTS: u64 = 1200;
const PEERS: usize = 4;
/// How many ids that the broker told are kept.
const LEARNED_MAX: usize = 24;

#[test]
fn a_node_lives_through_any_requests() {
    let told = std::env::var(SEEDS_VARIABLE).ok();
    let (first, end) = match told.as_deref().and_then(|told| told.split_once("..")) {
        Some((first, end)) => (first.parse().expect("a seed"), end.parse().expect("a seed")),
        None => (0, SEEDS),
    };
    for seed in first..end {
        println!("seed {seed}");
        play(seed, move |scene| lives_through(scene, seed));
    }
}

async fn lives_through(scene: Scene, seed: u64) {
    let mut world = Asker::new(scene, seed).await;
    for round in 0..REQUESTS {
        world.ask().await;
        if world.dice.one_in(60) {
            let pause = Duration::from_millis(world.dice.below(20_000) as u64);
            world.scene.core.sleep(pause).await;
        }
        if round % 400 == 399 {
            world.scene = world.scene.again().await;
            world.peers.clear();
        }
    }
    assert!(world.answers > REQUESTS / 2, "seed {seed}: only {} answers", world.answers);
    let all = MetadataRequest { topics: None, ..Default::default() };
    let answer = world.scene.peer().await.ask(&all, 12).await;
    assert_eq!(answer.error_code, 0, "seed {seed}");
}

/// Who asks, and what it has learned.
struct Asker {
    scene: Scene,
    dice: Dice,
    peers: Vec<Peer>,
    /// Ids of members that the broker told.
    members: Vec<String>,
    ids: Vec<Uuid>,
    /// API and version by correlation id: who is not answered in time is asked again.
    asked: Vec<(i16, i16)>,
    answers: u64,
}

impl Asker {
    async fn new(scene: Scene, seed: u64) -> Asker {
        for name in ["t0", "t1"] {
            scene.create(name, 2, &[]).await;
            scene.produce(name, 0, &["a", "b"]).await;
        }
        let dice = Dice::new(seed + 1);
        let (peers, asked) = (Vec::new(), Vec::new());
        Asker { scene, dice, peers, members: Vec::new(), ids: Vec::new(), asked, answers: 0 }
    }

    /// One request by one of a few connections.
    async fn ask(&mut self) {
        while self.peers.len() < PEERS {
            self.peers.push(self.scene.peer().await);
        }
        let of_groups = self.dice.one_in(2);
        let asked: Vec<&Case> =
            requests().filter(|case| !of_groups || is_of_groups(case.key)).collect();
        let case = asked[self.dice.below(asked.len())];
        let served = api::find(case.key).and_then(|api| api.served).expect("it is served");
        let (min, max) = (served.min.max(case.versions.min), served.max.min(case.versions.max));
        let version = min + i16::try_from(self.dice.below((max - min + 1) as usize)).expect("few");
        self.dice.words = self.words(case.key);
        let (body, _) = (case.make)(&mut self.dice, version);
        let at = self.dice.below(self.peers.len());
        let mut peer = self.peers.swap_remove(at);
        let correlation = i32::try_from(self.asked.len()).expect("few requests");
        self.asked.push((case.key, version));
        peer.send(&framed(case.key, version, correlation, &body)).await;
        let patience = Duration::from_millis(self.dice.below(3000) as u64);
        match self.scene.core.timeout(patience, peer.receive()).await {
            Ok(Some(bytes)) => {
                self.answers += 1;
                self.learn(&bytes);
                self.peers.push(peer);
            }
            // It takes its time: its connection is left, or asked again all the same.
            Err(_) if self.dice.one_in(2) => self.peers.push(peer),
            _ => (),
        }
    }

    /// Few words, so that requests name the same.
    fn words(&self, key: i16) -> Words {
        let mut words = Words {
            strings: owned(TOPICS),
            ids: self.ids.clone(),
            numbers: vec![0, 0, 1, 1, 2, 3, -1, 5],
            bytes: vec![Vec::new(), subscription(&["t0"]), subscription(&["t0", "t1", "t0"])],
            batches: vec![batch(&["a"]), batch(&["b", "c", "d"])],
            ..Words::default()
        };
        words.strings_of.extend(STRINGS.iter().map(|(field, pool)| (*field, owned(pool))));
        words.numbers_of.extend(NUMBERS.iter().map(|(field, pool)| (*field, pool.to_vec())));
        let names = if is_of_groups(key) { PROTOCOLS } else { NAMES };
        words.strings_of.insert("name", owned(names));
        let nobody = ["", "new"].map(str::to_owned);
        let members = self.members.iter().cloned().chain(nobody).collect();
        words.strings_of.insert("member_id", members);
        words
    }

    /// Takes up what an answer tells; fails on what cannot be decoded.
    fn learn(&mut self, bytes: &[u8]) {
        let correlation = bytes.first_chunk::<4>().expect("a correlation id");
        let correlation = usize::try_from(u32::from_be_bytes(*correlation)).expect("small");
        let (key, version) = self.asked[correlation];
        let mut answers = generated::CASES.iter().filter(|case| case.response && case.key == key);
        let case = answers.next().expect("each request has a response");
        let slices = [bytes];
        let mut reader = Reader::new(&slices);
        let described = api::find(key).expect("it is served").described;
        frame::response_header(&mut reader, described, version).expect("a header");
        let body = &bytes[bytes.len() - reader.remaining()..];
        let (_, told) = (case.again)(&[body], version).expect("an answer can be read");
        let (mut ids, mut members) = (Vec::new(), Vec::new());
        gather(&told, "", &mut |field, text| match field {
            "topicId" => ids.extend(text.parse::<Uuid>()),
            "memberId" if text.len() < 80 => members.push(text.to_owned()),
            _ => (),
        });
        ids.into_iter().for_each(|id| keep(&mut self.dice, &mut self.ids, id));
        members.into_iter().for_each(|id| keep(&mut self.dice, &mut self.members, id));
    }
}

fn keep<T: PartialEq>(dice: &mut Dice, kept: &mut Vec<T>, new: T) {
    if kept.contains(&new) {
        return;
    }
    if kept.len() < LEARNED_MAX {
        kept.push(new);
    } else {
        let at = dice.below(kept.len());
        kept[at] = new;
    }
}

/// Every string of an answer with the name of its field.
fn gather(value: &Value, field: &str, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => found(field, text),
        Value::Array(items) => items.iter().for_each(|item| gather(item, field, found)),
        Value::Object(fields) => {
            fields.iter().for_each(|(field, value)| gather(value, field, found));
        }
        _ => (),
    }
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// Every request that is served.
fn requests() -> impl Iterator<Item = &'static Case> {
    let is_served = |key| api::find(key).is_some_and(|api| api.served.is_some());
    generated::CASES.iter().filter(move |case| !case.response && is_served(case.key))
}

/// Classic groups' APIs, and the newer groups' two.
fn is_of_groups(key: i16) -> bool {
    matches!(key, 8..=16 | 42 | 47 | 68 | 69)
}

fn framed(key: i16, version: i16, correlation: i32, body: &[u8]) -> Vec<u8> {
    let described = api::find(key).expect("it is served").described;
    let mut frame = vec![0; 4];
    frame.extend(key.to_be_bytes());
    frame.extend(version.to_be_bytes());
    frame.extend(correlation.to_be_bytes());
    frame.extend(6_i16.to_be_bytes());
    frame.extend(b"random");
    if described.request_header(version) >= 2 {
        frame.push(0);
    }
    frame.extend(body);
    let length = u32::try_from(frame.len() - 4).expect("a small frame");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    frame
}

/// ConsumerProtocolSubscription, version 0.
fn subscription(topics: &[&str]) -> Vec<u8> {
    let mut bytes = vec![0, 0];
    bytes.extend(u32::try_from(topics.len()).expect("few").to_be_bytes());
    for topic in topics {
        bytes.extend(u16::try_from(topic.len()).expect("short").to_be_bytes());
        bytes.extend(topic.as_bytes());
    }
    bytes.extend((-1i32).to_be_bytes());
    bytes
}

const TOPICS: &[&str] = &["t0", "t0", "t1", "t2", "t2.t", "__consumer_offsets", "a b", ""];
const GROUPS: &[&str] = &["g0", "g0", "g0", "g1", "g1", ""];
const INSTANCES: &[&str] = &["one", "two"];
/// What has a name in requests of groups.
const PROTOCOLS: &[&str] = &["range", "range", "uniform", "t0", "t1"];
/// What has a name in other requests: topics, keys.
const NAMES: &[&str] = &[
    "t0",
    "t0",
    "t1",
    "t2",
    "t3",
    "a b",
    "retention.ms",
    "cleanup.policy",
    "min.compaction.lag.ms",
    "max.message.bytes",
    "compression.type",
    "log.retention.ms",
    "consumer.session.timeout.ms",
];
/// By the name of the field.
const STRINGS: &[(&str, &[&str])] = &[
    ("group_id", GROUPS),
    ("groups", GROUPS),
    ("groups_names", GROUPS),
    ("group_ids", GROUPS),
    ("group_instance_id", INSTANCES),
    ("instance_id", INSTANCES),
    ("protocol_type", &["consumer", "consumer", "consumer", "connect", ""]),
    ("protocol_name", &["range", "uniform"]),
    ("server_assignor", &["range", "uniform", "none"]),
    ("subscribed_topic_regex", &["t.*", "t[01]", "(", ""]),
    ("resource_name", &["t0", "t1", "0", "", "g0"]),
    ("value", &["1", "100000", "compact", "delete", "compact,delete", "zstd", "-1", ""]),
    ("entity_type", &["user", "client-id", "ip"]),
    ("entity_name", &["random", "127.0.0.1", "ANONYMOUS"]),
    ("feature", &["metadata.version", "group.version"]),
];
/// By the name of the field.
const NUMBERS: &[(&str, &[i64])] = &[
    ("session_timeout_ms", &[6_000, 45_000, 45_000, 1]),
    ("rebalance_timeout_ms", &[1_000, 60_000, 0]),
    ("generation_id", &[0, 1, 1, 2, 3, 4, -1]),
    ("generation_id_or_member_epoch", &[0, 1, 1, 2, 3, 4, -1]),
    ("member_epoch", &[0, 0, 0, 1, 2, 3, 4, -1, -2]),
    ("resource_type", &[2, 2, 4, 32, 16, 8]),
    ("config_operation", &[0, 0, 0, 1, 2, 3]),
    ("num_partitions", &[1, 3, -1]),
    ("count", &[1, 3, 4]),
    ("replication_factor", &[1, -1]),
    ("replica_id", &[-1]),
    ("acks", &[-1, 1, 0]),
    ("timeout_ms", &[0, 100, 5_000]),
    ("retention_time_ms", &[-1, 1000]),
    ("current_leader_epoch", &[-1, 0, 1]),
    ("last_fetched_epoch", &[-1]),
    ("max_bytes", &[1_000, 1_000_000]),
    ("partition_max_bytes", &[1_000, 1_000_000]),
];
