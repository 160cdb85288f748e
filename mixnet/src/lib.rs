//! Selge mixnet.
