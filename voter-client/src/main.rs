//! Selge voter-client.

fn main() {}
