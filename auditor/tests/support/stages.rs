//! One election at four stages, for forgeries to start from.

use super::Board;
use selge_core::entry::EntryBody;
use selge_core::ids::ContestIndex;
use std::sync::LazyLock;

pub const MAYOR: ContestIndex = ContestIndex(0);

pub static VOTED: LazyLock<Board> = LazyLock::new(Board::town_voted);
pub static CLOSED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = VOTED.clone();
    board.close();
    board
});
pub static MIXED: LazyLock<Board> = LazyLock::new(|| {
    let mut board = CLOSED.clone();
    board.mix_all();
    board
});
pub static DONE: LazyLock<Board> = LazyLock::new(|| {
    let mut board = MIXED.clone();
    board.decrypt_all(&[1, 3]);
    board.publish();
    board
});

pub fn is_mix(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Mix(_))
}

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
