//! Whole elections with real processes on this machine: what `make demo` shows and what the end-to-end tests run.
//!
//! [`data`] is the real election data; [`plan`] says who will vote how; [`process`] starts the programs and watches
//! their memory; [`hostile`] tries what must be refused; [`stage`] walks an election through all its steps; [`crowd`] casts thousands of ballots; [`load`]
//! measures how many the collector takes; [`national`] replays all electronic votes; both keep their ballots for the
//! next run ([`kept`]); [`page`] is an election for the voting page; [`clock`] takes the time; [`report`] compares the outcome with the official one.

pub mod clock;
pub mod crowd;
pub mod data;
pub mod hostile;
pub mod kept;
pub mod load;
pub mod national;
pub mod page;
pub mod plan;
pub mod process;
pub mod report;
pub mod stage;
pub mod witness;
