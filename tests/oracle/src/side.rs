//! One of the two brokers: it is asked, and what it answered is written down.
//!
//! Kept true: what is written down is the whole decoded answer, with this broker's own ids and port
//! under names that both sides share.

use std::io::ErrorKind;
use std::marker::PhantomData;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use engine_base::Uuid;
use net_wire::messages::create_topics::{CreatableTopic, CreateTopicsRequest};
use net_wire::messages::list_offsets::{
    ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic,
};
use net_wire::messages::metadata::{MetadataRequest, MetadataRequestTopic};
use net_wire::{List, Message, Reader, Request, frame};
use serde_json::{Value, json};
use tests_e2e::peer::Peer;

use crate::batches;
use crate::names::{Names, Own};
use crate::sample::Sample;

/// How long an answer or a state may take: a slow machine is no difference.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long a question is left open that Kafka never answers.
const SILENCE: Duration = Duration::from_secs(5);

/// A broker that is asked.
pub(crate) struct Side {
    /// What the transcript calls it.
    pub(crate) name: &'static str,
    bootstrap: String,
    peer: Peer,
    told: Vec<Told>,
    names: Names,
    /// How often it was waited until changes are seen.
    agreed: usize,
}

/// A question and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    /// The API's name.
    pub(crate) api: &'static str,
    /// The request's version.
    pub(crate) version: i16,
    /// What was asked, in words.
    pub(crate) what: String,
    /// The answer, decoded; `"closed"` or `"silence"` where there was none.
    pub(crate) answer: Value,
}

/// A question whose answer comes later.
pub(crate) struct Begun<R> {
    peer: Peer,
    version: i16,
    what: String,
    response: PhantomData<R>,
}

/// What came back for a frame.
enum Back {
    Frame(Vec<u8>),
    Closed,
    Silence,
}

impl Side {
    /// Connects to a broker.
    ///
    /// # Errors
    /// When nobody listens.
    pub(crate) fn new(name: &'static str, bootstrap: String) -> Result<Side> {
        let peer = connect(&bootstrap)?;
        let mut names = Names::default();
        let port = bootstrap.rsplit(':').next().unwrap_or_default();
        names.call_number("port", port, "PORT");
        names.call(&bootstrap, "127.0.0.1:PORT");
        Ok(Side { name, bootstrap, peer, told: Vec::new(), names, agreed: 0 })
    }

    /// What was asked and answered.
    pub(crate) fn transcript(self) -> Vec<Told> {
        self.told
    }

    /// `word` is this broker's own; in the transcript it is `shared`.
    pub(crate) fn call(&mut self, word: &str, shared: &str) {
        self.names.call(word, shared);
    }

    /// Asks, and writes the answer down; `None` where the connection was closed.
    ///
    /// # Errors
    /// When what comes back is no answer to this.
    pub(crate) fn ask<R>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
    ) -> Result<Option<R::Response>>
    where
        R: Request,
        R::Response: Sample,
    {
        self.ask_with(what, version, request, &[])
    }

    /// Asks with record bytes for the gaps of the request, and writes the answer down.
    ///
    /// # Errors
    /// When what comes back is no answer to this.
    pub(crate) fn ask_with<R>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
        records: &[&[u8]],
    ) -> Result<Option<R::Response>>
    where
        R: Request,
        R::Response: Sample,
    {
        self.ask_in_full(what, version, request, records, |_| Vec::new())
    }

    /// Asks as [`Side::ask`] does where the answer makes words of the broker's own: `made` tells
    /// each with the word that both sides share.
    ///
    /// # Errors
    /// When what comes back is no answer to this.
    pub(crate) fn ask_naming<R>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
        made: impl FnOnce(&R::Response) -> Vec<Own>,
    ) -> Result<Option<R::Response>>
    where
        R: Request,
        R::Response: Sample,
    {
        self.ask_in_full(what, version, request, &[], made)
    }

    /// Asks what Kafka never answers, so that nobody waits long for it.
    ///
    /// # Errors
    /// When what comes back is no answer to this.
    pub(crate) fn ask_in_vain<R>(&mut self, what: &str, version: i16, request: &R) -> Result<()>
    where
        R: Request,
        R::Response: Sample,
    {
        self.peer.set_patience(SILENCE)?;
        self.ask(what, version, request)?;
        self.peer.set_patience(PATIENCE)
    }

    fn ask_in_full<R>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
        records: &[&[u8]],
        made: impl FnOnce(&R::Response) -> Vec<Own>,
    ) -> Result<Option<R::Response>>
    where
        R: Request,
        R::Response: Sample,
    {
        let about = format!("{}: {} {version}, {what}", self.name, R::API.name);
        let frame = self.peer.frame(request, version, records)?;
        let (answer, response) = match self.exchange(&frame).context(about.clone())? {
            Back::Frame(frame) => {
                let (json, response) = decode::<R::Response>(&frame, version).context(about)?;
                made(&response).iter().for_each(|own| self.names.learn(own));
                (json, Some(response))
            }
            Back::Closed => (json!("closed"), None),
            Back::Silence => (json!("silence"), None),
        };
        self.write_down(R::API.name, version, what, answer);
        Ok(response)
    }

    /// Writes down what was seen beside an answer.
    pub(crate) fn note(&mut self, what: &str, version: i16, seen: Value) {
        self.write_down("seen", version, what, seen);
    }

    /// Asks on a connection of its own and does not wait: [`Side::end`] does.
    ///
    /// # Errors
    /// When nobody listens.
    pub(crate) fn begin<R: Request>(
        &mut self,
        what: &str,
        version: i16,
        request: &R,
    ) -> Result<Begun<R>> {
        let mut peer = connect(&self.bootstrap)?;
        let frame = peer.frame(request, version, &[])?;
        peer.send(&frame)?;
        Ok(Begun { peer, version, what: what.to_owned(), response: PhantomData })
    }

    /// Waits for the answer to what was begun, and writes it down.
    ///
    /// # Errors
    /// When what comes back is no answer to it.
    pub(crate) fn end<R>(&mut self, begun: Begun<R>) -> Result<R::Response>
    where
        R: Request,
        R::Response: Sample,
    {
        self.end_naming(begun, |_| Vec::new())
    }

    /// Waits as [`Side::end`] does; `made` tells words as in [`Side::ask_naming`].
    ///
    /// # Errors
    /// When what comes back is no answer to it.
    pub(crate) fn end_naming<R>(
        &mut self,
        mut begun: Begun<R>,
        made: impl FnOnce(&R::Response) -> Vec<Own>,
    ) -> Result<R::Response>
    where
        R: Request,
        R::Response: Sample,
    {
        let about = format!("{}: {} {}, {}", self.name, R::API.name, begun.version, begun.what);
        let bytes = begun.peer.receive().context(about.clone())?;
        let (json, response) = decode::<R::Response>(&bytes, begun.version).context(about)?;
        made(&response).iter().for_each(|own| self.names.learn(own));
        self.write_down(R::API.name, begun.version, &begun.what, json);
        Ok(response)
    }

    /// Sends a request to which no answer is owed.
    ///
    /// # Errors
    /// When it cannot be sent.
    pub(crate) fn tell<R: Request>(
        &mut self,
        version: i16,
        request: &R,
        records: &[&[u8]],
    ) -> Result<()> {
        let frame = self.peer.frame(request, version, records)?;
        self.peer.send(&frame)
    }

    /// Sends a frame as it is (its length first) and writes down what came, as a message of the
    /// given version.
    ///
    /// # Errors
    /// When what comes back is no such message.
    pub(crate) fn send<M: Message + Sample>(
        &mut self,
        what: &str,
        version: i16,
        bytes: &[u8],
    ) -> Result<()> {
        let answer = match self.exchange(bytes)? {
            Back::Frame(frame) => decode::<M>(&frame, version).context(what.to_owned())?.0,
            Back::Closed => json!("closed"),
            Back::Silence => json!("silence"),
        };
        self.write_down(M::API.name, version, what, answer);
        Ok(())
    }

    /// Asks without writing anything down: to build state, or to wait for it.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn quietly<R: Request>(
        &mut self,
        version: i16,
        request: &R,
        records: &[&[u8]],
    ) -> Result<R::Response> {
        let about = format!("{}: {} {version}", self.name, R::API.name);
        self.peer.ask_with(request, version, records).context(about)
    }

    /// Asks without writing anything down; the record bytes of the answer come with it, in the
    /// order of its partitions.
    ///
    /// # Errors
    /// When there is no answer.
    pub(crate) fn read_quietly<R>(
        &mut self,
        version: i16,
        request: &R,
    ) -> Result<(R::Response, Vec<Vec<u8>>)>
    where
        R: Request,
        R::Response: Sample,
    {
        let about = format!("{}: {} {version}", self.name, R::API.name);
        let frame = self.peer.frame(request, version, &[])?;
        self.peer.send(&frame)?;
        let bytes = self.peer.receive().context(about.clone())?;
        let slices = [&*bytes];
        let mut reader = Reader::new(&slices);
        frame::response_header(&mut reader, R::API, version)?;
        let response = <R::Response as Message>::decode(&mut reader, version).context(about)?;
        let mut places = Vec::new();
        response.records(&mut places);
        let records = places.iter().map(|place| bytes[place.start..place.end()].to_vec());
        let records = records.collect();
        Ok((response, records))
    }

    /// Waits until a topic can be written, and gives its id, which is `ID-OF-name` from now on.
    ///
    /// # Errors
    /// When it has no leaders in time.
    pub(crate) fn settle(&mut self, topic: &str) -> Result<Uuid> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let answer = self.metadata(topic)?;
            let found = &answer.topics[0];
            let is_led = found.partitions.iter().all(|partition| partition.error_code == 0);
            let id = found.topic_id;
            let count = i32::try_from(found.partitions.len()).context("partitions")?;
            if found.error_code == 0 && is_led && self.leads(topic, count)? {
                self.call(&id.to_string(), &format!("ID-OF-{topic}"));
                return Ok(id);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("{}: {topic} has no leaders", self.name)
    }

    /// Whether every partition can be asked. Kafka tells of leaders before they are.
    fn leads(&mut self, topic: &str, count: i32) -> Result<bool> {
        let asked = |partition_index| ListOffsetsPartition {
            partition_index,
            current_leader_epoch: -1,
            timestamp: -1,
        };
        let topic = ListOffsetsTopic {
            name: topic.to_owned(),
            partitions: (0..count).map(asked).collect(),
        };
        let topics = List::from([topic]);
        let request = ListOffsetsRequest { replica_id: -1, topics, ..Default::default() };
        let answer = self.quietly(7, &request, &[])?;
        let partitions = &answer.topics[0].partitions;
        Ok(count > 0 && partitions.iter().all(|partition| partition.error_code == 0))
    }

    /// Waits until what was changed is seen: Kafka's controller answers before its brokers know. A
    /// topic that is made after a change is seen after it.
    ///
    /// # Errors
    /// When a topic cannot be made.
    pub(crate) fn agree(&mut self) -> Result<()> {
        self.agreed += 1;
        let name = format!("agreed-{}", self.agreed);
        let topic = CreatableTopic {
            name: name.clone(),
            num_partitions: 1,
            replication_factor: 1,
            ..Default::default()
        };
        let topics = List::from([topic]);
        let request = CreateTopicsRequest { topics, timeout_ms: 30_000, validate_only: false };
        self.quietly(5, &request, &[])?;
        let started = Instant::now();
        while self.metadata(&name)?.topics[0].error_code != 0 {
            ensure!(started.elapsed() < PATIENCE, "{}: no {name}", self.name);
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(())
    }

    /// Waits until a topic is gone.
    ///
    /// # Errors
    /// When it is there for too long.
    pub(crate) fn settle_gone(&mut self, topic: &str) -> Result<()> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.metadata(topic)?.topics[0].error_code == 3 {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        bail!("{}: {topic} is still there", self.name)
    }

    fn metadata(&mut self, topic: &str) -> Result<net_wire::messages::metadata::MetadataResponse> {
        let named = MetadataRequestTopic { name: Some(topic.to_owned()), ..Default::default() };
        let topics = Some(List::from([named]));
        let request =
            MetadataRequest { topics, allow_auto_topic_creation: false, ..Default::default() };
        self.quietly(12, &request, &[])
    }

    fn exchange(&mut self, frame: &[u8]) -> Result<Back> {
        self.peer.send(frame)?;
        match self.peer.receive() {
            Ok(frame) => Ok(Back::Frame(frame)),
            Err(error) => {
                let kind = error.root_cause().downcast_ref::<std::io::Error>();
                let is_late = kind.is_some_and(|error| {
                    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
                });
                self.peer = connect(&self.bootstrap)?;
                Ok(if is_late { Back::Silence } else { Back::Closed })
            }
        }
    }

    fn write_down(&mut self, api: &'static str, version: i16, what: &str, answer: Value) {
        let answer = self.names.renamed(answer);
        self.told.push(Told { api, version, what: what.to_owned(), answer });
    }
}

fn connect(bootstrap: &str) -> Result<Peer> {
    let mut peer = Peer::connect(bootstrap)?;
    peer.set_patience(PATIENCE)?;
    Ok(peer)
}

/// A response, and its JSON with its records in place of their size.
fn decode<M: Message + Sample>(bytes: &[u8], version: i16) -> Result<(Value, M)> {
    let slices = [bytes];
    let mut reader = Reader::new(&slices);
    frame::response_header(&mut reader, M::API, version)?;
    let response = M::decode(&mut reader, version)?;
    ensure!(reader.remaining() == 0, "{} bytes after the response", reader.remaining());
    let mut json = response.json(version);
    let mut places = Vec::new();
    response.records(&mut places);
    let mut records = places.iter().map(|place| batches::told(&bytes[place.start..place.end()]));
    put_records(&mut json, &mut records);
    ensure!(records.next().is_none(), "records without a place");
    Ok((json, response))
}

fn put_records(value: &mut Value, records: &mut impl Iterator<Item = Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| put_records(item, records)),
        Value::Object(members) => {
            if members.remove("recordsSizeInBytes").is_some() {
                members.insert("records".to_owned(), records.next().unwrap_or(Value::Null));
            }
            members.values_mut().for_each(|member| put_records(member, records));
        }
        _ => (),
    }
}
