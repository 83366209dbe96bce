#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pitboss_fuzz::feed("payments_trustly", input));
