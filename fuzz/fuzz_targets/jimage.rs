#![no_main]

use caturra_fuzzing::target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| (target("jimage").run)(data));
