//! What a client is told when something is refused: the standard status code and a sentence for people.

use selge_core::codec::DecodeError;
use selge_core::election::EntryError;
use selge_core::entry::EntryKind;
use tonic::Status;

/// Bytes that are no entry.
pub fn malformed(error: &DecodeError) -> Status {
    Status::invalid_argument(format!("the entry is malformed: {error}"))
}

/// A proof that does not hold, or content that is not what the entry says.
pub fn not_true(error: impl std::fmt::Display) -> Status {
    Status::invalid_argument(error.to_string())
}

/// An entry that may not come next.
pub fn entry(kind: EntryKind, error: &EntryError) -> Status {
    let text = error.to_string();
    match error {
        EntryError::Phase { .. }
        | EntryError::Cancelled { .. }
        | EntryError::Stale { .. }
        | EntryError::Time { .. } => Status::failed_precondition(text),
        EntryError::Duplicate(_) => Status::already_exists(text),
        // These name the board's newest state, which may just have moved on; whoever signed them looks and signs again.
        EntryError::Mismatch { .. }
            if matches!(kind, EntryKind::Closing | EntryKind::Opening | EntryKind::Mix | EntryKind::Decryption) =>
        {
            Status::failed_precondition(text)
        }
        _ => Status::invalid_argument(text),
    }
}

/// The collector's own disk or memory fails; the log has the details, the client gets a sentence.
pub fn internal(what: &str, error: impl std::fmt::Display) -> Status {
    tracing::error!(target: "selge", "{what}: {error}");
    Status::internal(format!("{what}: the collector's log says why"))
}

/// The server is going down.
pub fn stopping() -> Status {
    Status::unavailable("the collector is shutting down: hand the same bytes in again, nothing is counted twice")
}
