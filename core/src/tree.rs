//! The Merkle tree of RFC 6962 (`LOG-1`): leaf hashes, roots, inclusion and consistency proofs.

use crate::ids::LeafHash;
use crate::peaks::Peaks;
use sha2::{Digest, Sha256};

/// A node or root hash.
pub type Hash = [u8; 32];

/// The hash of a leaf's data (RFC 6962, section 2.1).
pub fn leaf_hash(data: &[u8]) -> LeafHash {
    LeafHash(Sha256::new().chain_update([0]).chain_update(data).finalize().into())
}

/// The hash of an inner node.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// The root of the empty tree.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A position that the tree does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TreeError {
    /// A leaf index or tree size beyond the tree.
    #[error("the tree has {size} leaves, {asked} was asked for")]
    OutOfRange {
        /// Index or size asked for.
        asked: u64,
        /// Leaves there are.
        size: u64,
    },
    /// A proof does not lead to the root.
    #[error("the proof does not lead to the root")]
    Mismatch,
    /// A proof of the wrong length.
    #[error("the proof has {found} hashes, which does not fit a tree of {size} leaves")]
    Length {
        /// Hashes in the proof.
        found: usize,
        /// Size of the tree.
        size: u64,
    },
}

/// An append-only tree that keeps the hash of every complete subtree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// `levels[k][i]` is the root of leaves `i·2^k … (i+1)·2^k − 1`.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// An empty tree.
    pub fn new() -> Self {
        Tree::default()
    }

    /// How many leaves there are.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: LeafHash) {
        let mut hash = leaf.0;
        for level in 0.. {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(hash);
            match nodes[..] {
                [.., left, right] if nodes.len().is_multiple_of(2) => hash = node_hash(&left, &right),
                _ => return,
            }
        }
    }

    /// The hash of leaf `index`.
    pub fn leaf(&self, index: u64) -> Option<LeafHash> {
        self.node(0, index).map(LeafHash)
    }

    /// The root of the complete subtree of height `level` at position `index`, if it is complete.
    pub fn node(&self, level: usize, index: u64) -> Option<Hash> {
        self.levels.get(level)?.get(usize::try_from(index).ok()?).copied()
    }

    /// The root of the first `size` leaves.
    ///
    /// # Errors
    /// [`TreeError::OutOfRange`].
    pub fn root_at(&self, size: u64) -> Result<Hash, TreeError> {
        self.check(size)?;
        root_from(size, &mut self.nodes())
    }

    /// The root.
    pub fn root(&self) -> Hash {
        // The tree's own size is always in range.
        self.root_at(self.size()).unwrap_or_else(|_| empty_root())
    }

    /// The root that the tree would have with `leaves` appended.
    pub fn root_with(&self, leaves: &[LeafHash]) -> Hash {
        let Ok(mut peaks) = Peaks::of(self.size(), self.nodes()) else { return empty_root() };
        leaves.iter().for_each(|leaf| peaks.push(*leaf, |_| {}));
        peaks.root()
    }

    fn check(&self, size: u64) -> Result<(), TreeError> {
        if size > self.size() {
            return Err(TreeError::OutOfRange { asked: size, size: self.size() });
        }
        Ok(())
    }

    fn nodes(&self) -> impl FnMut(u32, u64) -> Result<Hash, TreeError> + '_ {
        |level, index| {
            let past = TreeError::OutOfRange { asked: (index + 1) << level, size: self.size() };
            self.node(level as usize, index).ok_or(past)
        }
    }

    /// The inclusion proof of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
    ///
    /// # Errors
    /// [`TreeError::OutOfRange`].
    pub fn inclusion_proof(&self, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.check(size)?;
        if index >= size {
            return Err(TreeError::OutOfRange { asked: index, size });
        }
        inclusion_proof_from(index, size, &mut self.nodes())
    }

    /// The proof that the tree of `new` leaves begins with that of `old` (RFC 6962, section 2.1.2).
    ///
    /// # Errors
    /// [`TreeError::OutOfRange`].
    pub fn consistency_proof(&self, old: u64, new: u64) -> Result<Vec<Hash>, TreeError> {
        self.check(new)?;
        if old > new {
            return Err(TreeError::OutOfRange { asked: old, size: new });
        }
        consistency_proof_from(old, new, &mut self.nodes())
    }
}

/// The largest power of two below `n`, for `n > 1`.
fn split(n: u64) -> u64 {
    1 << (n - 1).ilog2()
}

/// MTH of leaves `from … to − 1`, where the range is one that RFC 6962's splits produce.
fn range_from<E>(from: u64, to: u64, node: &mut impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    let n = to - from;
    if n.is_power_of_two() {
        let level = n.trailing_zeros();
        return node(level, from >> level);
    }
    let k = split(n);
    Ok(node_hash(&range_from(from, from + k, node)?, &range_from(from + k, to, node)?))
}

/// The root of the first `size` leaves, from complete subtrees alone: `node(k, i)` is the root of leaves
/// `i·2^k … (i+1)·2^k − 1`. A tree that is not in memory is one such function.
///
/// # Errors
/// Those of `node`.
pub fn root_from<E>(size: u64, node: &mut impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Hash, E> {
    if size == 0 {
        return Ok(empty_root());
    }
    range_from(0, size, node)
}

/// The inclusion proof of leaf `index < size`, as [`root_from`] reads the tree; empty for any other index.
///
/// # Errors
/// Those of `node`.
pub fn inclusion_proof_from<E>(
    index: u64,
    size: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    let (mut from, mut to, mut proof) = (0, size, Vec::new());
    while index < size && to - from > 1 {
        let k = split(to - from);
        if index < from + k {
            proof.push(range_from(from + k, to, node)?);
            to = from + k;
        } else {
            proof.push(range_from(from, from + k, node)?);
            from += k;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The consistency proof from `old` to `new`, as [`root_from`] reads the tree of `new` leaves; empty unless
/// `0 < old < new`.
///
/// # Errors
/// Those of `node`.
pub fn consistency_proof_from<E>(
    old: u64,
    new: u64,
    node: &mut impl FnMut(u32, u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if old == 0 || old >= new {
        return Ok(Vec::new());
    }
    let (mut from, mut to, mut proof) = (0, new, Vec::new());
    // SUBPROOF(m, D[n], b): walk down to the subtree that `old` ends in.
    while old != to {
        let k = split(to - from);
        if old <= from + k {
            proof.push(range_from(from + k, to, node)?);
            to = from + k;
        } else {
            proof.push(range_from(from, from + k, node)?);
            from += k;
        }
    }
    if from != 0 {
        proof.push(range_from(from, to, node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Checks an inclusion proof (RFC 9162, section 2.1.3.2).
///
/// # Errors
/// [`TreeError`].
pub fn verify_inclusion(leaf: &LeafHash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError::OutOfRange { asked: index, size });
    }
    let wrong_length = TreeError::Length { found: proof.len(), size };
    let (mut f, mut s, mut hash) = (index, size - 1, leaf.0);
    for sibling in proof {
        if s == 0 {
            return Err(wrong_length);
        }
        if f & 1 == 1 || f == s {
            hash = node_hash(sibling, &hash);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        f >>= 1;
        s >>= 1;
    }
    if s != 0 {
        return Err(wrong_length);
    }
    if hash == *root {
        Ok(())
    } else {
        Err(TreeError::Mismatch)
    }
}

/// Checks a consistency proof (RFC 9162, section 2.1.4.2).
///
/// # Errors
/// [`TreeError`].
pub fn verify_consistency(
    old: u64,
    new: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> Result<(), TreeError> {
    let wrong_length = TreeError::Length { found: proof.len(), size: new };
    if old > new {
        return Err(TreeError::OutOfRange { asked: old, size: new });
    }
    if old == 0 || old == new {
        let same = if old == 0 { *old_root == empty_root() } else { old_root == new_root };
        return match (proof.is_empty(), same) {
            (false, _) => Err(wrong_length),
            (true, false) => Err(TreeError::Mismatch),
            (true, true) => Ok(()),
        };
    }
    let mut rest = proof.iter();
    let (mut f, mut s) = (old - 1, new - 1);
    while f & 1 == 1 {
        f >>= 1;
        s >>= 1;
    }
    // A complete old tree is its own first hash; the proof then leaves it out.
    let first = if old.is_power_of_two() { old_root } else { rest.next().ok_or(wrong_length.clone())? };
    let (mut old_hash, mut new_hash) = (*first, *first);
    for hash in rest {
        if s == 0 {
            return Err(wrong_length);
        }
        if f & 1 == 1 || f == s {
            old_hash = node_hash(hash, &old_hash);
            new_hash = node_hash(hash, &new_hash);
            while f & 1 == 0 && f != 0 {
                f >>= 1;
                s >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, hash);
        }
        f >>= 1;
        s >>= 1;
    }
    if s != 0 {
        return Err(wrong_length);
    }
    if old_hash == *old_root && new_hash == *new_root {
        Ok(())
    } else {
        Err(TreeError::Mismatch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tree of RFC 6962's definition, computed the slow way.
    fn mth(leaves: &[LeafHash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [one] => one.0,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len() as u64) as usize);
                node_hash(&mth(left), &mth(right))
            }
        }
    }

    #[test]
    fn the_published_hashes_come_out() {
        // The test tree of the Certificate Transparency reference implementation.
        let data: [&[u8]; 8] =
            [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"@ABC", b"PQRSTUVW", b"`abcdefghijklmno"];
        let mut tree = Tree::new();
        data.iter().for_each(|d| tree.push(leaf_hash(d)));
        assert_eq!(hex::encode(tree.root()), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
        assert_eq!(hex::encode(empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn the_root_that_is_to_come_is_the_one_that_comes() {
        let leaves: Vec<LeafHash> = (0..70u8).map(|i| leaf_hash(&[i])).collect();
        for from in 0..=leaves.len() {
            let mut tree = Tree::new();
            leaves[..from].iter().for_each(|leaf| tree.push(*leaf));
            for to in from..=leaves.len() {
                assert_eq!(tree.root_with(&leaves[from..to]), mth(&leaves[..to]), "{from} to {to}");
            }
            assert_eq!(tree.size(), from as u64);
        }
    }

    #[test]
    fn all_proofs_of_small_trees_hold_and_every_change_is_found() {
        let leaves: Vec<LeafHash> = (0..40u8).map(|i| leaf_hash(&[i])).collect();
        let mut tree = Tree::new();
        leaves.iter().for_each(|l| tree.push(*l));
        for size in 0..=40u64 {
            let root = tree.root_at(size).unwrap();
            assert_eq!(root, mth(&leaves[..size as usize]));
            for index in 0..size {
                let proof = tree.inclusion_proof(index, size).unwrap();
                let leaf = &leaves[index as usize];
                verify_inclusion(leaf, index, size, &proof, &root).unwrap();
                assert!(verify_inclusion(leaf, index + 1, size, &proof, &root).is_err());
                assert!(verify_inclusion(&LeafHash([0; 32]), index, size, &proof, &root).is_err());
                let longer = [&proof[..], &[[0; 32]]].concat();
                assert!(verify_inclusion(leaf, index, size, &longer, &root).is_err());
                for i in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[i][0] ^= 1;
                    assert_eq!(verify_inclusion(leaf, index, size, &bad, &root), Err(TreeError::Mismatch));
                    assert!(verify_inclusion(leaf, index, size, &proof[..i], &root).is_err());
                }
            }
            for old in 0..=size {
                let old_root = tree.root_at(old).unwrap();
                let proof = tree.consistency_proof(old, size).unwrap();
                verify_consistency(old, size, &old_root, &root, &proof).unwrap();
                assert!(verify_consistency(old, size, &[1; 32], &root, &proof).is_err());
                if old != 0 {
                    assert!(verify_consistency(old, size, &old_root, &[1; 32], &proof).is_err());
                }
                for i in 0..proof.len() {
                    let mut bad = proof.clone();
                    bad[i][0] ^= 1;
                    assert!(verify_consistency(old, size, &old_root, &root, &bad).is_err());
                    assert!(verify_consistency(old, size, &old_root, &root, &proof[..i]).is_err());
                }
            }
        }
        assert!(tree.root_at(41).is_err());
        assert!(tree.inclusion_proof(40, 40).is_err());
    }
}
