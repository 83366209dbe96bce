#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| pitboss_fuzz::feed("games_hub88", input));
