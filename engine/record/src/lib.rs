//! What a record batch is: Kafka's message format version 2, checked and built.
