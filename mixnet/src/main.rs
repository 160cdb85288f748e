//! Selge mixnet.

fn main() {}
