//! Decoded points, kept for several sums.
#![forbid(unsafe_code)]

use crate::backend::Backend;
use crate::curve::{Affine, Extended, Packed, Wide, PACKED_IDENTITY};
use crate::decode::{decode_dalek, decode_packed, BadEncoding};
use crate::field::MAX_LANES;
use crate::pippenger::widen;
use crate::serial::Serial;
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::RistrettoPoint;
use rayon::prelude::*;

/// Points per parallel task of a conversion.
const TASK: usize = 1024;

/// Decoded points, 96 bytes each (160 with [`Backend::Dalek`]), for any number of sums.
#[derive(Clone)]
pub struct Points(pub(crate) Repr);

#[derive(Clone)]
pub(crate) enum Repr {
    /// Affine points; where `doubled`, each is twice what it stands for.
    Packed { points: Vec<Packed>, doubled: bool },
    /// dalek's own.
    Dalek(Vec<RistrettoPoint>),
}

impl std::fmt::Debug for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Points({})", self.len())
    }
}

impl Points {
    /// Decodes on all cores, accepting exactly what [`CompressedRistretto::decompress`] accepts.
    ///
    /// # Errors
    /// [`BadEncoding`] with the first encoding that is not canonical.
    pub fn decode_vartime(backend: Backend, encodings: &[[u8; 32]]) -> Result<Self, BadEncoding> {
        if backend == Backend::Dalek {
            return decode_dalek(encodings).map(|points| Points(Repr::Dalek(points)));
        }
        let mut points = vec![PACKED_IDENTITY; encodings.len()];
        decode_packed(backend, encodings, &mut points)?;
        Ok(Points(Repr::Packed { points, doubled: false }))
    }

    /// Points that were made with dalek, such as generators, on all cores.
    ///
    /// dalek shows no coordinates, and encoding a point costs as much as decoding it, but it encodes *doubles* of
    /// many points at little cost; sums then halve the scalars. A short scalar becomes a long one by that: points
    /// that meet 128-bit scalars are cheaper from their encodings.
    pub fn from_ristretto_vartime(backend: Backend, points: &[RistrettoPoint]) -> Self {
        if backend == Backend::Dalek {
            return Points(Repr::Dalek(points.to_vec()));
        }
        let mut packed = vec![PACKED_IDENTITY; points.len()];
        doubles(backend, points, &mut packed);
        Points(Repr::Packed { points: packed, doubled: true })
    }

    /// How many points.
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Packed { points, .. } => points.len(),
            Repr::Dalek(points) => points.len(),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Twice each point, packed, on all cores. `out` is as long as `points`.
pub(crate) fn doubles(backend: Backend, points: &[RistrettoPoint], out: &mut [Packed]) {
    out.par_chunks_mut(TASK).zip(points.par_chunks(TASK)).for_each(|(out, points)| {
        let doubles = RistrettoPoint::double_and_compress_batch(points);
        let doubles: Vec<[u8; 32]> = doubles.iter().map(CompressedRistretto::to_bytes).collect();
        let decoded = decode_packed(backend, &doubles, out);
        // A wrong point here would be a wrong verdict later.
        assert_eq!(decoded, Ok(()), "dalek's own encodings decode");
    });
}

/// A point of this crate's as one of dalek's: encoded and decoded.
pub(crate) fn to_ristretto(point: Extended<Serial>) -> RistrettoPoint {
    let [[encoding, ..]] = Extended::encode(Serial, [point]);
    let decoded = CompressedRistretto(encoding).decompress();
    assert!(decoded.is_some(), "every point has a canonical encoding");
    decoded.unwrap_or_default()
}

/// A sum as one of dalek's points.
pub(crate) fn wide_to_ristretto(wide: &Wide) -> RistrettoPoint {
    to_ristretto(widen(wide))
}

/// Packed points as dalek's, on all cores.
pub(crate) fn packed_to_ristretto(points: &[Packed]) -> Vec<RistrettoPoint> {
    points
        .par_iter()
        .map(|point| {
            let affine = Affine::gather(Serial, &[point; MAX_LANES]);
            to_ristretto(Extended::from_affine(Serial, affine, 0))
        })
        .collect()
}
