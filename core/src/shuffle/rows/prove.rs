//! The prover with several rows. What of it may run in variable time is argued in the threat model, "Mix servers".

use super::{
    challenge_c, challenge_ut, challenge_v, challenge_x, challenge_yz, start, Answers, Blindings, Cross, Fold, Last,
    RowsProof, Shape,
};
use crate::elgamal::{Ciphertext, CiphertextList, PublicKey, SecretScalars};
use crate::group::Generators;
use crate::shuffle::prove::Permutation;
use crate::shuffle::scalars::{add_column, commit, powers, prover_sum, random_scalars, GATHERED, TASK};
use crate::shuffle::{ShuffleContext, ShuffleError, MIN_LIST};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;
use std::sync::Arc;
use zeroize::Zeroize;

/// Values of a row that one task works on: a row is short.
const FEW: usize = 256;

/// Proves a shuffle whose witness is known, in `rows` rows.
#[allow(clippy::too_many_arguments)] // the statement, the witness, the shape
pub(in crate::shuffle) fn prove<R: RngCore + CryptoRng>(
    ctx: &ShuffleContext<'_>,
    generators: &Generators,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    rows: usize,
    permutation: &Permutation,
    rho: &SecretScalars,
    rng: &mut R,
) -> Result<RowsProof, ShuffleError> {
    let count = input.len();
    if count < MIN_LIST {
        return Err(ShuffleError::TooFew { found: count, min: MIN_LIST });
    }
    let shape = Shape::new(count, input.width(), rows).ok_or(ShuffleError::Rows { found: count, rows })?;
    if generators.len() < shape.generators() {
        return Err(ShuffleError::Generators { found: generators.len(), needed: shape.generators() });
    }
    let (m, n, w) = (shape.rows, shape.columns, shape.width);
    let mut transcript = start(ctx, input, output, &shape);

    // SHUF-12: A_j commit to π(i), P_j to p_i = x^π(i). What continues the list stays where it is.
    let place = |i: usize| permutation.0.get(i).map_or(i, |place| *place as usize);
    let pi = (0..shape.positions()).into_par_iter().map(|i| Scalar::from(place(i) as u64 + 1)).collect();
    let pi = Matrix::new(pi, random_scalars(m, rng));
    let permutation_rows = pi.commit(generators);
    let x = challenge_x(&mut transcript, &permutation_rows);
    let exponents = {
        let x_powers = powers(x, shape.positions());
        let values = (0..shape.positions()).into_par_iter().map(|i| x_powers[place(i)]).collect();
        Matrix::new(values, random_scalars(m, rng))
    };
    let power_rows = exponents.commit(generators);
    let (y, z) = challenge_yz(&mut transcript, &power_rows);
    // What Σ p_i·C'_{i,k} is beyond Σ x^i·C_{i,k}: an encryption of zero with randomness −τ_k.
    let rerandomizer = |k: usize| -> Scalar {
        let terms = exponents.values.0.par_iter().zip(rho.0.par_chunks_exact(w));
        -terms.map(|(p, rho)| p * rho[k]).sum::<Scalar>()
    };
    let rerandomizers: Vec<Scalar> = (0..w).map(rerandomizer).collect();

    // SHUF-13: F_j commit to f_i = y·π(i) + p_i − z, B_j to the running products b_j of the rows.
    let mut factors = pi;
    factors.values.0.par_iter_mut().zip(&exponents.values.0).for_each(|(f, p)| *f = y * *f + p - z);
    factors.blindings.0.iter_mut().zip(&exponents.blindings.0).for_each(|(f, p)| *f = y * *f + p);
    let products = running_products(&factors, rng);
    let product_rows = products.commit(generators).split_off(1);
    let (u, t) = challenge_ut(&mut transcript, &product_rows);
    let row = SecretScalars(products.values.0[(m - 1) * n..].to_vec());
    let mut row_blinding = products.blindings.0[m - 1];
    let zero = ZeroArgument { alpha: left_rows(factors), beta: right_rows(products, u), t_powers: powers(t, n) };

    // SHUF-14: the folds.
    let mut folding = Folding {
        key: ctx.joint_key,
        generators,
        zero,
        exponents,
        columns: Columns::new(output),
        claim: Claim::new(&rerandomizers),
    };
    drop(SecretScalars(rerandomizers));
    let folds = (0..shape.folds()).map(|_| folding.fold(&mut transcript, rng)).collect();

    // SHUF-15 and SHUF-5 for the row that is the product of all.
    let product = RowProduct::new(&row, rng);
    let single = folding.mask(rng);
    let last = single.commit(&folding, &product);
    let c = challenge_c(&mut transcript, &last);

    // SHUF-15: the answers.
    let answers = folding.answer(&single, &product, &row_blinding, &c);
    row_blinding.zeroize();
    Ok(RowsProof {
        shape,
        permutation: permutation_rows,
        powers: power_rows,
        products: product_rows,
        folds,
        last,
        answers,
    })
}

/// Rows of secrets, and what blinds their commitments.
struct Matrix {
    values: SecretScalars,
    blindings: SecretScalars,
}

impl Matrix {
    fn new(values: Vec<Scalar>, blindings: SecretScalars) -> Self {
        Matrix { values: SecretScalars(values), blindings }
    }

    fn rows(&self) -> usize {
        self.blindings.0.len()
    }

    fn columns(&self) -> usize {
        self.values.0.len() / self.rows().max(1)
    }

    /// One commitment a row.
    fn commit(&self, generators: &Generators) -> Vec<RistrettoPoint> {
        let rows = self.values.0.par_chunks_exact(self.columns()).zip(&self.blindings.0);
        rows.map(|(row, blinding)| commit(generators, row, blinding)).collect()
    }

    /// The two halves of the values.
    fn halves(&self) -> (&[Scalar], &[Scalar]) {
        self.values.0.split_at(self.values.0.len() / 2)
    }

    /// `X_j + v·X_{j+h}`.
    fn fold_left(&mut self, v: &Scalar) {
        self.fold(|first, second| first + v * second);
    }

    /// `v·X_j + X_{j+h}`.
    fn fold_right(&mut self, v: &Scalar) {
        self.fold(|first, second| v * first + second);
    }

    fn fold(&mut self, fold: impl Fn(&Scalar, &Scalar) -> Scalar + Sync) {
        for part in [&mut self.values.0, &mut self.blindings.0] {
            let half = part.len() / 2;
            let (first, second) = part.split_at_mut(half);
            first.par_iter_mut().zip(second.par_iter_mut()).with_min_len(TASK).for_each(|(first, second)| {
                *first = fold(first, second);
                second.zeroize();
            });
            part.truncate(half);
        }
    }
}

/// `b_1 = f_1`, `b_j = b_{j−1} ∘ f_j`. The first row's commitment is that of `f_1`.
fn running_products<R: RngCore + CryptoRng>(factors: &Matrix, rng: &mut R) -> Matrix {
    let n = factors.columns();
    let mut products = Matrix::new(factors.values.0.clone(), random_scalars(factors.rows(), rng));
    products.blindings.0[0] = factors.blindings.0[0];
    for j in 1..factors.rows() {
        let (before, own) = products.values.0.split_at_mut(j * n);
        let before = before[(j - 1) * n..].par_iter();
        own[..n].par_iter_mut().zip(before).with_min_len(FEW).for_each(|(own, before)| *own *= before);
    }
    products
}

/// `α_j = f_{j+1}`, and `α_m = (−1, …, −1)`, whose commitment has no blinding.
fn left_rows(mut factors: Matrix) -> Matrix {
    let n = factors.columns();
    for (part, width, last) in [(&mut factors.values, n, -Scalar::ONE), (&mut factors.blindings, 1, Scalar::ZERO)] {
        part.0.rotate_left(width);
        let from = part.0.len() - width;
        part.0[from..].fill(last);
    }
    factors
}

/// `β_j = u^j·b_j` for `j < m`, and `β_m = Σ_{j<m} u^j·b_{j+1}`.
fn right_rows(mut products: Matrix, u: Scalar) -> Matrix {
    let n = products.columns();
    for (part, width) in [(&mut products.values, n), (&mut products.blindings, 1)] {
        let mut sums = SecretScalars(vec![Scalar::ZERO; width]);
        let rows = part.0.len() / width;
        let u_powers = powers(u, rows);
        sums.0.par_chunks_mut(FEW).enumerate().for_each(|(at, sums)| {
            for (row, u) in part.0.chunks_exact(width).skip(1).zip(&u_powers) {
                sums.iter_mut().zip(&row[at * FEW..]).for_each(|(sum, b)| *sum += u * b);
            }
        });
        part.0.par_chunks_exact_mut(width).take(rows - 1).zip(&u_powers).for_each(|(row, u)| {
            row.iter_mut().for_each(|b| *b *= u);
        });
        part.0[(rows - 1) * width..].copy_from_slice(&sums.0);
    }
    products
}

/// The rows of the zero argument `Σ_j ⟨α_j, β_j⟩ = 0`, in which `⟨a, b⟩ = Σ t^i·a_i·b_i`.
struct ZeroArgument {
    alpha: Matrix,
    beta: Matrix,
    t_powers: Vec<Scalar>,
}

impl ZeroArgument {
    /// `Σ ⟨a_j, b_j⟩` over rows that stand one after another.
    fn product(&self, a: &[Scalar], b: &[Scalar]) -> Scalar {
        let n = self.t_powers.len();
        let rows = a.par_chunks(n).zip(b.par_chunks(n));
        rows.map(|(a, b)| a.iter().zip(b).zip(&self.t_powers).map(|((a, b), t)| t * a * b).sum::<Scalar>()).sum()
    }
}

/// The output's columns, and the coefficients of the rows that each folded row consists of. Points are decoded for every sum:
/// keeping them would take 192 bytes a ciphertext.
struct Columns<'a> {
    output: &'a CiphertextList,
    coefficients: Vec<Scalar>,
}

impl<'a> Columns<'a> {
    fn new(output: &'a CiphertextList) -> Self {
        Columns { output, coefficients: vec![Scalar::ONE] }
    }

    /// `Σ_j ⟨scalars_j, C'_{first+j,k}⟩` over folded rows, of which there are `total` vectors and which begin with vector
    /// `first`: folded vector `i` is the sum of vectors `i + s·total`, each with its coefficient.
    fn sum(&self, scalars: &[Scalar], first: usize, total: usize) -> Vec<Ciphertext> {
        let count = self.output.len();
        let component = |component: usize| {
            let mut sum = prover_sum(count / 16);
            let mut scaled = SecretScalars(vec![Scalar::ZERO; scalars.len().min(GATHERED)]);
            for (s, coefficient) in self.coefficients.iter().enumerate() {
                let from = s * total + first;
                // Beyond the list there are identities.
                let scalars = &scalars[..scalars.len().min(count.saturating_sub(from))];
                for (from, scalars) in (from..).step_by(GATHERED).zip(scalars.chunks(GATHERED)) {
                    let scaled = &mut scaled.0[..scalars.len()];
                    scaled.par_iter_mut().zip(scalars).for_each(|(scaled, scalar)| *scaled = coefficient * scalar);
                    let added = add_column(&mut sum, scaled, self.output, component, from);
                    // A list holds valid points only.
                    debug_assert!(added.is_ok(), "valid points, and no more scalars");
                }
            }
            sum.finish_vartime()
        };
        // Two sums at a time: while one thread sorts or joins for one of them, the others add up for the other.
        let limb = |k: usize| {
            let (r, c) = rayon::join(|| component(2 * k), || component(2 * k + 1));
            Ciphertext { r, c }
        };
        (0..self.output.width()).map(limb).collect()
    }

    /// Right rows: `v·C'_j + C'_{j+h}`.
    fn fold(&mut self, v: &Scalar) {
        self.coefficients = self.coefficients.iter().flat_map(|s| [s * v, *s]).collect();
    }
}

/// What the claim of both arguments is blinded and masked with: the blinding of the zero argument's value and of the
/// masks, the masks `μ_k`, and the encryptions' randomness `τ_k`.
struct Claim(SecretScalars);

impl Claim {
    /// The claim that the folds start from: commitments to zeros without blinding, no masks.
    fn new(rerandomizers: &[Scalar]) -> Self {
        let mut all = vec![Scalar::ZERO; 2 + rerandomizers.len()];
        all.extend_from_slice(rerandomizers);
        Claim(SecretScalars(all))
    }

    fn random<R: RngCore + CryptoRng>(width: usize, rng: &mut R) -> Self {
        Claim(random_scalars(2 + 2 * width, rng))
    }

    fn zero_blinding(&self) -> &Scalar {
        &self.0 .0[0]
    }

    fn mask_blinding(&self) -> &Scalar {
        &self.0 .0[1]
    }

    fn masks(&self) -> &[Scalar] {
        &self.0 .0[2..self.0 .0.len() / 2 + 1]
    }

    fn rerandomizers(&self) -> &[Scalar] {
        &self.0 .0[self.0 .0.len() / 2 + 1..]
    }

    /// `v·X + v²·X_R + X_L`.
    fn fold(&mut self, left: &Claim, right: &Claim, v: &Scalar) {
        for ((own, left), right) in self.0 .0.iter_mut().zip(&left.0 .0).zip(&right.0 .0) {
            *own = v * (*own + v * right) + left;
        }
    }
}

/// The witness of the arguments that are folded.
struct Folding<'a> {
    key: &'a PublicKey,
    generators: &'a Generators,
    zero: ZeroArgument,
    exponents: Matrix,
    columns: Columns<'a>,
    claim: Claim,
}

impl Folding<'_> {
    /// One fold: sends the outer coefficients, draws `v`, halves all rows.
    fn fold<R: RngCore + CryptoRng>(&mut self, transcript: &mut Transcript, rng: &mut R) -> Fold {
        let width = self.claim.masks().len();
        let (left, right) = (Claim::random(width, rng), Claim::random(width, rng));
        let (alpha, beta) = (self.zero.alpha.halves(), self.zero.beta.halves());
        let exponents = self.exponents.halves();
        let (half, total) = (exponents.0.len(), self.exponents.values.0.len());
        let fold = Fold {
            left: self.cross(self.zero.product(alpha.0, beta.1), self.columns.sum(exponents.0, half, total), &left),
            right: self.cross(self.zero.product(alpha.1, beta.0), self.columns.sum(exponents.1, 0, total), &right),
        };
        let v = challenge_v(transcript, &fold);
        self.zero.alpha.fold_left(&v);
        self.zero.beta.fold_right(&v);
        self.exponents.fold_left(&v);
        self.columns.fold(&v);
        self.claim.fold(&left, &right, &v);
        fold
    }

    fn cross(&self, mut zero: Scalar, sums: Vec<Ciphertext>, claim: &Claim) -> Cross {
        let cross = Cross {
            zero: commit(self.generators, &[zero], claim.zero_blinding()),
            mask: commit(self.generators, claim.masks(), claim.mask_blinding()),
            multiexp: self.masked(sums, claim),
        };
        zero.zeroize();
        cross
    }

    /// `sums_k + Enc(μ_k; τ_k)`.
    fn masked(&self, sums: Vec<Ciphertext>, claim: &Claim) -> Vec<Ciphertext> {
        let masks = claim.masks().iter().zip(claim.rerandomizers());
        sums.into_iter().zip(masks).map(|(sum, (mask, tau))| sum + self.key.encrypt(mask, tau)).collect()
    }

    /// Draws the masks of the single rows that are left.
    fn mask<R: RngCore + CryptoRng>(&self, rng: &mut R) -> SingleRows {
        let n = self.exponents.values.0.len();
        let mut row = || Matrix { values: random_scalars(n, rng), blindings: random_scalars(1, rng) };
        let (alpha, beta, exponents) = (row(), row(), row());
        SingleRows {
            alpha,
            beta,
            exponents,
            claim: Claim::random(self.claim.masks().len(), rng),
            zero_blinding: random_scalars(1, rng),
        }
    }

    /// `SHUF-15`: mask + `c`·secret, throughout.
    fn answer(&self, masks: &SingleRows, product: &RowProduct<'_>, row_blinding: &Scalar, c: &Scalar) -> Answers {
        let answer = |mask: &Scalar, secret: &Scalar| mask + c * secret;
        let row = |masks: &Matrix, secrets: &Matrix| -> (Vec<Scalar>, Scalar) {
            let values = masks.values.0.iter().zip(&secrets.values.0).map(|(m, s)| answer(m, s)).collect();
            (values, answer(&masks.blindings.0[0], &secrets.blindings.0[0]))
        };
        let all = |masks: &[Scalar], secrets: &[Scalar]| masks.iter().zip(secrets).map(|(m, s)| answer(m, s)).collect();
        let (alpha, alpha_blinding) = row(&masks.alpha, &self.zero.alpha);
        let (beta, beta_blinding) = row(&masks.beta, &self.zero.beta);
        let (exponents, exponents_blinding) = row(&masks.exponents, &self.exponents);
        let inner = product.partials.0.len() - 1;
        Answers {
            values: all(&product.masks.0, &product.values.0),
            partials: all(&product.deltas.0[1..inner], &product.partials.0[1..inner]),
            alpha,
            beta,
            exponents,
            masks: all(masks.claim.masks(), self.claim.masks()),
            rerandomizers: all(masks.claim.rerandomizers(), self.claim.rerandomizers()),
            blindings: Blindings {
                values: answer(&product.blindings.0[0], row_blinding),
                partials: answer(&product.blindings.0[1], &product.blindings.0[2]),
                alpha: alpha_blinding,
                beta: beta_blinding,
                // The product of two masked rows is of degree two in c.
                zero: answer(
                    masks.claim.zero_blinding(),
                    &answer(&masks.zero_blinding.0[0], self.claim.zero_blinding()),
                ),
                exponents: exponents_blinding,
                mask: answer(masks.claim.mask_blinding(), self.claim.mask_blinding()),
            },
        }
    }
}

/// Masks of the single rows that the folds leave.
struct SingleRows {
    alpha: Matrix,
    beta: Matrix,
    exponents: Matrix,
    claim: Claim,
    /// Blinds the coefficient of `c`; the claim's own blinds that of `c^0`.
    zero_blinding: SecretScalars,
}

impl SingleRows {
    /// `SHUF-15`.
    fn commit(&self, folding: &Folding<'_>, product: &RowProduct<'_>) -> Last {
        let (generators, zero) = (folding.generators, &folding.zero);
        let row = |row: &Matrix| commit(generators, &row.values.0, &row.blindings.0[0]);
        let mut constant = zero.product(&self.alpha.values.0, &self.beta.values.0);
        let mut linear = zero.product(&self.alpha.values.0, &zero.beta.values.0)
            + zero.product(&zero.alpha.values.0, &self.beta.values.0);
        let exponents = &self.exponents.values.0;
        let (masks, [small_delta, big_delta]) = product.commit(generators);
        let last = Last {
            masks,
            small_delta,
            big_delta,
            alpha: row(&self.alpha),
            beta: row(&self.beta),
            zero: [
                commit(generators, &[constant], self.claim.zero_blinding()),
                commit(generators, &[linear], &self.zero_blinding.0[0]),
            ],
            exponents: row(&self.exponents),
            mask: commit(generators, self.claim.masks(), self.claim.mask_blinding()),
            masked: folding.masked(folding.columns.sum(exponents, 0, exponents.len()), &self.claim),
        };
        constant.zeroize();
        linear.zeroize();
        last
    }
}

/// The witness of the single-value product argument (`SHUF-5`) on one row.
struct RowProduct<'a> {
    values: &'a SecretScalars,
    /// `h_i`, the partial products.
    partials: SecretScalars,
    /// `d_i`.
    masks: SecretScalars,
    /// `δ_i`.
    deltas: SecretScalars,
    /// Of `D`, `δ` and `Δ`.
    blindings: SecretScalars,
}

impl<'a> RowProduct<'a> {
    fn new<R: RngCore + CryptoRng>(values: &'a SecretScalars, rng: &mut R) -> Self {
        let n = values.0.len();
        let mut partials = SecretScalars(values.0.clone());
        for i in 1..n {
            let before = partials.0[i - 1];
            partials.0[i] *= before;
        }
        let masks = random_scalars(n, rng);
        let mut deltas = random_scalars(n, rng);
        deltas.0[0] = masks.0[0];
        deltas.0[n - 1] = Scalar::ZERO;
        RowProduct { values, partials, masks, deltas, blindings: random_scalars(3, rng) }
    }

    /// `D`, and `δ` with `Δ`.
    fn commit(&self, generators: &Generators) -> (RistrettoPoint, [RistrettoPoint; 2]) {
        let (g, h, d, delta) = (&self.values.0, &self.partials.0, &self.masks.0, &self.deltas.0);
        let n = g.len();
        let small = SecretScalars((1..n).map(|i| -delta[i - 1] * d[i]).collect());
        let big = SecretScalars((1..n).map(|i| delta[i] - g[i] * delta[i - 1] - h[i - 1] * d[i]).collect());
        let deltas =
            [commit(generators, &small.0, &self.blindings.0[1]), commit(generators, &big.0, &self.blindings.0[2])];
        (commit(generators, d, &self.blindings.0[0]), deltas)
    }
}
