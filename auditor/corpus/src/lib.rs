//! The tamper corpus: election records that somebody has manipulated, each with who could have done it, what it would gain,
//! which check of the auditor must fail, and whom it must name.
//!
//! Every manipulation starts from the same valid record ([`board::stages`]) and re-signs and re-hashes what its attacker
//! controls, so that the intended check has to catch it and not a checksum. [`run()`] audits each, and also finds out by
//! itself whether a manipulation signs with keys that its attacker does not hold.
//!
//! `make corpus` prints the matrix of checks and manipulations; `make corpus OUT=folder` writes the records, each with an
//! `expected.json`, for people who write a verifier of their own.

mod accused;
pub mod board;
mod forge;
pub mod fuzz;
pub mod manipulation;
mod matrix;
mod record;
mod run;
mod themes;
mod write;

pub use forge::undecodable;
pub use manipulation::{Attacker, Culprit, Expected, Manipulation};
pub use matrix::matrix;
pub use record::Record;
pub use run::{complaints, missing, run, run_only, Outcome};
pub use themes::all;
pub use write::write;
