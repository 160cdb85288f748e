//! Small multiples of encoded points, added up place by place and encoded again: how trustees' decryption factors become
//! votes.
#![forbid(unsafe_code)]

use crate::backend::Backend;
use crate::decode::{decode_dalek, BadEncoding};
use crate::msm::TermError;
use curve25519_dalek::traits::Identity;
use curve25519_dalek::RistrettoPoint;

/// The encodings of 2·Σ_j factors_j · lists_j\[i\] for every place i, on the calling thread. One factor for each list; all
/// lists are equally long. Eight places at a time with AVX-512 IFMA, else with dalek.
///
/// *Twice* the sum, as dalek encodes doubles of many points at little cost: whoever looks these up makes the table with
/// [`RistrettoPoint::double_and_compress_batch`].
///
/// # Errors
/// [`TermError`], with the first place where one of the lists has a bad encoding.
pub fn combine_doubled_vartime(
    backend: Backend,
    factors: &[i64],
    lists: &[&[[u8; 32]]],
) -> Result<Vec<[u8; 32]>, TermError> {
    let length = lists.first().map_or(0, |list| list.len());
    if factors.len() != lists.len() || lists.iter().any(|list| list.len() != length) {
        return Err(TermError::Lengths { scalars: factors.len(), points: lists.len() });
    }
    #[cfg(target_arch = "x86_64")]
    if backend == Backend::Ifma {
        if let Some(f) = crate::ifma::Ifma::new() {
            return Ok(f.run(Combine { factors, lists, length })?);
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = backend;
    Ok(with_dalek(factors, lists, length)?)
}

/// Bits of the longest factor.
fn bits(factors: &[i64]) -> u32 {
    factors.iter().map(|n| u64::BITS - n.unsigned_abs().leading_zeros()).max().unwrap_or(0)
}

fn with_dalek(factors: &[i64], lists: &[&[[u8; 32]]], length: usize) -> Result<Vec<[u8; 32]>, BadEncoding> {
    let mut sums = vec![RistrettoPoint::identity(); length];
    let mut bad: Option<usize> = None;
    for (factor, list) in factors.iter().zip(lists) {
        match decode_dalek(list) {
            Ok(points) => sums.iter_mut().zip(&points).for_each(|(sum, point)| *sum += times(*factor, point)),
            Err(error) => bad = Some(bad.map_or(error.index, |at| at.min(error.index))),
        }
    }
    match bad {
        Some(index) => Err(BadEncoding { index }),
        None => Ok(RistrettoPoint::double_and_compress_batch(&sums).iter().map(|p| p.to_bytes()).collect()),
    }
}

/// n · point.
fn times(n: i64, point: &RistrettoPoint) -> RistrettoPoint {
    let sum = (0..bits(&[n])).rev().fold(RistrettoPoint::identity(), |sum, bit| {
        let doubled = sum + sum;
        if n.unsigned_abs() >> bit & 1 == 1 {
            doubled + point
        } else {
            doubled
        }
    });
    if n < 0 {
        -sum
    } else {
        sum
    }
}

/// In lanes: compiled for AVX-512 alone, as four lanes or one would gain little over dalek here.
#[cfg(target_arch = "x86_64")]
use lanes::Combine;

#[cfg(target_arch = "x86_64")]
mod lanes {
    use super::bits;
    use crate::backend::Kernel;
    use crate::curve::{Affine, Extended};
    use crate::decode::{decode_lanes, le_canonical, BadEncoding, GROUPS};
    use crate::field::{Field, MAX_LANES, ZERO};

    pub(super) struct Combine<'a> {
        pub(super) factors: &'a [i64],
        pub(super) lists: &'a [&'a [[u8; 32]]],
        pub(super) length: usize,
    }

    impl Kernel for Combine<'_> {
        type Output = Result<Vec<[u8; 32]>, BadEncoding>;

        #[inline(always)]
        fn run<F: Field>(self, f: F) -> Self::Output {
            let step = F::LANES * GROUPS;
            let bits = bits(self.factors);
            let mut out = Vec::with_capacity(self.length);
            let mut points: Vec<[Affine<F>; GROUPS]> = Vec::with_capacity(self.lists.len());
            for start in (0..self.length).step_by(step) {
                let n = step.min(self.length - start);
                points.clear();
                // The lanes, side by side over all groups, where every list has a point.
                let mut good = [u8::MAX; GROUPS];
                for list in self.lists {
                    let mut s = [[ZERO; MAX_LANES]; GROUPS];
                    for (at, encoding) in list[start..start + n].iter().enumerate() {
                        match le_canonical(encoding) {
                            Some(words) => s[at / F::LANES][at % F::LANES] = words,
                            None => good[at / F::LANES] &= !(1 << (at % F::LANES)),
                        }
                    }
                    let (decoded, ok) = decode_lanes(f, &s);
                    points.push(decoded.map(|point| point.affine(f)));
                    good.iter_mut().zip(ok).for_each(|(good, ok)| *good &= ok);
                }
                if let Some(at) = (0..n).find(|at| good[at / F::LANES] >> (at % F::LANES) & 1 == 0) {
                    return Err(BadEncoding { index: start + at });
                }
                let mut sum = [Extended::identity(f); GROUPS];
                for bit in (0..bits).rev() {
                    sum = sum.map(|sum| sum.double(f));
                    for (factor, points) in self.factors.iter().zip(&points) {
                        if factor.unsigned_abs() >> bit & 1 == 1 {
                            let negative = if *factor < 0 { u8::MAX } else { 0 };
                            sum = Extended::add_affine(f, sum, *points, [negative; GROUPS]);
                        }
                    }
                }
                let encodings = Extended::encode(f, sum.map(|sum| sum.double(f)));
                out.extend(encodings.iter().flat_map(|group| &group[..F::LANES]).take(n));
            }
            Ok(out)
        }
    }
}
