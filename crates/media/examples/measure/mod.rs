//! What the examples measure with.

use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use media::{Engine, Event, Library};

/// An engine that knows ten seconds of music. Two that meet need seeds that differ, or one takes what the
/// other sends for its own.
pub(crate) fn engine(seed: u64) -> Engine {
    let mut library = Library::default();
    let music: Vec<i16> = (0..80_000).map(|n| (n % 200 * 50 - 5000) as i16).collect();
    library.add_samples("music", &music);
    Engine::new(Arc::new(library), Entropy::from_number(seed))
}

/// When a measurement begins.
pub(crate) fn start() -> Now {
    Now {
        mono: Mono::from_start(Duration::from_secs(1)),
        wall: Wall::from_unix_millis(1_795_000_000_000),
    }
}

/// Takes everything out; gives the number of packets.
pub(crate) fn drain(engine: &mut Engine) -> u64 {
    let mut packets = 0;
    while let Some(packet) = engine.poll_transmit() {
        std::hint::black_box(packet.payload);
        packets += 1;
    }
    while let Some(block) = engine.poll_recorded() {
        std::hint::black_box(block);
    }
    while let Some(event) = engine.poll_event() {
        assert!(!matches!(event, Event::OpenFailed { .. }));
    }
    packets
}

/// CPU time of this thread, in nanoseconds.
pub(crate) fn cpu() -> u64 {
    let schedule = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    schedule.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or(0)
}

/// Memory in use, in bytes.
pub(crate) fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0_u64);
    pages * 4096
}
