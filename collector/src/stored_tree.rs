//! The board's tree (`LOG-1`) with its hashes on disk: in memory is only what the next root needs.
//!
//! What is signed comes from memory alone. A hash that is read back is believed only if the proof that it goes into leads to a
//! root that was signed, or ends in another root and is refused by whoever checks it.

use crate::records::Records;
use selge_core::ids::LeafHash;
use selge_core::peaks::Peaks;
use selge_core::tree::{consistency_proof_from, inclusion_proof_from, root_from, Hash, TreeError};
use std::path::Path;

/// Why a part of the tree cannot be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoredTreeError {
    /// The tree does not have it.
    #[error(transparent)]
    Position(#[from] TreeError),
    /// Its hashes cannot be read.
    #[error("the tree's hashes cannot be read back, start the collector again so that it makes them anew: {0}")]
    Unreadable(#[from] std::io::Error),
}

/// An append-only tree that keeps the hash of every complete subtree in a file.
#[derive(Debug)]
pub struct StoredTree {
    peaks: Peaks,
    /// Every hash in the order in which it became known: a leaf's, then those of the subtrees that it completes.
    hashes: Records<32>,
}

/// Place of the root of leaves `i·2^k … (i+1)·2^k − 1`: after all that the leaves before its last one made known, which are
/// `2n − (ones of n)` hashes for `n` leaves, and after the `k` smaller subtrees that this last leaf completes.
fn place(level: u32, index: u64) -> Option<u64> {
    let last = index.checked_add(1)?.checked_mul(1u64.checked_shl(level)?)? - 1;
    Some(2 * last - u64::from(last.count_ones()) + u64::from(level))
}

impl StoredTree {
    /// An empty tree, whose hashes go to the disk of `folder`.
    pub fn new(folder: &Path) -> Self {
        StoredTree { peaks: Peaks::new(), hashes: Records::new(folder) }
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.peaks.size()
    }

    /// The root.
    pub fn root(&self) -> Hash {
        self.peaks.root()
    }

    /// The root that the tree would have with `leaves` appended.
    pub fn root_with(&self, leaves: &[LeafHash]) -> Hash {
        let mut peaks = self.peaks.clone();
        leaves.iter().for_each(|leaf| peaks.push(*leaf, |_| {}));
        peaks.root()
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: LeafHash) {
        let hashes = &mut self.hashes;
        self.peaks.push(leaf, |hash| hashes.push(*hash));
    }

    /// Frees the memory of the hashes that came since.
    pub fn flush(&mut self) {
        self.hashes.flush();
    }

    /// The hash of leaf `index`, if the tree has it.
    ///
    /// # Errors
    /// [`StoredTreeError::Unreadable`].
    pub fn leaf(&self, index: u64) -> Result<Option<LeafHash>, StoredTreeError> {
        if index >= self.size() {
            return Ok(None);
        }
        self.node(0, index).map(|hash| Some(LeafHash(hash)))
    }

    /// The root of the complete subtree of height `level` at position `index`.
    ///
    /// # Errors
    /// [`StoredTreeError`].
    pub fn node(&self, level: u32, index: u64) -> Result<Hash, StoredTreeError> {
        let size = self.size();
        let end = index.checked_add(1).and_then(|after| after.checked_mul(1u64.checked_shl(level)?));
        let within = end.filter(|end| *end <= size).and_then(|_| place(level, index));
        let found = within.map(|place| self.hashes.get(place)).transpose()?.flatten();
        found.ok_or_else(|| TreeError::OutOfRange { asked: end.unwrap_or(u64::MAX), size }.into())
    }

    fn check(&self, asked: u64) -> Result<(), TreeError> {
        let size = self.size();
        if asked > size {
            return Err(TreeError::OutOfRange { asked, size });
        }
        Ok(())
    }

    /// The root of the first `size` leaves.
    ///
    /// # Errors
    /// [`StoredTreeError`].
    pub fn root_at(&self, size: u64) -> Result<Hash, StoredTreeError> {
        self.check(size)?;
        root_from(size, &mut |level, index| self.node(level, index))
    }

    /// The inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
    ///
    /// # Errors
    /// [`StoredTreeError`].
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, StoredTreeError> {
        self.check(size)?;
        if index >= size {
            return Err(TreeError::OutOfRange { asked: index, size }.into());
        }
        inclusion_proof_from(index, size, &mut |level, index| self.node(level, index))
    }

    /// The proof that the tree of `new` leaves begins with that of `old` (RFC 6962, section 2.1.2).
    ///
    /// # Errors
    /// [`StoredTreeError`].
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, StoredTreeError> {
        self.check(new)?;
        if old > new {
            return Err(TreeError::OutOfRange { asked: old, size: new }.into());
        }
        consistency_proof_from(old, new, &mut |level, index| self.node(level, index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selge_core::tree::{leaf_hash, Tree};

    #[test]
    fn it_gives_all_that_the_tree_in_memory_gives_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (mut stored, mut tree) = (StoredTree::new(folder.path()), Tree::new());
        for size in 0..=70u64 {
            assert_eq!((stored.size(), stored.root()), (size, tree.root()));
            for level in 0..70 {
                for index in [0, 1, 2, size / 2, size.saturating_sub(1), size, size + 1, u64::MAX] {
                    let expected = tree.node(level as usize, index);
                    assert_eq!(stored.node(level, index).ok(), expected, "{level} {index} of {size}");
                }
            }
            for at in 0..size {
                assert_eq!(stored.leaf(at).unwrap(), tree.leaf(at));
                assert_eq!(stored.inclusion_proof(at, size).unwrap(), tree.inclusion_proof(at, size).unwrap());
                assert_eq!(stored.consistency_proof(at, size).unwrap(), tree.consistency_proof(at, size).unwrap());
                assert_eq!(stored.root_at(at).unwrap(), tree.root_at(at).unwrap());
            }
            assert_eq!(stored.leaf(size).unwrap(), None);
            assert!(stored.root_at(size + 1).is_err() && stored.inclusion_proof(size, size).is_err());
            assert!(stored.consistency_proof(size + 1, size).is_err() && stored.inclusion_proof(0, size + 1).is_err());
            let leaves: Vec<LeafHash> = (0..5u8).map(|i| leaf_hash(&[i, size as u8])).collect();
            assert_eq!(stored.root_with(&leaves), tree.root_with(&leaves));
            stored.push(leaves[0]);
            tree.push(leaves[0]);
            if size % 3 == 0 {
                stored.flush();
            }
        }
    }
}
