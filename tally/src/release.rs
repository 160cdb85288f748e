//! `tally sign-release`: a signature over the digests of all files of the voting page.

use anyhow::{bail, ensure, Context, Result};
use selge_core::ids::Digest;
use selge_core::note::LogKey;
use selge_core::release::{Found, Release, MANIFEST, MAX_FILE, MAX_RELEASE, NOTE};
use selge_node::files::{read_if_there, write_public};
use selge_node::keyfile::{self, PassphraseArgs};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Deepest folder of a page.
const MAX_DEPTH: usize = 8;

/// Arguments of `tally sign-release`.
#[derive(Clone, Debug, clap::Args)]
pub struct SignReleaseArgs {
    /// Folder of the page, as made by `make web`: all its files are compared with its release.json before that is signed.
    #[arg(long, value_name = "FOLDER")]
    page: PathBuf,
    /// The key file, made with `tally keygen --role release`.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The key's name, as in a C2SP signed note: something of yours that nobody else uses, as example.org/voting-page.
    #[arg(long, value_name = "NAME")]
    name: String,
    #[command(flatten)]
    passphrase: PassphraseArgs,
}

/// A release that was signed.
#[derive(Debug)]
pub struct SignedRelease {
    /// Its version.
    pub version: String,
    /// How many files it names.
    pub files: usize,
    /// Where the note is.
    pub note: PathBuf,
    /// The public key, as `name+id+base64`.
    pub vkey: String,
}

/// Digests of all files below a folder, by path.
fn digests(folder: &Path, prefix: &str, depth: usize, found: &mut BTreeMap<String, Digest>) -> Result<()> {
    ensure!(depth < MAX_DEPTH, "{} is more than {MAX_DEPTH} folders deep: is it a page's?", folder.display());
    let reading = || format!("cannot read {}", folder.display());
    for item in std::fs::read_dir(folder).with_context(reading)? {
        let item = item.with_context(reading)?;
        let path = item.path();
        let name = item.file_name().into_string().ok();
        let name = name.with_context(|| format!("{} has a name that is no text: remove it", path.display()))?;
        let (name, kind) = (format!("{prefix}{name}"), item.file_type().with_context(reading)?);
        if kind.is_dir() {
            digests(&path, &format!("{name}/"), depth + 1, found)?;
        } else {
            ensure!(kind.is_file(), "{} is no plain file: remove it", path.display());
            let max = usize::try_from(MAX_FILE)?;
            let bytes = read_if_there(&path, max)?.with_context(|| format!("{} has gone", path.display()))?;
            found.insert(name, Digest::of(&bytes));
        }
    }
    Ok(())
}

/// Compares the folder with its release, and signs that.
///
/// # Errors
/// If the folder is not exactly what its release says, naming the files, or if the key cannot be used.
pub fn sign(args: &SignReleaseArgs) -> Result<SignedRelease> {
    let place = args.page.join(MANIFEST);
    let bytes = read_if_there(&place, MAX_RELEASE)?
        .with_context(|| format!("there is no {}: make the page with `make web`", place.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is no text", place.display()))?;
    let release = Release::parse(&text).with_context(|| place.display().to_string())?;
    let mut found = BTreeMap::new();
    digests(&args.page, "", 0, &mut found)?;
    let compared = release.compare(&found);
    if !compared.holds() {
        let files = compared.files.iter().filter_map(|(path, found)| match found {
            Found::Same => None,
            Found::Other(_) => Some(format!("{path}: other bytes")),
            Found::Missing => Some(format!("{path}: missing")),
        });
        let foreign = compared.foreign.iter().map(|path| format!("{path}: not in the release"));
        let wrong: Vec<_> = files.chain(foreign).collect();
        bail!("{} is not the page of its {MANIFEST}, so nothing is signed: {}", args.page.display(), wrong.join("; "));
    }
    let key = keyfile::signing_key(&args.key, "release", &args.passphrase.read("the release key")?)?;
    let signed = Release::sign(&text, &args.name, &key).context("this release cannot be signed")?;
    let note = args.page.join(NOTE);
    write_public(&note, signed.as_bytes())?;
    let vkey = LogKey { origin: args.name.clone(), key: key.verifying_key() }.vkey();
    Ok(SignedRelease { version: release.version, files: release.files.len(), note, vkey })
}
