//! The gate that ballots pass, and the end of voting.
//!
//! A closing names every entry before it, so while ballots keep coming the commission would never get it in. A closing
//! that is signed by the commission and names an *earlier* moment of this board is its word that voting is to end: the
//! gate then holds back new ballots for a while, every ballot that came before gets its receipt or its refusal, and the
//! board stands still until the commission has signed the closing of what is there. Nothing of this is trusted: the
//! closing that counts is the one on the board, checked like every entry. Whoever forges or repeats a closing finds the
//! signature or the time in the way; and if no closing follows, the gate opens again by itself.

use crate::metrics::Reason;
use crate::refusal;
use crate::stored_tree::StoredTree;
use selge_core::entry::Closing;
use selge_core::manifest::ManifestDocument;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tonic::Status;

/// How long ballots are held back for a closing that does not come.
const HOLD: Duration = Duration::from_secs(60);

/// Longest wait for the ballots that came before.
const DRAIN: Duration = Duration::from_secs(45);

/// How old a closing may be that holds ballots back: one that somebody has kept does not.
const FRESH: u64 = 300;

#[derive(Debug)]
struct State {
    entries: usize,
    ballots: usize,
    held_until: Option<Instant>,
}

/// Counts the entries in hand and holds new ballots back while voting is being closed.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    most: usize,
    changed: watch::Sender<()>,
}

/// An entry in hand, until dropped: it stays so if the client goes away.
#[derive(Debug)]
pub(crate) struct InHand {
    gate: Arc<Gate>,
    ballot: bool,
}

impl Gate {
    /// A gate for at most so many entries at a time.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        let state = Mutex::new(State { entries: 0, ballots: 0, held_until: None });
        Arc::new(Gate { state, most, changed: watch::Sender::new(()) })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an entry in.
    ///
    /// # Errors
    /// `RESOURCE_EXHAUSTED` if there are too many already, and for a ballot while voting is being closed: if the closing
    /// does not come, the ballot may.
    pub(crate) fn enter(self: &Arc<Self>, ballot: bool) -> Result<InHand, Status> {
        let mut state = self.lock();
        if let (true, Some(left)) = (ballot, state.held()) {
            let text = "voting is being closed, and this ballot has not been taken in";
            return Err(refusal::busy(Reason::Closing, text, left.min(Duration::from_secs(5))));
        }
        if state.entries >= self.most {
            let text = "too many entries are being checked";
            return Err(refusal::busy(Reason::Busy, text, Duration::from_secs(1)));
        }
        state.entries += 1;
        state.ballots += usize::from(ballot);
        Ok(InHand { gate: Arc::clone(self), ballot })
    }

    /// Entries in hand.
    pub(crate) fn in_hand(&self) -> usize {
        self.lock().entries
    }

    /// Whether ballots are held back.
    pub(crate) fn is_held(&self) -> bool {
        self.lock().held().is_some()
    }

    /// Holds new ballots back, and waits until those that came before are answered; returns whether they are.
    pub(crate) async fn hold(&self) -> bool {
        let mut changed = self.changed.subscribe();
        self.lock().held_until = Some(Instant::now() + HOLD);
        let answered = async {
            while self.lock().ballots > 0 {
                if changed.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(DRAIN, answered).await.is_ok()
    }

    /// Lets ballots in again.
    pub(crate) fn release(&self) {
        self.lock().held_until = None;
    }
}

impl State {
    fn held(&self) -> Option<Duration> {
        let left = self.held_until?.checked_duration_since(Instant::now())?;
        (!left.is_zero()).then_some(left)
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        let mut state = self.gate.lock();
        state.entries = state.entries.saturating_sub(1);
        state.ballots = state.ballots.saturating_sub(usize::from(self.ballot));
        let held = state.held_until.is_some();
        drop(state);
        if held {
            self.gate.changed.send_replace(());
        }
    }
}

/// Whether a closing, whose signature holds, says of this board that voting is to end now: it names an earlier moment of
/// it, at a time that the manifest allows and that has not long passed.
pub(crate) fn announces(closing: &Closing, document: &ManifestDocument, tree: &StoredTree, now: u64) -> bool {
    let earlier = closing.size < tree.size() && tree.root_at(closing.size).is_ok_and(|root| root == closing.root);
    let closes = u64::try_from(document.closes.unix_timestamp()).unwrap_or(0);
    let allowed = document.early_close || closing.time >= closes;
    earlier && allowed && closing.time.abs_diff(now) <= FRESH
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn ballots_in_hand_are_waited_for_and_later_ones_are_not_let_in() {
        let gate = Gate::new(3);
        let closing = gate.enter(false).unwrap();
        let ballot = gate.enter(true).unwrap();
        let holding = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.hold().await }
        });
        while !gate.is_held() {
            tokio::task::yield_now().await;
        }
        let refused = gate.enter(true).unwrap_err();
        assert_eq!(refused.code(), tonic::Code::ResourceExhausted);
        assert!(refusal::retry_after(&refused).is_some());
        let other = gate.enter(false).unwrap();
        assert!(gate.enter(false).is_err(), "no more than three");
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!holding.is_finished());
        drop(ballot);
        assert!(holding.await.unwrap());
        assert_eq!(gate.in_hand(), 2);
        gate.release();
        drop((other, closing));
        drop(gate.enter(true).unwrap());
        assert_eq!(gate.in_hand(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_ballot_that_does_not_end_is_not_waited_for_without_end() {
        let gate = Gate::new(3);
        let _stuck = gate.enter(true).unwrap();
        assert!(!gate.hold().await);
    }

    #[test]
    fn only_a_fresh_closing_of_an_earlier_moment_announces_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut tree = StoredTree::new(folder.path());
        (0..5).for_each(|i| tree.push(selge_core::ids::LeafHash([i; 32])));
        let document = |early: bool| -> ManifestDocument {
            serde_json::from_value(serde_json::json!({
                "format": "selge-manifest/1", "title": "t", "opens": "2030-01-01T00:00:00Z",
                "closes": "2030-01-02T00:00:00Z", "early_close": early,
                "commission": {"name": "c", "key": KEY}, "registrar": {"name": "r", "key": KEY},
                "collector": {"name": "b", "key": KEY}, "trustees": [], "threshold": 1, "mix_servers": [],
                "privacy_floor": 2, "contests": [], "ballot_styles": [], "tallies": [],
            }))
            .unwrap()
        };
        const KEY: &str = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
        let closes = u64::try_from(document(false).closes.unix_timestamp()).unwrap();
        let closing = |size: u64, time: u64| Closing { time, size, root: tree.root_at(size.min(5)).unwrap() };
        let (late, early) = (document(false), document(true));
        assert!(announces(&closing(4, closes), &late, &tree, closes + 1));
        assert!(announces(&closing(1, closes - 50), &early, &tree, closes - 50));
        assert!(!announces(&closing(4, closes - 50), &late, &tree, closes - 50), "not before the end");
        assert!(!announces(&closing(5, closes), &late, &tree, closes), "this moment is no earlier one");
        assert!(!announces(&closing(6, closes), &late, &tree, closes), "nor is a later one");
        assert!(!announces(&closing(4, closes), &late, &tree, closes + FRESH + 1), "somebody has kept it");
        assert!(!announces(&Closing { root: [7; 32], ..closing(4, closes) }, &late, &tree, closes), "another board");
    }
}
