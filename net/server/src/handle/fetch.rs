//! Fetch: reads batches by reference, and waits for news when there are too few.
//!
//! Kept true: the first whole batch of the first partition that has data is answered however large
//! it is; a waiting fetch is woken by events and never polls; no batch byte is copied. A client
//! that begins a session is answered with its id, or with 0 if there is no room for one: then it
//! sends everything each time.

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::fetch::{
    FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use replication_shard::Isolation;

use crate::acl::{self, Acl, Operation};
use crate::handle::fetch_round::{self, BY_ID_FROM, Round};
use crate::handle::fetch_session::FetchSession;
use crate::handle::{Answer, AnswerTo, Ask, Handler, bounded, isolation};
use crate::refusal::{Code, code};
use crate::session_cache::{self, Held};

/// Sessions are known from this version on, and a top-level error with them.
const SESSIONS_FROM: i16 = 7;

/// The epochs of a request that asks for everything: without a session, or to begin one.
const EPOCH_NO_SESSION: i32 = -1;
const EPOCH_NEW_SESSION: i32 = 0;

/// Handles Fetch.
pub(crate) struct Fetch;

impl Handler for Fetch {
    type Request = FetchRequest;

    const ACLS: &'static [Acl] = &[acl::topic(Operation::Read)];

    fn memory(ask: &Ask<FetchRequest>) -> usize {
        // Batches have a grant of their own, taken as they are read.
        let due = ask.server.fetch_sessions.borrow().due_count(ask.request.session_id);
        fetch_round::memory(partitions(&ask.request) + due)
    }

    async fn answer(mut ask: Ask<FetchRequest>) -> AnswerTo<FetchRequest> {
        keep_to_quota(&mut ask);
        bounded(&ask.server, "Fetch", partitions(&ask.request))?;
        let isolation = match judge_request(&ask) {
            Ok(isolation) => isolation,
            Err(error) => return Ok(refused_as_a_whole(&ask, error).into()),
        };
        match ask.request.session_epoch {
            EPOCH_NO_SESSION | EPOCH_NEW_SESSION => Ok(full(ask, isolation).await),
            // Their requests have no session.
            _ if ask.version() < SESSIONS_FROM => Ok(full(ask, isolation).await),
            _ => Ok(incremental(ask, isolation).await),
        }
    }
}

/// No more is read for a client at once than its quota allows in all of its window.
fn keep_to_quota(ask: &mut Ask<FetchRequest>) {
    let (quotas, now) = (&ask.server.options.quotas, ask.server.core.now());
    let client_id = ask.header.client_id.as_deref().unwrap_or_default();
    if quotas.is_set()
        && let Some(most) = quotas.fetch_bytes(client_id, now)
    {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        ask.request.max_bytes = ask.request.max_bytes.min(most);
    }
}

/// Answers a request that names everything, and begins the session that it asks for.
async fn full(mut ask: Ask<FetchRequest>, isolation: Isolation) -> Answer<FetchResponse> {
    let mut round = Round::of(&ask, isolation);
    ask.request.topics = List::new();
    let server = &ask.server;
    round.read(server).await;
    while !round.partitions.is_empty() && round.waits(server) {
        round.read_news(server).await;
    }
    round.rested(server).await;
    round.put_unknown_last();
    let mut session_id = 0;
    if ask.version() >= SESSIONS_FROM {
        // Whichever it had is over.
        server.fetch_sessions.borrow_mut().remove(ask.request.session_id);
        if ask.request.session_epoch == EPOCH_NEW_SESSION {
            let session = FetchSession::of(ask.node(), &mut round);
            session_id = session_cache::create(server, session, ask.version() >= BY_ID_FROM);
        }
    }
    round.finish(&ask, session_id)
}

/// Answers a request of a session.
async fn incremental(mut ask: Ask<FetchRequest>, isolation: Isolation) -> Answer<FetchResponse> {
    let (request, by_id) = (&ask.request, ask.version() >= BY_ID_FROM);
    let mut held = match Held::take(&ask.server, request.session_id, request.session_epoch, by_id) {
        Ok(held) => held,
        Err(error) => {
            return FetchResponse { error_code: error.0, ..Default::default() }.into();
        }
    };
    held.session().update(request, by_id);
    if held.session().len() == 0 {
        // Kafka ends a session of nothing.
        return FetchResponse::default().into();
    }
    ask.request.topics = List::new();
    ask.request.forgotten_topics_data = List::new();
    let server = &ask.server;
    let mut round = Round::empty(&ask, isolation);
    held.session().begin(&mut round);
    round.read(server).await;
    while round.waits(server) {
        held.session().read_news(&mut round, server).await;
    }
    round.rested(server).await;
    held.session().settle(&mut round);
    let session_id = held.put_back();
    round.finish(&ask, session_id)
}

fn partitions(request: &FetchRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

/// What is wrong with the whole request, or whose view it reads with.
fn judge_request(ask: &Ask<FetchRequest>) -> Result<Isolation, Code> {
    let request = &ask.request;
    // Replicas do not come this way: brokers talk over links of their own.
    if request.replica_id >= 0 || request.replica_state.replica_id >= 0 {
        return Err(code(&Refusal::ClusterAuthorizationFailed));
    }
    isolation(request.isolation_level)
}

/// From version 7 on one error says it; before, each partition has to. What nobody expected is said
/// by both as long as topics have names, as by Kafka.
fn refused_as_a_whole(ask: &Ask<FetchRequest>, error: Code) -> FetchResponse {
    let version = ask.version();
    let is_expected = error != Code::UNKNOWN_SERVER_ERROR;
    if version >= SESSIONS_FROM && (is_expected || version >= BY_ID_FROM) {
        return FetchResponse { error_code: error.0, ..Default::default() };
    }
    let responses = ask.request.topics.iter().map(|topic| FetchableTopicResponse {
        topic: topic.topic.clone(),
        topic_id: topic.topic_id,
        partitions: topic
            .partitions
            .iter()
            .map(|asked| PartitionData {
                partition_index: asked.partition,
                error_code: error.0,
                high_watermark: -1,
                aborted_transactions: Some(List::new()),
                records: Some(Default::default()),
                ..Default::default()
            })
            .collect(),
    });
    FetchResponse { error_code: error.0, responses: responses.collect(), ..Default::default() }
}
