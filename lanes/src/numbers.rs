//! Arithmetic modulo the group order on a few numbers at a time, for work that is the same for many proofs.
#![forbid(unsafe_code)]

use crate::backend::Backend;
use curve25519_dalek::Scalar;

/// Most lanes of any backend; what is loaded and stored has this many places, of which the first [`NumberLanes::LANES`]
/// are used.
pub const MAX_NUMBER_LANES: usize = 8;

/// Arithmetic modulo q, the order of ristretto255, on [`NumberLanes::LANES`] numbers at once, in variable time. Any result may
/// go into any operation.
pub trait NumberLanes: Copy {
    /// Numbers, one per lane.
    type N: Copy;

    /// How many numbers one `N` holds.
    const LANES: usize;

    /// The numbers of the first lanes.
    fn load(self, numbers: &[Scalar; MAX_NUMBER_LANES]) -> Self::N;

    /// The numbers, one per lane; places beyond the lanes are zero.
    fn store(self, a: Self::N) -> [Scalar; MAX_NUMBER_LANES];

    /// a + b.
    fn add(self, a: Self::N, b: Self::N) -> Self::N;

    /// a − b.
    fn sub(self, a: Self::N, b: Self::N) -> Self::N;

    /// a · b.
    fn mul(self, a: Self::N, b: Self::N) -> Self::N;

    /// 1/a; 0 where a is 0.
    fn invert(self, a: Self::N) -> Self::N;
}

/// Work on numbers that is compiled once for each backend. `run`, and whatever it calls with lanes, must be
/// `#[inline(always)]`.
pub trait NumberKernel {
    /// What comes out.
    type Output;

    /// The work.
    fn run<S: NumberLanes>(self, s: S) -> Self::Output;
}

impl Backend {
    /// Runs `kernel` with the backend's numbers: eight at a time with AVX-512 IFMA, else dalek's one by one.
    pub fn run_numbers_vartime<K: NumberKernel>(self, kernel: K) -> K::Output {
        #[cfg(target_arch = "x86_64")]
        if self == Backend::Ifma {
            if let Some(f) = crate::ifma::Ifma::new() {
                return crate::numbers_ifma::run(f, kernel);
            }
        }
        kernel.run(One)
    }
}

/// dalek's scalars, one at a time.
#[derive(Clone, Copy, Debug)]
struct One;

impl NumberLanes for One {
    type N = Scalar;
    const LANES: usize = 1;

    #[inline(always)]
    fn load(self, numbers: &[Scalar; MAX_NUMBER_LANES]) -> Scalar {
        numbers[0]
    }

    #[inline(always)]
    fn store(self, a: Scalar) -> [Scalar; MAX_NUMBER_LANES] {
        let mut out = [Scalar::ZERO; MAX_NUMBER_LANES];
        out[0] = a;
        out
    }

    #[inline(always)]
    fn add(self, a: Scalar, b: Scalar) -> Scalar {
        a + b
    }

    #[inline(always)]
    fn sub(self, a: Scalar, b: Scalar) -> Scalar {
        a - b
    }

    #[inline(always)]
    fn mul(self, a: Scalar, b: Scalar) -> Scalar {
        a * b
    }

    #[inline(always)]
    fn invert(self, a: Scalar) -> Scalar {
        if a == Scalar::ZERO {
            return Scalar::ZERO;
        }
        a.invert()
    }
}
