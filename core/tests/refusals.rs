//! What verifiers refuse although everything else about it is right: each rule alone, so that none of them can be left out
//! without a test that fails.

#[path = "refusals/boards.rs"]
mod boards;
#[path = "refusals/complaints.rs"]
mod complaints;
#[path = "refusals/manifests.rs"]
mod manifests;
