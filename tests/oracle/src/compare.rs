//! Two transcripts beside each other, field by field.
//!
//! Kept true: every question is on both sides, in one order; a field that differs is in the list of
//! differences or it fails; an entry of that list that nothing needed fails too.

use serde_json::Value;

use crate::differences::{DIFFERENCES, Difference, May};
use crate::side::Told;

/// What came of a comparison.
pub(crate) struct Verdict {
    /// Answers compared.
    pub(crate) compared: usize,
    /// Fields that differ as the list says.
    pub(crate) differing: usize,
    /// What is wrong, a line each.
    pub(crate) lines: Vec<String>,
}

/// A field that is not the same on both sides.
struct Field<'a> {
    path: Vec<&'a str>,
    kafka: Option<&'a Value>,
    bobbin: Option<&'a Value>,
}

/// Compares what both sides were asked and answered; `all`: the whole corpus was played, so that
/// each entry of the list must be needed.
pub(crate) fn compare(kafka: &[Told], bobbin: &[Told], all: bool) -> Verdict {
    let mut verdict = compare_with(kafka, bobbin, DIFFERENCES);
    if !all {
        verdict.lines.retain(|line| !line.starts_with(NEEDLESS));
    }
    verdict
}

/// How the line about an entry begins that nothing needs.
const NEEDLESS: &str = "nothing needs the difference";

fn compare_with(kafka: &[Told], bobbin: &[Told], list: &[Difference]) -> Verdict {
    let mut verdict = Verdict { compared: 0, differing: 0, lines: Vec::new() };
    let mut used = vec![false; list.len()];
    if kafka.len() != bobbin.len() {
        let line = format!("{} questions to Kafka, {} to Bobbin", kafka.len(), bobbin.len());
        verdict.lines.push(line);
    }
    for (kafka, bobbin) in kafka.iter().zip(bobbin) {
        let question = format!("{} {}: {}", kafka.api, kafka.version, kafka.what);
        if (kafka.api, kafka.version, &kafka.what) != (bobbin.api, bobbin.version, &bobbin.what) {
            verdict.lines.push(format!("{question}: Bobbin was asked {}", bobbin.what));
            break;
        }
        verdict.compared += 1;
        let mut fields = Vec::new();
        walk(&mut Vec::new(), Some(&kafka.answer), Some(&bobbin.answer), &mut fields);
        for field in fields {
            let entry = list.iter().position(|entry| covers(entry, kafka, &field));
            if let Some(entry) = entry {
                used[entry] = true;
                verdict.differing += 1;
                continue;
            }
            let show = |value: Option<&Value>| value.map_or("-".to_owned(), Value::to_string);
            let path = field.path.join("/");
            let (ours, theirs) = (show(field.bobbin), show(field.kafka));
            verdict.lines.push(format!("{question}: {path}: Kafka {theirs}, Bobbin {ours}"));
        }
    }
    for (entry, _) in list.iter().zip(&used).filter(|(_, used)| !**used) {
        let Difference { api, field, reason, .. } = entry;
        verdict.lines.push(format!("{NEEDLESS} {api} {field} ({reason})"));
    }
    verdict
}

fn walk<'a>(
    path: &mut Vec<&'a str>,
    kafka: Option<&'a Value>,
    bobbin: Option<&'a Value>,
    found: &mut Vec<Field<'a>>,
) {
    if let (Some(Value::Object(theirs)), Some(Value::Object(ours))) = (kafka, bobbin) {
        let only_ours = ours.keys().filter(|name| !theirs.contains_key(*name));
        for name in theirs.keys().chain(only_ours) {
            path.push(name);
            walk(path, theirs.get(name), ours.get(name), found);
            path.pop();
        }
    } else if kafka != bobbin && !(is_nothing(kafka) && is_nothing(bobbin)) {
        found.push(Field { path: path.clone(), kafka, bobbin });
    }
}

/// An array without items has no names: it is shown as an array where a full one is an object.
fn is_nothing(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        _ => false,
    }
}

fn covers(entry: &Difference, told: &Told, field: &Field<'_>) -> bool {
    let is_asked = entry.api == told.api
        && entry.versions.contains(&told.version)
        && told.what.starts_with(entry.case);
    let pattern: Vec<&str> = entry.field.split('/').collect();
    let end = entry.field.strip_prefix("**").map(|end| end.trim_start_matches('/'));
    let is_there = end.is_some_and(|end| end.is_empty() || field.path.last() == Some(&end))
        || field.path.join("/").is_empty() && entry.field.is_empty()
        || pattern.len() == field.path.len()
            && pattern.iter().zip(&field.path).all(|(want, name)| *want == "*" || want == name);
    is_asked && is_there && may(entry.may, field)
}

fn may(may: May, field: &Field<'_>) -> bool {
    let same_kind = |kafka: &Value, bobbin: &Value| {
        std::mem::discriminant(kafka) == std::mem::discriminant(bobbin)
    };
    match (may, field.kafka, field.bobbin) {
        (May::BeAnother, Some(kafka), Some(bobbin)) => same_kind(kafka, bobbin),
        (May::BeMissing, Some(_), None) => true,
        (May::BeMore, None, Some(_)) => true,
        (May::BeTold, _, Some(Value::String(words))) => !words.is_empty(),
        (May::BeAnything, _, _) => true,
        (May::BeRefused(code), kafka, Some(bobbin)) => match field.path.last() {
            Some(&"errorCode") => {
                kafka.and_then(Value::as_i64) == Some(0) && bobbin.as_i64() == Some(code)
            }
            Some(&"errorMessage") => bobbin.as_str().is_some_and(|words| !words.is_empty()),
            _ => bobbin.as_i64() == Some(-1),
        },
        (May::Be(theirs, ours), kafka, bobbin) => {
            let shown = |value: Option<&Value>| value.map_or("-".to_owned(), Value::to_string);
            shown(kafka) == theirs && shown(bobbin) == ours
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(answer: Value) -> Vec<Told> {
        vec![Told { api: "Produce", version: 3, what: "x".to_owned(), answer }]
    }

    #[test]
    fn another_code_is_a_difference_and_an_entry_allows_it() {
        let (kafka, bobbin) = (told(json!({"a": {"code": 0}})), told(json!({"a": {"code": 3}})));
        assert_eq!(compare_with(&kafka, &kafka, &[]).lines.len(), 0);
        assert_eq!(compare_with(&kafka, &bobbin, &[]).lines.len(), 1);
        let entry = Difference {
            api: "Produce",
            versions: 3..=3,
            case: "",
            field: "*/code",
            may: May::Be("0", "3"),
            reason: "",
        };
        assert_eq!(compare_with(&kafka, &bobbin, std::slice::from_ref(&entry)).lines.len(), 0);
        // Nothing needs it, or another code than the one that is allowed.
        assert_eq!(compare_with(&kafka, &kafka, std::slice::from_ref(&entry)).lines.len(), 1);
        let worse = told(json!({"a": {"code": 4}}));
        assert_eq!(compare_with(&kafka, &worse, &[entry]).lines.len(), 2);
    }

    #[test]
    fn a_refusal_is_one_code_with_words_and_nothing_given() {
        let entry = Difference {
            api: "Produce",
            versions: 3..=3,
            case: "",
            field: "*",
            may: May::BeRefused(35),
            reason: "",
        };
        let kafka = told(json!({"errorCode": 0, "errorMessage": null, "id": 7}));
        let lines =
            |answer| compare_with(&kafka, &told(answer), std::slice::from_ref(&entry)).lines.len();
        assert_eq!(lines(json!({"errorCode": 35, "errorMessage": "no", "id": -1})), 0);
        assert_eq!(lines(json!({"errorCode": 36, "errorMessage": "no", "id": -1})), 1);
        assert_eq!(lines(json!({"errorCode": 35, "errorMessage": "", "id": -1})), 1);
        assert_eq!(lines(json!({"errorCode": 35, "errorMessage": "no", "id": 8})), 1);
    }

    #[test]
    fn what_is_missing_differs() {
        let (full, less) = (told(json!({"a": 1, "b": 2})), told(json!({"a": 1})));
        assert_eq!(compare_with(&full, &less, &[]).lines.len(), 1);
        assert_eq!(compare_with(&less, &full, &[]).lines.len(), 1);
        assert_eq!(compare_with(&full, &[], &[]).lines.len(), 1);
    }
}
