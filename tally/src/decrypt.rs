//! `tally decrypt`: one trustee's factors for every contest that is large enough to be decrypted.
//!
//! The trustee is the guard of the ballots' secrecy: it checks every ballot's proof, so that no copied ballot is
//! opened, and every mix, and it never makes factors for two different lists of one contest.

use crate::ceremony::state::read_share;
use anyhow::{ensure, Context, Result};
use rand::rngs::OsRng;
use selge_core::ceremony::TrusteeShare;
use selge_core::codec::Encode;
use selge_core::decryption::{DecryptionContext, PartialDecryption};
use selge_core::election::{Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{Decryption, EntryBody, SignedEntry};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, TrusteeIndex};
use selge_node::claim::claim;
use selge_node::client::BoardArgs;
use selge_node::contests::{self, Done, Refused, Turn};
use selge_node::link::{contest_id, Link};
use selge_node::party::{Party, PartyArgs};
use selge_node::progress::{say, step};
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use std::path::PathBuf;
use std::sync::Arc;

/// Arguments of `tally decrypt`.
#[derive(Clone, Debug, clap::Args)]
pub struct DecryptArgs {
    /// Where the board is.
    #[command(flatten)]
    pub board: BoardArgs,
    /// The election, and the trustee's key.
    #[command(flatten)]
    pub party: PartyArgs,
    /// Folder of the ceremony, which holds the key share.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// How long to wait for the closing and the mixes.
    #[command(flatten)]
    pub wait: WaitArgs,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decrypted {
    /// Who this trustee is.
    pub trustee: u16,
    /// Which contests.
    pub contests: Done,
}

/// Posts factors for every contest that is not withheld, each as soon as it is mixed.
///
/// # Errors
/// Naming the contest and the mix server whose proof does not hold; if the folder's share is not that of the joint
/// key; or if time is up, after which the command can be started again.
pub async fn run(args: &DecryptArgs) -> Result<Decrypted> {
    let (trustee, party) = args.party.trustee()?;
    let share = read_share(&args.state, &party.passphrase)?;
    let replica = Replica::new(Arc::clone(&party.manifest), Ballots::Verify);
    let reading = step("reading the board and checking every ballot");
    let mut link = Link::connect(&args.board, args.wait, replica).await?;
    reading.done();
    link.until_closed().await?;
    link.until_closing_witnessed().await?;
    let key = link.election()?.joint_key().context("the board has no joint key")?;
    ensure!(
        key.share_key(trustee) == Some(&share.public()),
        "the key share in {} does not belong to the joint key on the board: use the folder of this election's ceremony",
        args.state.display()
    );
    let election = link.election()?;
    let mut done = contests::sort(election, "decrypted", |contest| posted(election, contest, trustee));
    let mut generators = Generators::new(0);
    let mut refused = Refused::new();
    loop {
        match next(link.election()?, trustee, &refused) {
            Turn::Complete => break,
            Turn::Wait(whom) => {
                if !contests::wait(&mut link, &whom, &refused).await? {
                    break;
                }
            }
            Turn::Contest(contest) => {
                let end = decrypt(&mut link, contest, trustee, &share, args, &party, &mut generators).await;
                contests::ended(&link, contest, end, &mut done, &mut refused)?;
            }
        }
    }
    if link.election()?.phase() == Phase::Finished {
        say("the result is on the board: no further decryptions are taken");
    }
    let contests = contests::report(&link, done, refused, "decrypted", &format!("trustee {trustee}"))?;
    Ok(Decrypted { trustee: trustee.0, contests })
}

fn posted(election: &Election, contest: ContestIndex, trustee: TrusteeIndex) -> bool {
    election.decryptions(contest).iter().any(|d| d.trustee == trustee)
}

/// The word for so many mixes.
pub(crate) fn mixes(n: usize) -> &'static str {
    if n == 1 {
        "mix"
    } else {
        "mixes"
    }
}

/// The first contest that is ready, or what the others lack.
fn next(election: &Election, trustee: TrusteeIndex, refused: &Refused) -> Turn {
    if election.phase() == Phase::Finished {
        return Turn::Complete;
    }
    let manifest = election.manifest();
    let open = election.counted().iter().filter(|set| {
        !set.withheld() && !refused.contains_key(&set.contest()) && !posted(election, set.contest(), trustee)
    });
    let mut missing = Vec::new();
    for set in open {
        match manifest.mixes().saturating_sub(election.mixes(set.contest()).len()) {
            0 => return Turn::Contest(set.contest()),
            left => {
                missing.push(format!("{left} more {} of contest {}", mixes(left), contest_id(election, set.contest())))
            }
        }
    }
    if missing.is_empty() {
        Turn::Complete
    } else {
        Turn::Wait(missing.join(", "))
    }
}

async fn decrypt(
    link: &mut Link,
    contest: ContestIndex,
    trustee: TrusteeIndex,
    share: &TrusteeShare,
    args: &DecryptArgs,
    party: &Party,
    generators: &mut Generators,
) -> Result<()> {
    let id = contest_id(link.election()?, contest);
    let checking = step(format!("contest {id}: checking the mixes"));
    let list = link.mixed(contest, generators).await?;
    checking.done();
    claim(&args.state, "decrypted", &id, contest, list.digest())?;
    let work = step(format!("contest {id}: {} ballots decrypting", list.len()));
    let (entry, file) = factors(link.election()?, contest, trustee, share, &list, party)?;
    drop(list);
    link.post(&entry, &[file]).await?;
    work.done();
    Ok(())
}

fn factors(
    election: &Election,
    contest: ContestIndex,
    trustee: TrusteeIndex,
    share: &TrusteeShare,
    list: &CiphertextList,
    party: &Party,
) -> Result<(SignedEntry, Vec<u8>)> {
    let joint_key = election.joint_key().context("the board has no joint key")?;
    let ctx = DecryptionContext { election: party.manifest.id(), joint_key, contest, trustee };
    let file = PartialDecryption::make(&ctx, share, list, &mut OsRng)?.to_bytes();
    let body = Decryption { trustee, contest, input: *list.digest(), factors: Digest::of(&file) };
    Ok((EntryBody::Decryption(body).sign(party.manifest.id(), &party.key), file))
}
