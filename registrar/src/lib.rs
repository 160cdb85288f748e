//! Selge registrar.
