//! Quotas are set and taken away, decided as Kafka 4.3.1 does, in its words.
//!
//! Kept true: the values of one entity change together or not at all; what changes nothing writes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use engine_base::Refusal;

use crate::cluster::Cluster;
use crate::quotas::{QuotaEntity, QuotaKey, QuotaName};
use crate::records::Record;

/// What becomes of the quotas of one entity, as a client asks for it.
#[derive(Clone, Debug, PartialEq)]
pub struct QuotaChange {
    /// Types and names of the entity, without a name the default; of two of one type the later one
    /// counts.
    pub entity: Vec<(String, Option<String>)>,
    /// Keys with their new values; `None` takes one away.
    pub values: Vec<(String, Option<f64>)>,
}

/// Bytes of records that one request may cause: they are written together.
const RECORDS_BYTES_MAX: usize = 512 * 1024;

/// Decides a request: the records that make it true and an answer for each entity.
pub(crate) fn decide(
    cluster: &Cluster,
    changes: Vec<QuotaChange>,
    validate_only: bool,
) -> (Vec<Record>, Vec<Result<(), Refusal>>) {
    let mut seen = BTreeSet::new();
    let named = |change: &QuotaChange| by_type(change).into_iter().collect::<Vec<_>>();
    let twice: BTreeSet<_> =
        changes.iter().map(named).filter(|e| !seen.insert(e.clone())).collect();
    let (mut records, mut bytes) = (Vec::new(), 0);
    let answers = changes.into_iter().map(|change| {
        let has_twins = twice.contains(&named(&change));
        let changed = decide_one(cluster, &change, has_twins)?;
        bytes += changed.iter().map(|record| record.encode().len()).sum::<usize>();
        if bytes > RECORDS_BYTES_MAX {
            let why = "The quotas of this request are too long to be changed together.";
            return Err(Refusal::PolicyViolation(why.into()));
        }
        if !validate_only {
            records.extend(changed);
        }
        Ok(())
    });
    let answers = answers.collect();
    (records, answers)
}

fn no<T>(why: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::InvalidRequest(why.into()))
}

fn by_type(change: &QuotaChange) -> BTreeMap<String, Option<String>> {
    change.entity.iter().cloned().collect()
}

fn decide_one(
    cluster: &Cluster,
    change: &QuotaChange,
    has_twins: bool,
) -> Result<Vec<Record>, Refusal> {
    let mut seen = BTreeSet::new();
    if has_twins || !change.values.iter().all(|(key, _)| seen.insert(key)) {
        let names = by_type(change).into_iter().map(|(kind, name)| {
            let name = name.unwrap_or_else(|| "null".into());
            format!("{kind}={name}")
        });
        let names: Vec<String> = names.collect();
        return no(format!(
            "Ignoring duplicate entity ClientQuotaEntity(entries={{{}}})",
            names.join(", ")
        ));
    }
    let entity = judge_entity(by_type(change))?;
    let quotas = &cluster.image().quotas;
    let mut records = Vec::new();
    for (name, value) in &change.values {
        let key = QuotaKey::from_name(name);
        if let Some(value) = value {
            let is_for_ip = |key: &QuotaKey| *key == QuotaKey::Connections;
            let Some(key) = key.filter(|key| is_for_ip(key) == entity.ip.is_some()) else {
                return no(format!("Invalid configuration key {name}"));
            };
            judge_value(key, *value)?;
        }
        // To take away what nobody knows is nothing.
        let Some(key) = key else { continue };
        if quotas.get(&entity, key) != *value {
            records.push(Record::Quota { entity: entity.clone(), key, value: *value });
        }
    }
    Ok(records)
}

fn judge_entity(parts: BTreeMap<String, Option<String>>) -> Result<QuotaEntity, Refusal> {
    let mut entity = QuotaEntity::default();
    if parts.is_empty() {
        return no("Invalid empty client quota entity");
    }
    for (kind, name) in parts {
        let place = match kind.as_str() {
            "user" => &mut entity.user,
            "client-id" => &mut entity.client_id,
            "ip" => &mut entity.ip,
            _ => return no(format!("Unhandled client quota entity type: {kind}")),
        };
        *place = Some(match name {
            None => QuotaName::Default,
            Some(name) if name.is_empty() => return no(format!("Empty {kind} not supported")),
            Some(name) => QuotaName::Named(name),
        });
    }
    match &entity.ip {
        Some(_) if entity.user.is_some() || entity.client_id.is_some() => {
            no("Invalid quota entity combination, IP entity shouldnot be combined with User or \
             ClientId")
        }
        // Names of hosts are not resolved: addresses are what clients connect from.
        Some(QuotaName::Named(ip)) if ip.parse::<IpAddr>().is_err() => {
            no(format!("{ip} is not a valid IP or resolvable host."))
        }
        _ => Ok(entity),
    }
}

fn judge_value(key: QuotaKey, value: f64) -> Result<(), Refusal> {
    let name = key.name();
    if value.is_nan() || value <= 0.0 {
        return no(format!("Quota {name} must be greater than 0"));
    }
    let (max, kind) = match key {
        QuotaKey::RequestPercentage | QuotaKey::Mutations => return Ok(()),
        QuotaKey::ProducerBytes | QuotaKey::ConsumerBytes => (i64::MAX as f64, "a LONG"),
        QuotaKey::Connections => (f64::from(i32::MAX), "an INT"),
    };
    if value > max {
        return no(format!("Proposed value for {name} is too large for {kind}."));
    }
    if value.fract().abs() > 1e-6 {
        return no(format!("{name} cannot be a fractional value."));
    }
    Ok(())
}
