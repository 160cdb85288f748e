//! A tree read from somebody's hash tiles (C2SP `tlog-tiles`), none of which is believed: every tile is checked against
//! the root of a signed checkpoint before a hash of it is used.
//!
//! The partial tiles at the tree's right edge hold exactly the hashes that make its root, so together they are proven by
//! it. A full tile is proven by the tile above it, which holds its root. Only tiles on the way are asked for.

use crate::record::{TileRef, TILE_WIDTH};
use crate::tree::{consistency_proof_from, inclusion_proof_from, node_hash, root_from, Hash};
use std::collections::BTreeMap;

/// Levels of the tree in a tile.
const HEIGHT: u32 = 8;

/// Where tiles come from.
pub trait TileSource {
    /// Why a tile cannot be had.
    type Error;

    /// The bytes of a hash tile. With `fresh`, those that were given before did not hold: there may be others elsewhere.
    ///
    /// # Errors
    /// If there is no such tile.
    fn hash_tile(&mut self, tile: &TileRef, fresh: bool) -> Result<Vec<u8>, Self::Error>;
}

/// Why a hash cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TilesError<E> {
    /// The source fails.
    #[error(transparent)]
    Source(#[from] E),
    /// The tiles at the right edge do not lead to the root.
    #[error("the hash tiles do not lead to the root that was signed for {0} entries")]
    Edge(u64),
    /// A tile is not the one that the tile above it names.
    #[error("{0} does not hold the hashes that the signed checkpoint commits to")]
    Tile(String),
    /// A hash that the tree does not have.
    #[error("the tree does not have this hash")]
    OutOfRange,
}

/// The tiles of one tree, fetched and verified as they are needed.
#[derive(Debug)]
pub struct VerifiedTiles {
    size: u64,
    /// Verified tiles: those of level 0 come and go, all others stay.
    tiles: BTreeMap<(u8, u64), Vec<Hash>>,
}

fn hashes(bytes: &[u8], width: u64) -> Option<Vec<Hash>> {
    let (hashes, rest) = bytes.as_chunks::<32>();
    (rest.is_empty() && hashes.len() as u64 == width).then(|| hashes.to_vec())
}

/// The root of `2^k` hashes.
fn fold(hashes: &[Hash]) -> Option<Hash> {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row
            .chunks(2)
            .map(|two| if let [l, r] = two { Some(node_hash(l, r)) } else { None })
            .collect::<Option<_>>()?;
    }
    row.pop()
}

impl VerifiedTiles {
    /// The tree of `size` leaves with this root. Its right edge is fetched and checked.
    ///
    /// # Errors
    /// [`TilesError`].
    pub fn open<S: TileSource>(size: u64, root: &Hash, source: &mut S) -> Result<Self, TilesError<S::Error>> {
        // What is at hand is tried first; if it does not hold, all of the edge is fetched anew.
        for fresh in [false, true] {
            let mut opened = VerifiedTiles { size, tiles: BTreeMap::new() };
            let mut readable = true;
            for level in 0..8u8 {
                let count = size >> (HEIGHT * u32::from(level));
                let (index, width) = (count / TILE_WIDTH, count % TILE_WIDTH);
                if width > 0 {
                    let tile = TileRef { level: Some(level), index, width };
                    match hashes(&source.hash_tile(&tile, fresh)?, width) {
                        Some(hashes) => {
                            opened.tiles.insert((level, index), hashes);
                        }
                        None => readable = false,
                    }
                }
            }
            if readable && root_from(size, &mut |level, index| opened.edge(level, index).ok_or(())) == Ok(*root) {
                return Ok(opened);
            }
        }
        Err(TilesError::Edge(size))
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// A node from the tiles that are in memory.
    fn edge(&self, level: u32, index: u64) -> Option<Hash> {
        let (tile, first, count) = place(level, index)?;
        let hashes = self.tiles.get(&tile)?.get(first..first.checked_add(count)?)?;
        fold(hashes)
    }

    /// The hashes of a tile, verified: all that the tree has of it.
    ///
    /// # Errors
    /// [`TilesError`].
    pub fn tile<S: TileSource>(
        &mut self,
        level: u8,
        index: u64,
        source: &mut S,
    ) -> Result<&[Hash], TilesError<S::Error>> {
        if !self.tiles.contains_key(&(level, index)) {
            let count = self.size.checked_shr(HEIGHT * u32::from(level)).unwrap_or(0);
            // A tile that is not full is at the edge, and those are in memory.
            if index >= count / TILE_WIDTH {
                return Err(TilesError::OutOfRange);
            }
            let above = level.checked_add(1).ok_or(TilesError::OutOfRange)?;
            let parent = self.tile(above, index / TILE_WIDTH, source)?;
            let expected = usize::try_from(index % TILE_WIDTH).ok().and_then(|at| parent.get(at)).copied();
            let expected = expected.ok_or(TilesError::OutOfRange)?;
            let tile = TileRef { level: Some(level), index, width: TILE_WIDTH };
            let mut found = None;
            for fresh in [false, true] {
                let bytes = source.hash_tile(&tile, fresh)?;
                found = hashes(&bytes, TILE_WIDTH).filter(|hashes| fold(hashes) == Some(expected));
                if found.is_some() {
                    break;
                }
            }
            let found = found.ok_or_else(|| TilesError::Tile(tile.path()))?;
            if level == 0 {
                // The full ones of the lowest level are nearly all of the tree: one at a time is kept.
                let edge = self.size / TILE_WIDTH;
                self.tiles.retain(|(level, at), _| *level > 0 || *at == edge);
            }
            self.tiles.insert((level, index), found);
        }
        self.tiles.get(&(level, index)).map(Vec::as_slice).ok_or(TilesError::OutOfRange)
    }

    /// The root of the complete subtree of height `level` at position `index`.
    fn node<S: TileSource>(&mut self, level: u32, index: u64, source: &mut S) -> Result<Hash, TilesError<S::Error>> {
        let (tile, first, count) = place(level, index).ok_or(TilesError::OutOfRange)?;
        let hashes = self.tile(tile.0, tile.1, source)?;
        first.checked_add(count).and_then(|end| hashes.get(first..end)).and_then(fold).ok_or(TilesError::OutOfRange)
    }

    /// The root of the first `size` leaves: what this tree says of the smaller one.
    ///
    /// # Errors
    /// [`TilesError`].
    pub fn root_at<S: TileSource>(&mut self, size: u64, source: &mut S) -> Result<Hash, TilesError<S::Error>> {
        if size > self.size {
            return Err(TilesError::OutOfRange);
        }
        root_from(size, &mut |level, index| self.node(level, index, source))
    }

    /// The consistency proof from the tree of `old` leaves to this one.
    ///
    /// # Errors
    /// [`TilesError`].
    pub fn consistency_proof<S: TileSource>(
        &mut self,
        old: u64,
        source: &mut S,
    ) -> Result<Vec<Hash>, TilesError<S::Error>> {
        let new = self.size;
        consistency_proof_from(old, new, &mut |level, index| self.node(level, index, source))
    }

    /// The inclusion proof of leaf `index`.
    ///
    /// # Errors
    /// [`TilesError`].
    pub fn inclusion_proof<S: TileSource>(
        &mut self,
        index: u64,
        source: &mut S,
    ) -> Result<Vec<Hash>, TilesError<S::Error>> {
        if index >= self.size {
            return Err(TilesError::OutOfRange);
        }
        let size = self.size;
        inclusion_proof_from(index, size, &mut |level, index| self.node(level, index, source))
    }
}

/// Tile, first hash and number of hashes of the subtree of height `level` at `index`.
fn place(level: u32, index: u64) -> Option<((u8, u64), usize, usize)> {
    let (tile_level, within) = (level / HEIGHT, level % HEIGHT);
    let first = index.checked_mul(1 << within)?;
    let tile = (u8::try_from(tile_level).ok()?, first / TILE_WIDTH);
    Some((tile, usize::try_from(first % TILE_WIDTH).ok()?, 1 << within))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::hash_tiles;
    use crate::tree::{leaf_hash, verify_consistency, verify_inclusion, Tree};

    struct Memory {
        tiles: BTreeMap<String, Vec<u8>>,
        /// What is tried first, as a mirror's own files are.
        stale: BTreeMap<String, Vec<u8>>,
        asked: usize,
    }

    impl TileSource for Memory {
        type Error = String;
        fn hash_tile(&mut self, tile: &TileRef, fresh: bool) -> Result<Vec<u8>, String> {
            self.asked += 1;
            let stale = self.stale.get(&tile.path()).filter(|_| !fresh);
            stale.or_else(|| self.tiles.get(&tile.path())).cloned().ok_or_else(|| tile.path())
        }
    }

    fn tree(size: u64) -> (Tree, Memory) {
        let mut tree = Tree::new();
        (0..size).for_each(|i| tree.push(leaf_hash(&i.to_be_bytes())));
        let tiles = hash_tiles(size).map(|tile| (tile.path(), tile.hashes(&tree).unwrap())).collect();
        (tree, Memory { tiles, stale: BTreeMap::new(), asked: 0 })
    }

    #[test]
    fn the_proofs_are_those_of_the_tree_in_memory() {
        for size in [0u64, 1, 2, 255, 256, 257, 511, 513, 66_000] {
            let (tree, mut memory) = tree(size);
            let mut tiles = VerifiedTiles::open(size, &tree.root(), &mut memory).unwrap();
            assert_eq!(tiles.size(), size);
            for old in
                [0, 1, 3, 255, 256, 300, 512, size.saturating_sub(1), size].into_iter().filter(|old| *old <= size)
            {
                assert_eq!(tiles.root_at(old, &mut memory), Ok(tree.root_at(old).unwrap()));
                let proof = tiles.consistency_proof(old, &mut memory).unwrap();
                assert_eq!(proof, tree.consistency_proof(old, size).unwrap());
                verify_consistency(old, size, &tree.root_at(old).unwrap(), &tree.root(), &proof).unwrap();
                if old < size {
                    let proof = tiles.inclusion_proof(old, &mut memory).unwrap();
                    verify_inclusion(&tree.leaf(old).unwrap(), old, size, &proof, &tree.root()).unwrap();
                }
            }
            assert_eq!(tiles.root_at(size + 1, &mut memory), Err(TilesError::OutOfRange));
            assert_eq!(tiles.inclusion_proof(size, &mut memory), Err(TilesError::OutOfRange));
            assert!(memory.asked < 60, "{}", memory.asked);
        }
    }

    #[test]
    fn no_tile_is_believed() {
        let (tree, memory) = tree(66_000);
        let (size, root) = (66_000, tree.root());
        for path in memory.tiles.keys() {
            // All kinds of place: a few of the many full ones suffice.
            if path.starts_with("tile/0/1") || path.starts_with("tile/0/0") && !path.ends_with("07") {
                continue;
            }
            for change in 0..5 {
                let spoil = |bytes: &mut Vec<u8>| match change {
                    0 => *bytes.last_mut().unwrap() ^= 1,
                    1 => bytes.truncate(bytes.len() - 32),
                    2 => bytes.extend([0; 32]),
                    3 => bytes.push(0),
                    _ => bytes.truncate(bytes.len() - 1),
                };
                let all = |tiles: &mut BTreeMap<String, Vec<u8>>, memory: &mut Memory| {
                    *tiles = memory.tiles.clone();
                    spoil(tiles.get_mut(path).unwrap());
                };
                let read = |memory: &mut Memory| {
                    let mut tiles = VerifiedTiles::open(size, &root, memory)?;
                    hash_tiles(size).try_for_each(|t| tiles.tile(t.level.unwrap(), t.index, memory).map(|_| ()))
                };
                let mut bad = Memory { tiles: BTreeMap::new(), stale: BTreeMap::new(), asked: 0 };
                let mut good = Memory { tiles: memory.tiles.clone(), stale: BTreeMap::new(), asked: 0 };
                all(&mut bad.tiles, &mut good);
                assert!(matches!(read(&mut bad), Err(TilesError::Edge(_) | TilesError::Tile(_))), "{path} {change}");
                // What is at hand may be wrong, as long as there is better elsewhere.
                good.stale = bad.tiles;
                assert_eq!(read(&mut good), Ok(()), "{path} {change}");
            }
        }
        let mut memory = memory;
        assert!(VerifiedTiles::open(size, &[0; 32], &mut memory).is_err());
        assert!(VerifiedTiles::open(size + 1, &root, &mut memory).is_err());
        memory.tiles.remove("tile/1/001.p/1");
        assert!(
            matches!(VerifiedTiles::open(size, &root, &mut memory), Err(TilesError::Source(path)) if path == "tile/1/001.p/1")
        );
    }
}
