//! `manifest` of `fuzz/targets`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| jules_slack_fuzz::run("manifest", data));
