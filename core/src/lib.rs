//! The Selge voting protocol. See `docs/protocol.md`; rule IDs such as `SHUF-2` in this crate refer to it.
pub mod count;
pub mod rules;
