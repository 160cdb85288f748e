//! The designated-verifier proof (`CHECK-5`): the ballot holds these numbers, or the prover knows the device's key.
//!
//! An OR of Chaum–Pedersen proofs for every limb and one Schnorr proof, after Cramer, Damgård and Schoenmakers: the two
//! challenges add up to the transcript's. Sent are challenges and answers; the verifier computes the commitments.

use super::{CheckError, DeviceKey, Offer};
use crate::ballot::{EncryptedBallot, MAX_CONTESTS};
use crate::codec::{put_count, put_scalar, Decode, DecodeError, Encode, Reader};
use crate::draft::{read_width, BallotOpening};
use crate::elgamal::{PublicKey, SecretScalars, MAX_WIDTH};
use crate::group::random_scalar;
use crate::ids::{ContestIndex, LeafHash};
use crate::manifest::Manifest;

use crate::rules::Choice;
use crate::transcript::{label, proof, ProtocolTranscript};
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::traits::VartimeMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, Zeroizing};

/// What a claim is about: this ballot, and this device. The verifier has all of it from elsewhere than the claim.
#[derive(Clone, Copy, Debug)]
pub struct Statement<'a> {
    /// The election.
    pub manifest: &'a Manifest,
    /// The trustees' joint key.
    pub joint_key: &'a PublicKey,
    /// The device that is to be convinced.
    pub offer: &'a Offer,
    /// The leaf hash of the recorded ballot's entry.
    pub leaf: LeafHash,
    /// The recorded ballot.
    pub ballot: &'a EncryptedBallot,
}

/// Numbers that a ballot is said to hold, with the proof. Whoever can read it knows the choice, so it is not printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    limbs: Zeroizing<Vec<Vec<u64>>>,
    c_1: Scalar,
    c_2: Scalar,
    /// `z_0` for the device key, then one for each limb.
    z: Vec<Scalar>,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claim({} contests redacted)", self.limbs.len())
    }
}

/// Commitments of the first part of the OR, limb by limb, and of the second.
struct Commitments {
    limbs: Vec<(RistrettoPoint, RistrettoPoint)>,
    device: RistrettoPoint,
}

impl Statement<'_> {
    /// The challenge for these numbers and commitments (`CHECK-5`).
    fn challenge(&self, limbs: &[Vec<u64>], commitments: &Commitments) -> Scalar {
        let mut transcript = Transcript::open(proof::CHECK, self.manifest.id());
        transcript.put_encoded(label::JOINT_KEY, self.joint_key.encoded());
        transcript.put_point(label::DEVICE_KEY, &self.offer.key);
        transcript.put_bytes(label::TRANSPORT_KEY, &self.offer.transport);
        transcript.put_bytes(label::LEAF, &self.leaf.0);
        transcript.put_bytes(label::VOTER, &self.ballot.voter.0);
        transcript.put_u64(label::STYLE, self.ballot.style.0.into());
        for (contest, limbs) in self.ballot.contests.iter().zip(limbs) {
            transcript.put_u64(label::CONTEST, contest.contest().0.into());
            transcript.put_u64(label::WIDTH, limbs.len() as u64);
            for (ciphertext, limb) in contest.ciphertexts().iter().zip(limbs) {
                transcript.put_bytes(label::CIPHERTEXT, &ciphertext.to_bytes());
                transcript.put_u64(label::LIMB, *limb);
            }
        }
        for (t, u) in &commitments.limbs {
            transcript.put_point(label::CHECK_T, t);
            transcript.put_point(label::CHECK_U, u);
        }
        transcript.put_point(label::CHECK_V, &commitments.device);
        transcript.challenge(label::CHECK_C)
    }

    /// Whether there is one number for each ciphertext.
    fn fits(&self, limbs: &[Vec<u64>]) -> bool {
        self.ballot.contests.iter().map(|c| c.ciphertexts().len()).eq(limbs.iter().map(Vec::len))
    }

    /// `T_i` and `U_i` that the answers belong to; `None` if the ballot has a ciphertext that is none.
    fn commitments_of(
        &self,
        limbs: &[Vec<u64>],
        c_1: &Scalar,
        z: &[Scalar],
    ) -> Option<Vec<(RistrettoPoint, RistrettoPoint)>> {
        let ciphertexts = self.ballot.contests.iter().flat_map(|c| c.ciphertexts());
        let pk = *self.joint_key.point();
        ciphertexts
            .zip(limbs.iter().flatten())
            .zip(z)
            .map(|((ciphertext, limb), z)| {
                let (r, c) = (ciphertext.r().decompress()?, ciphertext.c().decompress()?);
                let t = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c_1, &r, z);
                // z·PK − c_1·(C − m·B)
                let u = RistrettoPoint::vartime_multiscalar_mul(
                    [*z, -c_1, c_1 * Scalar::from(*limb)],
                    [pk, c, RISTRETTO_BASEPOINT_POINT],
                );
                Some((t, u))
            })
            .collect()
    }
}

impl Claim {
    /// Proves what the ballot holds. `None` if the opening is not this ballot's in shape; one that is not this ballot's in
    /// content makes a claim that does not verify.
    pub fn prove<R: RngCore + CryptoRng>(
        statement: &Statement<'_>,
        opening: &BallotOpening,
        rng: &mut R,
    ) -> Option<Self> {
        let limbs = Zeroizing::new(opening.0.iter().map(|c| c.limbs.to_vec()).collect::<Vec<_>>());
        if !statement.fits(&limbs) {
            return None;
        }
        let count = limbs.iter().map(Vec::len).sum();
        let nonces = SecretScalars((0..count).map(|_| random_scalar(rng)).collect());
        let (z_0, c_2) = (random_scalar(rng), random_scalar(rng));
        let commitments = Commitments {
            limbs: nonces.0.iter().map(|a| (RISTRETTO_BASEPOINT_TABLE * a, statement.joint_key.mask(a))).collect(),
            device: RistrettoPoint::vartime_double_scalar_mul_basepoint(&-c_2, &statement.offer.key, &z_0),
        };
        let c_1 = statement.challenge(&limbs, &commitments) - c_2;
        let answers = nonces.0.iter().zip(opening.0.iter().flat_map(|c| &c.r.0)).map(|(a, r)| a + c_1 * r);
        let z = std::iter::once(z_0).chain(answers).collect();
        Some(Claim { limbs, c_1, c_2, z })
    }

    /// Makes a claim of any choices with the device's own key: indistinguishable from a voting page's. `None` if the
    /// choices do not fit the ballot.
    pub fn practise<R: RngCore + CryptoRng>(
        statement: &Statement<'_>,
        device: &DeviceKey,
        choices: &[Choice],
        rng: &mut R,
    ) -> Option<Self> {
        if *device.offer() != *statement.offer || choices.len() != statement.ballot.contests.len() {
            return None;
        }
        let numbers = statement.ballot.contests.iter().zip(choices).map(|(contest, choice)| {
            let layout = statement.manifest.layout(contest.contest())?;
            Some(layout.limbs(statement.manifest.space(contest.contest())?.rank(choice).ok()?))
        });
        let limbs = Zeroizing::new(numbers.collect::<Option<Vec<_>>>()?);
        if !statement.fits(&limbs) {
            return None;
        }
        let count = limbs.iter().map(Vec::len).sum();
        let c_1 = random_scalar(rng);
        let mut z: Vec<_> = std::iter::once(Scalar::ZERO).chain((0..count).map(|_| random_scalar(rng))).collect();
        let mut k = random_scalar(rng);
        let commitments = Commitments {
            limbs: statement.commitments_of(&limbs, &c_1, &z[1..])?,
            device: RISTRETTO_BASEPOINT_TABLE * &k,
        };
        let c_2 = statement.challenge(&limbs, &commitments) - c_1;
        z[0] = k + c_2 * device.secret();
        k.zeroize();
        Some(Claim { limbs, c_1, c_2, z })
    }

    /// The choices, if the claim holds for this ballot and this device (`CHECK-5`, and the numbers of `CHECK-6`).
    ///
    /// That the ballot is on the board, and its own proof, is [`super::Listener`]'s to check.
    ///
    /// # Errors
    /// [`CheckError::Proof`].
    pub fn verify(&self, statement: &Statement<'_>) -> Result<Vec<(ContestIndex, Choice)>, CheckError> {
        let count: usize = self.limbs.iter().map(Vec::len).sum();
        if !statement.fits(&self.limbs) || self.z.len() != count + 1 {
            return Err(CheckError::Proof);
        }
        let commitments = Commitments {
            limbs: statement.commitments_of(&self.limbs, &self.c_1, &self.z[1..]).ok_or(CheckError::Proof)?,
            device: RistrettoPoint::vartime_double_scalar_mul_basepoint(&-self.c_2, &statement.offer.key, &self.z[0]),
        };
        if statement.challenge(&self.limbs, &commitments) != self.c_1 + self.c_2 {
            return Err(CheckError::Proof);
        }
        let choices = statement.ballot.contests.iter().zip(self.limbs.iter()).map(|(contest, limbs)| {
            let contest = contest.contest();
            let number = statement.manifest.layout(contest)?.number(limbs)?;
            Some((contest, statement.manifest.space(contest)?.unrank(number).ok()?))
        });
        choices.collect::<Option<_>>().ok_or(CheckError::Proof)
    }
}

impl Encode for Claim {
    fn encode(&self, out: &mut Vec<u8>) {
        put_count(out, self.limbs.len());
        for limbs in self.limbs.iter() {
            out.push(u8::try_from(limbs.len()).unwrap_or(u8::MAX));
            for limb in limbs {
                out.extend_from_slice(&u16::try_from(*limb).unwrap_or(u16::MAX).to_be_bytes());
            }
        }
        put_scalar(out, &self.c_1);
        put_scalar(out, &self.c_2);
        put_count(out, self.z.len());
        self.z.iter().for_each(|z| put_scalar(out, z));
    }
}

impl Decode for Claim {
    const NAME: &'static str = "claim";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contests = reader.count(MAX_CONTESTS, 3, "contests of a claim")?;
        let mut limbs = Zeroizing::new(Vec::with_capacity(contests));
        for _ in 0..contests {
            let width = read_width(reader)?;
            limbs.push((0..width).map(|_| Ok(reader.u16("limb")?.into())).collect::<Result<_, DecodeError>>()?);
        }
        let (c_1, c_2) = (reader.scalar("check c_1")?, reader.scalar("check c_2")?);
        let answers = reader.count(MAX_CONTESTS * MAX_WIDTH + 1, 32, "answers of a claim")?;
        let z = (0..answers).map(|_| reader.scalar("check z")).collect::<Result<_, _>>()?;
        Ok(Claim { limbs, c_1, c_2, z })
    }
}

/// What a forger does to a claim.
#[cfg(test)]
impl Claim {
    /// Other numbers, and challenges of its own choice.
    pub(super) fn set(&mut self, limbs: Zeroizing<Vec<Vec<u64>>>, c_1: Scalar, c_2: Scalar) {
        (self.limbs, self.c_1, self.c_2) = (limbs, c_1, c_2);
    }

    /// Makes the challenges add up to the transcript's challenge for the commitments as they are, on one side.
    pub(super) fn correct(&mut self, statement: &Statement<'_>, side: usize) {
        let limbs = statement.commitments_of(&self.limbs, &self.c_1, &self.z[1..]).unwrap_or_default();
        let device = RistrettoPoint::vartime_double_scalar_mul_basepoint(&-self.c_2, &statement.offer.key, &self.z[0]);
        let c = statement.challenge(&self.limbs, &Commitments { limbs, device });
        if side == 0 {
            self.c_1 = c - self.c_2;
        } else {
            self.c_2 = c - self.c_1;
        }
    }
}
