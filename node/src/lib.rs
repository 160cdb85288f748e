//! What the Selge programs share, so that each is only its own job.
//!
//! [`keyfile`] keeps secrets on disk, encrypted with a passphrase; [`client`] speaks to a board; [`replica`] is a copy
//! of the board that has checked everything it holds; [`run`] turns errors into a sentence and an exit status.

pub mod client;
pub mod keyfile;
pub mod replica;
pub mod run;
