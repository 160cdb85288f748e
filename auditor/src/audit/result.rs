//! The result: computed anew and compared with the published document.

use super::board::Board;
use super::{blame, difference, names, Audit};
use crate::checks::{FINISHED, NUMBERS, RESULT, VOTES};
use crate::report::Report;
use selge_core::decryption::DecryptedVotes;
use selge_core::election::{CountedSet, Election, Phase};
use selge_core::ids::ContestIndex;
use selge_core::manifest::Manifest;
use selge_core::outcome::{ElectionResult, MAX_RESULT};
use std::collections::BTreeMap;

/// The published document and its bytes.
pub(super) struct Published {
    document: ElectionResult,
    bytes: Vec<u8>,
}

impl std::ops::Deref for Published {
    type Target = ElectionResult;
    fn deref(&self) -> &ElectionResult {
        &self.document
    }
}

impl Audit<'_> {
    /// The published result, if the board is finished and the document is readable.
    pub(super) fn published(&mut self, board: &Board, state: &Election) -> Option<Published> {
        let from = self.ledger.now();
        let published = self.read_published(board, state);
        self.ledger.took(FINISHED, from);
        if published.is_none() && self.scope.wants(RESULT) {
            self.ledger.lack(RESULT, "the published result");
        }
        published
    }

    fn read_published(&mut self, board: &Board, state: &Election) -> Option<Published> {
        let (Phase::Finished, Some(digest)) = (state.phase(), state.result()) else {
            self.ledger.lack(FINISHED, format!("the election is not finished: it is in the {} phase", state.phase()));
            return None;
        };
        let bytes = self.file(FINISHED, digest, MAX_RESULT as u64)?;
        match serde_json::from_slice(&bytes).map(|document| Published { document, bytes }) {
            Ok(published) => {
                self.ledger.count(FINISHED, "result", 1, 1);
                if board.stopped.is_none() && board.complete {
                    self.ledger.end(FINISHED);
                }
                Some(published)
            }
            Err(error) => {
                let culprit = blame::with_collector(&board.manifest, &names::commission(&board.manifest));
                self.ledger.fail(FINISHED, culprit, format!("the result: {error}"));
                None
            }
        }
    }

    /// Computes the result from the votes and compares; returns it if they are the same.
    pub(super) fn result(
        &mut self,
        state: &Election,
        published: Published,
        votes: &BTreeMap<ContestIndex, DecryptedVotes>,
        report: &mut Report,
    ) -> Option<ElectionResult> {
        // Without every contest's votes there is nothing to compute; what was left out is noted as such.
        let left_out = |set: &&CountedSet| {
            !state.manifest().contest(set.contest()).is_some_and(|c| self.scope.wants_contest(&c.id))
        };
        if !self.scope.wants(RESULT) || state.counted().iter().filter(|set| !set.withheld()).any(|set| left_out(&set)) {
            return None;
        }
        let wanted = state.counted().iter().filter(|set| !set.withheld()).count();
        if votes.len() != wanted {
            let contests = match wanted - votes.len() {
                1 => "1 contest".to_owned(),
                n => format!("{n} contests"),
            };
            self.ledger.lack(RESULT, format!("the votes of {contests} ({})", VOTES.id));
            return None;
        }
        if self.ledger.failed(NUMBERS) {
            self.ledger.lack(RESULT, format!("right numbers of ballots ({})", NUMBERS.id));
            return None;
        }
        let from = self.ledger.now();
        let commission = blame::with_collector(state.manifest(), &names::commission(state.manifest()));
        let computed = match ElectionResult::compute(state, votes) {
            Ok(computed) => computed,
            Err(error) => {
                self.ledger.fail(RESULT, commission, error);
                return None;
            }
        };
        let problem = differing(state.manifest(), &computed, &published);
        self.ledger.count(RESULT, "result", problem.is_none().into(), 1);
        self.ledger.end(RESULT);
        self.ledger.took(RESULT, from);
        if let Some(problem) = problem {
            self.ledger.fail(RESULT, commission, problem);
            return None;
        }
        for tally in computed.tallies.iter().filter(|t| t.undecided) {
            report.notes.push(format!(
                "tally {:?} is not decided: its rule has no answer for these votes, which stand as they are",
                tally.tally
            ));
        }
        for tally in computed.tallies.iter().filter(|t| !t.withheld.is_empty()) {
            report.notes.push(format!(
                "tally {:?} is counted without {}: too few ballots to decrypt without showing who voted how",
                tally.tally,
                tally.withheld.join(", ")
            ));
        }
        Some(computed)
    }
}

/// Where the published document differs from the computed one.
fn differing(manifest: &Manifest, computed: &ElectionResult, published: &Published) -> Option<String> {
    let found = difference::of(manifest, computed, &published.document);
    if found.is_some() {
        return found;
    }
    if holds_more(computed, &published.bytes) {
        return Some("the published document holds more than the result".into());
    }
    None
}

/// Whether the document has fields that this program's types skip: somebody who reads it would take them for part of
/// the result.
fn holds_more(computed: &ElectionResult, bytes: &[u8]) -> bool {
    let Ok(own) = serde_json::to_vec(computed) else { return true };
    // White space is free, and an escape takes at most six bytes for one; what is still longer is not worth the memory.
    let written = bytes.iter().filter(|b| !b.is_ascii_whitespace()).count();
    written / 6 > own.len() || !computed.is_published_as(bytes)
}
