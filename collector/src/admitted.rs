//! What may reach the sequencer, as types: an entry carries with it what has been checked of it, and its bytes, leaf hash
//! and content cannot come apart on the way.
//!
//! [`Decoded`] → for a ballot [`Decoded<SignedBallotEntry>`] → [`Admitted`]. The sequencer checks the state's rules once
//! more, which may have changed meanwhile, and no ballot's signature or proof a second time.

use crate::refusal;
use selge_core::ballot::{BallotError, EncryptedBallot};
use selge_core::codec::Decode;
use selge_core::election::{SignedBallotEntry, VerifiedBallotEntry};
use selge_core::elgamal::PublicKey;
use selge_core::entry::{EntryBody, EntryKind, SignedEntry, MAX_ENTRY};
use selge_core::ids::{ElectionId, LeafHash, VoterId};
use selge_core::manifest::Manifest;
use selge_core::roll::Roll;
use selge_core::sign::{BadSignature, VerifyingKey};
use selge_core::tree::leaf_hash;
use std::sync::Arc;
use tonic::Status;

/// An entry with its bytes and leaf hash.
#[derive(Clone, Debug)]
pub struct Decoded<T = SignedEntry> {
    bytes: Vec<u8>,
    leaf: LeafHash,
    entry: T,
}

/// Decodes strictly.
///
/// # Errors
/// `INVALID_ARGUMENT`.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, Status> {
    if bytes.len() > MAX_ENTRY {
        let text = format!("the entry has {} bytes, at most {MAX_ENTRY} are taken", bytes.len());
        return Err(Status::invalid_argument(text));
    }
    let entry = SignedEntry::from_bytes(&bytes).map_err(|e| refusal::malformed(&e))?;
    let leaf = leaf_hash(&bytes);
    Ok(Decoded { bytes, leaf, entry })
}

impl<T> Decoded<T> {
    /// Its leaf hash.
    pub fn leaf(&self) -> LeafHash {
        self.leaf
    }

    /// What it says.
    pub fn entry(&self) -> &T {
        &self.entry
    }

    fn split(self) -> (T, Rest) {
        (self.entry, Rest { bytes: self.bytes, leaf: self.leaf })
    }

    /// For an entry that the board has already: it gets its receipt, and never a place.
    pub(crate) fn on_the_board(self) -> Admitted {
        let (_, rest) = self.split();
        Admitted { rest, what: What::OnTheBoard }
    }
}

#[derive(Debug)]
struct Rest {
    bytes: Vec<u8>,
    leaf: LeafHash,
}

/// Checks one thing of many entries together and puts the verdicts back beside their bytes.
fn each<A, B, C, E>(
    entries: Vec<Decoded<A>>,
    check: impl FnOnce(Vec<A>) -> Vec<Result<B, E>>,
    pass: impl Fn(Rest, B) -> C,
) -> Vec<Result<C, E>> {
    let (parts, rests): (Vec<_>, Vec<_>) = entries.into_iter().map(Decoded::split).unzip();
    rests.into_iter().zip(check(parts)).map(|(rest, verdict)| Ok(pass(rest, verdict?))).collect()
}

impl Decoded {
    /// The bytes.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// The ballot, if it is one.
    pub(crate) fn ballot(&self) -> Option<&EncryptedBallot> {
        match &self.entry.body {
            EntryBody::Ballot(ballot) => Some(ballot),
            _ => None,
        }
    }

    /// Checks the signature of each ballot under the key beside it.
    pub(crate) fn check_signatures(
        election: &ElectionId,
        entries: Vec<(Self, VerifyingKey)>,
    ) -> Vec<Result<Decoded<SignedBallotEntry>, BadSignature>> {
        let (entries, keys): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
        let check = |parts: Vec<_>| SignedBallotEntry::check_each(election, parts.into_iter().zip(keys).collect());
        each(entries, check, |Rest { bytes, leaf }, entry| Decoded { bytes, leaf, entry })
    }

    /// For the sequencer, which checks all of it but its files: any entry but a ballot; `roll` is the file of a roll
    /// entry. Its files must have been checked and stored.
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` for a ballot.
    pub fn admit(self, roll: Option<Arc<Roll>>) -> Result<Admitted, Status> {
        if self.ballot().is_some() {
            return Err(refusal::misplaced());
        }
        let (entry, rest) = self.split();
        Ok(Admitted { rest, what: What::Other(Box::new(entry), roll) })
    }
}

impl Decoded<SignedBallotEntry> {
    /// Checks the proofs of each ballot.
    pub(crate) fn verify_each(
        manifest: &Manifest,
        joint_key: &PublicKey,
        entries: Vec<Self>,
    ) -> Vec<Result<Admitted, BallotError>> {
        let check = |parts| VerifiedBallotEntry::verify_each(manifest, joint_key, parts);
        each(entries, check, |rest, entry| Admitted { rest, what: What::Ballot(entry) })
    }
}

/// An entry that the sequencer may put on the board, if the state allows it.
#[derive(Debug)]
pub struct Admitted {
    rest: Rest,
    what: What,
}

/// What has been checked of an entry.
#[derive(Debug)]
pub(crate) enum What {
    /// Signature and proofs.
    Ballot(VerifiedBallotEntry),
    /// Its files; the signature is checked with the state's rules.
    Other(Box<SignedEntry>, Option<Arc<Roll>>),
    /// That the board has it.
    OnTheBoard,
}

impl Admitted {
    /// The bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.rest.bytes
    }

    /// The leaf hash.
    pub(crate) fn leaf(&self) -> LeafHash {
        self.rest.leaf
    }

    /// What has been checked.
    pub(crate) fn what(&self) -> &What {
        &self.what
    }

    /// The voter of a ballot.
    pub(crate) fn voter(&self) -> Option<VoterId> {
        match &self.what {
            What::Ballot(ballot) => Some(ballot.ballot().voter),
            _ => None,
        }
    }

    /// Its kind; none if only its bytes matter any more.
    pub(crate) fn kind(&self) -> Option<EntryKind> {
        match &self.what {
            What::Ballot(_) => Some(EntryKind::Ballot),
            What::Other(entry, _) => Some(entry.body.kind()),
            What::OnTheBoard => None,
        }
    }

    /// The entry and its roll, to be put on the board.
    pub(crate) fn into_entry(self) -> Option<(SignedEntry, Option<Arc<Roll>>)> {
        match self.what {
            What::Ballot(ballot) => Some((ballot.into_entry(), None)),
            What::Other(entry, roll) => Some((*entry, roll)),
            What::OnTheBoard => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use selge_core::codec::Encode;
    use selge_core::ids::{Digest, StyleIndex};
    use selge_core::sign::SigningKey;

    #[test]
    fn a_ballot_gets_past_its_signature_under_the_right_key_alone_and_never_past_its_proofs_unchecked() {
        let keys = [1, 2].map(|seed| SigningKey::from_seed([seed; 32]));
        let election = ElectionId([7; 32]);
        let ballot = |voter| {
            let (voter, previous) = (VoterId([voter; 16]), LeafHash::NONE);
            EncryptedBallot { voter, style: StyleIndex(0), previous, contests: Vec::new() }
        };
        let decoded = |body: EntryBody, key: &SigningKey| decode(body.sign(&election, key).to_bytes()).unwrap();
        let of = |voter, key: &SigningKey| decoded(EntryBody::Ballot(ballot(voter)), key);
        let cases = vec![
            (of(1, &keys[0]), keys[0].verifying_key()),
            (of(2, &keys[0]), keys[1].verifying_key()),
            (decoded(EntryBody::Roll(Digest([0; 32])), &keys[0]), keys[0].verifying_key()),
            (of(3, &keys[1]), keys[1].verifying_key()),
        ];
        let leaves: Vec<_> = cases.iter().map(|(entry, _)| entry.leaf()).collect();
        let verdicts = Decoded::check_signatures(&election, cases);
        let passed: Vec<_> = verdicts.iter().map(Result::is_ok).collect();
        assert_eq!(passed, [true, false, false, true]);
        for ((verdict, leaf), voter) in verdicts.iter().zip(leaves).zip([1, 2, 0, 3]) {
            let Ok(signed) = verdict else { continue };
            assert_eq!((signed.leaf(), signed.entry().ballot().voter), (leaf, VoterId([voter; 16])));
        }
        assert!(of(1, &keys[0]).admit(None).is_err());
        assert!(of(1, &keys[0]).on_the_board().into_entry().is_none());
    }
}
