//! What the page and the session say to each other, as JSON.

use crate::problem::Problem;
use selge_core::ids::Digest;
use selge_core::rules::Choice;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What the page asks for, or tells.
#[derive(Deserialize)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
pub enum Message {
    /// Read the board's status and show its election. Answer: [`crate::view::ElectionView`].
    Election {
        /// The election id that the voter was told, in hexadecimal; another one is refused.
        expected: Option<String>,
    },
    /// Check the key ceremony, the joint key and the opening. Answer: `{}`.
    Trust,
    /// Take the voter's credential and look the voter up. Answer: [`crate::view::VoterView`].
    Credential {
        /// A text that holds a code.
        code: Zeroizing<String>,
    },
    /// Encrypt and sign the choices of the voter's ballot style. Answer: [`crate::view::BallotView`].
    Prepare {
        /// One choice for each contest.
        choices: Vec<Choice>,
    },
    /// Hand in a ballot, once. Answer: [`crate::view::CastView`].
    Cast {
        /// The signed ballot, base64.
        ballot: String,
    },
    /// Encrypt the choices, and tell a second device by its code which ballot that is, before it is cast. Answer:
    /// `{"shown": …}`, its digest.
    Show {
        /// The code as the voter typed it.
        code: String,
        /// As in `prepare`, which casts the same ballot if the choices are the same.
        choices: Vec<Choice>,
    },
    /// Open the ballot that the device with this code was shown last: it can never be cast. Answer: `{}`.
    Open {
        /// The same code.
        code: String,
    },
    /// Prove to a second device, by its code, what the ballot holds that was cast here last. Answer: `{}`.
    Vouch {
        /// The code as the voter typed it.
        code: String,
    },
    /// Be the second device: questions to the relay tell `{"code": …, "seconds": …, "shown": …, "opened":`
    /// [`crate::view::HeldView`]`, "digest": …}` while it waits. Answer: [`crate::view::HeardView`].
    Listen {
        /// Digests of the ballots that this device has seen opened before.
        opened: Vec<Digest>,
    },
    /// Make up a check that shows other choices, as whoever holds this device can. Answer: [`crate::view::HeldView`].
    Practise {
        /// One choice for each contest.
        choices: Vec<Choice>,
    },
    /// Forget the code, its key, and what was heard: its time is over. Answer: `{}`.
    Unlisten,
    /// What the board said to the question that was asked last.
    Heard(Heard),
    /// Forget the credential and everything that was made with it. Answer: `{}`.
    Forget,
}

/// What came back from the board, or that nothing did.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Heard {
    /// Why no answer came, if none did; the rest is empty then.
    pub lost: Option<String>,
    /// The HTTP status.
    pub http: u16,
    /// The header `grpc-status`, if there is one.
    pub status: Option<String>,
    /// The header `grpc-message`.
    pub message: Option<String>,
    /// The header `grpc-status-details-bin`.
    pub details: Option<String>,
    /// The body, base64.
    pub body: String,
}

/// What the session answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Ask the board this and come back with [`Message::Heard`].
    Ask(Ask),
    /// It is done.
    Done(serde_json::Value),
    /// It cannot be done.
    Problem(Problem),
}

/// A question to the board.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ask {
    /// `Board` or `Relay`, of `selge.v1`.
    pub service: &'static str,
    /// The service's method.
    pub method: &'static str,
    /// The gRPC-Web body, base64.
    pub body: String,
    /// What the page can show while it waits for the answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tell: Option<serde_json::Value>,
}
