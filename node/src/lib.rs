//! What the Selge programs share, so that each is only its own job.
//!
//! [`keyfile`] keeps secrets on disk, encrypted with a passphrase; [`client`] speaks to a board, [`relay`] to the relay
//! beside it; [`replica`] is a copy
//! of the board that has checked everything it holds; [`link`] joins the two and outlives a lost connection, as long
//! as [`wait`] allows; [`party`] is who a program acts for; [`http`] is the web server of those
//! that have one; [`progress`] tells a person what goes on; [`run`] turns
//! errors into a sentence and an exit status.

pub mod claim;
pub mod client;
pub mod contests;
pub mod files;
pub mod http;
pub mod keyfile;
pub mod link;
pub mod party;
pub mod progress;
pub mod relay;
pub mod replica;
pub mod run;
pub mod wait;
