//! Board entries (`LOG-2`): the leaves of the log, each signed by whoever is responsible for it.
//!
//! Canonical bytes: `u8 version = 1 || u8 kind || opaque body<u32> || u8 algorithm || opaque signature<u32>`. The
//! signature is over the election id and `kind || body` (`LOG-3`). Values too large for a leaf are files, named by
//! their SHA-256 digest in the body.

use crate::ballot::EncryptedBallot;
use crate::ceremony::{Commitments, Complaint, Shares};
use crate::codec::{put_opaque, put_point, Decode, DecodeError, Encode, Reader};
use crate::group::check_points;
use crate::ids::{ContestIndex, Digest, ElectionId, LeafHash, MixIndex, TrusteeIndex, VoterId};
use crate::sign::{BadSignature, Signature, SignatureCheck, SigningKey, VerifyingKey};
use crate::transcript::domain;
use crate::tree::{leaf_hash, Hash};
use curve25519_dalek::RistrettoPoint;
use rayon::prelude::*;

/// Longest entry: what a tile's 16-bit length prefix can hold.
pub const MAX_ENTRY: usize = 65_535;

const VERSION: u8 = 1;

/// Bytes of a ballot entry whose contests take `contests` bytes.
pub(crate) fn ballot_entry_len(contests: usize) -> usize {
    let (head, voter_style_previous_count, signature) = (1 + 1 + 4, 16 + 2 + 32 + 4, 1 + 4 + 64);
    head + voter_style_previous_count + contests + signature
}

/// Why the commission cancelled a voter's ballots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CancellationReason {
    /// The voter voted on paper, which overrides.
    PaperVote,
    /// The voter lost the right to vote.
    Ineligible,
}

impl CancellationReason {
    fn code(self) -> u8 {
        match self {
            CancellationReason::PaperVote => 1,
            CancellationReason::Ineligible => 2,
        }
    }
}

impl std::fmt::Display for CancellationReason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CancellationReason::PaperVote => "voted on paper",
            CancellationReason::Ineligible => "not eligible",
        })
    }
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EntryBody {
    /// The manifest, by digest; signed by the commission. The first leaf.
    Manifest(Digest),
    /// Key ceremony, round 1; signed by the trustee.
    Commitments(Commitments),
    /// Key ceremony, round 2; signed by the dealer.
    Shares(Shares),
    /// Key ceremony, round 3: "my shares are right, and this is the joint key"; signed by the trustee.
    Confirmation(Confirmation),
    /// Key ceremony: a complaint, which ends it; signed by the accuser.
    Complaint(Complaint),
    /// The roll, by digest; signed by the registrar.
    Roll(Digest),
    /// Voting starts; signed by the commission.
    Opening(Opening),
    /// A ballot; signed by the voter.
    Ballot(EncryptedBallot),
    /// A voter's ballots do not count; signed by the commission.
    Cancellation(Cancellation),
    /// Voting has ended; signed by the commission.
    Closing(Closing),
    /// One mix of one contest; signed by the mix server.
    Mix(Mix),
    /// One trustee's factors for one contest; signed by the trustee.
    Decryption(Decryption),
    /// The result, by digest; signed by the commission. The last leaf.
    Result(Digest),
}

/// Key ceremony, round 3.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// Who confirms.
    pub trustee: TrusteeIndex,
    /// Digest of all round 1 and round 2 messages, in order of trustee (`KEY-7`).
    pub ceremony: Digest,
    /// The joint key.
    pub joint_key: RistrettoPoint,
}

/// Voting starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Digest of the roll.
    pub roll: Digest,
    /// The joint key that ballots are encrypted under.
    pub joint_key: RistrettoPoint,
    /// When, in seconds since 1970, by the commission's clock.
    pub time: u64,
}

/// A voter's ballots do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    /// Whose.
    pub voter: VoterId,
    /// Why.
    pub reason: CancellationReason,
}

/// Voting has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// When, in seconds since 1970, by the commission's clock.
    pub time: u64,
    /// Leaves before this one.
    pub size: u64,
    /// Root of the tree of those leaves.
    pub root: Hash,
}

/// One mix of one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mix {
    /// Which contest.
    pub contest: ContestIndex,
    /// Which mix server, and place in the chain.
    pub mix: MixIndex,
    /// Digest of the list that was shuffled.
    pub input: Digest,
    /// Digest of the shuffled list, a file.
    pub output: Digest,
    /// Digest of the proof, a file.
    pub proof: Digest,
}

/// One trustee's factors for one contest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decryption {
    /// Which trustee.
    pub trustee: TrusteeIndex,
    /// Which contest.
    pub contest: ContestIndex,
    /// Digest of the list that is decrypted.
    pub input: Digest,
    /// Digest of factors and proof, a file.
    pub factors: Digest,
}

/// The kinds, with their codes and names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs)] // as in `EntryBody`
pub enum EntryKind {
    Manifest = 1,
    Commitments = 2,
    Shares = 3,
    Confirmation = 4,
    Complaint = 5,
    Roll = 6,
    Opening = 7,
    Ballot = 8,
    Cancellation = 9,
    Closing = 10,
    Mix = 11,
    Decryption = 12,
    Result = 13,
}

impl std::fmt::Display for EntryKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            EntryKind::Manifest => "manifest",
            EntryKind::Commitments => "ceremony commitments",
            EntryKind::Shares => "ceremony shares",
            EntryKind::Confirmation => "ceremony confirmation",
            EntryKind::Complaint => "ceremony complaint",
            EntryKind::Roll => "roll",
            EntryKind::Opening => "opening",
            EntryKind::Ballot => "ballot",
            EntryKind::Cancellation => "cancellation",
            EntryKind::Closing => "closing",
            EntryKind::Mix => "mix",
            EntryKind::Decryption => "partial decryption",
            EntryKind::Result => "result",
        })
    }
}

impl EntryBody {
    /// The kind.
    pub fn kind(&self) -> EntryKind {
        match self {
            EntryBody::Manifest(_) => EntryKind::Manifest,
            EntryBody::Commitments(_) => EntryKind::Commitments,
            EntryBody::Shares(_) => EntryKind::Shares,
            EntryBody::Confirmation(_) => EntryKind::Confirmation,
            EntryBody::Complaint(_) => EntryKind::Complaint,
            EntryBody::Roll(_) => EntryKind::Roll,
            EntryBody::Opening(_) => EntryKind::Opening,
            EntryBody::Ballot(_) => EntryKind::Ballot,
            EntryBody::Cancellation(_) => EntryKind::Cancellation,
            EntryBody::Closing(_) => EntryKind::Closing,
            EntryBody::Mix(_) => EntryKind::Mix,
            EntryBody::Decryption(_) => EntryKind::Decryption,
            EntryBody::Result(_) => EntryKind::Result,
        }
    }

    /// Digests of the files that the entry names.
    pub fn files(&self) -> Vec<Digest> {
        match self {
            EntryBody::Manifest(d) | EntryBody::Roll(d) | EntryBody::Result(d) => vec![*d],
            EntryBody::Mix(m) => vec![m.output, m.proof],
            EntryBody::Decryption(d) => vec![d.factors],
            _ => Vec::new(),
        }
    }

    fn encode_body(&self, out: &mut Vec<u8>) {
        match self {
            EntryBody::Manifest(d) | EntryBody::Roll(d) | EntryBody::Result(d) => d.encode(out),
            EntryBody::Commitments(m) => m.encode(out),
            EntryBody::Shares(m) => m.encode(out),
            EntryBody::Confirmation(m) => {
                m.trustee.encode(out);
                m.ceremony.encode(out);
                put_point(out, &m.joint_key);
            }
            EntryBody::Complaint(m) => m.encode(out),
            EntryBody::Opening(m) => {
                m.roll.encode(out);
                put_point(out, &m.joint_key);
                out.extend_from_slice(&m.time.to_be_bytes());
            }
            EntryBody::Ballot(m) => m.encode(out),
            EntryBody::Cancellation(m) => {
                m.voter.encode(out);
                out.push(m.reason.code());
            }
            EntryBody::Closing(m) => {
                out.extend_from_slice(&m.time.to_be_bytes());
                out.extend_from_slice(&m.size.to_be_bytes());
                out.extend_from_slice(&m.root);
            }
            EntryBody::Mix(m) => {
                m.contest.encode(out);
                m.mix.encode(out);
                [&m.input, &m.output, &m.proof].iter().for_each(|d| d.encode(out));
            }
            EntryBody::Decryption(m) => {
                m.trustee.encode(out);
                m.contest.encode(out);
                [&m.input, &m.factors].iter().for_each(|d| d.encode(out));
            }
        }
    }

    fn decode_body(kind: u8, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match kind {
            1 => EntryBody::Manifest(Digest::decode(reader)?),
            2 => EntryBody::Commitments(Commitments::decode(reader)?),
            3 => EntryBody::Shares(Shares::decode(reader)?),
            4 => EntryBody::Confirmation(Confirmation {
                trustee: TrusteeIndex::decode(reader)?,
                ceremony: Digest::decode(reader)?,
                joint_key: reader.point("joint key")?,
            }),
            5 => EntryBody::Complaint(Complaint::decode(reader)?),
            6 => EntryBody::Roll(Digest::decode(reader)?),
            7 => EntryBody::Opening(Opening {
                roll: Digest::decode(reader)?,
                joint_key: reader.point("joint key")?,
                time: reader.u64("opening time")?,
            }),
            8 => EntryBody::Ballot(EncryptedBallot::decode(reader)?),
            9 => EntryBody::Cancellation(Cancellation {
                voter: VoterId::decode(reader)?,
                reason: match reader.u8("cancellation reason")? {
                    1 => CancellationReason::PaperVote,
                    2 => CancellationReason::Ineligible,
                    found => return Err(DecodeError::Unknown { what: "cancellation reason", found: found.into() }),
                },
            }),
            10 => EntryBody::Closing(Closing {
                time: reader.u64("closing time")?,
                size: reader.u64("closing size")?,
                root: reader.array("closing root")?,
            }),
            11 => EntryBody::Mix(Mix {
                contest: ContestIndex::decode(reader)?,
                mix: MixIndex::decode(reader)?,
                input: Digest::decode(reader)?,
                output: Digest::decode(reader)?,
                proof: Digest::decode(reader)?,
            }),
            12 => EntryBody::Decryption(Decryption {
                trustee: TrusteeIndex::decode(reader)?,
                contest: ContestIndex::decode(reader)?,
                input: Digest::decode(reader)?,
                factors: Digest::decode(reader)?,
            }),
            13 => EntryBody::Result(Digest::decode(reader)?),
            found => return Err(DecodeError::Unknown { what: "entry kind", found: found.into() }),
        })
    }

    /// `kind || body`: what is signed.
    fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.kind() as u8];
        self.encode_body(&mut bytes);
        bytes
    }

    /// Signs the entry for one election.
    pub fn sign(self, election: &ElectionId, key: &SigningKey) -> SignedEntry {
        let signature = key.sign(domain::ENTRY, election, &self.signed_bytes());
        SignedEntry { body: self, signature }
    }
}

/// An entry with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedEntry {
    /// What it says.
    pub body: EntryBody,
    /// Who says it.
    pub signature: Signature,
}

impl SignedEntry {
    /// Checks the signature.
    ///
    /// # Errors
    /// [`BadSignature`].
    pub fn verify(&self, election: &ElectionId, key: &VerifyingKey) -> Result<(), BadSignature> {
        self.signature.verify(key, domain::ENTRY, election, &self.body.signed_bytes())
    }

    /// The signature's check, to be made with others by [`crate::sign::verify_each`].
    pub fn signature_check(&self, election: &ElectionId, key: &VerifyingKey) -> SignatureCheck {
        SignatureCheck::new(&self.signature, key, domain::ENTRY, election, &self.body.signed_bytes())
    }

    /// The leaf hash: the entry's tracker on the board.
    pub fn leaf_hash(&self) -> LeafHash {
        leaf_hash(&self.to_bytes())
    }
}

impl Encode for SignedEntry {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut body = Vec::new();
        self.body.encode_body(&mut body);
        out.push(VERSION);
        out.push(self.body.kind() as u8);
        put_opaque(out, &body);
        self.signature.encode(out);
    }
}

/// Entries whose ballots' ciphertexts are checked together.
const CHECKED: usize = 256;

/// Reads many entries, on all cores, and checks besides that every ballot's ciphertexts are points: reading one ballot leaves
/// that to its proofs, but to whoever reads a board it shows whether an entry is canonical.
pub fn decode_all(entries: &[&[u8]]) -> Vec<Result<SignedEntry, DecodeError>> {
    let mut decoded: Vec<_> = entries.par_iter().map(|bytes| SignedEntry::from_bytes(bytes)).collect();
    decoded.par_chunks_mut(CHECKED).for_each(|entries| {
        let of = |entry: &Result<SignedEntry, DecodeError>| match entry {
            Ok(SignedEntry { body: EntryBody::Ballot(ballot), .. }) => {
                ballot.contests.iter().flat_map(|contest| contest.ciphertexts().to_vec()).collect()
            }
            _ => Vec::new(),
        };
        let points: Vec<[u8; 32]> = entries.iter().flat_map(of).flat_map(|c| [c.r().0, c.c().0]).collect();
        if check_points(&points, "ciphertext").is_err() {
            for entry in entries.iter_mut().filter(|entry| of(entry).iter().any(|c| c.decode_points().is_none())) {
                *entry = Err(DecodeError::BadPoint { what: "a ballot's ciphertext" });
            }
        }
    });
    decoded
}

impl Decode for SignedEntry {
    const NAME: &'static str = "board entry";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        if reader.left() > MAX_ENTRY {
            return Err(DecodeError::TooMany { what: "board entry", found: reader.left(), max: MAX_ENTRY });
        }
        let version = reader.u8("entry version")?;
        if version != VERSION {
            return Err(DecodeError::Unknown { what: "entry version", found: version.into() });
        }
        let kind = reader.u8("entry kind")?;
        let mut inner = Reader::new(reader.opaque(MAX_ENTRY, "entry body")?);
        let body = EntryBody::decode_body(kind, &mut inner)?;
        inner.finish("entry body")?;
        Ok(SignedEntry { body, signature: Signature::decode(reader)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elgamal::PublicKey;
    use crate::ids::{ContestIndex, ElectionId, StyleIndex};
    use crate::plaintext::{ContestContext, EncryptedContest, Layout};
    use crate::sign::SigningKey;
    use rand::rngs::OsRng;

    const ELECTION: ElectionId = ElectionId([5; 32]);

    fn signed(body: EntryBody) -> SignedEntry {
        body.sign(&ELECTION, &SigningKey::from_seed([1; 32]))
    }

    fn ballot(sizes: &[u128]) -> (EntryBody, usize) {
        let key = PublicKey::new(curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT).unwrap();
        let (voter, style) = (VoterId([2; 16]), StyleIndex(3));
        let layouts: Vec<Layout> = sizes.iter().map(|size| Layout::new(*size).unwrap()).collect();
        let contests = (0..).zip(&layouts).map(|(i, layout)| {
            let (contest, layout) = (ContestIndex(i), *layout);
            let ctx = ContestContext { election: &ELECTION, joint_key: &key, voter, style, contest, layout };
            EncryptedContest::encrypt(&ctx, 1, &mut OsRng).unwrap()
        });
        let ballot = EncryptedBallot { voter, style, previous: LeafHash::NONE, contests: contests.collect() };
        (EntryBody::Ballot(ballot), layouts.iter().map(Layout::contest_len).sum())
    }

    /// The manifest's check that every style's ballot fits into an entry rests on it.
    #[test]
    fn a_ballots_entry_is_as_long_as_foreseen() {
        for sizes in [&[][..], &[2], &[255, 1 << 40], &[u128::MAX]] {
            let (body, contests) = ballot(sizes);
            assert_eq!(signed(body).to_bytes().len(), ballot_entry_len(contests), "{sizes:?}");
        }
    }

    #[test]
    fn an_entry_has_one_encoding_of_one_version() {
        for body in [EntryBody::Roll(Digest([7; 32])), ballot(&[2]).0] {
            let entry = signed(body);
            let bytes = entry.to_bytes();
            assert_eq!(SignedEntry::from_bytes(&bytes).as_ref(), Ok(&entry));
            for version in [0, 2, 255] {
                let mut other = bytes.clone();
                other[0] = version;
                let found = version.into();
                assert_eq!(SignedEntry::from_bytes(&other), Err(DecodeError::Unknown { what: "entry version", found }));
            }
            // Something more inside the body, whose length says so; and behind the signature.
            let mut inside = bytes.clone();
            let length = u32::from_be_bytes(bytes[2..6].try_into().unwrap());
            inside[2..6].copy_from_slice(&(length + 1).to_be_bytes());
            inside.insert(6 + length as usize, 0);
            assert!(matches!(SignedEntry::from_bytes(&inside), Err(DecodeError::Trailing { .. })));
            assert!(SignedEntry::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        }
    }

    #[test]
    fn what_is_longer_than_any_entry_is_not_read() {
        let too_long = |n: usize| {
            let mut bytes = signed(EntryBody::Roll(Digest([7; 32]))).to_bytes();
            bytes.resize(n, 0);
            matches!(SignedEntry::from_bytes(&bytes), Err(DecodeError::TooMany { what: "board entry", .. }))
        };
        assert!(!too_long(MAX_ENTRY));
        assert!(too_long(MAX_ENTRY + 1));
    }

    #[test]
    fn reasons_of_cancellations_are_different_and_read_back() {
        for (reason, code) in [(CancellationReason::PaperVote, 1), (CancellationReason::Ineligible, 2)] {
            let entry = signed(EntryBody::Cancellation(Cancellation { voter: VoterId([2; 16]), reason }));
            let bytes = entry.to_bytes();
            assert_eq!(bytes[6 + 16], code);
            assert_eq!(SignedEntry::from_bytes(&bytes), Ok(entry));
            for unknown in [0, 3] {
                let mut bytes = bytes.clone();
                bytes[6 + 16] = unknown;
                assert!(matches!(SignedEntry::from_bytes(&bytes), Err(DecodeError::Unknown { .. })));
            }
        }
    }

    #[test]
    fn of_entries_read_together_only_those_whose_ciphertexts_are_no_points_are_refused() {
        let good = signed(ballot(&[2, 1 << 40]).0).to_bytes();
        let mut bad = good.clone();
        // The first ciphertext: behind head, voter, style, predecessor, the number of contests, the contest and its width.
        bad[6 + 16 + 2 + 32 + 4 + 3..][..32].fill(0xff);
        let other = signed(EntryBody::Roll(Digest([7; 32]))).to_bytes();
        let read = decode_all(&[&good, &bad, &other, &good[1..], &good]);
        let held: Vec<bool> = read.iter().map(Result::is_ok).collect();
        assert_eq!(held, [true, false, true, false, true]);
        assert!(SignedEntry::from_bytes(&bad).is_ok(), "which one entry alone does not show");
    }
}
