//! The tasks, and what can come of them.

use super::question::{Ground, ListFile};
use rayon::prelude::*;
use selge_core::ballot::{verify_all, EncryptedBallot};
use selge_core::decryption::{verify_each, DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::elgamal::CiphertextList;
use selge_core::ids::{ContestIndex, MixIndex, TrusteeIndex};
use selge_core::shuffle::{self, verify_chain, ShuffleContext, ShuffleProof};
use std::sync::Arc;

/// Something to be proven.
pub enum Task<'a> {
    /// That every ballot's proofs hold (`BAL-5`).
    Ballots {
        /// The key that they are under.
        ground: &'a Ground,
        /// The ballots.
        ballots: Vec<&'a EncryptedBallot>,
    },
    /// That each of these lists is a shuffle of the one before it (`SHUF-8`).
    Mixes {
        /// The key that they are under.
        ground: &'a Ground,
        /// Whose ballots.
        contest: ContestIndex,
        /// The first of these mixes.
        first: MixIndex,
        /// What it took in.
        input: Arc<ListFile>,
        /// What each put out, with its proof.
        mixes: Vec<(Arc<ListFile>, Arc<Vec<u8>>)>,
    },
    /// That trustees' factors are made with their shares (`DEC-4`), and what follows from those of some.
    Decryptions {
        /// The key whose shares they are.
        ground: &'a Ground,
        /// Whose ballots.
        contest: ContestIndex,
        /// What is decrypted.
        list: Arc<ListFile>,
        /// The factors, as they are in their files.
        factors: Vec<(TrusteeIndex, Arc<Vec<u8>>)>,
        /// The trustees among them whose factors are combined (`DEC-5`), if all are right; none to combine nothing.
        combine: Vec<TrusteeIndex>,
    },
}

/// One of several that is wrong: its place among them, from 0, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Place in the task.
    pub place: usize,
    /// What is wrong.
    pub problem: String,
}

/// What comes of [`Task::Decryptions`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decrypted {
    /// The factors that are wrong; all others are right.
    pub wrong: Vec<Wrong>,
    /// The votes, or why there are none; nothing if nothing was to be combined, or not all of it is right.
    pub votes: Option<Result<DecryptedVotes, String>>,
}

/// What comes of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The ballots that are wrong; all others are right.
    Ballots(Vec<Wrong>),
    /// So many mixes from the first on are right; what is wrong with others, as far as that was looked at.
    Mixes(usize, Vec<Wrong>),
    /// Of factors and votes.
    Decryptions(Decrypted),
}

impl Task<'_> {
    /// What it rests on.
    pub(super) fn ground(&self) -> &Ground {
        match self {
            Task::Ballots { ground, .. } | Task::Mixes { ground, .. } | Task::Decryptions { ground, .. } => ground,
        }
    }

    /// Looks at everything, on all cores that this instance has.
    pub fn run(&self) -> Answer {
        match self {
            Task::Ballots { ground, ballots } => Answer::Ballots(prove(ground, ballots)),
            Task::Mixes { ground, contest, first, input, mixes } => follow(ground, *contest, *first, input, mixes),
            Task::Decryptions { ground, contest, list, factors, combine } => {
                Answer::Decryptions(decrypt(ground, *contest, list, factors, combine))
            }
        }
    }
}

/// All ballots together; if that fails each by itself, to name all culprits.
fn prove(ground: &Ground, ballots: &[&EncryptedBallot]) -> Vec<Wrong> {
    let (manifest, key) = (ground.manifest(), ground.key().public_key());
    if verify_all(manifest, key, ballots).is_ok() {
        return Vec::new();
    }
    let each = |(place, ballot): (usize, &&EncryptedBallot)| {
        let problem = ballot.verify(manifest, key).err()?.to_string();
        Some(Wrong { place, problem })
    };
    ballots.par_iter().enumerate().filter_map(each).collect()
}

/// A chain of mixes in one sum, as far as its files can be read.
fn follow(
    ground: &Ground,
    contest: ContestIndex,
    first: MixIndex,
    input: &ListFile,
    mixes: &[(Arc<ListFile>, Arc<Vec<u8>>)],
) -> Answer {
    let mut wrong = Vec::new();
    let mut chain = Vec::new();
    for (place, (output, proof)) in mixes.iter().enumerate() {
        let proof = ShuffleProof::from_bytes(proof, input.count(), input.width());
        match (output.list(), proof) {
            (Ok(output), Ok(proof)) => chain.push((Arc::clone(output), proof)),
            (Err(error), _) | (_, Err(error)) => {
                wrong.push(Wrong { place, problem: error.to_string() });
                break;
            }
        }
    }
    // What it took in is another mix's to answer for; nothing is proven of this one.
    let Ok(input_list) = input.list() else { return Answer::Mixes(0, wrong) };
    let (election, joint_key) = (ground.manifest().id(), ground.key().public_key());
    let ctx = ShuffleContext { election, joint_key, contest, mix: first };
    let generators = ground.generators(shuffle::generators(input.count(), input.width()));
    match verify_chain(&ctx, &generators, input_list, &chain) {
        Ok(verified) => Answer::Mixes(verified.len(), wrong),
        Err(_) if !holds_points(input_list) => Answer::Mixes(0, wrong),
        Err(error) => {
            let right = usize::from(error.mix.0.saturating_sub(first.0));
            wrong.push(Wrong { place: right, problem: error.reason.to_string() });
            Answer::Mixes(right, wrong)
        }
    }
}

/// Whether all of a list's points are points. Ballots' proofs show it of those that are counted; without them a mix that could
/// not be one would be blamed for it.
fn holds_points(list: &CiphertextList) -> bool {
    CiphertextList::from_bytes(list.bytes(), list.len(), list.width()).is_ok()
}

/// The factors in one sum, then the votes.
fn decrypt(
    ground: &Ground,
    contest: ContestIndex,
    list: &ListFile,
    factors: &[(TrusteeIndex, Arc<Vec<u8>>)],
    combine: &[TrusteeIndex],
) -> Decrypted {
    let (election, joint_key) = (ground.manifest().id(), ground.key());
    let mut wrong = Vec::new();
    let list = match list.list() {
        Ok(list) => list,
        Err(error) => {
            let problem = format!("the list that they are of: {error}");
            let all = (0..factors.len()).map(|place| Wrong { place, problem: problem.clone() });
            return Decrypted { wrong: all.collect(), votes: None };
        }
    };
    let (mut places, mut read) = (Vec::new(), Vec::new());
    for (place, (trustee, bytes)) in factors.iter().enumerate() {
        match PartialDecryption::from_bytes(bytes, list.len(), list.width()) {
            Ok(factors) => {
                places.push(place);
                read.push((DecryptionContext { election, joint_key, contest, trustee: *trustee }, factors));
            }
            Err(error) => wrong.push(Wrong { place, problem: error.to_string() }),
        }
    }
    let mut verified = Vec::new();
    for (place, verdict) in places.into_iter().zip(verify_each(&read, list)) {
        match verdict {
            Ok(factors) => verified.push(factors),
            Err(error) => wrong.push(Wrong { place, problem: error.to_string() }),
        }
    }
    wrong.sort_by_key(|wrong| wrong.place);
    let right = |t: &TrusteeIndex| verified.iter().find(|v| v.trustee() == *t).cloned();
    let chosen: Option<Vec<_>> = combine.iter().map(right).collect();
    let votes = chosen.filter(|chosen| !chosen.is_empty()).and_then(|chosen| {
        let layout = ground.manifest().layout(contest)?;
        Some(DecryptedVotes::combine(joint_key, layout, list, &chosen).map_err(|error| error.to_string()))
    });
    Decrypted { wrong, votes }
}
