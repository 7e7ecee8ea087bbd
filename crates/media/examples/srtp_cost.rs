//! What SRTP costs, without sockets: `cargo run --release -p media --example srtp_cost`.
//!
//! Prints nanoseconds of CPU for a packet of 20 ms that is opened, relayed and sealed again, beside
//! one that is only relayed, and the memory of a stream. Take the least of several runs.
#![allow(clippy::print_stdout, reason = "its result is a table")]

mod measure;

use std::net::SocketAddr;
use std::time::Duration;

use ambient::Now;
use measure::{cpu, drain, engine, resident, start};
use media::{
    Channel, Command, Engine, Law, MasterKey, Peer, PlayId, Protection, SrtpKeys, StreamId, Suite,
};

const STREAMS: u64 = 500;
const PACKETS: usize = 500;

fn main() {
    println!("{:24}  relayed ns  bytes a stream", "");
    let line = |name: &str, protection: &Protection, back: &Protection| {
        let (nanos, bytes) = relay(protection, back);
        println!("{name:24}  {nanos:10.0}  {bytes:14}");
    };
    line("open", &Protection::Open, &Protection::Open);
    for suite in [
        Suite::AesCm128Sha1Tag80,
        Suite::AesCm128Sha1Tag32,
        Suite::AeadAes128Gcm,
        Suite::AeadAes256Gcm,
    ] {
        let key = |octet| MasterKey::new(suite, [octet; MasterKey::OCTETS_MAX]);
        let keys = |local, remote| {
            Protection::Srtp(SrtpKeys { local: key(local), remote: key(remote), remote_mki: 0 })
        };
        line(&format!("{suite:?}"), &keys(1, 2), &keys(2, 1));
    }
}

/// Streams are bridged in pairs and each hears the same packets.
fn relay(protection: &Protection, back: &Protection) -> (f64, u64) {
    let packets = packets(back);
    let before = resident();
    let mut engine = engine(1);
    let mut now = start();
    for n in 0..STREAMS {
        connect(&mut engine, now, StreamId(n), protection);
    }
    for n in (0..STREAMS).step_by(2) {
        engine.handle_command(now, Command::Bridge { a: StreamId(n), b: StreamId(n + 1) });
    }
    let bytes = resident().saturating_sub(before) / STREAMS;
    let began = cpu();
    for packet in &packets {
        for n in 0..STREAMS {
            engine.handle_packet(now, StreamId(n), Channel::Rtp, far(), packet);
            assert!(engine.poll_transmit().is_some(), "it is relayed");
            drain(&mut engine);
        }
        now = now.after(Duration::from_millis(20));
    }
    ((cpu() - began) as f64 / (packets.len() as u64 * STREAMS) as f64, bytes)
}

/// What a phone sends.
fn packets(protection: &Protection) -> Vec<Vec<u8>> {
    let mut phone = engine(2);
    let mut now = start();
    connect(&mut phone, now, StreamId(1), protection);
    let clips = vec!["music".into()];
    let play = Command::Play { stream: StreamId(1), play: PlayId(1), clips, forever: true };
    phone.handle_command(now, play);
    let mut packets = Vec::new();
    while packets.len() < PACKETS {
        now = now.after(Duration::from_millis(1));
        phone.handle_timeout(now);
        while let Some(packet) = phone.poll_transmit() {
            if packet.channel == Channel::Rtp {
                packets.push(packet.payload.to_vec());
            }
        }
        while phone.poll_event().is_some() {}
    }
    packets
}

fn connect(engine: &mut Engine, now: Now, stream: StreamId, protection: &Protection) {
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
        protection: protection.clone(),
        rtcp_mux: false,
        ice: None,
    };
    engine.opened(now, stream, far());
    engine.handle_command(now, Command::Connect { stream, peer });
    drain(engine);
}

fn far() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 1], 4000))
}
