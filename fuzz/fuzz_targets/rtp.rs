//! Any packets for two bridged streams, one of which is listened to and searched for tones: no
//! panic, and for a packet at most one that is passed on.
//!
//! The input is packets, each after two bytes: its length, and in the second the stream (bit 0),
//! whether it is mended to be RTP of an agreed type (bit 1), and the time before it (2 ms for each
//! step of the rest).

#![no_main]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use libfuzzer_sys::fuzz_target;
use media::{Channel, Command, Engine, Law, Library, Peer, StreamId};

fuzz_target!(|data: &[u8]| {
    let mut now = Now { mono: Mono::START, wall: Wall::from_unix_millis(0) };
    let mut engine = engine(now);
    let mut rest = data;
    while let [length, how, after @ ..] = rest {
        let (packet, later) = after.split_at(after.len().min(usize::from(*length)));
        rest = later;
        let stream = StreamId(u64::from(how & 1));
        let mut packet = packet.to_vec();
        if how & 2 != 0 && packet.len() >= 2 {
            packet[0] = 0x80 | (packet[0] & 0x3f);
            packet[1] = [0, 8, 13, 101][usize::from(packet[1] & 3)];
        }
        now = now.after(Duration::from_millis(u64::from(how >> 2) * 2));
        engine.handle_packet(now, stream, Channel::Rtp, far(stream), &packet);
        assert!(drain(&mut engine) <= 1);
        engine.handle_timeout(now);
        drain(&mut engine);
    }
});

fn engine(now: Now) -> Engine {
    let mut engine = Engine::new(Arc::new(Library::default()), Entropy::from_number(1));
    let (one, two) = (StreamId(0), StreamId(1));
    for (stream, law, telephone_event) in [(one, Law::A, Some(101)), (two, Law::Mu, None)] {
        engine.opened(now, stream, far(stream));
        let peer = Peer {
            rtp: Some(far(stream)),
            rtcp: None,
            law,
            payload_type: if law == Law::A { 8 } else { 0 },
            telephone_event,
            send: true,
            receive: true,
            dead_after: Duration::from_secs(10),
            latch: true,
            protection: media::Protection::Open,
            rtcp_mux: false,
            ice: None,
        };
        engine.handle_command(now, Command::Connect { stream, peer });
    }
    engine.handle_command(now, Command::Bridge { a: one, b: two });
    engine.handle_command(now, Command::Listen { stream: two, on: true });
    engine
}

fn far(stream: StreamId) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 4000 + stream.0 as u16))
}

/// Takes everything out; gives the number of packets.
fn drain(engine: &mut Engine) -> usize {
    while engine.poll_event().is_some() {}
    std::iter::from_fn(|| engine.poll_transmit().map(|_| ())).count()
}
