//! The board's gRPC service: bounds, timeouts and status codes around the rest.

use crate::admission::Admission;
use crate::board::Board;
use crate::peers::Peer;
use crate::refusal::{self, internal};
use crate::upload::Uploads;
use selge_core::ids::{Digest, LeafHash, VoterId};
use selge_core::receipt::Receipt;
use selge_proto::v1::board_server::Board as Service;
use selge_proto::v1::{
    EntriesRequest, EntriesResponse, FileRequest, FileResponse, PostRequest, ReceiptRequest, StatusRequest,
    StatusResponse, SubmitRequest, SubmitResponse, VoterRequest, VoterResponse,
};
use selge_proto::MAX_CHUNK;
use std::io::Read;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Most entries of one request.
pub const MAX_ENTRIES: u64 = 16_384;

/// Longest time for an entry without files, from its arrival to its answer.
const SUBMIT_TIME: Duration = Duration::from_secs(60);

/// Longest time that a reader may leave a message in the server's hands.
const READ_TIME: Duration = Duration::from_secs(60);

/// Bytes of an entry's framing in a message.
const FRAMING: usize = 8;

/// The service.
#[derive(Debug)]
pub struct BoardService {
    admission: Admission,
    uploads: Uploads,
}

impl BoardService {
    /// The service of a board.
    pub fn new(admission: Admission, uploads: Uploads) -> Self {
        BoardService { admission, uploads }
    }

    fn board(&self) -> &Arc<Board> {
        self.admission.board()
    }
}

type Chunks<T> = ReceiverStream<Result<T, Status>>;

fn answer(receipt: &Receipt) -> Response<SubmitResponse> {
    Response::new(SubmitResponse { receipt: receipt.text() })
}

/// Sends the pieces that `next` gives until there is none or an error. A piece is read where reading may block, and only
/// once it can be sent: a reader, however slow, holds one piece in memory and no thread, and one who takes nothing for
/// long is given up.
fn stream<T: Send + 'static>(mut next: impl FnMut() -> Result<Option<T>, Status> + Send + 'static) -> Chunks<T> {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Ok(Ok(place)) = timeout(READ_TIME, sender.reserve()).await {
            let work = tokio::task::spawn_blocking(move || {
                let piece = next();
                (next, piece)
            });
            let Ok((again, piece)) = work.await else { return };
            next = again;
            match piece {
                Ok(Some(piece)) => place.send(Ok(piece)),
                Ok(None) => return,
                Err(status) => return place.send(Err(status)),
            }
        }
    });
    ReceiverStream::new(receiver)
}

fn sized<const N: usize>(bytes: &[u8], what: &str) -> Result<[u8; N], Status> {
    let text = || format!("{what} has {} bytes, it must have {N}", bytes.len());
    bytes.try_into().map_err(|_| Status::invalid_argument(text()))
}

/// The next entries of `next … to − 1`, as many as fit into a message.
fn some_entries(board: &Board, next: &mut u64, to: u64) -> Result<Option<EntriesResponse>, Status> {
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while *next < to {
        // Read one at a time, so that the sequencer never waits for a reader.
        let entries = crate::board::read(&board.entries);
        let unreadable = |error| internal("the journal cannot be read", error);
        let len = entries.entry_len(*next).map_err(unreadable)? + FRAMING;
        if !batch.is_empty() && bytes + len > MAX_CHUNK {
            break;
        }
        batch.push(entries.read(*next).map_err(unreadable)?);
        bytes += len;
        *next += 1;
    }
    Ok((!batch.is_empty()).then_some(EntriesResponse { entries: batch }))
}

/// The next bytes of a file of `length` bytes, of which `left` have not been read.
fn some_bytes(file: &mut std::fs::File, length: u64, left: &mut u64) -> Result<FileResponse, Status> {
    let mut chunk = vec![0; usize::try_from(*left).unwrap_or(MAX_CHUNK).min(MAX_CHUNK)];
    file.read_exact(&mut chunk).map_err(|error| internal("a file cannot be read", error))?;
    *left -= chunk.len() as u64;
    Ok(FileResponse { length, chunk })
}

#[tonic::async_trait]
impl Service for BoardService {
    async fn status(&self, _: Request<StatusRequest>) -> Result<Response<StatusResponse>, Status> {
        let head = self.board().head();
        let numbers = head.tally.numbers();
        Ok(Response::new(StatusResponse {
            checkpoint: head.checkpoint.clone(),
            manifest: self.board().manifest_bytes.clone(),
            phase: head.phase.to_string(),
            ballots_cast: numbers.cast,
            ballots_counted: numbers.counted,
            witnessed_checkpoint: self.board().witnessed_checkpoint().map(|w| w.0.clone()).unwrap_or_default(),
        }))
    }

    async fn submit(&self, request: Request<SubmitRequest>) -> Result<Response<SubmitResponse>, Status> {
        let started = Instant::now();
        let peer = request.extensions().get::<Peer>().cloned();
        let submit = async {
            peer.as_ref().map(Peer::entry).transpose()?;
            self.admission.submit(request.into_inner().entry, peer.clone()).await
        };
        let late = |_| Status::deadline_exceeded("no answer in time: hand the same bytes in again for the receipt");
        let receipt = timeout(SUBMIT_TIME, submit).await.map_err(late).and_then(|answer| answer);
        self.board().metrics.answered(started.elapsed(), receipt.as_ref().err().map(refusal::reason));
        receipt.map(|receipt| answer(&receipt))
    }

    async fn post(&self, request: Request<Streaming<PostRequest>>) -> Result<Response<SubmitResponse>, Status> {
        let peer = request.extensions().get::<Peer>().cloned();
        let receipt = match peer.as_ref().map(Peer::entry).transpose() {
            Ok(_) => self.uploads.post(request.into_inner(), peer).await,
            Err(status) => Err(status),
        };
        let count = |status: &Status| self.board().metrics.refused(refusal::reason(status));
        receipt.inspect_err(count).map(|receipt| answer(&receipt))
    }

    type EntriesStream = Chunks<EntriesResponse>;

    async fn entries(&self, request: Request<EntriesRequest>) -> Result<Response<Self::EntriesStream>, Status> {
        let EntriesRequest { from, to } = request.into_inner();
        let size = self.board().head().size;
        if from > to || to > size {
            let text = format!("the board has entries 0 to {size}, {from} to {to} was asked for");
            return Err(Status::invalid_argument(text));
        }
        if to - from > MAX_ENTRIES {
            let text = format!("{} entries were asked for, at most {MAX_ENTRIES} are given at a time", to - from);
            return Err(Status::invalid_argument(text));
        }
        let board = Arc::clone(self.board());
        let mut next = from;
        Ok(Response::new(stream(move || some_entries(&board, &mut next, to))))
    }

    type FileStream = Chunks<FileResponse>;

    async fn file(&self, request: Request<FileRequest>) -> Result<Response<Self::FileStream>, Status> {
        let digest = Digest(sized(&request.into_inner().digest, "a digest")?);
        let path = self.board().files.path(&digest);
        let opened = tokio::task::spawn_blocking(move || {
            let file = std::fs::File::open(path)?;
            let length = file.metadata()?.len();
            Ok::<_, std::io::Error>((file, length))
        });
        match opened.await.map_err(|e| internal("a file cannot be opened", e))? {
            Ok((mut file, length)) => {
                // An empty file is one empty chunk.
                let (mut left, mut begun) = (length, false);
                Ok(Response::new(stream(move || {
                    if begun && left == 0 {
                        return Ok(None);
                    }
                    begun = true;
                    some_bytes(&mut file, length, &mut left).map(Some)
                })))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                Err(Status::not_found(format!("the board has no file {digest}")))
            }
            Err(error) => Err(internal("a file cannot be opened", error)),
        }
    }

    async fn receipt(&self, request: Request<ReceiptRequest>) -> Result<Response<SubmitResponse>, Status> {
        let ReceiptRequest { leaf_hash, witnessed } = request.into_inner();
        let leaf = LeafHash(sized(&leaf_hash, "a leaf hash")?);
        let look = move |board: &Board| {
            let known = crate::admission::known(board, &leaf)?;
            if witnessed {
                board.witnessed_receipt(known.index)
            } else {
                Some(known)
            }
        };
        let found = self.admission.on_a_core(move |board| Ok(look(board))).await?;
        let among = if witnessed { ", as far as it is witnessed" } else { "" };
        let receipt = found.ok_or_else(|| Status::not_found(format!("the board has no entry {leaf}{among}")))?;
        Ok(answer(&receipt))
    }

    async fn voter(&self, request: Request<VoterRequest>) -> Result<Response<VoterResponse>, Status> {
        let voter = VoterId(sized(&request.into_inner().voter, "a voter id")?);
        let (state, place) = self
            .admission
            .on_a_core(move |board| {
                let election = board.election();
                let place = election.roll().and_then(|roll| roll.get(&voter)).copied();
                Ok((election.voter(&voter), place))
            })
            .await?;
        Ok(Response::new(VoterResponse {
            newest: state.newest.map(|(_, leaf)| leaf.0.to_vec()).unwrap_or_default(),
            newest_index: state.newest.map_or(0, |(index, _)| index),
            cancelled: state.cancelled.is_some(),
            cancelled_reason: state.cancelled.map(|reason| reason.to_string()).unwrap_or_default(),
            on_roll: place.is_some(),
            style: place.map_or(0, |place| place.style.0.into()),
        }))
    }
}
