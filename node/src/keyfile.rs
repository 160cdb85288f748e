//! Secrets on disk: age files (<https://age-encryption.org/v1>) under a passphrase, readable by their owner alone.
//!
//! What is inside, [`selge_core::keytext`] says. Files are written to a temporary name, synced and renamed: a crash leaves the old
//! file or the new one.

pub use age::secrecy::SecretString;

use age::scrypt;
use anyhow::{bail, Context, Result};
use selge_core::keytext::{self, KeyTextError};
use selge_core::sign::{SigningKey, VerifyingKey};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Longest key file that is read.
const MAX_FILE: u64 = 1 << 20;

/// Most scrypt work (2^n) that a file may demand: a crafted file must not stop a program for hours.
const MAX_WORK: u8 = 22;

/// How a passphrase is given.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct PassphraseArgs {
    /// File whose first line is the passphrase; without it the terminal asks.
    #[arg(long, value_name = "FILE", env = "SELGE_PASSPHRASE_FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArgs {
    /// A passphrase from a file alone.
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        PassphraseArgs { passphrase_file: Some(path.into()) }
    }

    /// The passphrase of an existing file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn read(&self, what: &str) -> Result<SecretString> {
        match &self.passphrase_file {
            Some(path) => {
                let text = Zeroizing::new(
                    std::fs::read_to_string(path)
                        .with_context(|| format!("cannot read the passphrase file {}", path.display()))?,
                );
                let line = text.lines().next().unwrap_or("");
                if line.is_empty() {
                    bail!("the passphrase file {} is empty: write the passphrase on its first line", path.display());
                }
                Ok(SecretString::from(line.to_owned()))
            }
            None => {
                let line = rpassword::prompt_password(format!("Passphrase of {what}: "))
                    .context("no terminal to ask for the passphrase: use --passphrase-file")?;
                Ok(SecretString::from(line))
            }
        }
    }

    /// A passphrase for a new file, asked for twice on a terminal.
    ///
    /// # Errors
    /// If it cannot be read, is empty or is not repeated.
    pub fn create(&self, what: &str) -> Result<SecretString> {
        use age::secrecy::ExposeSecret;
        let first = self.read(what)?;
        if first.expose_secret().is_empty() {
            bail!("the passphrase is empty");
        }
        if self.passphrase_file.is_none()
            && self.read(&format!("{what}, again"))?.expose_secret() != first.expose_secret()
        {
            bail!("the two passphrases differ");
        }
        Ok(first)
    }
}

/// scrypt work of new files (2^n), which takes about a second; a lower number is for tests and demonstrations.
fn work_factor() -> u8 {
    std::env::var("SELGE_SCRYPT_WORK")
        .ok()
        .and_then(|v| v.parse().ok())
        .filter(|n| (1..=MAX_WORK).contains(n))
        .unwrap_or(17)
}

/// Writes `bytes` to `path` so that a crash leaves the old file or the new one, readable by the owner alone.
///
/// # Errors
/// If the folder is not writable.
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?; // mode 0600
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|e| e.error)?;
        std::fs::File::open(folder)?.sync_all()
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Encrypts a secret for `role` into a file.
///
/// # Errors
/// If the file cannot be written.
pub fn seal(path: &Path, role: &str, secret: &[u8], passphrase: &SecretString) -> Result<()> {
    let mut recipient = scrypt::Recipient::new(passphrase.clone());
    recipient.set_work_factor(work_factor());
    let plain = keytext::write(role, secret);
    let sealed = age::encrypt(&recipient, plain.as_bytes()).context("the secret cannot be encrypted")?;
    write_private(path, &sealed)
}

/// Decrypts a secret of `role` from a file.
///
/// # Errors
/// If the file is missing, not a key file, for another role, or under another passphrase.
pub fn open(path: &Path, role: &str, passphrase: &SecretString) -> Result<Zeroizing<Vec<u8>>> {
    let shown = path.display();
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(MAX_FILE + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read the key file {shown}"))?;
    if bytes.len() as u64 > MAX_FILE {
        bail!("{shown} is too large to be a key file");
    }
    let mut identity = scrypt::Identity::new(passphrase.clone());
    identity.set_max_work_factor(MAX_WORK);
    let plain = match age::decrypt(&identity, &bytes) {
        Ok(plain) => Zeroizing::new(plain),
        Err(
            age::DecryptError::DecryptionFailed
            | age::DecryptError::KeyDecryptionFailed
            | age::DecryptError::NoMatchingKeys,
        ) => {
            bail!("wrong passphrase for {shown}, or the file was changed")
        }
        Err(error) => bail!("{shown} is not a key file: {error}"),
    };
    keytext::read(&plain, role).map_err(|error| match error {
        KeyTextError::Role { found, .. } => {
            anyhow::anyhow!("{shown} holds a {found} key, this command needs a {role} key")
        }
        _ => anyhow::anyhow!("{shown} is not a Selge key file"),
    })
}

/// Makes a signing key for `role` and stores it; an existing file is never overwritten.
///
/// # Errors
/// If the file exists or cannot be written.
pub fn generate(path: &Path, role: &str, passphrase: &SecretString) -> Result<VerifyingKey> {
    if path.exists() {
        bail!("{} exists already: choose another name, a key is never overwritten", path.display());
    }
    // A folder that is made for a mistyped path would hide a secret in the wrong place.
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty() && !p.is_dir()) {
        bail!("there is no folder {}: make it, or correct the path", folder.display());
    }
    let key = SigningKey::generate(&mut rand::rngs::OsRng);
    seal(path, role, key.expose_seed(), passphrase)?;
    Ok(key.verifying_key())
}

/// Reads a signing key of `role`.
///
/// # Errors
/// As [`open`].
pub fn signing_key(path: &Path, role: &str, passphrase: &SecretString) -> Result<SigningKey> {
    let secret = open(path, role, passphrase)?;
    let seed = <[u8; 32]>::try_from(secret.as_slice())
        .map_err(|_| anyhow::anyhow!("{} does not hold a signing key", path.display()))?;
    Ok(SigningKey::from_seed(seed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passphrase(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_key_opens_with_its_passphrase_and_role_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trustee.key");
        let public = generate(&path, "trustee", &passphrase("correct")).unwrap();
        assert_eq!(signing_key(&path, "trustee", &passphrase("correct")).unwrap().verifying_key(), public);
        let wrong = signing_key(&path, "trustee", &passphrase("wrong")).unwrap_err().to_string();
        assert!(wrong.contains("wrong passphrase"), "{wrong}");
        let role = signing_key(&path, "commission", &passphrase("correct")).unwrap_err().to_string();
        assert!(role.contains("holds a trustee key"), "{role}");
        assert!(generate(&path, "trustee", &passphrase("correct")).is_err(), "overwritten");
        let nowhere = folder.path().join("none/trustee.key");
        assert!(generate(&nowhere, "trustee", &passphrase("correct")).is_err());
        assert!(!folder.path().join("none").exists(), "no folder is made for a mistyped path");
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        for garbage in [&b""[..], b"garbage", &[0xff; 5000]] {
            std::fs::write(&path, garbage).unwrap();
            assert!(signing_key(&path, "trustee", &passphrase("correct")).is_err());
        }
        assert!(signing_key(&folder.path().join("none"), "trustee", &passphrase("x")).is_err());
    }
}
