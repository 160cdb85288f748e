//! What a trustee keeps of its ceremony, each file written before anything is posted that depends on it.
//!
//! | file | holds | written |
//! | --- | --- | --- |
//! | `ceremony.key` | polynomial and transport key, encrypted | before the commitments exist anywhere else |
//! | `commitments.entry` | the signed commitments | before they are posted |
//! | `shares.round1` | digest of the commitments that the shares answer | before the shares |
//! | `shares.entry` | the signed, encrypted shares | before they are posted |
//! | `share.key` | the share of the joint key's secret, encrypted | before the confirmation is posted |
//!
//! Commitments are posted only once both `ceremony.key` and `commitments.entry` are there, so a polynomial without
//! commitments has never been shown to anybody and is replaced, and any other is never replaced.

use anyhow::{bail, ensure, Context, Result};
use rand::rngs::OsRng;
use selge_core::ceremony::{CeremonyContext, Commitments, DealerSecret, Round1, Shares, TrusteeShare};
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::TrusteeIndex;
use selge_node::files::{read_entry, read_if_there, write_entry, write_public};
use selge_node::keyfile::{self, SecretString};
use selge_node::party::Party;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

const CEREMONY_ROLE: &str = "trustee ceremony";
const SHARE_ROLE: &str = "trustee share";

/// A trustee's folder, and what has been read from it: opening a key file takes a second each time.
#[derive(Debug)]
pub struct State<'a> {
    folder: &'a Path,
    trustee: TrusteeIndex,
    party: &'a Party,
    round1: Option<Round1Secret>,
    share: Option<TrusteeShare>,
}

/// What round 1 leaves with a trustee.
#[derive(Debug)]
pub struct Round1Secret {
    /// Polynomial and transport key.
    pub secret: DealerSecret,
    /// The signed commitments; none if their file is gone and the board has them.
    pub entry: Option<SignedEntry>,
}

/// Reads a trustee's share of the key.
///
/// # Errors
/// If there is none, or it is not readable.
pub fn read_share(folder: &Path, passphrase: &SecretString) -> Result<TrusteeShare> {
    let path = folder.join("share.key");
    let bytes = keyfile::open(&path, SHARE_ROLE, passphrase)
        .with_context(|| format!("no key share in {}: is it the --state folder of the ceremony?", folder.display()))?;
    let bytes = Zeroizing::new(
        <[u8; 32]>::try_from(bytes.as_slice()).map_err(|_| anyhow::anyhow!("{} is no key share", path.display()))?,
    );
    TrusteeShare::from_bytes(&bytes).with_context(|| format!("{} is no key share", path.display()))
}

impl<'a> State<'a> {
    /// The state in `folder`.
    pub fn new(folder: &'a Path, trustee: TrusteeIndex, party: &'a Party) -> Self {
        State { folder, trustee, party, round1: None, share: None }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn sign(&self, body: EntryBody) -> SignedEntry {
        body.sign(self.party.manifest.id(), &self.party.key)
    }

    /// A stored entry, which must be this trustee's in this election.
    fn own_entry(&self, name: &str) -> Result<Option<SignedEntry>> {
        let path = self.path(name);
        let Some(entry) = read_entry(&path)? else { return Ok(None) };
        let own = match &entry.body {
            EntryBody::Commitments(m) => m.trustee == self.trustee,
            EntryBody::Shares(m) => m.trustee == self.trustee,
            _ => false,
        };
        let signed = entry.verify(self.party.manifest.id(), &self.party.key.verifying_key()).is_ok();
        ensure!(
            own && signed,
            "{} is of another election or another trustee: use one --state folder for each",
            path.display()
        );
        Ok(Some(entry))
    }

    /// The stored secret of round 1; `None` if there is none.
    fn stored_secret(&self) -> Result<Option<DealerSecret>> {
        let path = self.path("ceremony.key");
        if !path.try_exists().with_context(|| format!("cannot read {}", path.display()))? {
            return Ok(None);
        }
        let bytes = keyfile::open(&path, CEREMONY_ROLE, &self.party.passphrase)?;
        let secret = DealerSecret::from_bytes(&bytes).with_context(|| format!("{} is damaged", path.display()))?;
        Ok(Some(secret))
    }

    /// Round 1: the stored secret with the signed commitments, or new ones if none have ever been posted. `posted`
    /// is what the board has of this trustee.
    ///
    /// # Errors
    /// If the board has commitments whose secret is not here.
    pub fn round1(&mut self, ctx: &CeremonyContext<'_>, posted: Option<&Commitments>) -> Result<&Round1Secret> {
        let held = match self.round1.take() {
            Some(held) => held,
            None => self.read_round1(ctx, posted)?,
        };
        if let (Some(entry), Some(posted)) = (&held.entry, posted) {
            ensure!(
                entry.body == EntryBody::Commitments(posted.clone()),
                "the commitments of trustee {} on the board are not those in {}: use the folder of the first start; \
                 if there is none, somebody else has this trustee's key",
                self.trustee,
                self.folder.display()
            );
        }
        Ok(self.round1.insert(held))
    }

    fn read_round1(&self, ctx: &CeremonyContext<'_>, posted: Option<&Commitments>) -> Result<Round1Secret> {
        let (secret, entry) = (self.stored_secret()?, self.own_entry("commitments.entry")?);
        let folder = self.folder.display();
        match (secret, entry, posted) {
            (None, _, Some(_)) => bail!(
                "the board has commitments of trustee {}, but their secret (ceremony.key) is not in {folder}: use the \
                 folder of the first start, or restore it from a backup; without it this ceremony cannot be completed",
                self.trustee
            ),
            (None, Some(_), None) => bail!(
                "{folder} holds commitments.entry without its secret ceremony.key: restore the folder from a backup, \
                 or start with an empty folder if the commitments never reached the board"
            ),
            (Some(secret), entry, Some(_)) => Ok(Round1Secret { secret, entry }),
            (Some(secret), Some(entry), None) => Ok(Round1Secret { secret, entry: Some(entry) }),
            (_, None, None) => {
                let (secret, commitments) = Commitments::make(ctx, self.trustee, &mut OsRng);
                let path = self.path("ceremony.key");
                keyfile::seal(&path, CEREMONY_ROLE, &secret.expose_bytes(), &self.party.passphrase)?;
                let entry = self.sign(EntryBody::Commitments(commitments));
                write_entry(&self.path("commitments.entry"), &entry)?;
                Ok(Round1Secret { secret, entry: Some(entry) })
            }
        }
    }

    /// Round 2: the stored shares, or new ones dealt from the secret of round 1.
    ///
    /// # Errors
    /// If the stored shares answer other commitments than the board now shows, or the secret is not that of this
    /// trustee's commitments.
    pub fn round2(&self, ctx: &CeremonyContext<'_>, round1: &Round1) -> Result<SignedEntry> {
        let (mark, path) = (self.path("shares.round1"), self.path("shares.entry"));
        let digest = round1.digest().to_string();
        if let Some(entry) = self.own_entry("shares.entry")? {
            let answered = read_if_there(&mark, 128)?.unwrap_or_default();
            ensure!(
                answered.trim_ascii() == digest.as_bytes(),
                "the shares in {} answer other commitments than the board now shows: the board has changed what it \
                 said, which is evidence against the collector, or the folder is of another election",
                path.display()
            );
            return Ok(entry);
        }
        let shares = round1.deal(ctx, self.trustee, &self.held()?.secret)?;
        let entry = self.sign(EntryBody::Shares(shares));
        write_public(&mark, format!("{digest}\n").as_bytes())?;
        write_entry(&path, &entry)?;
        Ok(entry)
    }

    fn held(&self) -> Result<&Round1Secret> {
        self.round1.as_ref().context("round 1 has not been held")
    }

    /// The stored share of the key; `None` if there is none yet.
    ///
    /// # Errors
    /// As [`read_share`].
    pub fn share(&mut self) -> Result<Option<&TrusteeShare>> {
        let path = self.path("share.key");
        if self.share.is_none() && path.try_exists().with_context(|| format!("cannot read {}", path.display()))? {
            self.share = Some(read_share(self.folder, &self.party.passphrase)?);
        }
        Ok(self.share.as_ref())
    }

    /// Round 3: opens and adds up everybody's shares and stores the sum.
    ///
    /// # Errors
    /// [`CeremonyError::WrongShare`](selge_core::ceremony::CeremonyError::WrongShare) as the root cause if a dealer
    /// is at fault; or if the folder is not writable.
    pub fn round3(&mut self, ctx: &CeremonyContext<'_>, round1: &Round1, messages: &[Shares]) -> Result<()> {
        let share = round1.receive(ctx, self.trustee, &self.held()?.secret, messages)?;
        let bytes = share.secret().as_bytes();
        keyfile::seal(&self.path("share.key"), SHARE_ROLE, bytes, &self.party.passphrase)?;
        self.share = Some(share);
        Ok(())
    }

    /// The signed complaint about a dealer.
    ///
    /// # Errors
    /// If round 1 has not been held.
    pub fn complaint(&self, round1: &Round1, dealer: TrusteeIndex) -> Result<SignedEntry> {
        let complaint = round1.complain(self.trustee, dealer, &self.held()?.secret);
        Ok(self.sign(EntryBody::Complaint(complaint)))
    }
}
