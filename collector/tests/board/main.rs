//! The collector as its clients and its disk see it: real servers on real ports and stores.

mod abuse;
mod counting;
mod crash;
mod process;
mod refusals;
mod stage;
mod voting;
