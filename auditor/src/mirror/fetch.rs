//! Getting files from a server that is not trusted: every answer has a longest length and a longest time.

use anyhow::{ensure, Context, Result};
use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderMap, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, LOCATION, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use selge_core::ids::Digest;
use selge_core::record::CHECKPOINT;
use sha2::Digest as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::time::{timeout, timeout_at, Instant};

/// Bytes in a second, below which a server is taken to be stalling.
const LEAST_RATE: u64 = 64 << 10;

/// Most bytes of an answer's head.
const MAX_HEAD: usize = 64 << 10;

/// Longest text of somebody else's that is shown.
const MAX_SHOWN: usize = 200;

/// Why a file was not got.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The person at the keyboard, or the system, wants an end.
    #[error("stopped")]
    Stopped,
    #[error("{path}: the server does not have it{hint}", path = .0, hint = hint(.0))]
    Missing(String),
    #[error("{path}: the server redirects to {to:?}, which is not followed: give that address if you trust it")]
    Redirect { path: String, to: String },
    #[error("{path}: the server answers {status}")]
    Status { path: String, status: StatusCode },
    #[error(
        "{path}: the server sends more than {max} bytes, the most that it may have: what it sends is something else"
    )]
    TooLong { path: String, max: u64 },
    #[error("{path}: the server sends it encoded ({encoding:?}), which was not asked for")]
    Encoded { path: String, encoding: String },
    #[error("{path}: the server takes too long")]
    Slow { path: String },
    #[error("{path}: {words}")]
    Broken { path: String, words: String },
    #[error("files/{0}: what the server sends has another SHA-256: it is damaged or forged")]
    Digest(Digest),
    #[error("cannot write {0}")]
    Disk(String),
}

impl FetchError {
    /// Whether trying again may help at all.
    pub(crate) fn is_of_server(&self) -> bool {
        !matches!(self, FetchError::Stopped | FetchError::Disk(_))
    }
}

/// A server without a checkpoint serves something else at this address, most often the record one folder further down.
fn hint(path: &str) -> &'static str {
    if path == CHECKPOINT {
        "; is this the address of a record, of the folder that holds `checkpoint`, `tile/` and `files/`?"
    } else {
        ""
    }
}

/// Somebody else's text, fit to be shown: one short line without control characters.
pub(crate) fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// How servers are reached.
#[derive(clap::Args)]
pub(crate) struct WebArgs {
    /// For an address: certificates (PEM) that the server's must lead to [default: those that browsers trust].
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// For an address: seconds after which a server that says nothing is given up, until the next try. An answer may take
    /// twice that, and longer if it is long.
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

/// A server's files, below one address.
pub(crate) struct Web {
    base: String,
    /// Longest wait for the head of an answer, connecting included, and for more of an answer.
    silence: Duration,
    client: Client<HttpsConnector<HttpConnector>, Empty<Bytes>>,
    runtime: Runtime,
    stopped: watch::Receiver<bool>,
}

impl Web {
    /// The files below `base`. From now on SIGINT and SIGTERM end what this does with [`FetchError::Stopped`].
    pub(crate) fn new(base: &str, args: &WebArgs) -> Result<Self> {
        let base = base.trim_end_matches('/').to_owned();
        let uri: Uri = base.parse().with_context(|| format!("{base:?} is not an address"))?;
        ensure!(
            matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty()),
            "{base:?} is not an address: give one such as https://board.example.org/record"
        );
        ensure!(
            uri.query().is_none() && !base.contains('#') && uri.authority().is_some_and(|a| !a.as_str().contains('@')),
            "{base:?} must be an address without user, query and fragment"
        );
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let (stop, stopped) = watch::channel(false);
        let (mut interrupt, mut terminate) = {
            use tokio::signal::unix::{signal, SignalKind};
            let _guard = runtime.enter();
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
        };
        runtime.spawn(async move {
            tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            stop.send_replace(true);
            // Kept, so that nobody takes its end for anything.
            std::future::pending::<()>().await;
        });
        let mut http = Client::builder(TokioExecutor::new());
        http.pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(5)).http1_max_buf_size(MAX_HEAD);
        let client = http.build(connector(args.ca.as_deref())?);
        Ok(Web { base, silence: Duration::from_secs(args.timeout), client, runtime, stopped })
    }

    /// The address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Runs a job until it is done or an end is wanted.
    fn run<T>(&self, job: impl std::future::Future<Output = Result<T, FetchError>>) -> Result<T, FetchError> {
        let mut stopped = self.stopped.clone();
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                _ = stopped.wait_for(|stopped| *stopped) => Err(FetchError::Stopped),
                done = job => done,
            }
        })
    }

    /// Waits.
    pub(crate) fn pause(&self, time: Duration) -> Result<(), FetchError> {
        self.run(async {
            tokio::time::sleep(time).await;
            Ok(())
        })
    }

    /// Whether an end is wanted.
    pub(crate) fn stopped(&self) -> Result<(), FetchError> {
        if *self.stopped.borrow() {
            return Err(FetchError::Stopped);
        }
        Ok(())
    }

    /// Gets a file of at most `max` bytes.
    pub(crate) fn get(&self, path: &str, max: u64) -> Result<Vec<u8>, FetchError> {
        self.run(async {
            let mut bytes = Vec::new();
            self.stream(path, max, |part| {
                bytes.extend_from_slice(part);
                Ok(())
            })
            .await?;
            Ok(bytes)
        })
    }

    /// Gets the file of this digest into `to`, which has it only if it is the right one.
    pub(crate) fn download(&self, digest: &Digest, max: u64, to: &Path) -> Result<(), FetchError> {
        let disk = |error: std::io::Error| FetchError::Disk(format!("{}: {error}", to.display()));
        let unfinished = to.with_extension("unfinished");
        let mut file = std::fs::File::create(&unfinished).map_err(disk)?;
        let mut hash = sha2::Sha256::new();
        let path = selge_core::record::file_path(digest);
        let done = self.run(self.stream(&path, max, |part| {
            hash.update(part);
            file.write_all(part).map_err(disk)
        }));
        let done = done.and_then(|()| match hash.finalize()[..] == digest.0 {
            true => std::fs::rename(&unfinished, to).map_err(disk),
            false => Err(FetchError::Digest(*digest)),
        });
        if done.is_err() {
            // It is of no use, and named so that nobody takes it for a file of the record.
            let _ = std::fs::remove_file(&unfinished);
        }
        done
    }

    async fn stream(
        &self,
        path: &str,
        max: u64,
        mut take: impl FnMut(&[u8]) -> Result<(), FetchError>,
    ) -> Result<(), FetchError> {
        let broken = |words: String| FetchError::Broken { path: path.to_owned(), words };
        let slow = || FetchError::Slow { path: path.to_owned() };
        let too_long = || FetchError::TooLong { path: path.to_owned(), max };
        let uri: Uri = format!("{}/{path}", self.base).parse().map_err(|_| broken("no address".into()))?;
        let request = Request::get(uri)
            .header(ACCEPT_ENCODING, "identity")
            .header(USER_AGENT, concat!("selge-auditor/", env!("CARGO_PKG_VERSION")))
            .body(Empty::new())
            .map_err(|error| broken(error.to_string()))?;
        let answer = timeout(self.silence, self.client.request(request)).await.map_err(|_| slow())?;
        let answer = answer.map_err(|error| broken(format!("the server cannot be reached: {}", causes(&error))))?;
        check_head(path, &answer)?;
        let length = header(answer.headers(), CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
        if length.is_some_and(|length| length > max) {
            return Err(too_long());
        }
        let deadline = Instant::now() + 2 * self.silence + Duration::from_secs(length.unwrap_or(max) / LEAST_RATE);
        let (mut body, mut got) = (answer.into_body(), 0u64);
        loop {
            let next = timeout_at(deadline, timeout(self.silence, body.frame())).await;
            let Some(frame) = next.map_err(|_| slow())?.map_err(|_| slow())? else { break };
            let frame = frame.map_err(|error| broken(format!("the answer breaks off: {}", causes(&error))))?;
            if let Some(part) = frame.data_ref() {
                got = got.saturating_add(part.len() as u64);
                if got > max {
                    return Err(too_long());
                }
                take(part)?;
            }
        }
        Ok(())
    }
}

/// Authorities that browsers trust, or those of one file alone. All that comes is checked by signatures and hashes, so
/// encryption is for servers that want it.
fn connector(ca: Option<&Path>) -> Result<HttpsConnector<HttpConnector>> {
    let provider = Arc::new(default_provider());
    let builder = match ca {
        None => HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider)?,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let unusable = || format!("{} is not usable for --ca: it must hold certificates, PEM", path.display());
            for certificate in CertificateDer::pem_file_iter(path).with_context(unusable)? {
                roots.add(certificate.with_context(unusable)?).with_context(unusable)?;
            }
            ensure!(!roots.is_empty(), unusable());
            let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            HttpsConnectorBuilder::new().with_tls_config(tls.with_root_certificates(roots).with_no_client_auth())
        }
    };
    Ok(builder.https_or_http().enable_http1().build())
}

fn header(headers: &HeaderMap, name: hyper::header::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn check_head(path: &str, answer: &Response<Incoming>) -> Result<(), FetchError> {
    let path = || path.to_owned();
    match answer.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::Missing(path())),
        status if status.is_redirection() => {
            let to = shown(header(answer.headers(), LOCATION).unwrap_or_default());
            return Err(FetchError::Redirect { path: path(), to });
        }
        status => return Err(FetchError::Status { path: path(), status }),
    }
    match answer.headers().get(CONTENT_ENCODING).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()) {
        Some(encoding) if encoding != "identity" => {
            Err(FetchError::Encoded { path: path(), encoding: shown(&encoding) })
        }
        _ => Ok(()),
    }
}

/// An error with its causes, each said once.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    shown(&text)
}
