//! Selge collector.
