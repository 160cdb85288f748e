//! The running server: sequencer, service, sockets, and their orderly end.

use crate::admission::{Admission, QUEUE};
use crate::config::{Config, TlsConfig};
use crate::door::DoorLayer;
use crate::listener::listen;
use crate::machine::Machine;
use crate::operations::Operations;
use crate::page::{Page, PageLayer};
use crate::peers::Peers;
use crate::relay::Relay;
use crate::sequencer::Message;
use crate::service::BoardService;
use crate::store;
use crate::upload::Uploads;
use crate::{web, witnesses};
use anyhow::{Context, Result};
use selge_core::sign::SigningKey;
use selge_node::http::HttpServer;
use selge_proto::v1::board_server::BoardServer;
use selge_proto::v1::relay_server::RelayServer;
use selge_proto::MAX_MESSAGE;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use tonic::transport::{Identity, Server, ServerTlsConfig};
use tonic_web::GrpcWebLayer;
use tower::ServiceBuilder;

/// Streams of one connection.
const MAX_STREAMS: u32 = 256;

/// Most bytes of a request's headers.
const MAX_HEADERS: u32 = 16 << 10;

/// Longest TLS handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a shutdown waits for clients who are in the middle of something.
const GRACE: Duration = Duration::from_secs(20);

/// A server that answers.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), tonic::transport::Error>>,
    queue: mpsc::Sender<Message>,
    sequencer: std::thread::JoinHandle<()>,
    web: Option<HttpServer>,
    operations: Operations,
    admission: Admission,
    relay: Arc<Relay>,
    witnesses: JoinSet<()>,
}

fn tls(config: &TlsConfig) -> Result<ServerTlsConfig> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).with_context(|| format!("cannot read the [tls] file {}", path.display()))
    };
    let identity = Identity::from_pem(read(&config.certificate)?, read(&config.private_key)?);
    Ok(ServerTlsConfig::new().identity(identity).timeout(HANDSHAKE))
}

/// Opens the store, listens and serves.
///
/// # Errors
/// If the store, the address or the certificate is not usable.
pub async fn start(config: &Config, key: SigningKey) -> Result<Running> {
    start_on(Machine::real(), config, key).await
}

/// As [`start`], on a machine.
///
/// # Errors
/// As [`start`].
pub async fn start_on(machine: Machine, config: &Config, key: SigningKey) -> Result<Running> {
    let mut server = Server::builder()
        .max_concurrent_streams(MAX_STREAMS)
        .http2_max_header_list_size(MAX_HEADERS)
        .concurrency_limit_per_connection(MAX_STREAMS as usize)
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)));
    if let Some(files) = &config.tls {
        server = server.tls_config(tls(files)?).context("the [tls] certificate and key are not usable")?;
    }
    let page = match &config.page {
        Some(page) => Some(Arc::new(Page::read(&page.folder, config.tls.is_some())?)),
        None => None,
    };
    // Browsers speak HTTP/1.1 too, where there is no TLS; without a page nobody needs it.
    server = server.accept_http1(page.is_some());
    let store_config = config.clone();
    let (board, sequencer) =
        tokio::task::spawn_blocking(move || store::open_on(&machine, &store_config, key)).await??;
    let (peers, metrics) = (Peers::new(config.limits.clone()), Arc::clone(&board.metrics));
    let (address, connections) = listen(config.listen, config.limits.connections, peers, Arc::clone(&metrics))
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let web = match &config.http {
        Some(http) => {
            let web = web::start(Arc::clone(&board), http.listen).await;
            Some(web.with_context(|| format!("cannot listen on {}, the [http] address", http.listen))?)
        }
        None => None,
    };
    let witnesses = witnesses::start(&board, &config.store, &config.asked(&board.manifest)?)?;
    let (sender, queue) = mpsc::channel(QUEUE);
    let admission = Admission::new(board, sender.clone(), &config.limits)?;
    let uploads = Uploads::new(admission.clone());
    let operations = Operations::start(admission.clone(), config).await?;
    let relay = Arc::new(Relay::new(Arc::clone(admission.board())));
    let service = BoardServer::new(BoardService::new(admission.clone(), uploads))
        .max_decoding_message_size(MAX_MESSAGE)
        .max_encoding_message_size(MAX_MESSAGE);
    let sequencer = std::thread::Builder::new().name("sequencer".into()).spawn(move || {
        let run = std::panic::AssertUnwindSafe(|| sequencer.run(queue));
        if std::panic::catch_unwind(run).is_err() {
            crate::journal::abort("the sequencer has failed");
        }
    })?;
    let (stop, stopped) = oneshot::channel::<()>();
    let browsers = ServiceBuilder::new().layer(PageLayer(page.clone())).option_layer(page.map(|_| GrpcWebLayer::new()));
    let router = server
        .layer(DoorLayer::new(&config.limits, metrics))
        .layer(browsers)
        .add_service(operations.health())
        .add_service(service)
        .add_service(RelayServer::from_arc(Arc::clone(&relay)));
    let serving = tokio::spawn(router.serve_with_incoming_shutdown(connections, async {
        // Dropping the sender means the same as sending.
        let _ = stopped.await;
    }));
    Ok(Running { address, stop, serving, queue: sender, sequencer, web, operations, admission, relay, witnesses })
}

impl Running {
    /// The address with its real port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address on which the record is served over HTTP, if it is.
    pub fn record_address(&self) -> Option<SocketAddr> {
        self.web.as_ref().map(HttpServer::address)
    }

    /// The address on which the operator reads metrics and health, if it is set.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.operations.address()
    }

    /// Takes nothing new, answers what is in hand, and ends; the store can then be opened again.
    ///
    /// # Errors
    /// If the server has failed before.
    pub async fn stop(self) -> Result<()> {
        self.stop_within(GRACE).await
    }

    /// As [`Running::stop`]; clients who are still in the middle of something after `grace` are cut off.
    ///
    /// # Errors
    /// As [`Running::stop`].
    pub async fn stop_within(self, grace: Duration) -> Result<()> {
        let Running { stop, mut serving, queue, sequencer, web, operations, admission, relay, witnesses, .. } = self;
        operations.stopping().await;
        let _ = stop.send(());
        relay.stop();
        drop(witnesses);
        if let Some(web) = web {
            web.stop().await;
        }
        let served = match tokio::time::timeout(grace, &mut serving).await {
            Ok(served) => served,
            Err(_) => {
                tracing::warn!(target: "selge", "some clients have not finished and are cut off");
                serving.abort();
                serving.await
            }
        };
        admission.stop().await;
        // Connections that were cut off may still hold the queue open, so it is not enough that the service is gone.
        let _ = queue.send(Message::Stop).await;
        tokio::task::spawn_blocking(move || sequencer.join())
            .await?
            .map_err(|_| anyhow::anyhow!("the sequencer has failed"))?;
        operations.stop().await;
        match served {
            Ok(result) => result.context("the server has failed"),
            Err(error) if error.is_cancelled() => Ok(()),
            Err(error) => Err(error).context("the server has failed"),
        }
    }

    /// Waits until the server ends by itself, which it does only if it fails.
    ///
    /// # Errors
    /// Always.
    pub async fn failed(&mut self) -> Result<()> {
        (&mut self.serving).await?.context("the server has failed")?;
        anyhow::bail!("the server has ended")
    }
}
