//! The key ceremony and the opening, read from the board's first entries without the roll's file.
//!
//! A voter who encrypts under a key of somebody else's making has no secret. So the joint key is computed anew from the
//! trustees' commitments, every signature is checked, and all entries up to the opening must be the first leaves of the
//! board's signed checkpoint: a board that shows one voter another set-up has to sign a fork of the log to do so.

use anyhow::{bail, ensure, Context, Result};
use selge_core::ceremony::JointKey;
use selge_core::codec::Decode;
use selge_core::election::{CheckInput, Election, Phase};
use selge_core::entry::{EntryBody, Opening, SignedEntry};
use selge_core::ids::{Digest, LeafHash};
use selge_core::manifest::Manifest;
use selge_core::receipt::Receipt;
use selge_core::tree::{leaf_hash, Tree};
use std::sync::Arc;

/// What the set-up entries prove.
#[derive(Clone, Debug)]
pub(crate) struct SetUp {
    pub(crate) joint_key: JointKey,
    tree: Tree,
    opening: (u64, LeafHash),
}

/// Most set-up entries that are read: manifest, three rounds, roll, opening, and room for what may be added.
pub(crate) fn limit(manifest: &Manifest) -> u64 {
    3 * manifest.trustees() as u64 + 10
}

/// Takes in set-up entries in the board's order.
#[derive(Debug)]
pub(crate) struct SetUpReader {
    manifest: Arc<Manifest>,
    election: Option<Election>,
    roll: Option<Digest>,
    tree: Tree,
}

impl SetUpReader {
    pub(crate) fn new(manifest: Arc<Manifest>) -> Self {
        SetUpReader { manifest, election: None, roll: None, tree: Tree::new() }
    }

    /// Takes the next entry; returns the set-up when that was the opening.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Option<SetUp>> {
        let at = self.tree.size();
        self.apply(bytes).with_context(|| format!("board entry {at} does not hold"))
    }

    fn apply(&mut self, bytes: &[u8]) -> Result<Option<SetUp>> {
        let entry = SignedEntry::from_bytes(bytes)?;
        let leaf = leaf_hash(bytes);
        let at = self.tree.size();
        self.tree.push(leaf);
        let Some(election) = &mut self.election else {
            self.election = Some(Election::start(Arc::clone(&self.manifest), &entry)?);
            return Ok(None);
        };
        let document = self.manifest.document();
        match &entry.body {
            // The roll's file may be large, and the joint key does not depend on it.
            EntryBody::Roll(digest) => {
                entry.verify(self.manifest.id(), &document.registrar.key).context("the registrar")?;
                ensure!(self.roll.replace(*digest).is_none(), "the roll is on the board twice");
                Ok(None)
            }
            EntryBody::Opening(opening) => {
                entry.verify(self.manifest.id(), &document.commission.key).context("the election commission")?;
                let joint_key = confirmed_key(election, self.roll, opening)?;
                Ok(Some(SetUp { joint_key, tree: self.tree.clone(), opening: (at, leaf) }))
            }
            _ => {
                let input = CheckInput::default();
                election.check(&entry, &input)?;
                election.apply(entry, leaf, &input)?;
                if election.phase() == Phase::Aborted {
                    bail!("the key ceremony ended with a complaint: there is no key to encrypt under");
                }
                Ok(None)
            }
        }
    }
}

fn confirmed_key(election: &Election, roll: Option<Digest>, opening: &Opening) -> Result<JointKey> {
    let complete = election.joint_key().filter(|_| election.ceremony_complete());
    let joint_key = complete.context("voting was opened before all trustees had confirmed the joint key")?;
    ensure!(Some(opening.roll) == roll, "the opening names another roll than the board's");
    ensure!(
        opening.joint_key == *joint_key.public_key().point(),
        "the opening names another joint key than the trustees made: do not vote, and keep this message"
    );
    Ok(joint_key.clone())
}

impl SetUp {
    /// The opening's leaf hash.
    pub(crate) fn opening(&self) -> &LeafHash {
        &self.opening.1
    }

    /// Checks that the set-up entries are the first leaves of the tree that `receipt`, the opening's, leads to.
    ///
    /// An inclusion proof names the roots of all subtrees to the left of its leaf, and those must be the ones that the
    /// entries before the opening make.
    pub(crate) fn check_receipt(&self, receipt: &Receipt, manifest: &Manifest) -> Result<u64> {
        let (index, leaf) = &self.opening;
        let checkpoint = receipt.verify(leaf, &manifest.log_key()).context("the opening")?;
        ensure!(receipt.index == *index, "the opening is entry {index}, its proof is for entry {}", receipt.index);
        let (mut node, mut last, mut level) = (*index, checkpoint.size.saturating_sub(1), 0);
        for sibling in &receipt.proof {
            if node & 1 == 1 || node == last {
                while node & 1 == 0 && node != 0 {
                    (node, last, level) = (node >> 1, last >> 1, level + 1);
                }
                let left = node.checked_sub(1).and_then(|left| self.tree.node(level, left));
                ensure!(
                    left == Some(*sibling),
                    "the board's set-up entries are not those of its signed checkpoint: do not vote, and keep this message"
                );
            }
            (node, last, level) = (node >> 1, last >> 1, level + 1);
        }
        Ok(checkpoint.size)
    }
}
