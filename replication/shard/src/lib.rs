//! What a shard owns and does: the one async shell around the pure parts.
