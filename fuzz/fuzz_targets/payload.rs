//! Whatever comes as a payload: it is taken or refused, never a panic.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    match kith::http::dialects::tracardi::parse(body) {
        Ok(events) => assert!(events <= 1000),
        Err(problems) => assert!(!problems.is_empty(), "refused without a reason"),
    }
});
