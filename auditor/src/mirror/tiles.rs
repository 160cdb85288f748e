//! Tiles and bundles: those of the mirror, and else the server's. Nobody believes either.

use super::fetch::{FetchError, Web};
use super::folder::Folder;
use super::Trouble;
use selge_core::record::{bundle, read_bundle, TileRef, MAX_BUNDLE, TILE_WIDTH};
use selge_core::tiles::TileSource;

pub(super) struct Tiles<'a> {
    pub(super) web: &'a Web,
    pub(super) folder: &'a Folder,
}

/// The server's tile. A partial one may be gone since the full one is there, and is its beginning then.
fn get(web: &Web, tile: &TileRef, max: u64) -> Result<(Vec<u8>, bool), FetchError> {
    match web.get(&tile.path(), max) {
        Err(FetchError::Missing(path)) if tile.width < TILE_WIDTH => {
            let full = TileRef { width: TILE_WIDTH, ..*tile };
            let most = if tile.level.is_some() { 32 * TILE_WIDTH } else { max };
            match web.get(&full.path(), most) {
                Ok(bytes) => Ok((bytes, true)),
                Err(FetchError::Missing(_)) => Err(FetchError::Missing(path)),
                Err(error) => Err(error),
            }
        }
        got => got.map(|bytes| (bytes, false)),
    }
}

/// The server's bundle.
pub(super) fn server_bundle(web: &Web, tile: &TileRef) -> Result<Vec<u8>, Trouble> {
    let (bytes, full) = get(web, tile, MAX_BUNDLE)?;
    if !full {
        return Ok(bytes);
    }
    let bad = |error: selge_core::codec::DecodeError| Trouble::Bad(format!("{}: {error}", tile.path()));
    let entries = read_bundle(&bytes, TILE_WIDTH).map_err(bad)?;
    let width = usize::try_from(tile.width).unwrap_or(usize::MAX);
    bundle(entries.into_iter().take(width)).map_err(bad)
}

impl TileSource for Tiles<'_> {
    type Error = Trouble;

    fn hash_tile(&mut self, tile: &TileRef, fresh: bool) -> Result<Vec<u8>, Trouble> {
        let length = 32 * tile.width;
        if !fresh {
            if let Some(bytes) = self.folder.candidates(&tile.path(), length).next() {
                return Ok(bytes);
            }
        }
        let (mut bytes, full) = get(self.web, tile, length)?;
        if full {
            bytes.truncate(usize::try_from(length).unwrap_or(usize::MAX));
        }
        Ok(bytes)
    }
}
