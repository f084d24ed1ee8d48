//! The contract of deterministic state fed by a log: decide, records, apply.
