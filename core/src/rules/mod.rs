//! Voting rules.
