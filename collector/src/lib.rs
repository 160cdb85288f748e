//! The Selge collector: takes in entries, keeps the bulletin board and gives receipts.
//!
//! The board is what the [`journal`] says, and nothing else: everything here that is faster to ask (the election's
//! state, the tree, the [`index`]) is computed from it and can be thrown away. The way of an entry is
//! [`service`] → [`admission`] (or [`upload`], if it names files) → [`sequencer`] → [`store`]; [`admitted`] is what of it
//! has been checked on the way. Anybody can read the record over HTTP ([`web`]) and vote with a browser (`page`), and
//! [`witnesses`] cosign its checkpoints. What strangers can take of it is bounded by
//! [`limits`]; its operator watches it by [`metrics`].

pub mod admission;
pub mod admitted;
mod batch;
pub mod board;
mod body;
pub mod checkpoint;
pub mod cli;
mod closing;
pub mod config;
pub mod disk;
mod door;
pub mod entries;
pub mod export;
pub mod files;
mod filter;
pub mod index;
pub mod journal;
pub mod limits;
mod listener;
pub mod machine;
pub mod metrics;
mod operations;
mod page;
pub mod peers;
pub mod proofs;
mod records;
pub mod refusal;
mod relay;
pub mod replay;
pub mod sequencer;
pub mod server;
pub mod service;
pub mod store;
pub mod stored_tree;
pub mod upload;
mod voters;
pub mod web;
pub mod witnesses;
