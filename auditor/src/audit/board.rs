//! The entries, some bundles at a time: tree, state and ballots' proofs.

use super::numbers::Recount;
use super::{blame, names, Audit};
use crate::checks::{
    Check, ALLOWED, BALLOT_PROOFS, BUNDLES, CHAIN, CLOSING, COMMITMENTS, CONFIRMATIONS, DECODED, ELIGIBLE, ENOUGH,
    FINISHED, JOINT_KEY, MANIFEST, OPENING, ROLL, SIGNED,
};
use crate::source::SourceError;
use crate::work::{Answer, Begun, Ground, Outcome, Task};
use rayon::prelude::*;
use selge_core::ballot::EncryptedBallot;
use selge_core::ceremony::CeremonyError;
use selge_core::codec::{Decode, DecodeError};
use selge_core::election::{CheckInput, Election, EntryError, Phase, SignedBallot};
use selge_core::entry::{decode_all, EntryBody, EntryKind, SignedEntry};
use selge_core::ids::{LeafHash, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::record::{entry_bundles, file_path, read_bundle, TileRef, MAX_BUNDLE, TILE_WIDTH};
use selge_core::roll::{Roll, MAX_VOTERS};
use selge_core::tree::{leaf_hash, Tree};
use std::sync::Arc;

/// Longest roll: a count and the most entries of 50 bytes.
const MAX_ROLL: u64 = 4 + 50 * MAX_VOTERS as u64;

/// Bundles that are in memory together: enough ballots to be verified on all cores.
const GROUP: usize = 16;

/// Most ballots of a task where there are several workers: enough that the generators' share of its sum is small.
const TASK: usize = 512;

/// Ballots whose proofs somebody is checking, with their places and voters.
struct Proving {
    ballots: Vec<(u64, VoterId)>,
    begun: Begun,
}

/// What the entries add up to.
pub(super) struct Board {
    pub(super) manifest: Arc<Manifest>,
    pub(super) tree: Tree,
    pub(super) election: Option<Election>,
    /// Whether all entries could be read.
    pub(super) complete: bool,
    /// The first entry that the state does not take; the state stands before it.
    pub(super) stopped: Option<u64>,
    /// The ceremony's messages, for recomputing it.
    pub(super) ceremony: Vec<EntryBody>,
    /// Place of the closing.
    pub(super) closing_at: Option<u64>,
    pub(super) recount: Recount,
    /// Ballots on the board, and those whose proofs hold.
    ballots: u64,
    proven: u64,
    proving: Vec<Proving>,
    /// What proofs rest on, once there is a joint key.
    pub(super) ground: Option<Ground>,
}

impl Board {
    pub(super) fn new(manifest: Arc<Manifest>) -> Self {
        Board {
            manifest,
            tree: Tree::new(),
            election: None,
            complete: false,
            stopped: None,
            ceremony: Vec::new(),
            closing_at: None,
            recount: Recount::default(),
            ballots: 0,
            proven: 0,
            proving: Vec::new(),
            ground: None,
        }
    }

    /// Whether every ballot's proofs hold.
    pub(super) fn ballots_proven(&self) -> bool {
        self.ballots == self.proven
    }
}

/// Which check an entry fails that the state does not take.
fn failed_check(kind: EntryKind, error: &EntryError) -> Check {
    use EntryError as E;
    match (kind, error) {
        (_, E::Signature { .. }) => SIGNED,
        (EntryKind::Commitments, E::Ceremony(CeremonyError::Identity)) => JOINT_KEY,
        (EntryKind::Commitments, E::Ceremony(_)) => COMMITMENTS,
        (
            EntryKind::Shares | EntryKind::Confirmation | EntryKind::Complaint,
            E::Ceremony(_) | E::Mismatch { .. } | E::JointKey { .. },
        ) => CONFIRMATIONS,
        (EntryKind::Opening, E::JointKey { .. }) => JOINT_KEY,
        (EntryKind::Roll, E::Roll(_) | E::Mismatch { .. }) => ROLL,
        (EntryKind::Opening, E::Mismatch { .. } | E::Time { .. }) => OPENING,
        (
            EntryKind::Ballot,
            E::NotOnRoll(_) | E::WrongStyle { .. } | E::BallotShape { .. } | E::Cancelled { .. } | E::Stale { .. },
        ) => ELIGIBLE,
        (EntryKind::Closing, E::Mismatch { .. } | E::Time { .. }) => CLOSING,
        (EntryKind::Mix, E::Mismatch { .. } | E::Duplicate(_)) => CHAIN,
        // Decrypting or mixing what may not be, or not yet: the chain of mixes is what is wrong.
        (EntryKind::Mix | EntryKind::Decryption, E::Phase { phase: Phase::Counting, .. }) => CHAIN,
        (EntryKind::Decryption, E::Mismatch { .. }) => CHAIN,
        (EntryKind::Decryption, E::Duplicate(_)) => ENOUGH,
        (EntryKind::Result, E::Phase { phase: Phase::Counting, .. }) => FINISHED,
        _ => ALLOWED,
    }
}

impl Audit<'_> {
    /// Reads all entries that the checkpoint promises.
    pub(super) async fn entries(&mut self, board: &mut Board, checkpoint: &Checkpoint) {
        let watcher = self.ledger.watcher();
        let proofs = self.scope.wants(BALLOT_PROOFS);
        watcher.begin(if proofs { "entries and ballots' proofs" } else { "entries" }, checkpoint.size);
        board.complete = true;
        let mut bundles = entry_bundles(checkpoint.size).peekable();
        while board.complete && bundles.peek().is_some() {
            let from = self.ledger.now();
            let mut group = Vec::new();
            for bundle in bundles.by_ref().take(GROUP) {
                match self.read_bundle(&bundle) {
                    Some(bytes) => group.push((bundle, bytes)),
                    // The tree of the rest is unknown, and a signed size alone costs nothing: stop here.
                    None => {
                        board.complete = false;
                        break;
                    }
                }
            }
            self.ledger.took(BUNDLES, from);
            // `read_bundle` has split these bytes before, without an error.
            let entries: Vec<&[u8]> =
                group.iter().flat_map(|(bundle, bytes)| read_bundle(bytes, bundle.width).unwrap_or_default()).collect();
            self.group(board, &entries);
            watcher.advance(entries.len() as u64);
            self.workers.room().await;
        }
        watcher.end();
        self.proven(board).await;
        let read = board.tree.size();
        self.ledger.count(BUNDLES, "entries", read, checkpoint.size);
        self.ledger.count(BUNDLES, "bundles", read.div_ceil(TILE_WIDTH), checkpoint.size.div_ceil(TILE_WIDTH));
        self.ledger.end(BUNDLES);
        let taken = board.election.as_ref().map_or(0, Election::size);
        for check in [SIGNED, ALLOWED] {
            self.ledger.count(check, "entries", taken, checkpoint.size);
            self.ledger.end(check);
            if let (Some(at), false) = (board.stopped, self.ledger.failed(check)) {
                self.ledger.lack(check, format!("entries after entry {at}, which is not in order"));
            }
        }
        self.ledger.count(DECODED, "entries", 0, checkpoint.size - read);
        self.ledger.end(DECODED);
        if proofs {
            self.ledger.count(BALLOT_PROOFS, "ballots", board.proven, board.ballots);
        }
        self.ledger.count(ELIGIBLE, "ballots", board.recount.numbers().cast, board.ballots);
        if board.complete {
            self.ledger.end(BALLOT_PROOFS);
            self.ledger.end(ELIGIBLE);
        }
        if board.election.as_ref().is_none_or(|e| e.opening().is_none()) {
            if proofs {
                self.ledger.lack(BALLOT_PROOFS, "voting has not been opened");
            }
            self.ledger.lack(ELIGIBLE, "voting has not been opened");
        }
    }

    fn read_bundle(&mut self, bundle: &TileRef) -> Option<Vec<u8>> {
        let path = bundle.path();
        match self.source.read(&path, MAX_BUNDLE) {
            Ok(bytes) => match read_bundle(&bytes, bundle.width) {
                Ok(_) => return Some(bytes),
                Err(error) => self.ledger.fail(BUNDLES, blame::copier(&path), error),
            },
            Err(error @ (SourceError::TooLong(_) | SourceError::NotPlain)) => {
                self.ledger.fail(BUNDLES, blame::copier(&path), error);
            }
            Err(error) => self.ledger.lack(BUNDLES, format!("{path}: {error}")),
        }
        None
    }

    /// Takes in the next entries.
    fn group(&mut self, board: &mut Board, entries: &[&[u8]]) {
        let first = board.tree.size();
        let from = self.ledger.now();
        let decoded = decode_all(entries);
        self.ledger.took(DECODED, from);
        let from = self.ledger.now();
        let readable: Vec<_> = decoded.iter().map(|entry| entry.as_ref().ok()).collect();
        // Before the roll is there nothing is known of voters' keys; such a group's ballots are checked one by one.
        let signed = board.election.as_ref().map_or_else(Vec::new, |state| state.check_signatures(&readable));
        self.ledger.took(SIGNED, from);
        let from = self.ledger.now();
        let leaves: Vec<_> = entries.par_iter().map(|bytes| leaf_hash(bytes)).collect();
        for (at, (place, entry)) in (first..).zip(decoded.iter().enumerate()) {
            self.ledger.count(DECODED, "entries", entry.is_ok().into(), 1);
            match entry {
                Ok(entry) => {
                    self.files.name(&board.manifest, &entry.body);
                    if board.stopped.is_none() {
                        self.take(board, at, leaves[place], entry, signed.get(place).copied().flatten());
                    }
                }
                Err(error) => {
                    let culprit = blame::unread(&board.manifest, &format!("entry {at}"));
                    self.ledger.fail(DECODED, culprit, error);
                    board.stopped.get_or_insert(at);
                }
            }
            board.tree.push(leaves[place]);
        }
        self.ledger.took(ALLOWED, from);
        let from = self.ledger.now();
        self.prove(board, first, &decoded);
        self.ledger.took(BALLOT_PROOFS, from);
    }

    /// Takes one entry into the state, or notes why not.
    fn take(
        &mut self,
        board: &mut Board,
        at: u64,
        leaf: LeafHash,
        entry: &SignedEntry,
        signed: Option<SignedBallot<'_>>,
    ) {
        let outcome = match &mut board.election {
            None => Election::start(Arc::clone(&board.manifest), entry).map(|state| board.election = Some(state)),
            Some(state) => {
                let roll = match &entry.body {
                    // What stands in the file is the registrar's only if the entry is.
                    EntryBody::Roll(digest) if blame::is_signed(&board.manifest, state, entry) => {
                        match self.roll(&board.manifest, digest) {
                            Some(roll) => Some(roll),
                            None => {
                                board.stopped = Some(at);
                                return;
                            }
                        }
                    }
                    _ => None,
                };
                let root = matches!(entry.body, EntryBody::Closing(_)).then(|| board.tree.root());
                let input = CheckInput { roll: roll.as_ref(), root };
                let checked = match signed {
                    Some(signed) => state.check_signed(&signed),
                    None => state.check(entry, &input),
                };
                checked.and_then(|()| state.apply(entry.clone(), leaf, &input))
            }
        };
        if let Err(error) = outcome {
            let kind = entry.body.kind();
            let check = if kind == EntryKind::Manifest && at == 0 { MANIFEST } else { failed_check(kind, &error) };
            let state = board.election.as_ref();
            let culprit = blame::refused(&board.manifest, state, &board.tree, &leaf, entry, &error);
            self.ledger.fail(check, culprit, error);
            board.stopped = Some(at);
            return;
        }
        board.recount.take(&entry.body);
        match &entry.body {
            EntryBody::Closing(_) => board.closing_at = Some(at),
            EntryBody::Commitments(_) | EntryBody::Shares(_) | EntryBody::Confirmation(_) | EntryBody::Complaint(_) => {
                board.ceremony.push(entry.body.clone())
            }
            _ => {}
        }
    }

    fn roll(&mut self, manifest: &Manifest, digest: &selge_core::ids::Digest) -> Option<Arc<Roll>> {
        let bytes = self.file(ROLL, digest, MAX_ROLL)?;
        match Roll::from_bytes(&bytes) {
            Ok(roll) => Some(Arc::new(roll)),
            Err(error) => {
                let who = format!("{}, which signed for {}", names::registrar(manifest), file_path(digest));
                let culprit = blame::with_collector(manifest, &who);
                self.ledger.fail(ROLL, culprit, error);
                None
            }
        }
    }

    /// Lets the proofs of a group's ballots be checked.
    fn prove(&mut self, board: &mut Board, first: u64, entries: &[Result<SignedEntry, DecodeError>]) {
        self.ground(board);
        let (places, ballots): (Vec<(u64, VoterId)>, Vec<&EncryptedBallot>) = (first..)
            .zip(entries)
            .filter_map(|(at, entry)| match entry.as_ref().map(|e| &e.body) {
                Ok(EntryBody::Ballot(ballot)) => Some(((at, ballot.voter), ballot)),
                _ => None,
            })
            .unzip();
        board.ballots += ballots.len() as u64;
        if !self.scope.wants(BALLOT_PROOFS) {
            return;
        }
        let size = if self.workers.many() == 1 { ballots.len() } else { TASK };
        for (places, ballots) in places.chunks(size.max(1)).zip(ballots.chunks(size.max(1))) {
            let Some(ground) = &board.ground else { return };
            match self.workers.begin(&Task::Ballots { ground, ballots: ballots.to_vec() }) {
                Begun::Done(outcome) => self.judge_ballots(board, places, outcome),
                begun => board.proving.push(Proving { ballots: places.to_vec(), begun }),
            }
        }
    }

    /// Lays the ground for proofs as soon as there is a joint key.
    fn ground(&self, board: &mut Board) {
        let Some(state) = board.election.as_ref().filter(|_| board.ground.is_none()) else { return };
        let Some(key) = state.joint_key() else { return };
        let commitments = state.commitments().cloned().collect();
        let (manifest, document) = (Arc::clone(&board.manifest), Arc::clone(&self.document));
        board.ground = Some(Ground::new(manifest, document, commitments, key.clone()));
    }

    /// Waits for all ballots' proofs.
    async fn proven(&mut self, board: &mut Board) {
        self.ground(board);
        let proving = std::mem::take(&mut board.proving);
        if proving.is_empty() {
            return;
        }
        let (watcher, from) = (self.ledger.watcher(), self.ledger.now());
        watcher.begin("ballots' proofs", board.ballots);
        watcher.advance(board.proven);
        for Proving { ballots, begun } in proving {
            let outcome = begun.outcome().await;
            self.judge_ballots(board, &ballots, outcome);
            watcher.advance(ballots.len() as u64);
        }
        watcher.end();
        self.ledger.took(BALLOT_PROOFS, from);
    }

    fn judge_ballots(&mut self, board: &mut Board, ballots: &[(u64, VoterId)], outcome: Outcome) {
        let wrong = match outcome {
            Ok(Answer::Ballots(wrong)) => wrong,
            Ok(_) => return self.ledger.lack(BALLOT_PROOFS, "an answer that is none of ballots"),
            Err(lost) => return self.ledger.lack(BALLOT_PROOFS, lost.to_string()),
        };
        board.proven += (ballots.len() - wrong.len().min(ballots.len())) as u64;
        for wrong in wrong {
            // An answer names no ballot beyond those that it is of.
            let Some((at, voter)) = ballots.get(wrong.place) else { continue };
            let ballot = format!("entry {at} (ballot) of voter {voter}");
            // Beyond an entry that the state does not take nobody has looked at signatures.
            let culprit = match board.stopped {
                Some(stopped) if *at >= stopped => blame::unread(&board.manifest, &ballot),
                _ => blame::with_collector(&board.manifest, &ballot),
            };
            self.ledger.fail(BALLOT_PROOFS, culprit, wrong.problem);
        }
    }
}
