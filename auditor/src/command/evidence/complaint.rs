//! A voter's complaint and the election's record: was the collector's promise kept, and did the ballot count?

use super::{fork, Answer};
use crate::Ending;
use selge_auditor::{FolderSource, RecordSource};
use selge_core::ballot::EncryptedBallot;
use selge_core::codec::Decode;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::evidence::{Fork, VerifiedComplaint};
use selge_core::ids::Digest;
use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_core::note::{Checkpoint, LogKey, MAX_NOTE};
use selge_core::record::{entry_bundles, file_path, read_bundle, CHECKPOINT, MAX_BUNDLE};
use selge_core::trace::{BallotTrace, FirstMix, TraceError};
use std::sync::Arc;

/// Longest roll (`ENC-5`).
const MAX_ROLL: u64 = 4 + 50 * (1 << 26);

fn undecided(words: impl Into<String>) -> Answer {
    Answer { text: format!("UNDECIDED: {}\n", words.into()), ending: Ending::Undecided }
}

fn refuted(words: impl Into<String>) -> Answer {
    let words = words.into();
    let text = format!("REFUTED: {words}\nThis holds if the record does: check it with `auditor verify`.\n");
    Answer { text, ending: Ending::Fails }
}

fn proven(words: impl Into<String>, against: &str) -> Answer {
    let words = words.into();
    let text =
        format!("PROVEN: {words}\nAgainst: {against}.\nKeep the record with this file: together they are the proof.\n");
    Answer { text, ending: Ending::Holds }
}

/// The manifest that the record begins with, if it names this log.
fn manifest_of(record: &FolderSource, first: &[u8], log: &LogKey) -> Result<Arc<Manifest>, String> {
    let entry = SignedEntry::from_bytes(first).map_err(|error| error.to_string())?;
    let EntryBody::Manifest(digest) = entry.body else { return Err("it does not begin with a manifest".into()) };
    let bytes = record.read(&file_path(&digest), MAX_MANIFEST as u64).map_err(|error| error.to_string())?;
    if Digest::of(&bytes) != digest {
        return Err("its manifest is damaged".into());
    }
    let manifest = Manifest::parse(&bytes).map_err(|error| error.to_string())?;
    if manifest.log_key() != *log {
        return Err("its manifest is that of another election".into());
    }
    Ok(Arc::new(manifest))
}

/// Follows the ballot through the record.
struct Read {
    manifest: Arc<Manifest>,
    trace: BallotTrace,
    note: String,
    checkpoint: Checkpoint,
    /// The first entry that breaks the rules in what decides about the ballot.
    broken: Option<TraceError>,
    /// Whether the record ends with a result, and whether the commission has signed that.
    result: Option<bool>,
}

fn follow(
    log: &LogKey,
    manifest: Option<Arc<Manifest>>,
    ballot: &EncryptedBallot,
    record: &FolderSource,
) -> Result<Read, String> {
    let note = record.read(CHECKPOINT, MAX_NOTE as u64).map_err(|error| format!("{CHECKPOINT}: {error}"))?;
    let note = String::from_utf8(note).map_err(|_| "its checkpoint is not text".to_owned())?;
    let checkpoint = Checkpoint::open(&note, log).map_err(|error| error.to_string())?;
    let (mut manifest, mut trace, mut broken, mut last) = (manifest, None, None, Vec::new());
    for bundle in entry_bundles(checkpoint.size) {
        let bytes = record.read(&bundle.path(), MAX_BUNDLE).map_err(|error| format!("{}: {error}", bundle.path()))?;
        let entries = read_bundle(&bytes, bundle.width).map_err(|error| format!("{}: {error}", bundle.path()))?;
        last = entries.last().map(|entry| entry.to_vec()).unwrap_or_default();
        for entry in entries {
            let known = match &manifest {
                Some(known) => Arc::clone(known),
                None => Arc::clone(manifest.insert(manifest_of(record, entry, log)?)),
            };
            let contests = || ballot.contests.iter().map(|contest| contest.contest()).collect();
            let trace = trace.get_or_insert_with(|| BallotTrace::new(known, ballot.voter, contests()));
            if broken.is_some() {
                trace.skip(entry);
            } else {
                broken = trace.take(entry).err();
            }
        }
    }
    let (Some(manifest), Some(trace)) = (manifest, trace) else { return Err("it is empty".into()) };
    if trace.tree().root() != checkpoint.root {
        return Err("its entries do not lead to its checkpoint: it is damaged or forged, get another copy".into());
    }
    let result = match SignedEntry::from_bytes(&last) {
        Ok(entry) if matches!(entry.body, EntryBody::Result(_)) => {
            Some(entry.verify(manifest.id(), &manifest.document().commission.key).is_ok())
        }
        _ => None,
    };
    Ok(Read { manifest, trace, note, checkpoint, broken, result })
}

pub(super) fn judge(
    log: &LogKey,
    manifest: Option<Arc<Manifest>>,
    complaint: &VerifiedComplaint,
    record: &FolderSource,
) -> Answer {
    let EntryBody::Ballot(ballot) = &complaint.ballot().body else {
        return undecided("the complaint holds no ballot");
    };
    let read = match follow(log, manifest, ballot, record) {
        Ok(read) => read,
        Err(words) => return undecided(format!("the record cannot be used: {words}")),
    };
    let (promised, index) = (complaint.checkpoint(), complaint.receipt().index);
    if read.checkpoint.size < promised.size {
        if let Some(answer) = promised_more(log, complaint, &read) {
            return answer;
        }
        return undecided(format!(
            "the record ends at {} entries, the receipt is of {}: it is older than the receipt, get the newest one",
            read.checkpoint.size, promised.size
        ));
    }
    if let Some(answer) = contradiction(log, complaint, &read) {
        return answer;
    }
    if let Some(error) = &read.broken {
        return proven(
            format!("the log {} has signed a board against the rules: {error}", log.origin),
            "the collector, which signed the board",
        );
    }
    let place = format!("the ballot is entry {index} of the record, as the receipt says");
    let key = match read.trace.roll() {
        None => return undecided(format!("{place}; the record holds no roll")),
        Some(digest) => match record.read(&file_path(digest), MAX_ROLL).map(|roll| read.trace.key_on(&roll)) {
            Ok(Ok(key)) => key,
            Ok(Err(error)) => return undecided(format!("{place}; {error}")),
            Err(error) => return undecided(format!("{place}; the roll: {error}")),
        },
    };
    let of_voter = |entry: &SignedEntry| key.is_some_and(|key| entry.verify(read.manifest.id(), &key).is_ok());
    if !of_voter(complaint.ballot()) {
        return proven(
            format!("{place}, but the voter {} on the roll has not signed it", ballot.voter),
            "the collector, which took it in",
        );
    }
    match read.trace.newest() {
        None => return proven(format!("{place}, after the closing"), "the collector, which took it in"),
        Some(newest) if newest.leaf == complaint.ballot().leaf_hash() => {}
        Some(newest) if newest.index < index => {
            return proven(format!("{place}, after the closing"), "the collector, which took it in");
        }
        Some(newest) if of_voter(&newest.entry) => {
            return refuted(format!(
                "{place}; the same voter has cast a later ballot, entry {}, which counts instead and is signed with the \
                 voter's key",
                newest.index
            ));
        }
        Some(newest) => {
            return proven(
                format!("entry {} replaces the ballot, and the voter has not signed it", newest.index),
                "the collector, which took it in",
            );
        }
    }
    if let Some((at, reason)) = read.trace.cancelled() {
        return undecided(format!(
            "{place}; the election commission has cancelled this voter's ballots ({reason}, entry {at}, signed by it). \
             Whether that was right is not in the record: ask the commission"
        ));
    }
    counted(&read, ballot, &place)
}

/// Whether a receipt is of more entries than a board that has ended.
fn promised_more(log: &LogKey, complaint: &VerifiedComplaint, read: &Read) -> Option<Answer> {
    let (promised, index, size) = (complaint.checkpoint().size, complaint.receipt().index, read.checkpoint.size);
    let (origin, result) = (&log.origin, size.saturating_sub(1));
    if !read.result? {
        return Some(proven(
            format!(
                "the log {origin} has signed a board against the rules: it ends with a result (entry {result}) that the election \
                 commission has not signed"
            ),
            "the collector, which signed the board",
        ));
    }
    let ballot = if index >= size {
        format!("entry {index}, the ballot's, is not in the board that was ended")
    } else {
        "whether the ballot is in the board that was ended is not decided by this".to_owned()
    };
    Some(proven(
        format!(
            "the log {origin} has signed a board that ends with the result, entry {result} of {size}, signed by the election \
             commission; and, in this receipt, a board of {promised} entries. Nothing may follow a result: either that board \
             goes on after it, or it is another one. And {ballot}"
        ),
        "the collector, which signed both",
    ))
}

/// Whether the record's signed state continues the receipt's.
fn contradiction(log: &LogKey, complaint: &VerifiedComplaint, read: &Read) -> Option<Answer> {
    let (promised, tree) = (complaint.checkpoint(), read.trace.tree());
    let root = tree.root_at(promised.size).ok().filter(|root| *root != promised.root)?;
    let proof = tree.consistency_proof(promised.size, read.checkpoint.size).ok()?;
    let (receipt, record) = (&complaint.receipt().checkpoint, &read.note);
    let claim = Fork::new((receipt, promised.size), (record, read.checkpoint.size), root, &proof);
    Some(match claim.verify(log) {
        Ok(verified) => Answer {
            text: format!(
                "The record is not of the board that the receipt is of:\n{}Keep the record with this file.\n",
                fork(log, Some(&read.manifest), &verified)
            ),
            ending: Ending::Holds,
        },
        Err(error) => undecided(error.to_string()),
    })
}

/// Whether the ballot, which must count, was in the first mix's input.
fn counted(read: &Read, ballot: &EncryptedBallot, place: &str) -> Answer {
    let place = format!("{place}, the voter's last one and not cancelled");
    let mut mixed = Vec::new();
    for contest in ballot.contests.iter().map(|contest| contest.contest()) {
        let id = read.manifest.contest(contest).map_or_else(String::new, |contest| contest.id.clone());
        match read.trace.first_mix(contest) {
            FirstMix::Open => return refuted(format!("{place}; voting had not been closed when this record was made")),
            FirstMix::Waiting { .. } => {
                return undecided(format!("{place}; contest {id:?} is not mixed yet in this record: get a later one"));
            }
            FirstMix::Withheld { ballots } => mixed.push(format!("{id}: withheld, {ballots} ballots are too few")),
            FirstMix::Input { ballots } => {
                mixed.push(format!("{id}: one of the {ballots} ballots of the first mix's input"))
            }
            FirstMix::Other { index, input, counted } => {
                return proven(
                    format!(
                        "{place}; but the first mix of contest {id:?} (entry {index}) took the list {input}, and the \
                         ballots that count, this one among them, are the list {counted}"
                    ),
                    "the first mix server, which signed that mix, and the collector, which took it in",
                );
            }
        }
    }
    refuted(format!("{place}; it was counted\n  {}", mixed.join("\n  ")))
}
