//! Before anything is signed: does this store still hold all that the witnesses have cosigned of its board?
//!
//! A store that was restored from a backup, or copied and started twice, looks whole to itself. The witnesses remember
//! the largest board that was signed with this key. The guard signs nothing that was not signed before, but the empty
//! tree, which contradicts no board.

use super::ask::{Said, Witness};
use crate::config::Asked;
use crate::journal::JOURNAL;
use crate::stored_tree::StoredTree;
use anyhow::{bail, ensure, Result};
use futures_util::stream::{FuturesUnordered, StreamExt};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::sign::SigningKey;
use selge_core::tree::empty_root;
use std::path::Path;

/// The sentence for a witness that knows more than this store.
pub(super) fn older(found: u64, size: u64) -> String {
    format!(
        "it has cosigned a board of {found} entries, this one has {size}: was the store restored from an old backup?"
    )
}

/// The sentence for a witness that knows another board.
pub(super) fn forked(size: u64) -> String {
    format!(
        "it has cosigned another board of {size} entries, signed with this collector's key: find out who else holds the \
         key, or where a second store is running"
    )
}

/// What is wrong with the store, as one witness shows.
enum Problem {
    /// The witness knows this many entries.
    Older(u64),
    /// The witness knows another board; with the checkpoint over it, if it shows that.
    Forked(u64, Option<String>),
}

/// Asks the witnesses, all at once, and refuses a store that is older than what one of them has cosigned, or contradicts
/// it. Witnesses that do not answer in time are named in a warning; if `required`, so many must answer that one of every
/// quorum is among them.
///
/// # Errors
/// With what to do.
pub async fn check(
    store: &Path,
    manifest: &Manifest,
    key: &SigningKey,
    tree: &StoredTree,
    stored: Option<(String, Checkpoint)>,
    witnesses: &[Asked],
    required: bool,
) -> Result<()> {
    let origin = manifest.log_key().origin;
    let (note, checkpoint) = stored.unwrap_or_else(|| {
        let empty = Checkpoint { origin: origin.clone(), size: 0, root: empty_root() };
        (empty.sign(key), empty)
    });
    let asked = witnesses.iter().map(|asked| Witness::new(asked, &origin)).collect::<Result<Vec<_>>>()?;
    let one = |witness: Witness| async {
        let found = ask(&witness, manifest, tree, &note, &checkpoint).await;
        (witness.key.name, found)
    };
    let mut answers: FuturesUnordered<_> = asked.into_iter().map(one).collect();
    let mut answered = 0;
    while let Some(answer) = answers.next().await {
        match answer {
            (_, Ok(None)) => answered += 1,
            (name, Ok(Some(problem))) => bail!("{}", refusal(store, tree.size(), &name, problem)),
            (name, Err(error)) => tracing::warn!(
                target: "selge",
                "the witness {name} could not be asked whether this store is older than the board that it has seen: \
                 {error:#}"
            ),
        }
    }
    let (n, quorum) = (manifest.witnesses().keys().len(), manifest.witnesses().quorum());
    let needed = (n + 1 - quorum).min(n);
    ensure!(
        !required || answered >= needed,
        "{answered} of {n} witnesses said what they have cosigned, and require_witnesses_at_start demands {needed}, so \
         that one of every quorum is among them: nothing was signed. Start again when more of them answer; or, if you \
         are sure that no newer copy of {} exists, without require_witnesses_at_start",
        store.join(JOURNAL).display()
    );
    Ok(())
}

/// What one witness shows of this store.
async fn ask(
    witness: &Witness,
    manifest: &Manifest,
    tree: &StoredTree,
    note: &str,
    checkpoint: &Checkpoint,
) -> Result<Option<Problem>> {
    // Whoever shows the checkpoint itself shows more than a number, and proves it.
    let newest = witness.newest().await?;
    let seen = newest.and_then(|note| Some((Checkpoint::open(&note, &manifest.log_key()).ok()?, note)));
    if let Some((seen, newest)) = seen {
        if seen.size > tree.size() {
            return Ok(Some(Problem::Older(seen.size)));
        }
        let same = tree.root_at(seen.size)? == seen.root;
        return Ok((!same).then_some(Problem::Forked(seen.size, Some(newest))));
    }
    // Asked as if it knew nothing, a witness names the size that it knows; one that does know nothing cosigns what was
    // signed before.
    let known = match witness.add_checkpoint(0, Vec::new(), note, checkpoint).await? {
        Said::Cosigned(_) => return Ok(None),
        Said::Inconsistent => return Ok(Some(Problem::Forked(0, None))),
        Said::Size(known) if known > tree.size() => return Ok(Some(Problem::Older(known))),
        Said::Size(known) => known,
    };
    if known > checkpoint.size {
        tracing::warn!(
            target: "selge",
            "the witness {} has cosigned {known} entries, which this store has; whether they are the same will be seen \
             when it cosigns again",
            witness.key.name
        );
        return Ok(None);
    }
    let proof = tree.consistency_proof(known, checkpoint.size)?;
    match witness.add_checkpoint(known, proof, note, checkpoint).await? {
        Said::Cosigned(_) => Ok(None),
        Said::Size(other) if other > tree.size() => Ok(Some(Problem::Older(other))),
        Said::Size(_) | Said::Inconsistent => Ok(Some(Problem::Forked(known, None))),
    }
}

fn refusal(store: &Path, size: u64, name: &str, problem: Problem) -> String {
    let journal = store.join(JOURNAL);
    let (journal, store) = (journal.display(), store.display());
    match problem {
        Problem::Older(known) => format!(
            "the witness {name} has cosigned a board of {known} entries, the journal {journal} has {size}: the store is an \
             older copy, and entries that were acknowledged are missing. Nothing was signed: going on would contradict \
             receipts that voters hold. Put the newest journal and files back, from the disk that the collector last ran \
             on or from the newest backup, and start again. If they are lost for good, tell the election commission: \
             this board cannot go on"
        ),
        Problem::Forked(known, note) => {
            let shown = note.map_or_else(String::new, |note| format!("\nIts checkpoint:\n{note}"));
            format!(
                "the witness {name} has cosigned another board of {known} entries than the journal {journal} holds, signed \
                 with this collector's key. Nothing was signed. Either a second collector is, or was, running with this \
                 key on a copy of {store}, or the journal was restored from an old backup and has gone on since: find \
                 the store whose board the witnesses have cosigned and start the collector on that one. If nobody has \
                 it, tell the election commission: this board cannot go on{shown}"
            )
        }
    }
}
