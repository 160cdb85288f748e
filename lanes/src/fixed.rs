//! Secret multiples of a fixed public point, added to public points: what a mix server re-encrypts with.
//!
//! **The one exception to this crate's charter:** the scalars are secret, and here alone. What is done depends on how many
//! there are, never on what they are: no branch, no address, no instruction whose time depends on its operands.
//!
//! - The scalar, made odd by adding the group order, is written in 43 odd digits of 6 bits, -63 to 63 (M. Joye and M. Tunstall, *Exponent recoding and
//!   regular exponentiation algorithms*, AFRICACRYPT 2009), so that every window adds something and zero is no special case.
//! - An entry is looked up by reading all of the window's table ([`Field::lookup`]), its sign by blending.
//! - Additions and encoding are the complete formulas of [`crate::curve`], whose fields are branch-free on all backends.
//! - Digits are wiped. Vector registers and the compiler's spills cannot be.
//!
//! The tables are public, and so are the points that are added to and the encodings that result. `docs/lanes.md` argues it.
#![forbid(unsafe_code)]

use crate::backend::{Backend, Kernel};
use crate::curve::{Affine, Extended, Packed, PACKED_IDENTITY};
use crate::decode::{decode_packed, BadEncoding};
use crate::field::{Field, Words, ENTRIES, MAX_LANES};
use crate::msm::{half, words};
use crate::points::doubles;
use curve25519_dalek::{RistrettoPoint, Scalar};
use std::hint::black_box;
use zeroize::Zeroize;

/// Bits of a digit; one is its sign.
const WIDTH: usize = 6;

/// Digits of a scalar: as many as an odd number below 2^254 takes.
const WINDOWS: usize = 43;

/// Vectors whose points are encoded together.
const GROUPS: usize = 2;

/// The group order q.
const ORDER: Words = [0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0, 0x1000_0000_0000_0000];

/// (2k + 1)·64^i·P for one window i: coordinate by coordinate, word by word, entry by entry.
#[derive(Clone)]
#[repr(align(64))]
struct Window([[[u64; ENTRIES]; 4]; 3]);

/// A public point's multiples, 132 KiB, for adding secret multiples of it to public points in constant time.
#[derive(Clone)]
pub struct FixedBase {
    backend: Backend,
    windows: Vec<Window>,
}

impl std::fmt::Debug for FixedBase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FixedBase").field("backend", &self.backend).finish()
    }
}

/// Points, scalars and room for the results that do not pair up, or a point that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FixedBaseError {
    /// There must be one scalar and one place for each point.
    #[error("{points} points, {scalars} scalars and {places} places do not pair up")]
    Lengths {
        /// Points given.
        points: usize,
        /// Scalars given.
        scalars: usize,
        /// Places given.
        places: usize,
    },
    /// See [`BadEncoding`].
    #[error(transparent)]
    Encoding(#[from] BadEncoding),
}

impl FixedBase {
    /// The multiples of a public point; some 70 scalar multiplications' work. [`Backend::Dalek`] has no arithmetic here and
    /// takes that of [`Backend::Serial`].
    pub fn new(backend: Backend, base: &RistrettoPoint) -> Self {
        // What is packed is twice what is given.
        let mut power = base * half(&Scalar::ONE);
        let mut multiples = Vec::with_capacity(WINDOWS * ENTRIES);
        for _ in 0..WINDOWS {
            let step = power + power;
            let mut multiple = power;
            for _ in 0..ENTRIES {
                multiples.push(multiple);
                multiple += step;
            }
            for _ in 0..WIDTH {
                power += power;
            }
        }
        let backend = if backend == Backend::Dalek { Backend::Serial } else { backend };
        let mut packed = vec![PACKED_IDENTITY; multiples.len()];
        doubles(backend, &multiples, &mut packed);
        let window = |entries: &[Packed]| {
            let mut window = Window([[[0; ENTRIES]; 4]; 3]);
            for (e, entry) in entries.iter().enumerate() {
                for (coordinate, words) in window.0.iter_mut().zip(entry) {
                    coordinate.iter_mut().zip(words).for_each(|(column, word)| column[e] = *word);
                }
            }
            window
        };
        FixedBase { backend, windows: packed.chunks_exact(ENTRIES).map(window).collect() }
    }

    /// Encodings of `points_i + scalars_i · base`, in constant time as far as the scalars go, on the calling thread.
    ///
    /// # Errors
    /// [`FixedBaseError`]; then nothing is written.
    pub fn add_multiples(
        &self,
        points: &[[u8; 32]],
        scalars: &[Scalar],
        out: &mut [[u8; 32]],
    ) -> Result<(), FixedBaseError> {
        if points.len() != scalars.len() || points.len() != out.len() {
            return Err(FixedBaseError::Lengths { points: points.len(), scalars: scalars.len(), places: out.len() });
        }
        let mut decoded = vec![PACKED_IDENTITY; points.len()];
        decode_packed(self.backend, points, &mut decoded)?;
        self.backend.run(AddMultiples { windows: &self.windows, points: &decoded, scalars, out });
        Ok(())
    }
}

/// The digits of one vector's scalars, window by window, lane by lane: `u` stands for 2u - 63.
type Digits = [[u8; MAX_LANES]; WINDOWS];

/// Writes a scalar's digits into its lane.
#[inline(always)]
fn recode(scalar: &Scalar, lane: usize, digits: &mut Digits) {
    let mut odd = words(scalar);
    // All ones if the scalar is even.
    let even = black_box(odd[0] & 1).wrapping_sub(1);
    let mut carry = 0;
    for (word, order) in odd.iter_mut().zip(ORDER) {
        let sum = u128::from(*word) + u128::from(order & even) + carry;
        (*word, carry) = (sum as u64, sum >> 64);
    }
    // With u of all digits joined, 2u - (64^43 - 1) = scalar: u is half the odd scalar, rounded down, and 2^257.
    for (window, digits) in digits.iter_mut().enumerate() {
        let (word, shift) = ((WIDTH * window + 1) / 64, (WIDTH * window + 1) % 64);
        let high = odd.get(word + 1).copied().unwrap_or_default();
        let joined = u128::from(high) << 64 | u128::from(odd.get(word).copied().unwrap_or_default());
        digits[lane] = (joined >> shift) as u8 & 63;
    }
    digits[WINDOWS - 1][lane] |= 32;
    odd.zeroize();
}

/// The entries that one window's digits name, and the lanes in which they are negative.
#[inline(always)]
fn entries(digits: &[u8; MAX_LANES]) -> ([u64; MAX_LANES], u8) {
    let (mut at, mut negative) = ([0; MAX_LANES], 0);
    for (lane, (at, digit)) in at.iter_mut().zip(digits).enumerate() {
        let minus = 1 ^ (digit >> 5);
        *at = u64::from((digit & 31) ^ (31 * minus));
        negative |= minus << lane;
    }
    (at, black_box(negative))
}

struct AddMultiples<'a> {
    windows: &'a [Window],
    points: &'a [Packed],
    scalars: &'a [Scalar],
    out: &'a mut [[u8; 32]],
}

impl Kernel for AddMultiples<'_> {
    type Output = ();

    #[inline(always)]
    fn run<F: Field>(self, f: F) {
        let step = GROUPS * F::LANES;
        let mut digits = [[0; MAX_LANES]; WINDOWS];
        for ((points, scalars), out) in
            self.points.chunks(step).zip(self.scalars.chunks(step)).zip(self.out.chunks_mut(step))
        {
            let mut sums = [Extended::identity(f); GROUPS];
            for ((points, scalars), sum) in points.chunks(F::LANES).zip(scalars.chunks(F::LANES)).zip(&mut sums) {
                let mut at = [&PACKED_IDENTITY; MAX_LANES];
                for (lane, (point, scalar)) in points.iter().zip(scalars).enumerate() {
                    at[lane] = point;
                    recode(scalar, lane, &mut digits);
                }
                *sum = Extended::from_affine(f, Affine::gather(f, &at), 0);
                for (window, digits) in self.windows.iter().zip(&digits) {
                    let (at, negative) = entries(digits);
                    let [plus, minus, t2d] = &window.0;
                    let q = Affine { plus: f.lookup(plus, &at), minus: f.lookup(minus, &at), t2d: f.lookup(t2d, &at) };
                    [*sum] = Extended::add_affine(f, [*sum], [q], [negative]);
                }
            }
            let encoded = Extended::encode(f, sums);
            for (out, encoded) in out.chunks_mut(F::LANES).zip(&encoded) {
                out.copy_from_slice(&encoded[..out.len()]);
            }
        }
        digits.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::{BigInt, BigUint, Sign};

    fn order() -> BigInt {
        BigInt::from(ORDER.iter().rev().fold(BigUint::ZERO, |a, w| (a << 64u32) + w))
    }

    /// Small ones, ones around the order and its half, powers of two and their neighbours.
    pub(super) fn edge_scalars() -> Vec<Scalar> {
        let mut scalars: Vec<Scalar> = (0..70u64).flat_map(|i| [Scalar::from(i), -Scalar::from(i)]).collect();
        let mut power = Scalar::ONE;
        for _ in 0..253 {
            scalars.extend([power, power - Scalar::ONE, power + Scalar::ONE, -power, half(&power)]);
            power += power;
        }
        scalars
    }

    #[test]
    fn digits_are_odd_and_add_up_to_the_scalar() {
        for (i, scalar) in edge_scalars().iter().enumerate() {
            let mut digits = [[54; MAX_LANES]; WINDOWS];
            let lane = i % MAX_LANES;
            recode(scalar, lane, &mut digits);
            let sum: BigInt = digits.iter().enumerate().fold(BigInt::ZERO, |sum, (window, digits)| {
                assert!(digits.iter().enumerate().all(|(l, d)| l == lane || *d == 54), "other lanes");
                assert!(digits[lane] < 64);
                let (at, negative) = entries(digits);
                let value: BigInt = 2 * BigInt::from(at[lane]) + 1;
                assert!(at[lane] < ENTRIES as u64);
                let value = if negative >> lane & 1 == 1 { -value } else { value };
                assert_eq!(value, 2 * BigInt::from(digits[lane]) - 63);
                sum + (value << (WIDTH * window))
            });
            let scalar = BigInt::from_bytes_le(Sign::Plus, scalar.as_bytes());
            assert!(sum == scalar || sum == scalar + order(), "{sum}");
        }
    }
}
