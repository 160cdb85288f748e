//! A prover of decryption factors (`DEC`) that may lie in every message.

use crate::board::Board;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_core::elgamal::CiphertextList;
use selge_core::group::random_scalar;
use selge_core::ids::{ContestIndex, Digest, ElectionId};
use selge_core::transcript::{label, proof, ProtocolTranscript};

/// Whose factors of which list, as the proof's transcript says.
pub(crate) struct Statement<'a> {
    pub(crate) election: ElectionId,
    pub(crate) joint_key: RistrettoPoint,
    pub(crate) contest: ContestIndex,
    pub(crate) trustee: u16,
    pub(crate) share_key: RistrettoPoint,
    pub(crate) list: &'a CiphertextList,
}

/// Factors and their proof, in the order of the bytes (`DEC-1`).
#[derive(Clone)]
pub(crate) struct Factors {
    pub(crate) width: usize,
    pub(crate) d: Vec<RistrettoPoint>,
    pub(crate) t: RistrettoPoint,
    pub(crate) u: RistrettoPoint,
    pub(crate) z: Scalar,
}

impl Factors {
    fn head(&self) -> Vec<u8> {
        let mut bytes = ((self.d.len() / self.width) as u32).to_be_bytes().to_vec();
        bytes.extend_from_slice(&(self.width as u16).to_be_bytes());
        self.d.iter().for_each(|d| bytes.extend_from_slice(d.compress().as_bytes()));
        bytes
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = self.head();
        [self.t, self.u].iter().for_each(|p| bytes.extend_from_slice(p.compress().as_bytes()));
        bytes.extend_from_slice(self.z.as_bytes());
        bytes
    }
}

impl<'a> Statement<'a> {
    /// The true one.
    pub(crate) fn new(board: &Board, contest: ContestIndex, trustee: u16, list: &'a CiphertextList) -> Self {
        let share_key = board.shares[usize::from(trustee) - 1].public();
        let joint_key = *board.joint_key.public_key().point();
        Statement { election: *board.manifest.id(), joint_key, contest, trustee, share_key, list }
    }

    pub(crate) fn bases(&self) -> Vec<RistrettoPoint> {
        let decode = |p: &[u8; 32]| CompressedRistretto(*p).decompress().expect("a point of a list");
        self.list.points().iter().step_by(2).map(decode).collect()
    }

    /// `x·R` for every ciphertext.
    pub(crate) fn factors(&self, x: &Scalar) -> Vec<RistrettoPoint> {
        self.bases().iter().map(|r| r * x).collect()
    }

    /// `DEC-2` for these factors, and the weights.
    pub(crate) fn open(&self, d: &[RistrettoPoint]) -> (Transcript, Vec<Scalar>) {
        let none = RistrettoPoint::default();
        let head = Factors { width: self.list.width(), d: d.to_vec(), t: none, u: none, z: Scalar::ZERO }.head();
        let mut t = Transcript::open(proof::DECRYPTION, &self.election);
        t.put_point(label::JOINT_KEY, &self.joint_key);
        t.put_u64(label::CONTEST, self.contest.0.into());
        t.put_u64(label::TRUSTEE, self.trustee.into());
        t.put_point(label::SHARE_KEY, &self.share_key);
        t.put_digest(label::INPUT, self.list.digest());
        t.put_digest(label::FACTORS, &Digest::of(&head));
        let weights = t.weights(label::WEIGHTS).take(d.len()).collect();
        (t, weights)
    }

    /// Proves, as if they were true, that these factors are made with `x`.
    pub(crate) fn prove(&self, d: Vec<RistrettoPoint>, x: &Scalar) -> Factors {
        let (mut transcript, weights) = self.open(&d);
        let folded: RistrettoPoint = weights.iter().zip(self.bases()).map(|(w, r)| w * r).sum();
        let k = random_scalar(&mut OsRng);
        let (t, u) = (RistrettoPoint::mul_base(&k), k * folded);
        let z = k + challenge(&mut transcript, &t, &u) * x;
        Factors { width: self.list.width(), d, t, u, z }
    }

    /// A proof that holds for a challenge that was guessed: what an observer without any secret makes.
    pub(crate) fn simulate(&self, d: Vec<RistrettoPoint>) -> Factors {
        let (_, weights) = self.open(&d);
        let (c, z) = (random_scalar(&mut OsRng), random_scalar(&mut OsRng));
        let bases: RistrettoPoint = weights.iter().zip(self.bases()).map(|(w, r)| w * r).sum();
        let powers: RistrettoPoint = weights.iter().zip(&d).map(|(w, d)| w * d).sum();
        let (t, u) = (RistrettoPoint::mul_base(&z) - c * self.share_key, z * bases - c * powers);
        Factors { width: self.list.width(), d, t, u, z }
    }
}

fn challenge(transcript: &mut Transcript, t: &RistrettoPoint, u: &RistrettoPoint) -> Scalar {
    transcript.put_point(label::EQUALITY_T, t);
    transcript.put_point(label::EQUALITY_U, u);
    transcript.challenge(label::EQUALITY_C)
}
