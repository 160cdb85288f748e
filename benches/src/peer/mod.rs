//! What others do, measured in the same run as our own.

pub mod terelius_wikstrom;
