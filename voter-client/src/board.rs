//! What a voter asks of a board. The programs ask with gRPC ([`selge_node::client`] behind the feature `native`), the
//! voting page with a browser's requests; what the answers must prove is the same code for both.

use anyhow::Result;
use selge_core::entry::SignedEntry;
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::receipt::Receipt;
use std::future::Future;
use std::time::Duration;

/// Where the board stands, in its own words.
#[derive(Clone, Debug)]
pub struct Status {
    /// The manifest's exact bytes.
    pub manifest: Vec<u8>,
    /// The newest checkpoint, a signed note.
    pub checkpoint: String,
    /// `set-up`, `voting`, `counting`, `finished` or `aborted`; unsigned, so only a hint.
    pub phase: String,
}

/// What the board says of a voter; unsigned, so only a hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The newest ballot, or [`LeafHash::NONE`].
    pub newest: LeafHash,
    /// Why the ballots are cancelled, if they are.
    pub cancelled: Option<String>,
    /// The ballot style on the roll; `None` if the voter is not on it.
    pub style: Option<StyleIndex>,
}

/// That a board answered, and does not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whether sending the same bytes again may help.
    pub passing: bool,
    /// How long the board asks to wait first.
    pub retry_after: Option<Duration>,
}

/// A board as a voter meets it. Every question ends in a bounded time.
pub trait Board: Send {
    /// Where the board stands.
    ///
    /// # Errors
    /// If it does not answer.
    fn status(&mut self) -> impl Future<Output = Result<Status>> + Send;

    /// The bytes of the entries `from … to − 1`.
    ///
    /// # Errors
    /// If it does not answer, or with another number of entries.
    fn entries(&mut self, from: u64, to: u64) -> impl Future<Output = Result<Vec<Vec<u8>>>> + Send;

    /// A receipt for an entry; `None` if the board does not have it.
    ///
    /// # Errors
    /// If it does not answer.
    fn receipt(&mut self, leaf: &LeafHash) -> impl Future<Output = Result<Option<Receipt>>> + Send;

    /// What the board says of a voter.
    ///
    /// # Errors
    /// If it does not answer.
    fn standing(&mut self, voter: &VoterId) -> impl Future<Output = Result<Standing>> + Send;

    /// Hands in an entry, once.
    ///
    /// # Errors
    /// If it does not answer, or refuses.
    fn submit(&mut self, entry: &SignedEntry) -> impl Future<Output = Result<Receipt>> + Send;

    /// What an error of this board means, if it is the board's own word.
    fn refusal(error: &anyhow::Error) -> Option<Refusal>;
}
