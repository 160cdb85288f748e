//! What must be reached: with AVX-512 IFMA, and anywhere.

use crate::table::{Row, Table};
use selge_lanes::Backend;
use serde::Serialize;
use std::fmt;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Figure {
    /// Scalar multiplications, at most.
    Sm,
    /// Bytes, at most.
    Bytes,
    /// Peak memory in bytes, at most.
    Memory,
    /// Speed-up, at least.
    Speedup,
}

/// A limit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Goal {
    /// Of what.
    pub(crate) figure: Figure,
    /// At most, or of a speed-up at least.
    pub(crate) limit: f64,
    /// Whether it is kept.
    pub(crate) reached: bool,
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.figure {
            Figure::Sm => write!(f, "≤ {} SM", self.limit),
            Figure::Bytes => write!(f, "≤ {} bytes", self.limit),
            Figure::Memory => write!(f, "≤ {} memory", self.limit),
            Figure::Speedup => write!(f, "≥ {}×", self.limit),
        }?;
        f.write_str(if self.reached { "" } else { " !" })
    }
}

pub(crate) const SHUFFLE: &str = "shuffle and prove";
pub(crate) const ONE_ROW: &str = "shuffle and prove in one row";
pub(crate) const CHAIN: &str = "verify one shuffle of a chain of 3";
pub(crate) const BALLOT: &str = "verify a ballot, 255 choices, with its signature";
pub(crate) const DECRYPTION: &str = "verify one trustee's decryption of 3";
pub(crate) const PARTS: &str = "audit's parts: ballot, 3 mixes, 3 decryptions, combining";

/// Goals by operation: with AVX-512 IFMA, and without.
const GOALS: [(&str, Figure, f64, f64); 18] = [
    ("make a ballot, 255 choices, and sign it", Figure::Sm, 120.0, 120.0),
    ("make a ballot, 65536 choices, and sign it", Figure::Sm, 120.0, 120.0),
    ("verify one ballot alone, 255 choices", Figure::Sm, 20.0, 20.0),
    ("verify one ballot alone, 65536 choices", Figure::Sm, 20.0, 20.0),
    (ONE_ROW, Figure::Sm, 1.2, 2.0),
    (ONE_ROW, Figure::Bytes, 96.0, 96.0),
    (ONE_ROW, Figure::Memory, 400.0, 400.0),
    (SHUFFLE, Figure::Bytes, 4.0, 4.0),
    (SHUFFLE, Figure::Memory, 400.0, 400.0),
    (SHUFFLE, Figure::Speedup, 1.85, 1.85),
    (CHAIN, Figure::Sm, 0.2, 0.9),
    // 2 GiB for a million ballots.
    (CHAIN, Figure::Memory, 2147.0, 2147.0),
    (CHAIN, Figure::Speedup, 1.85, 1.85),
    (BALLOT, Figure::Sm, 1.2, 5.0),
    (BALLOT, Figure::Speedup, 1.85, 1.85),
    (DECRYPTION, Figure::Sm, 0.1, 0.45),
    (DECRYPTION, Figure::Speedup, 1.85, 1.85),
    (PARTS, Figure::Sm, 2.5, 10.0),
];

/// Marks the row that each goal is about: of those with its figure the one with the largest N.
pub(crate) fn apply(table: &mut Table, backend: Backend) {
    for (operation, figure, ifma, portable) in GOALS {
        let limit = if backend == Backend::Ifma { ifma } else { portable };
        let value = |row: &Row| match figure {
            Figure::Sm => row.sm.filter(|_| row.cores == 1),
            Figure::Bytes => row.bytes,
            Figure::Memory => row.peak_bytes,
            Figure::Speedup => row.speedup,
        };
        let about = table.rows.iter_mut().filter(|row| row.operation == operation);
        let Some((row, found)) = about.filter_map(|row| value(row).map(|v| (row, v))).max_by_key(|(row, _)| row.n)
        else {
            continue;
        };
        let reached = match figure {
            Figure::Speedup => found >= limit,
            // As precise as the table shows it: a proof's few hundred constant bytes are not "per ciphertext".
            Figure::Bytes => (found * 10.0).round() / 10.0 <= limit,
            Figure::Sm | Figure::Memory => found <= limit,
        };
        row.goals.push(Goal { figure, limit, reached });
    }
}
