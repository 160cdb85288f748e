//! The proofs, which take nearly all of an audit's time, apart from the audit: as tasks that somebody else can be given.
//!
//! The audit says what is to be proven ([`Task`]) and judges the answers ([`Answer`]); [`Workers`] decides where a task is
//! run. [`Here`] runs it at once, on all cores, and is what [`crate::verify`] takes. Where cores share no memory, as in a
//! browser, [`remote::Remote`] hands tasks out as bytes and [`remote::Worker`], in another instance of this program, runs
//! the same code on them. A task without an answer is a check that was not done, never one that passed.

mod question;
pub mod remote;
mod task;

pub use question::{Ground, GroundError, ListFile};
pub use task::{Answer, Decrypted, Task, Wrong};

use std::future::Future;
use std::pin::Pin;

/// A task that has no answer: who had it is gone, or has said what is no answer to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the proofs were not checked: {0}; audit again")]
pub struct Lost(pub String);

/// What comes of a task.
pub type Outcome = Result<Answer, Lost>;

/// A task that has been begun.
pub enum Begun {
    /// And has been done.
    Done(Outcome),
    /// Whose answer comes later.
    Later(Pin<Box<dyn Future<Output = Outcome>>>),
}

impl Begun {
    /// The answer.
    pub(crate) async fn outcome(self) -> Outcome {
        match self {
            Begun::Done(outcome) => outcome,
            Begun::Later(outcome) => outcome.await,
        }
    }
}

/// Who runs tasks.
pub trait Workers {
    /// How many tasks run side by side without sharing memory. With one, tasks are as large as they can be.
    fn many(&self) -> usize;

    /// Begins a task.
    fn begin(&self, task: &Task<'_>) -> Begun;

    /// Waits until the next task can be begun without more waiting than there is room for.
    fn room(&self) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(std::future::ready(()))
    }
}

/// Runs every task where it is begun, on all cores.
#[derive(Clone, Copy, Debug, Default)]
pub struct Here;

impl Workers for Here {
    fn many(&self) -> usize {
        1
    }

    fn begin(&self, task: &Task<'_>) -> Begun {
        Begun::Done(Ok(task.run()))
    }
}
