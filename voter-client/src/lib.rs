//! Selge voter-client.
