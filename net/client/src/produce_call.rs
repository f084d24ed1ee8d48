//! One Produce request to one broker, and what it said of each batch.

use std::collections::BTreeMap;

use engine_base::TopicPartition;
use net_wire::FrameRange;
use net_wire::messages::produce::{
    PartitionProduceData, PartitionProduceResponse, ProduceRequest, TopicProduceData,
};

use crate::client::Client;
use crate::code::Code;
use crate::error::{ClientError, ErrorKind};
use crate::options::Acks;

/// The base offset that a batch was given, -1 where nobody tells; or why it was not taken.
pub(crate) type Outcome = Result<i64, ClientError>;

/// The first version that names topics by id.
const IDS_FROM: i16 = 13;

/// Sends batches to the broker that leads them; the outcomes are in the order of the batches.
pub(crate) async fn produce(
    client: &Client,
    leader: i32,
    acks: Acks,
    batches: &[(TopicPartition, Vec<u8>)],
) -> Vec<Outcome> {
    match try_produce(client, leader, acks, batches).await {
        Ok(outcomes) => outcomes,
        Err(error) => batches.iter().map(|_| Err(error.clone())).collect(),
    }
}

async fn try_produce(
    client: &Client,
    leader: i32,
    acks: Acks,
    batches: &[(TopicPartition, Vec<u8>)],
) -> Result<Vec<Outcome>, ClientError> {
    let connection = client.broker(leader).await?;
    let api = <ProduceRequest as net_wire::Message>::API;
    let mut ceiling = i16::MAX;
    let mut request = ProduceRequest {
        transactional_id: None,
        acks: acks.number(),
        timeout_ms: i32::try_from(client.options().request_timeout.as_millis()).unwrap_or(i32::MAX),
        ..ProduceRequest::default()
    };
    let mut topics: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (i, (place, _)) in batches.iter().enumerate() {
        topics.entry(&place.topic).or_default().push(i);
    }
    let mut order = Vec::with_capacity(batches.len());
    for (name, places) in &topics {
        let topic_id = client.topic_id(name);
        if topic_id.is_zero() {
            ceiling = IDS_FROM - 1;
        }
        let partition_data = places.iter().map(|i| PartitionProduceData {
            index: batches[*i].0.partition,
            records: Some(FrameRange::gap(batches[*i].1.len())),
        });
        request.topic_data.push(TopicProduceData {
            name: name.to_string(),
            topic_id,
            partition_data: partition_data.collect(),
        });
        order.extend_from_slice(places);
    }
    let records: Vec<&[u8]> = order.iter().map(|i| batches[*i].1.as_slice()).collect();
    if acks == Acks::None {
        connection.begin_unanswered(&request, ceiling, &records)?;
        connection.drained().await;
        return Ok(batches.iter().map(|_| Ok(-1)).collect());
    }
    let answer = connection.begin(&request, ceiling, &records)?.answer().await?;
    let by_id = answer.version >= IDS_FROM;
    let subject = format!("{}: {}", connection.address(), api.name);
    let mut outcomes: Vec<Option<Outcome>> = batches.iter().map(|_| None).collect();
    for topic in &answer.response.responses {
        let name = topics.keys().find(|name| match by_id {
            true => client.topic_id(name) == topic.topic_id,
            false => **name == topic.name,
        });
        let Some(places) = name.and_then(|name| topics.get(name)) else { continue };
        for part in &topic.partition_responses {
            let asked = places.iter().find(|i| batches[**i].0.partition == part.index);
            let Some(&i) = asked else { continue };
            outcomes[i] = Some(outcome(part, &format!("{subject} to {}", batches[i].0)));
        }
    }
    let unsaid = |i: usize| {
        let what = format!("{subject} says nothing of {}", batches[i].0);
        Err(ClientError::new(ErrorKind::Malformed, what))
    };
    let outcomes = outcomes.into_iter().enumerate();
    Ok(outcomes.map(|(i, outcome)| outcome.unwrap_or_else(|| unsaid(i))).collect())
}

fn outcome(part: &PartitionProduceResponse, subject: &str) -> Outcome {
    if part.error_code == 0 {
        return Ok(part.base_offset);
    }
    let mut message = part.error_message.clone().unwrap_or_default();
    for record in part.record_errors.iter().take(3) {
        let why = record.batch_index_error_message.as_deref().unwrap_or("refused");
        message.push_str(&format!("; record {}: {why}", record.batch_index));
    }
    let message = message.trim_start_matches("; ");
    Err(ClientError::refused(Code(part.error_code), subject, Some(message)))
}
