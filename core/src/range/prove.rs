//! The prover.

use super::gens::{flat_gens, Tables};
use super::{challenge, powers, MAX_BITS};
use crate::elgamal::{PublicKey, SecretScalars};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::MultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use subtle::{Choice, ConditionallySelectable};

/// What a proof is about: numbers of `bits` bits each, and their commitments `v·B + γ·PK`.
#[derive(Clone, Copy)]
pub(crate) struct Opening<'a> {
    /// Bits of every value, 8 or 16.
    pub(crate) bits: usize,
    /// The numbers; how many is a power of two.
    pub(crate) values: &'a [u64],
    /// `γ`.
    pub(crate) blindings: &'a [Scalar],
    /// The commitments as the verifier will know them.
    pub(crate) commitments: &'a [CompressedRistretto],
}

/// Proves that all values are below `2^bits`, under the bases `(B, PK)`; returns the bytes that [`read`] reads.
///
/// Up to the vectors `l` and `r` everything is constant-time. From there on it is not: `l(x)` and `r(x)` are masked by
/// `s_L` and `s_R`, and the protocol of section 4.1, which is zero-knowledge, sends them in the clear; the inner-product
/// argument only makes them shorter.
///
/// A value that is too large yields a proof that does not hold.
///
/// [`read`]: super::read
pub(crate) fn prove<R: RngCore + CryptoRng>(
    transcript: &mut Transcript,
    opening: &Opening<'_>,
    key: &PublicKey,
    rng: &mut R,
) -> Vec<u8> {
    let Opening { bits: n, values, blindings, commitments } = *opening;
    let m = values.len();
    let size = n * m;
    let mut proof = Proof { bytes: Vec::with_capacity(super::encoded_len(size)) };

    transcript.append_message(b"dom-sep", b"rangeproof v1");
    transcript.append_u64(b"n", n as u64);
    transcript.append_u64(b"m", m as u64);
    for commitment in commitments {
        transcript.append_message(b"V", commitment.as_bytes());
    }

    // A = α·PK + Σ over the bits: G_i for a one, −H_i for a zero.
    let bit = |i: usize| Choice::from(((values[i / n] >> (i % n)) & 1) as u8);
    let (all_g, all_h) = flat_gens();
    // Of the 16 slots of a value the first `bits` are used.
    let slot = |i: usize| i / n * MAX_BITS + i % n;
    let (g, h): (Vec<RistrettoPoint>, Vec<RistrettoPoint>) =
        (0..size).map(|i| (all_g[slot(i)], all_h[slot(i)])).unzip();
    // In the crate's order: for each value its share of α and of ρ, its part of s_L, then of s_R.
    let mut masks = SecretScalars(vec![Scalar::ZERO; 2]);
    let mut s_l = SecretScalars(Vec::with_capacity(size));
    let mut s_r = SecretScalars(Vec::with_capacity(size));
    for _ in 0..m {
        masks.0[0] += Scalar::random(rng);
        masks.0[1] += Scalar::random(rng);
        s_l.0.extend((0..n).map(|_| Scalar::random(rng)));
        s_r.0.extend((0..n).map(|_| Scalar::random(rng)));
    }
    let (alpha, rho) = (&masks.0[0], &masks.0[1]);
    let a: RistrettoPoint = g
        .iter()
        .zip(&h)
        .enumerate()
        .map(|(i, (g, h))| RistrettoPoint::conditional_select(&-h, g, bit(i)))
        .sum::<RistrettoPoint>()
        + key.mask(alpha);
    // S = ρ·PK + ⟨s_L, G⟩ + ⟨s_R, H⟩
    let s = key.mask(rho) + RistrettoPoint::multiscalar_mul(s_l.0.iter().chain(&s_r.0), g.iter().chain(&h));
    proof.point(transcript, b"A", &a);
    proof.point(transcript, b"S", &s);
    let y = challenge(transcript, b"y");
    let z = challenge(transcript, b"z");

    // l(X) = a_L − z + s_L·X,  r(X) = y^i·(a_L − 1 + z + s_R·X) + z²·z^j·2^i',  t(X) = ⟨l(X), r(X)⟩
    let zz = z * z;
    let powers_of_y: Vec<Scalar> = powers(y).take(size).collect();
    let weights = powers(z).take(m).flat_map(|z_j| powers(Scalar::from(2u64)).take(n).map(move |p| zz * z_j * p));
    let mut l = SecretScalars(Vec::with_capacity(size));
    let mut r = SecretScalars(Vec::with_capacity(size));
    let mut r_1 = SecretScalars(Vec::with_capacity(size));
    for (i, (y_i, weight)) in powers_of_y.iter().zip(weights).enumerate() {
        let a_l = Scalar::conditional_select(&Scalar::ZERO, &Scalar::ONE, bit(i));
        l.0.push(a_l - z);
        r.0.push(y_i * (a_l - Scalar::ONE + z) + weight);
        r_1.0.push(y_i * s_r.0[i]);
    }
    let (t_0, t_2) = (inner(&l.0, &r.0), inner(&s_l.0, &r_1.0));
    let t_1 = inner(&l.0, &r_1.0) + inner(&s_l.0, &r.0);
    let mut tau = SecretScalars(vec![Scalar::ZERO; 2]);
    for _ in 0..m {
        tau.0[0] += Scalar::random(rng);
        tau.0[1] += Scalar::random(rng);
    }
    let t = SecretScalars(vec![t_0, t_1, t_2]);
    proof.point(transcript, b"T_1", &(RISTRETTO_BASEPOINT_TABLE * &t.0[1] + key.mask(&tau.0[0])));
    proof.point(transcript, b"T_2", &(RISTRETTO_BASEPOINT_TABLE * &t.0[2] + key.mask(&tau.0[1])));
    let x = challenge(transcript, b"x");

    let opened = powers(z).zip(blindings).map(|(z_j, gamma)| zz * z_j * gamma).sum::<Scalar>();
    proof.scalar(transcript, b"t_x", &(t.0[0] + x * (t.0[1] + x * t.0[2])));
    proof.scalar(transcript, b"t_x_blinding", &(opened + x * (tau.0[0] + x * tau.0[1])));
    proof.scalar(transcript, b"e_blinding", &(alpha + x * rho));
    let w = challenge(transcript, b"w");
    for i in 0..size {
        l.0[i] += x * s_l.0[i];
        r.0[i] += x * r_1.0[i];
    }
    inner_product(transcript, &mut proof, Tables::of(n, m), w, y, &mut l.0, &mut r.0);
    proof.bytes
}

/// The inner-product argument (section 3) for `⟨a, b⟩`, with the third base `w·B`. `a` and `b` are used up.
///
/// After some rounds the generators would be folded to `G'_j = Σ c_i·G_i` over all `i ≡ j` modulo their number, where
/// `c_i` is a product of challenges and inverses; likewise `H'_j`, from `y^-i·H_i`. Instead of computing them this keeps
/// the factors and writes each `L` and `R` as a sum over the generators themselves. In variable time.
fn inner_product(
    transcript: &mut Transcript,
    proof: &mut Proof,
    tables: &Tables,
    w: Scalar,
    y: Scalar,
    mut a: &mut [Scalar],
    mut b: &mut [Scalar],
) {
    let size = a.len();
    transcript.append_message(b"dom-sep", b"ipp v1");
    transcript.append_u64(b"n", size as u64);
    let mut g_factors = vec![Scalar::ONE; size];
    let mut h_factors: Vec<Scalar> = powers(y.invert()).take(size).collect();
    let mut half = size / 2;
    while half > 0 {
        let (a_l, a_r) = a.split_at_mut(half);
        let (b_l, b_r) = b.split_at_mut(half);
        // L = ⟨a_L, G'_R⟩ + ⟨b_R, H'_L⟩ + w·⟨a_L, b_R⟩·B and R with left and right exchanged.
        let (mut left, mut right) = (Sides::new(size), Sides::new(size));
        for (i, (g_i, h_i)) in g_factors.iter().zip(&h_factors).enumerate() {
            let j = i % half;
            if i % (2 * half) < half {
                right.g[i] = a_r[j] * g_i;
                left.h[i] = b_r[j] * h_i;
            } else {
                left.g[i] = a_l[j] * g_i;
                right.h[i] = b_l[j] * h_i;
            }
        }
        proof.point(transcript, b"L", &tables.sum_flat(w * inner(a_l, b_r), &left.g, &left.h));
        proof.point(transcript, b"R", &tables.sum_flat(w * inner(a_r, b_l), &right.g, &right.h));
        let u = challenge(transcript, b"u");
        let inverse = u.invert();
        for j in 0..half {
            a_l[j] = a_l[j] * u + inverse * a_r[j];
            b_l[j] = b_l[j] * inverse + u * b_r[j];
        }
        for (i, (g_i, h_i)) in g_factors.iter_mut().zip(&mut h_factors).enumerate() {
            let (of_g, of_h) = if i % (2 * half) < half { (inverse, u) } else { (u, inverse) };
            *g_i *= of_g;
            *h_i *= of_h;
        }
        (a, b) = (a_l, b_l);
        half /= 2;
    }
    proof.bytes.extend_from_slice(a.first().unwrap_or(&Scalar::ZERO).as_bytes());
    proof.bytes.extend_from_slice(b.first().unwrap_or(&Scalar::ZERO).as_bytes());
}

/// Scalars of one `L` or `R` for all generators; half of them stay zero.
struct Sides {
    g: Vec<Scalar>,
    h: Vec<Scalar>,
}

impl Sides {
    fn new(size: usize) -> Self {
        Sides { g: vec![Scalar::ZERO; size], h: vec![Scalar::ZERO; size] }
    }
}

/// The bytes so far; whatever enters them enters the transcript.
struct Proof {
    bytes: Vec<u8>,
}

impl Proof {
    fn point(&mut self, transcript: &mut Transcript, label: &'static [u8], point: &RistrettoPoint) {
        let bytes = point.compress();
        transcript.append_message(label, bytes.as_bytes());
        self.bytes.extend_from_slice(bytes.as_bytes());
    }

    fn scalar(&mut self, transcript: &mut Transcript, label: &'static [u8], scalar: &Scalar) {
        transcript.append_message(label, scalar.as_bytes());
        self.bytes.extend_from_slice(scalar.as_bytes());
    }
}

fn inner(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
