//! The fault suite: a real collector under load is killed, its power goes, its disk fills up and becomes read-only, and
//! clients do their worst. After each: every receipt ever given holds on the board, nothing is counted twice, the service
//! answers again by itself, and the auditor passes the record.
//!
//! `make test` runs a short form; `make faults` the long one (`SELGE_FAULTS=long`). Each test prints its seed;
//! `SELGE_FAULTS_SEED=…` draws the same moments and damage again.
#![allow(missing_docs)]

mod clients;
mod disk;
mod fleet;
mod kills;
mod moves;
mod power;
mod scene;
mod store;
