//! A server with a real node behind it, in the simulated world: what clients see, byte for byte.

mod answered;
mod bounds;
mod chaos;
mod cluster;
mod configs;
mod connection;
mod consumer_groups;
mod describe;
mod disk;
mod fetch;
mod groups;
mod late;
mod offsets;
mod partitions;
mod peer;
mod policies;
mod produce;
mod producers;
mod quotas;
mod scene;
mod sessions;
mod topics;
mod waiting;
