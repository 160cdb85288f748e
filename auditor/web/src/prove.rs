//! An instance that runs tasks for the one that audits.

use crate::message::Answer;
use selge_auditor::work::remote::Worker;
use std::cell::RefCell;

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
}

/// Makes this instance a worker of an audit.
pub(crate) fn set_up(bytes: &[u8]) -> Answer {
    match Worker::new(bytes) {
        Ok(worker) => {
            WORKER.set(Some(worker));
            Answer::default()
        }
        Err(error) => Answer::problem("internal", error),
    }
}

/// Runs a task.
pub(crate) fn run(task: &[u8]) -> Answer {
    WORKER.with_borrow(|worker| match worker.as_ref().map(|worker| worker.run(task)) {
        Some(Ok(answer)) => Answer::default().blob(answer),
        Some(Err(error)) => Answer::problem("internal", error),
        None => Answer::problem("internal", "a task came before what it rests on"),
    })
}
