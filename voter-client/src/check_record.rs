//! What all entries of a board or of a published record say of one ballot. Nobody's word is taken: neither the server's
//! nor the publisher's.

use crate::check::{witnesses, Owner, Report, Verdict};
use crate::native::answered;
use crate::settle::VerifiedReceipt;
use crate::tracker;
use anyhow::{ensure, Context, Result};
use selge_core::ballot::EncryptedBallot;
use selge_core::entry::{CancellationReason, EntryBody, SignedEntry};
use selge_core::ids::{ContestIndex, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::note::{Checkpoint, MAX_NOTE};
use selge_core::receipt::Receipt;
use selge_core::record::{entry_bundles, read_bundle, CHECKPOINT, MAX_BUNDLE};
use selge_core::trace::{BallotTrace, FirstMix, TraceError};
use selge_node::client::BoardClient;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Entries asked for at once.
const BATCH: u64 = 1000;

fn read(folder: &Path, path: &str, max: u64) -> Result<Vec<u8>> {
    let path = folder.join(path);
    let mut bytes = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}: is the record complete?", path.display()))?;
    ensure!(bytes.len() as u64 <= max, "{} is longer than any such file of a record", path.display());
    Ok(bytes)
}

/// A whole board, whose entries lead to its signed checkpoint.
pub(crate) struct Seen {
    manifest: Arc<Manifest>,
    /// What it is called.
    what: &'static str,
    contests: Vec<ContestIndex>,
    trace: BallotTrace,
    note: String,
    checkpoint: Checkpoint,
    broken: Option<TraceError>,
}

impl Seen {
    fn start(manifest: &Arc<Manifest>, what: &'static str, note: String, ballot: &EncryptedBallot) -> Result<Self> {
        let checkpoint = Checkpoint::open(&note, &manifest.log_key()).with_context(|| {
            format!("the {what}'s checkpoint is not that of this election: is this the right manifest and {what}?")
        })?;
        let contests: Vec<_> = ballot.contests.iter().map(|contest| contest.contest()).collect();
        let trace = BallotTrace::new(Arc::clone(manifest), ballot.voter, contests.clone());
        Ok(Seen { manifest: Arc::clone(manifest), what, contests, trace, note, checkpoint, broken: None })
    }

    fn take(&mut self, entry: &[u8]) {
        if self.broken.is_some() {
            self.trace.skip(entry);
        } else {
            self.broken = self.trace.take(entry).err();
        }
    }

    fn end(self) -> Result<Self> {
        let what = self.what;
        ensure!(
            self.trace.tree().root() == self.checkpoint.root,
            "the {what}'s entries do not lead to its checkpoint: it is damaged or forged; get another copy, and keep this one"
        );
        Ok(self)
    }

    /// Adds what it shows: that its log continues the receipt's, has the ballot in its place, and whether the ballot is
    /// the voter's last one, counts, and was in the first mix's input. Whether the rest is sound is the auditor's to
    /// check.
    pub(crate) fn say(
        &self,
        report: &mut Report,
        receipt: &Receipt,
        old: &Checkpoint,
        leaf: LeafHash,
        owner: Option<&Owner>,
    ) {
        let (what, tree, size) = (self.what, self.trace.tree(), self.checkpoint.size);
        match tree.root_at(old.size) {
            Err(_) => {
                let words = format!("the {what} ends at {size} entries, the receipt is of {}: it is older", old.size);
                report.add(Verdict::NotChecked, "log", words);
            }
            Ok(root) if root == old.root => {
                let words = format!("the {what} continues the log that the receipt is of: {size} entries");
                report.add(Verdict::Holds, "log", words);
            }
            Ok(root) => {
                let words = format!(
                    "the {what} is not of the log that the receipt is of: the collector has signed two histories"
                );
                report.add(Verdict::Fails, "log", words);
                report.evidence.push(self.note.clone());
                let proof = tree.consistency_proof(old.size, size).unwrap_or_default();
                report.fork(&self.manifest, (&receipt.checkpoint, old.size), (&self.note, size), root, &proof);
            }
        }
        let index = receipt.index;
        match tree.leaf(index) {
            Some(there) if there == leaf => {
                report.add(Verdict::Holds, "place", format!("the ballot is entry {index} of the {what}"));
            }
            None if size < old.size => {
                report.add(Verdict::NotChecked, "place", format!("the {what} ends before the ballot: get a newer one"));
                return;
            }
            _ => report.add(Verdict::Fails, "place", format!("the ballot is not entry {index} of the {what}")),
        }
        if let Some(error) = &self.broken {
            report.add(Verdict::Fails, "board", error.to_string());
            return;
        }
        let counts = self.newest(report, leaf, owner);
        match self.trace.cancelled() {
            Some((_, reason)) => report.cancelled(reason == CancellationReason::PaperVote, &reason.to_string()),
            None if self.trace.closed() => report.add(Verdict::Holds, "cancelled", "your ballots are not cancelled"),
            None => report.add(Verdict::Holds, "cancelled", "your ballots are not cancelled so far"),
        }
        if counts && self.trace.cancelled().is_none() {
            self.contests.iter().for_each(|contest| self.mixed(report, *contest));
        }
    }

    /// Whether the ballot is the voter's last one.
    fn newest(&self, report: &mut Report, leaf: LeafHash, owner: Option<&Owner>) -> bool {
        let what = self.what;
        match self.trace.newest() {
            Some(newest) if newest.leaf == leaf => {
                report.add(Verdict::Holds, "newest", format!("it is your last ballot in the {what}"));
                return true;
            }
            Some(newest) => {
                let yours = owner.map(|owner| newest.entry.verify(self.manifest.id(), &owner.key).is_ok());
                let (verdict, whose) = match yours {
                    Some(true) => (Verdict::Replaced, "it is signed with your key"),
                    Some(false) => (Verdict::Fails, "it is not signed with your key"),
                    None => (Verdict::NotChecked, "give --credential or --public-key to see whether it is yours"),
                };
                let words = format!(
                    "another ballot of yours, tracker {}, came later and counts instead ({whose})",
                    tracker(&newest.leaf)
                );
                report.add(verdict, "newest", words);
            }
            None => {
                report.add(
                    Verdict::Fails,
                    "newest",
                    format!("the {what} holds no ballot of yours from before the closing"),
                );
            }
        }
        false
    }

    /// Whether the ballot was in the input of a contest's first mix.
    fn mixed(&self, report: &mut Report, contest: ContestIndex) {
        let id = self.manifest.contest(contest).map_or("", |contest| contest.id.as_str());
        let (verdict, words) = match self.trace.first_mix(contest) {
            FirstMix::Open => (Verdict::NotChecked, "voting is not closed yet: look again after the closing".to_owned()),
            FirstMix::Waiting { ballots } => {
                (Verdict::NotChecked, format!("your ballot is one of {ballots} that count, and they are not mixed yet"))
            }
            FirstMix::Withheld { ballots } => (
                Verdict::Holds,
                format!("your ballot is one of {ballots} that count; they are too few to be decrypted without showing votes"),
            ),
            FirstMix::Input { ballots } => {
                (Verdict::Holds, format!("your ballot is one of the {ballots} that the first mix server took in"))
            }
            FirstMix::Other { index, .. } => (
                Verdict::Fails,
                format!("the first mix (entry {index}) took other ballots than those that count, of which yours is one"),
            ),
        };
        report.add(verdict, "mix", format!("contest {id}: {words}"));
    }
}

/// Adds what a published record shows of a ballot.
///
/// # Errors
/// If the folder is no record of this election.
pub fn in_record(
    report: &mut Report,
    folder: &Path,
    manifest: &Arc<Manifest>,
    receipt: &Receipt,
    ballot: &SignedEntry,
    owner: Option<&Owner>,
) -> Result<()> {
    let EntryBody::Ballot(encrypted) = &ballot.body else { return Ok(()) };
    let note = read(folder, CHECKPOINT, MAX_NOTE as u64)?;
    let note = String::from_utf8(note).context("the record's checkpoint is not text")?;
    let mut seen = Seen::start(manifest, "record", note, encrypted)?;
    for bundle in entry_bundles(seen.checkpoint.size) {
        let bytes = read(folder, &bundle.path(), MAX_BUNDLE)?;
        let entries = read_bundle(&bytes, bundle.width).with_context(|| format!("{} is damaged", bundle.path()))?;
        entries.into_iter().for_each(|entry| seen.take(entry));
    }
    let seen = seen.end()?;
    if let Some(words) = witnesses(manifest, &seen.note, &seen.checkpoint) {
        let enough = manifest.witnesses().open(&seen.note, &manifest.log_key()).is_ok();
        // A record must have the quorum; one of an election under way may still be waiting for it.
        let verdict = if enough { Verdict::Holds } else { Verdict::NotChecked };
        report.add(verdict, "witnessed", format!("of the record's checkpoint: {words}"));
    }
    let leaf = ballot.leaf_hash();
    let Ok(old) = VerifiedReceipt::verify(receipt.clone(), leaf, manifest) else {
        report.add(Verdict::NotChecked, "record", "there is no valid receipt to compare the record with");
        return Ok(());
    };
    seen.say(report, receipt, old.checkpoint(), leaf, owner);
    Ok(())
}

/// Reads a whole board.
///
/// # Errors
/// If the board does not answer, or what it shows is not what it has signed.
pub(crate) async fn on_board(
    board: &mut BoardClient,
    manifest: &Arc<Manifest>,
    ballot: &EncryptedBallot,
) -> Result<Seen> {
    let note = answered(board.status()).await?.checkpoint;
    let mut seen = Seen::start(manifest, "board", note, ballot)?;
    let (mut next, size) = (0, seen.checkpoint.size);
    while next < size {
        let to = next.saturating_add(BATCH).min(size);
        let entries = answered(board.entries(next, to)).await?;
        ensure!(
            entries.len() as u64 == to - next,
            "the board shows {} entries instead of {}",
            entries.len(),
            to - next
        );
        entries.iter().for_each(|entry| seen.take(entry));
        next = to;
    }
    seen.end()
}
