//! What each voter may take of the collector. A voter is known here only once a signature of that voter has held, so
//! nobody can use up another voter's share.

use crate::limits::{Bucket, Limits};
use crate::metrics::Reason;
use crate::refusal;
use selge_core::ids::VoterId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tonic::Status;

/// Ballots of one voter that may be in hand at a time: a device sends one, and again if an answer is late.
const IN_HAND: u32 = 8;

/// How long the ballots of a voter who has sent a false one are checked after the others' and apart from them. A device
/// that works never makes one.
const SUSPECT: Duration = Duration::from_secs(600);

/// Voters that are remembered before those are looked for who can be forgotten.
const SWEEP: usize = 4096;

#[derive(Debug)]
struct Voter {
    in_hand: u32,
    bucket: Bucket,
    /// When the newest false ballot came.
    false_at: Option<Instant>,
}

#[derive(Debug, Default)]
struct Known {
    voters: HashMap<VoterId, Voter>,
    sweep_at: usize,
}

/// Who has ballots in hand, or has had a moment ago.
#[derive(Debug)]
pub(crate) struct Voters {
    known: Mutex<Known>,
    size: f64,
    per_second: f64,
}

/// A ballot's place among its voter's; it ends when dropped.
#[derive(Debug)]
pub(crate) struct VoterPlace {
    voters: Arc<Voters>,
    voter: VoterId,
    /// Whether this ballot is to be checked apart from others.
    pub(crate) suspect: bool,
}

impl Voters {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        let size = f64::from(limits.ballots_per_voter_per_minute);
        let known = Mutex::new(Known { voters: HashMap::new(), sweep_at: SWEEP });
        Arc::new(Voters { known, size, per_second: size / 60.0 })
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a ballot whose signature is this voter's.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED`.
    pub(crate) fn enter(self: &Arc<Self>, voter: VoterId, now: Instant) -> Result<VoterPlace, Status> {
        let mut known = self.lock();
        if known.voters.len() >= known.sweep_at {
            known.voters.retain(|_, voter| {
                let suspect = voter.false_at.is_some_and(|at| now.saturating_duration_since(at) < SUSPECT);
                voter.in_hand > 0 || suspect || !voter.bucket.is_full(self.size, self.per_second, now)
            });
            known.sweep_at = (2 * known.voters.len()).max(SWEEP);
        }
        let state = known.voters.entry(voter).or_insert_with(|| Voter {
            in_hand: 0,
            bucket: Bucket::full(self.size, now),
            false_at: None,
        });
        let since_false = state.false_at.map(|at| now.saturating_duration_since(at));
        if state.in_hand >= IN_HAND {
            let text = format!("{IN_HAND} ballots of this voter are being checked: wait for their answers");
            return Err(refusal::busy(Reason::Voter, &text, Duration::from_secs(1)));
        }
        if let Err(wait) = state.bucket.take(self.size, self.per_second, now) {
            let text = format!("one voter may cast {} ballots a minute, and this one has cast more", self.size);
            return Err(refusal::busy(Reason::Voter, &text, wait));
        }
        state.in_hand += 1;
        let suspect = since_false.is_some_and(|since| since < SUSPECT);
        Ok(VoterPlace { voters: Arc::clone(self), voter, suspect })
    }
}

impl VoterPlace {
    /// The ballot's proof is false.
    pub(crate) fn is_false(&self, now: Instant) {
        if let Some(voter) = self.voters.lock().voters.get_mut(&self.voter) {
            voter.false_at = Some(now);
        }
    }
}

impl Drop for VoterPlace {
    fn drop(&mut self) {
        if let Some(voter) = self.voters.lock().voters.get_mut(&self.voter) {
            voter.in_hand = voter.in_hand.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voters(per_minute: u32) -> Arc<Voters> {
        Voters::new(&Limits { ballots_per_voter_per_minute: per_minute, ..Limits::default() })
    }

    #[test]
    fn a_voter_has_a_few_places_and_a_rate_and_leaves_the_others_theirs() {
        let (voters, now) = (voters(12), Instant::now());
        let (one, other) = (VoterId([1; 16]), VoterId([2; 16]));
        let held: Vec<_> = (0..IN_HAND).map(|_| voters.enter(one, now).unwrap()).collect();
        let full = voters.enter(one, now).unwrap_err();
        assert_eq!(full.code(), tonic::Code::ResourceExhausted);
        assert!(refusal::retry_after(&full).is_some());
        drop(voters.enter(other, now).unwrap());
        drop(held);
        let more = (0..100).take_while(|_| voters.enter(one, now).is_ok()).count();
        assert_eq!(more, 12 - IN_HAND as usize, "what the rate leaves");
        let wait = refusal::retry_after(&voters.enter(one, now).unwrap_err()).unwrap();
        assert_eq!(wait.as_secs(), 5);
        drop(voters.enter(one, now + wait).unwrap());
        assert!(voters.enter(other, now).is_ok());
    }

    #[test]
    fn who_sends_a_false_ballot_is_checked_apart_for_a_while() {
        let (voters, now) = (voters(60), Instant::now());
        let (one, other) = (VoterId([1; 16]), VoterId([2; 16]));
        let place = voters.enter(one, now).unwrap();
        assert!(!place.suspect);
        place.is_false(now);
        drop(place);
        let later = now + SUSPECT - Duration::from_secs(1);
        assert!(voters.enter(one, later).unwrap().suspect);
        assert!(!voters.enter(other, later).unwrap().suspect);
        assert!(!voters.enter(one, now + SUSPECT).unwrap().suspect);
    }

    #[test]
    fn voters_who_are_done_are_forgotten() {
        let (voters, start) = (voters(60), Instant::now());
        let id = |n: usize| VoterId((n as u128).to_be_bytes());
        let held = voters.enter(id(0), start).unwrap();
        voters.enter(id(1), start).unwrap().is_false(start);
        for n in 2..3 * SWEEP {
            // A bucket is full again after a second.
            drop(voters.enter(id(n), start + Duration::from_millis(n as u64)).unwrap());
        }
        let known = voters.lock();
        assert!(known.voters.len() <= 2 * SWEEP, "{}", known.voters.len());
        assert!(known.voters.contains_key(&id(0)) && known.voters.contains_key(&id(1)));
        drop(known);
        drop(held);
    }
}
