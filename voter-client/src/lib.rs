//! The voter's side of a Selge election.
//!
//! A [`Voter`] is a pseudonym with a signing key. [`ElectionInfo`] is what every voter of an election needs: the
//! manifest, and the joint key as far as signatures and the board's checkpoint prove it; it is fetched once and shared.
//! [`prepare`] encrypts and signs choices, [`cast`] hands the signed ballot in and returns only with a receipt that
//! has been verified. [`check`] looks at a receipt again, later.
//!
//! Nothing here is shared by the whole process: one process can vote for thousands of voters at once. [`prepare`] is
//! pure computation (some milliseconds per contest), so a crowd runs it in `tokio::task::spawn_blocking`.
//!
//! Without the feature `native` only what the voting page needs is there: no files, no terminal and no sockets, so that
//! it compiles to WebAssembly. The page then implements [`board::Board`] itself.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn vote(args: selge_node::client::BoardArgs, voter: selge_voter_client::Voter) -> anyhow::Result<()> {
//! use selge_core::rules::Choice;
//! use selge_voter_client::{cast, prepare, ElectionInfo, Patience};
//!
//! let (_, manifest) = selge_node::replica::read_manifest("manifest.json".as_ref())?;
//! let mut board = args.connect().await?;
//! let info = ElectionInfo::fetch(&mut board, manifest).await?;
//! let state = board.voter(&voter.id).await?;
//! let style = state.style.ok_or_else(|| anyhow::anyhow!("not on the roll"))?;
//! let ballot = prepare(&info, &voter, style, state.newest, &[Choice::One(2)], &mut rand::rngs::OsRng)?;
//! let receipt = cast(&mut board, info.manifest(), &ballot, &Patience::default()).await?;
//! println!("{}", receipt.tracker());
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "native")]
mod ask;
pub mod board;
#[cfg(feature = "native")]
mod cast;
#[cfg(feature = "native")]
pub mod check;
#[cfg(feature = "native")]
pub mod check_record;
pub mod choices;
#[cfg(feature = "native")]
pub mod files;
mod info;
#[cfg(feature = "native")]
mod native;
#[cfg(feature = "native")]
mod opened;
#[cfg(feature = "native")]
mod practice;
mod prepare;
mod settle;
mod setup;
mod voter;
#[cfg(feature = "native")]
mod vouch;

#[cfg(feature = "native")]
pub use ask::{ask, Dialogue};
#[cfg(feature = "native")]
pub use cast::{cast, cast_with, Patience};
pub use info::ElectionInfo;
#[cfg(feature = "native")]
pub use opened::OpenedBallots;
#[cfg(feature = "native")]
pub use practice::{practise, Practice};
pub use prepare::{draft, finish, prepare, PrepareError};
pub use settle::{settle, Attempt, CastError, VerifiedReceipt};
pub use voter::{CodeError, Voter, VOTER_ROLE};
#[cfg(feature = "native")]
pub use vouch::Device;

/// A ballot's leaf hash as people read it.
pub fn tracker(leaf: &selge_core::ids::LeafHash) -> String {
    in_groups(leaf)
}

/// A digest as people read and compare it: groups of four hexadecimal digits.
pub fn in_groups(digest: &impl ToString) -> String {
    let digits = digest.to_string();
    let mut groups = String::with_capacity(79);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            groups.push('-');
        }
        groups.push(digit);
    }
    groups
}

#[cfg(test)]
mod tests {
    use selge_core::ids::LeafHash;

    #[test]
    fn a_tracker_is_the_leaf_hash_in_groups() {
        let leaf = LeafHash([0xab; 32]);
        let shown = super::tracker(&leaf);
        assert_eq!(shown.split('-').count(), 16);
        assert_eq!(shown.replace('-', ""), leaf.to_string());
    }
}
