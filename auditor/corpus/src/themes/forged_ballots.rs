//! Ballots that hold no valid choice, or somebody else's, with proofs by a prover that may lie in every message.

use super::{attack, from};
use crate::board::stages::{DONE, MAYOR, PARKS, VOTED};
use crate::board::Board;
use crate::forge::ballot::{complete, forge, forge_with, lie, open, place, prove_range, scalar, Forged, Openings};
use crate::forge::{context, undecodable};
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT as B;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use selge_auditor::checks::{BALLOT_PROOFS, DECODED, ELIGIBLE};
use selge_core::codec::{Decode, Encode};
use selge_core::elgamal::Ciphertext;
use selge_core::entry::EntryBody;
use selge_core::ids::ContestIndex;
use selge_core::plaintext::{ContestContext, EncryptedContest, Layout};
use selge_core::transcript::{label, ProtocolTranscript};

/// The board after voting, with one more ballot of voter 9, whose contest at this place is another.
fn cast(contest: ContestIndex, forged: impl FnOnce(&ContestContext<'_>) -> EncryptedContest) -> Record {
    from(&VOTED, |board| {
        let mut ballot = board.ballot(9);
        ballot.contests[usize::from(contest.0)] = forged(&context(board, 9, contest));
        board.cast(9, ballot);
    })
}

/// The same for the mayor.
fn mayor(forged: impl FnOnce(&ContestContext<'_>) -> Forged) -> Record {
    cast(MAYOR, |ctx| forged(ctx).contest().expect("a well-formed contest"))
}

/// The mayor's contest with these bytes changed; what is changed must still be well formed.
fn bytes(change: impl FnOnce(&mut Vec<u8>)) -> Record {
    cast(MAYOR, |ctx| {
        let mut bytes = honest(ctx).contest().expect("a well-formed contest").to_bytes();
        change(&mut bytes);
        EncryptedContest::from_bytes(&bytes).expect("a well-formed contest")
    })
}

/// The contest under another contest's name.
pub(super) fn relabelled(contest: &EncryptedContest, as_if: u16) -> EncryptedContest {
    let mut bytes = contest.to_bytes();
    bytes[..2].copy_from_slice(&as_if.to_be_bytes());
    EncryptedContest::from_bytes(&bytes).expect("a well-formed contest")
}

/// A true vote for candidate 1; the mayor's space has four choices.
fn honest(ctx: &ContestContext<'_>) -> Forged {
    lie(ctx, &[Scalar::ONE], &[], &[1, 2], &[])
}

/// A vote for this number, which the range proof is told is 0.
fn outside(ctx: &ContestContext<'_>, m: Scalar) -> Forged {
    lie(ctx, &[m], &[], &[0, 3], &[])
}

/// What voter 4 cast for mayor, encrypted anew, and with what; its plaintext the copier does not know.
fn copied(ctx: &ContestContext<'_>) -> (Ciphertext, Scalar) {
    let EntryBody::Ballot(ballot) = &DONE.entries[DONE.ballots_of(4)[0]].body else { unreachable!("a ballot") };
    let rho = scalar();
    let cast = ballot.contests[0].ciphertexts()[0].decode_points().expect("points, as its proofs hold");
    (cast + ctx.joint_key.encrypt_zero(&rho), rho)
}

/// A range proof of these openings in a transcript that stands where the proof of knowledge ends.
fn range_after_knowledge(ctx: &ContestContext<'_>, forged: &Forged, bits_of: u128, openings: &Openings) -> Vec<u8> {
    let mut t = open(ctx, &forged.ciphertexts, &forged.complements);
    for k in &forged.knowledge {
        t.put_point(label::KNOWLEDGE_T, &k.0);
        t.put_point(label::KNOWLEDGE_U, &k.1);
    }
    t.challenge(label::KNOWLEDGE_E);
    let ctx = ContestContext { layout: Layout::new(bits_of).expect("a space"), ..*ctx };
    prove_range(&ctx, t, openings)
}

/// A ciphertext of 1 with its randomness.
fn one(ctx: &ContestContext<'_>) -> (Ciphertext, Scalar) {
    let r = scalar();
    (ctx.joint_key.encrypt(&Scalar::ONE, &r), r)
}

fn with_help(board: &Board, trustees: &[u16]) -> Record {
    from(board, |board| {
        let mut ballot = board.ballot(9);
        ballot.contests[0] = undecodable(board, 9, MAYOR, Scalar::from(1u64 << 16), trustees);
        board.cast(9, ballot);
    })
}

const VOTER: Culprit = Culprit::Voter(9);
const HELD: &[A] = &[A::Collector, A::Voters];

/// By voter 9.
const fn false_ballot(
    name: &'static str,
    what: &'static str,
    gain: &'static str,
    make: fn() -> Record,
) -> Manipulation {
    fails(BALLOT_PROOFS, VOTER, HELD, name, what, gain, make)
}

pub(super) const ALL: &[Manipulation] = &[
    false_ballot(
        "vote-for-one-more-candidate",
        "a ballot holds the number after the last valid choice",
        "the number is counted for whomever a careless program takes it for",
        || mayor(|ctx| outside(ctx, Scalar::from(4u64))),
    ),
    false_ballot(
        "negative-vote",
        "a ballot holds −1",
        "where votes are added up encrypted it takes a vote away",
        || mayor(|ctx| outside(ctx, -Scalar::ONE)),
    ),
    false_ballot("vote-beyond-a-limb", "a ballot holds 2^16", "the number runs over into the next limb", || {
        mayor(|ctx| outside(ctx, Scalar::from(1u64 << 16)))
    }),
    false_ballot(
        "half-a-vote",
        "a ballot holds one half, in the field",
        "two of them are a vote where sums count",
        || mayor(|ctx| outside(ctx, Scalar::from(2u64).invert())),
    ),
    false_ballot(
        "complement-of-another-sum",
        "choice and complement are both in range and do not add up to the last choice",
        "a number up to 255 is cast where there are four choices",
        || {
            mayor(|ctx| {
                let (r, s) = (scalar(), scalar());
                let ciphertext = ctx.joint_key.encrypt(&Scalar::from(200u64), &r);
                let complement = ctx.joint_key.commit(&Scalar::from(55u64), &s);
                let know = [(Scalar::from(200u64), r)];
                forge_with(ctx, vec![ciphertext], vec![complement], &know, &vec![(200, r), (55, s)])
            })
        },
    ),
    false_ballot(
        "limbs-that-wrap-around",
        "two limbs add up to a valid choice modulo the group order, and neither is in range",
        "what is decrypted limb by limb is no choice, or another",
        || {
            cast(PARKS, |ctx| {
                let up = place(1).invert();
                let m = [Scalar::from(1u64 << 16), (Scalar::from(5u64) - Scalar::from(1u64 << 16)) * up];
                lie(ctx, &m, &[Scalar::ONE], &[5, 0, 0xfffa, 1], &[]).contest().expect("a well-formed contest")
            })
        },
    ),
    false_ballot(
        "range-proof-of-another-ballot",
        "a vote for no choice has the range proof of a valid one",
        "the vote for no choice counts",
        || mayor(|ctx| Forged { range: honest(ctx).range, ..outside(ctx, Scalar::from(77u64)) }),
    ),
    false_ballot(
        "range-proof-before-the-knowledge",
        "the range proof's transcript does not hold the proof of knowledge",
        "the two proofs need not be of the same numbers",
        || {
            mayor(|ctx| {
                let (ciphertext, r) = one(ctx);
                let openings = vec![(1, r), (2, -r)];
                let mut forged = forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, r)], &openings);
                let complements = complete(ctx, &[ciphertext], &[]);
                forged.range = prove_range(ctx, open(ctx, &[ciphertext], &complements), &openings);
                forged
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    false_ballot(
        "range-proof-of-more-bits",
        "the range proof is of 16 bits, where 8 are asked for",
        "larger numbers than the contest's are proven to be small",
        || {
            mayor(|ctx| {
                let (ciphertext, r) = one(ctx);
                let openings = vec![(1, r), (2, -r)];
                let mut forged = forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, r)], &openings);
                forged.range = range_after_knowledge(ctx, &forged, 300, &openings);
                forged
            })
        },
    )
    .known(attack::LENGTHS),
    false_ballot(
        "range-proof-of-the-choice-alone",
        "the range proof is of the choice without its complement",
        "any number below 256 is cast where there are four choices",
        || {
            mayor(|ctx| {
                let (ciphertext, r) = one(ctx);
                let mut forged = forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, r)], &vec![(1, r), (2, -r)]);
                forged.range = range_after_knowledge(ctx, &forged, 4, &vec![(1, r)]);
                forged
            })
        },
    )
    .known(attack::LENGTHS),
    false_ballot(
        "range-proof-left-out",
        "a vote for no choice has an empty range proof",
        "a program that checks what is there finds nothing wrong",
        || mayor(|ctx| Forged { range: Vec::new(), ..outside(ctx, Scalar::from(77u64)) }),
    )
    .known(attack::LENGTHS),
    false_ballot(
        "range-proof-of-zeros",
        "the range proof is nothing but zeros, which are identity points and the number zero",
        "equations that are linear in them hold",
        || {
            mayor(|ctx| {
                let outside = outside(ctx, Scalar::from(77u64));
                Forged { range: vec![0; outside.range.len()], ..outside }
            })
        },
    )
    .known(attack::ENCODING),
    false_ballot(
        "limb-more-than-the-contest-has",
        "a vote for mayor has a second ciphertext",
        "what is in it reaches the count unseen, and marks the ballot",
        || {
            mayor(|ctx| {
                let wide = ContestContext { layout: Layout::new(1 << 17).expect("a space"), ..*ctx };
                lie(&wide, &[Scalar::ONE, Scalar::ZERO], &[Scalar::ONE], &[1, 0, 0xfffe, 1], &[])
            })
        },
    )
    .also(&[ELIGIBLE])
    .known(attack::LENGTHS),
    false_ballot(
        "knowledge-of-nothing",
        "the proof of knowledge is nothing but identity points and zeros",
        "a copy of another's ciphertext counts",
        || {
            mayor(|ctx| {
                let none = RistrettoPoint::identity();
                Forged { knowledge: vec![(none, none, Scalar::ZERO, Scalar::ZERO)], ..honest(ctx) }
            })
        },
    )
    .known(attack::ENCODING),
    false_ballot(
        "halves-that-do-not-belong-together",
        "the first half of a ciphertext does not fit the second, of which the range proof is",
        "the ballot decrypts to noise, which its voter can find again",
        || {
            mayor(|ctx| {
                let (mut ciphertext, r) = one(ctx);
                ciphertext.r = scalar() * B;
                forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, r)], &vec![(1, r), (2, -r)])
            })
        },
    ),
    false_ballot(
        "copy-encrypted-anew",
        "voter 9 encrypts voter 4's vote anew and proves that it knows what it added",
        "the count shows how voter 4 voted, if enough do it",
        || {
            mayor(|ctx| {
                let (ciphertext, rho) = copied(ctx);
                forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, rho)], &vec![(1, rho), (2, -rho)])
            })
        },
    )
    .known(attack::COPY),
    false_ballot(
        "copy-with-a-simulated-proof",
        "voter 9 encrypts voter 4's vote anew and chooses the proof of knowledge after its challenge",
        "the count shows how voter 4 voted, if enough do it",
        || {
            mayor(|ctx| {
                let (ciphertext, rho) = copied(ctx);
                let openings = vec![(1, rho), (2, -rho)];
                let mut forged = forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, rho)], &openings);
                let (e, z_m, z_r) = (scalar(), scalar(), scalar());
                let t = z_r * B - e * ciphertext.r;
                let u = z_m * B + z_r * ctx.joint_key.point() - e * ciphertext.c;
                forged.knowledge = vec![(t, u, z_m, z_r)];
                forged.range = range_after_knowledge(ctx, &forged, 4, &openings);
                forged
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    false_ballot(
        "ciphertext-chosen-after-the-challenge",
        "every equation holds under a challenge that was drawn before the ciphertext was chosen",
        "a voter casts what it does not know: another's vote, or noise",
        || {
            mayor(|ctx| {
                let (ciphertext, r) = one(ctx);
                let openings = vec![(1, r), (2, -r)];
                let mut forged = forge(ctx, vec![ciphertext], vec![], &[(Scalar::ONE, r)], &openings);
                let mut t = open(ctx, &[ciphertext], &forged.complements);
                t.put_point(label::KNOWLEDGE_T, &forged.knowledge[0].0);
                t.put_point(label::KNOWLEDGE_U, &forged.knowledge[0].1);
                let e = t.challenge(label::KNOWLEDGE_E);
                // The answers are anything; R and C are what makes them right.
                let (z_m, z_r, k) = (scalar(), scalar(), &mut forged.knowledge[0]);
                (k.2, k.3) = (z_m, z_r);
                let (first, second) = (z_r * B, z_m * B + z_r * ctx.joint_key.point());
                forged.ciphertexts = vec![Ciphertext { r: e.invert() * (first - k.0), c: e.invert() * (second - k.1) }];
                forged.complements = complete(ctx, &forged.ciphertexts, &[]);
                forged
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    false_ballot(
        "proof-of-another-voter",
        "voter 9 casts a vote of its own whose proof names voter 8",
        "one who helps to vote for others keeps the ballots for its friends",
        || mayor(|ctx| honest(&ContestContext { voter: DONE.keys.voters[8].0, ..*ctx })),
    )
    .known(attack::COPY),
    false_ballot(
        "proof-of-another-election",
        "voter 9 casts a vote whose proof names another election",
        "ballots that were prepared for one election are used in another",
        || {
            let other = selge_core::ids::ElectionId([0; 32]);
            mayor(|ctx| honest(&ContestContext { election: &other, ..*ctx }))
        },
    )
    .known(attack::COPY),
    false_ballot(
        "proof-of-a-larger-space",
        "voter 9 proves its vote to be one of 200 choices",
        "it votes for one of those that are not there",
        || {
            mayor(|ctx| {
                let larger = ContestContext { layout: Layout::new(200).expect("a space"), ..*ctx };
                lie(&larger, &[Scalar::from(150u64)], &[], &[150, 49], &[])
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    false_ballot(
        "complement-that-is-no-point",
        "a commitment in a ballot's proof is no point of the group",
        "programs that take it for the identity find the proof right",
        || bytes(|b| b[3 + 64..3 + 96].fill(0xff)),
    )
    .known(attack::ENCODING),
    fails(
        BALLOT_PROOFS,
        VOTER,
        &[A::Collector, A::Voters, A::Trustees(2)],
        "ballot-forged-with-too-few-trustees",
        "two trustees, one less than the threshold, help a voter with what their shares give for the key's secret",
        "a ballot for no choice passes as valid",
        || with_help(&VOTED, &[1, 2]),
    )
    .known(attack::UNDECODABLE),
    fails(
        DECODED,
        Culprit::Entry(|| VOTED.entries.len()),
        HELD,
        "knowledge-proof-cut-off",
        "a ballot's contest ends before its range proof",
        "a program that fills up what is missing with zeros finds the proof right",
        || {
            from(&VOTED, |board| {
                board.vote(9);
                let at = VOTED.entries.len();
                let mut bytes = board.bytes()[at].clone();
                // The body without its last hundred bytes, in an entry that is well formed around it.
                let body = u32::from_be_bytes(bytes[2..6].try_into().expect("four bytes")) as usize;
                bytes.drain(6 + body - 100..6 + body);
                bytes[2..6].copy_from_slice(&(body as u32 - 100).to_be_bytes());
                board.raw.insert(at, bytes);
            })
        },
    )
    .known(attack::LENGTHS),
];
