//! Sums of Ed25519 points, as signatures are checked with (ZIP 215).
//!
//! They are kept apart from sums of ristretto255: such a sum vanishes up to points of order 4, one here up to points of
//! order 8, and neither type takes the other's points.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::{negate, Packed};
use crate::decode::{bad_at, first_bad, le_words, load, BadEncoding, Coordinates, GROUPS, TASK};
use crate::field::{mul, sqrt_ratio, square, Field, Words, MAX_LANES, MINUS_D, ONE};
use crate::msm::{pair, Msm, TermError, DALEK_CHUNK};
use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{EdwardsPoint, Scalar};
use rayon::prelude::*;

/// A sum Σ scalar_i · point_i of Ed25519 points being built, of which it will be asked whether 8 times it is the identity.
///
/// Scalars are numbers modulo the order of the basepoint: what that changes in multiples of a point of another order, 8
/// times it does not show.
pub struct EdwardsMsm {
    lanes: Msm,
    /// With [`Backend::Dalek`] instead.
    dalek: EdwardsPoint,
}

impl std::fmt::Debug for EdwardsMsm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EdwardsMsm").field("backend", &self.lanes.backend()).finish_non_exhaustive()
    }
}

impl Default for EdwardsMsm {
    fn default() -> Self {
        EdwardsMsm::new(Backend::active())
    }
}

impl EdwardsMsm {
    /// An empty sum.
    pub fn new(backend: Backend) -> Self {
        EdwardsMsm { lanes: Msm::new(backend), dalek: EdwardsPoint::identity() }
    }

    /// `+ Σ scalars_i · points_i` for points as they are encoded: exactly those that [`CompressedEdwardsY::decompress`]
    /// accepts, which are those of ZIP 215.
    ///
    /// # Errors
    /// [`TermError`]. After a bad encoding, terms before it may be part of the sum, which is then of no use.
    pub fn add_encoded_vartime(&mut self, scalars: &[Scalar], encodings: &[[u8; 32]]) -> Result<(), TermError> {
        pair(scalars, encodings.len())?;
        if self.lanes.backend() != Backend::Dalek {
            return self.lanes.add_decoded(scalars, encodings, decode_packed);
        }
        let points: Vec<Option<EdwardsPoint>> =
            encodings.par_iter().map(|e| CompressedEdwardsY(*e).decompress()).collect();
        if let Some(index) = points.iter().position(Option::is_none) {
            return Err(BadEncoding { index }.into());
        }
        let points: Vec<EdwardsPoint> = points.into_iter().flatten().collect();
        self.dalek += scalars
            .par_chunks(DALEK_CHUNK)
            .zip(points.par_chunks(DALEK_CHUNK))
            .map(|(s, p)| EdwardsPoint::vartime_multiscalar_mul(s, p))
            .reduce(EdwardsPoint::identity, |a, b| a + b);
        Ok(())
    }

    /// Whether 8 times the sum is the identity.
    #[must_use]
    pub fn is_small_order_vartime(self) -> bool {
        if self.lanes.backend() == Backend::Dalek {
            self.dalek.is_small_order()
        } else {
            self.lanes.vanishes_eightfold()
        }
    }
}

/// Decodes onto `out`, as long as `encodings`, on one core; the first bad index.
struct Decode<'a> {
    encodings: &'a [[u8; 32]],
    out: &'a mut [Packed],
}

impl Kernel for Decode<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<F: Field>(self, f: F) -> Option<usize> {
        let step = F::LANES * GROUPS;
        for (i, (encodings, out)) in self.encodings.chunks(step).zip(self.out.chunks_mut(step)).enumerate() {
            // Lanes without an encoding decode y = 1, the identity.
            let mut y = [[ONE; MAX_LANES]; GROUPS];
            let mut negative = [0u8; GROUPS];
            for (at, encoding) in encodings.iter().enumerate() {
                let mut words = le_words(encoding);
                negative[at / F::LANES] |= ((words[3] >> 63) as u8) << (at % F::LANES);
                // y may be p or more (ZIP 215); any number below 2^255 is an element in memory.
                words[3] &= u64::MAX >> 1;
                y[at / F::LANES][at % F::LANES] = words;
            }
            let (points, ok) = decode_lanes(f, &y, negative);
            if let Some(at) = (0..encodings.len()).find(|at| ok[at / F::LANES] >> (at % F::LANES) & 1 == 0) {
                return Some(i * step + at);
            }
            for (out, point) in out.chunks_mut(F::LANES).zip(points) {
                let n = out.len();
                out.copy_from_slice(&point.pack(f)[..n]);
            }
        }
        None
    }
}

/// The points with these y, and x of these signs where x is not zero; and the lanes where there is one.
#[inline(always)]
fn decode_lanes<F: Field>(
    f: F,
    y: &[[Words; MAX_LANES]; GROUPS],
    negative: [u8; GROUPS],
) -> ([Coordinates<F>; GROUPS], [u8; GROUPS]) {
    let (one, minus_d) = (f.splat(&ONE), f.splat(&MINUS_D));
    let y = load(f, y);
    // x² = (y² - 1) / (d·y² + 1), whose denominator is never zero: -1/d is not a square.
    let yy = square(f, y);
    let (mut u, mut v) = (yy, mul(f, yy, [minus_d; GROUPS]));
    for k in 0..GROUPS {
        u[k] = f.sub(u[k], one);
        v[k] = f.sub(one, v[k]);
    }
    let (root, ok) = sqrt_ratio(f, u, v);
    let mut points = [Coordinates { x: one, y: one, xy: one }; GROUPS];
    for k in 0..GROUPS {
        let x = negate(f, f.is_negative(root[k]) ^ negative[k], root[k]);
        points[k] = Coordinates { x, y: y[k], xy: f.mul(x, y[k]) };
    }
    (points, ok)
}

/// Decodes in lanes, on all cores.
fn decode_packed(backend: Backend, encodings: &[[u8; 32]], out: &mut [Packed]) -> Result<(), BadEncoding> {
    first_bad(
        encodings
            .par_chunks(TASK)
            .zip(out.par_chunks_mut(TASK))
            .enumerate()
            .map(|(i, (encodings, out))| bad_at(i, backend.run(Decode { encodings, out }))),
    )
}
