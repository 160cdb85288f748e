//! A mix server's work, each command a module that a program can call: [`keygen`] makes its key, [`mix`] re-encrypts
//! and permutes the ballots of every contest and proves that nothing else was done to them.

pub mod cli;
pub mod keygen;
pub mod mix;
