//! Large sums Σ scalar · point, fed piece by piece, in bounded memory.
#![forbid(unsafe_code)]

use crate::backend::Backend;
use crate::curve::{Packed, Wide, PACKED_IDENTITY, WIDE_IDENTITY};
use crate::decode::{decode_dalek, decode_packed, BadEncoding};
use crate::field::{Field, Words, ZERO};
use crate::pippenger::{sum, widen};
use crate::points::{doubles, packed_to_ristretto, wide_to_ristretto, Points, Repr};
use crate::serial::Serial;
use crate::straus;
use curve25519_dalek::traits::{Identity, VartimeMultiscalarMul};
use curve25519_dalek::{RistrettoPoint, Scalar};
use rayon::prelude::*;

/// Terms that are summed together, unless told otherwise.
pub const CHUNK: usize = 1 << 16;

/// Terms per call of dalek's sum, whose windows stop at 8 bits: more would only take more memory.
pub(crate) const DALEK_CHUNK: usize = 8192;

/// A sum Σ scalar_i · point_i being built.
///
/// Terms wait until there are [`CHUNK`] of them (or as many as [`Msm::with_chunk`] says), and are then summed on all
/// cores. Memory, for a chunk of n terms: 128 bytes a term, and while it is summed 4 bytes more for each of some 20
/// windows, 14 MiB for the usual chunk; and for every thread 8 bytes a term and the buckets, together below 4 MiB.
pub struct Msm {
    backend: Backend,
    chunk: usize,
    total: Wide,
    scalars: Vec<Words>,
    points: Vec<Packed>,
    /// With [`Backend::Dalek`] instead of all that.
    dalek: (RistrettoPoint, Vec<Scalar>, Vec<RistrettoPoint>),
}

impl std::fmt::Debug for Msm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let waiting = self.scalars.len() + self.dalek.1.len();
        f.debug_struct("Msm").field("backend", &self.backend).field("waiting", &waiting).finish()
    }
}

/// Scalars and points that do not pair up, or a bad encoding among the points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    /// There must be one scalar for each point.
    #[error("{scalars} scalars do not pair up with {points} points")]
    Lengths {
        /// Scalars given.
        scalars: usize,
        /// Points given.
        points: usize,
    },
    /// See [`BadEncoding`].
    #[error(transparent)]
    Encoding(#[from] BadEncoding),
}

impl Default for Msm {
    fn default() -> Self {
        Msm::new(Backend::active())
    }
}

impl Msm {
    /// An empty sum.
    pub fn new(backend: Backend) -> Self {
        Msm::with_chunk(backend, CHUNK)
    }

    /// An empty sum that works on `chunk` terms at a time, at least one: smaller chunks take less memory and longer.
    pub fn with_chunk(backend: Backend, chunk: usize) -> Self {
        Msm {
            backend,
            chunk: chunk.clamp(1, 1 << 26),
            total: WIDE_IDENTITY,
            scalars: Vec::new(),
            points: Vec::new(),
            dalek: (RistrettoPoint::identity(), Vec::new(), Vec::new()),
        }
    }

    /// `+ Σ scalars_i · points_i` for points made with dalek.
    ///
    /// # Errors
    /// [`TermError::Lengths`]; then nothing is added.
    pub fn add_ristretto_vartime(&mut self, scalars: &[Scalar], points: &[RistrettoPoint]) -> Result<(), TermError> {
        pair(scalars, points.len())?;
        if self.backend == Backend::Dalek {
            self.dalek_terms(scalars, points);
            return Ok(());
        }
        self.pieces(scalars.len(), |sum, range| {
            let at = sum.room(range.len());
            doubles(sum.backend, &points[range.clone()], &mut sum.points[at..]);
            sum.scalars.par_extend(scalars[range].par_iter().map(|s| words(&half(s))));
            Ok(())
        })
    }

    /// `+ Σ scalars_i · points_i` for decoded points.
    ///
    /// # Errors
    /// [`TermError::Lengths`]; then nothing is added.
    pub fn add_points_vartime(&mut self, scalars: &[Scalar], points: &Points) -> Result<(), TermError> {
        self.add_points_from_vartime(scalars, points, 0)
    }

    /// `+ Σ scalars_i · points_{from + i}` for decoded points, of which those before `from` and those beyond the last
    /// scalar take no part.
    ///
    /// # Errors
    /// [`TermError::Lengths`] if there are fewer points; then nothing is added.
    pub fn add_points_from_vartime(
        &mut self,
        scalars: &[Scalar],
        points: &Points,
        from: usize,
    ) -> Result<(), TermError> {
        let left = points.len().saturating_sub(from);
        if left < scalars.len() {
            return Err(TermError::Lengths { scalars: scalars.len(), points: left });
        }
        let range = from..from + scalars.len();
        match (&points.0, self.backend) {
            (Repr::Dalek(points), _) => self.add_ristretto_vartime(scalars, &points[range]),
            (Repr::Packed { points, doubled }, Backend::Dalek) => {
                let scalars: Vec<Scalar> = scalars.iter().map(|s| if *doubled { half(s) } else { *s }).collect();
                self.dalek_terms(&scalars, &packed_to_ristretto(&points[range]));
                Ok(())
            }
            (Repr::Packed { points, doubled }, _) => {
                let points = &points[range];
                self.pieces(scalars.len(), |sum, range| {
                    sum.points.extend_from_slice(&points[range.clone()]);
                    let scalars = scalars[range].par_iter();
                    sum.scalars.par_extend(scalars.map(|s| words(&if *doubled { half(s) } else { *s })));
                    Ok(())
                })
            }
        }
    }

    /// `+ Σ scalars_i · points_i` for points as they are encoded, decoded on the way; none is kept.
    ///
    /// # Errors
    /// [`TermError`]. After a bad encoding, terms before it may be part of the sum, which is then of no use.
    pub fn add_encoded_vartime(&mut self, scalars: &[Scalar], encodings: &[[u8; 32]]) -> Result<(), TermError> {
        pair(scalars, encodings.len())?;
        if self.backend == Backend::Dalek {
            self.dalek_terms(scalars, &decode_dalek(encodings)?);
            return Ok(());
        }
        self.add_decoded(scalars, encodings, decode_packed)
    }

    /// `+ Σ scalars_i · points_i` for points that `decode` makes of their encodings, in lanes. As many scalars as encodings.
    pub(crate) fn add_decoded(
        &mut self,
        scalars: &[Scalar],
        encodings: &[[u8; 32]],
        decode: impl Fn(Backend, &[[u8; 32]], &mut [Packed]) -> Result<(), BadEncoding>,
    ) -> Result<(), TermError> {
        self.pieces(scalars.len(), |sum, range| {
            let at = sum.room(range.len());
            decode(sum.backend, &encodings[range.clone()], &mut sum.points[at..])
                .map_err(|bad| BadEncoding { index: range.start + bad.index })?;
            sum.scalars.par_extend(scalars[range].par_iter().map(words));
            Ok(())
        })
    }

    /// Adds another sum, made with the same arithmetic.
    pub fn append(&mut self, mut other: Msm) {
        other.flush();
        let sum = widen(&self.total).add(Serial, widen(&other.total).cached(Serial));
        self.total = sum.scatter(Serial)[0];
        self.dalek.0 += other.dalek.0;
    }

    /// The sum.
    pub fn finish_vartime(mut self) -> RistrettoPoint {
        self.flush();
        if self.backend == Backend::Dalek {
            self.dalek.0
        } else {
            wide_to_ristretto(&self.total)
        }
    }

    /// Whether the sum is the identity.
    #[must_use]
    pub fn is_identity_vartime(mut self) -> bool {
        self.flush();
        if self.backend == Backend::Dalek {
            self.dalek.0 == RistrettoPoint::identity()
        } else {
            widen(&self.total).is_identity(Serial) != 0
        }
    }

    /// Whether 8 times the sum, in lanes, is the identity of the curve.
    pub(crate) fn vanishes_eightfold(mut self) -> bool {
        self.flush();
        let sum = widen(&self.total).double(Serial).double(Serial).double(Serial);
        Serial.is_zero(sum.x) & Serial.is_zero(Serial.sub(sum.y, sum.z)) != 0
    }

    pub(crate) fn backend(&self) -> Backend {
        self.backend
    }

    /// Cuts `n` terms into pieces that fit what waits, summing whenever the chunk is full.
    fn pieces(
        &mut self,
        n: usize,
        mut add: impl FnMut(&mut Self, std::ops::Range<usize>) -> Result<(), TermError>,
    ) -> Result<(), TermError> {
        let mut at = 0;
        while at < n {
            let end = n.min(at + self.chunk - self.scalars.len());
            let waiting = self.scalars.len();
            if let Err(error) = add(self, at..end) {
                self.points.truncate(waiting);
                self.scalars.truncate(waiting);
                return Err(error);
            }
            at = end;
            if self.scalars.len() >= self.chunk {
                self.flush();
            }
        }
        Ok(())
    }

    /// Makes room for `n` more points and says where it starts.
    fn room(&mut self, n: usize) -> usize {
        let at = self.points.len();
        self.points.resize(at + n, PACKED_IDENTITY);
        at
    }

    /// Sums what waits.
    fn flush(&mut self) {
        if !self.scalars.is_empty() {
            let few = self.scalars.len() <= straus::few(self.backend);
            let sum = if few {
                straus::sum(self.backend, &self.scalars, &self.points)
            } else {
                // Exactly, as a full chunk would double its memory for one point.
                self.points.reserve_exact(1);
                self.points.push(PACKED_IDENTITY);
                sum(self.backend, &self.scalars, &self.points)
            };
            self.total = widen(&self.total).add(Serial, widen(&sum).cached(Serial)).scatter(Serial)[0];
            self.scalars.clear();
            self.points.clear();
        }
        let (total, scalars, points) = &mut self.dalek;
        *total += scalars
            .par_chunks(DALEK_CHUNK)
            .zip(points.par_chunks(DALEK_CHUNK))
            .map(|(s, p)| RistrettoPoint::vartime_multiscalar_mul(s, p))
            .reduce(RistrettoPoint::identity, |a, b| a + b);
        scalars.clear();
        points.clear();
    }

    fn dalek_terms(&mut self, mut scalars: &[Scalar], mut points: &[RistrettoPoint]) {
        while !scalars.is_empty() {
            let n = scalars.len().min(self.chunk - self.dalek.1.len());
            self.dalek.1.extend_from_slice(&scalars[..n]);
            self.dalek.2.extend_from_slice(&points[..n]);
            (scalars, points) = (&scalars[n..], &points[n..]);
            if self.dalek.1.len() >= self.chunk {
                self.flush();
            }
        }
    }
}

pub(crate) fn pair(scalars: &[Scalar], points: usize) -> Result<(), TermError> {
    if scalars.len() == points {
        Ok(())
    } else {
        Err(TermError::Lengths { scalars: scalars.len(), points })
    }
}

/// A scalar as words, in constant time. dalek makes no scalar that is not reduced, without its legacy features.
pub(crate) fn words(scalar: &Scalar) -> Words {
    let mut words = ZERO;
    for (word, eight) in words.iter_mut().zip(scalar.as_bytes().chunks_exact(8)) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(eight);
        *word = u64::from_le_bytes(bytes);
    }
    words
}

/// Half a scalar, modulo the order.
pub(crate) fn half(scalar: &Scalar) -> Scalar {
    // (q + 1) / 2.
    const HALF: [u8; 32] = [
        0xf7, 0xe9, 0x7a, 0x2e, 0x8d, 0x31, 0x09, 0x2c, 0x6b, 0xce, 0x7b, 0x51, 0xef, 0x7c, 0x6f, 0x0a, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x08,
    ];
    scalar * Scalar::from_bytes_mod_order(HALF)
}
