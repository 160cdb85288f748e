//! The verifier with several rows: nothing is folded, each row's coefficient in the folded row goes into the terms.

use super::{challenge_c, challenge_ut, challenge_v, challenge_x, challenge_yz, start, Cross, RowsProof, Shape};
use crate::elgamal::CiphertextList;
use crate::shuffle::{powers, powers_from, public_product, ShuffleContext, ShuffleRejected, MIN_LIST};
use crate::sum::{Equation, Sum};
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::sync::Arc;

/// Every challenge, in order.
struct Challenges {
    x: Scalar,
    y: Scalar,
    z: Scalar,
    u: Scalar,
    t: Scalar,
    v: Vec<Scalar>,
    c: Scalar,
}

impl Challenges {
    /// Coefficients of the rows in the folded left row: `∏ v_s` over the folds in which a row was in the second half.
    fn left(&self) -> Vec<Scalar> {
        self.v.iter().fold(vec![Scalar::ONE], |rows, v| rows.iter().flat_map(|a| [*a, a * v]).collect())
    }

    /// Coefficients of the rows in the folded right row: `∏ v_s` over the folds in which a row was in the first half.
    fn right(&self) -> Vec<Scalar> {
        self.v.iter().fold(vec![Scalar::ONE], |rows, v| rows.iter().flat_map(|a| [a * v, *a]).collect())
    }

    /// Coefficients of the folds' messages in the folded claim: for each fold those of the left and the right one.
    fn claims(&self) -> Vec<(Scalar, Scalar)> {
        let mut later = Scalar::ONE;
        let mut claims: Vec<_> = (self.v.iter().rev())
            .map(|v| {
                let pair = (later, later * v * v);
                later *= v;
                pair
            })
            .collect();
        claims.reverse();
        claims
    }

    /// Coefficient of the claim that the folds started from.
    fn first_claim(&self) -> Scalar {
        self.v.iter().product()
    }
}

/// Adds the eight equations of one shuffle to `sum` (`SHUF-16`, a to h).
pub(in crate::shuffle) fn describe(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &RowsProof,
    sum: &mut Sum,
) -> Result<(), ShuffleRejected> {
    check_shape(input, output, proof)?;
    let mut transcript = start(ctx, input, output, &proof.shape);
    let x = challenge_x(&mut transcript, &proof.permutation);
    let (y, z) = challenge_yz(&mut transcript, &proof.powers);
    let (u, t) = challenge_ut(&mut transcript, &proof.products);
    let v = proof.folds.iter().map(|fold| challenge_v(&mut transcript, fold)).collect();
    let c = challenge_c(&mut transcript, &proof.last);
    let challenges = Challenges { x, y, z, u, t, v, c };
    describe_product(proof, &challenges, sum);
    describe_zero(proof, &challenges, sum);
    describe_multiexp(ctx, input, output, proof, &challenges, sum);
    Ok(())
}

fn check_shape(input: &CiphertextList, output: &CiphertextList, proof: &RowsProof) -> Result<(), ShuffleRejected> {
    let (count, w) = (input.len(), input.width());
    let (m, n) = (proof.shape.rows, proof.shape.columns);
    if count < MIN_LIST {
        return Err(ShuffleRejected::Shape { what: "input ballots", found: count, expected: MIN_LIST });
    }
    let answers = &proof.answers;
    let lengths = [
        ("output ballots", output.len(), count),
        ("output width", output.width(), w),
        ("proof vectors", proof.shape.count, count),
        ("proof width", proof.shape.width, w),
        ("proof columns", n, Shape::new(count, w, m).map_or(0, |shape| shape.columns)),
        ("proof permutation rows", proof.permutation.len(), m),
        ("proof power rows", proof.powers.len(), m),
        ("proof product rows", proof.products.len(), m - 1),
        ("proof folds", proof.folds.len(), proof.shape.folds()),
        ("proof masked ciphertexts", proof.last.masked.len(), w),
        ("proof values", answers.values.len(), n),
        ("proof partial products", answers.partials.len(), n - 2),
        ("proof left row", answers.alpha.len(), n),
        ("proof right row", answers.beta.len(), n),
        ("proof exponents", answers.exponents.len(), n),
        ("proof masks", answers.masks.len(), w),
        ("proof rerandomizers", answers.rerandomizers.len(), w),
    ];
    let crosses = proof.folds.iter().flat_map(|fold| [&fold.left, &fold.right]);
    let crosses = crosses.map(|cross| ("proof ciphertexts of a fold", cross.multiexp.len(), w));
    for (what, found, expected) in lengths.into_iter().chain(crosses) {
        if found != expected {
            return Err(ShuffleRejected::Shape { what, found, expected });
        }
    }
    Ok(())
}

/// The single-value product argument (Bayer–Groth, section 5.3) on `B_m`, whose row is the product of all rows.
fn describe_product(proof: &RowsProof, challenges: &Challenges, sum: &mut Sum) {
    let Challenges { x, y, z, c, .. } = *challenges;
    let (answers, last) = (&proof.answers, &proof.last);

    // (a) com(g̃; ·) = c·B_m + D
    let mut equation = sum.equation();
    equation.g(answers.values.iter().copied()).h(answers.blindings.values).point(-Scalar::ONE, last.masks);
    proof.products.last().into_iter().for_each(|product| {
        equation.point(-c, *product);
    });

    // (b) com(c·h̃_{i+1} − h̃_i·g̃_{i+1}; ·) = c·Δ + δ, with h̃_1 = g̃_1 and h̃_n = c·∏(y·i + x^i − z)
    let product = c * public_product(proof.shape.positions(), x, y, z);
    let partials = answers.values[..1].iter().chain(&answers.partials).chain(std::iter::once(&product));
    let next = partials.clone().skip(1);
    sum.equation()
        .g(partials.zip(next).zip(&answers.values[1..]).map(|((h, h_next), g_next)| c * h_next - h * g_next))
        .h(answers.blindings.partials)
        .point(-c, last.big_delta)
        .point(-Scalar::ONE, last.small_delta);
}

/// The zero argument (section 5.2 there) on `α_j = f_{j+1}`, `β_j = u^j·b_j` for `j < m`, and `α_m = (−1, …, −1)`,
/// `β_m = Σ u^j·b_{j+1}`, in which `F_j = y·A_j + P_j − com(z, …, z; 0)` is committed to `f_j`, and `B_1 = F_1`.
fn describe_zero(proof: &RowsProof, challenges: &Challenges, sum: &mut Sum) {
    let Challenges { y, z, u, t, c, .. } = *challenges;
    let (answers, last) = (&proof.answers, &proof.last);
    let m = proof.shape.rows;

    // (c) com(α̃; ·) = Z_α + c·Σ_j λ_j·com(α_j)
    let left = challenges.left();
    let ones: Scalar = z * left[..m - 1].iter().sum::<Scalar>() + left[m - 1];
    let mut equation = sum.equation();
    equation.g(answers.alpha.iter().map(|a| a + c * ones)).h(answers.blindings.alpha).point(-Scalar::ONE, last.alpha);
    for ((a, p), coefficient) in proof.permutation[1..].iter().zip(&proof.powers[1..]).zip(&left) {
        equation.point(-c * coefficient * y, *a).point(-c * coefficient, *p);
    }

    // (d) com(β̃; ·) = Z_β + c·Σ_j κ_j·com(β_j); B_j stands in β_j and in β_m, there with u^(j−1).
    let right = challenges.right();
    let first = right[0] * u;
    let mut equation = sum.equation();
    equation
        .g(answers.beta.iter().map(|b| b + c * first * z))
        .h(answers.blindings.beta)
        .point(-Scalar::ONE, last.beta)
        .point(-c * first * y, proof.permutation[0])
        .point(-c * first, proof.powers[0]);
    for ((j, product), u_before) in (1..m).zip(&proof.products).zip(powers(u)) {
        let own = if j < m - 1 { right[j] * u_before * u } else { Scalar::ZERO };
        equation.point(-c * (own + right[m - 1] * u_before), *product);
    }

    // (e) com(Σ t^i·α̃_i·β̃_i; ·) = Z_0 + c·Z_1 + c²·Q, with Q the folds of the identity, L and R
    let value: Scalar = powers(t).zip(&answers.alpha).zip(&answers.beta).map(|((t, a), b)| t * a * b).sum();
    let mut equation = sum.equation();
    equation
        .g(std::iter::once(value))
        .h(answers.blindings.zero)
        .point(-Scalar::ONE, last.zero[0])
        .point(-c, last.zero[1]);
    folded(&mut equation, proof, challenges, -c * c, |cross| cross.zero);
}

/// Adds `scalar` times the folded messages.
fn folded(
    equation: &mut Equation<'_>,
    proof: &RowsProof,
    challenges: &Challenges,
    scalar: Scalar,
    message: impl Fn(&Cross) -> RistrettoPoint,
) {
    for (fold, (left, right)) in proof.folds.iter().zip(challenges.claims()) {
        equation.point(scalar * left, message(&fold.left)).point(scalar * right, message(&fold.right));
    }
}

/// The multi-exponentiation argument (section 4 there) on `P_1 … P_m`.
fn describe_multiexp(
    ctx: &ShuffleContext<'_>,
    input: &Arc<CiphertextList>,
    output: &Arc<CiphertextList>,
    proof: &RowsProof,
    challenges: &Challenges,
    sum: &mut Sum,
) {
    let Challenges { x, c, .. } = *challenges;
    let (answers, last) = (&proof.answers, &proof.last);

    // (f) com(ẽ; ·) = S + c·Σ_j λ_j·P_j
    let mut equation = sum.equation();
    equation.g(answers.exponents.iter().copied()).h(answers.blindings.exponents).point(-Scalar::ONE, last.exponents);
    for (p, coefficient) in proof.powers.iter().zip(challenges.left()) {
        equation.point(-c * coefficient, *p);
    }

    // (g) com(μ̃; ·) = M_S + c·M, with M the folds of the identity, M_L and M_R
    let mut equation = sum.equation();
    equation.g(answers.masks.iter().copied()).h(answers.blindings.mask).point(-Scalar::ONE, last.mask);
    folded(&mut equation, proof, challenges, -c, |cross| cross.mask);

    // (h) Σ_j κ_j·Σ_i ẽ_i·C'_{j,i,k} + Enc(μ̃_k; τ̃_k) = E_k + c·T_k, with T the folds of Σ x^i·C_{i,k}, E_L and E_R, for
    // R and C of every limb k, each with a weight of its own: 2w equations folded into one. What continues the lists
    // is the identity and has no term.
    let right = challenges.right();
    let columns = answers.exponents.len();
    let exponents = |i: usize| {
        let rows = right.iter().skip(i / columns);
        rows.flat_map(|row| answers.exponents.iter().map(move |e| row * e)).skip(i % columns)
    };
    let of_input = -c * challenges.first_claim();
    let weights = sum.component_weights(2 * input.width());
    let mut equation = sum.equation();
    equation.list(output, exponents, &weights);
    equation.list(input, |i| powers_from(x, i + 1).map(|xi| of_input * xi), &weights);
    for (k, weight) in weights.chunks_exact(2).enumerate() {
        let (mask, tau) = (answers.masks[k], answers.rerandomizers[k]);
        equation
            .basepoint(weight[0] * tau + weight[1] * mask)
            .point(weight[1] * tau, *ctx.joint_key.point())
            .point(-weight[0], last.masked[k].r)
            .point(-weight[1], last.masked[k].c);
        folded(&mut equation, proof, challenges, -c * weight[0], |cross| cross.multiexp[k].r);
        folded(&mut equation, proof, challenges, -c * weight[1], |cross| cross.multiexp[k].c);
    }
}
