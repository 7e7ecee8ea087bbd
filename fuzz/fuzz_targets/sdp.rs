//! Any body: no panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sip::sdp::Description;

fuzz_target!(|data: &[u8]| {
    let _ = Description::parse(data).map(|description| description.chosen());
});
