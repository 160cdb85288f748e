//! `make load`: how many ballots a second the collector takes in, with all proofs checked and every receipt durable.
//!
//! [`prepare`] makes an election with its ballots, which is the voters' work and is kept for the next run; [`send`] hands
//! them in over many connections; [`measure`] watches the collector's memory and the disk; [`run`] puts it together and
//! ends with the count and the auditor: a load whose record does not pass has measured nothing.

pub mod measure;
pub mod prepare;
mod run;
pub mod send;

pub use run::{run, Settings, Summary};
