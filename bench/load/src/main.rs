//! An open-loop load generator that measures from the intended send time.

fn main() {}
