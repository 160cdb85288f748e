//! `auditor evidence check`: what a file of evidence proves, against whom, and what it does not prove.

use super::key::{read, KeyArgs};
use crate::mirror::fetch::shown;
use crate::Ending;
use selge_auditor::FolderSource;
use selge_core::evidence::{
    Evidence, Verified, VerifiedComplaint, VerifiedFork, VerifiedProof, VerifiedReplacement, MAX_EVIDENCE,
};
use selge_core::manifest::Manifest;
use selge_core::note::LogKey;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

mod complaint;

const HELP: &str = "What is believed is the log's public key that you give, and nothing in the file.

Exit statuses:
  0  PROVEN: the evidence holds
  1  it does not hold, or the record refutes the complaint
  2  UNDECIDED: the complaint's receipt holds, and whether its ballot is treated rightly only the record can tell
  3  wrong usage";

#[derive(clap::Args)]
#[command(after_help = HELP)]
pub(crate) struct Args {
    /// The file: of `auditor follow`, or a complaint of `voter-client receipt check`.
    file: PathBuf,
    #[command(flatten)]
    key: KeyArgs,
    /// For a complaint: the folder of the election's record, to decide what the complaint alone cannot.
    #[arg(long, value_name = "FOLDER")]
    record: Option<PathBuf>,
}

/// What is to be said, and how it ends.
struct Answer {
    text: String,
    ending: Ending,
}

pub(crate) fn run(args: &Args) -> Ending {
    let usage = |words: String| {
        eprintln!("error: {words}");
        Ending::Usage
    };
    let (log, manifest) = match (args.key.log(), args.key.manifest()) {
        (Ok(Some(log)), Ok(manifest)) => (log, manifest),
        (Ok(None), _) => {
            return usage("whose key? Give --manifest or --log-key, from a source that you trust".into());
        }
        (Err(words), _) | (_, Err(words)) => return usage(words),
    };
    let bytes = match read(&args.file, MAX_EVIDENCE) {
        Ok(bytes) => bytes,
        Err(words) => return usage(words),
    };
    let answer = match Evidence::parse(&bytes).and_then(|evidence| evidence.verify(&log)) {
        Ok(verified) => say(&log, manifest, &verified, args),
        Err(error) => Answer {
            text: format!(
                "DOES NOT HOLD: {}\nThis file proves nothing against the log {}.\n",
                shown(&error.to_string()),
                log.vkey()
            ),
            ending: Ending::Fails,
        },
    };
    match super::print(&answer.text) {
        Ok(()) => answer.ending,
        Err(error) => {
            eprintln!("error: the answer cannot be printed: {error}");
            Ending::Undecided
        }
    }
}

fn say(log: &LogKey, manifest: Option<Arc<Manifest>>, verified: &Verified, args: &Args) -> Answer {
    match verified {
        Verified::Fork(proven) => Answer { text: fork(log, manifest.as_deref(), proven), ending: Ending::Holds },
        Verified::ReplacedEntry(proven) => Answer { text: replaced(log, proven), ending: Ending::Holds },
        Verified::Complaint(complaint) => say_complaint(log, manifest, complaint, args),
    }
}

fn say_complaint(log: &LogKey, manifest: Option<Arc<Manifest>>, complaint: &VerifiedComplaint, args: &Args) -> Answer {
    let checkpoint = complaint.checkpoint();
    let mut text = format!(
        "The receipt holds: the log {} has signed that the ballot {} is entry {} of {}.\n",
        log.origin,
        complaint.ballot().leaf_hash(),
        complaint.receipt().index,
        checkpoint.size
    );
    if !complaint.findings().is_empty() {
        text += "The voter's program says, which proves nothing:\n";
    }
    for finding in complaint.findings() {
        text += &format!("  {}: {}: {}\n", shown(&finding.verdict), shown(&finding.check), shown(&finding.words));
    }
    text.push('\n');
    for proof in complaint.proofs() {
        text += &match proof {
            VerifiedProof::Fork(proven) => fork(log, manifest.as_deref(), proven),
            VerifiedProof::ReplacedEntry(proven) => replaced(log, proven),
        };
    }
    if !complaint.proofs().is_empty() {
        return Answer { text, ending: Ending::Holds };
    }
    let Some(folder) = &args.record else {
        text += "UNDECIDED: this shows what the collector has promised, not that the promise was broken.\n\
                 Get the election's record when it is published, and check again with --record FOLDER.\n";
        return Answer { text, ending: Ending::Undecided };
    };
    let judged = complaint::judge(log, manifest, complaint, &FolderSource::new(folder));
    Answer { text: text + &judged.text, ending: judged.ending }
}

fn root(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn against(log: &LogKey) -> String {
    format!("Against: whoever holds the key {}, which is the collector's.\n", log.vkey())
}

/// Witnesses that cosigned both states, which is what a witness must never do (`LOG-8`).
fn witnesses(log: &LogKey, manifest: Option<&Manifest>, proven: &VerifiedFork) -> String {
    let [smaller, larger] = proven.notes();
    let Some(witnesses) = manifest.map(Manifest::witnesses) else {
        // Only names, which anybody can write.
        let names = |note: &str| -> BTreeSet<String> {
            let lines = note.lines().filter_map(|line| line.strip_prefix("\u{2014} ")?.split_once(' '));
            lines.map(|(name, _)| name.to_owned()).filter(|name| *name != log.origin).collect()
        };
        let both: Vec<_> = names(smaller).intersection(&names(larger)).map(|name| shown(name)).collect();
        return match &both[..] {
            [] => String::new(),
            both => format!(
                "Both states have lines in the name of {}. Give --manifest to learn whether those are the witnesses' \
                 cosignatures.\n",
                both.join(", ")
            ),
        };
    };
    if witnesses.is_empty() {
        return String::new();
    }
    let cosigned = |note: &str, checkpoint| -> BTreeSet<String> {
        let standing = witnesses.standing(note, checkpoint);
        standing.map(|standing| standing.cosigned().map(|witness| witness.name.clone()).collect()).unwrap_or_default()
    };
    let (one, other) = (cosigned(smaller, proven.smaller()), cosigned(larger, proven.larger()));
    let both: Vec<_> = one.intersection(&other).map(String::as_str).collect();
    let (all, quorum) = (witnesses.keys().len(), witnesses.quorum());
    let sides = format!(
        "{} cosigned the first state and {} the second, of {all}; {quorum} are the quorum",
        one.len(),
        other.len()
    );
    match &both[..] {
        [] => format!("Witnesses: {sides}. None of them cosigned both.\n"),
        both => format!(
            "Witnesses: {sides}. Both were cosigned by {}: a witness must never do that, so it broke its word, or others had \
             its key.\n",
            both.join(", ")
        ),
    }
}

fn fork(log: &LogKey, manifest: Option<&Manifest>, proven: &VerifiedFork) -> String {
    let (smaller, larger) = (proven.smaller(), proven.larger());
    let mut text = format!(
        "PROVEN: the log {} has signed two states that contradict each other.\n  {} entries, root {}\n  {} entries, root {}\n",
        log.origin,
        smaller.size,
        root(&smaller.root),
        larger.size,
        root(&larger.root)
    );
    text += &if smaller.size == larger.size {
        "A log that only grows has one root at each size.\n".to_owned()
    } else {
        format!(
            "The first {} entries of the larger one have the root {}: it does not begin with the smaller one.\n",
            smaller.size,
            root(proven.root())
        )
    };
    text += &against(log);
    text += &witnesses(log, manifest, proven);
    text +=
        "Not proven: which of the two is the honest one, whether any ballot was lost, whether the result is wrong, or \
             whether the key was stolen.\n";
    text
}

fn replaced(log: &LogKey, proven: &VerifiedReplacement) -> String {
    let ([leaf, other], [first, second]) = (proven.leaves(), proven.checkpoints());
    format!(
        "PROVEN: the log {} has signed two entries in one place, entry {}.\n  {leaf}, in the state of {} entries\n  {other}, in \
         the state of {} entries\n{}Not proven: which of the two is the honest one, or whether the key was stolen.\n",
        log.origin,
        proven.index(),
        first.size,
        second.size,
        against(log)
    )
}
