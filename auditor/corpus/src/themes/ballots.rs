//! Ballots of people who may not cast them, and ballots that were cast before.

use super::{attack, body, from};
use crate::board::stages::{DONE, VOTED};
use crate::board::Board;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use rand::rngs::OsRng;
use selge_auditor::checks::{BALLOT_PROOFS, ELIGIBLE};
use selge_core::ballot::EncryptedBallot;
use selge_core::entry::EntryBody;
use selge_core::ids::{LeafHash, StyleIndex, VoterId};
use selge_core::rules::Choice;

/// The board after voting, with one more ballot, signed by voter 9.
fn with(ballot: impl FnOnce(&Board) -> EncryptedBallot) -> Record {
    from(&VOTED, |board| {
        let ballot = ballot(board);
        board.post(EntryBody::Ballot(ballot), &DONE.keys.voters[9].1);
    })
}

/// A ballot of voter 9 in the village's style, which is not its own.
fn village(board: &Board) -> EncryptedBallot {
    let choices = [Choice::One(0), Choice::Ranking(vec![1]), Choice::One(1)];
    let (key, id) = (board.joint_key.public_key(), board.keys.voters[9].0);
    EncryptedBallot::encrypt(&board.manifest, key, id, StyleIndex(1), board.previous(9), &choices, &mut OsRng)
        .expect("choices of the style")
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "ballot-of-another-style",
        "a voter of the town casts a ballot of the village",
        "it elects the village's elder",
        || with(village),
    )
    .known(attack::NOT_ALLOWED),
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "contests-of-another-style",
        "a voter of the town casts the village's contests under the town's style",
        "it elects the village's elder",
        || with(|board| EncryptedBallot { style: StyleIndex(0), ..village(board) }),
    )
    .also(&[BALLOT_PROOFS])
    .known(attack::NOT_ALLOWED),
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "contest-left-out",
        "a voter's ballot has one contest less than its style",
        "how many voted is not how many ballots there are, and the ballot can be told from all others",
        || {
            with(|board| {
                let mut ballot = board.ballot(9);
                ballot.contests.pop();
                ballot
            })
        },
    )
    .also(&[BALLOT_PROOFS])
    .known(attack::LENGTHS),
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "contest-twice",
        "a voter's ballot has one contest twice",
        "it votes twice",
        || {
            with(|board| {
                let mut ballot = board.ballot(9);
                ballot.contests.push(ballot.contests[0].clone());
                ballot
            })
        },
    )
    .also(&[BALLOT_PROOFS])
    .known(attack::LENGTHS),
    fails(
        ELIGIBLE,
        Culprit::Words("voter 07070707070707070707070707070707"),
        &[A::Collector, A::Voters],
        "ballot-of-a-stranger",
        "a ballot is cast under a pseudonym that is not on the roll",
        "the ballot box is stuffed",
        || with(|board| EncryptedBallot { voter: VoterId([7; 16]), ..board.ballot(9) }),
    )
    .also(&[BALLOT_PROOFS])
    .known(attack::NOT_ALLOWED),
    fails(
        ELIGIBLE,
        Culprit::Voter(2),
        &[A::Collector, A::Voters],
        "ballot-of-a-cancelled-voter",
        "a voter who has voted on paper casts again",
        "it votes twice",
        || from(&VOTED, |board| board.vote(2)),
    )
    .known(attack::NOT_ALLOWED),
    fails(
        ELIGIBLE,
        Culprit::Collector,
        &[A::Collector],
        "ballot-cast-again",
        "the collector puts a voter's ballot on the board a second time",
        "an old vote takes the place of the one that the voter cast since",
        || from(&VOTED, |board| board.entries.push(board.entries[board.ballots_of(9)[0]].clone())),
    )
    .known(attack::REPLAY),
    fails(
        ELIGIBLE,
        Culprit::Collector,
        &[A::Collector],
        "superseded-ballot-cast-again",
        "the collector puts the first of a voter's three ballots on the board a second time, as the last",
        "a vote that was forced on the voter counts after all",
        || from(&VOTED, |board| board.entries.push(board.entries[board.ballots_of(0)[0]].clone())),
    )
    .known(attack::REPLAY),
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "two-ballots-at-once",
        "a voter signs two ballots that follow the same one, and both are taken in",
        "voter and collector choose later which of them counts",
        || {
            from(&VOTED, |board| {
                let (one, two) = (board.ballot(9), board.ballot(9));
                board.put(EntryBody::Ballot(one));
                board.put(EntryBody::Ballot(two));
            })
        },
    )
    .known(attack::REPLAY),
    fails(
        ELIGIBLE,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "ballot-that-follows-none",
        "a voter's second ballot says that it is the first",
        "the voter does not see that somebody else has voted with its key",
        || with(|board| EncryptedBallot { previous: LeafHash::NONE, ..board.ballot(9) }),
    )
    .known(attack::REPLAY),
    fails(
        ELIGIBLE,
        Culprit::Collector,
        &[A::Collector, A::Commission],
        "superseded-ballot-dropped",
        "the collector leaves out the second of a voter's three ballots, and the commission closes anew",
        "nobody sees how often somebody was made to vote",
        || {
            from(&DONE, |board| {
                let at = board.ballots_of(0)[1];
                board.entries.remove(at);
                board.close_again();
            })
        },
    )
    .known(attack::BOARD),
    fails(
        ELIGIBLE,
        Culprit::Collector,
        &[A::Collector, A::Commission],
        "one-ballot-for-two-voters",
        "voter 9's ballot is left out; voter 8's ballot stands in its place, byte for byte, and both are shown it as theirs",
        "both find their receipt on the board, and one vote is gone",
        || {
            from(&DONE, |board| {
                let (eight, nine) = (board.ballots_of(8)[0], board.ballots_of(9)[0]);
                board.entries[nine] = board.entries[eight].clone();
                board.close_again();
            })
        },
    )
    .known(attack::SHARED),
    fails(
        BALLOT_PROOFS,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "copied-ballot",
        "voter 9 casts voter 4's ciphertexts and proofs under its own name",
        "the count shows how voter 4 voted, if enough do it",
        || {
            with(|board| {
                let copied = body!(board, board.ballots_of(4)[0], Ballot);
                EncryptedBallot { voter: board.keys.voters[9].0, previous: board.previous(9), ..copied }
            })
        },
    )
    .known(attack::COPY),
    fails(
        BALLOT_PROOFS,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "ballot-for-another-elections-key",
        "voter 9 casts ciphertexts under another election's key",
        "the ballot is noise at the count",
        || {
            with(|board| {
                let (other, id) = (Board::smallest(), board.keys.voters[9].0);
                let (key, choices, previous) = (other.joint_key.public_key(), board.choices(9), board.previous(9));
                EncryptedBallot::encrypt(&board.manifest, key, id, StyleIndex(0), previous, &choices, &mut OsRng)
                    .expect("choices of the style")
            })
        },
    )
    .known(attack::COPY),
    fails(
        BALLOT_PROOFS,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "contest-of-another-contest",
        "voter 9 casts its council's ciphertexts, which have the shape of a mayor's, as a vote for mayor",
        "a number counts that no voter chose for this contest",
        || {
            with(|board| {
                let mut ballot = board.ballot(9);
                ballot.contests[0] = crate::themes::forged_ballots::relabelled(&ballot.contests[2], 0);
                ballot
            })
        },
    )
    .known(attack::COPY),
];
