//! What the engine costs, without sockets: `cargo run --release -p media --example cost`.
//!
//! Prints nanoseconds of CPU for each packet played and relayed and the memory of a stream. Take
//! the least of several runs: other work on the machine only adds.
#![allow(clippy::print_stdout, reason = "its result is a table")]

mod measure;

use std::net::SocketAddr;
use std::time::Duration;

use ambient::Now;
use measure::{cpu, drain, resident, start};
use media::{Channel, Command, Engine, Law, Peer, PlayId, RecordingId, StreamId};

const SECONDS: u64 = 10;

fn main() {
    println!(
        "streams  played ns  relayed ns  recorded ns  transcoded ns  robot hears ns  bytes a stream"
    );
    for streams in [100, 1000, 3000] {
        let (played, bytes) = play(streams);
        let relayed = relay(streams, Law::A, false);
        let recorded = relay(streams, Law::A, true);
        let transcoded = relay(streams, Law::Mu, false);
        let heard = hear(streams);
        println!(
            "{streams:7}  {played:9.0}  {relayed:10.0}  {recorded:11.0}  {transcoded:13.0}  {heard:14.0}  \
             {bytes:14}"
        );
    }
}

/// Every stream plays music: time for a packet, memory of a stream.
fn play(streams: u64) -> (f64, u64) {
    let before = resident();
    let (mut engine, mut now) = engine(streams, Law::A);
    for n in 0..streams {
        let clips = vec!["music".into()];
        let play = Command::Play { stream: StreamId(n), play: PlayId(n), clips, forever: true };
        engine.handle_command(now, play);
    }
    let began = cpu();
    let end = now.mono + Duration::from_secs(SECONDS);
    let mut packets = 0_u64;
    while let Some(due) = engine.next_timeout().filter(|due| *due < end) {
        now = now.after(due.since(now.mono));
        engine.handle_timeout(now);
        packets += drain(&mut engine);
    }
    let nanos = (cpu() - began) as f64 / packets as f64;
    (nanos, resident().saturating_sub(before) / streams)
}

/// Streams are bridged in pairs, the second of each in `law`: time for a packet from one to the
/// other; with `recorded` each pair is recorded.
fn relay(streams: u64, law: Law, recorded: bool) -> f64 {
    let (mut engine, now) = engine(streams, law);
    for n in (0..streams).step_by(2) {
        engine.handle_command(now, Command::Bridge { a: StreamId(n), b: StreamId(n + 1) });
        if recorded {
            let (stream, recording) = (StreamId(n), RecordingId(n));
            engine.handle_command(
                now,
                Command::Record { stream, recording, law: Law::A, alone: false },
            );
        }
    }
    receive(&mut engine, now, streams)
}

/// Streams of a robot, which seeks keys in audio that is loud all the time.
fn hear(streams: u64) -> f64 {
    let (mut engine, now) = engine(streams, Law::A);
    receive(&mut engine, now, streams)
}

/// Time for a packet received, once a beat on every stream.
fn receive(engine: &mut Engine, mut now: Now, streams: u64) -> f64 {
    let mut packet = [0x12; 172];
    packet[..2].copy_from_slice(&[0x80, 8]);
    let began = cpu();
    let beats = SECONDS * 50;
    for beat in 0..beats {
        packet[2..4].copy_from_slice(&(beat as u16).to_be_bytes());
        packet[4..8].copy_from_slice(&(beat as u32 * 160).to_be_bytes());
        for n in 0..streams {
            engine.handle_packet(now, StreamId(n), Channel::Rtp, far(n), &packet);
            drain(engine);
        }
        now = now.after(Duration::from_millis(20));
        engine.handle_timeout(now);
        drain(engine);
    }
    (cpu() - began) as f64 / (beats * streams) as f64
}

/// An engine with streams that are connected; every second one in `law`.
fn engine(streams: u64, law: Law) -> (Engine, Now) {
    let (mut engine, now) = (measure::engine(1), start());
    for n in 0..streams {
        engine.opened(now, StreamId(n), far(n));
        let law = if n % 2 == 1 { law } else { Law::A };
        let rtcp = SocketAddr::from(([127, 0, 0, 1], 9));
        let peer = Peer {
            rtp: Some(far(n)),
            rtcp: Some(rtcp),
            law,
            payload_type: if law == Law::A { 8 } else { 0 },
            telephone_event: Some(101),
            send: true,
            receive: true,
            dead_after: Duration::from_secs(3600),
            latch: true,
            protection: media::Protection::Open,
            rtcp_mux: false,
            ice: None,
        };
        engine.handle_command(now, Command::Connect { stream: StreamId(n), peer });
    }
    drain(&mut engine);
    (engine, now)
}

fn far(n: u64) -> SocketAddr {
    SocketAddr::from(([10, 0, (n >> 8) as u8, n as u8], 4000))
}
