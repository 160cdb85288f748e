//! The key ceremony.

use super::{attack, body, from};
use crate::board::stages::{first, DONE};
use crate::board::Board;
use crate::manipulation::{fails, Attacker as A, Culprit, Manipulation};
use crate::Record;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_auditor::checks::{ALLOWED, COMMITMENTS, CONFIRMATIONS, JOINT_KEY, SIGNED};
use selge_core::ceremony::{Commitments, Complaint, DealerSecret};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{Confirmation, EntryBody, Opening};
use selge_core::group::random_scalar;
use selge_core::ids::{Digest, ElectionId, TrusteeIndex};
use selge_core::transcript::{label, proof, ProtocolTranscript};

fn is_commitments(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Commitments(_))
}

fn is_shares(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Shares(_))
}

fn is_confirmation(body: &EntryBody) -> bool {
    matches!(body, EntryBody::Confirmation(_))
}

/// Round 1 of a trustee, in the order of its bytes (`KEY-1`).
struct Message {
    trustee: u16,
    transport: [u8; 32],
    coefficients: Vec<RistrettoPoint>,
    t: RistrettoPoint,
    z: Scalar,
}

impl Message {
    /// That of the board.
    fn of(trustee: u16) -> Self {
        let at = DONE.places(is_commitments)[usize::from(trustee) - 1];
        let bytes = body!(DONE, at, Commitments).to_bytes();
        let transport = bytes[2..34].try_into().expect("32 bytes");
        let zero = RistrettoPoint::identity();
        Message { trustee, transport, coefficients: Vec::new(), t: zero, z: Scalar::ZERO }
    }

    /// Commits to this polynomial, and proves it honestly.
    fn commit(mut self, election: &ElectionId, polynomial: &[Scalar]) -> Self {
        self.coefficients = polynomial.iter().map(RistrettoPoint::mul_base).collect();
        let k = random_scalar(&mut OsRng);
        self.t = RistrettoPoint::mul_base(&k);
        self.z = k + self.challenge(election) * polynomial[0];
        self
    }

    /// What the verifier draws.
    fn challenge(&self, election: &ElectionId) -> Scalar {
        let mut t = Transcript::open(proof::POSSESSION, election);
        t.put_u64(label::TRUSTEE, self.trustee.into());
        t.put_u64(label::COUNT, self.coefficients.len() as u64);
        t.put_bytes(label::TRANSPORT_KEY, &self.transport);
        self.coefficients.iter().for_each(|c| t.put_point(label::COMMITMENTS, c));
        t.put_point(label::POSSESSION_T, &self.t);
        t.challenge(label::POSSESSION_C)
    }

    fn body(&self) -> EntryBody {
        let mut bytes = self.trustee.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.transport);
        bytes.extend_from_slice(&(self.coefficients.len() as u32).to_be_bytes());
        self.coefficients.iter().chain([&self.t]).for_each(|p| bytes.extend_from_slice(p.compress().as_bytes()));
        bytes.extend_from_slice(self.z.as_bytes());
        EntryBody::Commitments(Commitments::from_bytes(&bytes).expect("well-formed commitments"))
    }
}

/// The board with another round-1 message of this trustee in its place.
fn commits(message: impl FnOnce() -> Message) -> Record {
    from(&DONE, |board| {
        let message = message();
        let at = board.places(is_commitments)[usize::from(message.trustee) - 1];
        board.replace(at, message.body());
    })
}

/// The polynomial that a trustee drew, read from what it keeps: transport secret, count, coefficients.
fn polynomial(trustee: usize) -> Vec<Scalar> {
    let bytes = DONE.secrets[trustee - 1].expose_bytes();
    let scalar = |b: &[u8]| Scalar::from_bytes_mod_order(b.try_into().expect("32 bytes"));
    bytes[36..].chunks_exact(32).map(scalar).collect()
}

fn random(n: usize) -> Vec<Scalar> {
    (0..n).map(|_| random_scalar(&mut OsRng)).collect()
}

/// The sum of what the trustees before the last commit to.
fn others() -> Scalar {
    (1..5).map(|i| polynomial(i)[0]).sum()
}

fn confirms(trustee: u16, change: impl FnOnce(Confirmation) -> Confirmation) -> Record {
    from(&DONE, |board| {
        let at = board.places(is_confirmation)[usize::from(trustee) - 1];
        let changed = change(body!(board, at, Confirmation));
        board.replace(at, EntryBody::Confirmation(changed));
    })
}

/// The board up to the last share message, with a share message of trustee 1 that holds wrong shares.
fn wrong_shares() -> Board {
    let mut board = DONE.clone();
    board.entries.truncate(board.places(is_confirmation)[0]);
    let at = board.places(is_shares)[0];
    let mut bytes = body!(board, at, Shares).to_bytes();
    // A byte of the ciphertext for trustee 2: after the index, the count and the encapsulated key.
    bytes[2 + 4 + 32 + 5] ^= 1;
    board.replace(at, EntryBody::Shares(Decode::from_bytes(&bytes).expect("well-formed shares")));
    board
}

fn complaint(board: &Board, accuser: u16, dealer: u16, secret: &DealerSecret) -> Complaint {
    let round1 = board.state().round1().expect("all have committed").clone();
    round1.complain(TrusteeIndex(accuser), TrusteeIndex(dealer), secret)
}

/// The board up to the last share message, and trustee 2's complaint about trustee 1.
fn complains(board: &Board, secret: &DealerSecret) -> Board {
    let mut board = board.clone();
    board.entries.truncate(board.places(is_shares)[4] + 1);
    let complaint = complaint(&board, 2, 1, secret);
    board.put(EntryBody::Complaint(complaint));
    board
}

pub(super) const ALL: &[Manipulation] = &[
    fails(
        COMMITMENTS,
        Culprit::Trustee(2),
        &[A::Collector, A::Trustee(2)],
        "commitments-of-another-trustee",
        "trustee 2 posts trustee 1's commitments and proof as its own",
        "half of the joint key cancels, or is known to whoever knows the other half",
        || {
            from(&DONE, |board| {
                let places = board.places(is_commitments);
                let mut stolen = body!(board, places[0], Commitments);
                stolen.trustee = TrusteeIndex(2);
                board.replace(places[1], EntryBody::Commitments(stolen));
            })
        },
    )
    .known(attack::CEREMONY),
    fails(
        COMMITMENTS,
        Culprit::Trustee(5),
        &[A::Collector, A::Trustee(5)],
        "rogue-key-without-a-proof",
        "trustee 5, the last, commits to a key of its own less what all others committed to; its proof is of that key",
        "the joint key is its own: it decrypts alone",
        || {
            commits(|| {
                let own = random(3);
                let mut message = Message::of(5).commit(DONE.manifest.id(), &own);
                message.coefficients[0] -= RistrettoPoint::mul_base(&others());
                message.z = random_scalar(&mut OsRng);
                message
            })
        },
    )
    .known(attack::CEREMONY),
    fails(
        COMMITMENTS,
        Culprit::Trustee(5),
        &[A::Collector, A::Trustee(5)],
        "rogue-key-chosen-after-the-challenge",
        "trustee 5 draws the challenge first and then the commitment that fits it, as if it were not part of the statement",
        "the joint key is its own: it decrypts alone",
        || {
            commits(|| {
                let mut message = Message::of(5).commit(DONE.manifest.id(), &random(3));
                let c = message.challenge(DONE.manifest.id());
                message.z = random_scalar(&mut OsRng);
                message.coefficients[0] = c.invert() * (RistrettoPoint::mul_base(&message.z) - message.t);
                message
            })
        },
    )
    .known(attack::FIAT_SHAMIR),
    fails(
        COMMITMENTS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "possession-proven-for-another-election",
        "trustee 3's proof is of another election",
        "an old proof is used again by whoever found it",
        || commits(|| Message::of(3).commit(&ElectionId([0; 32]), &polynomial(3))),
    ),
    fails(
        COMMITMENTS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "commitments-of-nothing",
        "trustee 3 commits to a polynomial with nothing at zero, and proves it truly",
        "a trustee less than everybody thinks has a part of the key",
        || {
            commits(|| {
                let mut polynomial = polynomial(3);
                polynomial[0] = Scalar::ZERO;
                Message::of(3).commit(DONE.manifest.id(), &polynomial)
            })
        },
    )
    .known(attack::ENCODING),
    fails(
        COMMITMENTS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "fewer-commitments-than-the-threshold",
        "trustee 3 commits to a polynomial of a lower degree",
        "fewer trustees than the threshold know its part",
        || commits(|| Message::of(3).commit(DONE.manifest.id(), &random(2))),
    )
    .known(attack::LENGTHS),
    fails(
        COMMITMENTS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "more-commitments-than-the-threshold",
        "trustee 3 commits to a polynomial of a higher degree",
        "the threshold's trustees cannot decrypt, and the election comes to nothing",
        || commits(|| Message::of(3).commit(DONE.manifest.id(), &random(4))),
    )
    .known(attack::LENGTHS),
    fails(
        COMMITMENTS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "transport-key-of-low-order",
        "trustee 3's transport key is one to which every share is encrypted with a known secret",
        "anybody reads the shares, or no honest trustee can deal",
        || commits(|| Message { transport: [0; 32], ..Message::of(3) }.commit(DONE.manifest.id(), &random(3))),
    ),
    fails(
        JOINT_KEY,
        Culprit::Trustee(5),
        &[A::Collector, A::Trustees(5)],
        "trustees-whose-parts-add-up-to-nothing",
        "the trustees together choose their parts so that the joint key is the identity, and prove them truly",
        "every ballot is readable by everybody",
        || {
            commits(|| {
                let mut polynomial = polynomial(5);
                polynomial[0] = -others();
                Message::of(5).commit(DONE.manifest.id(), &polynomial)
            })
        },
    )
    .known(attack::CEREMONY),
    fails(
        JOINT_KEY,
        Culprit::Commission,
        &[A::Collector, A::Commission],
        "opening-with-a-key-of-the-commission",
        "the commission opens voting under a key of its own",
        "it reads every ballot",
        || {
            from(&DONE, |board| {
                let at = first(|b| matches!(b, EntryBody::Opening(_)));
                let m = body!(board, at, Opening);
                let joint_key = RistrettoPoint::mul_base(&random_scalar(&mut OsRng));
                board.replace(at, EntryBody::Opening(Opening { joint_key, ..m }));
            })
        },
    ),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "confirmation-of-another-key",
        "trustee 3 confirms another joint key",
        "it can say later that it never had a share of this one",
        || confirms(3, |m| Confirmation { joint_key: m.joint_key + m.joint_key, ..m }),
    ),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(3),
        &[A::Collector, A::Trustee(3)],
        "confirmation-of-other-messages",
        "trustee 3 confirms another ceremony's messages",
        "shares that nobody confirmed are used",
        || confirms(3, |m| Confirmation { ceremony: Digest([7; 32]), ..m }),
    ),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(1),
        // Trustee 2 is honest: it is its right to complain.
        &[A::Collector, A::Trustee(1), A::Trustee(2)],
        "wrong-share-and-a-true-complaint",
        "trustee 1 sends trustee 2 a wrong share; trustee 2 complains",
        "the election cannot be decrypted, and somebody else seems at fault",
        || complains(&wrong_shares(), &DONE.secrets[1]).record().into(),
    )
    .known(attack::CEREMONY),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(2),
        &[A::Collector, A::Trustee(2)],
        "false-complaint",
        "trustee 2 complains of trustee 1's share, which is right",
        "the ceremony fails and trustee 1 seems at fault",
        || complains(&DONE, &DONE.secrets[1]).record().into(),
    )
    .known(attack::CEREMONY),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(2),
        &[A::Collector, A::Trustee(2)],
        "complaint-with-another-secret",
        "trustee 2 complains of trustee 1 with a transport secret that is not its own, under which no share opens",
        "the ceremony fails and trustee 1 seems at fault",
        || complains(&DONE, &DONE.secrets[2]).record().into(),
    )
    .known(attack::CEREMONY),
    fails(
        CONFIRMATIONS,
        Culprit::Trustee(4),
        &[A::Collector, A::Trustee(4)],
        "share-for-one-trustee-missing",
        "trustee 4 deals one share less than there are other trustees",
        "trustee 5 has no share, and nobody complains because there is nothing to complain of",
        || {
            from(&DONE, |board| {
                let at = board.places(is_shares)[3];
                let mut bytes = body!(board, at, Shares).to_bytes();
                bytes.truncate(bytes.len() - 80);
                bytes[5] -= 1;
                board.replace(at, EntryBody::Shares(Decode::from_bytes(&bytes).expect("well-formed shares")));
            })
        },
    )
    .known(attack::LENGTHS),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector, A::Trustee(2)],
        "ceremony-goes-on-after-a-complaint",
        "the board goes on with confirmations after a complaint",
        "an election is held with a key that a trustee has called wrong",
        || {
            let mut board = complains(&DONE, &DONE.secrets[1]);
            board.entries.push(DONE.entries[DONE.places(is_confirmation)[0]].clone());
            board.record().into()
        },
    )
    .also(&[CONFIRMATIONS]),
    fails(
        ALLOWED,
        Culprit::Trustee(1),
        &[A::Collector, A::Trustee(1)],
        "second-commitments",
        "trustee 1 commits a second time",
        "it chooses the key after all others have committed",
        || {
            from(&DONE, |board| {
                let at = board.places(is_commitments)[4];
                let message = Message::of(1).commit(board.manifest.id(), &random(3)).body();
                let entry = message.sign(board.manifest.id(), &DONE.keys.trustees[0]);
                board.entries.insert(at + 1, entry);
            })
        },
    )
    .known(attack::CEREMONY),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "shares-before-all-commitments",
        "trustee 1's shares stand before trustee 5's commitments",
        "trustee 5 chooses its part when it knows its shares",
        || {
            from(&DONE, |board| {
                let (last, shares) = (board.places(is_commitments)[4], board.places(is_shares)[0]);
                board.entries.swap(last, shares);
            })
        },
    ),
    fails(
        ALLOWED,
        Culprit::Collector,
        &[A::Collector],
        "opening-before-all-have-confirmed",
        "trustee 3's confirmation is left out, and voting opens without it",
        "ballots are encrypted that perhaps nobody can decrypt",
        || {
            from(&DONE, |board| {
                let at = board.places(is_confirmation)[2];
                board.entries.remove(at);
            })
        },
    ),
    fails(
        SIGNED,
        Culprit::Trustee(1),
        &[A::Collector, A::Trustee(1)],
        "ceremony-message-in-anothers-name",
        "trustee 1 deals, and signs, in trustee 2's name",
        "it knows two trustees' parts of the key",
        || {
            from(&DONE, |board| {
                let at = board.places(is_shares)[1];
                let body = board.entries[at].body.clone();
                board.entries[at] = body.sign(board.manifest.id(), &DONE.keys.trustees[0]);
            })
        },
    ),
];
