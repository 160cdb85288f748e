//! The log's key, from a manifest or as it stands.

use selge_core::manifest::{Manifest, MAX_MANIFEST};
use selge_core::note::LogKey;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Whose board it is.
#[derive(clap::Args)]
pub(crate) struct KeyArgs {
    /// The election's manifest, from a source that you trust: it names the collector's key.
    #[arg(long, value_name = "FILE", conflicts_with = "log_key")]
    manifest: Option<PathBuf>,
    /// The log's public key instead, as `name+id+base64`.
    #[arg(long, value_name = "VKEY")]
    log_key: Option<String>,
}

/// A file of at most `max` bytes.
pub(crate) fn read(path: &Path, max: usize) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    if bytes.len() > max {
        return Err(format!("{} has more than {max} bytes: it is another file", path.display()));
    }
    Ok(bytes)
}

impl KeyArgs {
    /// The manifest, if it was given.
    pub(crate) fn manifest(&self) -> Result<Option<Arc<Manifest>>, String> {
        let Some(path) = &self.manifest else { return Ok(None) };
        let manifest = Manifest::parse(&read(path, MAX_MANIFEST)?);
        manifest.map(|manifest| Some(Arc::new(manifest))).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The log's key, if it or the manifest was given.
    pub(crate) fn log(&self) -> Result<Option<LogKey>, String> {
        if let Some(manifest) = self.manifest()? {
            return Ok(Some(manifest.log_key()));
        }
        let key = self.log_key.as_ref().map(|text| LogKey::from_vkey(text.trim()));
        key.transpose().map_err(|error| format!("--log-key: {error}"))
    }
}
