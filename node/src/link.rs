//! A verified replica that stays in touch with its board: lost connections are made anew while the time to wait lasts.

use crate::client::{is_transient, BoardArgs, BoardClient};
use crate::replica::Replica;
use crate::wait::{Patience, WaitArgs};
use anyhow::{bail, ensure, Context, Result};
use selge_core::decryption::PartialDecryption;
use selge_core::election::{Election, Phase};
use selge_core::elgamal::CiphertextList;
use selge_core::entry::SignedEntry;
use selge_core::group::Generators;
use selge_core::ids::{ContestIndex, Digest, LeafHash};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

/// Pause between two looks for cosignatures, which take about a second to come.
const LOOK: Duration = Duration::from_millis(300);

/// A replica, its board, and the time left to wait.
#[derive(Debug)]
pub struct Link {
    board: BoardClient,
    url: String,
    replica: Replica,
    patience: Patience,
}

/// The sentence for a key ceremony that has failed.
pub fn aborted(election: &Election) -> String {
    match election.culprit() {
        Some(at) => {
            let name = election.manifest().trustee(at).map_or("", |party| party.name.as_str());
            format!(
                "the key ceremony has failed and trustee {at} ({name}) is at fault: this election cannot go on; make \
                 a new manifest without this trustee and hold the ceremony again"
            )
        }
        None => "the key ceremony has failed: this election cannot go on".to_owned(),
    }
}

/// The id of a contest, which is what people know it by.
pub fn contest_id(election: &Election, at: ContestIndex) -> String {
    election.manifest().contest(at).map_or_else(|| at.to_string(), |c| c.id.clone())
}

impl Link {
    /// Connects and reads the board for the first time.
    ///
    /// # Errors
    /// If nobody answers at the address, or the board is not that of the replica's election.
    pub async fn connect(args: &BoardArgs, wait: WaitArgs, replica: Replica) -> Result<Self> {
        let board = args.connect().await?;
        let mut link = Link { board, url: args.board.clone(), replica, patience: wait.patience() };
        link.sync().await?;
        Ok(link)
    }

    /// The election as the board has it.
    ///
    /// # Errors
    /// If the board is empty.
    pub fn election(&self) -> Result<&Election> {
        self.replica.election()
    }

    /// The replica.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// A connection of one's own, for requests side by side.
    pub fn client(&self) -> BoardClient {
        self.board.clone()
    }

    /// Pauses after an error that may pass, and passes on any other.
    ///
    /// # Errors
    /// The error itself if it will not pass; that time is up.
    pub async fn retry(&mut self, error: anyhow::Error, since: Instant) -> Result<()> {
        if !is_transient(&error) {
            return Err(error);
        }
        self.patience.spend(since.elapsed());
        let waiting_for = format!("the board at {} to answer", self.url);
        // Time is up: what the connection said last is worth more than that it was waited for.
        self.patience.pause(&waiting_for).await.map_err(|up| error.context(up))
    }

    /// Reads what is new on the board; returns the number of new entries.
    ///
    /// # Errors
    /// As [`Replica::sync`]; a board that does not answer only when time is up.
    pub async fn sync(&mut self) -> Result<u64> {
        let before = self.replica.tree().size();
        loop {
            let since = Instant::now();
            match self.replica.sync(&mut self.board).await {
                Ok(_) => break,
                Err(error) => self.retry(error, since).await?,
            }
        }
        let new = self.replica.tree().size() - before;
        if new > 0 {
            self.patience.moved();
        }
        Ok(new)
    }

    /// Waits until the board has something new, or for a moment at most.
    ///
    /// # Errors
    /// When time is up, with what was waited for.
    pub async fn pause(&mut self, waiting_for: &str) -> Result<()> {
        self.patience.pause(waiting_for).await?;
        self.sync().await?;
        Ok(())
    }

    /// Waits until voting is closed.
    ///
    /// # Errors
    /// If the key ceremony failed, or time is up.
    pub async fn until_closed(&mut self) -> Result<()> {
        loop {
            match self.election()?.phase() {
                Phase::Counting | Phase::Finished => return Ok(()),
                Phase::Aborted => bail!("{}", aborted(self.election()?)),
                Phase::Setup | Phase::Voting => self.pause("the commission to close voting").await?,
            }
        }
    }

    /// Waits until enough witnesses have cosigned a checkpoint that covers the closing (`LOG-9`): before, this may be one
    /// of two histories of the election that different roles are shown.
    ///
    /// # Errors
    /// If time is up.
    pub async fn until_closing_witnessed(&mut self) -> Result<()> {
        let closing = self.election()?.closing().map(|closing| closing.size);
        let closing = closing.context("voting has not been closed")?;
        self.until_witnessed(closing + 1, "the closing").await
    }

    /// Waits until enough witnesses have cosigned the first `size` entries, the last of which is `what`.
    ///
    /// # Errors
    /// If time is up.
    pub async fn until_witnessed(&mut self, size: u64, what: &str) -> Result<()> {
        while self.replica.witnessed() < size {
            let witnesses = self.replica.manifest().witnesses();
            let (quorum, n) = (witnesses.quorum(), witnesses.keys().len());
            self.pause(&format!(
                "{quorum} of the {n} witnesses to cosign {what} (the collector asks them: its `status` and log say who \
                 has not)"
            ))
            .await?;
        }
        Ok(())
    }

    /// As [`Link::until_witnessed`] for all that has been read, for at most `wait`; whether they have.
    ///
    /// # Errors
    /// If the board does not answer or does not hold.
    pub async fn witnessed_within(&mut self, wait: Duration) -> Result<bool> {
        let (size, until) = (self.replica.tree().size(), Instant::now() + wait);
        while self.replica.witnessed() < size {
            if Instant::now() >= until {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
            self.sync().await?;
        }
        Ok(true)
    }

    /// Whether the replica holds an entry.
    fn holds(&self, leaf: LeafHash) -> bool {
        let tree = self.replica.tree();
        (0..tree.size()).any(|index| tree.leaf(index) == Some(leaf))
    }

    /// Hands in an entry with its files until the board has it, and checks that it does. An entry that the board had
    /// already, such as after a lost answer, is as good.
    ///
    /// # Errors
    /// If the board refuses the entry, or signs a receipt for an entry that it then does not have.
    pub async fn post(&mut self, entry: &SignedEntry, files: &[Vec<u8>]) -> Result<()> {
        let leaf = entry.leaf_hash();
        let log = self.replica.manifest().log_key();
        loop {
            let since = Instant::now();
            let answer = match files {
                [] => self.board.submit(entry).await,
                files => self.board.post(entry, files.to_vec()).await,
            };
            match answer {
                Ok(receipt) => {
                    receipt.verify(&leaf, &log).context("the board's receipt does not hold")?;
                    self.sync().await?;
                    ensure!(
                        self.replica.tree().leaf(receipt.index) == Some(leaf),
                        "the board signed a receipt for entry {} and does not have it: this is evidence against the \
                         collector",
                        receipt.index
                    );
                    return Ok(());
                }
                Err(error) if is_transient(&error) => self.retry(error, since).await?,
                Err(refused) => {
                    self.sync().await?;
                    if self.holds(leaf) {
                        return Ok(());
                    }
                    return Err(refused);
                }
            }
        }
    }

    /// As [`Replica::mixed_with`].
    ///
    /// # Errors
    /// As [`Replica::mixed_with`]; a board that does not answer only when time is up.
    pub async fn mixed(&mut self, contest: ContestIndex, generators: &mut Generators) -> Result<Arc<CiphertextList>> {
        loop {
            let since = Instant::now();
            let Some(set) = self.replica.election()?.counted_in(contest) else {
                bail!("there is no counted set of contest {contest}: voting has not ended");
            };
            match self.replica.mixed_with(&mut self.board, set, generators).await {
                Ok(list) => return Ok(list),
                Err(error) => self.retry(error, since).await?,
            }
        }
    }

    /// As [`Replica::factors`].
    ///
    /// # Errors
    /// As [`Replica::factors`]; a board that does not answer only when time is up.
    pub async fn factors(&mut self, digest: &Digest, list: &CiphertextList) -> Result<PartialDecryption> {
        loop {
            let since = Instant::now();
            match self.replica.factors(&mut self.board, digest, list).await {
                Ok(factors) => return Ok(factors),
                Err(error) => self.retry(error, since).await?,
            }
        }
    }

    /// A file of the board, whose digest is checked.
    ///
    /// # Errors
    /// As [`BoardClient::file`]; a board that does not answer only when time is up.
    pub async fn file(&mut self, digest: &Digest, max: u64) -> Result<Vec<u8>> {
        loop {
            let since = Instant::now();
            match self.board.file(digest, max).await {
                Ok(file) => return Ok(file),
                Err(error) => self.retry(error, since).await?,
            }
        }
    }
}
