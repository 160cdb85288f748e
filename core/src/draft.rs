//! Ballots before they are cast (`CHECK-7`): encrypted, and not proven yet.
//!
//! A [`BallotDraft`] can be shown to another device by its [`BallotDraft::digest`]. Then it is either cast, which makes the
//! proofs, or opened for everybody to see, and never both: either way it is used up.

use crate::ballot::{context, BallotError, EncryptedBallot};
use crate::codec::{put_count, put_scalar, Decode, DecodeError, Encode, Reader};
use crate::elgamal::{Ciphertext, EncodedCiphertext, PublicKey, SecretScalars, MAX_WIDTH};
use crate::group::random_scalar;
use crate::ids::{ContestIndex, Digest, LeafHash, StyleIndex, VoterId};
use crate::manifest::Manifest;
use crate::plaintext::{place, ContestContext, ContestError, EncryptedContest};
use crate::rules::Choice;
use curve25519_dalek::{RistrettoPoint, Scalar};
use rand::{CryptoRng, RngCore};
use zeroize::{Zeroize, Zeroizing};

/// What a contest's ciphertexts hold, and with which randomness. Whoever has it can show the vote to everybody.
pub struct ContestOpening {
    pub(crate) limbs: Zeroizing<Vec<u64>>,
    pub(crate) r: SecretScalars,
}

/// The openings of all contests of a ballot, in its order. Wiped when dropped, and never printed.
pub struct BallotOpening(pub(crate) Vec<ContestOpening>);

impl std::fmt::Debug for BallotOpening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BallotOpening({} contests redacted)", self.0.len())
    }
}

/// One contest, encrypted.
pub(crate) struct ContestDraft {
    contest: ContestIndex,
    ciphertexts: Vec<Ciphertext>,
    complements: Vec<RistrettoPoint>,
    opening: ContestOpening,
    /// Limbs and blindings of the complements.
    rest: Zeroizing<Vec<u64>>,
    blindings: SecretScalars,
}

impl ContestDraft {
    /// Encrypts choice `number` and its complement (`BALLOT-1`).
    ///
    /// # Errors
    /// [`ContestError::OutOfSpace`] if there is no such choice.
    pub(crate) fn draw<R: RngCore + CryptoRng>(
        ctx: &ContestContext<'_>,
        number: u128,
        rng: &mut R,
    ) -> Result<Self, ContestError> {
        let (layout, space) = (ctx.layout, ctx.layout.space());
        let rest = space
            .checked_sub(1)
            .and_then(|largest| largest.checked_sub(number))
            .ok_or(ContestError::OutOfSpace { number, space })?;
        let (m, d) = (Zeroizing::new(layout.limbs(number)), Zeroizing::new(layout.limbs(rest)));
        let width = layout.width();
        let r = SecretScalars((0..width).map(|_| random_scalar(rng)).collect());
        let mut s = SecretScalars((0..width).map(|_| random_scalar(rng)).collect());
        // BALLOT-3: D_0's blinding is what makes the sum of all blindings vanish.
        s.0[0] = (0..width).map(|i| -place(i) * r.0[i]).sum::<Scalar>()
            - (1..width).map(|i| place(i) * s.0[i]).sum::<Scalar>();
        let ciphertexts = m.iter().zip(&r.0).map(|(m, r)| ctx.joint_key.encrypt(&Scalar::from(*m), r)).collect();
        let complements = d.iter().zip(&s.0).map(|(d, s)| ctx.joint_key.commit(&Scalar::from(*d), s)).collect();
        let opening = ContestOpening { limbs: m, r };
        Ok(ContestDraft { contest: ctx.contest, ciphertexts, complements, opening, rest: d, blindings: s })
    }

    /// Makes the proof.
    pub(crate) fn prove<R: RngCore + CryptoRng>(&self, ctx: &ContestContext<'_>, rng: &mut R) -> EncryptedContest {
        EncryptedContest::prove(
            ctx,
            &self.ciphertexts,
            &self.complements,
            &self.opening.limbs,
            &self.rest,
            &self.opening.r,
            &self.blindings,
            rng,
        )
    }

    fn encoded(&self) -> Vec<EncodedCiphertext> {
        self.ciphertexts.iter().map(EncodedCiphertext::from).collect()
    }
}

/// Does the same for every contest of the style with the number of its choice, in the style's order.
///
/// # Errors
/// [`BallotError`] naming the contest whose choice is not valid.
pub(crate) fn each_contest<T>(
    manifest: &Manifest,
    joint_key: &PublicKey,
    voter: VoterId,
    style: StyleIndex,
    choices: &[Choice],
    mut make: impl FnMut(&ContestContext<'_>, u128) -> Result<T, ContestError>,
) -> Result<Vec<T>, BallotError> {
    let contests = manifest.style(style).ok_or(BallotError::Style(style))?;
    if choices.len() != contests.len() {
        return Err(BallotError::ContestCount { found: choices.len(), expected: contests.len() });
    }
    contests
        .iter()
        .zip(choices)
        .map(|(contest, choice)| {
            let (Some(space), Some(ctx)) =
                (manifest.space(*contest), context(manifest, joint_key, voter, style, *contest))
            else {
                return Err(BallotError::Style(style));
            };
            let number = space.rank(choice).map_err(|source| BallotError::Choice {
                contest: manifest.contest(*contest).map_or_else(String::new, |c| c.id.clone()),
                source,
            })?;
            make(&ctx, number).map_err(|source| BallotError::Contest { contest: *contest, source })
        })
        .collect()
}

/// A ballot's ciphertexts, without proof and signature.
pub struct BallotDraft {
    voter: VoterId,
    style: StyleIndex,
    contests: Vec<ContestDraft>,
}

impl std::fmt::Debug for BallotDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BallotDraft({:?}, {:?}, {} contests redacted)", self.voter, self.style, self.contests.len())
    }
}

impl BallotDraft {
    /// Encrypts one choice per contest of the style, in its order.
    ///
    /// # Errors
    /// [`BallotError`] naming the contest whose choice is not valid.
    pub fn draw<R: RngCore + CryptoRng>(
        manifest: &Manifest,
        joint_key: &PublicKey,
        voter: VoterId,
        style: StyleIndex,
        choices: &[Choice],
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        let contests = each_contest(manifest, joint_key, voter, style, choices, |ctx, number| {
            ContestDraft::draw(ctx, number, rng)
        })?;
        Ok(BallotDraft { voter, style, contests })
    }

    /// What stands for the ballot before it is cast (`CHECK-7`).
    pub fn digest(&self) -> Digest {
        let encoded: Vec<_> = self.contests.iter().map(|c| (c.contest, c.encoded())).collect();
        shown_digest(self.voter, self.style, encoded.iter().map(|(contest, list)| (*contest, list.as_slice())))
    }

    /// Proves the ballot valid. The opening is for [`crate::check`]; drop it as soon as no check is wanted any more.
    ///
    /// # Errors
    /// [`BallotError::Style`] if the draft was made for another manifest.
    pub fn cast<R: RngCore + CryptoRng>(
        self,
        manifest: &Manifest,
        joint_key: &PublicKey,
        previous: LeafHash,
        rng: &mut R,
    ) -> Result<(EncryptedBallot, BallotOpening), BallotError> {
        let contests = self
            .contests
            .iter()
            .map(|draft| {
                context(manifest, joint_key, self.voter, self.style, draft.contest)
                    .map(|ctx| draft.prove(&ctx, rng))
                    .ok_or(BallotError::Style(self.style))
            })
            .collect::<Result<_, _>>()?;
        let opening = BallotOpening(self.contests.into_iter().map(|draft| draft.opening).collect());
        Ok((EncryptedBallot { voter: self.voter, style: self.style, previous, contests }, opening))
    }

    /// Gives the ballot up and shows what it holds (Benaloh's challenge).
    pub fn open(self) -> OpenedBallot {
        let contests = self
            .contests
            .into_iter()
            .map(|draft| OpenedContest {
                contest: draft.contest,
                ciphertexts: draft.encoded(),
                limbs: draft.opening.limbs,
                r: draft.opening.r,
            })
            .collect();
        OpenedBallot { voter: self.voter, style: self.style, contests }
    }
}

/// `CHECK-7`: the digest of a ballot's ciphertexts, before and after it is cast.
pub(crate) fn shown_digest<'a>(
    voter: VoterId,
    style: StyleIndex,
    contests: impl ExactSizeIterator<Item = (ContestIndex, &'a [EncodedCiphertext])>,
) -> Digest {
    let mut bytes = Vec::new();
    voter.encode(&mut bytes);
    style.encode(&mut bytes);
    put_count(&mut bytes, contests.len());
    for (contest, ciphertexts) in contests {
        put_ciphertexts(&mut bytes, contest, ciphertexts);
    }
    Digest::of(&bytes)
}

fn put_ciphertexts(out: &mut Vec<u8>, contest: ContestIndex, ciphertexts: &[EncodedCiphertext]) {
    contest.encode(out);
    out.push(u8::try_from(ciphertexts.len()).unwrap_or(u8::MAX));
    ciphertexts.iter().for_each(|c| c.encode(out));
}

impl EncryptedBallot {
    /// The digest that stood for this ballot before it was cast (`CHECK-7`).
    pub fn shown_digest(&self) -> Digest {
        shown_digest(self.voter, self.style, self.contests.iter().map(|c| (c.contest(), c.ciphertexts())))
    }
}

struct OpenedContest {
    contest: ContestIndex,
    ciphertexts: Vec<EncodedCiphertext>,
    limbs: Zeroizing<Vec<u64>>,
    r: SecretScalars,
}

/// A ballot that was given up, with what it holds and the randomness that proves it (`CHECK-7`).
pub struct OpenedBallot {
    voter: VoterId,
    style: StyleIndex,
    contests: Vec<OpenedContest>,
}

impl std::fmt::Debug for OpenedBallot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OpenedBallot({:?}, {:?}, {} contests redacted)", self.voter, self.style, self.contests.len())
    }
}

/// An opened ballot does not hold what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// The style is not the manifest's, or the contests are not the style's.
    #[error("the opened ballot is not one of this election")]
    Foreign,
    /// A ciphertext that does not hold the number shown with it.
    #[error(
        "contest {contest} holds something else than what was shown: the voting device, or somebody else who has this \
         code, is not honest; vote again on another device, and check with a new code"
    )]
    False {
        /// Which contest.
        contest: ContestIndex,
    },
}

impl OpenedBallot {
    /// Whose ballot it would have been.
    pub fn voter(&self) -> VoterId {
        self.voter
    }

    /// The digest that stood for it (`CHECK-7`).
    pub fn digest(&self) -> Digest {
        shown_digest(self.voter, self.style, self.contests.iter().map(|c| (c.contest, c.ciphertexts.as_slice())))
    }

    /// Encrypts again what is shown and compares: the choices, in the style's order.
    ///
    /// # Errors
    /// [`OpeningError`].
    pub fn verify(
        &self,
        manifest: &Manifest,
        joint_key: &PublicKey,
    ) -> Result<Vec<(ContestIndex, Choice)>, OpeningError> {
        let style = manifest.style(self.style).ok_or(OpeningError::Foreign)?;
        if style.len() != self.contests.len() {
            return Err(OpeningError::Foreign);
        }
        style
            .iter()
            .zip(&self.contests)
            .map(|(expected, opened)| opened.verify(*expected, manifest, joint_key))
            .collect()
    }
}

impl OpenedContest {
    fn verify(
        &self,
        expected: ContestIndex,
        manifest: &Manifest,
        joint_key: &PublicKey,
    ) -> Result<(ContestIndex, Choice), OpeningError> {
        let (layout, space) = manifest.layout(expected).zip(manifest.space(expected)).ok_or(OpeningError::Foreign)?;
        if self.contest != expected || self.ciphertexts.len() != layout.width() {
            return Err(OpeningError::Foreign);
        }
        let wrong = OpeningError::False { contest: expected };
        let again = self.limbs.iter().zip(&self.r.0).map(|(m, r)| joint_key.encrypt(&Scalar::from(*m), r));
        if !again.map(|c| EncodedCiphertext::from(&c)).eq(self.ciphertexts.iter().copied()) {
            return Err(wrong);
        }
        let number = layout.number(&self.limbs).ok_or(wrong.clone())?;
        Ok((expected, space.unrank(number).map_err(|_| wrong)?))
    }
}

impl Encode for OpenedBallot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.voter.encode(out);
        self.style.encode(out);
        put_count(out, self.contests.len());
        for opened in &self.contests {
            put_ciphertexts(out, opened.contest, &opened.ciphertexts);
            for (limb, r) in opened.limbs.iter().zip(&opened.r.0) {
                out.extend_from_slice(&u16::try_from(*limb).unwrap_or(u16::MAX).to_be_bytes());
                put_scalar(out, r);
            }
        }
    }
}

impl Decode for OpenedBallot {
    const NAME: &'static str = "opened ballot";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let voter = VoterId::decode(reader)?;
        let style = StyleIndex::decode(reader)?;
        let n = reader.count(crate::ballot::MAX_CONTESTS, 3, "opened contests")?;
        let contests = (0..n).map(|_| OpenedContest::decode(reader)).collect::<Result<_, _>>()?;
        Ok(OpenedBallot { voter, style, contests })
    }
}

impl OpenedContest {
    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let contest = ContestIndex::decode(reader)?;
        let width = read_width(reader)?;
        let ciphertexts = (0..width).map(|_| EncodedCiphertext::decode(reader)).collect::<Result<_, _>>()?;
        let mut limbs = Zeroizing::new(Vec::with_capacity(width));
        let mut r = SecretScalars(Vec::with_capacity(width));
        for _ in 0..width {
            limbs.push(reader.u16("limb")?.into());
            let mut scalar = reader.scalar("opening r")?;
            r.0.push(scalar);
            scalar.zeroize();
        }
        Ok(OpenedContest { contest, ciphertexts, limbs, r })
    }
}

/// `u8 w`, from 1 to the most limbs of a choice.
pub(crate) fn read_width(reader: &mut Reader<'_>) -> Result<usize, DecodeError> {
    match usize::from(reader.u8("ciphertext count")?) {
        found if (1..=MAX_WIDTH).contains(&found) => Ok(found),
        found => Err(DecodeError::TooMany { what: "ciphertext count", found, max: MAX_WIDTH }),
    }
}
