//! Kafka's grammar, bounded.
