//! The auditor for a web page: the checks of `selge-auditor`, compiled to WebAssembly.
//!
//! The page runs this module several times, in workers that share no memory. One audits (`audit`): it reads the record's
//! files through the page and hands the proofs out as tasks. The others run them (`prove`). One more, in the page itself,
//! says texts and draws the report (`show`), so that a change of language needs no second audit, and compares a voting page with
//! its signed release (`release`). How messages look is in `message`.

mod audit;
mod fetch;
mod message;
mod prove;
mod release;
mod show;

use message::{Answer, Ask};
use selge_core::ids::Digest;
use zeroize::Zeroizing;

/// Answers one message of the page.
pub fn answer(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let answer = match message::read(message) {
        Ok((ask, blob)) => act(ask, blob),
        Err(problem) => Answer::problem("internal", problem),
    };
    Zeroizing::new(answer.bytes())
}

fn act(ask: Ask, blob: &[u8]) -> Answer {
    match ask {
        Ask::Audit { election, workers, files } => audit::begin(election.as_deref(), workers, files),
        Ask::Step => audit::step(),
        Ask::Answer { number } => audit::answer(number, blob),
        Ask::Lost { number, why } => audit::lost(number, &why),
        Ask::SetUp => prove::set_up(blob),
        Ask::Run => prove::run(blob),
        Ask::Tree => fetch::tree(blob),
        Ask::Named { width } => fetch::named(blob, width),
        Ask::Digest => Answer::default().with("digest", Digest::of(blob)),
        Ask::Signer { key } => release::begin(&key),
        Ask::Release { key, found } => release::compare(&key, &found, blob),
        Ask::Say { language, key, numbers, texts } => show::say(&language, &key, &numbers, &texts),
        Ask::Report { language, whole } => show::report(&language, whole, blob),
    }
}

selge_wasm::export!(crate::answer);
