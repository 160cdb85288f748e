//! Time as the processor sees it: what other programs take from the same core does not count, so that ratios mean
//! something on a busy machine.

use rustix::time::{clock_gettime, ClockId};
use std::time::Duration;

/// Processor time that this process has used so far, all its threads together.
pub fn now() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
