//! AlterClientQuotas: quotas are set and taken away, each entity with its own answer.
//!
//! Kept true: `validate_only` changes nothing; what was changed holds when it is answered.

use std::collections::BTreeSet;

use net_wire::List;
use net_wire::messages::alter_client_quotas::{
    AlterClientQuotasRequest, AlterClientQuotasResponse, RequestEntryData, ResponseEntityData,
    ResponseEntryData,
};
use replication_shard::QuotaChange;

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, bounded};
use crate::refusal::{code, words};

/// Handles AlterClientQuotas.
pub(crate) struct AlterClientQuotas;

impl Handler for AlterClientQuotas {
    type Request = AlterClientQuotasRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::AlterConfigs)];

    fn memory(ask: &Ask<AlterClientQuotasRequest>) -> usize {
        1024 + ask.request.entries.len() * 512
    }

    async fn answer(ask: Ask<AlterClientQuotasRequest>) -> AnswerTo<AlterClientQuotasRequest> {
        bounded(&ask.server, "AlterClientQuotas", ask.request.entries.len())?;
        let AlterClientQuotasRequest { entries, validate_only } = ask.request;
        let changes: Vec<QuotaChange> = entries.into_iter().map(change).collect();
        let named: Vec<List<ResponseEntityData>> = changes.iter().map(entity).collect();
        let verdicts = ask.server.node.alter_quotas(changes, validate_only).await;
        assert_eq!(verdicts.len(), named.len(), "a verdict for each entity");
        // Whoever was told of a quota meets it with the next request.
        ask.server.options.quotas.follow(&ask.server.node.image());
        // An entity that was named twice is answered once, as by Kafka.
        let mut seen = BTreeSet::new();
        let is_new = |(entity, _): &(List<ResponseEntityData>, _)| {
            let parts = entity.iter().map(|e| (e.entity_type.clone(), e.entity_name.clone()));
            seen.insert(parts.collect::<Vec<_>>())
        };
        let once = named.into_iter().zip(verdicts).filter(is_new);
        let entries = once.map(|(entity, verdict)| ResponseEntryData {
            error_code: verdict.as_ref().err().map_or(0, |no| code(no).0),
            error_message: verdict.as_ref().err().map(words),
            entity,
        });
        Ok(AlterClientQuotasResponse { throttle_time_ms: 0, entries: entries.collect() }.into())
    }
}

fn change(entry: RequestEntryData) -> QuotaChange {
    let entity = entry.entity.into_iter().map(|part| (part.entity_type, part.entity_name));
    let values = entry.ops.into_iter().map(|op| (op.key, (!op.remove).then_some(op.value)));
    QuotaChange { entity: entity.collect(), values: values.collect() }
}

/// Each type once, with the name that counts, in Kafka's order.
fn entity(change: &QuotaChange) -> List<ResponseEntityData> {
    let mut parts: Vec<ResponseEntityData> = Vec::new();
    for (entity_type, entity_name) in change.entity.clone() {
        match parts.iter_mut().find(|part| part.entity_type == entity_type) {
            Some(part) => part.entity_name = entity_name,
            None => parts.push(ResponseEntityData { entity_type, entity_name }),
        }
    }
    let rank = |kind: &str| ["client-id", "user", "ip"].iter().position(|known| *known == kind);
    parts.sort_by_key(|part| rank(&part.entity_type).unwrap_or(usize::MAX));
    parts.into_iter().collect()
}
