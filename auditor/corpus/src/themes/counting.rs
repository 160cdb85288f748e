//! Which ballots count: the board is changed under an honest count, with the commission's help.

use super::{attack, from};
use crate::board::stages::{closing, DONE, MAYOR, VILLAGE, VOTED};
use crate::board::Board;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use selge_auditor::checks::{CHAIN, NUMBERS};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Cancellation, CancellationReason, EntryBody};
use std::sync::Arc;

/// The finished record with something more before the closing, which the commission signs anew.
fn slipped_in(more: impl FnOnce(&mut Board)) -> Record {
    from(&DONE, |board| {
        let at = closing(board);
        let rest = board.entries.split_off(at);
        more(board);
        board.entries.extend(rest);
        board.close_again();
    })
}

/// The finished record with something changed before the closing, which the commission signs anew.
fn changed(change: impl FnOnce(&mut Board)) -> Record {
    from(&DONE, |board| {
        change(board);
        board.close_again();
    })
}

/// The whole count, by all roles together, over lists of their own in the place of the counted ballots.
fn counted_from(change: impl FnOnce(&mut Board)) -> Record {
    from(&VOTED, |board| {
        board.close();
        change(board);
        board.mix_all();
        board.decrypt_all(&[1, 3, 4]);
        board.publish_bytes(b"{}".to_vec());
    })
}

/// The list with its vectors in another order, some left out or repeated.
fn picked(list: &CiphertextList, order: impl IntoIterator<Item = usize>) -> Arc<CiphertextList> {
    let vector =
        |i: usize| (0..list.width()).map(|limb| list.ciphertext(i, limb).expect("a ballot")).collect::<Vec<_>>();
    let vectors: Vec<_> = order.into_iter().map(vector).collect();
    Arc::new(CiphertextList::from_vectors(list.width(), vectors.iter().map(Vec::as_slice)).expect("one width"))
}

/// All roles mix what this makes of the mayor's counted ballots.
fn mixing(order: impl FnOnce(usize) -> Vec<usize>) -> Record {
    counted_from(|board| {
        let list = Arc::clone(&board.lists[&MAYOR]);
        board.lists.insert(MAYOR, picked(&list, order(list.len())));
    })
}

/// The result with other numbers of ballots.
fn numbers(field: &str, change: impl FnOnce(u64) -> u64) -> Record {
    from(&DONE, |board| {
        let mut document: serde_json::Value = serde_json::from_slice(&board.unpublish()).expect("JSON");
        let number = document.pointer_mut(field).expect("a number");
        *number = change(number.as_u64().expect("a number")).into();
        board.publish_bytes(serde_json::to_vec(&document).expect("JSON"));
    })
}

const BOTH: &[A] = &[A::Collector, A::Commission];
const EVERYBODY: &[A] = &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)];
const FIRST: Culprit = Culprit::Mix(1, "mayor");

pub(super) const ALL: &[Manipulation] = &[
    fails(
        CHAIN,
        Culprit::Commission,
        BOTH,
        "cancelled-ballot-counted",
        "a cancellation is slipped in before the closing, when the ballot has been counted",
        "the voter's paper vote and electronic vote both count",
        || slipped_in(|board| board.cancel(6, CancellationReason::PaperVote)),
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        Culprit::Commission,
        BOTH,
        "uncancelled-ballot-not-counted",
        "a cancellation is taken off the board, when the ballot has been left out of the count",
        "a vote is gone, and nobody seems to have cancelled it",
        || {
            changed(|board| {
                let id = board.keys.voters[2].0;
                let of =
                    |b: &EntryBody| matches!(b, EntryBody::Cancellation(Cancellation { voter, .. }) if *voter == id);
                let at = board.places(of)[0];
                board.entries.remove(at);
            })
        },
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        Culprit::Collector,
        &[A::Collector, A::Commission, A::Voters],
        "superseded-ballot-counted",
        "a voter's second ballot is slipped in before the closing, when the first has been counted",
        "a vote that was bought counts, and the seller can show that it voted again",
        || slipped_in(|board| board.vote(6)),
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        Culprit::Collector,
        BOTH,
        "last-of-three-ballots-dropped",
        "the last of a voter's three ballots is taken off the board, when it has been counted",
        "the record shows another vote of this voter than the count",
        || {
            changed(|board| {
                let at = board.ballots_of(0)[2];
                board.entries.remove(at);
            })
        },
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        Culprit::Collector,
        BOTH,
        "counted-ballot-dropped",
        "a ballot is taken off the board, and the closing signed anew, when it has been counted",
        "who voted can be denied",
        || {
            changed(|board| {
                let at = board.ballots_of(7)[0];
                board.entries.remove(at);
            })
        },
    )
    .known(attack::BOARD),
    fails(
        CHAIN,
        Culprit::Collector,
        BOTH,
        "counted-ballots-reordered",
        "two ballots change places on the board, and the closing is signed anew, when they have been counted",
        "when somebody voted can be denied",
        || {
            changed(|board| {
                let at = board.ballots_of(7)[0];
                board.entries.swap(at, at + 1);
            })
        },
    )
    .known(attack::BOARD),
    fails(
        CHAIN,
        FIRST,
        EVERYBODY,
        "ballot-left-out-of-the-count",
        "all roles count a list without the first ballot",
        "a vote is gone",
        || mixing(|n| (1..n).collect()),
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        FIRST,
        EVERYBODY,
        "ballot-counted-twice",
        "all roles count a list in which the first ballot stands in the place of the last as well",
        "a vote counts twice, another not at all",
        || mixing(|n| (0..n - 1).chain([0]).collect()),
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        FIRST,
        EVERYBODY,
        "ballots-in-an-order-of-ones-own",
        "all roles count the true ballots in another order",
        "whoever chose the order has a mark on every ballot",
        || mixing(|n| (0..n).rev().collect()),
    ),
    fails(
        CHAIN,
        Culprit::Mix(1, "village"),
        EVERYBODY,
        "too-few-ballots-decrypted",
        "all roles mix and decrypt the village's contest, in which one voter voted, together with the mayor's",
        "everybody learns how the only voter of the village voted",
        || {
            counted_from(|board| {
                let state = board.state();
                let village = Arc::clone(state.counted_in(VILLAGE).expect("a contest").list());
                let twice = picked(&village, [0, 0]);
                board.lists.insert(VILLAGE, twice);
                board.lists.retain(|contest, _| *contest == VILLAGE);
            })
        },
    ),
    fails(
        NUMBERS,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "cancelled-ballots-kept-quiet",
        "the result says that one ballot less was cancelled",
        "how many votes the commission took off the count is not known",
        || numbers("/ballots/cancelled", |n| n - 1),
    ),
    fails(
        NUMBERS,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "turnout-exaggerated",
        "the result says that more ballots were cast and superseded",
        "voting again looks as common as coercion would make it",
        || numbers("/ballots/superseded", |n| n + 5),
    ),
    fails(
        NUMBERS,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "counted-ballots-miscounted",
        "the result says that one ballot more counts",
        "a missing vote can be claimed for anybody",
        || numbers("/ballots/counted", |n| n + 1),
    ),
];
