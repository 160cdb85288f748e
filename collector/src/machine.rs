//! What a collector needs of the machine that it runs on, so that tests can have it misbehave: the journal's disk and the
//! clock that the voting period is read from.
//!
//! The clock decides when ballots are taken and nothing else: what is stored, its order and every waiting time do not
//! depend on it, so it may jump.

use crate::disk::{Disk, SystemDisk};
use std::fmt::Debug;
use std::sync::Arc;
use time::OffsetDateTime;

/// Tells the time.
pub trait Clock: Send + Sync + Debug {
    /// The time now.
    fn now(&self) -> OffsetDateTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }
}

/// A machine.
#[derive(Clone, Debug)]
pub struct Machine {
    /// The disk that the journal is on.
    pub disk: Arc<dyn Disk>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl Machine {
    /// The machine itself.
    pub fn real() -> Self {
        Machine { disk: Arc::new(SystemDisk::default()), clock: Arc::new(SystemClock) }
    }
}
