//! Asks witnesses to cosign every signed checkpoint (`LOG-7`), beside the way of an entry: nobody waits for a witness.
//!
//! Each witness has one task and at most one request under way, always for the newest checkpoint. What it answers is
//! appended to that checkpoint if it is still the newest one by then, and dropped otherwise: the next request is for a
//! newer one.

use crate::board::{read, Board};
use crate::config::WitnessConfig;
use anyhow::{bail, ensure, Context, Result};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::{Request, StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use selge_core::cosignature::{AddCheckpoint, Cosignature, WitnessKey};
use selge_core::note::{Checkpoint, MAX_NOTE};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

/// Longest wait for an answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Shortest time between two requests to one witness.
const PAUSE: Duration = Duration::from_millis(500);

/// Longest time until a witness that fails is asked again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

type Web = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

struct Asker {
    board: Arc<Board>,
    store: PathBuf,
    witness: WitnessKey,
    uri: Uri,
    web: Web,
    /// Size of the last checkpoint that the witness cosigned, as far as is known.
    known: u64,
}

/// What a witness says.
enum Said {
    Cosigned(Cosignature),
    /// It starts from another size.
    Size(u64),
}

/// Asks the witnesses until the set is dropped.
///
/// # Errors
/// If a witness's address or key is not usable.
pub fn start(board: &Arc<Board>, store: &Path, witnesses: &[WitnessConfig]) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    for config in witnesses {
        let (uri, witness) = config.parse()?;
        let web = client(config.ca.as_deref()).with_context(|| format!("the witness {}", config.url))?;
        let (board, store) = (Arc::clone(board), store.to_owned());
        tasks.spawn(Asker { board, store, witness, uri, web, known: 0 }.run());
    }
    Ok(tasks)
}

/// A client that trusts the authorities that browsers trust, or those of one file alone. What a witness says is signed,
/// so encryption is for witnesses that want it.
fn client(ca: Option<&Path>) -> Result<Web> {
    let provider = Arc::new(default_provider());
    let connector = match ca {
        None => HttpsConnectorBuilder::new().with_provider_and_webpki_roots(provider)?,
        Some(path) => {
            let mut roots = RootCertStore::empty();
            let unusable = || format!("{} is not usable as `ca`: it must hold certificates, PEM", path.display());
            for certificate in CertificateDer::pem_file_iter(path).with_context(unusable)? {
                roots.add(certificate.with_context(unusable)?).with_context(unusable)?;
            }
            ensure!(!roots.is_empty(), unusable());
            let tls = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
            HttpsConnectorBuilder::new().with_tls_config(tls.with_root_certificates(roots).with_no_client_auth())
        }
    };
    Ok(Client::builder(TokioExecutor::new()).build(connector.https_or_http().enable_http1().build()))
}

impl Asker {
    async fn run(mut self) {
        let mut signed = self.board.signed.subscribe();
        let (mut pause, mut failing) = (PAUSE, false);
        loop {
            // Before the head is read: what is signed from now on is asked for next.
            signed.mark_unchanged();
            match self.ask().await {
                Ok(()) => {
                    if failing {
                        tracing::info!(target: "selge", "the witness {} cosigns again", self.witness.name);
                    }
                    (pause, failing) = (PAUSE, false);
                    sleep(pause).await;
                    if signed.changed().await.is_err() {
                        return;
                    }
                }
                Err(error) => {
                    // Once, not for every checkpoint.
                    if !failing {
                        tracing::warn!(
                            target: "selge",
                            "the witness {} does not cosign, ballots are taken in all the same: {error:#}",
                            self.witness.name
                        );
                    }
                    failing = true;
                    sleep(pause).await;
                    pause = (2 * pause).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Has the newest checkpoint cosigned.
    async fn ask(&mut self) -> Result<()> {
        let note = self.board.head().checkpoint.clone();
        let checkpoint = Checkpoint::open(&note, &self.board.manifest.log_key())?;
        // A second time if it starts from another size than was thought.
        for _ in 0..2 {
            match self.request(&note, &checkpoint).await? {
                Said::Cosigned(cosignature) => {
                    self.known = checkpoint.size;
                    let (board, store, witness) = (Arc::clone(&self.board), self.store.clone(), self.witness.clone());
                    let add = move |note: &str| witness.add_to(note, &cosignature);
                    tokio::task::spawn_blocking(move || board.cosigned(&store, checkpoint.size, add)).await?;
                    return Ok(());
                }
                Said::Size(size) => {
                    ensure!(
                        size <= checkpoint.size,
                        "it has cosigned a board of {size} entries, this one has {}: was the store restored from an old \
                         backup?",
                        checkpoint.size
                    );
                    ensure!(
                        size != self.known,
                        "it has cosigned another board of {size} entries, signed with this collector's key: find out who \
                         else holds the key, or where a second store is running"
                    );
                    self.known = size;
                }
            }
        }
        bail!("it names another size each time: somebody else hands it checkpoints of this board")
    }

    async fn request(&self, note: &str, checkpoint: &Checkpoint) -> Result<Said> {
        let (board, old, size) = (Arc::clone(&self.board), self.known, checkpoint.size);
        let proof = tokio::task::spawn_blocking(move || read(&board.tree).consistency_proof(old, size)).await??;
        let body = AddCheckpoint { old, proof, note: note.to_owned() }.text();
        let request = Request::post(self.uri.clone()).body(Full::from(body))?;
        let exchange = async {
            let response = self.web.request(request).await.context("it cannot be reached")?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_NOTE).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("its answer cannot be read: {error}"))?;
            Ok::<_, anyhow::Error>((status, body.to_bytes()))
        };
        let (status, body) = timeout(ANSWER, exchange).await.context("it does not answer in time")??;
        let text = std::str::from_utf8(&body).context("its answer is not text")?;
        match status {
            StatusCode::OK => {
                let found = self.witness.find(text, checkpoint).context("its answer does not hold")?;
                Ok(Said::Cosigned(found))
            }
            StatusCode::CONFLICT => {
                let size = text.strip_suffix('\n').and_then(|size| size.parse().ok());
                Ok(Said::Size(size.context("it refuses the size and does not say which it knows")?))
            }
            // Its words may be anything: one line of them, without control characters, is enough.
            status => bail!("it answers {status}: {:?}", text.lines().next().unwrap_or_default()),
        }
    }
}
