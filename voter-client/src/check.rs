//! Looking at a receipt again: offline with the ballot and the manifest alone, and against the board as it is now.

use crate::board::Board;
use crate::check_record;
use crate::info::{checkpoint_of, ElectionInfo};
use crate::native::answered;
use crate::settle::VerifiedReceipt;
use crate::tracker;
use anyhow::Result;
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{CancellationReason, EntryBody, SignedEntry};
use selge_core::evidence::{self, Base64, Claim, Complaint, Evidence, Fork, Proof, ReplacedEntry};
use selge_core::ids::{LeafHash, VoterId};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::receipt::Receipt;
use selge_core::sign::VerifyingKey;
use selge_core::tree::{leaf_hash, Hash};
use selge_node::client::{BoardClient, VoterInfo};
use std::fmt;
use std::sync::Arc;

/// How one check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// It held until the voter's own later ballot: nothing is wrong, and the voter must know.
    Replaced,
    /// What it needs was not given.
    NotChecked,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Verdict::Holds => "ok",
            Verdict::Fails => "WRONG",
            Verdict::Replaced => "replaced",
            Verdict::NotChecked => "not checked",
        })
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How it came out.
    pub verdict: Verdict,
    /// Which check, in a word that stays the same.
    pub check: &'static str,
    /// What was seen.
    pub words: String,
}

/// All checks of a receipt.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// In the order in which they were made.
    pub findings: Vec<Finding>,
    /// What the board has signed that contradicts the receipt: for a complaint.
    pub evidence: Vec<String>,
    /// Contradictions that are proven by themselves: for a complaint.
    pub proofs: Vec<Proof>,
}

impl Report {
    pub(crate) fn add(&mut self, verdict: Verdict, check: &'static str, words: impl Into<String>) {
        self.findings.push(Finding { verdict, check, words: words.into() });
    }

    /// Adds that the ballots are cancelled: nothing is wrong if the voter did vote on paper.
    pub(crate) fn cancelled(&mut self, paper: bool, reason: &str) {
        if paper {
            let words =
                "the election commission has cancelled your ballots because you voted on paper, and your paper \
                         vote counts instead; if you did not vote on paper, tell the commission";
            self.add(Verdict::Replaced, "cancelled", words);
        } else {
            let words = format!("the election commission has cancelled your ballots ({reason})");
            self.add(Verdict::Fails, "cancelled", words);
        }
    }

    /// Adds the proof that two signed checkpoints contradict each other, if it is one.
    pub(crate) fn fork(
        &mut self,
        manifest: &Manifest,
        one: (&str, u64),
        other: (&str, u64),
        root: Hash,
        proof: &[Hash],
    ) {
        let fork = Fork::new(one, other, root, proof);
        if fork.verify(&manifest.log_key()).is_ok() {
            self.proofs.push(Proof::Fork(fork));
        }
    }

    /// Whether any check failed.
    pub fn wrong(&self) -> bool {
        self.findings.iter().any(|f| f.verdict == Verdict::Fails)
    }
}

/// Who a ballot should be from.
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The pseudonym, if it is known.
    pub id: Option<VoterId>,
    /// The public key on the roll.
    pub key: VerifyingKey,
}

/// Checks a receipt with the ballot and the manifest alone: the collector's signature, the inclusion proof, and that
/// the ballot is complete and, if `owner` is known, the owner's.
pub fn offline(manifest: &Manifest, receipt: &Receipt, ballot: &SignedEntry, owner: Option<&Owner>) -> Report {
    let mut report = Report::default();
    let leaf = ballot.leaf_hash();
    match VerifiedReceipt::verify(receipt.clone(), leaf, manifest) {
        Ok(verified) => {
            let (index, size) = (receipt.index, verified.checkpoint().size);
            let words = format!(
                "the collector has signed that this ballot, tracker {}, is entry {index} of {size} on the board",
                tracker(&leaf)
            );
            report.add(Verdict::Holds, "inclusion", words);
            if let Some(seen) = witnesses(manifest, &receipt.checkpoint, verified.checkpoint()) {
                // Receipts wait for nobody: few or none are usual, and nothing is wrong.
                let enough = manifest.witnesses().open(&receipt.checkpoint, &manifest.log_key()).is_ok();
                let verdict = if enough { Verdict::Holds } else { Verdict::NotChecked };
                report.add(verdict, "witnesses", format!("of the receipt's checkpoint: {seen}"));
            }
        }
        Err(error) => report.add(Verdict::Fails, "inclusion", format!("the receipt is not for this ballot: {error}")),
    }
    let EntryBody::Ballot(encrypted) = &ballot.body else {
        report.add(Verdict::Fails, "ballot", format!("the entry is a {}, not a ballot", ballot.body.kind()));
        return report;
    };
    let of_style = manifest.style(encrypted.style);
    if of_style.is_some_and(|style| style.iter().copied().eq(encrypted.contests.iter().map(|c| c.contest()))) {
        report.add(
            Verdict::Holds,
            "ballot",
            format!("it holds all {} contests of its style", encrypted.contests.len()),
        );
    } else {
        report.add(Verdict::Fails, "ballot", "its contests are not those of its ballot style");
    }
    match owner {
        Some(owner) if owner.id.is_some_and(|id| id != encrypted.voter) => {
            report.add(Verdict::Fails, "signature", format!("the ballot is voter {}'s, not yours", encrypted.voter));
        }
        Some(owner) => match ballot.verify(manifest.id(), &owner.key) {
            Ok(()) => report.add(Verdict::Holds, "signature", "signed with your key, for this election"),
            Err(error) => report.add(Verdict::Fails, "signature", format!("the ballot is not yours: {error}")),
        },
        None => report.add(Verdict::NotChecked, "signature", "give --credential or --public-key to check it"),
    }
    report
}

/// What a receipt's checkpoint carries of the election's witnesses, in one line; `None` for an election without.
pub fn witnesses(manifest: &Manifest, note: &str, checkpoint: &Checkpoint) -> Option<String> {
    if manifest.witnesses().is_empty() {
        return None;
    }
    manifest.witnesses().standing(note, checkpoint).ok().map(|standing| standing.to_string())
}

/// Adds whether the witnesses have seen this ballot on the board: their cosignatures on the receipt's own checkpoint, or,
/// if those are too few, a receipt in the newest witnessed checkpoint (`REC-3`).
async fn witnessed(
    report: &mut Report,
    board: &mut BoardClient,
    manifest: &Manifest,
    receipt: &Receipt,
    leaf: LeafHash,
) -> Result<()> {
    let witnesses = manifest.witnesses();
    if witnesses.quorum() == 0 || witnesses.open(&receipt.checkpoint, &manifest.log_key()).is_ok() {
        return Ok(());
    }
    let Some(later) = answered(board.witnessed_receipt(&leaf)).await? else {
        let words = "the witnesses' quorum has not cosigned a board with this ballot yet: ask again in a minute";
        report.add(Verdict::NotChecked, "witnessed", words);
        return Ok(());
    };
    let problem = match VerifiedReceipt::verify(later.clone(), leaf, manifest) {
        Err(error) => error.to_string(),
        Ok(_) if later.index != receipt.index => {
            format!("it shows the ballot as entry {}, the receipt as entry {}", later.index, receipt.index)
        }
        Ok(verified) => match witnesses.open(&later.checkpoint, &manifest.log_key()) {
            Ok(_) => {
                let seen = self::witnesses(manifest, &later.checkpoint, verified.checkpoint()).unwrap_or_default();
                let words = format!(
                    "it is entry {} of the board of {} entries; {seen}",
                    later.index,
                    verified.checkpoint().size
                );
                report.add(Verdict::Holds, "witnessed", words);
                return Ok(());
            }
            Err(error) => error.to_string(),
        },
    };
    report.add(Verdict::Fails, "witnessed", format!("what the board calls witnessed does not hold: {problem}"));
    report.evidence.push(later.text());
    Ok(())
}

/// Adds what the board shows now: that its log has only grown, still has the ballot in its place, and that the ballot's
/// proofs hold; and, on its word, that the ballot is the voter's newest and not cancelled.
///
/// # Errors
/// If the board does not answer or is another election's.
pub async fn online(
    report: &mut Report,
    board: &mut BoardClient,
    manifest: &Arc<Manifest>,
    receipt: &Receipt,
    ballot: &SignedEntry,
    owner: Option<&Owner>,
) -> Result<()> {
    let leaf = ballot.leaf_hash();
    let status = Board::status(board).await?;
    let (newest, phase) = (checkpoint_of(&status, manifest)?, status.phase);
    let Ok(old) = VerifiedReceipt::verify(receipt.clone(), leaf, manifest) else {
        report.add(Verdict::NotChecked, "board", "there is no valid receipt to compare the board with");
        return Ok(());
    };
    let old = old.checkpoint().clone();
    let now = answered(board.receipt(&leaf)).await?;
    let signed = answered(board.status()).await?.checkpoint;
    if newest.size < old.size {
        let words = format!("the board has shrunk from {} to {} entries: it was rolled back", old.size, newest.size);
        report.add(Verdict::Fails, "log", words);
        report.evidence.push(signed.clone());
    } else if newest.size == old.size && newest.root != old.root {
        report.add(Verdict::Fails, "log", "the board has signed two different logs of the same size: it was forked");
        report.evidence.push(signed.clone());
        report.fork(manifest, (&receipt.checkpoint, old.size), (&signed, newest.size), newest.root, &[]);
    } else {
        report.add(Verdict::Holds, "log", format!("it has not shrunk since the receipt: {} entries", newest.size));
    }
    match now {
        None => {
            report.add(Verdict::Fails, "place", "the board no longer shows this ballot");
            report.evidence.push(signed);
        }
        Some(now) => match VerifiedReceipt::verify(now.clone(), leaf, manifest) {
            Ok(_) if now.index != receipt.index => {
                let words = format!("the ballot has moved from entry {} to entry {}", receipt.index, now.index);
                report.add(Verdict::Fails, "place", words);
                report.evidence.push(now.text());
            }
            Ok(verified) if verified.checkpoint().size < old.size.max(newest.size) => {
                report.add(Verdict::Fails, "place", "the board proves it for an older log than it has signed");
                report.evidence.push(now.text());
            }
            Ok(_) => report.add(Verdict::Holds, "place", format!("still entry {} of the newest log", now.index)),
            Err(error) => {
                report.add(Verdict::Fails, "place", format!("the board's new proof does not hold: {error}"));
                report.evidence.push(now.text());
            }
        },
    }
    witnessed(report, board, manifest, receipt, leaf).await?;
    if report.findings.iter().any(|f| f.check == "place" && f.verdict == Verdict::Fails) {
        displaced(report, board, manifest, receipt, leaf).await;
    }
    if let EntryBody::Ballot(encrypted) = &ballot.body {
        match ElectionInfo::fetch(board, Arc::clone(manifest)).await {
            Ok(info) => match encrypted.verify(manifest, info.joint_key()) {
                Ok(_) => report.add(Verdict::Holds, "proofs", "encrypted under the trustees' joint key, proofs hold"),
                Err(error) => report.add(Verdict::Fails, "proofs", error.to_string()),
            },
            Err(error) => report.add(Verdict::Fails, "proofs", format!("the board's set-up: {error:#}")),
        }
        if phase == "counting" || phase == "finished" {
            // All that decides is on the board now, so nobody's word is needed any more.
            let seen = check_record::on_board(board, manifest, encrypted).await?;
            seen.say(report, receipt, &old, leaf, owner);
        } else {
            let state = answered(board.voter(&encrypted.voter)).await?;
            newest_is(report, board, manifest, leaf, &state, owner).await?;
            let words =
                format!("the board says that the election is in the phase {phase:?}: ask again after the closing");
            report.add(Verdict::NotChecked, "mix", words);
        }
    }
    Ok(())
}

/// Looks for a proof that another entry is where the receipt says that the ballot is. A board that shows none proves
/// nothing, so whatever goes wrong here only leaves the complaint without it.
async fn displaced(
    report: &mut Report,
    board: &mut BoardClient,
    manifest: &Manifest,
    receipt: &Receipt,
    leaf: LeafHash,
) {
    let Some(next) = receipt.index.checked_add(1) else { return };
    let Ok(entries) = answered(board.entries(receipt.index, next)).await else { return };
    let Some(other) = entries.first().map(|bytes| leaf_hash(bytes)) else { return };
    let Ok(Some(shown)) = answered(board.receipt(&other)).await else { return };
    let replaced = ReplacedEntry { leaf, receipt: receipt.text(), other_leaf: other, other_receipt: shown.text() };
    if replaced.verify(&manifest.log_key()).is_ok() {
        let words = format!("the board has signed another entry in the ballot's place, entry {}", receipt.index);
        report.add(Verdict::Fails, "replaced", words);
        report.proofs.push(Proof::ReplacedEntry(replaced));
    }
}

async fn newest_is(
    report: &mut Report,
    board: &mut BoardClient,
    manifest: &Manifest,
    leaf: LeafHash,
    state: &VoterInfo,
    owner: Option<&Owner>,
) -> Result<()> {
    if state.newest == leaf {
        report.add(Verdict::Holds, "newest", "the board says that this is your newest ballot");
    } else {
        let (verdict, whose) = match (owner, newest_entry(board, manifest, state).await?) {
            (_, Err(problem)) => (Verdict::Fails, format!("the board cannot show it: {problem}")),
            (Some(owner), Ok(entry)) if entry.verify(manifest.id(), &owner.key).is_err() => {
                (Verdict::Fails, "it is not signed with your key, which is evidence against the collector".to_owned())
            }
            (Some(_), Ok(_)) => (Verdict::Replaced, "it is signed with your key".to_owned()),
            (None, Ok(_)) => {
                (Verdict::NotChecked, "give --credential or --public-key to see whether it is yours".to_owned())
            }
        };
        let words = format!(
            "another ballot of yours, tracker {}, came later and counts instead ({whose}); if you did not vote again, \
             tell the election commission",
            tracker(&state.newest)
        );
        report.add(verdict, "newest", words);
    }
    match &state.cancelled {
        Some(reason) => report.cancelled(*reason == CancellationReason::PaperVote.to_string(), reason),
        None => report.add(Verdict::Holds, "cancelled", "the board says that your ballots are not cancelled"),
    }
    Ok(())
}

/// The ballot that the board calls a voter's newest, if it is really on the board and that voter's; else why not.
///
/// # Errors
/// If the board does not answer.
pub async fn newest_entry(
    board: &mut BoardClient,
    manifest: &Manifest,
    state: &VoterInfo,
) -> Result<Result<SignedEntry, String>> {
    let Some(receipt) = answered(board.receipt(&state.newest)).await? else {
        return Ok(Err("there is no proof that it is on the board".into()));
    };
    if let Err(error) = VerifiedReceipt::verify(receipt.clone(), state.newest, manifest) {
        return Ok(Err(error.to_string()));
    }
    let Some(next) = receipt.index.checked_add(1) else {
        return Ok(Err("its place does not exist".into()));
    };
    let entries = answered(board.entries(receipt.index, next)).await?;
    let entry = entries.first().filter(|bytes| leaf_hash(bytes) == state.newest);
    Ok(match entry.map(|bytes| SignedEntry::from_bytes(bytes)) {
        Some(Ok(entry)) if matches!(entry.body, EntryBody::Ballot(_)) => Ok(entry),
        _ => Err("the entry at its place is another one".into()),
    })
}

/// The complaint: what was found and what the board has signed, for strangers to check (`EVID-4`); `None` if the
/// receipt does not hold for the ballot, since then nothing was promised.
pub fn complaint(manifest: &Manifest, receipt: &Receipt, ballot: &SignedEntry, report: &Report) -> Option<Evidence> {
    let finding = |finding: &Finding| evidence::Finding {
        verdict: finding.verdict.to_string(),
        check: finding.check.to_owned(),
        words: finding.words.clone(),
    };
    let complaint = Complaint {
        receipt: receipt.text(),
        ballot: Base64(ballot.to_bytes()),
        findings: report.findings.iter().map(finding).collect(),
        signed: report.evidence.clone(),
        proofs: report.proofs.clone(),
    };
    let log = manifest.log_key();
    complaint.verify(&log).is_ok().then(|| Evidence::new(&log, Claim::Complaint(complaint)))
}
