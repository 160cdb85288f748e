//! The manipulations, by what they manipulate.

mod ballots;
mod board;
mod ceremony;
mod counting;
mod decryptions;
mod entries;
mod files;
mod forged_ballots;
mod forged_mixes;
mod mixes;
mod results;
mod setup;

use crate::board::Board;
use crate::{Manipulation, Record};
use selge_core::entry::EntryBody;

/// All manipulations.
pub fn all() -> Vec<Manipulation> {
    let themes = [
        files::ALL,
        board::ALL,
        setup::ALL,
        ceremony::ALL,
        entries::ALL,
        ballots::ALL,
        forged_ballots::ALL,
        counting::ALL,
        mixes::ALL,
        forged_mixes::ALL,
        decryptions::ALL,
        results::ALL,
    ];
    themes.concat()
}

/// The rows of the table "Known attacks" in the specification.
pub(crate) mod attack {
    pub(crate) const FIAT_SHAMIR: &str = "weak Fiat–Shamir: part of the statement chosen after the challenge";
    pub(crate) const GENERATORS: &str = "trapdoored generators";
    pub(crate) const PERMUTATION: &str = "permutation fitted to the challenge";
    pub(crate) const LENGTHS: &str = "proof vectors empty, short, long";
    pub(crate) const PADDING: &str = "padding exchanged with a ballot";
    pub(crate) const ROWS: &str = "proof in a number of rows of the prover's choice";
    pub(crate) const ENCODING: &str = "non-canonical points, unreduced scalars, identity";
    pub(crate) const COPY: &str = "copied ballot, other voter, contest or election";
    pub(crate) const REPLAY: &str = "replayed old ballot, two ballots at once";
    pub(crate) const BOARD: &str = "ballot dropped, altered, reordered; split view";
    pub(crate) const HISTORIES: &str = "two histories, each counted by its own roles";
    pub(crate) const NOT_ALLOWED: &str = "ballot after closing, of a voter not on the roll, with a wrong style";
    pub(crate) const COUNTED: &str = "cancelled ballot counted, wrong one of several counted, mix fed another list";
    pub(crate) const MIXES: &str = "mix skipped, repeated, reused for another contest";
    pub(crate) const FACTORS: &str = "factors missing, wrong, of another list or share";
    pub(crate) const CEREMONY: &str = "rogue trustee key, wrong share, false complaint";
    pub(crate) const UNDECODABLE: &str = "one undecodable ballot stops the count";
    pub(crate) const SIGNATURE: &str = "crafted signature on which verifiers differ";
    pub(crate) const SHARED: &str = "two voters shown one ballot as theirs";
}

/// A changed board, sealed.
fn from(stage: &Board, change: impl FnOnce(&mut Board)) -> Record {
    let mut board = stage.clone();
    change(&mut board);
    board.record().into()
}

/// A changed record.
fn record(stage: &Board, change: impl FnOnce(&mut Record)) -> Record {
    let mut record = Record::from(stage.record());
    change(&mut record);
    record
}

/// The place of an entry of this kind, the first but `skip`.
fn place(board: &Board, skip: usize, of: fn(&EntryBody) -> bool) -> usize {
    board.places(of)[skip]
}

/// The body of an entry of this form; panics at another.
macro_rules! body {
    ($board:expr, $at:expr, $kind:ident) => {
        match $board.entries[$at].body.clone() {
            selge_core::entry::EntryBody::$kind(body) => body,
            other => panic!("a {} entry stands there", other.kind()),
        }
    };
}
use body;
