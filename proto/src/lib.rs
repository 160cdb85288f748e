//! gRPC messages of the Selge board, and its services where the feature `service` is on, generated from
//! `selge/v1/*.proto`.

/// Most bytes of one gRPC message: an entry, a chunk of a file or a batch of entries, with room for framing.
pub const MAX_MESSAGE: usize = 2 << 20;

/// Most bytes of one chunk of a file or of one batch of entries.
pub const MAX_CHUNK: usize = 1 << 20;

/// Version 1 of the board's service.
#[allow(missing_docs, unreachable_pub, clippy::all)] // generated
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/selge.v1.rs"));
}
