//! The relay between a voting page and the voter's second device (`CHECK-3`): bytes in memory, for half an hour.
//!
//! It writes nothing down and logs nothing, and what it carries is encrypted to the device. A mailbox is only made for an
//! offer whose code leads to it, so nobody can occupy somebody else's.

mod mailboxes;

use crate::board::Board;
use crate::metrics::Reason;
use crate::peers::Peer;
use crate::refusal;
use mailboxes::{Full, Left, Mailboxes};
use selge_core::check::{Code, Mailbox, Offer, LIFETIME, MAX_MESSAGE, MAX_MESSAGES};
use selge_core::codec::Encode;
use selge_proto::v1::relay_server::Relay as Service;
use selge_proto::v1::{
    AcceptRequest, AcceptResponse, LeaveRequest, LeaveResponse, OfferRequest, OfferResponse, TakeRequest, TakeResponse,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;
use tonic::transport::server::TlsConnectInfo;
use tonic::{Request, Response, Status};

/// How long a device's question is kept open.
const WAIT: Duration = Duration::from_secs(25);

/// How long to wait when the relay is full: mailboxes end all the time.
const RETRY: Duration = Duration::from_secs(30);

/// The service.
#[derive(Debug)]
pub(crate) struct Relay {
    board: Arc<Board>,
    mailboxes: Mutex<Mailboxes>,
    stopped: AtomicBool,
}

impl Relay {
    pub(crate) fn new(board: Arc<Board>) -> Self {
        let mailboxes = Mutex::new(Mailboxes::new(Duration::from_secs(LIFETIME)));
        Relay { board, mailboxes, stopped: AtomicBool::new(false) }
    }

    /// Lets nobody wait any longer, and forgets everything.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.lock().clear();
    }

    fn lock(&self) -> MutexGuard<'_, Mailboxes> {
        self.mailboxes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn mailbox(bytes: &[u8]) -> Result<Mailbox, Status> {
    let id = bytes.try_into().map_err(|_| Status::invalid_argument("a mailbox has 16 bytes"))?;
    Ok(Mailbox(id))
}

fn place(place: u32) -> Result<usize, Status> {
    match u8::try_from(place) {
        Ok(place) if place < MAX_MESSAGES => Ok(place.into()),
        _ => Err(Status::invalid_argument(format!("a mailbox has places 0 to {}", MAX_MESSAGES - 1))),
    }
}

fn none() -> Status {
    Status::not_found(
        "no device is waiting under this code: compare it with the other device, or make a new one there (a code lives 30 \
         minutes)",
    )
}

fn full(_: Full) -> Status {
    refusal::busy(Reason::Busy, "too many checks are under way at the moment", RETRY)
}

/// Counts a new mailbox against whoever asks for it.
fn charge<T>(request: &Request<T>) -> Result<(), Status> {
    let extensions = request.extensions();
    let within = extensions.get::<TlsConnectInfo<Peer>>().map(TlsConnectInfo::get_ref);
    within.or_else(|| extensions.get::<Peer>()).map_or(Ok(()), Peer::mailbox)
}

#[tonic::async_trait]
impl Service for Relay {
    async fn offer(&self, request: Request<OfferRequest>) -> Result<Response<OfferResponse>, Status> {
        charge(&request)?;
        let election = self.board.manifest.id();
        let offer = Offer::verify(&request.get_ref().offer, election)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let id = Code::of(&offer, election).mailbox(election);
        let left = self.lock().open(id, offer.to_bytes(), Instant::now()).map_err(full)?;
        Ok(Response::new(OfferResponse { seconds: u32::try_from(left.as_secs()).unwrap_or(u32::MAX) }))
    }

    async fn accept(&self, request: Request<AcceptRequest>) -> Result<Response<AcceptResponse>, Status> {
        let id = mailbox(&request.get_ref().mailbox)?;
        let mut mailboxes = self.lock();
        let found = mailboxes.get(&id, Instant::now()).ok_or_else(none)?;
        Ok(Response::new(AcceptResponse { offer: found.offer().to_vec(), messages: found.messages() }))
    }

    async fn leave(&self, request: Request<LeaveRequest>) -> Result<Response<LeaveResponse>, Status> {
        let LeaveRequest { mailbox: id, place: at, message } = request.into_inner();
        let (id, at) = (mailbox(&id)?, place(at)?);
        if message.is_empty() || message.len() > MAX_MESSAGE {
            return Err(Status::invalid_argument(format!("a message has 1 to {MAX_MESSAGE} bytes")));
        }
        match self.lock().leave(&id, at, message, Instant::now()).map_err(full)? {
            Left::Kept => Ok(Response::new(LeaveResponse {})),
            Left::NoMailbox => Err(none()),
            Left::Taken => Err(Status::already_exists(
                "another message has this place: somebody else uses this code; make a new one on the other device",
            )),
            Left::Gap => Err(Status::failed_precondition("the message before this one is missing: send that first")),
        }
    }

    async fn take(&self, request: Request<TakeRequest>) -> Result<Response<TakeResponse>, Status> {
        let (id, at) = (mailbox(&request.get_ref().mailbox)?, place(request.get_ref().place)?);
        let waited = timeout(WAIT, async {
            loop {
                let news = {
                    let mut mailboxes = self.lock();
                    if self.stopped.load(Ordering::SeqCst) {
                        return Err(refusal::stopping());
                    }
                    let found = mailboxes.get(&id, Instant::now()).ok_or_else(none)?;
                    if let Some(message) = found.message(at) {
                        return Ok::<_, Status>(message.to_vec());
                    }
                    // Asked for before the lock is given back, so that no message slips in between.
                    found.news()
                };
                news.await;
            }
        });
        Ok(Response::new(TakeResponse { message: waited.await.unwrap_or_else(|_| Ok(Vec::new()))? }))
    }
}
