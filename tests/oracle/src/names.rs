//! What each broker has words of its own for, told in words that both share; and what has names, by
//! those.
//!
//! Kept true: nothing is made the same but words and numbers that somebody named, and the order of
//! what has no order.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// A broker's own words and numbers, and what both sides call them.
#[derive(Default)]
pub(crate) struct Names {
    words: BTreeMap<String, String>,
    /// By the name of the field: a number is too short to be looked for in any text.
    numbers: BTreeMap<(String, String), String>,
}

/// What a broker chose itself, and what both sides call it.
pub(crate) enum Own {
    /// A word, wherever it stands.
    Word(String, String),
    /// The number of fields of this name.
    Number(&'static str, i64, String),
}

impl Names {
    /// What a broker told of its own.
    pub(crate) fn learn(&mut self, own: &Own) {
        match own {
            Own::Word(word, shared) => self.call(word, shared),
            Own::Number(field, own, shared) => self.call_number(field, &own.to_string(), shared),
        }
    }

    /// `word` is this broker's own, wherever it stands.
    pub(crate) fn call(&mut self, word: &str, shared: &str) {
        assert!(word.len() > 8, "{word} is too short to be looked for in any text");
        self.words.insert(word.to_owned(), shared.to_owned());
    }

    /// The number `own` of fields of this name is this broker's own.
    pub(crate) fn call_number(&mut self, field: &str, own: &str, shared: &str) {
        self.numbers.insert((field.to_owned(), own.to_owned()), shared.to_owned());
    }

    /// The answer in the words that both sides share, what has names or numbers by those.
    pub(crate) fn renamed(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.in_shared_words(&text)),
            Value::Array(items) => {
                let items: Vec<Value> = items.into_iter().map(|item| self.renamed(item)).collect();
                by_name(items)
            }
            Value::Object(members) => {
                let own = |(name, mut value): (String, Value)| {
                    // A set: Kafka tells it in the order of its hash map.
                    if name == "subscribedTopicNames"
                        && let Value::Array(names) = &mut value
                    {
                        names.sort_by_key(Value::to_string);
                    }
                    let value = match self.numbers.get(&(name.clone(), value.to_string())) {
                        Some(shared) => json!(shared),
                        None => self.renamed(value),
                    };
                    (name, value)
                };
                Value::Object(members.into_iter().map(own).collect())
            }
            other => other,
        }
    }

    fn in_shared_words(&self, text: &str) -> String {
        let mut told = text.to_owned();
        for (word, shared) in self.words.iter().filter(|(word, _)| word.len() <= text.len()) {
            told = told.replace(word, shared);
        }
        told
    }
}

/// What each of these arrays is known by: no order is promised for them.
const KEYS: &[&[&str]] = &[
    &["resourceType", "resourceName"],
    &["memberId"],
    &["groupId"],
    &["producerId"],
    &["batchIndex"],
    &["key"],
    &["name", "topicId"],
    &["topic"],
    &["topicId"],
    &["name"],
    &["apiKey"],
    &["partitionIndex"],
    &["partition"],
    &["index"],
    &["topicName"],
    &["partitionId"],
    &["replicaId"],
    &["feature"],
    &["logDir"],
    &["entityType"],
    &["entity"],
    &["nodeId"],
    &["brokerId"],
];

/// An array of things with names as an object; any other array as it is.
fn by_name(items: Vec<Value>) -> Value {
    let Some(first) = items.first().and_then(Value::as_object) else { return Value::Array(items) };
    // Synonyms stand in an order that says which one counts, and batches in that of their log.
    let are_synonyms = first.contains_key("source") && first.len() == 3;
    if are_synonyms || first.contains_key("crcHolds") {
        return Value::Array(items);
    }
    let Some(key) = KEYS.iter().find(|key| key.iter().all(|name| first.contains_key(*name))) else {
        return Value::Array(items);
    };
    let mut named = Map::new();
    for item in items {
        let parts: Vec<String> = key.iter().map(|name| plain(&item[*name])).collect();
        let mut name = parts.join("=");
        while named.contains_key(&name) {
            name.push_str(" again");
        }
        named.insert(name, item);
    }
    Value::Object(named)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
