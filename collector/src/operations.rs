//! What the operator asks: metrics and health over HTTP on this machine, and `grpc.health.v1` for load balancers.
//!
//! *Live* means that the process answers. *Ready* means that a ballot that comes now can be stored: the last batch was
//! written, the disk has room, ballots are not held back and nothing is shutting down.

use crate::admission::Admission;
use crate::config::Config;
use crate::metrics::Moment;
use anyhow::{Context, Result};
use hyper::body::Incoming;
use hyper::header::{HeaderValue, CACHE_CONTROL};
use hyper::{Method, Request, StatusCode};
use selge_node::http::{answer, sentence, serve, Answer, HttpServer};
use selge_proto::v1::board_server::BoardServer;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::{HealthReporter, HealthService};
use tonic_health::ServingStatus;

/// Less room than this on the disk is none: it is a few minutes of ballots at full speed.
const LEAST_ROOM: u64 = 256 << 20;

/// How long the collector is not ready after a batch that could not be written: then somebody has to try.
const TRY_AGAIN: Duration = Duration::from_secs(15);

/// How often health is looked at for those who watch it.
const LOOK: Duration = Duration::from_millis(500);

const TEXT: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Service = crate::service::BoardService;

/// What tells the operator how the collector is.
#[derive(Debug)]
pub(crate) struct Operations {
    state: Arc<State>,
    reporter: HealthReporter,
    watching: JoinHandle<()>,
    /// Ends the watching when dropped.
    watched: oneshot::Sender<()>,
    http: Option<HttpServer>,
}

#[derive(Debug)]
struct State {
    admission: Admission,
    store: PathBuf,
    stopping: AtomicBool,
}

impl State {
    fn room(&self) -> Option<u64> {
        let stat = rustix::fs::statvfs(&self.store).ok()?;
        stat.f_bavail.checked_mul(stat.f_frsize)
    }

    /// Why no ballot can be taken in now.
    fn not_ready(&self) -> Option<&'static str> {
        let room = self.room();
        if self.stopping.load(Ordering::Acquire) {
            Some("the collector is shutting down")
        } else if self.admission.board().metrics.store_failed().is_some_and(|ago| ago < TRY_AGAIN) {
            Some("the last batch could not be written: look at the log and at the store's disk")
        } else if room.is_none() {
            Some("the store's disk cannot be looked at")
        } else if room.is_some_and(|room| room < LEAST_ROOM) {
            Some("the store's disk is almost full: make room")
        } else if self.admission.is_closing() {
            Some("voting is being closed: ballots are held back")
        } else {
            None
        }
    }

    fn moment(&self) -> Moment {
        let head = self.admission.board().head();
        let (in_hand, to_verify, to_store) = self.admission.depths();
        Moment {
            in_hand,
            to_verify,
            to_store,
            size: head.size,
            ballots: head.tally.numbers().cast,
            closing: self.admission.is_closing(),
            ready: self.not_ready().is_none(),
            free_bytes: self.room(),
        }
    }

    fn respond(&self, method: &Method, path: &str) -> Answer {
        if method != Method::GET && method != Method::HEAD {
            return sentence(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD are answered here");
        }
        match path {
            "/metrics" => match self.admission.board().metrics.text(&self.moment()) {
                Ok(text) => answer(StatusCode::OK, TEXT, text),
                Err(_) => sentence(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written"),
            },
            "/healthz" => sentence(StatusCode::OK, "live"),
            "/readyz" => match self.not_ready() {
                None => sentence(StatusCode::OK, "ready"),
                Some(why) => sentence(StatusCode::SERVICE_UNAVAILABLE, why),
            },
            _ => sentence(StatusCode::NOT_FOUND, "there are /metrics, /healthz and /readyz here"),
        }
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> Answer {
    // The disk may block.
    let work = tokio::task::spawn_blocking(move || state.respond(request.method(), request.uri().path()));
    let failed = |_| sentence(StatusCode::INTERNAL_SERVER_ERROR, "the collector cannot answer");
    let mut answer = work.await.unwrap_or_else(failed);
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

impl Operations {
    /// Starts to watch, and to answer if the config says where.
    ///
    /// # Errors
    /// If the address cannot be listened on.
    pub(crate) async fn start(admission: Admission, config: &Config) -> Result<Self> {
        let state = Arc::new(State { admission, store: config.store.clone(), stopping: AtomicBool::new(false) });
        let http = match &config.metrics {
            Some(metrics) => {
                let state = Arc::clone(&state);
                let http = serve(metrics.listen, move |request| respond(Arc::clone(&state), request)).await;
                Some(http.with_context(|| format!("cannot listen on {}, the [metrics] address", metrics.listen))?)
            }
            None => None,
        };
        let reporter = HealthReporter::new();
        let (watched, end) = oneshot::channel();
        let watching = tokio::spawn(watch(Arc::clone(&state), reporter.clone(), end));
        Ok(Operations { state, reporter, watching, watched, http })
    }

    /// The `grpc.health.v1` service.
    pub(crate) fn health(&self) -> HealthServer<impl Health> {
        HealthServer::new(HealthService::from_health_reporter(self.reporter.clone()))
    }

    /// Where metrics are, if anywhere.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.http.as_ref().map(HttpServer::address)
    }

    /// From now on the collector is live, but not ready.
    pub(crate) async fn stopping(&self) {
        self.state.stopping.store(true, Ordering::Release);
        report(&self.reporter, false).await;
    }

    /// Answers no more, and has let go of the board.
    pub(crate) async fn stop(self) {
        drop(self.watched);
        let _ = self.watching.await;
        if let Some(http) = self.http {
            http.stop().await;
        }
    }
}

async fn report(reporter: &HealthReporter, ready: bool) {
    let status = if ready { ServingStatus::Serving } else { ServingStatus::NotServing };
    reporter.set_service_status("", status).await;
    if ready {
        reporter.set_serving::<BoardServer<Service>>().await;
    } else {
        reporter.set_not_serving::<BoardServer<Service>>().await;
    }
}

async fn watch(state: Arc<State>, reporter: HealthReporter, mut end: oneshot::Receiver<()>) {
    let mut known = None;
    loop {
        let look = Arc::clone(&state);
        let ready = tokio::task::spawn_blocking(move || look.not_ready()).await.is_ok_and(|why| why.is_none());
        if known != Some(ready) {
            report(&reporter, ready).await;
            known = Some(ready);
        }
        if tokio::time::timeout(LOOK, &mut end).await.is_ok() {
            return;
        }
    }
}
