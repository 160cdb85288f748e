//! Decoding (RFC 9496, section 4.3.1), accepting exactly what curve25519-dalek accepts.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::{below_p, negate, pack, Affine, Packed};
use crate::field::{invsqrt, mul, square, Field, Words, MAX_LANES, MINUS_D, ONE, TWO_D, ZERO};
use curve25519_dalek::ristretto::CompressedRistretto;
use curve25519_dalek::RistrettoPoint;
use rayon::prelude::*;

/// An encoding that stands for no point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("encoding {index} (counted from 0) stands for no point of its group")]
pub struct BadEncoding {
    /// The first such encoding's place in the slice.
    pub index: usize,
}

/// Encodings per parallel task: decoding them takes well under a millisecond.
pub(crate) const TASK: usize = 1024;

/// Vectors at once: enough independent work to keep the multipliers busy.
pub(crate) const GROUPS: usize = 2;

/// Decodes onto `out`, as long as `encodings`, on one core; the first bad index.
struct Decode<'a> {
    encodings: &'a [[u8; 32]],
    out: Option<&'a mut [Packed]>,
}

/// The words of an encoding that is below p and even, as every canonical one is.
#[inline(always)]
pub(crate) fn le_canonical(encoding: &[u8; 32]) -> Option<Words> {
    let words = le_words(encoding);
    (below_p(&words) && words[0] & 1 == 0).then_some(words)
}

/// 32 bytes, little-endian, as words.
#[inline(always)]
pub(crate) fn le_words(encoding: &[u8; 32]) -> Words {
    let mut words = ZERO;
    for (word, eight) in words.iter_mut().zip(encoding.chunks_exact(8)) {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(eight);
        *word = u64::from_le_bytes(bytes);
    }
    words
}

impl Kernel for Decode<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn run<F: Field>(mut self, f: F) -> Option<usize> {
        let step = F::LANES * GROUPS;
        for (i, encodings) in self.encodings.chunks(step).enumerate() {
            // Lanes without an encoding, or with a bad one, decode zero, the identity.
            let mut s = [[ZERO; MAX_LANES]; GROUPS];
            let mut bad = None;
            for (at, encoding) in encodings.iter().enumerate() {
                match le_canonical(encoding) {
                    Some(words) => s[at / F::LANES][at % F::LANES] = words,
                    None => bad = bad.or(Some(at)),
                }
            }
            let (points, ok) = decode_lanes(f, &s);
            let square = (0..encodings.len()).find(|at| ok[at / F::LANES] >> (at % F::LANES) & 1 == 0);
            // Both are the first of their kind.
            if let Some(at) = bad.into_iter().chain(square).min() {
                return Some(i * step + at);
            }
            if let Some(out) = self.out.as_deref_mut() {
                for (out, point) in out[i * step..].chunks_mut(F::LANES).zip(points) {
                    let packed = point.pack(f);
                    let n = out.len().min(F::LANES);
                    out[..n].copy_from_slice(&packed[..n]);
                }
            }
        }
        None
    }
}

/// Elements from their words, lane by lane.
#[inline(always)]
pub(crate) fn load<F: Field>(f: F, words: &[[Words; MAX_LANES]; GROUPS]) -> [F::Fe; GROUPS] {
    let mut fe = [f.splat(&ONE); GROUPS];
    for (fe, words) in fe.iter_mut().zip(words) {
        let mut rows = [&words[0]; MAX_LANES];
        for l in 1..MAX_LANES {
            rows[l] = &words[l];
        }
        *fe = f.gather(&rows);
    }
    fe
}

/// x, y and x·y.
#[derive(Clone, Copy)]
pub(crate) struct Coordinates<F: Field> {
    pub(crate) x: F::Fe,
    pub(crate) y: F::Fe,
    pub(crate) xy: F::Fe,
}

impl<F: Field> Coordinates<F> {
    #[inline(always)]
    pub(crate) fn pack(self, f: F) -> [Packed; MAX_LANES] {
        pack(f, self.x, self.y, self.xy)
    }

    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // `combine.rs` alone uses it
    #[inline(always)]
    pub(crate) fn affine(self, f: F) -> Affine<F> {
        let (plus, minus) = (f.add(self.y, self.x), f.sub(self.y, self.x));
        Affine { plus, minus, t2d: f.mul(self.xy, f.splat(&TWO_D)) }
    }
}

/// The points with these non-negative s, and the lanes where there is one.
#[inline(always)]
pub(crate) fn decode_lanes<F: Field>(
    f: F,
    s: &[[Words; MAX_LANES]; GROUPS],
) -> ([Coordinates<F>; GROUPS], [u8; GROUPS]) {
    let one = f.splat(&ONE);
    let minus_d = f.splat(&MINUS_D);
    let fe = load(f, s);
    let (mut u1, mut u2) = (square(f, fe), square(f, fe));
    for k in 0..GROUPS {
        u1[k] = f.sub(one, u1[k]);
        u2[k] = f.add(one, u2[k]);
    }
    let u2_squared = square(f, u2);
    let mut v = square(f, u1);
    for k in 0..GROUPS {
        v[k] = f.sub(f.mul(v[k], minus_d), u2_squared[k]);
    }
    // The sign of the root does not matter: x is made non-negative, and y has the root twice.
    let (root, mut ok) = invsqrt(f, mul(f, v, u2_squared));
    let dx = mul(f, root, u2);
    let dy = mul(f, mul(f, root, dx), v);
    let mut points = [Coordinates { x: one, y: one, xy: one }; GROUPS];
    for k in 0..GROUPS {
        let x = f.mul(f.add(fe[k], fe[k]), dx[k]);
        let x = negate(f, f.is_negative(x), x);
        let y = f.mul(u1[k], dy[k]);
        let t = f.mul(x, y);
        ok[k] &= !(f.is_negative(t) | f.is_zero(y));
        points[k] = Coordinates { x, y, xy: t };
    }
    (points, ok)
}

/// Decodes in lanes, on all cores.
pub(crate) fn decode_packed(backend: Backend, encodings: &[[u8; 32]], out: &mut [Packed]) -> Result<(), BadEncoding> {
    first_bad(
        encodings
            .par_chunks(TASK)
            .zip(out.par_chunks_mut(TASK))
            .enumerate()
            .map(|(i, (encodings, out))| bad_at(i, backend.run(Decode { encodings, out: Some(out) }))),
    )
}

/// Decodes with dalek, on all cores.
pub(crate) fn decode_dalek(encodings: &[[u8; 32]]) -> Result<Vec<RistrettoPoint>, BadEncoding> {
    let points: Vec<Option<RistrettoPoint>> =
        encodings.par_iter().with_min_len(TASK / 4).map(|e| CompressedRistretto(*e).decompress()).collect();
    match points.iter().position(Option::is_none) {
        Some(index) => Err(BadEncoding { index }),
        None => Ok(points.into_iter().flatten().collect()),
    }
}

/// Whether every encoding is canonical, on all cores, keeping nothing.
///
/// # Errors
/// [`BadEncoding`] with the first that is not.
pub fn check_vartime(backend: Backend, encodings: &[[u8; 32]]) -> Result<(), BadEncoding> {
    first_bad(encodings.par_chunks(TASK).enumerate().map(|(i, encodings)| {
        let bad = match backend {
            Backend::Dalek => encodings.iter().position(|e| CompressedRistretto(*e).decompress().is_none()),
            _ => backend.run(Decode { encodings, out: None }),
        };
        bad_at(i, bad)
    }))
}

pub(crate) fn bad_at(task: usize, bad: Option<usize>) -> Result<(), BadEncoding> {
    bad.map_or(Ok(()), |at| Err(BadEncoding { index: task * TASK + at }))
}

/// The lowest index of all tasks.
pub(crate) fn first_bad(tasks: impl ParallelIterator<Item = Result<(), BadEncoding>>) -> Result<(), BadEncoding> {
    match tasks.filter_map(Result::err).map(|e| e.index).min() {
        Some(index) => Err(BadEncoding { index }),
        None => Ok(()),
    }
}
