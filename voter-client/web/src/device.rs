//! Messages of the voting page to a second device (`CHECK-2`, `CHECK-4`), through the relay.

use crate::problem::Problem;
use crate::session::PageBoard;
use crate::wire::{self, WireError};
use selge_core::check::{CheckError, Code, Mailbox, Message, Offer};
use selge_core::ids::ElectionId;
use selge_proto::v1::{AcceptRequest, AcceptResponse, LeaveRequest, LeaveResponse};

/// What a check that does not hold is called; its sentence says which step it was.
pub(crate) fn failed(error: CheckError) -> Problem {
    let name = match error {
        CheckError::Offer | CheckError::Code => "check-code",
        CheckError::Unreadable | CheckError::Order => "check-broken",
        CheckError::Opening(_) => "check-opening",
        CheckError::OpenedBallot => "check-opened",
        _ => "check-false",
    };
    Problem::new(name, error)
}

/// What an answer of the relay means.
pub(crate) fn of_relay(error: WireError) -> Problem {
    match error {
        WireError::Status { code: wire::code::NOT_FOUND, message, .. } => Problem::new("check-gone", message),
        other => Problem::of(&other.into(), "check-broken"),
    }
}

/// A sealed message and where it belongs: the same bytes can be left again when nobody knows whether they arrived.
#[derive(Clone)]
pub(crate) struct Letter {
    pub(crate) mailbox: Mailbox,
    place: u8,
    sealed: Vec<u8>,
}

impl Letter {
    /// Leaves it at the relay, which keeps one message at each place.
    pub(crate) async fn leave(&self, board: &mut PageBoard) -> Result<(), Problem> {
        let request =
            LeaveRequest { mailbox: self.mailbox.0.to_vec(), place: self.place.into(), message: self.sealed.clone() };
        let _: LeaveResponse = board.relay("Leave", &request, None).await.map_err(of_relay)?;
        Ok(())
    }
}

/// A second device that waits under a code.
pub(crate) struct Device {
    election: ElectionId,
    pub(crate) code: Code,
    pub(crate) mailbox: Mailbox,
    pub(crate) offer: Offer,
    place: u8,
}

impl Device {
    /// Finds the device and checks that its key is its own and belongs to the code (`CHECK-1`, `CHECK-2`).
    pub(crate) async fn find(board: &mut PageBoard, code: &str, election: ElectionId) -> Result<Self, Problem> {
        let code = Code::parse(code).map_err(|error| Problem::new("check-code", error))?;
        let mailbox = code.mailbox(&election);
        let request = AcceptRequest { mailbox: mailbox.0.to_vec() };
        let answer: AcceptResponse = board.relay("Accept", &request, None).await.map_err(of_relay)?;
        let offer = code.accept(&answer.offer, &election).map_err(failed)?;
        let place = u8::try_from(answer.messages).unwrap_or(u8::MAX);
        Ok(Device { election, code, mailbox, offer, place })
    }

    /// Seals the next message.
    pub(crate) fn seal(&mut self, message: &Message) -> Result<Letter, Problem> {
        let sealed = message.seal(&self.election, &self.offer, self.place).map_err(|error| match error {
            // Another code has an empty mailbox.
            CheckError::Order => Problem::new("check-full", "this code's mailbox has no room for this message"),
            other => failed(other),
        })?;
        let letter = Letter { mailbox: self.mailbox, place: self.place, sealed };
        self.place = self.place.saturating_add(1);
        Ok(letter)
    }

    /// Sends the next message.
    pub(crate) async fn tell(&mut self, board: &mut PageBoard, message: &Message) -> Result<(), Problem> {
        self.seal(message)?.leave(board).await
    }
}
