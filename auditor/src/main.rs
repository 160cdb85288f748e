//! Selge auditor.

fn main() {}
