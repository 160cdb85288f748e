//! `mixnet mix`: one mix server's shuffle of every contest that is large enough to be mixed.
//!
//! The server checks every mix before its own, so that it never lends its name to a chain that has lost or gained a
//! ballot. Permutation and re-encryption are drawn from the system's randomness, live in memory only, and are wiped:
//! a server that is killed before its mix is on the board simply shuffles anew. What it keeps is which list of each
//! contest it has shuffled: it never shuffles another.

use anyhow::{Context, Result};
use rand::rngs::OsRng;
use selge_core::codec::Encode;
use selge_core::election::{Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::{EntryBody, Mix, SignedEntry};
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, MixIndex};
use selge_core::shuffle::{self, ShuffleContext};
use selge_node::claim::claim;
use selge_node::client::BoardArgs;
use selge_node::contests::{self, Done, Refused, Turn};
use selge_node::link::{contest_id, Link};
use selge_node::party::{Party, PartyArgs};
use selge_node::progress::{say, step};
use selge_node::replica::{Ballots, Replica};
use selge_node::wait::WaitArgs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Arguments of `mixnet mix`.
#[derive(Clone, Debug, clap::Args)]
pub struct MixArgs {
    /// Where the board is.
    #[command(flatten)]
    pub board: BoardArgs,
    /// The election, and the mix server's key.
    #[command(flatten)]
    pub party: PartyArgs,
    /// Folder in which the server notes what it has shuffled, so that it never shuffles two lists of one contest; it must
    /// outlive restarts.
    #[arg(long, value_name = "DIR")]
    pub state: PathBuf,
    /// How long to wait for the closing and the mix servers before this one.
    #[command(flatten)]
    pub wait: WaitArgs,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mixed {
    /// This server's place in the chain.
    pub place: u16,
    /// Which contests.
    pub contests: Done,
}

/// Mixes every contest that is not withheld, each as soon as it is this server's turn.
///
/// # Errors
/// Naming the contest and the mix server before this one whose proof does not hold; or if time is up, after which the
/// command can be started again.
pub async fn run(args: &MixArgs) -> Result<Mixed> {
    let (place, party) = args.party.mix_server()?;
    let replica = Replica::new(Arc::clone(&party.manifest), Ballots::Trust);
    let mut link = Link::connect(&args.board, args.wait, replica).await?;
    say(&format!("mix server {place} of {}", party.manifest.mixes()));
    link.until_closed().await?;
    link.until_closing_witnessed().await?;
    let election = link.election()?;
    let mut done = contests::sort(election, "mixed and decrypted", |contest| {
        election.mixes(contest).len() >= usize::from(place.0)
    });
    let mut generators = Generators::new(0);
    let mut refused = Refused::new();
    loop {
        match next(link.election()?, place, &refused) {
            Turn::Complete => break,
            Turn::Wait(whom) => {
                if !contests::wait(&mut link, &whom, &refused).await? {
                    break;
                }
            }
            Turn::Contest(contest) => {
                let end = mix(&mut link, contest, place, &party, &args.state, &mut generators).await;
                contests::ended(&link, contest, end, &mut done, &mut refused)?;
            }
        }
    }
    let contests = contests::report(&link, done, refused, "mixed", &format!("mix server {place}"))?;
    Ok(Mixed { place: place.0, contests })
}

/// The first contest whose turn it is, or whom the others wait for.
fn next(election: &Election, place: MixIndex, refused: &Refused) -> Turn {
    let mut missing = Vec::new();
    for set in election.counted().iter().filter(|set| !set.withheld() && !refused.contains_key(&set.contest())) {
        let before = election.mixes(set.contest()).len();
        if before + 1 == usize::from(place.0) {
            return Turn::Contest(set.contest());
        }
        if before + 1 < usize::from(place.0) {
            missing.push(format!("mix server {} to mix contest {}", before + 1, contest_id(election, set.contest())));
        }
    }
    if missing.is_empty() || election.phase() == Phase::Finished {
        Turn::Complete
    } else {
        Turn::Wait(missing.join(", "))
    }
}

async fn mix(
    link: &mut Link,
    contest: ContestIndex,
    place: MixIndex,
    party: &Party,
    state: &Path,
    generators: &mut Generators,
) -> Result<()> {
    let id = contest_id(link.election()?, contest);
    let checking = step(match place.0 {
        0 | 1 => format!("contest {id}: collecting the counted ballots"),
        _ => format!("contest {id}: checking mixes 1 to {}", place.0 - 1),
    });
    let input = link.mixed(contest, generators).await?;
    checking.done();
    claim(state, "mixed", &id, contest, input.digest())?;
    let work = step(format!("contest {id}: shuffling {} ballots", input.len()));
    generators.extend(shuffle::generators(input.len(), input.width()));
    let (entry, files) = prove(link.election()?, contest, place, party, generators, &input)?;
    drop(input);
    work.done();
    let posting = step(format!("contest {id}: posting output and proof"));
    link.post(&entry, &files).await?;
    posting.done();
    Ok(())
}

/// Shuffles, and checks the own proof: a fault of this machine must show here and not at the next server's.
fn prove(
    election: &Election,
    contest: ContestIndex,
    place: MixIndex,
    party: &Party,
    generators: &Generators,
    input: &Arc<CiphertextList>,
) -> Result<(SignedEntry, Vec<Vec<u8>>)> {
    let joint_key = election.joint_key().context("the board has no joint key")?.public_key();
    let ctx = ShuffleContext { election: party.manifest.id(), joint_key, contest, mix: place };
    let (output, proof) = shuffle::shuffle(&ctx, generators, input, &mut OsRng)?;
    shuffle::verify(&ctx, generators, input, &output, &proof)
        .context("this server's own proof does not hold: its memory or processor is faulty; nothing was posted")?;
    let proof_bytes = proof.to_bytes();
    let body =
        Mix { contest, mix: place, input: *input.digest(), output: *output.digest(), proof: Digest::of(&proof_bytes) };
    let entry = EntryBody::Mix(body).sign(party.manifest.id(), &party.key);
    Ok((entry, vec![output.bytes().to_vec(), proof_bytes]))
}
