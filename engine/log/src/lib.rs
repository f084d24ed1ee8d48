//! A shard's journal and its partitions' segments.
