//! A client of the relay between a voting page and a second device (`CHECK-3`).

use crate::client::explain;
use anyhow::{Context, Result};
use selge_core::check::Mailbox;
use selge_proto::v1::relay_client::RelayClient as Grpc;
use selge_proto::v1::{AcceptRequest, LeaveRequest, OfferRequest, TakeRequest};
use std::time::Duration;
use tonic::transport::Channel;
use tonic::Code;

/// The relay of a board, over the board's connection.
#[derive(Clone, Debug)]
pub struct RelayClient {
    grpc: Grpc<Channel>,
    url: String,
}

impl RelayClient {
    pub(crate) fn new(channel: Channel, url: String) -> Self {
        RelayClient { grpc: Grpc::new(channel), url }
    }

    /// Leaves a device's offer. Gives how long its mailbox lives.
    ///
    /// # Errors
    /// With the relay's own sentence if it refuses.
    pub async fn offer(&mut self, offer: Vec<u8>) -> Result<Duration> {
        let answer = self.grpc.offer(OfferRequest { offer }).await.map_err(|s| explain(&self.url, &s))?;
        Ok(Duration::from_secs(answer.into_inner().seconds.into()))
    }

    /// The offer in a mailbox, and how many messages came for it; `None` if there is none.
    ///
    /// # Errors
    /// If the relay does not answer.
    pub async fn accept(&mut self, mailbox: &Mailbox) -> Result<Option<(Vec<u8>, u8)>> {
        match self.grpc.accept(AcceptRequest { mailbox: mailbox.0.to_vec() }).await {
            Ok(answer) => {
                let answer = answer.into_inner();
                let messages = u8::try_from(answer.messages).context("the relay's answer makes no sense")?;
                Ok(Some((answer.offer, messages)))
            }
            Err(status) if status.code() == Code::NotFound => Ok(None),
            Err(status) => Err(explain(&self.url, &status)),
        }
    }

    /// Leaves a message at a place. Doing it again with the same message is the same.
    ///
    /// # Errors
    /// With the relay's own sentence if it refuses.
    pub async fn leave(&mut self, mailbox: &Mailbox, place: u8, message: Vec<u8>) -> Result<()> {
        let request = LeaveRequest { mailbox: mailbox.0.to_vec(), place: place.into(), message };
        self.grpc.leave(request).await.map_err(|s| explain(&self.url, &s))?;
        Ok(())
    }

    /// Waits a while for the message at a place; `None` if nothing has come, and asking again makes sense.
    ///
    /// # Errors
    /// With the relay's own sentence: the mailbox may have been forgotten.
    pub async fn take(&mut self, mailbox: &Mailbox, place: u8) -> Result<Option<Vec<u8>>> {
        let request = TakeRequest { mailbox: mailbox.0.to_vec(), place: place.into() };
        let answer = self.grpc.take(request).await.map_err(|s| explain(&self.url, &s))?;
        Ok(Some(answer.into_inner().message).filter(|message| !message.is_empty()))
    }
}
