//! One election at four stages, for forgeries to start from.

use super::Board;
use selge_core::entry::EntryBody;
use selge_core::ids::ContestIndex;
use std::sync::LazyLock;

/// One limb, nine ballots; so has [`COUNCIL`].
pub const MAYOR: ContestIndex = ContestIndex(0);
/// Two limbs.
pub const PARKS: ContestIndex = ContestIndex(1);
/// One limb, as many ballots as [`MAYOR`].
pub const COUNCIL: ContestIndex = ContestIndex(2);
/// Withheld: a single ballot.
pub const VILLAGE: ContestIndex = ContestIndex(3);

/// Up to the last ballot.
pub static VOTED: LazyLock<Board> = LazyLock::new(Board::town_voted);
/// Closed.
pub static CLOSED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = VOTED.clone();
    board.close();
    board
});
/// All contests mixed by all servers.
pub static MIXED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = CLOSED.clone();
    board.mix_all();
    board
});
/// Decrypted by trustees 1, 3 and 4, and published.
pub static DONE: LazyLock<Board> = LazyLock::new(|| {
    let mut board = MIXED.clone();
    board.decrypt_all(&[1, 3, 4]);
    board.publish();
    board
});

/// Whether an entry is a mix.
pub fn is_mix(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Mix(_))
}

/// Whether an entry is a decryption.
pub fn is_decryption(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Decryption(_))
}

/// The place of the closing.
pub fn closing(board: &Board) -> usize {
    board.places(|b| matches!(b, EntryBody::Closing(_)))[0]
}

/// The first entry of a kind on the finished board.
pub fn first(of: impl Fn(&EntryBody) -> bool) -> usize {
    DONE.places(of)[0]
}

/// The output that mix `at` of all mixes names.
pub fn output(at: usize) -> selge_core::ids::Digest {
    match &MIXED.entries[MIXED.places(is_mix)[at]].body {
        EntryBody::Mix(m) => m.output,
        _ => panic!("not a mix"),
    }
}
