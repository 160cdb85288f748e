//! The group's operations, and what others do: sums by dalek, range proofs by the bulletproofs crate, a plain shuffle.

use crate::goals::{BALLOT, CHAIN, SHUFFLE};
use crate::table::Table;
use crate::Settings;
use bulletproofs::{BulletproofGens, PedersenGens, RangeProof};
use curve25519_dalek::constants::{RISTRETTO_BASEPOINT_POINT, RISTRETTO_BASEPOINT_TABLE};
use curve25519_dalek::traits::{MultiscalarMul, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use merlin::Transcript;
use rand::rngs::OsRng;
use selge_benches::peer::terelius_wikstrom;
use selge_benches::{key, CHOICES};
use selge_core::elgamal::Ciphertext;
use selge_core::group::Generators;
use selge_lanes::{Backend, Msm, Points};
use std::hint::black_box;

const UNIT: &str = "scalar multiplication (SM), constant time";
const TERM: &str = "term of a sum of public points";
const DALEK_TERM: &str = "peer: term of dalek's variable-time sum";
const RANGE: &str = "peer: one range proof alone, bulletproofs crate";
const TW_SHUFFLE: &str = "peer: shuffle and prove, plain Terelius–Wikström";
const TW_VERIFY: &str = "peer: verify a shuffle, plain Terelius–Wikström";

/// Which peer does what we do. The range proof is most of a ballot; theirs has neither ciphertext nor signature.
pub(crate) const PEERS: [(&str, &str); 4] =
    [(TERM, DALEK_TERM), (SHUFFLE, TW_SHUFFLE), (CHAIN, TW_VERIFY), (BALLOT, RANGE)];

/// Operations of the group, and sums at every size beside dalek's.
pub(crate) fn measure(settings: &Settings, table: &mut Table) {
    let meter = &settings.meter;
    let point = RISTRETTO_BASEPOINT_POINT * Scalar::random(&mut OsRng);
    let scalar = Scalar::random(&mut OsRng);
    table.time(UNIT, 1, meter.measure(|| black_box(&point) * black_box(&scalar)));
    table.time("fixed-base multiplication", 1, meter.measure(|| RISTRETTO_BASEPOINT_TABLE * black_box(&scalar)));
    let encoded = point.compress();
    table.time("decode a point, dalek", 1, meter.measure(|| black_box(&encoded).decompress()));

    let most = settings.sizes.iter().max().copied().unwrap_or(1);
    let points = Generators::new(most).g();
    let scalars: Vec<Scalar> = (0..most).map(|_| Scalar::random(&mut OsRng)).collect();
    let lanes = Points::from_ristretto_vartime(Backend::active(), &points);
    settings.single.install(|| {
        // What the shuffle's commitments would cost in constant time (threat model, "Mix servers").
        let n = 1000.min(most);
        let time = meter.measure(|| RistrettoPoint::multiscalar_mul(black_box(&scalars[..n]), &points[..n]));
        table.time("term of dalek's constant-time sum", n, time.per(n));
        for n in settings.sizes.iter().copied() {
            let ours = meter.measure(|| {
                let mut sum = Msm::default();
                sum.add_points_from_vartime(black_box(&scalars[..n]), &lanes, 0).expect("as many points");
                sum.finish_vartime()
            });
            table.time(TERM, n, ours.per(n));
            let theirs =
                meter.measure(|| RistrettoPoint::vartime_multiscalar_mul(black_box(&scalars[..n]), &points[..n]));
            table.time(DALEK_TERM, n, theirs.per(n));
        }
    });
}

/// The peers' shuffle and range proof.
pub(crate) fn measure_peers(settings: &Settings, table: &mut Table) {
    let meter = &settings.meter;
    for n in settings.peer_sizes.iter().copied() {
        let (key, generators) = (key(), Generators::new(n));
        let (h, g) = (*generators.h(), generators.g());
        let setting = terelius_wikstrom::Setting { key: key.point(), h: &h, generators: &g };
        let encrypt = |i: usize| key.encrypt(&Scalar::from((i % CHOICES) as u64), &Scalar::random(&mut OsRng));
        let input: Vec<Ciphertext> = (0..n).map(encrypt).collect();
        let (output, proof) = terelius_wikstrom::shuffle(&setting, &input, &mut OsRng);
        let made = meter.measure(|| terelius_wikstrom::shuffle(&setting, &input, &mut OsRng));
        // c, ĉ, t̂ are points, ŝ and s̃ scalars.
        table.time(TW_SHUFFLE, n, made.per(n)).bytes = Some(5.0 * 32.0);
        let checked = meter.measure(|| assert!(terelius_wikstrom::verify(&setting, &input, &output, &proof)));
        table.time(TW_VERIFY, n, checked.per(n));
    }

    // A ballot of 255 choices has a range proof of two values of eight bits.
    let (bits, parties) = (8, 2);
    let (gens, bases) = (
        BulletproofGens::new(bits, parties),
        PedersenGens { B: RISTRETTO_BASEPOINT_POINT, B_blinding: *key().point() },
    );
    let blindings: Vec<Scalar> = (0..parties).map(|_| Scalar::random(&mut OsRng)).collect();
    let transcript = || Transcript::new(b"bench");
    let (proof, commitments) =
        RangeProof::prove_multiple(&gens, &bases, &mut transcript(), &[42, 212], &blindings, bits).expect("a proof");
    let bytes = proof.to_bytes();
    let time = settings.single.install(|| {
        meter.measure(|| {
            let proof = RangeProof::from_bytes(black_box(&bytes)).expect("a proof");
            proof.verify_multiple(&gens, &bases, &mut transcript(), &commitments, bits).expect("a true proof");
        })
    });
    // One alone costs the same among any number.
    for n in settings.sizes.iter().copied() {
        table.time(RANGE, n, time).bytes = Some(bytes.len() as f64);
    }
}
