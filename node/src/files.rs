//! Files that others may read, written so that a crash leaves the old one or the new one.

use anyhow::{Context, Result};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{SignedEntry, MAX_ENTRY};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Writes a file that everybody may read.
///
/// # Errors
/// If the folder is not writable.
pub fn write_public(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Reads at most `max` bytes of a file; `None` if there is no such file.
///
/// # Errors
/// If the file cannot be read or is longer.
pub fn read_if_there(path: &Path, max: usize) -> Result<Option<Vec<u8>>> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut bytes = Vec::new();
    file.take(max as u64 + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    anyhow::ensure!(bytes.len() <= max, "{} has more than {max} bytes: it is another file", path.display());
    Ok(Some(bytes))
}

/// Writes a signed entry's canonical bytes.
///
/// # Errors
/// If the folder is not writable.
pub fn write_entry(path: &Path, entry: &SignedEntry) -> Result<()> {
    write_public(path, &entry.to_bytes())
}

/// Reads a signed entry; `None` if there is no such file. Its signature is not checked.
///
/// # Errors
/// If the file is not an entry.
pub fn read_entry(path: &Path) -> Result<Option<SignedEntry>> {
    let Some(bytes) = read_if_there(path, MAX_ENTRY)? else { return Ok(None) };
    let entry = SignedEntry::from_bytes(&bytes)
        .with_context(|| format!("{} is not a board entry: restore it from a backup", path.display()))?;
    Ok(Some(entry))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;
    use selge_core::entry::EntryBody;
    use selge_core::ids::{Digest, ElectionId};
    use selge_core::sign::SigningKey;

    #[test]
    fn entries_read_back_and_damage_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/result.entry");
        assert!(read_entry(&path).unwrap().is_none());
        let key = SigningKey::generate(&mut OsRng);
        let entry = EntryBody::Result(Digest([7; 32])).sign(&ElectionId([1; 32]), &key);
        write_entry(&path, &entry).unwrap();
        assert_eq!(read_entry(&path).unwrap(), Some(entry.clone()));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        let bytes = entry.to_bytes();
        for damaged in [&b""[..], &bytes[..bytes.len() - 1], &[&bytes[..], &[0]].concat(), &[0; MAX_ENTRY + 1]] {
            std::fs::write(&path, damaged).unwrap();
            let error = format!("{:#}", read_entry(&path).unwrap_err());
            assert!(error.contains("result.entry"), "{error}");
        }
    }
}
