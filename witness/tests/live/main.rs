//! The witness as a log and its verifiers see it: real processes on real ports and folders, killed at any moment.

mod crash;
mod log;
mod process;
mod protocol;
