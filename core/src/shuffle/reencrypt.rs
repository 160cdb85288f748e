//! Re-encryption and permutation (`SHUF-1`). The re-encryption factors meet constant-time arithmetic only; where a ciphertext
//! goes to is an address, like the rest of what the threat model says of a mix server's permutation.

use super::prove::{Permutation, ShuffleError};
use crate::elgamal::{Ciphertext, CiphertextList, PublicKey, SecretScalars};
use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::Scalar;
use rayon::prelude::*;
use selge_lanes::{Backend, FixedBase};
use std::sync::{Arc, LazyLock};

/// Ciphertexts that one task re-encrypts.
const TASK: usize = 256;

/// Fewer ciphertexts do not pay for the table of the key's multiples.
const FEW: usize = 128;

/// Multiples of `B`.
static BASEPOINT: LazyLock<FixedBase> = LazyLock::new(|| FixedBase::new(Backend::active(), &RISTRETTO_BASEPOINT_POINT));

/// `C'_{i,k} = C_{π(i),k} + Enc(0; ρ_{i,k})`.
pub(super) fn reencrypt(
    key: &PublicKey,
    input: &CiphertextList,
    permutation: &Permutation,
    rho: &SecretScalars,
) -> Result<Arc<CiphertextList>, ShuffleError> {
    let (n, w) = (input.len(), input.width());
    if permutation.0.len() != n {
        return Err(ShuffleError::Permutation { found: permutation.0.len(), expected: n });
    }
    // In plain Rust dalek's own tables are faster, and a compiler might make branches of masks.
    let lanes = n * w >= FEW && matches!(Backend::active(), Backend::Ifma | Backend::Avx2);
    let key =
        if lanes { Key::Lanes(Box::new(FixedBase::new(Backend::active(), key.point()))) } else { Key::Dalek(key) };
    let mut points = vec![[0; 32]; 2 * n * w];
    let tasks = points.par_chunks_mut(2 * TASK).zip(rho.0.par_chunks(TASK)).enumerate();
    tasks.try_for_each(|(task, (out, rho))| {
        // Places of the components `R` before the permutation; `C` is the next.
        let place = |at: usize| 2 * (permutation.0[at / w] as usize * w + at % w);
        let component = |of: usize| -> Vec<[u8; 32]> {
            let at = task * TASK..task * TASK + rho.len();
            at.map(|at| input.points().get(place(at) + of).copied().unwrap_or_default()).collect()
        };
        key.add_zeros([&component(0), &component(1)], rho, out.as_chunks_mut().0)
    })?;
    Ok(Arc::new(CiphertextList::from_valid(w, &points)))
}

/// What multiplies by the joint key.
enum Key<'a> {
    Lanes(Box<FixedBase>),
    Dalek(&'a PublicKey),
}

impl Key<'_> {
    /// Adds encryptions of zero to ciphertexts, given as their components `R` and `C`.
    fn add_zeros(
        &self,
        components: [&[[u8; 32]]; 2],
        rho: &[Scalar],
        out: &mut [[[u8; 32]; 2]],
    ) -> Result<(), ShuffleError> {
        match self {
            Key::Lanes(key) => {
                let mut sums = vec![[0; 32]; rho.len()];
                for (half, base) in [&*BASEPOINT, &**key].into_iter().enumerate() {
                    let added = base.add_multiples(components[half], rho, &mut sums);
                    added.map_err(|_| ShuffleError::Memory)?;
                    out.iter_mut().zip(&sums).for_each(|(out, sum)| out[half] = *sum);
                }
            }
            Key::Dalek(key) => {
                let decode = |bytes: &[u8; 32]| CompressedRistretto(*bytes).decompress().ok_or(ShuffleError::Memory);
                let [r, c] = components;
                for (((r, c), rho), out) in r.iter().zip(c).zip(rho).zip(out) {
                    let sum = Ciphertext { r: decode(r)?, c: decode(c)? } + key.encrypt_zero(rho);
                    *out = [sum.r.compress().0, sum.c.compress().0];
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shuffle::scalars::random_scalars;
    use crate::shuffle::tests::fixture;
    use rand::rngs::OsRng;

    #[test]
    fn few_and_many_are_encryptions_of_the_same_under_the_given_factors() {
        for (n, w) in [(1, 1), (FEW - 1, 1), (FEW, 1), (2 * TASK + 3, 1), (TASK / 2 + 1, 3)] {
            let f = fixture(n, w);
            let (permutation, rho) = (Permutation::random(n, &mut OsRng), random_scalars(n * w, &mut OsRng));
            let output = reencrypt(&f.key, &f.input, &permutation, &rho).unwrap();
            for i in 0..n {
                for k in 0..w {
                    let source = f.input.ciphertext(permutation.0[i] as usize, k).unwrap().decode_points();
                    let expected = source.unwrap() + f.key.encrypt_zero(&rho.0[i * w + k]);
                    assert_eq!(
                        output.ciphertext(i, k).unwrap().decode_points().unwrap(),
                        expected,
                        "{i}, {k} of {n} × {w}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_permutation_of_another_length_is_refused() {
        let f = fixture(3, 1);
        let rho = random_scalars(3, &mut OsRng);
        let short = Permutation::random(2, &mut OsRng);
        let refused = reencrypt(&f.key, &f.input, &short, &rho);
        assert_eq!(refused.map(|_| ()), Err(ShuffleError::Permutation { found: 2, expected: 3 }));
    }
}
