//! Handing a signed ballot in, until there is a receipt that holds.

use crate::settle::{settle, Attempt, CastError, VerifiedReceipt};
use rand::Rng;
use selge_core::entry::SignedEntry;
use selge_core::manifest::Manifest;
use selge_node::client::BoardClient;
use std::time::Duration;
use tokio::time::{sleep, timeout, Instant};

/// Longest wait that the board may ask for.
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// How long to go on when the board is busy or does not answer.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// For one attempt.
    pub attempt: Duration,
    /// After which no further attempt is made.
    pub total: Duration,
    /// The first wait; every wait is twice the one before, and a random part is cut off so that many voters who were
    /// turned away together do not come back together.
    pub wait: Duration,
    /// The longest wait.
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            attempt: Duration::from_secs(30),
            total: Duration::from_secs(180),
            wait: Duration::from_millis(250),
            longest: Duration::from_secs(10),
        }
    }
}

/// Hands a signed ballot in and verifies the receipt. The same ballot may be handed in any number of times.
///
/// # Errors
/// [`CastError`].
pub async fn cast(
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    patience: &Patience,
) -> Result<VerifiedReceipt, CastError> {
    cast_with(board, manifest, ballot, patience, |_, _| {}).await
}

/// As [`cast`]; `on_wait` is told why and for how long before each wait.
///
/// # Errors
/// [`CastError`].
pub async fn cast_with(
    board: &mut BoardClient,
    manifest: &Manifest,
    ballot: &SignedEntry,
    patience: &Patience,
    mut on_wait: impl FnMut(&anyhow::Error, Duration),
) -> Result<VerifiedReceipt, CastError> {
    let started = Instant::now();
    let mut wait = patience.wait;
    for attempts in 1.. {
        let answer = match timeout(patience.attempt, board.submit(ballot)).await {
            Ok(answer) => answer,
            Err(_) => Err(anyhow::anyhow!("the board did not answer within {} s", patience.attempt.as_secs())),
        };
        let (problem, asked) = match settle(board, manifest, ballot, answer).await {
            Attempt::Recorded(receipt) => return Ok(receipt),
            Attempt::Failed(error) => return Err(error),
            Attempt::Again { problem, asked } => (problem, asked),
        };
        let pause = pause(wait, asked, rand::thread_rng().gen_range(0.0..1.0));
        if started.elapsed() + pause > patience.total {
            return Err(CastError::Unanswered { attempts, last: problem });
        }
        on_wait(&problem, pause);
        sleep(pause).await;
        wait = (wait * 2).min(patience.longest);
    }
    Err(CastError::Unanswered { attempts: u32::MAX, last: anyhow::anyhow!("the board did not answer") })
}

/// How long to wait: never less than the board asks for, and by `random` (0 to 1) longer or shorter, so that many voters
/// who were turned away together do not come back together.
fn pause(wait: Duration, asked: Option<Duration>, random: f64) -> Duration {
    let own = wait.mul_f64(0.5 + 0.5 * random);
    // A board that asks for hours is not waited for by the hour.
    let asked = asked.map(|asked| asked.min(LONGEST_ASKED).mul_f64(1.0 + 0.5 * random));
    asked.unwrap_or_default().max(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_is_given_the_time_that_it_asks_for_and_no_two_voters_come_back_together() {
        let own = Duration::from_millis(500);
        for random in [0.0, 0.3, 1.0] {
            let alone = pause(own, None, random);
            assert!(alone >= own / 2 && alone <= own);
            let asked = pause(own, Some(Duration::from_secs(4)), random);
            assert!(asked >= Duration::from_secs(4) && asked <= Duration::from_secs(6));
            assert_eq!(pause(own, Some(Duration::ZERO), random), alone);
            assert!(pause(own, Some(Duration::from_secs(1 << 40)), random) <= Duration::from_secs(90));
        }
        assert_ne!(pause(own, Some(own), 0.1), pause(own, Some(own), 0.2));
    }
}
