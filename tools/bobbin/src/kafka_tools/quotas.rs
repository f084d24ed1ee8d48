//! `kafka-configs` for users, clients and ips: quotas. Kept true: several changes of one command
//! are done together or not at all.

use engine_base::settings::Value;
use net_client::{Admin, Client, ConfigChange, QuotaEntity, QuotaMatch, SetQuotas};

use super::options::Given;
use super::said;
use crate::failure::Failure;
use crate::output::Out;

/// Each type on the command line, as the protocol calls it, in one word, in the words of a
/// description, and by the flags that stand for type and name in one.
const TYPES: [(&str, &str, &str, &str, &str, &str); 3] = [
    ("users", "user", "user", "user-principal", "user", "user-defaults"),
    ("clients", "client-id", "client", "client-id", "client", "client-defaults"),
    ("ips", "ip", "ip", "ip", "ip", "ip-defaults"),
];

/// What can be bounded for users and clients, and for addresses.
const OF_CLIENTS: [&str; 4] =
    ["consumer_byte_rate", "controller_mutation_rate", "producer_byte_rate", "request_percentage"];
const OF_ADDRESSES: [&str; 1] = ["connection_creation_rate"];

/// A type with the name that was given for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its place in [`TYPES`].
    at: usize,
    name: QuotaMatch,
}

/// Whose quotas are meant, where that is what the command is about.
pub(super) fn parts(given: &Given) -> Result<Option<Vec<Part>>, Failure> {
    let mut parts: Vec<Part> = Vec::new();
    let mut names = Vec::new();
    for &(option, ref value) in given.in_order() {
        let value = value.clone().unwrap_or_default();
        match option {
            "entity-type" => {
                let known = TYPES.iter().position(|(plural, ..)| *plural == value);
                let Some(at) = known else { return Ok(None) };
                parts.push(Part { at, name: QuotaMatch::Any });
            }
            "entity-name" => names.push(QuotaMatch::Named(value)),
            "entity-default" => names.push(QuotaMatch::Default),
            _ => {
                for (at, (.., named, defaults)) in TYPES.iter().enumerate() {
                    if option == *named {
                        parts.push(Part { at, name: QuotaMatch::Named(value.clone()) });
                    } else if option == *defaults {
                        parts.push(Part { at, name: QuotaMatch::Default });
                    }
                }
            }
        }
    }
    if parts.is_empty() {
        return Ok(None);
    }
    if names.len() > parts.iter().filter(|part| part.name == QuotaMatch::Any).count() {
        return Err(Failure::usage("More entity names specified than entity types"));
    }
    let nameless = parts.iter_mut().filter(|part| part.name == QuotaMatch::Any);
    for (part, name) in nameless.zip(names) {
        part.name = name;
    }
    parts.sort_by_key(|part| part.at);
    for pair in parts.windows(2) {
        if pair[0].at == pair[1].at {
            return Err(Failure::usage("Duplicate entity type(s) specified"));
        }
    }
    if parts.len() > 1 && parts.iter().any(|part| TYPES[part.at].0 == "ips") {
        let what = "Only 'users' and 'clients' entity types may be specified together";
        return Err(Failure::usage(what));
    }
    Ok(Some(parts))
}

fn wanted(parts: &[Part]) -> Vec<(String, QuotaMatch)> {
    parts.iter().map(|part| (TYPES[part.at].1.to_string(), part.name.clone())).collect()
}

/// Shows what is set on the entities that have these types, and no others.
pub(super) async fn describe(client: &Client, parts: &[Part]) -> Result<(), Failure> {
    let found = Admin::new(client).describe_quotas(&wanted(parts)).await?;
    let mut out = Out::new();
    for quotas in found {
        out.line(&line(&quotas))?;
    }
    out.flush()
}

fn line(quotas: &SetQuotas) -> String {
    let mut names: Vec<(usize, String)> = quotas
        .entity
        .iter()
        .filter_map(|(kind, name)| {
            let at = TYPES.iter().position(|(_, known, ..)| known == kind)?;
            let words = TYPES[at].3;
            let told = match name {
                Some(name) => format!("{words} '{name}'"),
                None => format!("the default {words}"),
            };
            Some((at, told))
        })
        .collect();
    names.sort();
    let names: Vec<String> = names.into_iter().map(|(_, told)| told).collect();
    let mut values: Vec<String> = quotas
        .values
        .iter()
        .map(|(key, value)| format!("{key}={}", Value::Double(*value).shown()))
        .collect();
    values.sort();
    format!("Quota configs for {} are {}", names.join(", "), values.join(", "))
}

/// Sets quotas, or takes them away.
pub(super) async fn alter(
    client: &Client,
    parts: &[Part],
    changes: &[(String, ConfigChange)],
) -> Result<(), Failure> {
    let values = values(parts, changes)?;
    let entity = named(parts)?;
    let admin = Admin::new(client);
    let failed =
        |what: String| Failure::failed(format!("Error while executing config command: {what}"));
    let gone = values.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key);
    let known = admin.describe_quotas(&wanted(parts)).await?;
    let is_set = |key: &String| known.iter().any(|q| q.values.iter().any(|(k, _)| k == key));
    let unknown: Vec<&str> = gone.filter(|key| !is_set(key)).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(failed(format!("Invalid config(s): {}", unknown.join(","))));
    }
    let done = admin.alter_quotas(&entity, &values).await;
    done.map_err(|error| failed(said(&error)))?;
    let (plural, _, word, ..) = TYPES[parts[0].at];
    let mut out = Out::new();
    out.line(&match &entity[0].1 {
        Some(name) => format!("Completed updating config for {word} {name}."),
        None => format!("Completed updating default config for {plural} in the cluster."),
    })?;
    out.flush()
}

fn named(parts: &[Part]) -> Result<QuotaEntity, Failure> {
    let name = |part: &Part| {
        let kind = TYPES[part.at].1.to_string();
        match &part.name {
            QuotaMatch::Named(name) => Ok((kind, Some(name.clone()))),
            QuotaMatch::Default => Ok((kind, None)),
            QuotaMatch::Any => Err(Failure::usage(
                "An entity name must be specified with --alter: --entity-name or --entity-default",
            )),
        }
    };
    parts.iter().map(name).collect()
}

fn values(
    parts: &[Part],
    changes: &[(String, ConfigChange)],
) -> Result<Vec<(String, Option<f64>)>, Failure> {
    let plural = TYPES[parts[0].at].0;
    let (what, allowed) = match plural {
        "ips" => ("connection quota", &OF_ADDRESSES[..]),
        "users" => ("quota and SCRAM credential", &OF_CLIENTS[..]),
        _ => ("quota", &OF_CLIENTS[..]),
    };
    let mut values = Vec::new();
    for (name, change) in changes {
        if name.starts_with("SCRAM-") {
            return Err(Failure::failed(format!("{name}: this tool sets no SCRAM credentials"))
                .next("a Bobbin node keeps none yet; kafka-configs.sh of Kafka sets a Kafka's"));
        }
        let value = match change {
            ConfigChange::Set(text) => text,
            _ => {
                values.push((name.clone(), None));
                continue;
            }
        };
        if !allowed.contains(&name.as_str()) {
            let names = if plural == "ips" { name.clone() } else { format!("Set({name})") };
            return Err(Failure::usage(format!(
                "Only {what} configs can be added for '{plural}' using --bootstrap-server. \
                 Unexpected config names: {names}"
            )));
        }
        let number = value.parse::<f64>().map_err(|_| {
            Failure::usage(format!("Cannot parse quota configuration value for {name}: {value}"))
        })?;
        values.push((name.clone(), Some(number)));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    use super::super::configs::SPECS;
    use super::*;

    fn given(line: &str) -> Given {
        let words: Vec<String> = line.split(' ').map(String::from).collect();
        Given::read(SPECS, &words).expect("options")
    }

    fn found(line: &str) -> Option<Vec<(&'static str, QuotaMatch)>> {
        let parts = parts(&given(line)).expect("no contradiction")?;
        Some(parts.into_iter().map(|part| (TYPES[part.at].1, part.name)).collect())
    }

    #[test]
    fn names_belong_to_the_types_in_their_order() {
        let named = |name: &str| QuotaMatch::Named(name.into());
        assert_eq!(found("--entity-type topics --entity-name t"), None);
        assert_eq!(found("--entity-type users"), Some(vec![("user", QuotaMatch::Any)]));
        assert_eq!(found("--client c"), Some(vec![("client-id", named("c"))]));
        assert_eq!(found("--ip-defaults"), Some(vec![("ip", QuotaMatch::Default)]));
        assert_eq!(
            found("--entity-type clients --entity-default --entity-type users --entity-name u"),
            Some(vec![("user", named("u")), ("client-id", QuotaMatch::Default)])
        );
        assert_eq!(
            found("--user u --entity-type clients"),
            Some(vec![("user", named("u")), ("client-id", QuotaMatch::Any)])
        );
        assert!(parts(&given("--ip 1.2.3.4 --user u")).is_err());
        assert!(parts(&given("--user u --user-defaults")).is_err());
    }

    #[test]
    fn quotas_are_told_in_kafkas_words() {
        let quotas = SetQuotas {
            entity: vec![("client-id".into(), None), ("user".into(), Some("u".into()))],
            values: vec![("producer_byte_rate".into(), 1e7), ("consumer_byte_rate".into(), 5.0)],
        };
        let told = "Quota configs for user-principal 'u', the default client-id are \
                    consumer_byte_rate=5.0, producer_byte_rate=1.0E7";
        assert_eq!(line(&quotas), told);
    }
}
