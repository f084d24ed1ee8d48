//! Clients talking: sessions, handlers, refusals as Kafka's codes.
