//! Equality of discrete logarithms, single and batched (`DEC-3`).
//!
//! Statement: a key `Y`, bases `R_1 … R_n` and powers `D_1 … D_n`. Witness: `x` with `Y = x·B` and `D_i = x·R_i`
//! for every `i`. Random weights `w_i` from the transcript fold the bases into `R* = Σ w_i·R_i` and the powers into
//! `D* = Σ w_i·D_i`; one Chaum–Pedersen proof (CRYPTO 1992) then shows `log_B Y = log_R* D*`. If some `D_i` is
//! false, the folded statement is false except with probability 2^-128. One base (`n = 1`) is the single proof.

use crate::codec::{put_point, put_scalar, Decode, DecodeError, Encode, Reader};
use crate::group::random_scalar;
use crate::sum::{vartime_msm_strided, Sum};
use crate::transcript::{label, ProtocolTranscript};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use zeroize::Zeroize;

/// A proof that one secret relates a key to the basepoint and every power to its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EqualityProof {
    t: RistrettoPoint,
    u: RistrettoPoint,
    z: Scalar,
}

/// The lists of bases and powers differ in length.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{powers} powers for {bases} bases")]
pub struct LengthMismatch {
    /// Number of bases.
    pub bases: usize,
    /// Number of powers.
    pub powers: usize,
}

/// The weights of `n` bases, after the caller has absorbed the whole statement.
fn fold_weights(transcript: &mut Transcript, n: usize) -> Vec<Scalar> {
    transcript.weights(label::WEIGHTS).first(n)
}

impl EqualityProof {
    /// Proves `Y = x·B` and `D_i = x·R_i`; the caller has put `Y` and digests of all `R_i` and `D_i` into the
    /// transcript. The powers are public results, so they are folded in variable time; `x` and the nonce meet
    /// constant-time multiplications only.
    ///
    /// # Errors
    /// [`LengthMismatch`].
    pub fn prove<R: RngCore + CryptoRng>(
        transcript: &mut Transcript,
        bases: impl ExactSizeIterator<Item = [u8; 32]>,
        powers: usize,
        x: &Scalar,
        rng: &mut R,
    ) -> Result<Self, LengthMismatch> {
        if bases.len() != powers {
            return Err(LengthMismatch { bases: bases.len(), powers });
        }
        let weights = fold_weights(transcript, bases.len());
        let bases: Vec<[u8; 32]> = bases.collect();
        // Valid points, as the caller has them from a list.
        let folded = vartime_msm_strided(&weights, &bases, 0, 1).unwrap_or_default();
        let mut k = random_scalar(rng);
        let t = RISTRETTO_BASEPOINT_TABLE * &k;
        let u = k * folded;
        transcript.put_point(label::EQUALITY_T, &t);
        transcript.put_point(label::EQUALITY_U, &u);
        let c = transcript.challenge(label::EQUALITY_C);
        let z = k + c * x;
        k.zeroize();
        Ok(EqualityProof { t, u, z })
    }

    /// Adds to `sum` the equations `z·B = T + c·Y` and `z·R* = U + c·D*`, over encoded bases and powers; what is no point
    /// makes the sum fail.
    ///
    /// # Errors
    /// [`LengthMismatch`] if there is not exactly one power per base.
    pub fn describe(
        &self,
        transcript: Transcript,
        key: &RistrettoPoint,
        bases: impl ExactSizeIterator<Item = [u8; 32]>,
        powers: &[[u8; 32]],
        sum: &mut Sum,
    ) -> Result<(), LengthMismatch> {
        describe_all(vec![Statement { proof: self, transcript, key: *key, powers }], bases, sum)
    }
}

/// What one of several proofs over the same bases states.
pub struct Statement<'a> {
    /// The proof.
    pub proof: &'a EqualityProof,
    /// Into which the caller has put `Y` and digests of all `R_i` and `D_i`.
    pub transcript: Transcript,
    /// `Y = x·B`.
    pub key: RistrettoPoint,
    /// All `D_i = x·R_i`, encoded.
    pub powers: &'a [[u8; 32]],
}

/// Adds the equations of [`EqualityProof::describe`] for every statement to `sum`, in which each base is one term.
///
/// # Errors
/// [`LengthMismatch`] if one has not exactly one power per base.
pub fn describe_all(
    statements: Vec<Statement<'_>>,
    bases: impl ExactSizeIterator<Item = [u8; 32]>,
    sum: &mut Sum,
) -> Result<(), LengthMismatch> {
    let mut of_bases = vec![Scalar::ZERO; bases.len()];
    for Statement { proof, mut transcript, key, powers } in statements {
        if powers.len() != of_bases.len() {
            return Err(LengthMismatch { bases: of_bases.len(), powers: powers.len() });
        }
        let weights = fold_weights(&mut transcript, powers.len());
        transcript.put_point(label::EQUALITY_T, &proof.t);
        transcript.put_point(label::EQUALITY_U, &proof.u);
        let c = transcript.challenge(label::EQUALITY_C);
        sum.equation().basepoint(proof.z).point(-Scalar::ONE, proof.t).point(-c, key);
        let mut equation = sum.equation();
        equation.point(-Scalar::ONE, proof.u);
        equation.encoded_all(weights.par_iter().map(|weight| -c * weight), powers.iter().copied());
        let z = equation.weighted(proof.z);
        of_bases.par_iter_mut().zip(&weights).for_each(|(scalar, weight)| *scalar += z * weight);
    }
    sum.weighted_all(of_bases, bases);
    Ok(())
}

impl Encode for EqualityProof {
    fn encode(&self, out: &mut Vec<u8>) {
        put_point(out, &self.t);
        put_point(out, &self.u);
        put_scalar(out, &self.z);
    }
}

impl Decode for EqualityProof {
    const NAME: &'static str = "equality proof";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(EqualityProof {
            t: reader.point("equality T")?,
            u: reader.point("equality U")?,
            z: reader.scalar("equality z")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::Generators;
    use crate::ids::{Digest, ElectionId};
    use crate::transcript::proof;
    use rand::rngs::OsRng;

    fn transcript(
        election: u8,
        key: &RistrettoPoint,
        bases: &[RistrettoPoint],
        powers: &[RistrettoPoint],
    ) -> Transcript {
        let digest = |points: &[RistrettoPoint]| {
            let mut bytes = Vec::new();
            points.iter().for_each(|p| put_point(&mut bytes, p));
            Digest::of(&bytes)
        };
        let mut t = Transcript::open(proof::DECRYPTION, &ElectionId([election; 32]));
        t.put_point(label::SHARE_KEY, key);
        t.put_digest(label::INPUT, &digest(bases));
        t.put_digest(label::FACTORS, &digest(powers));
        t
    }

    fn encoded(points: &[RistrettoPoint]) -> impl ExactSizeIterator<Item = [u8; 32]> + '_ {
        points.iter().map(|p| p.compress().0)
    }

    fn holds(
        p: &EqualityProof,
        election: u8,
        key: &RistrettoPoint,
        b: &[RistrettoPoint],
        d: &[RistrettoPoint],
    ) -> bool {
        let mut sum = Sum::default();
        let powers: Vec<_> = encoded(d).collect();
        p.describe(transcript(election, key, b, d), key, encoded(b), &powers, &mut sum).is_ok()
            && sum.holds(&Generators::new(0))
    }

    #[test]
    fn single_and_batched_proofs_hold_and_any_change_is_found() {
        for n in [1, 7] {
            let x = random_scalar(&mut OsRng);
            let key = RISTRETTO_BASEPOINT_TABLE * &x;
            let bases = Generators::new(n).g().to_vec();
            let powers: Vec<_> = bases.iter().map(|b| b * x).collect();
            let good =
                EqualityProof::prove(&mut transcript(1, &key, &bases, &powers), encoded(&bases), n, &x, &mut OsRng)
                    .unwrap();
            assert!(holds(&good, 1, &key, &bases, &powers));
            assert!(!holds(&good, 2, &key, &bases, &powers), "other election");
            assert!(!holds(&good, 1, &(key + key), &bases, &powers), "other key");
            assert!(!holds(&good, 1, &key, &bases[1..], &powers), "fewer bases");
            assert!(!holds(&good, 1, &key, &bases, &powers[1..]), "fewer powers");
            for i in 0..n {
                let mut bad = powers.clone();
                bad[i] += key;
                assert!(!holds(&good, 1, &key, &bases, &bad));
                // The liar's best try: prove the false statement with the true secret.
                let forged =
                    EqualityProof::prove(&mut transcript(1, &key, &bases, &bad), encoded(&bases), n, &x, &mut OsRng)
                        .unwrap();
                assert!(!holds(&forged, 1, &key, &bases, &bad));
            }
            let bytes = good.to_bytes();
            for at in 0..bytes.len() {
                let mut bad = bytes.clone();
                bad[at] ^= 1;
                assert!(EqualityProof::from_bytes(&bad).map_or(true, |p| !holds(&p, 1, &key, &bases, &powers)));
            }
        }
    }

    #[test]
    fn errors_that_cancel_in_a_plain_sum_are_found() {
        let x = random_scalar(&mut OsRng);
        let key = RISTRETTO_BASEPOINT_TABLE * &x;
        let bases = Generators::new(2).g().to_vec();
        let powers = vec![bases[0] * x + key, bases[1] * x - key];
        let forged =
            EqualityProof::prove(&mut transcript(1, &key, &bases, &powers), encoded(&bases), 2, &x, &mut OsRng)
                .unwrap();
        assert!(!holds(&forged, 1, &key, &bases, &powers));
    }
}
