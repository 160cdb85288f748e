//! The proofs and contents of posted files, checked before their entry is sequenced.
//!
//! Each check reads what it needs of the state and lets go of it: shuffles and decryptions take minutes, and the
//! sequencer checks again that the entry still names the newest list.

use crate::board::Board;
use crate::refusal::{internal, not_true};
use selge_core::ceremony::JointKey;
use selge_core::codec::Decode;
use selge_core::decryption::{verify_each, DecryptedVotes, DecryptionContext, PartialDecryption};
use selge_core::election::CountedSet;
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Decryption, EntryBody, Mix};
use selge_core::ids::{ContestIndex, Digest};
use selge_core::outcome::{ElectionResult, MAX_RESULT};
use selge_core::roll::Roll;
use selge_core::shuffle::{self, ShuffleContext, ShuffleProof};
use std::collections::BTreeMap;
use std::sync::Arc;
use tonic::Status;

/// How long a file of an entry may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// The state fixes it.
    Exactly(u64),
    /// It depends on the content.
    AtMost(u64),
}

impl Length {
    /// Whether an announced length fits.
    pub fn admits(self, announced: u64) -> bool {
        match self {
            Length::Exactly(length) => announced == length,
            Length::AtMost(length) => (1..=length).contains(&announced),
        }
    }
}

impl std::fmt::Display for Length {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Length::Exactly(length) => write!(f, "exactly {length} bytes"),
            Length::AtMost(length) => write!(f, "1 to {length} bytes"),
        }
    }
}

fn list_len(set: &CountedSet) -> u64 {
    (CiphertextList::HEADER + 64 * set.list().len() * set.list().width()) as u64
}

/// Bytes of a partial decryption: count, width, one factor for each ciphertext, and the proof.
fn factors_len(set: &CountedSet) -> u64 {
    (6 + 32 * set.list().len() * set.list().width() + 96) as u64
}

/// The digests and lengths of an entry's files, in order. The entry has been checked.
///
/// # Errors
/// If the entry names a contest that is not counted.
pub fn expected_files(board: &Board, body: &EntryBody) -> Result<Vec<(Digest, Length)>, Status> {
    let election = board.election();
    let counted = |contest: ContestIndex| {
        let set = election.counted_in(contest);
        set.ok_or_else(|| Status::failed_precondition(format!("contest {contest} has no counted ballots yet")))
    };
    Ok(match body {
        EntryBody::Roll(digest) => vec![(*digest, Length::AtMost(crate::replay::MAX_ROLL))],
        EntryBody::Mix(mix) => {
            let set = counted(mix.contest)?;
            let proof = ShuffleProof::encoded_len(set.list().len(), set.list().width()) as u64;
            vec![(mix.output, Length::Exactly(list_len(set))), (mix.proof, Length::Exactly(proof))]
        }
        EntryBody::Decryption(m) => vec![(m.factors, Length::Exactly(factors_len(counted(m.contest)?)))],
        EntryBody::Result(digest) => vec![(*digest, Length::AtMost(MAX_RESULT as u64))],
        _ => Vec::new(),
    })
}

/// What a check leaves for the state.
#[derive(Debug, Default)]
pub struct Accepted {
    /// The roll, which the state keeps.
    pub roll: Option<Arc<Roll>>,
    /// A verified list, which the next mix or decryption starts from.
    pub list: Option<(ContestIndex, Arc<CiphertextList>)>,
}

/// Checks an entry's files; `files` holds their bytes in order.
///
/// # Errors
/// `INVALID_ARGUMENT` with the reason.
pub fn verify(board: &Board, body: &EntryBody, files: &[Vec<u8>]) -> Result<Accepted, Status> {
    match (body, files) {
        (EntryBody::Roll(_), [roll]) => {
            let roll = Roll::from_bytes(roll).map_err(|e| not_true(format!("the roll is malformed: {e}")))?;
            Ok(Accepted { roll: Some(Arc::new(roll)), list: None })
        }
        (EntryBody::Mix(mix), [output, proof]) => {
            let list = verify_mix(board, mix, output, proof)?;
            Ok(Accepted { roll: None, list: Some((mix.contest, list)) })
        }
        (EntryBody::Decryption(m), [factors]) => verify_decryption(board, m, factors).map(|()| Accepted::default()),
        (EntryBody::Result(_), [result]) => verify_result(board, result).map(|()| Accepted::default()),
        _ => Err(Status::invalid_argument("the entry does not come with the files that it names")),
    }
}

fn joint_key(board: &Board) -> Result<JointKey, Status> {
    let key = board.election().joint_key().cloned();
    key.ok_or_else(|| Status::failed_precondition("the key ceremony is not complete"))
}

fn counted(board: &Board, contest: ContestIndex) -> Result<CountedSet, Status> {
    let set = board.election().counted_in(contest).cloned();
    set.ok_or_else(|| Status::failed_precondition(format!("contest {contest} has no counted ballots yet")))
}

/// The list of this digest: the counted ballots, the newest verified list, or a mix's output from its file.
fn list(board: &Board, set: &CountedSet, digest: &Digest) -> Result<Arc<CiphertextList>, Status> {
    if set.list().digest() == digest {
        return Ok(Arc::clone(set.list()));
    }
    if let Some(list) = board.cached_list(set.contest()).filter(|list| list.digest() == digest) {
        return Ok(list);
    }
    let bytes = board.files.read(digest, list_len(set)).map_err(|e| internal("a mixed list cannot be read", e))?;
    let list = CiphertextList::from_bytes(&bytes, set.list().len(), set.list().width());
    let list = Arc::new(list.map_err(|e| internal("a mixed list is not usable", e))?);
    board.cache_list(set.contest(), Arc::clone(&list));
    Ok(list)
}

fn verify_mix(board: &Board, mix: &Mix, output: &[u8], proof: &[u8]) -> Result<Arc<CiphertextList>, Status> {
    let refuse = |e: &dyn std::fmt::Display| not_true(format!("mix {} of contest {}: {e}", mix.mix, mix.contest));
    let set = counted(board, mix.contest)?;
    let (count, width) = (set.list().len(), set.list().width());
    let input = list(board, &set, &mix.input)?;
    let output = Arc::new(CiphertextList::from_bytes(output, count, width).map_err(|e| refuse(&e))?);
    let proof = ShuffleProof::from_bytes(proof, count, width).map_err(|e| refuse(&e))?;
    let key = joint_key(board)?;
    let ctx = ShuffleContext {
        election: board.manifest.id(),
        joint_key: key.public_key(),
        contest: mix.contest,
        mix: mix.mix,
    };
    let generators = board.generators(shuffle::generators(count, width));
    let verified = shuffle::verify(&ctx, &generators, &input, &output, &proof).map_err(|e| refuse(&e))?;
    Ok(Arc::clone(verified.output()))
}

fn verify_decryption(board: &Board, m: &Decryption, factors: &[u8]) -> Result<(), Status> {
    let set = counted(board, m.contest)?;
    let list = list(board, &set, &m.input)?;
    let refuse = |e: &dyn std::fmt::Display| not_true(format!("decryption of contest {}: {e}", m.contest));
    let factors = PartialDecryption::from_bytes(factors, list.len(), list.width()).map_err(|e| refuse(&e))?;
    let key = joint_key(board)?;
    let ctx =
        DecryptionContext { election: board.manifest.id(), joint_key: &key, contest: m.contest, trustee: m.trustee };
    factors.verify(&ctx, &list).map(|_| ()).map_err(|e| refuse(&e))
}

/// Computes the result again from the trustees that it names and compares.
fn verify_result(board: &Board, bytes: &[u8]) -> Result<(), Status> {
    let claimed: ElectionResult =
        serde_json::from_slice(bytes).map_err(|e| not_true(format!("the result is not a valid document: {e}")))?;
    let sets = board.election().counted().to_vec();
    if claimed.contests.len() != sets.len() {
        let text = format!("the result has {} contests, the election {}", claimed.contests.len(), sets.len());
        return Err(Status::invalid_argument(text));
    }
    let mut votes = BTreeMap::new();
    for (set, contest) in sets.iter().zip(&claimed.contests).filter(|(set, _)| !set.withheld()) {
        votes.insert(set.contest(), decrypt(board, set, &contest.trustees)?);
    }
    let computed = ElectionResult::compute(&board.election(), &votes).map_err(not_true)?;
    if computed != claimed || !computed.is_published_as(bytes) {
        return Err(not_true(
            "the result is not the one that the decrypted votes lead to: compute it again from the board",
        ));
    }
    Ok(())
}

fn decrypt(
    board: &Board,
    set: &CountedSet,
    trustees: &[selge_core::ids::TrusteeIndex],
) -> Result<DecryptedVotes, Status> {
    let contest = set.contest();
    let refuse = |e: &dyn std::fmt::Display| not_true(format!("the result's contest {contest}: {e}"));
    let key = joint_key(board)?;
    let posted: Vec<Decryption> = board.election().decryptions(contest).into_iter().cloned().collect();
    let chosen: Vec<&Decryption> = posted.iter().filter(|d| trustees.contains(&d.trustee)).collect();
    // In rising order, each once, as the document must have them.
    if chosen.iter().map(|d| d.trustee).ne(trustees.iter().copied()) {
        return Err(refuse(&"its trustees are not, in rising order, ones who have decrypted this contest"));
    }
    let Some(input) = chosen.first().map(|d| d.input) else {
        return Err(refuse(&"it names no trustees"));
    };
    let list = list(board, set, &input)?;
    let parts = chosen
        .iter()
        .map(|d| {
            let bytes = board
                .files
                .read(&d.factors, factors_len(set))
                .map_err(|e| internal("decryption factors cannot be read", e))?;
            let part = PartialDecryption::from_bytes(&bytes, list.len(), list.width())
                .map_err(|e| internal("decryption factors are not usable", e))?;
            let ctx = DecryptionContext { election: board.manifest.id(), joint_key: &key, contest, trustee: d.trustee };
            Ok((ctx, part))
        })
        .collect::<Result<Vec<_>, Status>>()?;
    let verified = verify_each(&parts, &list).into_iter().collect::<Result<Vec<_>, _>>().map_err(|e| refuse(&e))?;
    let layout = board.manifest.layout(contest).ok_or_else(|| refuse(&"there is no such contest"))?;
    let votes = DecryptedVotes::combine(&key, layout, &list, &verified).map_err(|e| refuse(&e))?;
    Ok(votes)
}
