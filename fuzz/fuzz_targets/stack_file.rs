#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| caturra_stack::check::file(data));
