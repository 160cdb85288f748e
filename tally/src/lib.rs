//! Selge tally.
