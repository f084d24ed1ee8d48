//! Medians and ranges over rounds, one line per row, and the gates of the issue that a row has.

use serde_json::{Value, json};

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

/// What the figures are held against, as far as the rows were measured.
pub(crate) fn gates(rows: &[Value]) -> String {
    let row = |name: &str| rows.iter().find(|row| row["row"] == name);
    let mut text = String::new();
    let mut gate = |what: &str, value: Option<f64>, holds: fn(f64) -> bool| {
        if let Some(value) = value {
            let verdict = if holds(value) { "holds" } else { "MISSED" };
            text.push_str(&format!("{verdict:<7} {what}: {value:.2}\n"));
        }
    };
    gate(
        "one request in flight, flushed: p50 at most 2 x the floor's",
        row("one-flushed").and_then(ratio),
        |ratio| ratio <= 2.0,
    );
    gate(
        "64 connections, flushed: at least 0.4 x the floor's rate",
        row("load-flushed").and_then(ratio),
        |ratio| ratio >= 0.4,
    );
    let many = row("partitions-flushed").and_then(|row| median(row, "bobbin"));
    let one = row("load-flushed").and_then(|row| median(row, "bobbin"));
    gate(
        "1,000 partitions, flushed: at least half of 1 partition",
        many.zip(one).map(|(many, one)| many / one),
        |ratio| ratio >= 0.5,
    );
    gate(
        "recovery after kill -9: at most 2 s to the first acknowledgement",
        row("recovery").and_then(|row| median(row, "bobbin")),
        |seconds| seconds <= 2.0,
    );
    gate(
        "p99.9 of produce beside a mass retention: at most 1.5 x p99.9 before it",
        row("retention").and_then(|row| median(row, "bobbin")),
        |ratio| ratio <= 1.5,
    );
    gate(
        "5,000 offset commits a second, flushed: p99 at most 5,000 us",
        row("commits-flushed").and_then(|row| median(row, "bobbin")),
        |micros| micros <= 5_000.0,
    );
    for (what, name) in [
        ("500 classic members over 1,000 partitions: at most 2,000 ms", "settle-classic"),
        ("500 members of the consumer protocol: at most 2,000 ms", "settle-consumer"),
    ] {
        let millis = row(name).and_then(|row| median(row, "bobbin"));
        gate(what, millis, |millis| millis <= 2_000.0);
    }
    gate(
        "coordinators after kill -9: at most 2 s to a commit of every group",
        row("group-recovery").and_then(|row| median(row, "bobbin")),
        |seconds| seconds <= 2.0,
    );
    gate(
        "p99 of produce beside compaction: at most 2 x p99 before it",
        row("compaction").and_then(|row| median(row, "bobbin")),
        |ratio| ratio <= 2.0,
    );
    gate(
        "compaction: at least 100 MB of input a second",
        row("compaction").and_then(|row| median(row, "megabytes_per_second")),
        |megabytes| megabytes >= 100.0,
    );
    let build = row("cold-build");
    gate(
        "cold release build: at most 240 s",
        build.and_then(|row| median(row, "bobbin")),
        |seconds| seconds <= 240.0,
    );
    gate(
        "binary: at most 30 MB",
        build.and_then(|row| row["binary_bytes"].as_f64()).map(|bytes| bytes / 1e6),
        |megabytes| megabytes <= 30.0,
    );
    text
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
