//! The verifier: a proof's two equations as terms of a [`Sum`].

use super::{challenge, powers};
use crate::codec::{DecodeError, Reader};
use crate::sum::Sum;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;

/// A range proof's parts, named as in the paper. Bytes: `A S T_1 T_2 t_x τ_x μ (L R)… a b`.
#[derive(Clone, Debug)]
struct Parts {
    a: CompressedRistretto,
    s: CompressedRistretto,
    t_1: CompressedRistretto,
    t_2: CompressedRistretto,
    t_x: Scalar,
    tau_x: Scalar,
    mu: Scalar,
    folds: Vec<(CompressedRistretto, CompressedRistretto)>,
    inner_a: Scalar,
    inner_b: Scalar,
}

fn decode(bytes: &[u8], size: usize) -> Result<Parts, DecodeError> {
    const NAME: &str = "range proof";
    let mut reader = Reader::new(bytes);
    // As in the crate, no point of a proof may be the identity: an honest one is with negligible probability only.
    let point = |reader: &mut Reader<'_>| match reader.encoded(NAME)? {
        identity if identity == CompressedRistretto::identity() => Err(DecodeError::Identity { what: NAME }),
        point => Ok(point),
    };
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

/// Adds the equations of the proof `bytes` that the `commitments` under bases `(B, blinding)` hold numbers of `bits`
/// bits each. Their number must be a power of two. What is no point makes the sum fail.
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
) -> Result<(), DecodeError> {
    let (n, m) = (bits, commitments.len());
    let size = n * m;
    let proof = decode(bytes, size)?;
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

    let zz = z * z;
    let squares: Vec<(Scalar, Scalar)> =
        u.iter().zip(&inverses).map(|(u, inverse)| (u * u, inverse * inverse)).collect();

    // P: A + x·S + Σ u_k²·L_k + u_k^-2·R_k − μ·blinding + w·(t_x − a·b)·B + ⟨g, G⟩ + ⟨h, H⟩ = 0
    let mut equation = sum.equation();
    equation.encoded(Scalar::ONE, &proof.a).encoded(x, &proof.s);
    for ((left, right), (square, inverse)) in proof.folds.iter().zip(&squares) {
        equation.encoded(*square, left).encoded(*inverse, right);
    }
    equation.shared_point(-proof.mu, *blinding).basepoint(w * (proof.t_x - proof.inner_a * proof.inner_b));
    // g_i = −z − a·s_i and h_i = z + y^-i·(z²·z^j·2^i' − b·s_i^-1), all times the equation's weight. s_i = ∏ u_k^{±1}, the sign
    // by the bits of i; the first fold goes with the highest bit. Whatever is a product over the bits of i doubles in
    // length with one multiplication for each new element.
    let weight = equation.weight();
    let mut a_s = vec![weight * proof.inner_a * inverses.iter().product::<Scalar>()];
    let mut b_s = vec![weight * proof.inner_b * u.iter().product::<Scalar>()];
    let mut y_power = y_inverse;
    for (square, inverse) in squares.iter().rev() {
        let step = inverse * y_power;
        y_power = y_power * y_power;
        for i in 0..a_s.len() {
            a_s.push(a_s[i] * square);
            b_s.push(b_s[i] * step);
        }
    }
    let (weighted_z, step) = (weight * z, Scalar::from(2u64) * y_inverse);
    // From one value's bits to the next value's.
    let next = z * powers(y_inverse).nth(n).unwrap_or_default();
    let bit_weights = std::iter::successors(Some(weight * zz), |first| Some(first * next))
        .take(m)
        .flat_map(|first| std::iter::successors(Some(first), move |v| Some(v * step)).take(n));
    let g = a_s.iter().map(|a_s| -weighted_z - a_s);
    let h = b_s.iter().zip(bit_weights).map(|(b_s, v)| weighted_z + v - b_s);
    equation.weighted_bulletproof_gens(n, g, h);

    // t: x·T_1 + x²·T_2 − τ_x·blinding + (δ(y, z) − t_x)·B + Σ z²·z^j·V_j = 0
    // Σ y^i over `size` powers, which is a power of two: ∏ (1 + y^(2^k)).
    let sum_y: Scalar =
        std::iter::successors(Some(y), |p| Some(p * p)).take(u.len()).map(|p| Scalar::ONE + p).product();
    let sum_2 = Scalar::from((1u64 << n) - 1);
    let sum_z: Scalar = powers(z).take(m).sum();
    let delta = (z - zz) * sum_y - z * zz * sum_2 * sum_z;
    let mut equation = sum.equation();
    equation
        .encoded(x, &proof.t_1)
        .encoded(x * x, &proof.t_2)
        .shared_point(-proof.tau_x, *blinding)
        .basepoint(delta - proof.t_x);
    for (commitment, z_j) in commitments.iter().zip(powers(z)) {
        // The identities that fill up to a power of two add nothing.
        if *commitment != CompressedRistretto::identity() {
            equation.encoded(zz * z_j, commitment);
        }
    }
    Ok(())
}
