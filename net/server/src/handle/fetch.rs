//! Fetch: reads batches by reference, and waits for news when there are too few.
//!
//! Kept true: the first whole batch of the first partition that has data is answered however large
//! it is; a waiting fetch is woken by events, never polls, and holds no batch budget while it has
//! found nothing; no batch byte is copied. Sessions are not kept: id 0 is answered, which clients
//! take as "send everything each time", and any other epoch is told that its session is gone.

use std::time::Duration;

use engine_base::Refusal;
use engine_rt::sync::race;
use net_wire::List;
use net_wire::messages::fetch::{
    FetchRequest, FetchResponse, FetchableTopicResponse, PartitionData,
};
use replication_shard::Isolation;

use crate::acl::{self, Acl, Operation};
use crate::handle::fetch_round::{BY_ID_FROM, Round};
use crate::handle::{AnswerTo, Ask, Handler, bounded, isolation};
use crate::refusal::{Code, code};

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
        1024 + partitions(&ask.request) * size_of::<PartitionData>()
    }

    async fn answer(mut ask: Ask<FetchRequest>) -> AnswerTo<FetchRequest> {
        keep_to_quota(&mut ask);
        bounded(&ask.server, "Fetch", partitions(&ask.request))?;
        let isolation = match judge_request(&ask) {
            Ok(isolation) => isolation,
            Err(error) => return Ok(refused_as_a_whole(&ask, error).into()),
        };
        let core = ask.server.core.clone();
        let wait_ms = u64::try_from(ask.request.max_wait_ms).unwrap_or(0);
        let deadline = core.now() + Duration::from_millis(wait_ms);
        let bytes_min = usize::try_from(ask.request.min_bytes).unwrap_or(0);
        let mut round = Round::of(&ask, isolation);
        round.read(&ask.server).await;
        let is_over = || core.now() >= deadline || ask.server.stopping.get();
        while !round.is_enough(bytes_min) && !is_over() {
            let stop = ask.server.stopping.changed(false);
            round.read_news(&ask.server, race(core.sleep_until(deadline), stop)).await;
        }
        Ok(round.finish(&ask))
    }
}

/// No more is read for a client at once than its quota allows in all of its window.
fn keep_to_quota(ask: &mut Ask<FetchRequest>) {
    let quotas = &ask.server.options.quotas;
    if quotas.is_set()
        && let Some(most) = quotas.fetch_bytes(ask.header.client_id.as_deref().unwrap_or_default())
    {
        let most = i32::try_from(most).unwrap_or(i32::MAX);
        ask.request.max_bytes = ask.request.max_bytes.min(most);
        ask.request.min_bytes = ask.request.min_bytes.min(most);
    }
}

fn partitions(request: &FetchRequest) -> usize {
    request.topics.iter().map(|topic| topic.partitions.len()).sum()
}

/// What is wrong with the whole request, or whose view it reads with.
fn judge_request(ask: &Ask<FetchRequest>) -> Result<Isolation, Code> {
    let (request, version) = (&ask.request, ask.version());
    let is_full = matches!(request.session_epoch, EPOCH_NO_SESSION | EPOCH_NEW_SESSION);
    if version >= SESSIONS_FROM && !is_full {
        return Err(Code::FETCH_SESSION_ID_NOT_FOUND);
    }
    // Replicas do not come this way: brokers talk over links of their own.
    if request.replica_id >= 0 || request.replica_state.replica_id >= 0 {
        return Err(code(&Refusal::ClusterAuthorizationFailed));
    }
    if request.max_bytes < 0 {
        return Err(Code::INVALID_REQUEST);
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
