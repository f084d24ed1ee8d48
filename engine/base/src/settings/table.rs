//! The table as it lies in `topic.txt`, `broker.txt`, `group.txt` and `client_metrics.txt`, read
//! once.
//!
//! A line is a key: `name | type | default | allowed | importance | flags | synonyms | effect |
//! documentation`. `-` stands for nothing; a default of `null` is Kafka's null. Lines that begin
//! with `#` say something to people.

use super::key::{Bound, Effect, Importance, Key, Kind, Rule, Scope};
use std::sync::OnceLock;

const TOPIC: &str = include_str!("topic.txt");
const BROKER: &str = include_str!("broker.txt");
const GROUP: &str = include_str!("group.txt");
const CLIENT_METRICS: &str = include_str!("client_metrics.txt");

/// Every key of a topic, by name.
pub fn topic_keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| read_table(TOPIC, Scope::Topic))
}

/// Every key of a node, by name.
pub fn broker_keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| read_table(BROKER, Scope::Broker))
}

/// Every key of a group, by name.
pub fn group_keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| read_table(GROUP, Scope::Group))
}

/// Every key of a subscription to clients' metrics, by name.
pub fn client_metrics_keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| read_table(CLIENT_METRICS, Scope::ClientMetrics))
}

/// Every key of this scope, by name.
pub fn keys_of(scope: Scope) -> &'static [Key] {
    match scope {
        Scope::Topic => topic_keys(),
        Scope::Broker => broker_keys(),
        Scope::Group => group_keys(),
        Scope::ClientMetrics => client_metrics_keys(),
    }
}

/// The key of this name in this scope.
pub fn key_of(scope: Scope, name: &str) -> Option<&'static Key> {
    find(keys_of(scope), name)
}

/// The topic's key of this name.
pub fn topic_key(name: &str) -> Option<&'static Key> {
    find(topic_keys(), name)
}

/// The node's key of this name.
pub fn broker_key(name: &str) -> Option<&'static Key> {
    find(broker_keys(), name)
}

/// The key of this name, a topic's before a node's.
pub fn lookup(name: &str) -> Option<&'static Key> {
    topic_key(name).or_else(|| broker_key(name))
}

fn find(keys: &'static [Key], name: &str) -> Option<&'static Key> {
    keys.binary_search_by(|key| key.name.cmp(name)).ok().map(|at| &keys[at])
}

/// The key that was probably meant by a name that is none: at most a third of it is different.
pub fn nearest(scope: Scope, name: &str) -> Option<&'static Key> {
    let keys = keys_of(scope);
    // Longer names are no typing error, and would cost time.
    if name.len() > 100 {
        return None;
    }
    let (distance, key) = keys
        .iter()
        .filter(|key| !key.hidden)
        .map(|key| (edits(name, key.name), key))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= name.len().div_ceil(3)).then_some(key)
}

/// The number of letters to insert, drop or change (Levenshtein's distance).
fn edits(a: &str, b: &str) -> usize {
    let b = b.as_bytes();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

fn read_table(text: &'static str, scope: Scope) -> Vec<Key> {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut keys: Vec<Key> = lines
        .map(|line| read_line(line, scope).unwrap_or_else(|| panic!("a line of the table: {line}")))
        .collect();
    keys.sort_by_key(|key| key.name);
    for pair in keys.windows(2) {
        assert!(pair[0].name != pair[1].name, "{} comes twice in the table", pair[0].name);
    }
    keys
}

fn read_line(line: &'static str, scope: Scope) -> Option<Key> {
    let mut fields = line.split('|').map(str::trim);
    let name = fields.next()?;
    let kind = Kind::from_name(fields.next()?)?;
    let default = Some(fields.next()?).filter(|text| *text != "null");
    let rule = read_rule(fields.next()?, kind)?;
    let importance = match fields.next()? {
        "high" => Importance::High,
        "medium" => Importance::Medium,
        "low" => Importance::Low,
        _ => return None,
    };
    let flags = fields.next()?;
    let synonyms = words(fields.next()?);
    let (effect, note) = match fields.next()?.split_once(": ") {
        Some(both) => both,
        None => (line.split('|').nth(7)?.trim(), ""),
    };
    let effect = match effect {
        "honoured" => Effect::Honoured,
        "without effect" => Effect::WithoutEffect,
        "refused" => Effect::Refused,
        _ => return None,
    };
    let documentation = fields.next()?;
    if fields.next().is_some() {
        return None;
    }
    let flag = |name| words(flags).contains(&name);
    Some(Key {
        name,
        scope,
        kind,
        default: default.map(|text| if text == "-" { "" } else { text }),
        importance,
        read_only: flag("static"),
        sensitive: kind == Kind::Password,
        hidden: flag("hidden"),
        synonyms,
        effect,
        note,
        documentation,
        rule,
    })
}

fn words(field: &'static str) -> Vec<&'static str> {
    field.split(',').map(str::trim).filter(|word| *word != "-" && !word.is_empty()).collect()
}

fn read_rule(field: &'static str, kind: Kind) -> Option<Rule> {
    let bound = |text: &'static str| Some(Bound { text, number: text.parse().ok()? });
    let rule = if field == "-" {
        Rule::Any
    } else if field == "non-empty" {
        Rule::NonEmpty
    } else if field == "distinct" {
        Rule::Distinct { may_be_empty: true }
    } else if field == "distinct non-empty" {
        Rule::Distinct { may_be_empty: false }
    } else if field == "replicas" {
        Rule::ThrottledReplicas
    } else if field == "offset reset" {
        Rule::OffsetReset
    } else if field == "client patterns" {
        Rule::ClientPatterns
    } else if let Some(list) = field.strip_prefix("non-empty of ") {
        Rule::ListOf { words: words(list), may_be_empty: false }
    } else if let Some(list) = field.strip_prefix("any of ") {
        Rule::ListOf { words: words(list), may_be_empty: true }
    } else if let Some(list) = field.strip_prefix("one of ") {
        Rule::OneOf { words: words(list), any_case: false }
    } else if let Some(list) = field.strip_prefix("one, any case, of ") {
        Rule::OneOf { words: words(list), any_case: true }
    } else {
        let (range, or) = match field.split_once(" or ") {
            Some((range, or)) => (range, Some(or)),
            None => (field, None),
        };
        let (min, max) = range.split_once("..")?;
        let max = if max.is_empty() { None } else { Some(bound(max)?) };
        Rule::Range { min: Some(bound(min)?), max, or }
    };
    let is_list = matches!(
        rule,
        Rule::Distinct { .. }
            | Rule::ListOf { .. }
            | Rule::ThrottledReplicas
            | Rule::ClientPatterns
    );
    (rule == Rule::Any || is_list == (kind == Kind::List)).then_some(rule)
}
