//! The verifier: a proof's two equations as terms of a [`Sum`](crate::sum::Sum).
//!
//! They take some 150 multiplications of scalars and the inverses of the challenges. So a verifier first
//! [replays](crate::replay) the transcripts of many proofs, inverts all their challenges together, and then
//! [`describe`]s as many proofs at once as the CPU has lanes for.

use crate::codec::{DecodeError, Reader};
use crate::replay::Draw;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::Scalar;
use selge_lanes::{NumberLanes, MAX_NUMBER_LANES};

/// A range proof's parts, named as in the paper. Bytes: `A S T_1 T_2 t_x τ_x μ (L R)… a b`.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    bits: usize,
    values: usize,
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

/// Reads a proof that `values` commitments, a power of two, hold numbers of `bits` bits each.
///
/// # Errors
/// [`DecodeError`] if the bytes are not a proof of this shape.
pub(crate) fn read(bytes: &[u8], bits: usize, values: usize) -> Result<Parts, DecodeError> {
    const NAME: &str = "range proof";
    let mut reader = Reader::new(bytes);
    // As in the crate, no point of a proof may be the identity: an honest one is with negligible probability only.
    let point = |reader: &mut Reader<'_>| match reader.encoded(NAME)? {
        identity if identity == CompressedRistretto::identity() => Err(DecodeError::Identity { what: NAME }),
        point => Ok(point),
    };
    let parts = Parts {
        bits,
        values,
        a: point(&mut reader)?,
        s: point(&mut reader)?,
        t_1: point(&mut reader)?,
        t_2: point(&mut reader)?,
        t_x: reader.scalar(NAME)?,
        tau_x: reader.scalar(NAME)?,
        mu: reader.scalar(NAME)?,
        folds: (0..(bits * values).ilog2())
            .map(|_| Ok((point(&mut reader)?, point(&mut reader)?)))
            .collect::<Result<_, DecodeError>>()?,
        inner_a: reader.scalar(NAME)?,
        inner_b: reader.scalar(NAME)?,
    };
    reader.finish(NAME)?;
    Ok(parts)
}

impl Parts {
    /// Bits of each value, and values: proofs that agree in these are replayed and described side by side.
    pub(crate) fn shape(&self) -> (usize, usize) {
        (self.bits, self.values)
    }
}

/// Absorbs the proof `bytes`, which [`read`] has read, about these commitments; draws `y`, `z`, `x`, `w`, and `u` of each fold.
pub(crate) fn absorb<T: Draw>(transcript: &mut T, bytes: &[u8], bits: usize, commitments: &[CompressedRistretto]) {
    let (n, m) = (bits, commitments.len());
    let size = n * m;
    let at = |i: usize| bytes.get(32 * i..32 * (i + 1)).unwrap_or_default();
    transcript.append(b"dom-sep", b"rangeproof v1");
    transcript.append(b"n", &(n as u64).to_le_bytes());
    transcript.append(b"m", &(m as u64).to_le_bytes());
    for commitment in commitments {
        transcript.append(b"V", commitment.as_bytes());
    }
    transcript.append(b"A", at(0));
    transcript.append(b"S", at(1));
    transcript.draw(b"y");
    transcript.draw(b"z");
    transcript.append(b"T_1", at(2));
    transcript.append(b"T_2", at(3));
    transcript.draw(b"x");
    transcript.append(b"t_x", at(4));
    transcript.append(b"t_x_blinding", at(5));
    transcript.append(b"e_blinding", at(6));
    transcript.draw(b"w");
    transcript.append(b"dom-sep", b"ipp v1");
    transcript.append(b"n", &(size as u64).to_le_bytes());
    for k in 0..size.ilog2() as usize {
        transcript.append(b"L", at(7 + 2 * k));
        transcript.append(b"R", at(8 + 2 * k));
        transcript.draw(b"u");
    }
}

/// A proof with the challenges of its transcript.
pub(crate) struct Replayed<'a> {
    proof: &'a Parts,
    y: Scalar,
    z: Scalar,
    x: Scalar,
    w: Scalar,
    u: Vec<Scalar>,
}

impl<'a> Replayed<'a> {
    /// The proof with the challenges that [`absorb`] draws; `None` if these are too few, or if one is zero that must be
    /// inverted, as happens with negligible probability.
    pub(crate) fn new(proof: &'a Parts, challenges: &[Scalar]) -> Option<Self> {
        let [y, z, x, w, u @ ..] = challenges else { return None };
        let all_there = u.len() == proof.folds.len() && *y != Scalar::ZERO && !u.contains(&Scalar::ZERO);
        all_there.then(|| Replayed { proof, y: *y, z: *z, x: *x, w: *w, u: u.to_vec() })
    }

    /// The challenges whose inverses describing the proof takes, `y` last; none is zero.
    pub(crate) fn to_invert(&self) -> impl Iterator<Item = Scalar> + '_ {
        self.u.iter().copied().chain([self.y])
    }

    /// How many those are.
    pub(crate) fn inversions(&self) -> usize {
        self.u.len() + 1
    }

    /// As [`Parts::shape`].
    pub(crate) fn shape(&self) -> (usize, usize) {
        self.proof.shape()
    }

    /// The proof's points, in the order of [`Described::points`].
    pub(crate) fn points(&self) -> impl Iterator<Item = &CompressedRistretto> {
        let Parts { a, s, t_1, t_2, folds, .. } = self.proof;
        [a, s, t_1, t_2].into_iter().chain(folds.iter().flat_map(|(left, right)| [left, right]))
    }
}

/// The scalars of the terms of both equations, one proof in each lane.
pub(crate) struct Described<N> {
    /// Of `A`, `S`, `T_1`, `T_2`, and `L` and `R` of each fold.
    pub(crate) points: Vec<N>,
    /// Of the commitments.
    pub(crate) commitments: Vec<N>,
    /// Of the basepoint.
    pub(crate) basepoint: N,
    /// Of the blinding's base.
    pub(crate) blinding: N,
    /// Of the generators `G`, value after value.
    pub(crate) g: Vec<N>,
    /// Of the generators `H`.
    pub(crate) h: Vec<N>,
}

/// Describes proofs of one shape, one in each lane of `s`. `inverses` are those of [`Replayed::to_invert`], `weights` the two
/// equations'. What is no point makes the sum fail.
#[inline(always)]
pub(crate) fn describe<S: NumberLanes>(
    s: S,
    proofs: &[&Replayed<'_>; MAX_NUMBER_LANES],
    inverses: &[S::N],
    weights: [S::N; 2],
) -> Described<S::N> {
    let load = |of: fn(&Replayed<'_>) -> Scalar| s.load(&std::array::from_fn(|l| of(proofs[l])));
    let (n, m) = proofs[0].shape();
    let folds = proofs[0].u.len();
    let one = s.load(&[Scalar::ONE; MAX_NUMBER_LANES]);
    let (y, z, x, w) = (load(|p| p.y), load(|p| p.z), load(|p| p.x), load(|p| p.w));
    let (t_x, tau_x, mu) = (load(|p| p.proof.t_x), load(|p| p.proof.tau_x), load(|p| p.proof.mu));
    let (inner_a, inner_b) = (load(|p| p.proof.inner_a), load(|p| p.proof.inner_b));
    let zz = s.mul(z, z);
    let y_inverse = inverses[folds];

    // P: A + x·S + Σ u_k²·L_k + u_k^-2·R_k − μ·blinding + w·(t_x − a·b)·B + ⟨g, G⟩ + ⟨h, H⟩ = 0
    // t: x·T_1 + x²·T_2 − τ_x·blinding + (δ(y, z) − t_x)·B + Σ z²·z^j·V_j = 0
    let [weight, weight_t] = weights;
    let mut points = Vec::with_capacity(4 + 2 * folds);
    let x_t = s.mul(weight_t, x);
    points.extend([weight, s.mul(weight, x), x_t, s.mul(x_t, x)]);
    let mut products = (s.mul(weight, inner_a), s.mul(weight, inner_b));
    let mut squares = Vec::with_capacity(folds);
    for (k, inverse) in inverses[..folds].iter().enumerate() {
        let u = s.load(&std::array::from_fn(|l| proofs[l].u[k]));
        let (square, inverse_square) = (s.mul(u, u), s.mul(*inverse, *inverse));
        points.extend([s.mul(weight, square), s.mul(weight, inverse_square)]);
        squares.push((square, inverse_square));
        products = (s.mul(products.0, *inverse), s.mul(products.1, u));
    }

    // g_i = −z − a·s_i and h_i = z + y^-i·(z²·z^j·2^i' − b·s_i^-1), all times the equation's weight. s_i = ∏ u_k^{±1}, the
    // sign by the bits of i; the first fold goes with the highest bit. Whatever is a product over the bits of i doubles
    // in length with one multiplication for each new element.
    let size = n * m;
    let (mut a_s, mut b_s) = (Vec::with_capacity(size), Vec::with_capacity(size));
    a_s.push(products.0);
    b_s.push(products.1);
    let mut y_power = y_inverse;
    // y^-n.
    let mut y_value = one;
    for (square, inverse) in squares.iter().rev() {
        if a_s.len() == n {
            y_value = y_power;
        }
        let step = s.mul(*inverse, y_power);
        y_power = s.mul(y_power, y_power);
        for i in 0..a_s.len() {
            a_s.push(s.mul(a_s[i], *square));
            b_s.push(s.mul(b_s[i], step));
        }
    }
    let weighted_z = s.mul(weight, z);
    let minus_z = s.sub(s.sub(weighted_z, weighted_z), weighted_z);
    let step = s.add(y_inverse, y_inverse);
    // From one value's bits to the next value's.
    let next = s.mul(z, y_value);
    let mut first = s.mul(weight, zz);
    for j in 0..m {
        let mut bit_weight = first;
        for i in 0..n {
            let at = j * n + i;
            a_s[at] = s.sub(minus_z, a_s[at]);
            b_s[at] = s.sub(s.add(weighted_z, bit_weight), b_s[at]);
            if i + 1 < n {
                bit_weight = s.mul(bit_weight, step);
            }
        }
        if j + 1 < m {
            first = s.mul(first, next);
        }
    }

    // Σ y^i over `size` powers, which is a power of two: ∏ (1 + y^(2^k)).
    let mut y_power = y;
    let mut sum_y = s.add(one, y);
    for _ in 1..folds {
        y_power = s.mul(y_power, y_power);
        sum_y = s.mul(sum_y, s.add(one, y_power));
    }
    let sum_2 = s.load(&[Scalar::from((1u64 << n) - 1); MAX_NUMBER_LANES]);
    // weight·z²·z^j, and Σ z^j.
    let mut commitments = Vec::with_capacity(m);
    let (mut commitment, mut z_power, mut sum_z) = (s.mul(weight_t, zz), one, one);
    commitments.push(commitment);
    for _ in 1..m {
        commitment = s.mul(commitment, z);
        commitments.push(commitment);
        z_power = s.mul(z_power, z);
        sum_z = s.add(sum_z, z_power);
    }
    let powers = s.mul(s.mul(s.mul(z, zz), sum_2), sum_z);
    let delta = s.sub(s.mul(s.sub(z, zz), sum_y), powers);
    let in_p = s.mul(weight, s.mul(w, s.sub(t_x, s.mul(inner_a, inner_b))));
    let basepoint = s.add(in_p, s.mul(weight_t, s.sub(delta, t_x)));
    let both = s.add(s.mul(weight, mu), s.mul(weight_t, tau_x));
    let blinding = s.sub(s.sub(both, both), both);
    Described { points, commitments, basepoint, blinding, g: a_s, h: b_s }
}
