//! A plain proof of shuffle of Terelius and Wikström, with one scalar multiplication per exponentiation, as the mix-nets
//! in use have it: the measure that our own shuffle argument is held against.
//!
//! Terelius, Wikström, *Proofs of Restricted Shuffles* (AFRICACRYPT 2010); the equations are in the form that Haenni,
//! Locher, Koenig and Dubuis give in *Pseudo-Code Algorithms for Verifiable Re-Encryption Mix-Nets* (FC 2017). It is a
//! whole, correct argument, and no more than a bench: it is bound to no election, and has no bytes of its own.
//!
//! Names are theirs; groups are written additively, `g` is the basepoint `B` and has its table.

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_TABLE;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::seq::SliceRandom;
use rand::{CryptoRng, RngCore};
use selge_core::elgamal::Ciphertext;
use sha2::{Digest, Sha512};
use std::iter::once;

/// What everybody knows before the shuffle.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The key that the ciphertexts are under.
    pub key: &'a RistrettoPoint,
    /// A generator that nobody knows a relation of to the others.
    pub h: &'a RistrettoPoint,
    /// As many more as there are ciphertexts.
    pub generators: &'a [RistrettoPoint],
}

/// The proof: permutation commitments, commitment chain, the sigma protocol's commitments and answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// `c`, to the columns of the permutation's matrix.
    pub permutation: Vec<RistrettoPoint>,
    /// `ĉ`, to the partial products of the permuted challenges.
    pub chain: Vec<RistrettoPoint>,
    /// `t_1, t_2, t_3, t_{4,1}, t_{4,2}`.
    pub masks: [RistrettoPoint; 5],
    /// `t̂_i`.
    pub chain_masks: Vec<RistrettoPoint>,
    /// `s_1 … s_4`.
    pub answers: [Scalar; 4],
    /// `ŝ_i`.
    pub chain_answers: Vec<Scalar>,
    /// `s̃_i`.
    pub exponent_answers: Vec<Scalar>,
}

fn random<R: RngCore + CryptoRng>(n: usize, rng: &mut R) -> Vec<Scalar> {
    (0..n).map(|_| Scalar::random(rng)).collect()
}

fn g(scalar: &Scalar) -> RistrettoPoint {
    RISTRETTO_BASEPOINT_TABLE * scalar
}

/// `Σ scalars_i · points_i`, one multiplication each.
fn sum<'a>(scalars: &[Scalar], points: impl Iterator<Item = &'a RistrettoPoint>) -> RistrettoPoint {
    scalars.iter().zip(points).map(|(s, p)| p * s).sum()
}

fn dot(a: &[Scalar], b: &[Scalar]) -> Scalar {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn absorb<'a>(mut hash: Sha512, points: impl Iterator<Item = &'a RistrettoPoint>) -> Sha512 {
    points.for_each(|point| hash.update(point.compress().as_bytes()));
    hash
}

fn components(list: &[Ciphertext]) -> impl Iterator<Item = &RistrettoPoint> {
    list.iter().flat_map(|e| [&e.r, &e.c])
}

/// The hash of the statement and the permutation commitments; `u_i` come from it.
fn statement(setting: &Setting<'_>, input: &[Ciphertext], output: &[Ciphertext], c: &[RistrettoPoint]) -> Sha512 {
    let hash = Sha512::new().chain_update(b"Terelius-Wikstrom").chain_update((input.len() as u64).to_be_bytes());
    absorb(hash, once(setting.key).chain(components(input)).chain(components(output)).chain(c))
}

fn challenges(statement: &Sha512, n: usize) -> Vec<Scalar> {
    (0..n as u64)
        .map(|i| Scalar::from_hash(statement.clone().chain_update(b"u").chain_update(i.to_be_bytes())))
        .collect()
}

fn last_challenge(
    statement: &Sha512,
    chain: &[RistrettoPoint],
    masks: &[RistrettoPoint],
    chain_masks: &[RistrettoPoint],
) -> Scalar {
    Scalar::from_hash(absorb(statement.clone().chain_update(b"c"), chain.iter().chain(masks).chain(chain_masks)))
}

/// Re-encrypts and permutes `input`, and proves it. There must be as many generators as ciphertexts.
pub fn shuffle<R: RngCore + CryptoRng>(
    setting: &Setting<'_>,
    input: &[Ciphertext],
    rng: &mut R,
) -> (Vec<Ciphertext>, Proof) {
    let n = input.len();
    let mut psi: Vec<usize> = (0..n).collect();
    psi.shuffle(rng);
    let factors = random(n, rng);
    let reencrypt =
        |j: &usize| Ciphertext { r: input[*j].r + g(&factors[*j]), c: input[*j].c + setting.key * factors[*j] };
    let output: Vec<Ciphertext> = psi.iter().map(reencrypt).collect();
    let proof = prove(setting, input, &output, &psi, &factors, rng);
    (output, proof)
}

/// `output_i` is `input_{ψ(i)}`, re-encrypted with the factor of that input.
fn prove<R: RngCore + CryptoRng>(
    setting: &Setting<'_>,
    input: &[Ciphertext],
    output: &[Ciphertext],
    psi: &[usize],
    factors: &[Scalar],
    rng: &mut R,
) -> Proof {
    let n = input.len();
    let r = random(n, rng);
    let mut permutation = vec![RistrettoPoint::identity(); n];
    for (j, h_i) in psi.iter().zip(setting.generators) {
        permutation[*j] = g(&r[*j]) + h_i;
    }
    let hash = statement(setting, input, output, &permutation);
    let u = challenges(&hash, n);
    let permuted: Vec<Scalar> = psi.iter().map(|j| u[*j]).collect();

    let r_hat = random(n, rng);
    let mut chain = Vec::with_capacity(n);
    let mut before = *setting.h;
    for (r, u) in r_hat.iter().zip(&permuted) {
        before = g(r) + before * u;
        chain.push(before);
    }

    let omega: [Scalar; 4] = std::array::from_fn(|_| Scalar::random(rng));
    let omega_hat = random(n, rng);
    let omega_tilde = random(n, rng);
    let masks = [
        g(&omega[0]),
        g(&omega[1]),
        g(&omega[2]) + sum(&omega_tilde, setting.generators.iter()),
        sum(&omega_tilde, output.iter().map(|e| &e.r)) - g(&omega[3]),
        sum(&omega_tilde, output.iter().map(|e| &e.c)) - setting.key * omega[3],
    ];
    let chain_masks: Vec<RistrettoPoint> = once(setting.h)
        .chain(&chain)
        .zip(omega_hat.iter().zip(&omega_tilde))
        .map(|(before, (hat, tilde))| g(hat) + before * tilde)
        .collect();
    let c = last_challenge(&hash, &chain, &masks, &chain_masks);

    // The chain's end is a commitment to ∏ ũ_i with r̂ = Σ r̂_i·v_i, where v_i is the product of what comes after i.
    let mut after = Scalar::ONE;
    let mut chained = Scalar::ZERO;
    for (r, u) in r_hat.iter().zip(&permuted).rev() {
        chained += r * after;
        after *= u;
    }
    let answers = [
        omega[0] + c * r.iter().sum::<Scalar>(),
        omega[1] + c * chained,
        omega[2] + c * dot(&r, &u),
        omega[3] + c * dot(factors, &u),
    ];
    Proof {
        permutation,
        chain,
        masks,
        chain_masks,
        answers,
        chain_answers: omega_hat.iter().zip(&r_hat).map(|(o, r)| o + c * r).collect(),
        exponent_answers: omega_tilde.iter().zip(&permuted).map(|(o, u)| o + c * u).collect(),
    }
}

/// Whether `output` is proven to be a shuffle of `input`.
#[must_use]
pub fn verify(setting: &Setting<'_>, input: &[Ciphertext], output: &[Ciphertext], proof: &Proof) -> bool {
    let n = input.len();
    let lengths = [
        output.len(),
        setting.generators.len(),
        proof.permutation.len(),
        proof.chain.len(),
        proof.chain_masks.len(),
        proof.chain_answers.len(),
        proof.exponent_answers.len(),
    ];
    let Some(end) = proof.chain.last().filter(|_| lengths.iter().all(|l| *l == n)) else { return false };
    let hash = statement(setting, input, output, &proof.permutation);
    let u = challenges(&hash, n);
    let c = last_challenge(&hash, &proof.chain, &proof.masks, &proof.chain_masks);
    let [s_1, s_2, s_3, s_4] = &proof.answers;
    let s_tilde = &proof.exponent_answers;

    let product: Scalar = u.iter().product();
    let c_bar = proof.permutation.iter().sum::<RistrettoPoint>() - setting.generators.iter().sum::<RistrettoPoint>();
    let c_hat = end - setting.h * product;
    let c_tilde = sum(&u, proof.permutation.iter());
    let r = sum(&u, input.iter().map(|e| &e.r));
    let cc = sum(&u, input.iter().map(|e| &e.c));
    let expected = [
        g(s_1) - c_bar * c,
        g(s_2) - c_hat * c,
        g(s_3) - c_tilde * c + sum(s_tilde, setting.generators.iter()),
        sum(s_tilde, output.iter().map(|e| &e.r)) - r * c - g(s_4),
        sum(s_tilde, output.iter().map(|e| &e.c)) - cc * c - setting.key * s_4,
    ];
    let links = once(setting.h).chain(&proof.chain).zip(&proof.chain);
    let answers = proof.chain_answers.iter().zip(s_tilde);
    proof.masks == expected
        && links
            .zip(answers)
            .zip(&proof.chain_masks)
            .all(|(((before, link), (hat, tilde)), mask)| g(hat) + before * tilde - link * c == *mask)
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
    use rand::rngs::OsRng;
    use selge_core::elgamal::PublicKey;
    use selge_core::group::Generators;

    const N: usize = 5;

    struct Scene {
        key: PublicKey,
        h: RistrettoPoint,
        generators: Vec<RistrettoPoint>,
        input: Vec<Ciphertext>,
    }

    impl Scene {
        fn new() -> Self {
            let key = crate::key();
            let generators = Generators::new(N);
            let input = (0..N as u64).map(|m| key.encrypt(&Scalar::from(m), &Scalar::random(&mut OsRng))).collect();
            Scene { key, h: *generators.h(), generators: generators.g(), input }
        }

        fn setting(&self) -> Setting<'_> {
            Setting { key: self.key.point(), h: &self.h, generators: &self.generators }
        }
    }

    #[test]
    fn an_honest_shuffle_is_accepted() {
        let scene = Scene::new();
        let (output, proof) = shuffle(&scene.setting(), &scene.input, &mut OsRng);
        assert_ne!(output, scene.input);
        assert!(verify(&scene.setting(), &scene.input, &output, &proof));
    }

    #[test]
    fn a_changed_output_or_input_is_refused() {
        let scene = Scene::new();
        let (output, proof) = shuffle(&scene.setting(), &scene.input, &mut OsRng);
        for i in 0..N {
            let (b, none) = (RISTRETTO_BASEPOINT_POINT, RistrettoPoint::identity());
            for (r, c) in [(b, none), (none, b)] {
                let changed = |e: Ciphertext| Ciphertext { r: e.r + r, c: e.c + c };
                let (mut other, mut before) = (output.clone(), scene.input.clone());
                other[i] = changed(other[i]);
                before[i] = changed(before[i]);
                assert!(!verify(&scene.setting(), &scene.input, &other, &proof));
                assert!(!verify(&scene.setting(), &before, &output, &proof));
            }
        }
        let mut swapped = output.clone();
        swapped.swap(0, 1);
        assert!(!verify(&scene.setting(), &scene.input, &swapped, &proof));
        assert!(!verify(&scene.setting(), &scene.input, &output[1..], &proof));
        assert!(!verify(&scene.setting(), &[], &[], &proof));
    }

    #[test]
    fn a_proof_about_another_output_or_no_permutation_does_not_come_about() {
        let scene = Scene::new();
        let factors = random(N, &mut OsRng);
        let output = |psi: &[usize]| -> Vec<Ciphertext> {
            let zero = |j: &usize| scene.key.encrypt_zero(&factors[*j]);
            psi.iter()
                .map(|j| Ciphertext { r: scene.input[*j].r + zero(j).r, c: scene.input[*j].c + zero(j).c })
                .collect()
        };
        let verdict = |output: &[Ciphertext], psi: &[usize]| {
            let proof = prove(&scene.setting(), &scene.input, output, psi, &factors, &mut OsRng);
            verify(&scene.setting(), &scene.input, output, &proof)
        };
        let psi = [2, 0, 1, 4, 3];
        assert!(verdict(&output(&psi), &psi));
        // The first ballot twice, the second not at all; and a ballot that was replaced.
        let doubled = [0, 0, 2, 3, 4];
        assert!(!verdict(&output(&doubled), &doubled));
        let mut replaced = output(&psi);
        replaced[1].c += RISTRETTO_BASEPOINT_POINT;
        assert!(!verdict(&replaced, &psi));
    }

    #[test]
    fn a_proof_with_anything_changed_is_refused() {
        let scene = Scene::new();
        let (output, proof) = shuffle(&scene.setting(), &scene.input, &mut OsRng);
        let refused = |change: &dyn Fn(&mut Proof)| {
            let mut other = proof.clone();
            change(&mut other);
            assert_ne!(other, proof);
            assert!(!verify(&scene.setting(), &scene.input, &output, &other));
        };
        for i in 0..N {
            refused(&|p| p.permutation[i] += RISTRETTO_BASEPOINT_POINT);
            refused(&|p| p.chain[i] += RISTRETTO_BASEPOINT_POINT);
            refused(&|p| p.masks[i] += RISTRETTO_BASEPOINT_POINT);
            refused(&|p| p.chain_masks[i] += RISTRETTO_BASEPOINT_POINT);
            refused(&|p| p.chain_answers[i] += Scalar::ONE);
            refused(&|p| p.exponent_answers[i] += Scalar::ONE);
            refused(&|p| p.answers[i % 4] += Scalar::ONE);
        }
        refused(&|p| p.chain.truncate(N - 1));
        refused(&|p| p.exponent_answers.push(Scalar::ONE));
    }
}
