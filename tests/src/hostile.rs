//! Ballots that must be refused: what a modified client, a thief of ballots or a stranger would hand in.

use crate::crowd::Device;
use anyhow::{ensure, Result};
use selge_core::codec::{Decode, Encode};
use selge_core::elgamal::PublicKey;
use selge_core::entry::{EntryBody, SignedEntry};
use selge_core::ids::LeafHash;
use selge_core::manifest::Manifest;
use selge_node::client::BoardClient;

/// One attempt and the board's answer.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Refusal {
    /// What was tried.
    pub attempt: String,
    /// Why the board refused it.
    pub refused: String,
}

/// Hands in ballots that must be refused: `honest` is a voter who has not voted yet, `other` has.
///
/// # Errors
/// If the board takes one of them.
pub async fn attack(
    board: &mut BoardClient,
    manifest: &Manifest,
    key: &PublicKey,
    honest: &Device,
    other: &Device,
) -> Result<Vec<Refusal>> {
    let good = honest.prepare(manifest, key, true, LeafHash::NONE)?;
    let EntryBody::Ballot(ballot) = &good.body else { anyhow::bail!("a ballot is no ballot") };
    let sign = |body: EntryBody, device: &Device| body.sign(manifest.id(), &device.key);

    let stranger = Device::new(honest.plan.clone());
    let by_stranger = stranger.prepare(manifest, key, true, LeafHash::NONE)?;

    let mut stolen = ballot.clone();
    stolen.voter = other.voter;
    let copied = sign(EntryBody::Ballot(stolen), other);

    let foreign = sign(EntryBody::Ballot(ballot.clone()), other);

    let mut wrong_style = ballot.clone();
    wrong_style.style.0 ^= 1;
    let wrong_style = sign(EntryBody::Ballot(wrong_style), honest);

    let mut out_of_turn = ballot.clone();
    out_of_turn.previous = LeafHash([1; 32]);
    let out_of_turn = sign(EntryBody::Ballot(out_of_turn), honest);

    // A modified client: the range proof's last scalar is changed, and the ballot signed again.
    let mut bytes = ballot.to_bytes();
    let last = bytes.len() - 32;
    bytes[last] ^= 1;
    let forged = EntryBody::Ballot(selge_core::ballot::EncryptedBallot::from_bytes(&bytes)?);
    let forged = sign(forged, honest);

    let attempts: [(&str, SignedEntry); 6] = [
        ("a ballot of somebody who is not on the roll", by_stranger),
        ("a ballot copied and cast as one's own", copied),
        ("another voter's ballot, signed by a thief", foreign),
        ("a ballot of a style that the voter does not have", wrong_style),
        ("a ballot that follows one which was never cast", out_of_turn),
        ("a ballot whose proof of validity is false", forged),
    ];
    let mut refusals = Vec::new();
    for (attempt, entry) in attempts {
        match board.submit(&entry).await {
            Ok(_) => anyhow::bail!("the board took in {attempt}"),
            Err(error) => {
                let refused = error.to_string();
                ensure!(refused.contains("refused"), "{attempt}: {refused}");
                refusals.push(Refusal { attempt: attempt.to_owned(), refused });
            }
        }
    }
    Ok(refusals)
}
