//! Waiting for others: how long, how often one looks, and what is said when time is up.

use crate::progress;
use anyhow::{bail, Result};
use std::time::Duration;
use tokio::time::Instant;

/// First pause between two looks at the board.
const SHORTEST: Duration = Duration::from_millis(200);

/// Longest pause.
const LONGEST: Duration = Duration::from_secs(2);

/// How long a command waits.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct WaitArgs {
    /// Longest time to wait for the board and for others; the command's own work does not count.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub wait: u64,
}

impl WaitArgs {
    /// The patience that these arguments allow.
    pub fn patience(self) -> Patience {
        Patience { limit: Duration::from_secs(self.wait), waited: Duration::ZERO, pause: SHORTEST, since: None }
    }
}

/// What is left of the time to wait.
#[derive(Debug)]
pub struct Patience {
    limit: Duration,
    waited: Duration,
    pause: Duration,
    since: Option<Instant>,
}

impl Patience {
    /// Pauses before the next look, longer each time until something moves.
    ///
    /// # Errors
    /// When time is up, with what was waited for and what to do.
    pub async fn pause(&mut self, waiting_for: &str) -> Result<()> {
        if self.waited >= self.limit {
            bail!(
                "waited {} s for {waiting_for}: nothing is lost, start the same command again to go on waiting \
                 (--wait gives it longer)",
                self.limit.as_secs()
            );
        }
        let left = self.limit - self.waited;
        let pause = self.pause.min(left);
        progress::waiting(waiting_for, self.since.get_or_insert_with(Instant::now).elapsed());
        tokio::time::sleep(pause).await;
        self.waited += pause;
        self.pause = (self.pause * 3 / 2).min(LONGEST);
        Ok(())
    }

    /// Counts time spent on a board that does not answer.
    pub fn spend(&mut self, time: Duration) {
        self.waited += time;
    }

    /// Something moved: looks again soon.
    pub fn moved(&mut self) {
        self.pause = SHORTEST;
        self.since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_with_what_was_waited_for() {
        let start = Instant::now();
        let mut patience = WaitArgs { wait: 10 }.patience();
        let mut pauses = Vec::new();
        let error = loop {
            let before = Instant::now();
            match patience.pause("trustee 2").await {
                Ok(()) => pauses.push(before.elapsed()),
                Err(error) => break error.to_string(),
            }
        };
        assert_eq!(pauses[0].as_millis(), 200, "{pauses:?}");
        assert!(pauses.iter().all(|p| p.as_millis() <= 2_001), "{pauses:?}");
        assert!(pauses.len() >= 8, "{pauses:?}");
        assert_eq!(start.elapsed().as_secs(), 10);
        assert!(error.contains("waited 10 s for trustee 2"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_move_makes_pauses_short_again_but_gives_no_more_time() {
        let mut patience = WaitArgs { wait: 3 }.patience();
        let start = Instant::now();
        while patience.pause("mixes").await.is_ok() {
            patience.moved();
        }
        assert_eq!(start.elapsed().as_secs(), 3);
        patience.spend(Duration::from_secs(60));
        assert!(patience.pause("mixes").await.is_err());
    }
}
