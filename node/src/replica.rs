//! A copy of the board that has checked everything it holds: the way in which mix servers, trustees and the
//! commission see the election. The collector is not trusted with anything but answering.

use crate::client::BoardClient;
use anyhow::{ensure, Context, Result};
use rayon::prelude::*;
use selge_core::ballot::verify_all;
use selge_core::codec::Decode;
use selge_core::decryption::{DecryptionContext, PartialDecryption, VerifiedDecryption};
use selge_core::election::{CheckInput, CountedSet, Election, SignedBallot};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest};
use selge_core::manifest::Manifest;
use selge_core::note::Checkpoint;
use selge_core::roll::Roll;
use selge_core::shuffle::{self, verify_chain, ShuffleContext, ShuffleProof};
use selge_core::tree::{leaf_hash, Tree};
use std::path::Path;
use std::sync::Arc;

/// Entries fetched and checked at a time.
const BATCH: u64 = 4096;

/// Whether the proofs of ballots are checked while the board is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ballots {
    /// Every proof is checked: for trustees, whose decryption could otherwise be used to open a copied ballot.
    Verify,
    /// Signatures and order only: for those whose work the trustees and auditors check.
    Trust,
}

/// A verified copy of the board.
#[derive(Debug)]
pub struct Replica {
    manifest: Arc<Manifest>,
    election: Option<Election>,
    tree: Tree,
    ballots: Ballots,
    /// Size of the largest witnessed checkpoint that this board continues.
    witnessed: u64,
}

/// Reads a manifest file: the root of everybody's trust in an election.
///
/// # Errors
/// If the file is missing or not a manifest.
pub fn read_manifest(path: &Path) -> Result<(Vec<u8>, Arc<Manifest>)> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read the manifest {}", path.display()))?;
    let manifest = Manifest::parse(&bytes).with_context(|| format!("{} is not usable", path.display()))?;
    Ok((bytes, Arc::new(manifest)))
}

impl Replica {
    /// An empty replica of the board of `manifest`'s election.
    pub fn new(manifest: Arc<Manifest>, ballots: Ballots) -> Self {
        Replica { manifest, election: None, tree: Tree::new(), ballots, witnessed: 0 }
    }

    /// The election's manifest.
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The election's state, after the first sync.
    ///
    /// # Errors
    /// If nothing has been read yet.
    pub fn election(&self) -> Result<&Election> {
        self.election.as_ref().context("the board is still empty")
    }

    /// The tree of what has been read.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Reads and checks everything up to the board's newest checkpoint; returns the number of new entries.
    ///
    /// # Errors
    /// If the checkpoint is not the collector's, rolls back or forks what was read before, or an entry does not hold.
    pub async fn sync(&mut self, board: &mut BoardClient) -> Result<u64> {
        let status = board.status().await?;
        let checkpoint = Checkpoint::open(&status.checkpoint, &self.manifest.log_key())
            .context("the board's checkpoint is not that of this election: is this the right manifest and board?")?;
        let from = self.tree.size();
        ensure!(
            checkpoint.size >= from,
            "the board has been rolled back from {from} to {} entries: keep this message, it is evidence against the collector",
            checkpoint.size
        );
        let mut next = from;
        while next < checkpoint.size {
            let to = (next + BATCH).min(checkpoint.size);
            let batch = board.entries(next, to).await?;
            self.take(board, next, batch).await?;
            next = to;
        }
        ensure!(
            self.tree.root() == checkpoint.root,
            "the board's entries do not lead to its checkpoint: it has been forked or changed, which is evidence against the collector"
        );
        self.see_witnessed(&status.checkpoint)?;
        self.see_witnessed(&status.witnessed_checkpoint)?;
        Ok(checkpoint.size - from)
    }

    /// How many entries the witnesses' quorum has cosigned (`LOG-8`), of those that have been read; all of them if the
    /// manifest demands no quorum.
    pub fn witnessed(&self) -> u64 {
        self.witnessed
    }

    /// Takes in a checkpoint if it is witnessed. What is not, or is ahead of what has been read, says nothing.
    fn see_witnessed(&mut self, note: &str) -> Result<()> {
        let Ok(witnessed) = self.manifest.witnesses().open(note, &self.manifest.log_key()) else { return Ok(()) };
        let checkpoint = witnessed.checkpoint();
        let Ok(root) = self.tree.root_at(checkpoint.size) else { return Ok(()) };
        ensure!(
            root == checkpoint.root,
            "the board shows other entries here than the {} that its witnesses have cosigned: keep this message and the \
             checkpoint, it is evidence against the collector\n{note}",
            checkpoint.size
        );
        self.witnessed = self.witnessed.max(checkpoint.size);
        Ok(())
    }

    async fn take(&mut self, board: &mut BoardClient, first: u64, batch: Vec<Vec<u8>>) -> Result<()> {
        let entries: Vec<_> = batch
            .par_iter()
            .enumerate()
            .map(|(i, bytes)| {
                SignedEntry::from_bytes(bytes).with_context(|| format!("board entry {} is malformed", first + i as u64))
            })
            .collect::<Result<_>>()?;
        // Whatever precedes the first ballot may complete the key ceremony, which the ballots' proofs need.
        let first_ballot = entries.iter().position(|e| matches!(e.body, EntryBody::Ballot(_))).unwrap_or(entries.len());
        let mut signed = Vec::new();
        for (index, (bytes, entry)) in batch.iter().zip(&entries).enumerate() {
            if index == first_ballot {
                if self.ballots == Ballots::Verify {
                    self.verify_ballots(first + index as u64, &entries[index..])?;
                }
                signed = self.election()?.check_signatures(&entries[index..].iter().map(Some).collect::<Vec<_>>());
            }
            let at = first + index as u64;
            let signed = index.checked_sub(first_ballot).and_then(|i| *signed.get(i)?);
            self.apply(board, bytes, entry, signed).await.with_context(|| format!("board entry {at} does not hold"))?;
        }
        Ok(())
    }

    fn verify_ballots(&self, first: u64, entries: &[SignedEntry]) -> Result<()> {
        let key = self.election()?.joint_key().context("a ballot before the key ceremony")?;
        let (places, ballots): (Vec<u64>, Vec<_>) = (first..)
            .zip(entries)
            .filter_map(|(at, entry)| match &entry.body {
                EntryBody::Ballot(ballot) => Some((at, ballot)),
                _ => None,
            })
            .unzip();
        verify_all(&self.manifest, key.public_key(), &ballots).map(|_| ()).map_err(|(i, error)| {
            let at = places.get(i).copied().unwrap_or(first);
            anyhow::Error::new(error).context(format!("the ballot at board entry {at} does not hold"))
        })
    }

    async fn apply(
        &mut self,
        board: &mut BoardClient,
        bytes: &[u8],
        entry: &SignedEntry,
        signed: Option<SignedBallot<'_>>,
    ) -> Result<()> {
        let leaf = leaf_hash(bytes);
        let Some(election) = &mut self.election else {
            self.election = Some(Election::start(Arc::clone(&self.manifest), entry)?);
            self.tree.push(leaf);
            return Ok(());
        };
        let roll = match &entry.body {
            EntryBody::Roll(digest) => {
                let file = board.file(digest, 4 << 30).await?;
                Some(Arc::new(Roll::from_bytes(&file).context("the roll is malformed")?))
            }
            _ => None,
        };
        let root = matches!(entry.body, EntryBody::Closing(_)).then(|| self.tree.root());
        let input = CheckInput { roll: roll.as_ref(), root };
        match signed {
            Some(signed) => election.check_signed(&signed)?,
            None => election.check(entry, &input)?,
        }
        election.apply(entry.clone(), leaf, &input)?;
        self.tree.push(leaf);
        Ok(())
    }

    /// Fetches and checks every mix of a contest; returns the last list, or the counted set if there is none yet.
    ///
    /// # Errors
    /// Naming the mix server whose output does not hold.
    pub async fn mixed(&self, board: &mut BoardClient, set: &CountedSet) -> Result<Arc<CiphertextList>> {
        self.mixed_with(board, set, &mut Generators::new(0)).await
    }

    /// As [`Replica::mixed`], with generators that are kept from contest to contest and grow as needed.
    ///
    /// # Errors
    /// As [`Replica::mixed`].
    pub async fn mixed_with(
        &self,
        board: &mut BoardClient,
        set: &CountedSet,
        generators: &mut Generators,
    ) -> Result<Arc<CiphertextList>> {
        let election = self.election()?;
        let key = election.joint_key().context("the key ceremony is not complete")?;
        let contest = set.contest();
        let (count, width) = (set.list().len(), set.list().width());
        let mut chain = Vec::new();
        for mix in election.mixes(contest) {
            let culprit = || format!("mix server {}, contest {contest}", mix.mix);
            let list_len = (CiphertextList::HEADER + 64 * count * width) as u64;
            let output = board.file(&mix.output, list_len).await.with_context(culprit)?;
            let output = CiphertextList::from_bytes(&output, count, width).with_context(culprit)?;
            let proof = board.file(&mix.proof, ShuffleProof::encoded_len(count, width) as u64).await?;
            let proof = ShuffleProof::from_bytes(&proof, count, width).with_context(culprit)?;
            chain.push((Arc::new(output), proof));
        }
        if chain.is_empty() {
            return Ok(Arc::clone(set.list()));
        }
        let ctx = ShuffleContext {
            election: self.manifest.id(),
            joint_key: key.public_key(),
            contest,
            mix: selge_core::ids::MixIndex(1),
        };
        generators.extend(shuffle::generators(count, width));
        let verified = verify_chain(&ctx, generators, set.list(), &chain)
            .map_err(|e| anyhow::anyhow!("contest {contest}: mix server {}: {}", e.mix, e.reason))?;
        Ok(verified.last().map_or_else(|| Arc::clone(set.list()), |v| Arc::clone(v.output())))
    }

    /// Fetches a trustee's factors for a contest, unverified.
    ///
    /// # Errors
    /// If the board does not have them.
    pub async fn factors(
        &self,
        board: &mut BoardClient,
        digest: &Digest,
        list: &CiphertextList,
    ) -> Result<PartialDecryption> {
        let bytes = board.file(digest, (6 + 32 * list.len() * list.width() + 96) as u64).await?;
        Ok(PartialDecryption::from_bytes(&bytes, list.len(), list.width())?)
    }

    /// Checks a trustee's factors.
    ///
    /// # Errors
    /// Naming the trustee.
    pub fn verify_factors<'a>(
        &self,
        contest: ContestIndex,
        trustee: selge_core::ids::TrusteeIndex,
        factors: &'a PartialDecryption,
        list: &CiphertextList,
    ) -> Result<VerifiedDecryption<'a>> {
        let joint_key = self.election()?.joint_key().context("the key ceremony is not complete")?;
        let ctx = DecryptionContext { election: self.manifest.id(), joint_key, contest, trustee };
        Ok(factors.verify(&ctx, list)?)
    }
}
