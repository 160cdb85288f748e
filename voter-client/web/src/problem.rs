//! What can be wrong, as a name that the page has words for in every language, and details that it shows on demand.

use crate::wire::WireError;
use selge_voter_client::{CodeError, PrepareError};
use serde::Serialize;

/// A problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{name}: {detail}")]
pub struct Problem {
    /// Which one it is.
    pub name: &'static str,
    /// In English, for who wants to know exactly or to report it.
    pub detail: String,
    /// Milliseconds after which the same may be tried again, if the board said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait: Option<u64>,
    /// The tracker of the ballot that the problem is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracker: Option<String>,
}

impl Problem {
    /// A problem with its detail.
    pub(crate) fn new(name: &'static str, detail: impl ToString) -> Self {
        Problem { name, detail: detail.to_string(), wait: None, tracker: None }
    }

    /// What an error means that came up while the board was asked; `otherwise` if it is none of the connection.
    pub(crate) fn of(error: &anyhow::Error, otherwise: &'static str) -> Self {
        let detail = format!("{error:#}");
        match error.chain().find_map(|cause| cause.downcast_ref::<WireError>()) {
            Some(WireError::Lost(_)) => Problem::new("lost", detail),
            Some(WireError::Status { retry_after, .. }) => {
                let wait = retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                let passing = error.chain().any(|cause| cause.downcast_ref().is_some_and(WireError::passing));
                Problem { wait, ..Problem::new(if passing { "busy" } else { "refused" }, detail) }
            }
            Some(WireError::Malformed(_)) | None => Problem::new(otherwise, detail),
        }
    }
}

impl From<CodeError> for Problem {
    fn from(error: CodeError) -> Self {
        let name = match error {
            CodeError::None => "code-none",
            CodeError::Length { .. } => "code-length",
            _ => "code-mistyped",
        };
        Problem::new(name, error)
    }
}

impl From<PrepareError> for Problem {
    fn from(error: PrepareError) -> Self {
        Problem::new("choices", error)
    }
}
