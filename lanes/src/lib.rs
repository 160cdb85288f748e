//! Variable-time ristretto255 for **public data**: batched decoding, and large sums Σ scalar · point.
//!
//! Nothing here is constant-time: no secret may enter this crate, and every function that computes on what it is given
//! has `vartime` in its name. `docs/lanes.md` says how it works, why no carry is lost, and why exactly those encodings
//! decode that curve25519-dalek decodes.
//!
//! - [`check_vartime`] says whether encodings are canonical, keeping nothing.
//! - [`Msm`] is one sum, fed piece by piece with encodings, with points of dalek's, and with
//! - [`Points`], decoded once for many sums.
//! - [`Backend`] is what computes: eight lanes with AVX-512 IFMA, four with AVX2, one anywhere, or dalek.
//!
//! Work is split over the threads of the current rayon pool.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod backend;
mod curve;
mod decode;
mod field;
#[cfg(test)]
mod field_tests;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod msm;
mod pippenger;
mod points;
mod prefetch;
mod recode;
mod serial;
mod straus;

pub use backend::{Backend, BackendError, BACKEND_VARIABLE};
pub use decode::{check_vartime, BadEncoding};
pub use msm::{Msm, TermError, CHUNK};
pub use points::Points;
