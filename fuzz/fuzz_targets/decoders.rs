//! See `selge_corpus::fuzz::decoders`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| selge_corpus::fuzz::decoders(data));
