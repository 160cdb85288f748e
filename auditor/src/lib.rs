//! Selge auditor.
