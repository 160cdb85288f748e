//! The voter's side of an election for a web page.
//!
//! The page sends messages in JSON ([`message`]) and gets answers in JSON; what the board must prove, and how a ballot is
//! made, is the code of `selge-voter-client`. A program in a browser cannot wait, so a question to the board leaves as an
//! answer `ask`, and the page comes back with what the board said ([`wire`], gRPC-Web); [`session`] then goes on where it
//! was. Choices, credential and randomness stay in the memory of the page's worker.

mod device;
mod listen;
pub mod message;
mod problem;
pub mod session;
pub mod view;
mod vouch;
pub mod wire;

use session::Session;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;

static SESSION: Mutex<Option<Session>> = Mutex::new(None);

/// Answers one message of the page.
pub fn answer(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut session = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    session.get_or_insert_with(Session::default).answer(message)
}

selge_wasm::export!(crate::answer);
