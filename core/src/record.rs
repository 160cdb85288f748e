//! The election record's layout (`LOG-5`): C2SP `tlog-tiles` (<https://c2sp.org/tlog-tiles>) plus files by digest.
//!
//! ```text
//! checkpoint                     the newest signed checkpoint
//! tile/<level>/<n>[.p/<width>]   hashes of the tree, 256 a tile
//! tile/entries/<n>[.p/<width>]   entries, each after its 16-bit length, 256 a bundle
//! files/<sha-256 in hex>         manifest, roll, lists, proofs, factors, result
//! ```
//! Nothing else is in a record. This module makes names and bytes and reads bundles; it does no I/O.

use crate::codec::{DecodeError, Reader};
use crate::entry::MAX_ENTRY;
use crate::ids::Digest;
use crate::tree::{Hash, Tree};

/// Path of the newest checkpoint.
pub const CHECKPOINT: &str = "checkpoint";

/// Hashes or entries of a full tile.
pub const TILE_WIDTH: u64 = 256;

/// Longest file of a record: a list of the most ciphertexts would be larger than any machine reads.
pub const MAX_FILE: u64 = 16 << 30;

/// Path of a file named by digest.
pub fn file_path(digest: &Digest) -> String {
    format!("files/{digest}")
}

/// One tile or bundle of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileRef {
    /// Level of a hash tile; `None` for an entry bundle.
    pub level: Option<u8>,
    /// Position in the level.
    pub index: u64,
    /// Hashes or entries in it, 1 to 256.
    pub width: u64,
}

impl TileRef {
    /// The path.
    pub fn path(&self) -> String {
        let mut name = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            name = format!("x{:03}/{name}", rest % 1000);
            rest /= 1000;
        }
        let level = self.level.map_or_else(|| "entries".to_owned(), |level| level.to_string());
        let partial = if self.width == TILE_WIDTH { String::new() } else { format!(".p/{}", self.width) };
        format!("tile/{level}/{name}{partial}")
    }

    /// Reads a path, in the one form that [`TileRef::path`] writes.
    pub fn parse(path: &str) -> Option<Self> {
        let (level, place) = path.strip_prefix("tile/")?.split_once('/')?;
        let level = match level {
            "entries" => None,
            number => Some(number.parse().ok()?),
        };
        let (place, width) = match place.split_once(".p/") {
            Some((place, width)) => (place, width.parse().ok()?),
            None => (place, TILE_WIDTH),
        };
        let mut index = 0u64;
        for group in place.split('/') {
            let digits: u64 = group.strip_prefix('x').unwrap_or(group).parse().ok()?;
            index = index.checked_mul(1000)?.checked_add(digits)?;
        }
        let tile = TileRef { level, index, width };
        (width >= 1 && tile.path() == path).then_some(tile)
    }

    /// Index of the first leaf of an entry bundle.
    pub fn first_entry(&self) -> u64 {
        self.index * TILE_WIDTH
    }

    /// The bytes of a hash tile; `None` of an entry bundle, and of a tile that the tree does not have.
    pub fn hashes(&self, tree: &Tree) -> Option<Vec<u8>> {
        self.hashes_from(|level, index| tree.node(level as usize, index).ok_or(())).ok()?
    }

    /// The bytes of a hash tile; `None` of an entry bundle. `node(k, i)` is the root of leaves `i·2^k … (i+1)·2^k − 1`.
    ///
    /// # Errors
    /// Those of `node`.
    pub fn hashes_from<E>(&self, node: impl FnMut(u32, u64) -> Result<Hash, E>) -> Result<Option<Vec<u8>>, E> {
        let Some(level) = self.level else { return Ok(None) };
        let (mut node, level, first) = (node, u32::from(level) * 8, self.index * TILE_WIDTH);
        let hashes: Vec<Hash> = (first..first + self.width).map(|i| node(level, i)).collect::<Result<_, E>>()?;
        Ok(Some(hashes.concat()))
    }
}

fn level_tiles(count: u64, level: Option<u8>) -> impl Iterator<Item = TileRef> {
    let full = (0..count / TILE_WIDTH).map(move |index| TileRef { level, index, width: TILE_WIDTH });
    let rest = count % TILE_WIDTH;
    let partial = (rest > 0).then_some(TileRef { level, index: count / TILE_WIDTH, width: rest });
    full.chain(partial)
}

/// The hash tiles of a tree of `size` leaves, no more and no fewer.
pub fn hash_tiles(size: u64) -> impl Iterator<Item = TileRef> {
    (0..8u8)
        .map_while(move |level| {
            let count = size >> (8 * u32::from(level));
            (count > 0).then(|| level_tiles(count, Some(level)))
        })
        .flatten()
}

/// The entry bundles of a tree of `size` leaves.
pub fn entry_bundles(size: u64) -> impl Iterator<Item = TileRef> {
    level_tiles(size, None)
}

/// The bytes of a bundle: each entry after its 16-bit length.
///
/// # Errors
/// [`DecodeError::TooMany`] for an entry that is too long for a bundle.
pub fn bundle<'a>(entries: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<u8>, DecodeError> {
    let mut bytes = Vec::new();
    for entry in entries {
        let len = u16::try_from(entry.len()).map_err(|_| DecodeError::TooMany {
            what: "board entry",
            found: entry.len(),
            max: MAX_ENTRY,
        })?;
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(entry);
    }
    Ok(bytes)
}

/// The entries of a bundle that must hold exactly `width`.
///
/// # Errors
/// [`DecodeError`] if it holds another number or ends inside an entry.
pub fn read_bundle(bytes: &[u8], width: u64) -> Result<Vec<&[u8]>, DecodeError> {
    let mut reader = Reader::new(bytes);
    let mut entries = Vec::new();
    for _ in 0..width.min(TILE_WIDTH) {
        let len = reader.u16("entry length")?;
        entries.push(reader.take(len.into(), "board entry")?);
    }
    reader.finish("entry bundle")?;
    Ok(entries)
}

/// Longest bundle.
pub const MAX_BUNDLE: u64 = TILE_WIDTH * (2 + MAX_ENTRY as u64);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::leaf_hash;

    #[test]
    fn paths_are_those_of_the_specification() {
        let tile = |level, index, width| TileRef { level, index, width }.path();
        assert_eq!(tile(Some(0), 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile(None, 0, 12), "tile/entries/000.p/12");
        assert_eq!(tile(Some(2), 1000, 256), "tile/2/x001/000");
        assert_eq!(tile(None, 1_234_567_890, 256), "tile/entries/x001/x234/x567/890");
        assert_eq!(entry_bundles(600).map(|b| b.first_entry()).collect::<Vec<_>>(), [0, 256, 512]);
        for one in entry_bundles(300_000).chain(hash_tiles(300_000)) {
            assert_eq!(TileRef::parse(&one.path()), Some(one));
        }
        let narrow = |path: &str| TileRef::parse(path).map(|tile| tile.width);
        assert_eq!((narrow("tile/0/000.p/1"), narrow("tile/0/000.p/0")), (Some(1), None));
        for bad in ["tile/0/0", "tile/0/000.p/256", "tile/0/x000/000", "tile/00/000", "tile/data/000", "files/000", ""]
        {
            assert_eq!(TileRef::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_specifications_tiles() {
        // https://c2sp.org/tlog-tiles, "Partial Tiles".
        let tiles: Vec<_> = hash_tiles(70_000).collect();
        let of = |level| tiles.iter().filter(move |t| t.level == Some(level)).map(|t| t.width).collect::<Vec<_>>();
        assert_eq!((of(0).len(), of(0).last()), (274, Some(&112)));
        assert_eq!(of(1), [256, 17]);
        assert_eq!(of(2), [1]);
        assert_eq!(hash_tiles(256).map(|t| (t.level, t.width)).collect::<Vec<_>>(), [(Some(0), 256), (Some(1), 1)]);
        assert_eq!(hash_tiles(0).count(), 0);
    }

    #[test]
    fn bundles_read_back_and_tiles_hold_the_trees_hashes() {
        let entries: Vec<Vec<u8>> = (0..300u16).map(|i| i.to_be_bytes().to_vec()).collect();
        let mut tree = Tree::new();
        entries.iter().for_each(|e| tree.push(leaf_hash(e)));
        for tile in entry_bundles(300) {
            let first = tile.first_entry() as usize;
            let part = &entries[first..first + tile.width as usize];
            let bytes = bundle(part.iter().map(Vec::as_slice)).unwrap();
            assert_eq!(read_bundle(&bytes, tile.width).unwrap(), part);
            assert!(read_bundle(&bytes, tile.width - 1).is_err());
            assert!(read_bundle(&bytes[..bytes.len() - 1], tile.width).is_err());
        }
        for tile in hash_tiles(300) {
            assert_eq!(tile.hashes(&tree).unwrap().len() as u64, 32 * tile.width);
        }
        assert!(bundle([&[0u8; 70_000][..]]).is_err());
    }
}
