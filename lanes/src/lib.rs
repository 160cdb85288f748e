//! ristretto255 for **public data** in variable time: batched decoding, and large sums Σ scalar · point. And one thing for
//! secret scalars: [`FixedBase`].
//!
//! With that exception nothing here is constant-time: no secret may enter, and every function that computes on what it is
//! given has `vartime` in its name. `docs/lanes.md` says how it works, why no carry is lost, why exactly those encodings
//! decode that curve25519-dalek decodes, and why [`FixedBase`] shows nothing of its scalars.
//!
//! - [`check_vartime`] says whether encodings are canonical, keeping nothing.
//! - [`Msm`] is one sum, fed piece by piece with encodings, with points of dalek's, and with
//! - [`Points`], decoded once for many sums.
//! - [`FixedBase`] adds secret multiples of one point to many, in constant time.
//! - [`EdwardsMsm`] is a sum of Ed25519 points, as signatures are checked with.
//! - [`combine_doubled_vartime`] adds up lists of points place by place.
//! - [`Backend`] is what computes: eight lanes with AVX-512 IFMA, four with AVX2, one anywhere, or dalek.
//!
//! Work is split over the threads of the current rayon pool.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod backend;
mod combine;
mod curve;
mod decode;
mod edwards;
mod field;
#[cfg(test)]
mod field_tests;
mod fixed;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod keccak;
mod msm;
mod numbers;
#[cfg(target_arch = "x86_64")]
mod numbers_ifma;
mod pippenger;
mod points;
mod prefetch;
mod recode;
mod serial;
mod straus;

pub use backend::{Backend, BackendError, BACKEND_VARIABLE};
pub use combine::combine_doubled_vartime;
pub use decode::{check_vartime, BadEncoding};
pub use edwards::EdwardsMsm;
pub use fixed::{FixedBase, FixedBaseError};
pub use keccak::{KeccakStates, KECCAK_LANES};
pub use msm::{Msm, TermError, CHUNK};
pub use numbers::{NumberKernel, NumberLanes, MAX_NUMBER_LANES};
pub use points::Points;
