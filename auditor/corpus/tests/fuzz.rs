//! A second of what the fuzzers do for hours (`make fuzz`), with bytes drawn from a fixed seed.

use rand::{Rng, RngCore, SeedableRng};
use rand_chacha::ChaCha20Rng;
use selge_corpus::fuzz::{decoders, proofs, records, seeds};

fn rng() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(2023)
}

fn random(rng: &mut ChaCha20Rng, most: usize) -> Vec<u8> {
    let mut bytes = vec![0; rng.gen_range(0..most)];
    rng.fill_bytes(&mut bytes);
    bytes
}

#[test]
fn what_people_send_is_read_in_one_way_or_not_at_all() {
    let mut rng = rng();
    (0..3000).for_each(|_| decoders(&random(&mut rng, 300)));
    for (_, seed) in seeds() {
        decoders(&seed);
        for _ in 0..60 {
            let mut bytes = seed.clone();
            for _ in 0..rng.gen_range(1..4) {
                let at = rng.gen_range(0..bytes.len());
                match rng.gen_range(0..4) {
                    0 => bytes[at] ^= 1 << rng.gen_range(0..8),
                    1 => bytes[at] = rng.gen(),
                    2 => bytes.insert(at, rng.gen()),
                    _ => bytes.truncate(at.max(1)),
                }
            }
            decoders(&bytes);
        }
    }
}

#[test]
fn seeds_are_read_by_the_decoders_that_they_are_for() {
    let seeds = seeds();
    let kinds: std::collections::BTreeSet<u8> = seeds.iter().map(|(_, bytes)| bytes[0]).collect();
    assert!(kinds.len() >= 19, "{kinds:?}");
    let read = |name: &str| seeds.iter().filter(|(n, _)| n.ends_with(name)).count();
    assert!(read("-entry") > 5 && read("-shuffle-proof") == 1 && read("-manifest") == 1);
}

#[test]
fn no_changed_proof_holds() {
    let mut rng = rng();
    (0..3).for_each(|which| proofs(&[which]));
    // The contest's number, which the proof does not cover: a fuzzer took it for a proof that holds after a change.
    proofs(&[41, 0, 0, 0, 0xff]);
    for _ in 0..120 {
        proofs(&random(&mut rng, 20));
    }
}

#[test]
fn no_changed_record_passes() {
    let mut rng = rng();
    records(&[0, 0]);
    for _ in 0..120 {
        records(&random(&mut rng, 20));
    }
}
