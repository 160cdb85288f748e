//! What a client is told when something is refused: the standard status code and a sentence for people.

use crate::metrics::Reason;
use selge_core::codec::DecodeError;
use selge_core::election::EntryError;
use selge_core::entry::EntryKind;
use std::sync::Arc;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// Bytes that are no entry.
pub fn malformed(error: &DecodeError) -> Status {
    because(Reason::Malformed, Status::invalid_argument(format!("the entry is malformed: {error}")))
}

/// A proof that does not hold, or content that is not what the entry says.
pub fn not_true(error: impl std::fmt::Display) -> Status {
    because(Reason::Proof, Status::invalid_argument(error.to_string()))
}

/// An entry that only says that it is a ballot.
pub fn misplaced() -> Status {
    because(Reason::Malformed, Status::invalid_argument("the entry is not the ballot that it begins as"))
}

/// Not now: the same bytes may be handed in again after `wait`, which travels with the answer as `google.rpc.RetryInfo`.
pub fn busy(reason: Reason, why: &str, wait: Duration) -> Status {
    let wait = wait.clamp(Duration::from_millis(50), Duration::from_secs(60));
    let text = format!("{why}: hand the same bytes in again after {:.1} s", wait.as_secs_f64());
    let details = ErrorDetails::with_retry_info(Some(wait));
    because(reason, Status::with_error_details(Code::ResourceExhausted, text, details))
}

/// How long [`busy`] has asked to wait.
pub fn retry_after(status: &Status) -> Option<Duration> {
    status.get_details_retry_info()?.retry_delay
}

/// Notes on a status why it was given, for the operator's numbers; the client does not see it.
#[derive(Debug)]
struct Because(Reason);

impl std::fmt::Display for Because {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

impl std::error::Error for Because {}

fn because(reason: Reason, mut status: Status) -> Status {
    status.set_source(Arc::new(Because(reason)));
    status
}

/// Why an entry was refused, for the operator's numbers.
pub fn reason(status: &Status) -> Reason {
    let noted = std::error::Error::source(status).and_then(|source| source.downcast_ref::<Because>());
    noted.map_or_else(
        || match status.code() {
            Code::InvalidArgument => Reason::Malformed,
            Code::FailedPrecondition | Code::AlreadyExists => Reason::Place,
            Code::ResourceExhausted => Reason::Busy,
            Code::DeadlineExceeded => Reason::Late,
            Code::Unavailable => Reason::Stopping,
            _ => Reason::Internal,
        },
        |because| because.0,
    )
}

/// An entry that may not come next.
pub fn entry(kind: EntryKind, error: &EntryError) -> Status {
    let text = error.to_string();
    let status = match error {
        EntryError::Phase { .. }
        | EntryError::Cancelled { .. }
        | EntryError::Stale { .. }
        | EntryError::Time { .. } => Status::failed_precondition(text),
        EntryError::Duplicate(_) => Status::already_exists(text),
        // These name the board's newest state, which may just have moved on; whoever signed them looks and signs again.
        EntryError::Mismatch { .. } | EntryError::JointKey { .. }
            if matches!(kind, EntryKind::Closing | EntryKind::Opening | EntryKind::Mix | EntryKind::Decryption) =>
        {
            Status::failed_precondition(text)
        }
        _ => Status::invalid_argument(text),
    };
    let reason = match error {
        EntryError::Signature { .. } => Reason::Signature,
        EntryError::NotOnRoll(_) => Reason::Roll,
        _ => Reason::Place,
    };
    because(reason, status)
}

/// The collector's own disk or memory fails; the log has the details, the client gets a sentence.
pub fn internal(what: &str, error: impl std::fmt::Display) -> Status {
    tracing::error!(target: "selge", "{what}: {error}");
    Status::internal(format!("{what}: the collector's log says why"))
}

/// The server is going down.
pub fn stopping() -> Status {
    let text = "the collector is shutting down: hand the same bytes in again, nothing is counted twice";
    because(Reason::Stopping, Status::unavailable(text))
}
