//! The instance that audits.

use crate::message::Answer;
use rand::rngs::OsRng;
use selge_auditor::work::remote::Remote;
use selge_auditor::{verify_with, Listing, RecordSource, Report, Scope, SourceError, Watcher};
use selge_core::handover::HandoverKey;
use selge_core::ids::ElectionId;
use selge_wasm::host::{self, FileError};
use serde_json::json;
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// An audit under way.
struct Running {
    remote: Rc<Remote>,
    audit: Pin<Box<dyn Future<Output = Report>>>,
}

thread_local! {
    static RUNNING: RefCell<Option<Running>> = const { RefCell::new(None) };
}

/// Begins an audit; one that is under way is given up.
pub(crate) fn begin(election: Option<&str>, workers: usize, files: Vec<String>) -> Answer {
    let election = match election.map(|text| text.trim().to_lowercase().parse::<ElectionId>()).transpose() {
        Ok(election) => election,
        Err(error) => return Answer::problem("election", error),
    };
    let source = Files { listing: Listing { files: files.into_iter().collect(), odd: Vec::new() } };
    let remote = Rc::new(Remote::new(workers, HandoverKey::random(&mut OsRng)));
    let watcher = Telling::default();
    let workers = Rc::clone(&remote);
    let audit = Box::pin(async move { verify_with(&source, election, &Scope::all(), &watcher, &*workers).await });
    RUNNING.set(Some(Running { remote, audit }));
    step()
}

/// Goes on as far as it can.
pub(crate) fn step() -> Answer {
    RUNNING.with_borrow_mut(|running| {
        let Some(Running { remote, audit }) = running else {
            return Answer::problem("internal", "there is no audit to go on with");
        };
        if let Poll::Ready(report) = audit.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            *running = None;
            return match serde_json::to_vec(&report) {
                Ok(bytes) => Answer::default().with("verdict", report.verdict).blob(bytes),
                Err(error) => Answer::problem("internal", error),
            };
        }
        let (set_up, orders) = (remote.set_up(), remote.orders());
        let numbers: Vec<u32> = orders.iter().map(|order| order.number).collect();
        let answer = Answer::default().with("again", remote.breathes()).with("set_up", set_up.is_some());
        let blobs = set_up.into_iter().chain(orders.into_iter().map(|order| order.task));
        blobs.fold(answer.with("orders", numbers), Answer::blob)
    })
}

/// Takes in a task's answer and goes on.
pub(crate) fn answer(number: u32, bytes: &[u8]) -> Answer {
    with_remote(|remote| remote.answer(number, bytes));
    step()
}

/// Notes that a task has no answer and goes on.
pub(crate) fn lost(number: u32, why: &str) -> Answer {
    with_remote(|remote| remote.lost(number, why));
    step()
}

fn with_remote(act: impl FnOnce(&Remote)) {
    RUNNING.with_borrow(|running| {
        if let Some(running) = running {
            act(&running.remote);
        }
    });
}

/// The files that the page has been given.
struct Files {
    listing: Listing,
}

impl RecordSource for Files {
    fn list(&self) -> Result<Listing, SourceError> {
        Ok(self.listing.clone())
    }

    fn read(&self, path: &str, max: u64) -> Result<Vec<u8>, SourceError> {
        host::read(path, max).map_err(|error| match error {
            FileError::Missing => SourceError::Missing,
            FileError::TooLong => SourceError::TooLong(max),
            FileError::Unreadable => {
                SourceError::Io("the browser does not hand it out, or has no memory left for it".into())
            }
        })
    }
}

/// Between two words to the page about the same step.
const PAUSE: Duration = Duration::from_millis(100);

/// Tells the page how far the audit is.
#[derive(Default)]
struct Telling {
    total: AtomicU64,
    done: AtomicU64,
    /// When the page was told last, in milliseconds.
    told: AtomicU64,
}

impl Telling {
    fn tell(&self) {
        self.told.store(u64::try_from(self.now().as_millis()).unwrap_or_default(), Ordering::Relaxed);
        let (done, total) = (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed));
        host::tell(json!({ "done": done, "total": total }).to_string().as_bytes());
    }
}

impl Watcher for Telling {
    fn now(&self) -> Duration {
        host::now()
    }

    fn begin(&self, what: &str, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        host::tell(json!({ "step": what, "done": 0, "total": total }).to_string().as_bytes());
    }

    fn advance(&self, parts: u64) {
        self.done.fetch_add(parts, Ordering::Relaxed);
        let told = Duration::from_millis(self.told.load(Ordering::Relaxed));
        if self.now().saturating_sub(told) >= PAUSE {
            self.tell();
        }
    }

    fn end(&self) {
        self.tell();
    }
}
