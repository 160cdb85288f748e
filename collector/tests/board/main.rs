//! The collector as its clients and its disk see it: real servers on real ports and stores.

mod abuse;
mod clock;
mod cosigning;
mod counting;
mod crash;
mod disk;
mod faults;
mod guard;
mod http;
mod journal;
mod load;
mod page;
mod power;
mod process;
mod refusals;
mod relay;
mod stage;
mod voting;
mod web;
