//! `make national`: all electronic votes of the Riigikogu election of 2023, from prepared ballots to the audit.
//!
//! Every role is a process of its own, as in the demonstration. Only the voters are not: their ballots are made here,
//! once, and kept with the election that they are for; every run copies that election, hands the ballots
//! in, counts and audits ([`run`]). What comes out is compared with the official electronic votes, candidate by
//! candidate ([`Comparison`]).

mod compare;
mod prepare;
mod run;

pub use compare::{CandidateRow, Comparison};
pub use run::{run, Settings, Summary};
