//! The right edge of a tree: the complete subtrees that RFC 6962 splits its leaves into. They are all that is needed to go on
//! and to know the root, some twenty hashes for a million leaves.

use crate::ids::LeafHash;
use crate::tree::{empty_root, node_hash, Hash};

/// The roots of the complete subtrees of an append-only tree (`LOG-1`), the largest and leftmost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peaks {
    size: u64,
    roots: Vec<Hash>,
}

impl Peaks {
    /// Of the empty tree.
    pub fn new() -> Self {
        Peaks::default()
    }

    /// Of the tree of `size` leaves, where `node(k, i)` is the root of leaves `i·2^k … (i+1)·2^k − 1`.
    ///
    /// # Errors
    /// Those of `node`.
    pub fn of<E>(size: u64, mut node: impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Self, E> {
        let levels = (0..u64::BITS).rev().filter(|level| size >> level & 1 == 1);
        let roots = levels.map(|level| node(level, (size >> level) - 1)).collect::<Result<_, _>>()?;
        Ok(Peaks { size, roots })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. `complete` is given its hash, and then the root of every subtree that is complete with it, each
    /// twice as large as the one before.
    pub fn push(&mut self, leaf: LeafHash, mut complete: impl FnMut(&Hash)) {
        let mut root = leaf.0;
        complete(&root);
        // One peak for every bit of the size: the lowest ones that are set are carried.
        for _ in 0..self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            root = node_hash(&left, &root);
            complete(&root);
        }
        self.roots.push(root);
        self.size += 1;
    }

    /// The tree's root.
    pub fn root(&self) -> Hash {
        let root = self.roots.iter().rev().copied().reduce(|right, left| node_hash(&left, &right));
        root.unwrap_or_else(empty_root)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{leaf_hash, Tree};

    #[test]
    fn the_edge_of_every_small_tree_has_its_root_and_tells_every_subtree() {
        let (mut tree, mut peaks) = (Tree::new(), Peaks::new());
        for size in 0..200u64 {
            assert_eq!((peaks.size(), peaks.root()), (size, tree.root()));
            let read = Peaks::of(size, |level, index| tree.node(level as usize, index).ok_or(()));
            assert_eq!(read, Ok(peaks.clone()));
            let leaf = leaf_hash(&size.to_be_bytes());
            tree.push(leaf);
            let mut told = Vec::new();
            peaks.push(leaf, |hash| told.push(*hash));
            let complete: Vec<Hash> =
                (0..=size.trailing_ones()).filter_map(|k| tree.node(k as usize, size >> k)).collect();
            assert_eq!(told, complete);
        }
        assert_eq!(Peaks::of(3, |_, _| Err::<Hash, _>("unreadable")), Err("unreadable"));
    }
}
