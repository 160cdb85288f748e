//! A client of the board: canonical bytes in and out, bounded, with errors that say what to do.

use crate::relay::RelayClient;
use anyhow::{bail, ensure, Context, Result};
use selge_core::codec::Encode;
use selge_core::entry::SignedEntry;
use selge_core::ids::{Digest, LeafHash, StyleIndex, VoterId};
use selge_core::receipt::Receipt;
use selge_proto::v1::board_client::BoardClient as Grpc;
use selge_proto::v1::post_request::Part;
use selge_proto::v1::{
    EntriesRequest, FileRequest, PostRequest, ReceiptRequest, StatusRequest, StatusResponse, SubmitRequest,
    VoterRequest,
};
use selge_proto::{MAX_CHUNK, MAX_MESSAGE};
use std::path::PathBuf;
use std::time::Duration;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::Code;
use tonic_types::StatusExt;

/// Where the board is and how to reach it.
#[derive(Clone, Debug, clap::Args)]
pub struct BoardArgs {
    /// Address of the collector, such as `https://board.example.org:4433`.
    #[arg(long, value_name = "URL", env = "SELGE_BOARD")]
    pub board: String,
    /// Certificate (PEM) that the collector's must lead to; the system's trust store is not used.
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// Allow an unencrypted `http://` address on this machine, for demonstrations.
    #[arg(long)]
    pub insecure_loopback: bool,
}

/// What the board says of a voter; unauthenticated, so only a hint.
#[derive(Clone, Debug)]
pub struct VoterInfo {
    /// The newest ballot, or [`LeafHash::NONE`].
    pub newest: LeafHash,
    /// Its place on the board.
    pub newest_index: u64,
    /// Why the ballots are cancelled, if they are.
    pub cancelled: Option<String>,
    /// The ballot style on the roll; `None` if the voter is not on it.
    pub style: Option<StyleIndex>,
}

/// A connection to a board.
#[derive(Clone, Debug)]
pub struct BoardClient {
    grpc: Grpc<Channel>,
    channel: Channel,
    url: String,
}

/// Why a board did not do what it was asked: the root cause of the errors here, for those who act on the code.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{sentence}")]
pub struct BoardError {
    /// The status code: what may help (waiting, asking anew) depends on it.
    pub code: Code,
    /// How long the board asks to wait before the same is tried again (`google.rpc.RetryInfo`).
    pub retry_after: Option<Duration>,
    sentence: String,
}

impl BoardError {
    /// Whether it only says that the board did not answer, or not now, so that asking again makes sense.
    pub fn is_transient(&self) -> bool {
        matches!(
            self.code,
            Code::Unavailable | Code::Unknown | Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled
        )
    }
}

/// Whether the root cause of an error is a [`BoardError`] after which asking again makes sense.
pub fn is_transient(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| cause.downcast_ref::<BoardError>().is_some_and(BoardError::is_transient))
}

/// The sentence of a gRPC error, with the address for errors of the connection.
pub(crate) fn explain(url: &str, status: &tonic::Status) -> anyhow::Error {
    // A status with a source was made on this side, from an error of the connection; the board's own have none.
    let broken = std::error::Error::source(status).is_some();
    let code = if broken && status.code() == Code::Internal { Code::Unavailable } else { status.code() };
    let sentence = match code {
        Code::Unavailable | Code::Unknown | Code::DeadlineExceeded | Code::Cancelled => format!(
            "the board at {url} did not answer ({}): is the collector running, and is the address right?",
            status.message()
        ),
        Code::ResourceExhausted => format!("the board is busy: {}", status.message()),
        _ => format!("the board refused: {}", status.message()),
    };
    let retry_after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    BoardError { code, retry_after, sentence }.into()
}

impl BoardArgs {
    /// Connects.
    ///
    /// # Errors
    /// If the address is not allowed or nobody answers there.
    pub async fn connect(&self) -> Result<BoardClient> {
        let url = self.board.trim_end_matches('/').to_owned();
        let mut endpoint = Endpoint::from_shared(url.clone())
            .with_context(|| format!("{url:?} is not an address"))?
            .connect_timeout(Duration::from_secs(10))
            // Without pings a board that vanished silently would be waited for without end.
            .http2_keep_alive_interval(Duration::from_secs(20))
            .keep_alive_timeout(Duration::from_secs(20))
            .keep_alive_while_idle(true);
        let uri = endpoint.uri().clone();
        match uri.scheme_str() {
            Some("https") => {
                let mut tls = ClientTlsConfig::new();
                let Some(ca) = &self.ca else {
                    bail!("an https address needs --ca with the certificate that the collector's must lead to");
                };
                let pem = std::fs::read(ca).with_context(|| format!("cannot read the certificate {}", ca.display()))?;
                tls = tls.ca_certificate(Certificate::from_pem(pem));
                endpoint = endpoint.tls_config(tls).context("the certificate is not usable")?;
            }
            Some("http") => {
                let loopback = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
                ensure!(
                    self.insecure_loopback && loopback,
                    "{url} is not encrypted: use https, or --insecure-loopback for an address on this machine"
                );
            }
            _ => bail!("{url:?} is not an http or https address"),
        }
        let channel = endpoint
            .connect()
            .await
            .with_context(|| format!("cannot connect to {url}: is the collector running, and is the address right?"))?;
        let grpc =
            Grpc::new(channel.clone()).max_decoding_message_size(MAX_MESSAGE).max_encoding_message_size(MAX_MESSAGE);
        Ok(BoardClient { grpc, channel, url })
    }
}

impl BoardClient {
    /// The relay that the collector runs beside the board, over the same connection.
    pub fn relay(&self) -> RelayClient {
        RelayClient::new(self.channel.clone(), self.url.clone())
    }

    /// Where the board stands.
    ///
    /// # Errors
    /// If the board does not answer.
    pub async fn status(&mut self) -> Result<StatusResponse> {
        let answer = self.grpc.status(StatusRequest {}).await.map_err(|s| explain(&self.url, &s))?;
        Ok(answer.into_inner())
    }

    /// Hands in an entry that names no files. The same entry again gets the same receipt.
    ///
    /// # Errors
    /// With the board's own sentence if it refuses.
    pub async fn submit(&mut self, entry: &SignedEntry) -> Result<Receipt> {
        let request = SubmitRequest { entry: entry.to_bytes() };
        let answer = self.grpc.submit(request).await.map_err(|s| explain(&self.url, &s))?;
        Ok(Receipt::parse(&answer.into_inner().receipt)?)
    }

    /// Hands in an entry with its files, in the order in which it names them.
    ///
    /// # Errors
    /// As [`BoardClient::submit`].
    pub async fn post(&mut self, entry: &SignedEntry, files: Vec<Vec<u8>>) -> Result<Receipt> {
        let first = PostRequest { part: Some(Part::Entry(entry.to_bytes())) };
        let parts = std::iter::once(first).chain(files.into_iter().flat_map(|file| {
            let start = PostRequest { part: Some(Part::FileLength(file.len() as u64)) };
            let chunks = file.len().div_ceil(MAX_CHUNK);
            let part = move |i: usize| {
                let chunk = &file[i * MAX_CHUNK..((i + 1) * MAX_CHUNK).min(file.len())];
                PostRequest { part: Some(Part::Chunk(chunk.to_vec())) }
            };
            std::iter::once(start).chain((0..chunks).map(part))
        }));
        let answer = self.grpc.post(tokio_stream::iter(parts)).await.map_err(|s| explain(&self.url, &s))?;
        Ok(Receipt::parse(&answer.into_inner().receipt)?)
    }

    /// The bytes of the entries `from … to − 1`.
    ///
    /// # Errors
    /// If the board gives another number of entries.
    pub async fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
        let request = EntriesRequest { from, to };
        let mut stream = self.grpc.entries(request).await.map_err(|s| explain(&self.url, &s))?.into_inner();
        let mut entries = Vec::new();
        while let Some(batch) = stream.message().await.map_err(|s| explain(&self.url, &s))? {
            entries.extend(batch.entries);
            ensure!(entries.len() as u64 <= to - from, "the board at {} sent more entries than asked for", self.url);
        }
        ensure!(entries.len() as u64 == to - from, "the board at {} sent fewer entries than it has", self.url);
        Ok(entries)
    }

    /// A file, whose digest is checked.
    ///
    /// # Errors
    /// If the board does not have it, it is longer than `max`, or it is another file.
    pub async fn file(&mut self, digest: &Digest, max: u64) -> Result<Vec<u8>> {
        let request = FileRequest { digest: digest.0.to_vec() };
        let mut stream = self.grpc.file(request).await.map_err(|s| explain(&self.url, &s))?.into_inner();
        let mut bytes = Vec::new();
        while let Some(part) = stream.message().await.map_err(|s| explain(&self.url, &s))? {
            ensure!(part.length <= max, "the board's file {digest} has {} bytes, at most {max} fit here", part.length);
            bytes.extend_from_slice(&part.chunk);
            ensure!(bytes.len() as u64 <= part.length, "the board's file {digest} is longer than announced");
        }
        ensure!(Digest::of(&bytes) == *digest, "the board at {} sent another file than {digest}", self.url);
        Ok(bytes)
    }

    /// A receipt for an entry in the newest checkpoint; `None` if the board does not have the entry.
    ///
    /// # Errors
    /// If the board does not answer.
    pub async fn receipt(&mut self, leaf: &LeafHash) -> Result<Option<Receipt>> {
        self.receipt_in(leaf, false).await
    }

    /// A receipt for an entry in the newest witnessed checkpoint (`REC-3`); `None` if that does not cover the entry.
    ///
    /// # Errors
    /// If the board does not answer.
    pub async fn witnessed_receipt(&mut self, leaf: &LeafHash) -> Result<Option<Receipt>> {
        self.receipt_in(leaf, true).await
    }

    async fn receipt_in(&mut self, leaf: &LeafHash, witnessed: bool) -> Result<Option<Receipt>> {
        match self.grpc.receipt(ReceiptRequest { leaf_hash: leaf.0.to_vec(), witnessed }).await {
            Ok(answer) => Ok(Some(Receipt::parse(&answer.into_inner().receipt)?)),
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(explain(&self.url, &status)),
        }
    }

    /// What the board says of a voter.
    ///
    /// # Errors
    /// If the board does not answer.
    pub async fn voter(&mut self, voter: &VoterId) -> Result<VoterInfo> {
        let request = VoterRequest { voter: voter.0.to_vec() };
        let answer = self.grpc.voter(request).await.map_err(|s| explain(&self.url, &s))?.into_inner();
        let newest = match answer.newest.as_slice() {
            [] => LeafHash::NONE,
            bytes => LeafHash(bytes.try_into().map_err(|_| anyhow::anyhow!("the board sent a malformed leaf hash"))?),
        };
        let cancelled = answer.cancelled.then_some(answer.cancelled_reason);
        let style = u16::try_from(answer.style).ok().filter(|_| answer.on_roll).map(StyleIndex);
        Ok(VoterInfo { newest, newest_index: answer.newest_index, cancelled, style })
    }
}
