//! Ballots (`BAL`): what a voter signs and casts.

use crate::codec::{put_count, Decode, DecodeError, Encode, Reader};
use crate::draft::each_contest;
use crate::elgamal::PublicKey;
use crate::group::Generators;
use crate::ids::{ContestIndex, LeafHash, StyleIndex, VoterId};
use crate::manifest::Manifest;
use crate::plaintext::{describe_all, ContestContext, ContestError, EncryptedContest, Unreplayed};
use crate::rules::{Choice, RuleError};
use crate::sum::Sum;
use rand::{CryptoRng, RngCore};
use rayon::prelude::*;

/// Most contests on one ballot.
pub const MAX_CONTESTS: usize = 64;

/// A ballot with every contest encrypted and proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedBallot {
    /// Who casts.
    pub voter: VoterId,
    /// Under which style.
    pub style: StyleIndex,
    /// The leaf hash of the same voter's ballot before this one, or [`LeafHash::NONE`] (`BAL-3`): an old ballot
    /// cannot be cast again, and a voter sees when another device has voted in between.
    pub previous: LeafHash,
    /// The contests, in the style's order.
    pub contests: Vec<EncryptedContest>,
}

/// Why a ballot is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BallotError {
    /// A style that the manifest does not have.
    #[error("there is no ballot style {0}")]
    Style(StyleIndex),
    /// Choices or contests do not fit the style.
    #[error("the ballot has {found} contests, its style has {expected}")]
    ContestCount {
        /// Contests on the ballot.
        found: usize,
        /// Contests of the style.
        expected: usize,
    },
    /// A contest that the style does not have at this place.
    #[error("place {place} of the ballot holds contest {found}, the style has contest {expected} there")]
    WrongContest {
        /// Position on the ballot, from 0.
        place: usize,
        /// Contest there.
        found: ContestIndex,
        /// Contest expected there.
        expected: ContestIndex,
    },
    /// A choice that the contest's rule does not allow.
    #[error("contest {contest:?}: {source}")]
    Choice {
        /// Id of the contest.
        contest: String,
        /// What is wrong.
        source: RuleError,
    },
    /// A contest whose proof does not hold.
    #[error("contest {contest}: {source}")]
    Contest {
        /// Which contest.
        contest: ContestIndex,
        /// What is wrong.
        source: ContestError,
    },
}

impl EncryptedBallot {
    /// Encrypts and proves one choice per contest of the style, in its order.
    ///
    /// # Errors
    /// [`BallotError`] naming the contest whose choice is not valid.
    pub fn encrypt<R: RngCore + CryptoRng>(
        manifest: &Manifest,
        joint_key: &PublicKey,
        voter: VoterId,
        style: StyleIndex,
        previous: LeafHash,
        choices: &[Choice],
        rng: &mut R,
    ) -> Result<Self, BallotError> {
        let contests = each_contest(manifest, joint_key, voter, style, choices, |ctx, number| {
            EncryptedContest::encrypt(ctx, number, rng)
        })?;
        Ok(EncryptedBallot { voter, style, previous, contests })
    }

    /// Checks that the ballot holds exactly its style's contests, each with as many ciphertexts as its choices need
    /// (`BAL-4`). Whoever takes in a ballot without its proofs relies on this for well-formed lists.
    ///
    /// # Errors
    /// [`BallotError`] naming the contest.
    pub fn check_shape(&self, manifest: &Manifest) -> Result<(), BallotError> {
        let expected = manifest.style(self.style).ok_or(BallotError::Style(self.style))?;
        if self.contests.len() != expected.len() {
            return Err(BallotError::ContestCount { found: self.contests.len(), expected: expected.len() });
        }
        for (place, (contest, expected)) in self.contests.iter().zip(expected).enumerate() {
            if contest.contest() != *expected {
                return Err(BallotError::WrongContest { place, found: contest.contest(), expected: *expected });
            }
            let width = manifest.layout(*expected).ok_or(BallotError::Style(self.style))?.width();
            let found = contest.ciphertexts().len();
            if found != width {
                let source = ContestError::Shape { what: "ciphertexts", found, expected: width };
                return Err(BallotError::Contest { contest: *expected, source });
            }
        }
        Ok(())
    }

    /// Appends the proofs of every contest.
    fn read<'a>(
        &'a self,
        manifest: &'a Manifest,
        joint_key: &'a PublicKey,
        proofs: &mut Vec<Unreplayed<'a>>,
    ) -> Result<(), BallotError> {
        self.check_shape(manifest)?;
        for contest in &self.contests {
            let at = contest.contest();
            let ctx = context(manifest, joint_key, self.voter, self.style, at).ok_or(BallotError::Style(self.style))?;
            proofs.push(contest.read(&ctx).map_err(|source| BallotError::Contest { contest: at, source })?);
        }
        Ok(())
    }

    /// Checks that the ballot holds exactly its style's contests and that every proof holds (`BAL-4`, `BAL-5`).
    ///
    /// Who may cast it, with which style and signature and after which ballot, is [`crate::election`]'s to check.
    ///
    /// # Errors
    /// [`BallotError`] naming the contest.
    pub fn verify(&self, manifest: &Manifest, joint_key: &PublicKey) -> Result<VerifiedBallot<'_>, BallotError> {
        self.check_shape(manifest)?;
        for contest in &self.contests {
            let at = contest.contest();
            let ctx = context(manifest, joint_key, self.voter, self.style, at).ok_or(BallotError::Style(self.style))?;
            contest.verify(&ctx).map_err(|source| BallotError::Contest { contest: at, source })?;
        }
        Ok(VerifiedBallot { ballot: self })
    }
}

/// Ballots whose challenges are inverted together: with many more the inversion's share becomes no smaller.
const INVERTED: usize = 64;

/// Adds the equations of all these ballots' proofs to `sum`.
fn describe(
    manifest: &Manifest,
    joint_key: &PublicKey,
    ballots: &[&EncryptedBallot],
    sum: &mut Sum,
) -> Result<(), BallotError> {
    let mut proofs = Vec::new();
    for ballots in ballots.chunks(INVERTED) {
        proofs.clear();
        for ballot in ballots {
            ballot.read(manifest, joint_key, &mut proofs)?;
        }
        describe_all(joint_key, &proofs, sum);
    }
    Ok(())
}

/// Ballots whose equations share one sum: so many that the generators' share of each is small and the sum works with wide
/// windows, if there are as many; more if there are for every thread, up to what fits into memory easily.
const BATCH: (usize, usize) = (1024, 4096);

/// Ballots that one thread describes at a time.
const PIECE: usize = 2 * INVERTED;

/// Checks many ballots together, on all cores; the answer is that of [`EncryptedBallot::verify`] for each.
///
/// # Errors
/// The position of the first ballot that does not hold, and why.
pub fn verify_all<'a>(
    manifest: &Manifest,
    joint_key: &PublicKey,
    ballots: &[&'a EncryptedBallot],
) -> Result<Vec<VerifiedBallot<'a>>, (usize, BallotError)> {
    // Pieces are described side by side, each with weights of its own, and then become one sum.
    let described = |batch: &[&EncryptedBallot]| {
        let each = |piece: &[&EncryptedBallot]| {
            let mut sum = Sum::default();
            describe(manifest, joint_key, piece, &mut sum).ok().map(|()| sum)
        };
        let pieces: Vec<Option<Sum>> = batch.par_chunks(PIECE).map(each).collect();
        pieces.into_iter().try_fold(Sum::default(), |mut all, piece| {
            all.append(piece?);
            Some(all)
        })
    };
    let holds = |batch: &[&EncryptedBallot]| described(batch).is_some_and(|sum| sum.holds(&Generators::new(0)));
    let contests = ballots.iter().map(|ballot| ballot.contests.len()).max().unwrap_or(1).max(1);
    let batch = ballots.len().div_ceil(rayon::current_num_threads()).max(BATCH.0);
    let batch = batch.min((BATCH.1 / contests).max(PIECE));
    let batches: Vec<_> = ballots.par_chunks(batch).map(holds).collect();
    for (k, _) in batches.iter().enumerate().filter(|(_, holds)| !**holds) {
        let start = k * batch;
        let end = ballots.len().min(start + batch);
        // The pieces again, each by itself, and the ballots of those that do not hold alone.
        let pieces: Vec<_> = ballots[start..end].par_chunks(PIECE).map(holds).collect();
        for (p, _) in pieces.iter().enumerate().filter(|(_, holds)| !**holds) {
            for (i, ballot) in ballots.iter().enumerate().take(end).skip(start + p * PIECE).take(PIECE) {
                ballot.verify(manifest, joint_key).map_err(|error| (i, error))?;
            }
        }
    }
    Ok(ballots.iter().map(|ballot| VerifiedBallot { ballot }).collect())
}

/// Failing sums after which the ballots of a batch that are left are checked one by one: with so many false ones,
/// halving costs more than it saves.
const MOST_HALVINGS: usize = 12;

/// Fewer ballots than this are checked one by one when one of them must be false.
const FEW: usize = 4;

/// Checks ballots together and gives each its own verdict, which is that of [`EncryptedBallot::verify`]: one sum for all
/// of them, and if it fails one for each half, down to those that are false.
///
/// A false ballot makes the others be described at most about twice more, and many false ones never cost more than
/// `MOST_HALVINGS` sums besides checking each ballot alone. Works on the calling thread but for the sums themselves.
pub fn verify_each<'a>(
    manifest: &Manifest,
    joint_key: &PublicKey,
    ballots: &[&'a EncryptedBallot],
) -> Vec<Result<VerifiedBallot<'a>, BallotError>> {
    let mut judge = Judge { manifest, joint_key, failures: 0, verdicts: Vec::with_capacity(ballots.len()) };
    judge.batch(ballots, false);
    judge.verdicts
}

/// Finds the false ballots of a batch.
struct Judge<'m, 'a> {
    manifest: &'m Manifest,
    joint_key: &'m PublicKey,
    failures: usize,
    /// Of the ballots so far, in order.
    verdicts: Vec<Result<VerifiedBallot<'a>, BallotError>>,
}

impl<'a> Judge<'_, 'a> {
    fn holds(&self, ballots: &[&EncryptedBallot]) -> bool {
        let mut sum = Sum::default();
        describe(self.manifest, self.joint_key, ballots, &mut sum).is_ok() && sum.holds(&Generators::new(0))
    }

    /// Judges `ballots`, of which one is `known_false` because a sum over more has failed and the rest of it held;
    /// returns whether all of them hold.
    fn batch(&mut self, ballots: &[&'a EncryptedBallot], known_false: bool) -> bool {
        let few = ballots.len() == 1 || (known_false && ballots.len() < FEW);
        if few || self.failures >= MOST_HALVINGS {
            let alone = ballots.iter().map(|ballot| ballot.verify(self.manifest, self.joint_key));
            let before = self.verdicts.len();
            self.verdicts.extend(alone);
            return self.verdicts.iter().skip(before).all(Result::is_ok);
        }
        if !known_false {
            if self.holds(ballots) {
                self.verdicts.extend(ballots.iter().map(|ballot| Ok(VerifiedBallot { ballot })));
                return true;
            }
            self.failures += 1;
        }
        let (left, right) = ballots.split_at(ballots.len() / 2);
        let left_holds = self.batch(left, false);
        self.batch(right, left_holds) && left_holds
    }
}

pub(crate) fn context<'a>(
    manifest: &'a Manifest,
    joint_key: &'a PublicKey,
    voter: VoterId,
    style: StyleIndex,
    contest: ContestIndex,
) -> Option<ContestContext<'a>> {
    let layout = manifest.layout(contest)?;
    Some(ContestContext { election: manifest.id(), joint_key, voter, style, contest, layout })
}

/// A ballot all of whose proofs hold. Only [`EncryptedBallot::verify`], [`verify_all`] and [`verify_each`] make one.
#[derive(Clone, Copy, Debug)]
pub struct VerifiedBallot<'a> {
    ballot: &'a EncryptedBallot,
}

impl VerifiedBallot<'_> {
    /// The ballot.
    pub fn ballot(&self) -> &EncryptedBallot {
        self.ballot
    }
}

impl Encode for EncryptedBallot {
    fn encode(&self, out: &mut Vec<u8>) {
        self.voter.encode(out);
        self.style.encode(out);
        self.previous.encode(out);
        put_count(out, self.contests.len());
        self.contests.iter().for_each(|c| c.encode(out));
    }
}

impl Decode for EncryptedBallot {
    const NAME: &'static str = "ballot";

    fn decode(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let voter = VoterId::decode(reader)?;
        let style = StyleIndex::decode(reader)?;
        let previous = LeafHash::decode(reader)?;
        let n = reader.count(MAX_CONTESTS, 7, "ballot contests")?;
        let contests = (0..n).map(|_| EncryptedContest::decode(reader)).collect::<Result<_, _>>()?;
        Ok(EncryptedBallot { voter, style, previous, contests })
    }
}
