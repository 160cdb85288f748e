//! Entries that are no entries, that others signed, or that may not stand where they stand.

use super::{attack, body, from, place};
use crate::board::stages::{closing, first, is_decryption, is_mix, CLOSED, DONE, MAYOR, VOTED};
use crate::board::Board;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::Scalar;
use selge_auditor::checks::{ALLOWED, BALLOT_PROOFS, DECODED, ELIGIBLE, SIGNED};
use selge_core::entry::{Cancellation, CancellationReason, EntryBody, Mix};
use selge_core::ids::{ContestIndex, ElectionId, VoterId};
use selge_core::sign::{Signature, SigningKey};

fn ballot() -> usize {
    DONE.ballots_of(7)[0]
}

fn after_closing() -> usize {
    closing(&DONE) + 1
}

/// Where a ballot's first ciphertext is in its entry: after version, kind, length, voter, style, previous, count, contest
/// and width.
const CIPHERTEXT: usize = 2 + 4 + 16 + 2 + 32 + 4 + 2 + 1;

/// Voter 7's ballot with other bytes; they need not be signed, for nothing can be read.
fn bytes(change: impl FnOnce(&mut Vec<u8>)) -> Record {
    from(&DONE, |board| {
        let mut bytes = board.bytes()[ballot()].clone();
        change(&mut bytes);
        board.raw.insert(ballot(), bytes);
    })
}

/// The first entry of this kind, signed with this key.
fn signed_by(of: fn(&EntryBody) -> bool, key: &SigningKey) -> Record {
    from(&DONE, |board| {
        let at = first(of);
        let body = board.entries[at].body.clone();
        board.entries[at] = body.sign(board.manifest.id(), key);
    })
}

/// One more entry at this place.
fn inserted(at: usize, body: EntryBody) -> Record {
    from(&DONE, |board| {
        board.put(body);
        let entry = board.entries.pop().expect("the entry");
        board.entries.insert(at, entry);
    })
}

/// An entry of the board a second time.
fn again(at: usize, of: usize) -> Record {
    from(&DONE, |board| board.entries.insert(at, board.entries[of].clone()))
}

/// The closed board with one more entry.
fn closed(more: impl FnOnce(&mut Board)) -> Record {
    from(&CLOSED, more)
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector],
        "entry-of-an-unknown-kind",
        "the collector takes in an entry of kind 99",
        "what it does is for each program to guess",
        || bytes(|b| b[1] = 99),
    ),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector],
        "entry-of-another-version",
        "the collector takes in an entry of version 2",
        "rules count that are not those of this specification",
        || bytes(|b| b[0] = 2),
    ),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector],
        "entry-with-something-behind",
        "bytes follow the end of an entry",
        "one vote has many hashes, and a receipt fits none",
        || bytes(|b| b.push(0)),
    ),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector],
        "entry-without-its-end",
        "the collector cuts an entry's signature short",
        "a vote that cannot be read does not count",
        || bytes(|b| b.truncate(b.len() - 1)),
    ),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector],
        "signature-of-an-unknown-algorithm",
        "an entry's signature says that it is of algorithm 2",
        "programs that skip what they do not know count a ballot that nobody signed",
        || {
            bytes(|b| {
                let at = b.len() - 69;
                b[at] = 2;
            })
        },
    )
    .known(attack::SIGNATURE),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector, A::Voters],
        "ciphertext-that-is-no-point",
        "a ballot's ciphertext is no point of the group",
        "programs that decode it otherwise count another vote",
        || bytes(|b| b[CIPHERTEXT..CIPHERTEXT + 32].fill(0xff)),
    )
    .known(attack::ENCODING),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector, A::Voters],
        "ciphertext-of-a-negative-field-element",
        "a ballot's ciphertext is a group element in an encoding that is not its only one",
        "one ballot can be posted twice, as two",
        || {
            bytes(|b| {
                // The field element negated: p − s, for p = 2^255 − 19.
                let s = &mut b[CIPHERTEXT..CIPHERTEXT + 32];
                let mut borrow = 0i16;
                for (i, byte) in s.iter_mut().enumerate() {
                    let p = if i == 0 {
                        0xed
                    } else if i == 31 {
                        0x7f
                    } else {
                        0xff
                    };
                    let d = p - i16::from(*byte) - borrow;
                    (*byte, borrow) = ((d & 0xff) as u8, i16::from(d < 0));
                }
            })
        },
    )
    .known(attack::ENCODING),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector, A::Voters],
        "ciphertext-that-shows-its-vote",
        "the first half of a ballot's ciphertext is the identity",
        "a voter who is paid for it shows everybody how it voted",
        || bytes(|b| b[CIPHERTEXT..CIPHERTEXT + 32].fill(0)),
    )
    .known(attack::ENCODING),
    fails(
        DECODED,
        Culprit::Entry(ballot),
        &[A::Collector, A::Voters],
        "answer-above-the-group-order",
        "an answer in a ballot's proof of knowledge is not reduced",
        "one ballot has two encodings, and can be posted twice",
        || {
            bytes(|b| {
                // Behind ciphertext, complement, T and U of the first contest, which has one limb.
                let at = CIPHERTEXT + 64 + 32 + 64;
                add_order(&mut b[at..at + 32]);
            })
        },
    )
    .known(attack::ENCODING),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector],
        "signature-with-an-unreduced-half",
        "the collector adds the group order to a half of a ballot's signature",
        "lenient verifiers count a ballot that strict ones do not",
        || {
            from(&DONE, |board| {
                let Signature(mut bytes) = board.entries[ballot()].signature;
                add_order(&mut bytes[32..]);
                board.entries[ballot()].signature = Signature(bytes);
            })
        },
    )
    .known(attack::SIGNATURE),
    fails(
        SIGNED,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "ballot-in-anothers-name",
        "voter 8 signs a ballot of voter 9",
        "it votes for another",
        || {
            from(&VOTED, |board| {
                let ballot = board.ballot(9);
                board.post(EntryBody::Ballot(ballot), &DONE.keys.voters[8].1);
            })
        },
    )
    .known(attack::COPY),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector],
        "roll-by-the-collector",
        "the collector signs the roll",
        "it says who may vote",
        || signed_by(|b| matches!(b, EntryBody::Roll(_)), &DONE.keys.collector),
    ),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector],
        "opening-by-the-collector",
        "the collector signs the opening",
        "it says when voting starts",
        || signed_by(|b| matches!(b, EntryBody::Opening(_)), &DONE.keys.collector),
    ),
    fails(
        SIGNED,
        Culprit::Registrar,
        &[A::Registrar, A::Collector],
        "cancellation-by-the-registrar",
        "the registrar signs a cancellation",
        "it cancels votes, which only the commission may",
        || signed_by(|b| matches!(b, EntryBody::Cancellation(_)), &DONE.keys.registrar),
    ),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector],
        "closing-by-the-collector",
        "the collector signs the closing",
        "it chooses the moment after which no vote counts",
        || signed_by(|b| matches!(b, EntryBody::Closing(_)), &DONE.keys.collector),
    ),
    fails(
        SIGNED,
        Culprit::Words("mix server 2 (Mix 2), whose signature"),
        &[A::Mix(2), A::Collector],
        "mix-in-anothers-name",
        "mix server 2 signs mix server 1's mix",
        "one server mixes twice, and knows who voted how if the third does not mix",
        || signed_by(is_mix, &DONE.keys.mixes[1]),
    )
    .known(attack::MIXES),
    fails(
        SIGNED,
        Culprit::Trustee(2),
        &[A::Trustee(2), A::Collector],
        "decryption-in-anothers-name",
        "trustee 2 signs trustee 1's decryption",
        "fewer trustees than the threshold are enough",
        || signed_by(is_decryption, &DONE.keys.trustees[1]),
    )
    .known(attack::FACTORS),
    fails(
        SIGNED,
        Culprit::Trustee(1),
        &[A::Trustee(1), A::Collector],
        "result-by-a-trustee",
        "a trustee signs the result",
        "it says who is elected",
        || signed_by(|b| matches!(b, EntryBody::Result(_)), &DONE.keys.trustees[0]),
    ),
    fails(
        SIGNED,
        Culprit::Collector,
        &[A::Collector],
        "ballot-signed-for-another-election",
        "a ballot's signature is one that the voter made for another election",
        "votes of one election are counted in another",
        || {
            from(&DONE, |board| {
                let body = board.entries[ballot()].body.clone();
                board.entries[ballot()] = body.sign(&ElectionId([0; 32]), &DONE.keys.voters[7].1);
            })
        },
    )
    .known(attack::COPY),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector, A::Voters],
        "ballot-after-the-closing",
        "a voter casts when voting has been closed",
        "it knows more than others did, or changes a vote that was watched",
        || closed(|board| board.vote(9)),
    )
    .known(attack::NOT_ALLOWED),
    fails(
        ALLOWED,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "cancellation-after-the-closing",
        "the commission cancels a ballot when voting has been closed",
        "it cancels those that it does not like, when it sees how many there are",
        || closed(|board| board.cancel(9, CancellationReason::PaperVote)),
    ),
    fails(
        ALLOWED,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "cancellation-twice",
        "the commission cancels one voter's ballots twice",
        "the numbers of cancelled ballots and of paper votes seem to agree",
        || {
            let voter = DONE.keys.voters[2].0;
            let body = Cancellation { voter, reason: CancellationReason::Ineligible };
            inserted(closing(&DONE), EntryBody::Cancellation(body))
        },
    ),
    fails(
        ALLOWED,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "cancellation-of-nobody",
        "the commission cancels the ballots of somebody who is not on the roll",
        "the numbers of cancelled ballots and of paper votes seem to agree",
        || {
            let body = Cancellation { voter: VoterId([7; 16]), reason: CancellationReason::PaperVote };
            inserted(closing(&DONE), EntryBody::Cancellation(body))
        },
    ),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "second-manifest",
        "the manifest's entry stands a second time",
        "a program takes in the rules anew while the election is under way",
        || again(1, 0),
    ),
    fails(
        ALLOWED,
        Culprit::Registrar,
        &[A::Collector, A::Registrar],
        "second-roll",
        "the registrar posts the roll a second time",
        "programs differ on which of two rolls counts",
        || again(first(|b| matches!(b, EntryBody::Opening(_))), first(|b| matches!(b, EntryBody::Roll(_)))),
    ),
    fails(
        ALLOWED,
        Culprit::Registrar,
        &[A::Collector, A::Registrar],
        "roll-after-the-opening",
        "the registrar posts the roll again when voting has been opened",
        "voters are added when it is known who has voted",
        || again(closing(&DONE), first(|b| matches!(b, EntryBody::Roll(_)))),
    ),
    fails(
        ALLOWED,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "second-opening",
        "the commission opens voting a second time",
        "voting goes on under another key",
        || again(closing(&DONE), first(|b| matches!(b, EntryBody::Opening(_)))),
    ),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "second-closing",
        "the closing stands twice",
        "programs differ on which ballots came in time",
        || again(after_closing(), closing(&DONE)),
    ),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "mix-before-the-closing",
        "a mix stands before the closing",
        "ballots are mixed, and can be decrypted, while people still vote",
        || {
            from(&DONE, |board| {
                let mix = board.entries.remove(place(board, 0, is_mix));
                board.entries.insert(closing(&DONE), mix);
            })
        },
    ),
    fails(
        ALLOWED,
        Culprit::Words("mix server 1 (Mix 1)"),
        &[A::Collector, A::Mix(1)],
        "mix-of-a-contest-that-is-none",
        "mix server 1 mixes a contest that the manifest does not have",
        "a list is decrypted that is none of the election's",
        || {
            from(&CLOSED, |board| {
                let m = body!(DONE, first(is_mix), Mix);
                board.put(EntryBody::Mix(Mix { contest: ContestIndex(9), ..m }));
                let list = board.lists[&MAYOR].to_bytes();
                board.file(list);
            })
        },
    ),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "entry-after-the-result",
        "a decryption follows the result",
        "something is decrypted when nobody looks any more",
        || from(&DONE, |board| board.entries.push(board.entries[first(is_decryption)].clone())),
    ),
    fails(
        ALLOWED,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "second-result",
        "the commission signs a second result",
        "two results are signed, and each has its readers",
        || {
            from(&DONE, |board| {
                let bytes = serde_json::to_vec(&board.compute()).expect("JSON");
                board.publish_bytes(bytes);
            })
        },
    ),
    fails(
        BALLOT_PROOFS,
        Culprit::Voter(9),
        &[A::Collector, A::Voters],
        "contests-in-each-others-place",
        "a voter casts mayor and council in each other's place",
        "its vote for the council counts for the mayor",
        || {
            from(&VOTED, |board| {
                let mut ballot = board.ballot(9);
                ballot.contests.swap(0, 2);
                board.cast(9, ballot);
            })
        },
    )
    .also(&[ELIGIBLE])
    .known(attack::COPY),
];

/// Adds the order of the group to a scalar below 2^255.
fn add_order(scalar: &mut [u8]) {
    // −1 is the order less one, and ends in a byte that can be raised.
    let mut order = (-Scalar::ONE).to_bytes();
    order[0] += 1;
    let mut carry = 0u16;
    for (byte, order) in scalar.iter_mut().zip(&order) {
        let sum = u16::from(*byte) + u16::from(*order) + carry;
        (*byte, carry) = ((sum & 0xff) as u8, sum >> 8);
    }
}
