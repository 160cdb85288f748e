//! The voting device's side of a check on a second device (`CHECK`): messages to the device behind a code.

use anyhow::{Context, Result};
use selge_core::check::{Claim, Code, Mailbox, Message, Offer, Statement};
use selge_core::draft::BallotOpening;
use selge_core::elgamal::PublicKey;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::ElectionId;
use selge_core::manifest::Manifest;
use selge_node::relay::RelayClient;

/// A second device that waits under a code.
#[derive(Debug)]
pub struct Device {
    relay: RelayClient,
    election: ElectionId,
    mailbox: Mailbox,
    offer: Offer,
    place: u8,
}

impl Device {
    /// Finds the device and checks that its key is its own and belongs to the code (`CHECK-1`, `CHECK-2`).
    ///
    /// # Errors
    /// If nobody waits under the code, or with another key.
    pub async fn find(mut relay: RelayClient, code: &Code, election: &ElectionId) -> Result<Self> {
        let mailbox = code.mailbox(election);
        let found = relay.accept(&mailbox).await?.with_context(|| {
            format!(
                "no device is waiting under the code {code}: compare it with the other device, or make a new one there (a \
                 code lives 30 minutes, and is for one election)"
            )
        })?;
        let offer = code.accept(&found.0, election)?;
        Ok(Device { relay, election: *election, mailbox, offer, place: found.1 })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// If the relay does not take it.
    pub async fn tell(&mut self, message: &Message) -> Result<()> {
        let sealed = message.seal(&self.election, &self.offer, self.place)?;
        self.relay.leave(&self.mailbox, self.place, sealed).await?;
        self.place += 1;
        Ok(())
    }

    /// Proves to the device, and to it alone, what a recorded ballot holds (`CHECK-5`).
    ///
    /// # Errors
    /// If the entry is no ballot of this opening, or the relay does not take the message.
    pub async fn vouch(
        &mut self,
        manifest: &Manifest,
        joint_key: &PublicKey,
        entry: &SignedEntry,
        index: u64,
        opening: &BallotOpening,
    ) -> Result<()> {
        let EntryBody::Ballot(ballot) = &entry.body else { anyhow::bail!("the entry is not a ballot") };
        let leaf = entry.leaf_hash();
        let statement = Statement { manifest, joint_key, offer: &self.offer, leaf, ballot };
        let claim = Claim::prove(&statement, opening, &mut rand::rngs::OsRng)
            .context("the ballot's randomness is not that of this ballot")?;
        self.tell(&Message::Recorded { index, leaf, claim }).await
    }
}
