//! Medians and ranges over rounds, one line per row, and the gates of the issue that a row has.

use serde_json::{Value, json};

use Limit::{AtLeast, AtMost};

/// Median and range of a figure over rounds.
pub(crate) fn spread(rounds: &[Value], figure: &str) -> Value {
    let mut values: Vec<f64> = rounds.iter().filter_map(|round| round[figure].as_f64()).collect();
    if values.is_empty() {
        return Value::Null;
    }
    values.sort_by(f64::total_cmp);
    let median = if values.len() % 2 == 1 {
        values[values.len() / 2]
    } else {
        f64::midpoint(values[values.len() / 2 - 1], values[values.len() / 2])
    };
    json!({ "median": median, "least": values[0], "most": values[values.len() - 1] })
}

/// A row as a person wants it.
pub(crate) fn line(details: &Value) -> String {
    let name = details["row"].as_str().unwrap_or_default();
    let figure = details["figure"].as_str().unwrap_or_default();
    let mut line = format!("{name:<20} {figure:<7} bobbin {}", span(&details["bobbin"]));
    if let Some(ratio) = ratio(details) {
        line.push_str(&format!("  floor {}  {ratio:.2} of the floor", span(&details["floor"])));
    }
    let rounds = details["bobbin_rounds"].as_array().map(Vec::as_slice).unwrap_or_default();
    let errors: u64 = rounds.iter().filter_map(|round| round["errors"].as_u64()).sum();
    let lost: u64 = rounds.iter().filter_map(|round| round["unanswered"].as_u64()).sum();
    if errors + lost > 0 {
        line.push_str(&format!("  {errors} ERRORS, {lost} UNANSWERED"));
    }
    line
}

fn span(spread: &Value) -> String {
    let at = |name: &str| spread[name].as_f64().unwrap_or(f64::NAN);
    let digits = if at("median") < 100.0 { 2 } else { 0 };
    format!("{:.digits$} ({:.digits$}-{:.digits$})", at("median"), at("least"), at("most"))
}

/// Bobbin's median as a multiple of the floor's.
fn ratio(details: &Value) -> Option<f64> {
    Some(median(details, "bobbin")? / median(details, "floor")?)
}

fn median(details: &Value, side: &str) -> Option<f64> {
    details[side]["median"].as_f64()
}

/// What a figure is held against.
#[derive(Clone, Copy)]
pub(crate) enum Limit {
    /// Not above it.
    AtMost(f64),
    /// Not below it.
    AtLeast(f64),
}

/// A gate of an issue: what it says, the row and how its figure is found, and the limit.
type Gate = (&'static str, &'static str, fn(&Value) -> Option<f64>, Limit);

const GATES: &[Gate] = &[
    ("one request in flight, flushed: p50, x the floor's", "one-flushed", ratio, AtMost(2.0)),
    ("64 connections, flushed: x the floor's rate", "load-flushed", ratio, AtLeast(0.4)),
    ("recovery after kill -9: s to the first acknowledgement", "recovery", ours, AtMost(2.0)),
    ("p99.9 beside a mass retention: x p99.9 before it", "retention", ours, AtMost(1.5)),
    ("p99 beside compaction: x p99 before it", "compaction", ours, AtMost(2.0)),
    ("compaction: MB of input a second", "compaction", input, AtLeast(100.0)),
    ("quotas that never bite: x the CPU of a request without", "quotas", ours, AtMost(1.02)),
    ("the same, time bounded too", "quotas", timed, AtMost(1.02)),
    ("5,000 offset commits a second, flushed: p99, us", "commits-flushed", ours, AtMost(5000.0)),
    ("500 classic members, 1,000 partitions: ms", "settle-classic", ours, AtMost(2000.0)),
    ("500 members of the consumer protocol: ms", "settle-consumer", ours, AtMost(2000.0)),
    ("coordinators after kill -9: s to a commit of each", "group-recovery", ours, AtMost(2.0)),
    ("cold release build: s", "cold-build", ours, AtMost(240.0)),
    ("binary: MB", "cold-build", binary, AtMost(30.0)),
];

fn ours(row: &Value) -> Option<f64> {
    median(row, "bobbin")
}

fn input(row: &Value) -> Option<f64> {
    median(row, "megabytes_per_second")
}

fn timed(row: &Value) -> Option<f64> {
    median(row, "timed_ratio")
}

fn binary(row: &Value) -> Option<f64> {
    Some(row["binary_bytes"].as_f64()? / 1e6)
}

/// What the figures are held against, as far as the rows were measured.
pub(crate) fn gates(rows: &[Value]) -> String {
    let row = |name: &str| rows.iter().find(|row| row["row"] == name);
    let mut text = String::new();
    for (what, name, figure, limit) in GATES {
        if let Some(value) = row(name).and_then(figure) {
            text.push_str(&gate(what, value, *limit));
        }
    }
    let (one, many) = (row("load-flushed"), row("partitions-flushed"));
    if let Some((one, many)) = one.and_then(ours).zip(many.and_then(ours)) {
        text.push_str(&gate("1,000 partitions: x 1 partition", many / one, AtLeast(0.5)));
    }
    text
}

/// Whether one figure keeps its limit, as a line.
pub(crate) fn gate(what: &str, value: f64, limit: Limit) -> String {
    let (holds, limit) = match limit {
        AtMost(limit) => (value <= limit, format!("at most {limit}")),
        AtLeast(limit) => (value >= limit, format!("at least {limit}")),
    };
    let verdict = if holds { "holds" } else { "MISSED" };
    format!("{verdict:<7} {what}: {value:.2} ({limit})\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_ranges_and_gates() {
        let rounds: Vec<Value> = [3.0, 1.0, 2.0, 10.0].map(|rate| json!({ "rate": rate })).to_vec();
        let spread = spread(&rounds, "rate");
        assert_eq!(spread, json!({ "median": 2.5, "least": 1.0, "most": 10.0 }));
        let row = |name: &str, ours: f64, floor: f64| {
            let (ours, floor) = (json!({ "median": ours }), json!({ "median": floor }));
            json!({ "row": name, "figure": "rate", "bobbin": ours, "floor": floor })
        };
        let rows = [row("load-flushed", 50.0, 100.0), row("partitions-flushed", 20.0, 100.0)];
        let text = gates(&rows);
        assert!(
            text.contains("holds   64 connections") && text.contains("MISSED  1,000 partitions")
        );
        assert!(!text.contains("one request"));
    }
}
