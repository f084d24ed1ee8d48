//! The cluster's own facts as a machine: topics, placement, configs.
