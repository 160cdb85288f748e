//! Mixes that are missing, out of place, of other lists, or proven by what they did not do. Their forgers know no more than
//! a mix server does.

use super::{attack, body, from};
use crate::board::stages::{is_mix, output, CLOSED, COUNCIL, DONE, MAYOR, MIXED};
use crate::board::Board;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use rand::rngs::OsRng;
use selge_auditor::checks::{CHAIN, DIGESTS, MIXES};
use selge_core::codec::Encode;
use selge_core::elgamal::{CiphertextList, EncodedCiphertext};
use selge_core::entry::{EntryBody, Mix};
use selge_core::group::{random_scalar, Generators};
use selge_core::ids::{ContestIndex, Digest, ElectionId, MixIndex};
use selge_core::shuffle::{shuffle, shuffle_in_rows, ShuffleContext};
use std::sync::Arc;

/// The mixes on the board: three of the mayor's contest, three of the parks', three of the council's.
fn mix(at: usize) -> Mix {
    body!(MIXED, MIXED.places(is_mix)[at], Mix)
}

/// The mixed board with a changed mix, signed by its server.
fn changed(at: usize, change: impl FnOnce(&mut Board, Mix) -> Mix) -> Record {
    from(&MIXED, |board| {
        let place = board.places(is_mix)[at];
        let changed = change(board, mix(at));
        board.replace(place, EntryBody::Mix(changed));
    })
}

/// The mixed board, on which a mix's output is a file of other bytes.
fn other_output(at: usize, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Record {
    changed(at, |board, m| {
        let bytes = change(board.files[&m.output].clone());
        Mix { output: board.file(bytes), ..m }
    })
}

/// The same with its proof.
fn other_proof(at: usize, change: impl FnOnce(Vec<u8>) -> Vec<u8>) -> Record {
    changed(at, |board, m| {
        let bytes = change(board.files[&m.proof].clone());
        Mix { proof: board.file(bytes), ..m }
    })
}

/// The list with its first vector replaced by a ballot of the mix server's own.
fn replaced(board: &Board, list: &CiphertextList) -> Arc<CiphertextList> {
    let vector =
        |i: usize| (0..list.width()).map(|limb| list.ciphertext(i, limb).expect("a ballot")).collect::<Vec<_>>();
    let mut vectors: Vec<Vec<EncodedCiphertext>> = (0..list.len()).map(vector).collect();
    vectors[0][0] = EncodedCiphertext::from(&board.joint_key.public_key().encrypt_zero(&random_scalar(&mut OsRng)));
    Arc::new(CiphertextList::from_vectors(list.width(), vectors.iter().map(Vec::as_slice)).expect("one width"))
}

/// A whole count in which this server replaces a ballot of the mayor's contest, and nobody else looks.
fn with_a_ballot_replaced(evil: u16) -> Record {
    from(&CLOSED, |board| {
        for mix in 1..=3 {
            if mix == evil {
                let honest = Arc::clone(&board.lists[&MAYOR]);
                let real = replaced(board, &honest);
                board.mix_as_if(MAYOR, mix, &real, &honest);
            } else {
                board.mix(MAYOR, mix);
            }
        }
        for contest in [1, 2].map(ContestIndex) {
            (1..=3).for_each(|mix| board.mix(contest, mix));
        }
        board.decrypt_all(&[1, 3, 4]);
        board.publish();
    })
}

/// Mix server 1's mix of the mayor's contest, proven in a context of its choice and in so many rows.
fn proven_as(rows: usize, context: impl Fn(ShuffleContext<'_>) -> ShuffleContext<'_>) -> Record {
    from(&CLOSED, |board| {
        let input = Arc::clone(&board.lists[&MAYOR]);
        let ctx = context(board.mix_context(MAYOR, 1));
        let (output, proof) =
            shuffle_in_rows(&ctx, &Generators::new(input.len()), &input, rows, &mut OsRng).expect("a list to mix");
        let (output, proof) = (board.file(output.to_bytes()), board.file(proof.to_bytes()));
        let m = Mix { contest: MAYOR, mix: MixIndex(1), input: *input.digest(), output, proof };
        board.put(EntryBody::Mix(m));
    })
}

/// The mayor's contest with the mixes of these servers alone, each on the output before.
fn skipping(servers: &[u16]) -> Record {
    from(&CLOSED, |board| servers.iter().for_each(|mix| board.mix(MAYOR, *mix)))
}

const FIRST: Culprit = Culprit::Mix(1, "mayor");

/// By mix server 1 of the mayor's contest.
const fn first(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(MIXES, FIRST, &[A::Collector, A::Mix(1)], name, what, gain, make)
}

/// By mix server 3, the last, of the mayor's contest.
const fn last(name: &'static str, what: &'static str, gain: &'static str, make: fn() -> Record) -> Manipulation {
    fails(MIXES, Culprit::Mix(3, "mayor"), &[A::Collector, A::Mix(3)], name, what, gain, make)
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        CHAIN,
        Culprit::Mix(3, "mayor"),
        &[A::Collector, A::Mix(1), A::Mix(3)],
        "mix-skipped",
        "mix server 2, the honest one, is left out",
        "the others know who voted how",
        || skipping(&[1, 3]),
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        Culprit::Collector,
        &[A::Collector],
        "mix-left-out-of-the-record",
        "the first mix of the mayor's contest is left out of the record",
        "what it did cannot be checked",
        || from(&DONE, |board| drop(board.entries.remove(board.places(is_mix)[0]))),
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        FIRST,
        &[A::Collector, A::Mix(1)],
        "mix-repeated",
        "mix server 1 mixes a second time, in the place of mix server 2",
        "there is one server less that could be honest",
        || from(&CLOSED, |board| (0..2).for_each(|_| board.mix(MAYOR, 1))),
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        Culprit::Collector,
        &[A::Collector],
        "mix-a-second-time-on-the-board",
        "the last mix's entry stands twice",
        "programs that count entries find a mix where there is none",
        || from(&MIXED, |board| board.entries.push(board.entries[board.places(is_mix)[2]].clone())),
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        Culprit::Mix(2, "mayor"),
        &[A::Collector, A::Mix(2)],
        "mix-from-the-counted-ballots-again",
        "mix server 2 starts from the counted ballots and not from mix server 1's output",
        "mix server 1's mix is undone, and who voted how is known to one server less",
        || {
            from(&MIXED, |board| {
                board.entries.truncate(board.places(is_mix)[1]);
                let counted = Arc::clone(&CLOSED.lists[&MAYOR]);
                board.mix_as_if(MAYOR, 2, &counted, &counted);
            })
        },
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        FIRST,
        &[A::Collector, A::Mix(1)],
        "mix-of-another-contests-list",
        "mix server 1 mixes the council's ballots as the mayor's",
        "the council's votes count for the mayor",
        || {
            from(&CLOSED, |board| {
                let council = Arc::clone(&board.lists[&COUNCIL]);
                board.mix_as_if(MAYOR, 1, &council, &council);
            })
        },
    )
    .known(attack::COUNTED),
    fails(
        CHAIN,
        FIRST,
        &[A::Collector, A::Mix(1)],
        "mix-of-another-contest-used-again",
        "the council's first mix is posted as the mayor's",
        "the council's votes count for the mayor",
        || from(&CLOSED, |board| board.put(EntryBody::Mix(Mix { contest: MAYOR, ..mix(6) }))),
    )
    .known(attack::MIXES),
    fails(
        CHAIN,
        Culprit::Collector,
        &[A::Collector],
        "last-mix-left-out-of-the-record",
        "the last mix of the mayor's contest is left out of the record",
        "the list that was decrypted seems to be another",
        || from(&DONE, |board| drop(board.entries.remove(board.places(is_mix)[2]))),
    )
    .known(attack::MIXES),
    fails(
        MIXES,
        FIRST,
        &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)],
        "ballot-replaced-by-the-first-mix",
        "mix server 1 puts a ballot of its own in the place of the first",
        "a vote is the mix server's",
        || with_a_ballot_replaced(1),
    ),
    fails(
        MIXES,
        Culprit::Mix(2, "mayor"),
        &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)],
        "ballot-replaced-by-the-second-mix",
        "mix server 2 puts a ballot of its own in the place of the first",
        "a vote is the mix server's",
        || with_a_ballot_replaced(2),
    ),
    fails(
        MIXES,
        Culprit::Mix(3, "mayor"),
        &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)],
        "ballot-replaced-by-the-last-mix",
        "mix server 3 puts a ballot of its own in the place of the first",
        "a vote is the mix server's",
        || with_a_ballot_replaced(3),
    ),
    fails(
        MIXES,
        FIRST,
        &[A::Collector, A::Commission, A::Mixes, A::Trustees(4)],
        "contest-exchanged-in-the-mix",
        "mix server 1 puts out the council's ballots, which are as many, as a shuffle of the mayor's",
        "the council's votes count for the mayor",
        || {
            from(&CLOSED, |board| {
                let (council, mayor) = (Arc::clone(&board.lists[&COUNCIL]), Arc::clone(&board.lists[&MAYOR]));
                board.mix_as_if(MAYOR, 1, &council, &mayor);
                (2..=3).for_each(|mix| board.mix(MAYOR, mix));
                for contest in [1, 2].map(ContestIndex) {
                    (1..=3).for_each(|mix| board.mix(contest, mix));
                }
                board.decrypt_all(&[1, 3, 4]);
                board.publish();
            })
        },
    )
    .known(attack::COUNTED),
    first(
        "proof-of-another-contest",
        "mix server 1's proof for the mayor is that for the council",
        "a mix that was never proven passes",
        || changed(0, |_, m| Mix { proof: mix(6).proof, ..m }),
    )
    .known(attack::MIXES),
    fails(
        MIXES,
        Culprit::Mix(2, "mayor"),
        &[A::Collector, A::Mix(2)],
        "proof-of-another-server",
        "mix server 2's proof is mix server 1's",
        "a mix that was never proven passes",
        || changed(1, |_, m| Mix { proof: mix(0).proof, ..m }),
    )
    .known(attack::MIXES),
    first(
        "proof-made-for-another-place",
        "mix server 1's proof, which holds, is for mix server 2's place",
        "one proof serves in two places",
        || proven_as(1, |ctx| ShuffleContext { mix: MixIndex(2), ..ctx }),
    )
    .known(attack::FIAT_SHAMIR),
    first(
        "proof-made-for-another-contest",
        "mix server 1's proof, which holds, is for the council's contest",
        "one proof serves for two contests",
        || proven_as(1, |ctx| ShuffleContext { contest: COUNCIL, ..ctx }),
    )
    .known(attack::MIXES),
    first(
        "proof-made-for-another-election",
        "mix server 1's proof, which holds, is for another election",
        "one proof serves in two elections",
        || proven_as(1, |ctx| ShuffleContext { election: &ElectionId([0; 32]), ..ctx }),
    )
    .known(attack::FIAT_SHAMIR),
    fails(
        DIGESTS,
        FIRST,
        &[A::Collector, A::Mix(1)],
        "proof-in-rows-of-the-servers-choice",
        "mix server 1 proves in four rows of three, so that there are places beyond its nine ballots",
        "a ballot is exchanged with what continues the list",
        || proven_as(4, |ctx| ctx),
    )
    .known(attack::PADDING),
    fails(
        DIGESTS,
        FIRST,
        &[A::Collector, A::Mix(1)],
        "proof-in-two-rows-where-there-is-one",
        "mix server 1's proof, which holds, is in two rows, and nine ballots are proven in one",
        "one mix has two proofs, and verifiers differ about them",
        || proven_as(2, |ctx| ctx),
    )
    .known(attack::ROWS),
    first(
        "nothing-mixed",
        "mix server 1 puts out its input, with a proof of another shuffle",
        "the next server knows who voted how",
        || {
            from(&CLOSED, |board| {
                let input = Arc::clone(&board.lists[&MAYOR]);
                let made = shuffle(&board.mix_context(MAYOR, 1), &Generators::new(input.len()), &input, &mut OsRng);
                let proof = board.file(made.expect("a list to mix").1.to_bytes());
                let output = board.file(input.to_bytes());
                let m = Mix { contest: MAYOR, mix: MixIndex(1), input: *input.digest(), output, proof };
                board.put(EntryBody::Mix(m));
            })
        },
    ),
    first(
        "proof-left-out",
        "mix server 1's proof is an empty file",
        "a program that checks what is there finds nothing wrong",
        || other_proof(0, |_| Vec::new()),
    )
    .known(attack::LENGTHS),
    first(
        "proof-of-fewer-ballots",
        "mix server 1's proof says that it is of eight ballots, and is as long as one of eight",
        "the ninth ballot is whatever the server likes",
        || {
            other_proof(0, |mut bytes| {
                bytes[3] -= 1;
                // Three answers less: one of each of the three long vectors.
                bytes.truncate(bytes.len() - 96);
                bytes
            })
        },
    )
    .known(attack::LENGTHS),
    first(
        "proof-of-more-limbs",
        "mix server 1's proof says that ballots have two limbs",
        "a limb is proven that is not there, in the place of one that is",
        || {
            other_proof(0, |mut bytes| {
                bytes[5] = 2;
                bytes
            })
        },
    )
    .known(attack::LENGTHS),
    first(
        "answer-of-the-proof-unreduced",
        "an answer in mix server 1's proof is above the group's order",
        "one proof has many encodings",
        || {
            other_proof(0, |mut bytes| {
                let at = bytes.len() - 1;
                bytes[at] = 0xff;
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    first(
        "commitment-of-the-proof-no-point",
        "a commitment in mix server 1's proof is no point of the group",
        "programs that take it for the identity find the proof right",
        || {
            other_proof(0, |mut bytes| {
                bytes[6..38].fill(0xff);
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    last("ballot-missing-after-the-last-mix", "mix server 3's output is a ballot shorter", "a vote is gone", || {
        other_output(2, |mut bytes| {
            bytes.truncate(bytes.len() - 64);
            bytes[3] -= 1;
            bytes
        })
    })
    .known(attack::LENGTHS),
    last("empty-list-after-the-last-mix", "mix server 3's output is an empty file", "all votes are gone", || {
        other_output(2, |_| Vec::new())
    })
    .known(attack::LENGTHS),
    last(
        "mixed-ballot-that-shows-its-vote",
        "the first half of a ciphertext in mix server 3's output is the identity",
        "the vote is there for all to see",
        || {
            other_output(2, |mut bytes| {
                bytes[6..38].fill(0);
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    last(
        "mixed-ballot-that-is-no-point",
        "a ciphertext in mix server 3's output is no point of the group",
        "programs that decode it otherwise count another vote",
        || {
            other_output(2, |mut bytes| {
                bytes[38..70].fill(0xff);
                bytes
            })
        },
    )
    .known(attack::ENCODING),
    fails(
        DIGESTS,
        Culprit::Mix(3, "mayor"),
        &[A::Collector, A::Mix(3)],
        "ballot-added-by-the-last-mix",
        "mix server 3's output is a ballot longer",
        "a vote is the mix server's",
        || {
            other_output(2, |mut bytes| {
                bytes.extend_from_slice(&DONE.files[&output(0)][6..70]);
                bytes[3] += 1;
                bytes
            })
        },
    )
    .known(attack::LENGTHS),
    fails(
        CHAIN,
        Culprit::Mix(2, "mayor"),
        &[A::Collector, A::Mix(2)],
        "mix-of-a-list-that-is-nowhere",
        "mix server 2 says that it started from a list that nobody has",
        "what it started from cannot be checked",
        || changed(1, |_, m| Mix { input: Digest([9; 32]), ..m }),
    )
    .known(attack::MIXES),
];
