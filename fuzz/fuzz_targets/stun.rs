//! Any datagrams on the port of a stream whose peer is to be found by ICE: no panic, and as none of them
//! can prove that it knows the password, nothing is sent to anybody and nothing is heard.
//!
//! The input is datagrams, each after a byte that is its length.

#![no_main]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Wall};
use libfuzzer_sys::fuzz_target;
use media::{
    Channel, Command, Engine, Event, Ice, Law, Library, Peer, PlayId, Protection, StreamId,
};

fuzz_target!(|data: &[u8]| {
    let mut now = Now { mono: Mono::START, wall: Wall::from_unix_millis(0) };
    let mut engine = engine(now);
    let mut rest = data;
    while let [length, after @ ..] = rest {
        let (packet, later) = after.split_at(after.len().min(usize::from(*length)));
        rest = later;
        now = now.after(Duration::from_millis(20));
        engine.handle_packet(now, StreamId(0), Channel::Rtp, far(), packet);
        engine.handle_timeout(now);
        while let Some(event) = engine.poll_event() {
            assert!(matches!(event, Event::Opened { .. }), "{event:?}");
        }
        assert_eq!(engine.poll_transmit(), None);
    }
});

fn engine(now: Now) -> Engine {
    let mut library = Library::default();
    library.add_samples("hum", &[1000; 160]);
    let mut engine = Engine::new(Arc::new(library), Entropy::from_number(1));
    let stream = StreamId(0);
    engine.opened(now, stream, far());
    let peer = Peer {
        rtp: None,
        rtcp: None,
        law: Law::A,
        payload_type: 8,
        telephone_event: Some(101),
        send: true,
        receive: true,
        dead_after: Duration::from_secs(3600),
        latch: true,
        // Without keys, so that nothing but ICE stands in the way.
        protection: Protection::Open,
        rtcp_mux: true,
        ice: Some(Ice { ufrag: *b"abcdefgh", password: *b"0123456789abcdefghijklmn" }),
    };
    engine.handle_command(now, Command::Connect { stream, peer });
    let clips = vec!["hum".into()];
    engine.handle_command(now, Command::Play { stream, play: PlayId(0), clips, forever: true });
    engine
}

fn far() -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], 4000))
}
