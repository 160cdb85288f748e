//! How long each step of an election takes.

use anyhow::{Context, Result};
use std::time::Instant;

/// Says on standard error where an election is, and how long each step took.
#[derive(Debug)]
pub struct Clock {
    start: Instant,
    phases: Vec<(String, f64)>,
}

impl Clock {
    /// Starts to count.
    pub fn start() -> Self {
        Clock { start: Instant::now(), phases: Vec::new() }
    }

    /// Does one step.
    ///
    /// # Errors
    /// The step's own, with its name.
    pub fn phase<T>(&mut self, name: &str, job: impl FnOnce() -> Result<T>) -> Result<T> {
        eprint!("  {name} … ");
        let start = Instant::now();
        let done = job().with_context(|| format!("the step \"{name}\" failed"))?;
        self.end(name, start);
        Ok(done)
    }

    /// Ends a step that began at `start`.
    pub fn end(&mut self, name: &str, start: Instant) {
        let seconds = start.elapsed().as_secs_f64();
        eprintln!("{seconds:.1} s");
        self.phases.push((name.to_owned(), seconds));
    }

    /// Seconds of a step, 0 if there was none of this name.
    pub fn of(&self, name: &str) -> f64 {
        self.phases.iter().find(|(n, _)| n == name).map_or(0.0, |(_, s)| *s)
    }

    /// Seconds since the start.
    pub fn total(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Every step with its seconds.
    pub fn phases(&self) -> &[(String, f64)] {
        &self.phases
    }
}
