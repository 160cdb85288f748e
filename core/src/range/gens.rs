//! The generators (`GRP-4`), and tables of their multiples.

use super::{MAX_BITS, MAX_PARTIES};
use bulletproofs::BulletproofGens;
use curve25519_dalek::traits::VartimePrecomputedMultiscalarMul;
use curve25519_dalek::{RistrettoPoint, Scalar};
use selge_lanes::{Backend, Points};
use sha3::digest::{ExtendableOutput, Update, XofReader};
use sha3::Shake256;
use std::sync::OnceLock;

/// The crate's generators with tables of their multiples, for a sum of a few proofs: `B`, then `G`, then `H`.
pub(crate) struct Tables {
    bits: usize,
    /// Points of `G`, and as many of `H`.
    each: usize,
    tables: curve25519_dalek::ristretto::VartimeRistrettoPrecomputation,
}

impl Tables {
    /// The tables for proofs of up to `bits` bits and `parties` values; one set per shape is kept.
    pub(crate) fn of(bits: usize, parties: usize) -> &'static Tables {
        static SETS: [OnceLock<Tables>; 8] = [const { OnceLock::new() }; 8];
        let narrow = bits <= 8;
        let doublings = parties.next_power_of_two().ilog2().clamp(1, 4) as usize;
        let set = &SETS[(doublings - 1) + if narrow { 4 } else { 0 }];
        set.get_or_init(|| {
            let (bits, parties) = (if narrow { 8 } else { MAX_BITS }, 1 << doublings);
            let (g, h) = flat_gens();
            let used = |gens: &'static [RistrettoPoint]| {
                gens.chunks(MAX_BITS).take(parties).flat_map(move |value| value.iter().take(bits).copied())
            };
            let (g, h) = (used(g), used(h));
            let basepoint = curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
            let points: Vec<RistrettoPoint> = std::iter::once(basepoint).chain(g).chain(h).collect();
            Tables { bits, each: bits * parties, tables: VartimePrecomputedMultiscalarMul::new(&points) }
        })
    }

    /// `basepoint·B + ⟨g, G⟩ + ⟨h, H⟩` for a proof of just these bits and values.
    pub(crate) fn sum_flat(&self, basepoint: Scalar, g: &[Scalar], h: &[Scalar]) -> RistrettoPoint {
        let padded = |v: &'_ [Scalar]| {
            let mut v = v.to_vec();
            v.resize(self.each, Scalar::ZERO);
            v
        };
        self.tables.vartime_multiscalar_mul(std::iter::once(basepoint).chain(padded(g)).chain(padded(h)))
    }

    /// `basepoint·B + ⟨g, G⟩ + ⟨h, H⟩ + Σ scalars·points`; `g` and `h` have [`MAX_BITS`] slots per value.
    pub(crate) fn sum(
        &self,
        basepoint: Scalar,
        (g, h): (&[Scalar], &[Scalar]),
        scalars: &[Scalar],
        points: &[RistrettoPoint],
    ) -> RistrettoPoint {
        let of = |slots: &[Scalar]| -> Vec<Scalar> {
            slots.chunks(MAX_BITS).flat_map(|value| value.iter().take(self.bits).copied()).collect()
        };
        let pad = |mut v: Vec<Scalar>| {
            v.resize(self.each, Scalar::ZERO);
            v
        };
        let fixed: Vec<Scalar> = std::iter::once(basepoint).chain(pad(of(g))).chain(pad(of(h))).collect();
        self.tables.vartime_mixed_multiscalar_mul(&fixed, scalars, points)
    }
}

/// All generators `G` and `H` flat, [`MAX_BITS`] per value (`GRP-4`). `G` is the crate's; `H`, which it shows to nobody, is
/// derived here in the same way.
pub(crate) fn flat_gens() -> &'static (Vec<RistrettoPoint>, Vec<RistrettoPoint>) {
    static FLAT: OnceLock<(Vec<RistrettoPoint>, Vec<RistrettoPoint>)> = OnceLock::new();
    FLAT.get_or_init(|| {
        let crates = BulletproofGens::new(MAX_BITS, MAX_PARTIES);
        let g = (0..MAX_PARTIES).flat_map(|j| crates.share(j).G(MAX_BITS).copied().collect::<Vec<_>>()).collect();
        (g, chain(b'H'))
    })
}

/// The same, in the form that large sums take.
pub(crate) fn lane_gens() -> &'static (Points, Points) {
    static LANES: OnceLock<(Points, Points)> = OnceLock::new();
    LANES.get_or_init(|| {
        let (g, h) = flat_gens();
        let points = |gens: &[RistrettoPoint]| Points::from_ristretto_vartime(Backend::active(), gens);
        (points(g), points(h))
    })
}

/// Of value `j` the points that SHAKE256 of `"GeneratorsChain" || letter || u32 j, little-endian` yields, 64 bytes a
/// point, by RFC 9496's one-way map.
pub(super) fn chain(letter: u8) -> Vec<RistrettoPoint> {
    (0..MAX_PARTIES as u32)
        .flat_map(|j| {
            let mut shake = Shake256::default();
            shake.update(b"GeneratorsChain");
            shake.update(&[letter]);
            shake.update(&j.to_le_bytes());
            let mut stream = shake.finalize_xof();
            (0..MAX_BITS)
                .map(|_| {
                    let mut wide = [0; 64];
                    stream.read(&mut wide);
                    RistrettoPoint::from_uniform_bytes(&wide)
                })
                .collect::<Vec<_>>()
        })
        .collect()
}
