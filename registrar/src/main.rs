//! Selge registrar.

fn main() {}
