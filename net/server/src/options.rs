//! What a server is told at its start. Every bound is a parameter with Kafka's name where it has
//! one.

use std::rc::Rc;
use std::time::Duration;

use engine_base::limits;

use crate::notice::Listen;
use crate::quota::Quotas;

/// What a server is told at its start.
#[derive(Clone)]
pub struct ServerOptions {
    /// The longest frame, in bytes: `socket.request.max.bytes`.
    pub frame_bytes_max: usize,
    /// The longest frame that is not a Produce, in bytes: decoded it takes a few times as much.
    pub plain_frame_bytes_max: usize,
    /// How long a client may take to complete a frame it has begun, and to take a megabyte of
    /// answers.
    pub frame_time_max: Duration,
    /// How long a connection may stay silent: `connections.max.idle.ms`.
    pub idle_time_max: Duration,
    /// How many connections there may be: `max.connections`.
    pub connections_max: usize,
    /// How many requests of one connection may be on their way.
    pub in_flight_requests_max: usize,
    /// How many bytes of requests of one connection may be on their way; one larger request may be
    /// alone.
    pub in_flight_bytes_max: usize,
    /// How many bytes all frames above one receive buffer may have together on this core:
    /// `queued.max.request.bytes`.
    pub large_frames_bytes_max: usize,
    /// How many bytes all answers being prepared may have together on this core, by the handlers'
    /// estimates, without record batches. One that would take more alone closes its connection.
    pub answers_bytes_max: usize,
    /// How many bytes the requests of all Fetches that wait for news may have together on this
    /// core; one that finds no room is answered with what there is. Small ones are not counted.
    pub waiting_bytes_max: usize,
    /// How many bytes the record batches in all answers may have together on this core.
    pub batches_bytes_max: usize,
    /// The most bytes of batches in one Fetch answer: `fetch.max.bytes`.
    pub fetch_bytes_max: usize,
    /// The most partitions one request may name.
    pub partitions_per_request_max: usize,
    /// The most partitions in all fetch sessions together; each takes about 200 bytes.
    pub session_partitions_max: usize,
    /// How long requests already taken may go on after the order to stop.
    pub stop_time_max: Duration,
    /// The listener whose addresses clients of this server are told, as in `advertised.listeners`.
    pub listener: String,
    /// What clients used of their quotas: one for all servers of a node.
    pub quotas: Quotas,
    /// Whether to tell of each connection, at its end, what was answered over it.
    pub tells_answered: bool,
    /// Who is told what an operator may want to know.
    pub listen: Listen,
}

impl Default for ServerOptions {
    fn default() -> ServerOptions {
        ServerOptions {
            frame_bytes_max: limits::FRAME_BYTES_MAX,
            plain_frame_bytes_max: 16 * 1024 * 1024,
            frame_time_max: Duration::from_secs(limits::FRAME_SECONDS_MAX),
            idle_time_max: Duration::from_secs(600),
            connections_max: 10_000,
            in_flight_requests_max: 256,
            in_flight_bytes_max: 8 * 1024 * 1024,
            large_frames_bytes_max: 128 * 1024 * 1024,
            answers_bytes_max: 128 * 1024 * 1024,
            waiting_bytes_max: 128 * 1024 * 1024,
            batches_bytes_max: 256 * 1024 * 1024,
            fetch_bytes_max: 55 * 1024 * 1024,
            partitions_per_request_max: 200_000,
            session_partitions_max: 400_000,
            stop_time_max: Duration::from_millis(900),
            listener: "PLAINTEXT".to_owned(),
            quotas: Quotas::default(),
            tells_answered: false,
            listen: Rc::new(|_| ()),
        }
    }
}
