//! Aggregated Bulletproof range proofs (`BALLOT-7`), verified as terms of a [`Sum`].
//!
//! The `bulletproofs` crate makes the proofs. Its verifier checks one proof at a time and computes the sum itself; this
//! one reads the same bytes and replays the same transcript, but only *describes* the two equations, so that those of
//! many ballots share one sum and the crate's generators appear in it once. Source: Bünz, Bootle, Boneh, Poelstra,
//! Wuille, Maxwell, *Bulletproofs* (IEEE S&P 2018), sections 3.1, 4.2 and 6.2; the crate's notes on the inner-product
//! proof's verification equation. A test compares every verdict with the crate's.

use crate::codec::{DecodeError, Reader};
use crate::group::not_identity;
use crate::sum::{Equation, Sum};
use bulletproofs::BulletproofGens;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::VartimePrecomputedMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sha3::Shake256;
use std::sync::OnceLock;

/// Most bits of one value.
pub(crate) const MAX_BITS: usize = 16;

/// Most values of one proof.
pub(crate) const MAX_PARTIES: usize = 16;

/// The crate's generators for every proof of this protocol: what its prover takes.
pub(crate) fn bulletproof_gens() -> &'static BulletproofGens {
    static GENS: OnceLock<BulletproofGens> = OnceLock::new();
    GENS.get_or_init(|| BulletproofGens::new(MAX_BITS, MAX_PARTIES))
}

/// A range proof's parts, named as in the paper. Bytes: `A S T_1 T_2 t_x τ_x μ (L R)… a b`.
#[derive(Clone, Debug)]
struct Parts {
    a: RistrettoPoint,
    s: RistrettoPoint,
    t_1: RistrettoPoint,
    t_2: RistrettoPoint,
    t_x: Scalar,
    tau_x: Scalar,
    mu: Scalar,
    folds: Vec<(RistrettoPoint, RistrettoPoint)>,
    inner_a: Scalar,
    inner_b: Scalar,
}

/// Bytes of a proof over `size` bits in all, a power of two.
pub(crate) fn encoded_len(size: usize) -> usize {
    32 * (9 + 2 * size.ilog2() as usize)
}

fn decode(bytes: &[u8], size: usize) -> Result<Parts, DecodeError> {
    const NAME: &str = "range proof";
    let mut reader = Reader::new(bytes);
    // As in the crate, no point of a proof may be the identity: an honest one is with negligible probability only.
    let point = |reader: &mut Reader<'_>| not_identity(reader.point(NAME)?, NAME);
    let parts = Parts {
        a: point(&mut reader)?,
        s: point(&mut reader)?,
        t_1: point(&mut reader)?,
        t_2: point(&mut reader)?,
        t_x: reader.scalar(NAME)?,
        tau_x: reader.scalar(NAME)?,
        mu: reader.scalar(NAME)?,
        folds: (0..size.ilog2())
            .map(|_| Ok((point(&mut reader)?, point(&mut reader)?)))
            .collect::<Result<_, DecodeError>>()?,
        inner_a: reader.scalar(NAME)?,
        inner_b: reader.scalar(NAME)?,
    };
    reader.finish(NAME)?;
    Ok(parts)
}

fn challenge(transcript: &mut Transcript, label: &'static [u8]) -> Scalar {
    let mut wide = [0; 64];
    transcript.challenge_bytes(label, &mut wide);
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// 1, x, x², …
fn powers(x: Scalar) -> impl Iterator<Item = Scalar> + Clone {
    std::iter::successors(Some(Scalar::ONE), move |p| Some(p * x))
}

/// Adds the equations of the proof `bytes` that the `commitments` under bases `(B, blinding)` hold numbers of `bits`
/// bits each. Their number must be a power of two. `add_commitments` receives the equation and the scalars `z²·z^j`,
/// and adds the commitments as the terms that it knows them by.
///
/// # Errors
/// [`DecodeError`] if the bytes are not a proof of this shape.
pub(crate) fn describe(
    transcript: &mut Transcript,
    bytes: &[u8],
    bits: usize,
    commitments: &[CompressedRistretto],
    blinding: &RistrettoPoint,
    sum: &mut Sum,
    add_commitments: impl FnOnce(&mut Equation<'_>, &[Scalar]),
) -> Result<(), DecodeError> {
    let (n, m) = (bits, commitments.len());
    let size = n * m;
    let proof = decode(bytes, size)?;
    // The proof's points in their canonical bytes, which decoding has checked.
    let at = |i: usize| bytes.get(32 * i..32 * (i + 1)).unwrap_or_default();

    transcript.append_message(b"dom-sep", b"rangeproof v1");
    transcript.append_u64(b"n", n as u64);
    transcript.append_u64(b"m", m as u64);
    for commitment in commitments {
        transcript.append_message(b"V", commitment.as_bytes());
    }
    transcript.append_message(b"A", at(0));
    transcript.append_message(b"S", at(1));
    let y = challenge(transcript, b"y");
    let z = challenge(transcript, b"z");
    transcript.append_message(b"T_1", at(2));
    transcript.append_message(b"T_2", at(3));
    let x = challenge(transcript, b"x");
    transcript.append_message(b"t_x", at(4));
    transcript.append_message(b"t_x_blinding", at(5));
    transcript.append_message(b"e_blinding", at(6));
    let w = challenge(transcript, b"w");
    transcript.append_message(b"dom-sep", b"ipp v1");
    transcript.append_u64(b"n", size as u64);
    let u: Vec<Scalar> = (0..proof.folds.len())
        .map(|k| {
            transcript.append_message(b"L", at(7 + 2 * k));
            transcript.append_message(b"R", at(8 + 2 * k));
            challenge(transcript, b"u")
        })
        .collect();

    // One inversion for y and all u: a challenge is zero with negligible probability only, and then nothing holds.
    let mut inverses: Vec<Scalar> = u.iter().copied().chain([y]).collect();
    if inverses.contains(&Scalar::ZERO) {
        return Err(DecodeError::BadScalar { what: "a challenge of the range proof" });
    }
    Scalar::batch_invert(&mut inverses);
    let y_inverse = inverses.pop().unwrap_or_default();

    // s_i = ∏ u_k^{±1}, the sign by the bits of i; the first fold goes with the highest bit.
    let mut s = vec![inverses.iter().product::<Scalar>()];
    for u_k in u.iter().rev() {
        let square = u_k * u_k;
        let doubled: Vec<Scalar> = s.iter().map(|s_i| s_i * square).collect();
        s.extend(doubled);
    }

    let (zz, two) = (z * z, Scalar::from(2u64));
    let bit_weights: Vec<Scalar> =
        powers(z).take(m).flat_map(|z_j| powers(two).take(n).map(move |p| z_j * p)).collect();
    let g = s.iter().map(|s_i| -z - proof.inner_a * s_i);
    let h = s
        .iter()
        .rev()
        .zip(powers(y_inverse))
        .zip(&bit_weights)
        .map(|((s_inverse, y_i), weight)| z + y_i * (zz * weight - proof.inner_b * s_inverse));

    // P: A + x·S + Σ u_k²·L_k + u_k^-2·R_k − μ·blinding + w·(t_x − a·b)·B + ⟨g, G⟩ + ⟨h, H⟩ = 0
    let mut equation = sum.equation();
    equation.point(Scalar::ONE, proof.a).point(x, proof.s);
    for ((left, right), (u_k, inverse)) in proof.folds.iter().zip(u.iter().zip(&inverses)) {
        equation.point(u_k * u_k, *left).point(inverse * inverse, *right);
    }
    equation
        .shared_point(-proof.mu, *blinding)
        .basepoint(w * (proof.t_x - proof.inner_a * proof.inner_b))
        .bulletproof_gens(n, g, h);

    // t: x·T_1 + x²·T_2 − τ_x·blinding + (δ(y, z) − t_x)·B + Σ z²·z^j·V_j = 0
    let sum_y: Scalar = powers(y).take(size).sum();
    let sum_2: Scalar = powers(two).take(n).sum();
    let sum_z: Scalar = powers(z).take(m).sum();
    let delta = (z - zz) * sum_y - z * zz * sum_2 * sum_z;
    let scalars: Vec<Scalar> = powers(z).take(m).map(|z_j| zz * z_j).collect();
    let mut equation = sum.equation();
    equation
        .point(x, proof.t_1)
        .point(x * x, proof.t_2)
        .shared_point(-proof.tau_x, *blinding)
        .basepoint(delta - proof.t_x);
    add_commitments(&mut equation, &scalars);
    Ok(())
}

/// The crate's generators with tables of their multiples, for a sum of a few proofs: `B`, then `G`, then `H`.
pub(crate) struct Tables {
    bits: usize,
    /// Points of `G`, and as many of `H`.
    each: usize,
    tables: curve25519_dalek::ristretto::VartimeRistrettoPrecomputation,
}

impl Tables {
    /// The tables for proofs of up to `bits` bits and `parties` values; one set per shape is kept.
    pub(crate) fn of(bits: usize, parties: usize) -> &'static Tables {
        static SETS: [OnceLock<Tables>; 8] = [const { OnceLock::new() }; 8];
        let narrow = bits <= 8;
        let doublings = parties.next_power_of_two().ilog2().clamp(1, 4) as usize;
        let set = &SETS[(doublings - 1) + if narrow { 4 } else { 0 }];
        set.get_or_init(|| {
            let (bits, parties) = (if narrow { 8 } else { MAX_BITS }, 1 << doublings);
            let (g, h) = flat_gens();
            let used = |gens: &'static [RistrettoPoint]| {
                gens.chunks(MAX_BITS).take(parties).flat_map(move |value| value.iter().take(bits).copied())
            };
            let (g, h) = (used(g), used(h));
            let basepoint = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
            let points: Vec<RistrettoPoint> = std::iter::once(basepoint).chain(g).chain(h).collect();
            Tables { bits, each: bits * parties, tables: VartimePrecomputedMultiscalarMul::new(&points) }
        })
    }

    /// `basepoint·B + ⟨g, G⟩ + ⟨h, H⟩ + Σ scalars·points`; `g` and `h` have [`MAX_BITS`] slots per value.
    pub(crate) fn sum(
        &self,
        basepoint: Scalar,
        (g, h): (&[Scalar], &[Scalar]),
        scalars: &[Scalar],
        points: &[RistrettoPoint],
    ) -> RistrettoPoint {
        let of = |slots: &[Scalar]| -> Vec<Scalar> {
            slots.chunks(MAX_BITS).flat_map(|value| value.iter().take(self.bits).copied()).collect()
        };
        let pad = |mut v: Vec<Scalar>| {
            v.resize(self.each, Scalar::ZERO);
            v
        };
        let fixed: Vec<Scalar> = std::iter::once(basepoint).chain(pad(of(g))).chain(pad(of(h))).collect();
        self.tables.vartime_mixed_multiscalar_mul(&fixed, scalars, points)
    }
}

/// All generators `G` and `H` flat, [`MAX_BITS`] per value (`GRP-4`): of value `j` those that SHAKE256 of
/// `"GeneratorsChain" || "G" or "H" || u32 j, little-endian` yields, 64 bytes a point, by RFC 9496's one-way map. The crate
/// derives the same but shows its `H` to nobody.
pub(crate) fn flat_gens() -> &'static (Vec<RistrettoPoint>, Vec<RistrettoPoint>) {
    static FLAT: OnceLock<(Vec<RistrettoPoint>, Vec<RistrettoPoint>)> = OnceLock::new();
    FLAT.get_or_init(|| {
        let chain = |letter: u8| {
            (0..MAX_PARTIES as u32)
                .flat_map(|j| {
                    let mut shake = Shake256::default();
                    shake.update(b"GeneratorsChain");
                    shake.update(&[letter]);
                    shake.update(&j.to_le_bytes());
                    let mut stream = shake.finalize_xof();
                    (0..MAX_BITS)
                        .map(|_| {
                            let mut wide = [0; 64];
                            stream.read(&mut wide);
                            RistrettoPoint::from_uniform_bytes(&wide)
                        })
                        .collect::<Vec<_>>()
                })
                .collect()
        };
        (chain(b'G'), chain(b'H'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::group::{random_scalar, Generators};
    use bulletproofs::{PedersenGens, RangeProof};
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    use rand::rngs::OsRng;
    use rand::Rng;

    fn transcript() -> Transcript {
        Transcript::new(b"range test")
    }

    fn ours(bytes: &[u8], bits: usize, commitments: &[CompressedRistretto], blinding: &RistrettoPoint) -> bool {
        let mut sum = Sum::default();
        let add = |equation: &mut Equation<'_>, scalars: &[Scalar]| {
            for (scalar, commitment) in scalars.iter().zip(commitments) {
                equation.point(*scalar, commitment.decompress().unwrap());
            }
        };
        describe(&mut transcript(), bytes, bits, commitments, blinding, &mut sum, add).is_ok()
            && sum.holds(&Generators::new(0))
    }

    fn theirs(bytes: &[u8], bits: usize, commitments: &[CompressedRistretto], gens: &PedersenGens) -> bool {
        RangeProof::from_bytes(bytes).is_ok_and(|proof| {
            proof.verify_multiple(bulletproof_gens(), gens, &mut transcript(), commitments, bits).is_ok()
        })
    }

    #[test]
    fn the_generators_are_the_crates() {
        let (g, h) = flat_gens();
        let theirs: Vec<_> = (0..MAX_PARTIES)
            .flat_map(|j| bulletproof_gens().share(j).G(MAX_BITS).copied().collect::<Vec<_>>())
            .collect();
        assert_eq!(*g, theirs);
        // Their H is private; that ours is the same shows in the verdicts below.
        assert_eq!(h.len(), g.len());
    }

    #[test]
    fn every_verdict_is_that_of_the_bulletproofs_crate() {
        let blinding = RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng);
        let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: blinding };
        for (bits, parties) in [(8, 1), (8, 2), (16, 2), (8, 4), (16, 4), (16, 8), (16, 16)] {
            let values: Vec<u64> = (0..parties).map(|_| OsRng.gen_range(0..1 << bits)).collect();
            let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
            let (proof, commitments) =
                RangeProof::prove_multiple(bulletproof_gens(), &gens, &mut transcript(), &values, &blindings, bits)
                    .unwrap();
            let bytes = proof.to_bytes();
            assert_eq!(bytes.len(), encoded_len(bits * parties));
            let both = |bytes: &[u8], bits, commitments: &[CompressedRistretto]| {
                let verdict = ours(bytes, bits, commitments, &blinding);
                assert_eq!(verdict, theirs(bytes, bits, commitments, &gens));
                verdict
            };
            assert!(both(&bytes, bits, &commitments));
            let step = if parties > 4 { 7 } else { 1 };
            for at in (0..bytes.len()).step_by(step) {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << (at % 8);
                assert!(!both(&bad, bits, &commitments), "byte {at}");
            }
            for at in (0..bytes.len()).step_by(32) {
                let mut bad = bytes.clone();
                bad[at..at + 32].fill(0);
                assert!(!both(&bad, bits, &commitments), "zeroed element at {at}");
            }
            let mut other = commitments.clone();
            other[0] = (other[0].decompress().unwrap() + RISTRETTO_BASEPOINT_POINT).compress();
            assert!(!both(&bytes, bits, &other));
            if bits == 16 {
                assert!(!both(&bytes, 8, &commitments), "fewer bits");
            }
            assert!(!both(&bytes[..bytes.len() - 32], bits, &commitments));
            assert!(!ours(&[&bytes[..], &[0; 32]].concat(), bits, &commitments, &blinding));
        }
    }

    #[test]
    fn proofs_of_different_shapes_share_a_sum_and_one_false_one_spoils_it() {
        let blinding = RISTRETTO_BASEPOINT_POINT * random_scalar(&mut OsRng);
        let gens = PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: blinding };
        let proofs: Vec<_> = (0..40)
            .map(|i| {
                let (bits, parties) = [(8, 2), (16, 2), (16, 4)][i % 3];
                let values = vec![i as u64; parties];
                let blindings: Vec<Scalar> = (0..parties).map(|_| random_scalar(&mut OsRng)).collect();
                let (proof, commitments) =
                    RangeProof::prove_multiple(bulletproof_gens(), &gens, &mut transcript(), &values, &blindings, bits)
                        .unwrap();
                (proof.to_bytes(), bits, commitments)
            })
            .collect();
        let verdict = |shift: Option<usize>| {
            let mut sum = Sum::default();
            for (i, (bytes, bits, commitments)) in proofs.iter().enumerate() {
                let add = |equation: &mut Equation<'_>, scalars: &[Scalar]| {
                    for (scalar, commitment) in scalars.iter().zip(commitments) {
                        let wrong = Scalar::from(u64::from(shift == Some(i)));
                        equation.point(*scalar + wrong, commitment.decompress().unwrap());
                    }
                };
                describe(&mut transcript(), bytes, *bits, commitments, &blinding, &mut sum, add).unwrap();
            }
            sum.holds(&Generators::new(0))
        };
        assert!(verdict(None));
        assert!((0..proofs.len()).step_by(7).all(|i| !verdict(Some(i))));
    }
}
