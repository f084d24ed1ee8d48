//! DescribeClientQuotas: the quotas that were set on the entities that fit a filter.
//!
//! Kept true: a filter that contradicts itself is refused as a whole, in Kafka's words.

use std::collections::BTreeMap;

use engine_base::Refusal;
use net_wire::List;
use net_wire::messages::describe_client_quotas::{
    ComponentData, DescribeClientQuotasRequest, DescribeClientQuotasResponse, EntityData,
    EntryData, ValueData,
};
use replication_shard::{QuotaEntity, QuotaKey, QuotaName};

use crate::acl::{self, Acl, Operation};
use crate::handle::{AnswerTo, Ask, Handler, Pace};
use crate::refusal::{code, words};

/// Kafka's ways to match: this name, the default, whatever it is as long as there is one.
const EXACT: i8 = 0;
const DEFAULT: i8 = 1;
const SPECIFIED: i8 = 2;

/// About what an entity takes in an answer.
const ENTITY_BYTES: usize = 512;

/// Handles DescribeClientQuotas.
pub(crate) struct DescribeClientQuotas;

impl Handler for DescribeClientQuotas {
    type Request = DescribeClientQuotasRequest;

    const ACLS: &'static [Acl] = &[acl::cluster(Operation::DescribeConfigs)];

    fn memory(ask: &Ask<DescribeClientQuotasRequest>) -> usize {
        1024 + ask.node().image().quotas.all().count() * ENTITY_BYTES
    }

    async fn answer(
        ask: Ask<DescribeClientQuotasRequest>,
    ) -> AnswerTo<DescribeClientQuotasRequest> {
        let wanted = match filter(&ask.request.components) {
            Ok(wanted) => wanted,
            Err(refusal) => {
                let response = DescribeClientQuotasResponse {
                    error_code: code(&refusal).0,
                    error_message: Some(words(&refusal)),
                    entries: None,
                    ..Default::default()
                };
                return Ok(response.into());
            }
        };
        let image = ask.node().image();
        let mut entries = List::new();
        let mut pace = Pace::default();
        for (entity, values) in image.quotas.all() {
            pace.step(&ask.server.core).await;
            let parts = parts(entity);
            let fits = wanted.iter().all(|(kind, wanted)| {
                let part = parts.iter().find(|(known, _)| known == kind);
                part.is_some_and(|(_, name)| wanted.as_ref().is_none_or(|wanted| wanted == *name))
            });
            if fits && (!ask.request.strict || parts.len() == wanted.len()) {
                entries.push(entry(&parts, values));
            }
        }
        let response = DescribeClientQuotasResponse {
            error_message: Some(String::new()),
            entries: Some(entries),
            ..Default::default()
        };
        Ok(response.into())
    }
}

/// Types, each with the name that it must have; `None` is any.
type Filter = BTreeMap<&'static str, Option<QuotaName>>;

fn filter(components: &List<ComponentData>) -> Result<Filter, Refusal> {
    let no = |why: String| Err(Refusal::InvalidRequest(why));
    let mut wanted = Filter::new();
    for ComponentData { entity_type, match_type, r#match: name } in components {
        if entity_type.is_empty() {
            return no("Invalid empty entity type.".into());
        }
        if wanted.contains_key(entity_type.as_str()) {
            return no(format!(
                "Entity type {entity_type} cannot appear more than once in the filter."
            ));
        }
        let kind = match entity_type.as_str() {
            "user" => "user",
            "client-id" => "client-id",
            "ip" => "ip",
            other => {
                let why = format!("Unsupported entity type {other}");
                return Err(Refusal::UnsupportedVersion(why));
            }
        };
        let unexpected = |way: &str| {
            no(format!("Request specified MATCH_TYPE_{way}, but also specified a match string."))
        };
        let name = match (*match_type, name) {
            (EXACT, Some(name)) => Some(QuotaName::Named(name.clone())),
            (EXACT, None) => {
                return no(
                    "Request specified MATCH_TYPE_EXACT, but set match string to null.".into()
                );
            }
            (DEFAULT, None) => Some(QuotaName::Default),
            (DEFAULT, Some(_)) => return unexpected("DEFAULT"),
            (SPECIFIED, None) => None,
            (SPECIFIED, Some(_)) => return unexpected("SPECIFIED"),
            (other, _) => return no(format!("Unknown match type {other}")),
        };
        wanted.insert(kind, name);
    }
    if wanted.contains_key("ip") && wanted.len() > 1 {
        return no(
            "Invalid entity filter component combination. IP filter component should not be used \
             with user or clientId filter component."
                .into(),
        );
    }
    Ok(wanted)
}

/// The types of an entity with their names, in Kafka's order.
fn parts(entity: &QuotaEntity) -> Vec<(&'static str, &QuotaName)> {
    let QuotaEntity { user, client_id, ip } = entity;
    let all = [("client-id", client_id), ("user", user), ("ip", ip)];
    all.into_iter().filter_map(|(kind, name)| name.as_ref().map(|name| (kind, name))).collect()
}

fn entry(parts: &[(&'static str, &QuotaName)], values: &BTreeMap<QuotaKey, f64>) -> EntryData {
    let part = |(kind, name): &(&'static str, &QuotaName)| EntityData {
        entity_type: (*kind).to_owned(),
        entity_name: match name {
            QuotaName::Default => None,
            QuotaName::Named(name) => Some(name.clone()),
        },
    };
    let value =
        |(key, value): (&QuotaKey, &f64)| ValueData { key: key.name().to_owned(), value: *value };
    EntryData {
        entity: parts.iter().map(part).collect(),
        values: values.iter().map(value).collect(),
    }
}
