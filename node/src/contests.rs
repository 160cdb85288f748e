//! One party's work on every contest of an election: each as soon as it is ready, none held up by another.

use crate::client::is_transient;
use crate::link::{contest_id, Link};
use crate::progress::say;
use anyhow::Result;
use selge_core::election::{Election, Phase};
use selge_core::ids::ContestIndex;
use std::collections::BTreeMap;

/// Contests that the party refused, and why.
pub type Refused = BTreeMap<ContestIndex, anyhow::Error>;

/// What is to be done next.
#[derive(Debug)]
pub enum Turn {
    /// This contest.
    Contest(ContestIndex),
    /// Nothing, until this has happened.
    Wait(String),
    /// Everything has been done.
    Complete,
}

/// What came of it: contests, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Done by this run.
    pub now: Vec<String>,
    /// Done by this party before.
    pub before: Vec<String>,
    /// Contests with too few ballots.
    pub withheld: Vec<String>,
}

impl Done {
    /// A line for each contest, for programs to read: what was done now, before, and what is withheld.
    pub fn lines(&self, word: &str) -> String {
        let lines = |word: &str, ids: &[String]| ids.iter().map(|id| format!("{word} {id}\n")).collect::<String>();
        lines(word, &self.now) + &lines("already", &self.before) + &lines("withheld", &self.withheld)
    }
}

/// Sorts the contests of an election whose voting has ended into those that are withheld and those that the party has
/// `done` (such as "decrypted") before.
pub fn sort(election: &Election, done: &str, before: impl Fn(ContestIndex) -> bool) -> Done {
    let mut sorted = Done::default();
    for set in election.counted() {
        let id = contest_id(election, set.contest());
        if set.withheld() {
            say(&format!("contest {id}: {} ballots are too few to be {done}", set.list().len()));
            sorted.withheld.push(id);
        } else if before(set.contest()) {
            sorted.before.push(id);
        }
    }
    sorted
}

/// Waits for `whom`. False if time is up while a refusal is the graver news, which must not be lost behind it.
///
/// # Errors
/// If time is up and nothing has been refused.
pub async fn wait(link: &mut Link, whom: &str, refused: &Refused) -> Result<bool> {
    match link.pause(whom).await {
        Ok(()) => Ok(true),
        Err(up) if !refused.is_empty() => {
            say(&format!("{up:#}"));
            Ok(false)
        }
        Err(up) => Err(up),
    }
}

/// Takes in how the work on a contest ended.
///
/// # Errors
/// An error of the board, which is no refusal of this contest.
pub fn ended(
    link: &Link,
    contest: ContestIndex,
    end: Result<()>,
    done: &mut Done,
    refused: &mut Refused,
) -> Result<()> {
    let id = contest_id(link.election()?, contest);
    match end {
        Ok(()) => done.now.push(id),
        Err(error) if is_transient(&error) => return Err(error),
        // The others were enough, and the commission has published while this party was at work.
        Err(_) if link.election()?.phase() == Phase::Finished => {}
        Err(error) => {
            say(&format!("contest {id}: refused: {error:#}"));
            refused.insert(contest, error);
        }
    }
    Ok(())
}

/// What the party reports at the end.
///
/// # Errors
/// The first refusal, saying that the contest has not been `done` by `whom`.
pub fn report(link: &Link, done: Done, mut refused: Refused, word: &str, whom: &str) -> Result<Done> {
    match refused.pop_first() {
        Some((contest, error)) => {
            let id = contest_id(link.election()?, contest);
            Err(error.context(format!("contest {id} has not been {word} by {whom}")))
        }
        None => Ok(done),
    }
}
