//! Any datagrams on the port of a stream that waits for the DTLS handshake (RFC 5764 §5.1.2 tells
//! them from RTP by the first byte): no panic, and without keys nothing is relayed or heard.
//!
//! The input is datagrams, each after two bytes: its length, and in the second the channel (bit 0) and
//! the time before it (8 ms for each step of the rest).

#![no_main]

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use ambient::{Entropy, Mono, Now, Wall};
use libfuzzer_sys::fuzz_target;
use media::{Channel, Command, Engine, Event, Identity, Law, Library, Peer, Protection, StreamId};

/// Made once: the library tries its ciphers then, which takes longer than all else.
static IDENTITY: LazyLock<Identity> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(["line".to_owned()]).expect("a certificate");
    let key = made.signing_key.serialize_der();
    Identity::new(made.cert.der().to_vec(), key, Instant::now()).expect("a certificate")
});

fuzz_target!(|data: &[u8]| {
    let mut now = Now { mono: Mono::START, wall: Wall::from_unix_millis(0) };
    for begin in [false, true] {
        let mut engine = engine(now, begin);
        let mut rest = data;
        while let [length, how, after @ ..] = rest {
            let (packet, later) = after.split_at(after.len().min(usize::from(*length)));
            rest = later;
            let channel = if how & 1 == 0 { Channel::Rtp } else { Channel::Rtcp };
            now = now.after(Duration::from_millis(u64::from(how >> 1) * 8));
            engine.handle_packet(now, StreamId(0), channel, far(), packet);
            engine.handle_timeout(now);
            while let Some(event) = engine.poll_event() {
                let is_heard = matches!(event, Event::Key { .. } | Event::Heard { .. });
                assert!(!is_heard, "nothing is heard without keys: {event:?}");
            }
            while let Some(sent) = engine.poll_transmit() {
                // The open side reports that it heard nothing, and sends silence to be heard itself.
                let speaks = |packet: &[u8]| packet.iter().skip(12).any(|octet| *octet != 0xd5);
                let relayed = sent.stream != StreamId(0)
                    && sent.channel == Channel::Rtp
                    && speaks(sent.payload);
                assert!(!relayed, "nothing is relayed without keys: {sent:?}");
            }
        }
    }
});

fn engine(now: Now, begin: bool) -> Engine {
    let engine = Engine::new(Arc::new(Library::default()), Entropy::from_number(1));
    let mut engine = engine.with_identity(IDENTITY.clone());
    let (shut, open) = (StreamId(0), StreamId(1));
    let by_dtls = Protection::Dtls { fingerprint: [7; 32], begin };
    for (stream, protection) in [(shut, by_dtls), (open, Protection::Open)] {
        engine.opened(now, stream, far());
        let peer = Peer {
            rtp: Some(far()),
            rtcp: None,
            law: Law::A,
            payload_type: 8,
            telephone_event: Some(101),
            send: true,
            receive: true,
            dead_after: Duration::from_secs(3600),
            latch: true,
            protection,
            rtcp_mux: false,
            ice: None,
        };
        engine.handle_command(now, Command::Connect { stream, peer });
    }
    engine.handle_command(now, Command::Bridge { a: shut, b: open });
    engine.handle_command(now, Command::Listen { stream: shut, on: true });
    engine
}

fn far() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 4000))
}
