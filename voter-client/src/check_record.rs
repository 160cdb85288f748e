//! Looking for a ballot in a published election record: no server is asked, and the folder's publisher is not trusted.

use crate::cast::VerifiedReceipt;
use crate::check::{witnesses, Owner, Report, Verdict};
use crate::tracker;
use anyhow::{ensure, Context, Result};
use selge_core::codec::Decode;
use selge_core::entry::{CancellationReason, EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_core::note::{Checkpoint, MAX_NOTE};
use selge_core::receipt::Receipt;
use selge_core::record::{entry_bundles, read_bundle, CHECKPOINT, MAX_BUNDLE};
use selge_core::tree::{leaf_hash, Tree};
use std::io::Read;
use std::path::Path;

fn read(folder: &Path, path: &str, max: u64) -> Result<Vec<u8>> {
    let path = folder.join(path);
    let mut bytes = Vec::new();
    std::fs::File::open(&path)
        .and_then(|file| file.take(max + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}: is the record complete?", path.display()))?;
    ensure!(bytes.len() as u64 <= max, "{} is longer than any such file of a record", path.display());
    Ok(bytes)
}

/// What the record's entries say of one voter.
#[derive(Default)]
struct Found {
    tree: Tree,
    newest: Option<(LeafHash, SignedEntry)>,
    cancelled: Option<CancellationReason>,
    closed: bool,
}

/// Adds what a record shows: that its log continues the receipt's, has the ballot in its place, and whether the ballot
/// is the voter's last one and counts. The record's own soundness is the auditor's to check.
///
/// # Errors
/// If the folder is no record of this election.
pub fn in_record(
    report: &mut Report,
    folder: &Path,
    manifest: &Manifest,
    receipt: &Receipt,
    ballot: &SignedEntry,
    owner: Option<&Owner>,
) -> Result<()> {
    let EntryBody::Ballot(encrypted) = &ballot.body else { return Ok(()) };
    let note = read(folder, CHECKPOINT, MAX_NOTE as u64)?;
    let note = String::from_utf8(note).context("the record's checkpoint is not text")?;
    let checkpoint = Checkpoint::open(&note, &manifest.log_key())
        .context("the record's checkpoint is not that of this election: is this the right manifest and folder?")?;
    let mut found = Found::default();
    for bundle in entry_bundles(checkpoint.size) {
        let bytes = read(folder, &bundle.path(), MAX_BUNDLE)?;
        let entries = read_bundle(&bytes, bundle.width).with_context(|| format!("{} is damaged", bundle.path()))?;
        for bytes in entries {
            found.take(bytes, encrypted.voter)?;
        }
    }
    ensure!(
        found.tree.root() == checkpoint.root,
        "the record's entries do not lead to its checkpoint: it is damaged or forged; get another copy, and keep this one"
    );
    if let Some(seen) = witnesses(manifest, &note, &checkpoint) {
        let enough = manifest.witnesses().open(&note, &manifest.log_key()).is_ok();
        // A record must have the quorum; one of an election under way may still be waiting for it.
        let verdict = if enough { Verdict::Holds } else { Verdict::NotChecked };
        report.add(verdict, "witnessed", format!("of the record's checkpoint: {seen}"));
    }
    let leaf = ballot.leaf_hash();
    let Ok(old) = VerifiedReceipt::verify(receipt.clone(), leaf, manifest) else {
        report.add(Verdict::NotChecked, "record", "there is no valid receipt to compare the record with");
        return Ok(());
    };
    let old = old.checkpoint();
    if found.tree.root_at(old.size).is_ok_and(|root| root == old.root) {
        report.add(
            Verdict::Holds,
            "log",
            format!("the record continues the log that the receipt is of: {} entries", checkpoint.size),
        );
    } else {
        let words = "the record is not of the log that the receipt is of: the collector has signed two histories";
        report.add(Verdict::Fails, "log", words);
        report.evidence.push(note);
    }
    if found.tree.leaf(receipt.index) == Some(leaf) {
        report.add(Verdict::Holds, "place", format!("the ballot is entry {} of the record", receipt.index));
    } else {
        report.add(Verdict::Fails, "place", format!("the ballot is not entry {} of the record", receipt.index));
    }
    found.say(report, manifest, leaf, owner);
    Ok(())
}

impl Found {
    fn take(&mut self, bytes: &[u8], voter: selge_core::ids::VoterId) -> Result<()> {
        let leaf = leaf_hash(bytes);
        let entry = SignedEntry::from_bytes(bytes)
            .with_context(|| format!("the record's entry {} is malformed", self.tree.size()))?;
        self.tree.push(leaf);
        match &entry.body {
            EntryBody::Ballot(other) if other.voter == voter => self.newest = Some((leaf, entry)),
            EntryBody::Cancellation(cancellation) if cancellation.voter == voter => {
                self.cancelled = Some(cancellation.reason);
            }
            EntryBody::Closing(_) => self.closed = true,
            _ => {}
        }
        Ok(())
    }

    fn say(&self, report: &mut Report, manifest: &Manifest, leaf: LeafHash, owner: Option<&Owner>) {
        match &self.newest {
            Some((newest, _)) if *newest == leaf => {
                report.add(Verdict::Holds, "newest", "it is your last ballot in the record");
            }
            Some((newest, entry)) => {
                let yours = owner.map(|owner| entry.verify(manifest.id(), &owner.key).is_ok());
                let (verdict, whose) = match yours {
                    Some(true) => (Verdict::Replaced, "it is signed with your key"),
                    Some(false) => (Verdict::Fails, "it is not signed with your key"),
                    None => (Verdict::NotChecked, "give --credential or --public-key to see whether it is yours"),
                };
                let words = format!(
                    "another ballot of yours, tracker {}, came later and counts instead ({whose})",
                    tracker(newest)
                );
                report.add(verdict, "newest", words);
            }
            None => report.add(Verdict::Fails, "newest", "the record holds no ballot of yours"),
        }
        if let Some(reason) = self.cancelled {
            report.cancelled(reason == CancellationReason::PaperVote, &reason.to_string());
        } else {
            let words =
                if self.closed { "your ballots are not cancelled" } else { "your ballots are not cancelled so far" };
            report.add(Verdict::Holds, "cancelled", words);
        }
    }
}
