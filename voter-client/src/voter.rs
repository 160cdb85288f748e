//! A voter: a pseudonym and a signing key, both made on the voter's own device.

use age::secrecy::SecretString;
use anyhow::{ensure, Context, Result};
use rand::{CryptoRng, RngCore};
use selge_core::ids::VoterId;
use selge_core::sign::SigningKey;
use selge_node::keyfile;
use std::path::Path;
use zeroize::Zeroizing;

/// The key file's role.
const ROLE: &str = "voter";

/// Who votes.
#[derive(Debug)]
pub struct Voter {
    /// The pseudonym on the roll.
    pub id: VoterId,
    /// Signs the ballots.
    pub key: SigningKey,
}

impl Voter {
    /// A fresh voter.
    pub fn generate<R: RngCore + CryptoRng>(rng: &mut R) -> Self {
        Voter { id: VoterId::random(rng), key: SigningKey::generate(rng) }
    }

    /// Stores the credential: the key's seed (32 bytes) and the voter id (16 bytes), encrypted with the passphrase.
    ///
    /// # Errors
    /// If the file exists, since a credential on the roll cannot be made again, or cannot be written.
    pub fn save(&self, path: &Path, passphrase: &SecretString) -> Result<()> {
        ensure!(
            !path.exists(),
            "{} exists already: choose another name, a credential is never overwritten",
            path.display()
        );
        let mut secret = Zeroizing::new(Vec::with_capacity(48));
        secret.extend_from_slice(self.key.expose_seed());
        secret.extend_from_slice(&self.id.0);
        keyfile::seal(path, ROLE, &secret, passphrase)
    }

    /// Reads a stored credential.
    ///
    /// # Errors
    /// If the file is missing, holds something else, or the passphrase is wrong.
    pub fn load(path: &Path, passphrase: &SecretString) -> Result<Self> {
        let secret = keyfile::open(path, ROLE, passphrase)?;
        let parts = secret.split_first_chunk::<32>().and_then(|(seed, id)| {
            let seed = Zeroizing::new(*seed);
            Some((SigningKey::from_seed(*seed), VoterId(id.try_into().ok()?)))
        });
        let (key, id) = parts.with_context(|| format!("{} does not hold a voter's credential", path.display()))?;
        Ok(Voter { id, key })
    }

    /// What the registrar needs: `voter_id,public_key`.
    pub fn registration(&self) -> String {
        format!("{},{}", self.id, self.key.verifying_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::OsRng;

    #[test]
    fn a_credential_reads_back_and_nothing_else_is_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let passphrase = SecretString::from("correct horse".to_owned());
        let path = folder.path().join("voter.key");
        let voter = Voter::generate(&mut OsRng);
        voter.save(&path, &passphrase).unwrap();
        let read = Voter::load(&path, &passphrase).unwrap();
        assert_eq!(read.registration(), voter.registration());
        assert!(voter.save(&path, &passphrase).unwrap_err().to_string().contains("never overwritten"));
        let wrong = Voter::load(&path, &SecretString::from("battery".to_owned())).unwrap_err().to_string();
        assert!(wrong.contains("wrong passphrase"), "{wrong}");
        let other = folder.path().join("trustee.key");
        keyfile::generate(&other, "trustee", &passphrase).unwrap();
        let role = Voter::load(&other, &passphrase).unwrap_err().to_string();
        assert!(role.contains("holds a trustee key, this command needs a voter key"), "{role}");
        let short = folder.path().join("short.key");
        keyfile::seal(&short, ROLE, &[7; 47], &passphrase).unwrap();
        assert!(Voter::load(&short, &passphrase).unwrap_err().to_string().contains("voter's credential"));
    }
}
