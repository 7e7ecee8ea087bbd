//! Any compound report, mended to have valid lengths if its first bit says so: no panic, and our
//! own reports go on.

#![no_main]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use libfuzzer_sys::fuzz_target;
use media::{Channel, Command, Engine, Law, Library, Peer, StreamId};

const STREAM: StreamId = StreamId(1);

fuzz_target!(|data: &[u8]| {
    let Some((&how, report)) = data.split_first() else { return };
    let mut report = report.to_vec();
    if how & 1 != 0 {
        mend(&mut report);
    }
    let mut now = Now { mono: Mono::START, wall: Wall::from_unix_millis(i64::from(how) << 40) };
    let far = SocketAddr::from(([192, 0, 2, 1], 4001));
    let mut engine = Engine::new(Arc::new(Library::default()), Entropy::from_number(1));
    engine.opened(now, STREAM, far);
    let peer = Peer {
        rtp: Some(far),
        rtcp: Some(far),
        law: Law::A,
        payload_type: 8,
        telephone_event: None,
        send: true,
        receive: true,
        dead_after: Duration::from_secs(60),
        latch: true,
        protection: media::Protection::Open,
        rtcp_mux: false,
        ice: None,
    };
    engine.handle_command(now, Command::Connect { stream: STREAM, peer });
    let mut reports = 0;
    while reports < 3 {
        let due = engine.next_timeout().expect("reports go on");
        now = now.after(due.since(now.mono));
        engine.handle_timeout(now);
        while let Some(packet) = engine.poll_transmit() {
            reports += usize::from(packet.channel == Channel::Rtcp);
        }
        engine.handle_packet(now, STREAM, Channel::Rtcp, far, &report);
    }
    engine.handle_command(now, Command::Close { stream: STREAM });
    while engine.poll_event().is_some() {}
});

/// Gives every packet of the compound version 2, a known type and a length that fits.
fn mend(report: &mut Vec<u8>) {
    report.truncate(report.len() / 4 * 4);
    let mut at = 0;
    while at + 4 <= report.len() {
        let words = (report.len() - at) / 4 - 1;
        let length = usize::from(report[at + 3]).min(words);
        report[at] = 0x80 | (report[at] & 0x3f);
        report[at + 1] = 200 + report[at + 1] % 8;
        report[at + 2..at + 4].copy_from_slice(&(length as u16).to_be_bytes());
        at += 4 + 4 * length;
    }
}
