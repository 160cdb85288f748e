//! One witness over HTTP: <https://c2sp.org/tlog-witness> with bounds, timeouts and a sentence for every failure.

use crate::config::Asked;
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
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Duration;
use tokio::time::timeout;

/// Longest wait for an answer.
pub(super) const ANSWER: Duration = Duration::from_secs(10);

type Web = Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

/// A witness that can be asked.
pub(super) struct Witness {
    pub(super) key: WitnessKey,
    uri: Uri,
    newest: Uri,
    web: Web,
}

/// What a witness says to `add-checkpoint`.
pub(super) enum Said {
    Cosigned(Cosignature),
    /// It starts from another size, or knows another tree of this one.
    Size(u64),
    /// The proof does not lead from what it has cosigned to this checkpoint.
    Inconsistent,
}

/// A client that trusts the authorities that browsers trust, or those of one file alone. What a witness says is signed,
/// so encryption is for witnesses that want it.
fn client(ca: Option<&Path>) -> Result<Web> {
    let provider = std::sync::Arc::new(default_provider());
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

impl Witness {
    /// The witness of a config, for the log of this origin.
    pub(super) fn new(asked: &Asked, origin: &str) -> Result<Self> {
        let web = client(asked.ca.as_deref()).with_context(|| format!("the witness {}", asked.key.name))?;
        let id = hex::encode(Sha256::digest(origin.as_bytes()));
        let newest = format!("{}/checkpoint/{id}", asked.url).parse()?;
        Ok(Witness { key: asked.key.clone(), uri: format!("{}/add-checkpoint", asked.url).parse()?, newest, web })
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> Result<(StatusCode, String)> {
        let exchange = async {
            let response = self.web.request(request).await.context("it cannot be reached")?;
            let status = response.status();
            let body = Limited::new(response.into_body(), MAX_NOTE).collect().await;
            let body = body.map_err(|error| anyhow::anyhow!("its answer cannot be read: {error}"))?;
            Ok::<_, anyhow::Error>((status, body.to_bytes()))
        };
        let (status, body) = timeout(ANSWER, exchange).await.context("it does not answer in time")??;
        Ok((status, String::from_utf8(body.into()).ok().context("its answer is not text")?))
    }

    /// Asks for a cosignature of `checkpoint`, whose signed note is `note`, as continuing `old` entries.
    pub(super) async fn add_checkpoint(
        &self,
        old: u64,
        proof: Vec<selge_core::tree::Hash>,
        note: &str,
        checkpoint: &Checkpoint,
    ) -> Result<Said> {
        let body = AddCheckpoint { old, proof, note: note.to_owned() }.text();
        let request = Request::post(self.uri.clone()).body(Full::from(body))?;
        let (status, text) = self.exchange(request).await?;
        match status {
            StatusCode::OK => {
                let found = self.key.find(&text, checkpoint).context("its answer does not hold")?;
                Ok(Said::Cosigned(found))
            }
            StatusCode::CONFLICT => {
                let size = text.strip_suffix('\n').and_then(|size| size.parse().ok());
                Ok(Said::Size(size.context("it refuses the size and does not say which it knows")?))
            }
            StatusCode::UNPROCESSABLE_ENTITY => Ok(Said::Inconsistent),
            // Its words may be anything: one line of them, without control characters, is enough.
            status => bail!("it answers {status}: {:?}", text.lines().next().unwrap_or_default()),
        }
    }

    /// The newest checkpoint of the log that it has cosigned, as the log signed it, if it shows that: the witness of
    /// this project does, under `checkpoint/` and the SHA-256 of the origin; the specification has no such request.
    pub(super) async fn newest(&self) -> Result<Option<String>> {
        let request = Request::get(self.newest.clone()).body(Full::default())?;
        let (status, text) = self.exchange(request).await?;
        Ok((status == StatusCode::OK).then_some(text))
    }
}
