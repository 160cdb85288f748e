//! The election commission's and the trustees' work, each command a module that a program can call.
//!
//! The commission: [`keygen`], [`manifest`], [`voting`] (open, close), [`cancel`], [`result`]. A trustee: [`keygen`],
//! [`ceremony`], [`decrypt`]. All of it can be killed at any moment and started again: whatever a next step depends on
//! is on the board or in a file before the step is taken. [`release`] signs the voting page.

pub mod cancel;
pub mod ceremony;
pub mod cli;
pub mod decrypt;
pub mod keygen;
pub mod manifest;
pub mod release;
pub mod result;
pub mod table;
pub mod voting;
mod witnessed;
