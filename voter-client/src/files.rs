//! The voter's files: the signed ballot and the receipt, side by side. Neither holds a choice in clear.

use anyhow::{bail, ensure, Context, Result};
use selge_core::codec::{Decode, Encode};
use selge_core::entry::{EntryBody, SignedEntry, MAX_ENTRY};
use selge_core::receipt::{Receipt, MAX_RECEIPT};
use selge_node::keyfile::write_private;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where the signed ballot of a receipt lies: the receipt's name with `.ballot`.
pub fn ballot_of(receipt: &Path) -> PathBuf {
    with_suffix(receipt, ".ballot")
}

/// Where the receipt of a signed ballot lies, if the ballot has the name that [`ballot_of`] gives.
pub fn receipt_of(ballot: &Path) -> Option<PathBuf> {
    (ballot.extension()? == "ballot").then(|| ballot.with_extension(""))
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Stores a signed ballot: its canonical bytes.
///
/// # Errors
/// If the file cannot be written.
pub fn save_ballot(path: &Path, ballot: &SignedEntry) -> Result<()> {
    write_private(path, &ballot.to_bytes())
}

/// Reads a signed ballot.
///
/// # Errors
/// If the file is missing or not a ballot.
pub fn read_ballot(path: &Path) -> Result<SignedEntry> {
    let bytes = read_bounded(path, MAX_ENTRY)?;
    let entry = SignedEntry::from_bytes(&bytes)
        .with_context(|| format!("{} is not a signed ballot, or it was changed", path.display()))?;
    match entry.body {
        EntryBody::Ballot(_) => Ok(entry),
        body => bail!("{} is a {} entry, not a ballot", path.display(), body.kind()),
    }
}

/// Stores a receipt in its text form.
///
/// # Errors
/// If the file cannot be written.
pub fn save_receipt(path: &Path, receipt: &Receipt) -> Result<()> {
    write_private(path, receipt.text().as_bytes())
}

/// Reads a receipt, unverified.
///
/// # Errors
/// If the file is missing or not a receipt.
pub fn read_receipt(path: &Path) -> Result<Receipt> {
    let bytes = read_bounded(path, MAX_RECEIPT)?;
    let shown = path.display();
    let text = String::from_utf8(bytes).with_context(|| format!("{shown} is not a receipt: it is not text"))?;
    Receipt::parse(&text).with_context(|| format!("{shown} is not usable"))
}

/// Keeps evidence beside a receipt, under a name that is not taken; returns where.
///
/// # Errors
/// If the file cannot be written.
pub fn keep_evidence(receipt: &Path, text: &str) -> Result<PathBuf> {
    keep_beside(receipt, text, |number| format!(".evidence-{number}"))
}

/// Keeps a complaint in `file`, which must not be there, or beside the receipt under a name that is not taken; returns
/// where.
///
/// # Errors
/// If the file cannot be written.
pub fn keep_complaint(receipt: &Path, file: Option<&Path>, text: &str) -> Result<PathBuf> {
    let Some(file) = file else {
        return keep_beside(receipt, text, |number| format!(".complaint-{number}.json"));
    };
    ensure!(!file.exists(), "{} is there already: give another file for the complaint", file.display());
    write_private(file, text.as_bytes())?;
    Ok(file.to_owned())
}

fn keep_beside(receipt: &Path, text: &str, suffix: impl Fn(u16) -> String) -> Result<PathBuf> {
    for number in 1..=999u16 {
        let path = with_suffix(receipt, &suffix(number));
        if !path.exists() {
            write_private(&path, text.as_bytes())?;
            return Ok(path);
        }
    }
    bail!("there are 999 such files beside {} already: move them away", receipt.display())
}

pub(crate) fn read_bounded(path: &Path, max: usize) -> Result<Vec<u8>> {
    let shown = path.display();
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(max as u64 + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {shown}"))?;
    ensure!(bytes.len() <= max, "{shown} is longer than {max} bytes and cannot be what is asked for");
    Ok(bytes)
}
