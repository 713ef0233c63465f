#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| aws_audit_fuzz::event_pattern(data));
