//! A subscription to clients' metrics: kept and shown as Kafka does, without effect.

use super::broker::{Described, Source, Synonym};
use super::key::Scope;
use super::table::{client_metrics_keys, key_of};
use super::value::Value;
use crate::Refusal;
use std::collections::BTreeMap;

/// The bounds of `interval.ms`.
const INTERVAL_MS: std::ops::RangeInclusive<i64> = 100..=3_600_000;

/// Judges what would be set on a subscription.
pub fn check_client_metrics(values: &BTreeMap<String, String>) -> Result<(), Refusal> {
    for (name, text) in values {
        let Some(key) = key_of(Scope::ClientMetrics, name) else {
            let why = format!("Unknown client metrics configuration: {name}");
            return Err(Refusal::InvalidRequest(why));
        };
        let value = key.accept(text).map_err(Refusal::InvalidConfig)?;
        if let ("interval.ms", Value::Int(ms)) = (key.name, value)
            && !INTERVAL_MS.contains(&ms)
        {
            return Err(Refusal::InvalidRequest(format!(
                "Invalid value {ms} for interval.ms, interval must be between 100 and 3600000 \
                 (1 hour)"
            )));
        }
    }
    Ok(())
}

/// A row for each key of a subscription, by name; there need not be one.
pub fn describe_client_metrics(values: &BTreeMap<String, String>) -> Vec<Described> {
    let rows = client_metrics_keys().iter().map(|key| match values.get(key.name) {
        Some(text) => {
            let value = Some(key.shown(text));
            let source = Source::ClientMetrics;
            let synonym = Synonym { name: key.name, value: value.clone(), source };
            Described { key, value, source, synonyms: vec![synonym] }
        }
        None => Described {
            key,
            value: key.default.map(str::to_owned),
            source: Source::Default,
            synonyms: Vec::new(),
        },
    });
    rows.collect()
}
