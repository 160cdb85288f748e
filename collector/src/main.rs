//! Selge collector.

fn main() {}
