//! The result as one line of JSON. Times in microseconds, rates per second, CPU in seconds.

use serde_json::{Value, json};

use crate::options::Options;
use crate::run::Outcome;

/// The line for a run.
pub(crate) fn json(options: &Options, outcome: &Outcome) -> Value {
    let seconds = outcome.measured.as_secs_f64();
    let rate = outcome.answered_in_time as f64 / seconds;
    let at = |quantile: f64| micros(outcome.latency_ns.value_at_quantile(quantile));
    let per_request = |cpu: f64| cpu * 1e6 / (outcome.answered_in_time.max(1)) as f64;
    json!({
        "mode": if options.rate.is_some() { "open" } else { "closed" },
        "wanted_rate": options.rate,
        "connections": options.connections,
        "depth": options.depth,
        "partitions": options.partitions * options.topics,
        "acks": options.acks,
        "groups": options.groups,
        "records": options.records,
        "record_bytes": options.record_bytes,
        "request_bytes": outcome.request_bytes,
        "seconds": seconds,
        "rate": rate,
        "records_per_second": rate * options.records as f64,
        "bytes_per_second": rate * outcome.request_bytes as f64,
        "count": outcome.answered,
        "errors": outcome.errors,
        "last_error": outcome.last_error,
        "unanswered": outcome.unanswered,
        "p50_us": at(0.5),
        "p90_us": at(0.9),
        "p99_us": at(0.99),
        "p99_9_us": at(0.999),
        "p99_99_us": at(0.9999),
        "max_us": micros(outcome.latency_ns.max()),
        "broker_cpu_s": outcome.broker_cpu,
        "broker_cpu_us_per_request": outcome.broker_cpu.map(per_request),
        "client_cpu_s": outcome.client_cpu,
        "machine_cpu_less_client_us_per_request":
            per_request(outcome.machine_cpu - outcome.client_cpu),
    })
}

fn micros(ns: u64) -> f64 {
    ns as f64 / 1000.0
}
