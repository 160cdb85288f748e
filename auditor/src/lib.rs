//! The auditor's checks: a whole election verified from its public record alone.
//!
//! [`verify`] takes a [`RecordSource`] (a folder, or files in memory) and returns a [`Report`] with one line for each
//! check of [`checks`]. Nobody is trusted: not the collector, the commission, the mix servers or the trustees. What
//! the record cannot show, and what a reader must compare elsewhere, is in `CHECKS.md`. [`verify_with`] lets somebody else
//! check the proofs ([`work`]), for a browser, where cores share no memory.
//!
//! Nothing here opens a socket or reads a clock; a [`Watcher`] brings the clock and shows progress.

mod audit;
pub mod checks;
pub mod export;
mod ledger;
pub mod page;
mod report;
mod scope;
mod source;
mod text;
pub mod work;

pub use audit::{verify, verify_part, verify_with};
pub use ledger::{Silent, Watcher};
pub use report::{
    Asked, CheckReport, ContestPassage, Count, Finding, Report, Signer, Status, TallyTitle, Verdict, WitnessReport,
};
pub use scope::{Part, Scope, UnknownPart};
/// Releases of the voting page, compared without reading anything: for a folder, an address, or a page that shows them.
pub use selge_core::release;
pub use source::{FolderSource, Listing, MemorySource, RecordSource, SourceError};
pub use text::render;
