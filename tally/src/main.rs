//! Selge tally.

fn main() {}
