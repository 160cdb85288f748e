//! See `selge_corpus::fuzz::records`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| selge_corpus::fuzz::records(data));
