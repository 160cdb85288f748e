//! Which arithmetic computes, chosen when the program runs.
#![forbid(unsafe_code)]

use crate::field::Field;
use crate::serial::Serial;
use std::sync::OnceLock;

/// Environment variable that forces a backend by name, for tests, measurements and doubts.
pub const BACKEND_VARIABLE: &str = "SELGE_LANES";

/// What computes. All give the same answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// AVX-512 IFMA, eight lanes.
    Ifma,
    /// AVX2, four lanes.
    Avx2,
    /// One lane, in plain Rust; runs everywhere.
    Serial,
    /// curve25519-dalek alone decodes and sums: none of this crate's arithmetic. The slowest; a second opinion.
    Dalek,
}

/// A name in [`BACKEND_VARIABLE`] that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BackendError {
    /// No backend has the name.
    #[error("{BACKEND_VARIABLE}={0:?} names no backend: use one of {names}, or unset it", names = Backend::names())]
    Unknown(String),
    /// This CPU lacks what the backend needs.
    #[error("{BACKEND_VARIABLE}={0}: this CPU lacks what that backend needs; unset it or use one of {names}", names = Backend::available_names())]
    Unavailable(Backend),
}

impl std::fmt::Display for Backend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Work that is compiled once for each backend. `run` must be `#[inline(always)]`.
pub(crate) trait Kernel {
    type Output;
    fn run<F: Field>(self, f: F) -> Self::Output;
}

impl Backend {
    /// All, fastest first.
    pub const ALL: [Backend; 4] = [Backend::Ifma, Backend::Avx2, Backend::Serial, Backend::Dalek];

    /// The name that [`BACKEND_VARIABLE`] takes.
    pub const fn name(self) -> &'static str {
        match self {
            Backend::Ifma => "ifma",
            Backend::Avx2 => "avx2",
            Backend::Serial => "serial",
            Backend::Dalek => "dalek",
        }
    }

    /// Whether this CPU has what the backend needs. One that it lacks is replaced by [`Backend::Serial`] when used.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => crate::ifma::Ifma::new().is_some(),
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => crate::avx2::Avx2::new().is_some(),
            #[cfg(not(target_arch = "x86_64"))]
            Backend::Ifma | Backend::Avx2 => false,
            Backend::Serial | Backend::Dalek => true,
        }
    }

    /// The backends that this CPU can run, fastest first.
    pub fn available() -> impl Iterator<Item = Backend> {
        Backend::ALL.into_iter().filter(|b| b.is_available())
    }

    /// The fastest backend, whatever the environment says.
    pub fn fastest() -> Backend {
        Backend::available().next().unwrap_or(Backend::Serial)
    }

    /// What [`BACKEND_VARIABLE`] asks for, `None` if it is unset or empty.
    ///
    /// # Errors
    /// [`BackendError`]; a program should report it when it starts, since [`Backend::active`] goes on without.
    pub fn from_env() -> Result<Option<Backend>, BackendError> {
        let Some(name) = std::env::var_os(BACKEND_VARIABLE).filter(|n| !n.is_empty()) else { return Ok(None) };
        let found = Backend::ALL.into_iter().find(|b| name == b.name());
        match found {
            Some(backend) if backend.is_available() => Ok(Some(backend)),
            Some(backend) => Err(BackendError::Unavailable(backend)),
            None => Err(BackendError::Unknown(name.to_string_lossy().into_owned())),
        }
    }

    /// What computes where nothing else is asked for: the environment's choice, else the fastest. Fixed at first use.
    pub fn active() -> Backend {
        static ACTIVE: OnceLock<Backend> = OnceLock::new();
        *ACTIVE.get_or_init(|| Backend::from_env().ok().flatten().unwrap_or_else(Backend::fastest))
    }

    /// Runs `kernel` with the backend's arithmetic; [`Backend::Dalek`] has none here and takes the serial one.
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        match self {
            #[cfg(target_arch = "x86_64")]
            Backend::Ifma => match crate::ifma::Ifma::new() {
                Some(f) => f.run(kernel),
                None => kernel.run(Serial),
            },
            #[cfg(target_arch = "x86_64")]
            Backend::Avx2 => match crate::avx2::Avx2::new() {
                Some(f) => f.run(kernel),
                None => kernel.run(Serial),
            },
            _ => kernel.run(Serial),
        }
    }

    /// Lanes of one vector.
    pub(crate) fn lanes(self) -> usize {
        struct Lanes;
        impl Kernel for Lanes {
            type Output = usize;
            #[inline(always)]
            fn run<F: Field>(self, _: F) -> usize {
                F::LANES
            }
        }
        self.run(Lanes)
    }

    fn names() -> String {
        Backend::ALL.map(Backend::name).join(", ")
    }

    fn available_names() -> String {
        Backend::available().map(Backend::name).collect::<Vec<_>>().join(", ")
    }
}
