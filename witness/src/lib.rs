//! The Selge witness: cosigns checkpoints of the logs it knows, and never two that contradict each other (`LOG-7`).
//!
//! A collector that shows two boards would need two cosignatures for trees that do not continue each other, and no
//! witness gives both. [`record`] is what a witness remembers, [`judge`] what it says to a request, [`server`] how it is
//! asked over HTTP.

pub mod cli;
pub mod config;
pub mod judge;
pub mod record;
pub mod server;
