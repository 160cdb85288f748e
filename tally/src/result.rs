//! `tally result`: checks every mix and every decryption, combines, counts, signs and posts.

use crate::decrypt::mixes;
use anyhow::{bail, ensure, Context, Result};
use selge_core::decryption::{DecryptedVotes, PartialDecryption};
use selge_core::election::{CountedSet, Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Decryption, EntryBody};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, TrusteeIndex};
use selge_core::outcome::{ElectionResult, MAX_RESULT};
use selge_node::client::BoardArgs;
use selge_node::files::write_public;
use selge_node::link::{contest_id, Link};
use selge_node::party::PartyArgs;
use selge_node::progress::{say, step};
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `tally result`.
#[derive(Clone, Debug, clap::Args)]
pub struct ResultArgs {
    /// Where the board is.
    #[command(flatten)]
    pub board: BoardArgs,
    /// The election, and the commission's key.
    #[command(flatten)]
    pub party: PartyArgs,
    /// Where to write the result, JSON of the format selge-result/1.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// How long to wait for mixes and decryptions.
    #[command(flatten)]
    pub wait: WaitArgs,
}

/// A result that is on the board.
#[derive(Clone, Debug)]
pub struct Published {
    /// The result.
    pub result: ElectionResult,
    /// Its exact bytes.
    pub bytes: Vec<u8>,
    /// Trustees whose factors do not hold, with the contest.
    pub rejected: Vec<(TrusteeIndex, String)>,
}

/// Trustees whose factors for a contest do not hold.
type Rejected = BTreeSet<(ContestIndex, TrusteeIndex)>;

/// Waits until every contest has enough decryptions that hold, computes the result, writes it and posts it. A result
/// that is on the board already is computed again and compared.
///
/// # Errors
/// Naming a mix server whose proof does not hold; if too few trustees' factors hold; if the result on the board is not
/// what comes out; or if time is up, after which the command can be started again.
pub async fn run(args: &ResultArgs) -> Result<Published> {
    let party = args.party.commission()?;
    let replica = Replica::new(Arc::clone(&party.manifest), Ballots::Verify);
    let reading = step("reading the board and checking every ballot");
    let mut link = Link::connect(&args.board, args.wait, replica).await?;
    reading.done();
    link.until_closed().await?;
    let mut counting = Counting { generators: Generators::new(0), rejected: Rejected::new(), votes: BTreeMap::new() };
    // A result on the board may rest on fewer decryptions than have come since it was computed.
    let digest = link.election()?.result().copied();
    let published = match digest {
        Some(digest) => Some(read_published(&mut link, digest).await?),
        None => None,
    };
    while let Some(contest) = counting.next(&mut link).await? {
        let named = published.as_ref().and_then(|(_, result)| result.contests.get(usize::from(contest.0)));
        counting.count(&mut link, contest, named.map(|c| c.trustees.as_slice())).await?;
    }
    let result = ElectionResult::compute(link.election()?, &counting.votes)?;
    let mut bytes = serde_json::to_vec_pretty(&result).context("the result cannot be written as JSON")?;
    bytes.push(b'\n');
    if let Some((theirs, _)) = published {
        ensure!(
            result.is_published_as(&theirs),
            "the result on the board is not what comes out of the board's ballots and decryptions: compare it with \
             what `auditor verify` says; {} has not been written",
            args.out.display()
        );
    }
    write_public(&args.out, &bytes)?;
    if link.election()?.phase() == Phase::Finished {
        say("the result has been on the board already, and is right");
    } else {
        let entry = EntryBody::Result(Digest::of(&bytes)).sign(party.manifest.id(), &party.key);
        link.post(&entry, std::slice::from_ref(&bytes)).await?;
        say("the result is on the board");
    }
    say(&format!("wrote {}", args.out.display()));
    crate::witnessed::report(&mut link, "the result", "no record of the election is valid").await?;
    let election = link.election()?;
    let rejected = counting.rejected.iter().map(|(c, t)| (*t, contest_id(election, *c))).collect();
    Ok(Published { result, bytes, rejected })
}

async fn read_published(link: &mut Link, digest: Digest) -> Result<(Vec<u8>, ElectionResult)> {
    let bytes = link.file(&digest, MAX_RESULT as u64).await?;
    let result = serde_json::from_slice(&bytes).context("the result on the board is not a selge-result/1 document")?;
    Ok((bytes, result))
}

/// The votes so far.
struct Counting {
    generators: Generators,
    rejected: Rejected,
    votes: BTreeMap<ContestIndex, DecryptedVotes>,
}

/// What a contest still lacks.
fn missing(election: &Election, set: &CountedSet, rejected: &Rejected) -> Result<Option<String>> {
    let (manifest, contest) = (election.manifest(), set.contest());
    let id = contest_id(election, contest);
    let left = manifest.mixes().saturating_sub(election.mixes(contest).len());
    if left > 0 {
        return Ok(Some(format!("{left} more {} of contest {id}", mixes(left))));
    }
    let false_ones: Vec<_> = rejected.iter().filter(|(c, _)| *c == contest).map(|(_, t)| *t).collect();
    let good = election.decryptions(contest).len().saturating_sub(false_ones.len());
    if good >= manifest.threshold() {
        return Ok(None);
    }
    // A trustee has one entry for a contest; who posted false factors cannot post again.
    if manifest.trustees() - false_ones.len() < manifest.threshold() {
        let names = names(election, &false_ones);
        bail!(
            "contest {id} cannot be decrypted: the factors of {names} are false, and fewer than {} trustees are left",
            manifest.threshold()
        );
    }
    let more = manifest.threshold() - good;
    Ok(Some(format!("{more} more {} of contest {id}", if more == 1 { "decryption" } else { "decryptions" })))
}

fn names(election: &Election, trustees: &[TrusteeIndex]) -> String {
    let name = |t: &TrusteeIndex| election.manifest().trustee(*t).map_or("", |p| p.name.as_str()).to_owned();
    trustees.iter().map(|t| format!("trustee {t} ({})", name(t))).collect::<Vec<_>>().join(", ")
}

impl Counting {
    /// The next contest that can be counted, waiting for one; `None` when all are.
    async fn next(&self, link: &mut Link) -> Result<Option<ContestIndex>> {
        loop {
            let election = link.election()?;
            let mut lacking = Vec::new();
            let open = |set: &&CountedSet| !set.withheld() && !self.votes.contains_key(&set.contest());
            for set in election.counted().iter().filter(open) {
                match missing(election, set, &self.rejected)? {
                    None => return Ok(Some(set.contest())),
                    Some(what) => lacking.push(what),
                }
            }
            if lacking.is_empty() {
                return Ok(None);
            }
            link.pause(&lacking.join(", ")).await?;
        }
    }

    /// Checks a contest's mixes and all its decryptions (or, of a published result, those that it names), so that
    /// every trustee at fault is named, and combines the first `t` that hold. With too few, the contest stays open.
    async fn count(&mut self, link: &mut Link, contest: ContestIndex, named: Option<&[TrusteeIndex]>) -> Result<()> {
        let id = contest_id(link.election()?, contest);
        let work = step(format!("contest {id}: checking mixes and decryptions"));
        let list = link.mixed(contest, &mut self.generators).await?;
        let election = link.election()?;
        let threshold = election.manifest().threshold();
        let layout = election.manifest().layout(contest).context("the contest has no layout")?;
        let decryptions: Vec<Decryption> = election
            .decryptions(contest)
            .into_iter()
            .filter(|d| named.is_none_or(|named| named.contains(&d.trustee)))
            .filter(|d| !self.rejected.contains(&(contest, d.trustee)))
            .cloned()
            .collect();
        let mut held: Vec<(TrusteeIndex, PartialDecryption)> = Vec::new();
        for d in decryptions {
            match self.check(link, &d, &list).await? {
                Some(factors) if held.len() < threshold => held.push((d.trustee, factors)),
                Some(_) => {}
                None => {
                    self.rejected.insert((contest, d.trustee));
                }
            }
        }
        if held.len() < threshold {
            ensure!(named.is_none(), "contest {id}: the result on the board names decryptions that do not hold");
            return Ok(());
        }
        let verified = held
            .iter()
            .map(|(trustee, factors)| link.replica().verify_factors(contest, *trustee, factors, &list))
            .collect::<Result<Vec<_>>>()?;
        let joint_key = link.election()?.joint_key().context("the board has no joint key")?;
        let votes = DecryptedVotes::combine(joint_key, layout, &list, &verified)?;
        self.votes.insert(contest, votes);
        work.done();
        Ok(())
    }

    /// Fetches a trustee's factors and checks them; `None`, and a word about it, if they do not hold.
    async fn check(&self, link: &mut Link, d: &Decryption, list: &CiphertextList) -> Result<Option<PartialDecryption>> {
        let factors = match link.factors(&d.factors, list).await {
            Ok(factors) => factors,
            // Time is up, or the board keeps the file back: that is not the trustee's fault.
            Err(error) if !error.chain().any(|e| e.is::<selge_core::codec::DecodeError>()) => return Err(error),
            Err(error) => {
                let (who, id) = (names(link.election()?, &[d.trustee]), contest_id(link.election()?, d.contest));
                say(&format!("contest {id}: the factors of {who} are malformed and are left out: {error:#}"));
                return Ok(None);
            }
        };
        if let Err(error) = link.replica().verify_factors(d.contest, d.trustee, &factors, list) {
            let (who, id) = (names(link.election()?, &[d.trustee]), contest_id(link.election()?, d.contest));
            say(&format!("contest {id}: the factors of {who} are false and are left out: {error:#}"));
            return Ok(None);
        }
        Ok(Some(factors))
    }
}
