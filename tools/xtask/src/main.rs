//! What the house does to itself: codegen, tidy, tests, ci.

fn main() {}
