//! The registrar's side of a Selge election: from a list of enrolled voters to a signed roll on the board.
//!
//! [`list`] reads the list and reports every bad line; [`folder`] keeps the signed roll; [`post`] hands it in.

pub mod folder;
pub mod list;
pub mod post;

/// The key file's role.
pub const ROLE: &str = "registrar";
