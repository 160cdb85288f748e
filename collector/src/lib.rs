//! The Selge collector: takes in entries, keeps the bulletin board and gives receipts.
//!
//! The board is what the [`journal`] says, and nothing else: everything here that is faster to ask (the election's
//! state, the tree, the [`index`]) is computed from it and can be thrown away. The way of an entry is
//! [`service`] → [`admission`] (or [`upload`], if it names files) → [`sequencer`] → [`store`]. Anybody can read the
//! record over HTTP ([`web`]), and [`witnesses`] cosign its checkpoints.

pub mod admission;
pub mod board;
mod body;
pub mod cli;
pub mod config;
pub mod disk;
pub mod entries;
pub mod export;
pub mod files;
pub mod index;
pub mod journal;
pub mod listener;
pub mod machine;
pub mod proofs;
pub mod refusal;
pub mod replay;
pub mod sequencer;
pub mod server;
pub mod service;
pub mod store;
pub mod upload;
pub mod web;
pub mod witnesses;
