//! From a frame to an answer: one file per API below, what they share here.
//!
//! Kept true: a handler names its API, the permissions that it needs and the memory that its answer
//! takes in its type, or it does not compile; what is not in [`SERVED`] is not advertised and
//! closes the connection. Only this room knows request versions.

pub(crate) mod alter_client_quotas;
pub(crate) mod alter_configs;
pub(crate) mod alter_partition_reassignments;
mod altering;
pub(crate) mod api_versions;
pub(crate) mod configs;
pub(crate) mod consumer_group_describe;
pub(crate) mod consumer_group_heartbeat;
mod coordinator;
pub(crate) mod create_partitions;
pub(crate) mod create_topics;
pub(crate) mod delete_groups;
pub(crate) mod delete_records;
pub(crate) mod delete_topics;
pub(crate) mod describe_client_quotas;
pub(crate) mod describe_cluster;
pub(crate) mod describe_configs;
pub(crate) mod describe_groups;
pub(crate) mod describe_log_dirs;
pub(crate) mod describe_producers;
pub(crate) mod describe_quorum;
pub(crate) mod describe_topic_partitions;
pub(crate) mod describe_user_scram_credentials;
pub(crate) mod elect_leaders;
pub(crate) mod fetch;
mod fetch_round;
pub(crate) mod fetch_session;
mod fetch_twice;
mod fetch_wait;
pub(crate) mod find_coordinator;
mod granted;
pub(crate) mod heartbeat;
pub(crate) mod incremental_alter_configs;
pub(crate) mod init_producer_id;
pub(crate) mod join_group;
mod leaders;
pub(crate) mod leave_group;
pub(crate) mod list_config_resources;
pub(crate) mod list_groups;
pub(crate) mod list_offsets;
pub(crate) mod list_partition_reassignments;
pub(crate) mod metadata;
pub(crate) mod offset_commit;
pub(crate) mod offset_delete;
pub(crate) mod offset_fetch;
pub(crate) mod offset_for_leader_epoch;
pub(crate) mod produce;
mod produce_twice;
pub(crate) mod sync_group;
mod together;
pub(crate) mod unregister_broker;
pub(crate) mod update_features;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use engine_base::Refusal;
use engine_rt::{Class, Core, Slice};
use net_wire::api::Described;
use net_wire::frame;
use net_wire::{Encoded, List, Message, Piece, Reader, Request, RequestHeader, WireError};
use replication_shard::{Endpoint, Isolation, Node, NodeFacts, QuotaKey};

use crate::acl::Acl;
use crate::budget::Grant;
use crate::handle::granted::Granted;
use crate::notice::Closed;
use crate::quota::Stopwatch;
use crate::refusal::Code;
use crate::serve::Server;
use crate::session::frame::Frame;
use crate::session::outbox::Outbox;

/// Who is on the other side of a connection.
pub(crate) struct Client {
    pub(crate) peer: SocketAddr,
    /// Name and version of its software, once it told them.
    pub(crate) software: RefCell<Option<(String, String)>>,
    /// How long its request at hand takes, where that is bounded.
    pub(crate) stopwatch: Stopwatch,
}

impl Client {
    pub(crate) fn new(peer: SocketAddr) -> Client {
        Client { peer, software: RefCell::new(None), stopwatch: Stopwatch::default() }
    }
}

/// A decoded request and where it came from.
pub(crate) struct Ask<R> {
    pub(crate) server: Rc<Server>,
    pub(crate) client: Rc<Client>,
    pub(crate) header: RequestHeader,
    pub(crate) request: R,
    pub(crate) granted: Rc<Granted>,
}

impl<R> Ask<R> {
    pub(crate) fn node(&self) -> &Node {
        &self.server.node
    }

    pub(crate) fn version(&self) -> i16 {
        self.header.api_version
    }
}

/// A response and what goes out with it.
pub(crate) struct Answer<R> {
    pub(crate) response: R,
    /// The batches for the gaps in the response, in order.
    pub(crate) batches: Vec<Slice>,
    /// What the batches were granted.
    pub(crate) grant: Option<Grant>,
    /// How long the client must wait, besides what its bytes and its time say.
    pub(crate) throttle: Duration,
}

impl<R> From<R> for Answer<R> {
    fn from(response: R) -> Answer<R> {
        Answer { response, batches: Vec::new(), grant: None, throttle: Duration::ZERO }
    }
}

/// The answer to a request of this type.
pub(crate) type AnswerTo<R> = Result<Answer<<R as Request>::Response>, Closed>;

/// How one API is served.
pub(crate) trait Handler: 'static {
    /// What is asked; it knows its API, its versions and its response.
    type Request: Request + 'static;

    /// What the client must be allowed.
    const ACLS: &'static [Acl];

    /// About how many bytes the answer will take while it is made, without record batches.
    fn memory(ask: &Ask<Self::Request>) -> usize;

    /// Answers, or says why the connection must be closed.
    fn answer(ask: Ask<Self::Request>) -> impl Future<Output = AnswerTo<Self::Request>>;
}

/// What has become of a request.
pub(crate) enum Outcome {
    /// An encoded answer; the client is not heard again before `throttle` is over.
    Answer {
        /// Its bytes, with gaps for the batches.
        encoded: Encoded,
        batches: Vec<Slice>,
        grants: [Option<Grant>; 2],
        throttle: Duration,
    },
    /// The connection must be closed.
    Close(Closed),
}

impl Outcome {
    /// Puts the answer into the outbox; gives how long its client must wait.
    pub(crate) fn put(self, outbox: &mut Outbox) -> Result<Duration, Closed> {
        match self {
            Outcome::Answer { encoded, batches, grants, throttle } => {
                put_encoded(&encoded, batches, outbox);
                grants.into_iter().flatten().for_each(|grant| outbox.hold(grant));
                Ok(throttle)
            }
            Outcome::Close(why) => Err(why),
        }
    }
}

fn put_encoded(encoded: &Encoded, batches: Vec<Slice>, outbox: &mut Outbox) {
    let mut batches = batches.into_iter().filter(|batch| !batch.is_empty());
    for piece in encoded.pieces() {
        match piece {
            Piece::Written { chunk, bytes } => outbox.gather(&encoded.chunks()[chunk][bytes]),
            Piece::Gap { len } => {
                let mut missing = len;
                while missing > 0 {
                    let batch = batches.next().expect("because gaps have the length of batches");
                    missing = missing.checked_sub(batch.len()).expect("a batch fills one gap");
                    outbox.lend(batch);
                }
            }
        }
    }
    assert!(batches.next().is_none(), "every batch has its gap");
}

/// An API that is served.
pub(crate) struct Served {
    pub(crate) api: &'static Described,
    /// What the client must be allowed.
    #[cfg_attr(not(test), expect(dead_code, reason = "asked for once there are users"))]
    pub(crate) acls: &'static [Acl],
    /// `None`: Produce, which begins without waiting for those before it.
    begin: Option<Begin>,
}

type Begin = fn(
    &Rc<Server>,
    &Rc<Client>,
    RequestHeader,
    Reader<'_>,
    Option<Grant>,
) -> Result<Answering, WireError>;

/// A request that was understood; it begins when it is polled.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Outcome>>>;

/// Every API that is served, by key.
pub(crate) static SERVED: &[Served] = &[
    Served { api: &net_wire::messages::produce::API, acls: produce::ACLS, begin: None },
    served::<fetch::Fetch>(),
    served::<list_offsets::ListOffsets>(),
    served::<metadata::Metadata>(),
    served::<offset_commit::OffsetCommit>(),
    served::<offset_fetch::OffsetFetch>(),
    served::<find_coordinator::FindCoordinator>(),
    served::<join_group::JoinGroup>(),
    served::<heartbeat::Heartbeat>(),
    served::<leave_group::LeaveGroup>(),
    served::<sync_group::SyncGroup>(),
    served::<describe_groups::DescribeGroups>(),
    served::<list_groups::ListGroups>(),
    served::<api_versions::ApiVersions>(),
    served::<create_topics::CreateTopics>(),
    served::<delete_topics::DeleteTopics>(),
    served::<delete_records::DeleteRecords>(),
    served::<init_producer_id::InitProducerId>(),
    served::<offset_for_leader_epoch::OffsetForLeaderEpoch>(),
    served::<describe_configs::DescribeConfigs>(),
    served::<alter_configs::AlterConfigs>(),
    served::<describe_log_dirs::DescribeLogDirs>(),
    served::<create_partitions::CreatePartitions>(),
    served::<delete_groups::DeleteGroups>(),
    served::<elect_leaders::ElectLeaders>(),
    served::<incremental_alter_configs::IncrementalAlterConfigs>(),
    served::<alter_partition_reassignments::AlterPartitionReassignments>(),
    served::<list_partition_reassignments::ListPartitionReassignments>(),
    served::<offset_delete::OffsetDelete>(),
    served::<describe_client_quotas::DescribeClientQuotas>(),
    served::<alter_client_quotas::AlterClientQuotas>(),
    served::<describe_user_scram_credentials::DescribeUserScramCredentials>(),
    served::<describe_quorum::DescribeQuorum>(),
    served::<update_features::UpdateFeatures>(),
    served::<describe_cluster::DescribeCluster>(),
    served::<describe_producers::DescribeProducers>(),
    served::<unregister_broker::UnregisterBroker>(),
    served::<consumer_group_heartbeat::ConsumerGroupHeartbeat>(),
    served::<consumer_group_describe::ConsumerGroupDescribe>(),
    served::<list_config_resources::ListConfigResources>(),
    served::<describe_topic_partitions::DescribeTopicPartitions>(),
];

const fn served<H: Handler>() -> Served {
    Served { api: <H::Request as Message>::API, acls: H::ACLS, begin: Some(begin::<H>) }
}

/// Whether this frame is a Produce, which may begin while others are on their way.
pub(crate) fn is_produce(frame: &Frame) -> bool {
    let mut bytes = frame.pieces().flat_map(|piece| piece.iter());
    let key = [bytes.next(), bytes.next()].map(|byte| byte.copied().unwrap_or(u8::MAX));
    i16::from_be_bytes(key) == net_wire::messages::produce::KEY
}

/// Understands a frame that is not a Produce: which API, which version, which request. The grant is
/// the frame's, where it is a large one.
pub(crate) fn understand(
    server: &Rc<Server>,
    client: &Rc<Client>,
    frame: &Frame,
    grant: Option<Grant>,
) -> Result<Answering, Closed> {
    frame.read(|mut reader| {
        let header = header(&mut reader)?;
        let served = SERVED.iter().find(|served| served.api.key == header.api_key);
        let api = net_wire::api::find(header.api_key);
        let is_handled = api.is_some_and(|api| api.handles(header.api_version));
        let begin = match served.and_then(|served| served.begin) {
            Some(begin) if is_handled => begin,
            Some(_) if header.api_key == net_wire::messages::api_versions::KEY => {
                return Ok(api_versions::of_unknown_version(&header));
            }
            _ => return Err(not_served(&header)),
        };
        let name = served.map_or("", |served| served.api.name);
        begin(server, client, header, reader, grant).map_err(|why| malformed(name, why))
    })
}

/// Reads the header of a frame.
pub(crate) fn header(reader: &mut Reader<'_>) -> Result<RequestHeader, Closed> {
    let mut again = reader.clone();
    RequestHeader::decode(reader).map_err(|why| match why {
        WireError::UnknownApi(api_key) => {
            let version = again.skip(2).and_then(|()| again.int16()).unwrap_or(-1);
            Closed::NotServed { api_key, version }
        }
        why => malformed("unknown", why),
    })
}

pub(crate) fn not_served(header: &RequestHeader) -> Closed {
    Closed::NotServed { api_key: header.api_key, version: header.api_version }
}

pub(crate) fn malformed(api: &'static str, why: WireError) -> Closed {
    Closed::Malformed { api, why: why.to_string() }
}

/// Refuses a request that names more than this node answers at once.
pub(crate) fn bounded(server: &Server, api: &'static str, asked: usize) -> Result<(), Closed> {
    let most = server.options.partitions_per_request_max;
    if asked <= most {
        return Ok(());
    }
    Err(Closed::Malformed { api, why: format!("{asked} topics or partitions, more than {most}") })
}

/// Refuses a request whose answer takes more memory, in bytes, than all answers together may.
pub(crate) fn fits(server: &Server, api: &'static str, bytes: usize) -> Result<(), Closed> {
    if bytes <= server.options.answers_bytes_max {
        return Ok(());
    }
    Err(Closed::Malformed { api, why: format!("its answer would take {bytes} bytes") })
}

/// Works that may go on although their requests were answered; more are not begun meanwhile.
const LATE_MAX: usize = 64;

/// Does work that goes on when its request's time is over: then it is [`Refusal::RequestTimedOut`].
/// No time at all begins nothing, as by Kafka.
pub(crate) async fn within<T: 'static>(
    server: &Rc<Server>,
    timeout_ms: i32,
    work: impl Future<Output = T> + 'static,
) -> Result<T, Refusal> {
    let time = u64::try_from(timeout_ms).ok().filter(|ms| *ms > 0);
    let time = time.map(Duration::from_millis).ok_or(Refusal::RequestTimedOut)?;
    if server.late.get() >= LATE_MAX {
        return Err(Refusal::Overloaded);
    }
    let stage = Rc::new(Cell::new(Stage::AwaitedFor));
    let (now, at) = (stage.clone(), server.clone());
    let working = server.core.spawn(Class::Control, "request", async move {
        let done = work.await;
        if now.replace(Stage::Done) == Stage::Late {
            at.late.set(at.late.get() - 1);
        }
        done
    });
    // Dropped when its time is over, and with a client that went away before.
    let _awaiting = Awaiting { server: server.clone(), stage };
    server.core.timeout(time, working).await.map_err(|_| Refusal::RequestTimedOut)
}

/// How far a work is whose request waits for it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    AwaitedFor,
    /// Nobody waits for it any more.
    Late,
    Done,
}

/// A request that waits for a work: without it the work is late.
struct Awaiting {
    server: Rc<Server>,
    stage: Rc<Cell<Stage>>,
}

impl Drop for Awaiting {
    fn drop(&mut self) {
        if self.stage.get() == Stage::AwaitedFor {
            self.stage.set(Stage::Late);
            self.server.late.set(self.server.late.get() + 1);
        }
    }
}

/// How long a request waits for the disk at most. Kafka's `timeout.ms` is the time that replicas
/// have, after the leader's own write: without other replicas even no time suffices there. A flush
/// is to us what that write is, so it is given a second at least.
pub(crate) fn flush_time(timeout_ms: i32) -> Duration {
    Duration::from_millis(u64::try_from(timeout_ms).unwrap_or(0)).max(FLUSH_TIME_MIN)
}

const FLUSH_TIME_MIN: Duration = Duration::from_secs(1);

/// Lets other tasks go first now and then, in requests that name many things.
#[derive(Default)]
pub(crate) struct Pace {
    steps: u32,
}

impl Pace {
    const STEPS_MAX: u32 = 500;

    /// One more thing is looked at.
    pub(crate) async fn step(&mut self, core: &Core) {
        self.steps(core, 1).await;
    }

    /// So many things were looked at together.
    pub(crate) async fn steps(&mut self, core: &Core, steps: usize) {
        self.steps = self.steps.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        if self.steps >= Pace::STEPS_MAX {
            self.steps = 0;
            core.yield_now().await;
        }
    }
}

/// Asks for each partition of each topic in the order of a request, letting other tasks go first
/// now and then; gives the answers topic by topic.
pub(crate) async fn each_partition<T, P, A>(
    core: &Core,
    topics: &List<T>,
    partitions: impl Fn(&T) -> &List<P>,
    mut answer: impl AsyncFnMut(&T, &P) -> A,
) -> Vec<List<A>> {
    let mut answers = Vec::new();
    let mut pace = Pace::default();
    for topic in topics {
        let mut of_topic = List::new();
        for partition in partitions(topic) {
            pace.step(core).await;
            of_topic.push(answer(topic, partition).await);
        }
        answers.push(of_topic);
    }
    answers
}

/// Where clients of this listener reach a node.
pub(crate) fn endpoint<'a>(node: &'a NodeFacts, listener: &str) -> Option<&'a Endpoint> {
    let named = node.endpoints.iter().find(|endpoint| endpoint.listener == listener);
    named.or(node.endpoints.first())
}

/// The isolation level on the wire; for one that there is not Kafka has no code of its own.
pub(crate) fn isolation(level: i8) -> Result<Isolation, Code> {
    match level {
        0 => Ok(Isolation::ReadUncommitted),
        1 => Ok(Isolation::ReadCommitted),
        _ => Err(Code::UNKNOWN_SERVER_ERROR),
    }
}

fn begin<H: Handler>(
    server: &Rc<Server>,
    client: &Rc<Client>,
    header: RequestHeader,
    mut reader: Reader<'_>,
    grant: Option<Grant>,
) -> Result<Answering, WireError> {
    let request = <H::Request as Message>::decode(&mut reader, header.api_version)?;
    let granted = Rc::new(Granted::new(&server.answers, grant));
    let ask = Ask { server: server.clone(), client: client.clone(), header, request, granted };
    Ok(Box::pin(run::<H>(ask)))
}

async fn run<H: Handler>(ask: Ask<H::Request>) -> Outcome {
    let api = <H::Request as Message>::API;
    let server = ask.server.clone();
    let (version, correlation) = (ask.header.api_version, ask.header.correlation_id);
    let memory = H::memory(&ask);
    if let Err(why) = fits(&server, api.name, memory) {
        return Outcome::Close(why);
    }
    let granted = ask.granted.clone();
    granted.take(memory).await;
    let quotas = &server.options.quotas;
    let client = quotas.is_set().then(|| (ask.client.clone(), ask.header.client_id.clone()));
    let answer = match H::answer(ask).await {
        Ok(answer) => answer,
        Err(why) => return Outcome::Close(why),
    };
    server.counts.payload_lent(answer.batches.iter().map(|batch| batch.len()).sum());
    let Answer { mut response, batches, grant, mut throttle } = answer;
    if let Some((client, client_id)) = client {
        let bytes: usize = batches.iter().map(|batch| batch.len()).sum();
        throttle = throttle.max(used(&server, &client, client_id.as_deref(), bytes));
        if throttle > Duration::ZERO {
            H::Request::throttled(&mut response, millis(throttle));
        }
    }
    let encoded =
        frame::response(api, version, correlation, |writer| response.encode(writer, version));
    match encoded {
        Ok(encoded) => {
            Outcome::Answer { encoded, batches, grants: [granted.end(), grant], throttle }
        }
        Err(why) => Outcome::Close(malformed(api.name, why)),
    }
}

/// Counts what a request used; gives how long its client must wait.
fn used(server: &Server, client: &Client, client_id: Option<&str>, fetched: usize) -> Duration {
    let (quotas, client_id) = (&server.options.quotas, client_id.unwrap_or_default());
    let now = server.core.now();
    let mut wait = Duration::ZERO;
    if fetched > 0 {
        wait = quotas.record(QuotaKey::ConsumerBytes, client_id, fetched as f64, now);
    }
    if quotas.times() {
        let took = client.stopwatch.spent(&server.core);
        wait = wait.max(quotas.record_time(client_id, took, now));
    }
    wait
}

/// How long a client is told to wait.
pub(crate) fn millis(throttle: Duration) -> i32 {
    i32::try_from(throttle.as_millis()).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::SERVED;
    use net_wire::api::APIS;
    use net_wire::messages::api_versions;

    #[test]
    fn what_is_offered_is_handled_and_the_other_way_round() {
        let offered: Vec<i16> =
            APIS.iter().filter(|api| api.served.is_some()).map(|api| api.described.key).collect();
        let handled: Vec<i16> = SERVED.iter().map(|served| served.api.key).collect();
        assert_eq!(offered, handled);
    }

    #[test]
    fn every_handler_asks_for_permissions_but_the_first_one() {
        for served in SERVED {
            let is_first = served.api.key == api_versions::KEY;
            assert_eq!(served.acls.is_empty(), is_first, "{}", served.api.name);
        }
    }
}
