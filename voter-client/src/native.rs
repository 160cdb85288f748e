//! The board over gRPC, with a bound on every wait.

use crate::board::{Board, Refusal, Standing, Status};
use anyhow::Result;
use selge_core::entry::SignedEntry;
use selge_core::ids::{LeafHash, VoterId};
use selge_core::receipt::Receipt;
use selge_node::client::{BoardClient, BoardError, VoterInfo};
use std::future::Future;
use std::time::Duration;
use tokio::time::timeout;
use tonic::Code;

/// How long one question to the board may take.
const ANSWER: Duration = Duration::from_secs(60);

/// Bounds the wait for one answer of the board.
pub(crate) async fn answered<T>(question: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(ANSWER, question).await {
        Ok(answer) => answer,
        Err(_) => Err(anyhow::anyhow!("the board did not answer within {} s: try again later", ANSWER.as_secs())),
    }
}

/// Whether sending the same bytes again may help.
fn passing(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::Unknown
            | Code::DeadlineExceeded
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::Cancelled
            | Code::Internal
    )
}

impl From<VoterInfo> for Standing {
    fn from(info: VoterInfo) -> Self {
        Standing { newest: info.newest, cancelled: info.cancelled, style: info.style }
    }
}

impl Board for BoardClient {
    async fn status(&mut self) -> Result<Status> {
        let status = answered(BoardClient::status(self)).await?;
        Ok(Status { manifest: status.manifest, checkpoint: status.checkpoint, phase: status.phase })
    }

    async fn entries(&mut self, from: u64, to: u64) -> Result<Vec<Vec<u8>>> {
        answered(BoardClient::entries(self, from, to)).await
    }

    async fn receipt(&mut self, leaf: &LeafHash) -> Result<Option<Receipt>> {
        answered(BoardClient::receipt(self, leaf)).await
    }

    async fn standing(&mut self, voter: &VoterId) -> Result<Standing> {
        answered(self.voter(voter)).await.map(Standing::from)
    }

    async fn submit(&mut self, entry: &SignedEntry) -> Result<Receipt> {
        answered(BoardClient::submit(self, entry)).await
    }

    fn refusal(error: &anyhow::Error) -> Option<Refusal> {
        let error = error.downcast_ref::<BoardError>()?;
        Some(Refusal { passing: passing(error.code), retry_after: error.retry_after })
    }
}
