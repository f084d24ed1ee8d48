//! The simulator's workloads and checkers: crash states of the log.
