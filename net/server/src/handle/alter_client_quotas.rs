//! AlterClientQuotas: quotas are set and taken away, each entity with its own answer.
//!
//! Kept true: `validate_only` changes nothing; what was changed holds when it is answered.

use std::collections::{BTreeMap, BTreeSet};

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
        1024 + named(&ask.request) * 256
    }

    async fn answer(ask: Ask<AlterClientQuotasRequest>) -> AnswerTo<AlterClientQuotasRequest> {
        bounded(&ask.server, "AlterClientQuotas", named(&ask.request))?;
        let AlterClientQuotasRequest { entries, validate_only } = ask.request;
        let changes: Vec<QuotaChange> = entries.into_iter().map(change).collect();
        let entities: Vec<List<ResponseEntityData>> = changes.iter().map(entity_of).collect();
        let verdicts = ask.server.node.alter_quotas(changes, validate_only).await;
        assert_eq!(verdicts.len(), entities.len(), "a verdict for each entity");
        // Whoever was told of a quota meets it with the next request.
        ask.server.options.quotas.follow(&ask.server.node.image());
        // An entity that was named twice is answered once, as by Kafka.
        let mut seen = BTreeSet::new();
        let is_new = |(entity, _): &(List<ResponseEntityData>, _)| {
            let parts = entity.iter().map(|e| (e.entity_type.clone(), e.entity_name.clone()));
            seen.insert(parts.collect::<Vec<_>>())
        };
        let once = entities.into_iter().zip(verdicts).filter(is_new);
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
fn entity_of(change: &QuotaChange) -> List<ResponseEntityData> {
    let rank = |kind: &str| ["client-id", "user", "ip"].iter().position(|known| *known == kind);
    // By rank, and of those that Kafka does not know by the place of the first.
    let mut names: BTreeMap<&str, (usize, usize, &Option<String>)> = BTreeMap::new();
    for (at, (kind, name)) in change.entity.iter().enumerate() {
        let first = (rank(kind).unwrap_or(usize::MAX), at, name);
        names.entry(kind).and_modify(|(_, _, last)| *last = name).or_insert(first);
    }
    let mut parts: Vec<_> = names.into_iter().collect();
    parts.sort_by_key(|(_, (rank, at, _))| (*rank, *at));
    let part = |(kind, (_, _, name)): (&str, (usize, usize, &Option<String>))| ResponseEntityData {
        entity_type: kind.to_owned(),
        entity_name: name.clone(),
    };
    parts.into_iter().map(part).collect()
}

/// The entries of a request, with the parts of their entities and what is to be changed of each.
fn named(request: &AlterClientQuotasRequest) -> usize {
    let one = |entry: &RequestEntryData| 1 + entry.entity.len() + entry.ops.len();
    request.entries.iter().map(one).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_has_each_type_once_with_its_last_name_in_kafkas_order() {
        let part = |kind: &str, name: &str| (kind.to_owned(), Some(name.to_owned()));
        let entity = |parts: &[(&str, &str)]| {
            let entity = parts.iter().map(|(kind, name)| part(kind, name)).collect();
            let told = entity_of(&QuotaChange { entity, values: Vec::new() });
            told.into_iter().map(|part| (part.entity_type, part.entity_name)).collect::<Vec<_>>()
        };
        let parts = [("z", "1"), ("user", "a"), ("b", "2"), ("client-id", "c"), ("user", "d")];
        let want = [("client-id", "c"), ("user", "d"), ("z", "1"), ("b", "2")];
        assert_eq!(entity(&parts), want.map(|(kind, name)| part(kind, name)));
    }
}
