//! What a verifier does for eight proofs at once: numbers modulo the group order, and Keccak.

use super::*;

#[test]
fn numbers_are_dalek_s_whatever_is_done_with_them() {
    let mut rng = rng(13);
    let q1 = -Scalar::ONE;
    let c = (0..252).fold(Scalar::ONE, |a, _| a + a); // 2^252 = −c.
    let edges = [Scalar::ZERO, Scalar::ONE, q1, q1 - Scalar::ONE, c, -c, c - Scalar::ONE, Scalar::from(u128::MAX)];
    for round in 0..60 {
        let mut pick = || if rng.gen_bool(0.4) { edges[rng.gen_range(0..8)] } else { Scalar::random(&mut rng) };
        let start: Vec<[Scalar; MAX_NUMBER_LANES]> = (0..8).map(|_| std::array::from_fn(|_| pick())).collect();
        let steps: Vec<(u8, usize, usize)> = (8..200)
            .map(|n| {
                // Near the end as a rule, so that results go through many operations; few inversions, as they take long.
                let near = |rng: &mut ChaCha20Rng| n - 1 - rng.gen_range(0..n).min(rng.gen_range(0..n));
                let operation = if rng.gen_bool(0.02) { 3 } else { rng.gen_range(0..3) };
                (operation, near(&mut rng), near(&mut rng))
            })
            .collect();
        let mut expected = start.clone();
        for (operation, a, b) in &steps {
            let (a, b) = (expected[*a], expected[*b]);
            expected.push(std::array::from_fn(|l| match operation {
                0 => a[l] + b[l],
                1 => a[l] - b[l],
                2 => a[l] * b[l],
                _ if a[l] == Scalar::ZERO => Scalar::ZERO,
                _ => a[l].invert(),
            }));
        }
        for backend in Backend::available() {
            let (lanes, found) = backend.run_numbers_vartime(Walk { start: &start, steps: &steps });
            assert_eq!(lanes, if backend == Backend::Ifma { 8 } else { 1 });
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found[..lanes], expected[..lanes], "{backend}, {round}");
                assert!(found[lanes..].iter().all(|n| *n == Scalar::ZERO));
            }
        }
    }
}

#[test]
fn eight_keccak_states_are_permuted_as_one() {
    let mut rng = rng(14);
    for round in 0..50 {
        // All zero first, whose answer is published; then all alike, then random ones.
        let mut states = [[0u64; KECCAK_LANES]; 25];
        states.iter_mut().for_each(|words| {
            let word = rng.gen();
            words.iter_mut().for_each(|w| *w = [0, word, rng.gen()][round.min(2)]);
        });
        let single: Vec<[u64; 25]> = (0..KECCAK_LANES)
            .map(|l| {
                let mut state = std::array::from_fn(|w| states[w][l]);
                keccak::f1600(&mut state);
                state
            })
            .collect();
        for backend in Backend::available() {
            let mut permuted = states;
            backend.keccak_f1600(&mut permuted);
            for (l, single) in single.iter().enumerate() {
                assert!((0..25).all(|w| permuted[w][l] == single[w]), "{backend}, state {l}");
            }
            if round == 0 {
                assert_eq!(permuted[0][0], 0xf125_8f79_40e1_dde7, "the first word of Keccak-f[1600] of zeros");
            }
        }
    }
}
