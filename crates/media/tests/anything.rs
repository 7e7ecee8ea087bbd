//! Whatever is commanded and whatever comes in whatever order: no panic, no packet beyond what a
//! stream may send, and nothing left when the streams are closed.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, EVENTS, far, hum, mu_law, peer, rtp};
use media::{
    Channel, Command, Key, Law, MasterKey, MonitorMode, Peer, PlayId, Protection, RecordingId,
    SrtpKeys, StreamId, Suite,
};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Step {
    Order(Command),
    Rtp { stream: StreamId, from: u8, kind: u8, seq: u16, ticks: u32, ssrc: u32, size: usize },
    Noise { stream: StreamId, channel: Channel, octets: Vec<u8> },
    Wait(Duration),
    LateWake(Duration),
}

fn stream() -> impl Strategy<Value = StreamId> {
    (1..4u64).prop_map(StreamId)
}

fn any_peer() -> impl Strategy<Value = Peer> {
    (1..4u8, any::<[bool; 6]>(), 0..20_000u64).prop_map(
        |(n, [mu, events, send, receive, latch, rtp], ms)| {
            let peer = if mu { mu_law(peer(n)) } else { peer(n) };
            Peer {
                rtp: peer.rtp.filter(|_| rtp),
                telephone_event: events.then_some(EVENTS),
                send,
                receive,
                latch,
                dead_after: Duration::from_millis(ms),
                protection: if ms % 4 == 0 { srtp() } else { Protection::Open },
                ..peer
            }
        },
    )
}

fn srtp() -> Protection {
    let key = |octet| MasterKey::new(Suite::AeadAes128Gcm, [octet; MasterKey::OCTETS_MAX]);
    Protection::Srtp(SrtpKeys { local: key(1), remote: key(2), remote_mki: 0 })
}

fn order() -> impl Strategy<Value = Command> {
    let clips = proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("none")], 0..4);
    prop_oneof![
        (stream(), any_peer()).prop_map(|(stream, peer)| Command::Connect { stream, peer }),
        (stream(), clips, any::<bool>()).prop_map(|(stream, clips, forever)| Command::Play {
            stream,
            play: PlayId(1),
            clips: clips.into_iter().map(Into::into).collect(),
            forever,
        }),
        stream().prop_map(|stream| Command::Stop { stream }),
        (stream(), stream()).prop_map(|(a, b)| Command::Bridge { a, b }),
        stream().prop_map(|stream| Command::Unbridge { stream }),
        (stream(), stream(), 0..4u8).prop_map(|(stream, on, how)| match how {
            0 => Command::Monitor { stream, on, mode: MonitorMode::Listen },
            1 => Command::Monitor { stream, on, mode: MonitorMode::Whisper },
            2 => Command::Monitor { stream, on, mode: MonitorMode::Join },
            _ => Command::StopMonitoring { stream },
        }),
        (stream(), proptest::collection::vec(any::<u8>().prop_map(Key), 0..5))
            .prop_map(|(stream, keys)| Command::SendKeys { stream, keys }),
        (stream(), any::<bool>()).prop_map(|(stream, on)| Command::Listen { stream, on }),
        (stream(), any::<bool>()).prop_map(|(stream, on)| match on {
            true => {
                let (recording, alone) = (RecordingId(1), stream.0.is_multiple_of(2));
                Command::Record { stream, recording, law: Law::Mu, alone }
            }
            false => Command::StopRecording { stream },
        }),
        stream().prop_map(|stream| Command::Close { stream }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![Just(0), Just(8), Just(13), Just(EVENTS), Just(77)];
    let near = prop_oneof![0..40u16, 65_500..=65_535u16, any::<u16>()];
    let channel = prop_oneof![Just(Channel::Rtp), Just(Channel::Rtcp)];
    prop_oneof![
        4 => order().prop_map(Step::Order),
        8 => (stream(), 1..4u8, kind, near, any::<u32>(), 0..3u32, 0..1000usize).prop_map(
            |(stream, from, kind, seq, ticks, ssrc, size)| Step::Rtp {
                stream, from, kind, seq, ticks, ssrc, size,
            }
        ),
        1 => (stream(), channel, proptest::collection::vec(any::<u8>(), 0..100))
            .prop_map(|(stream, channel, octets)| Step::Noise { stream, channel, octets }),
        4 => (0..200u64).prop_map(|ms| Step::Wait(Duration::from_millis(ms))),
        1 => (0..5000u64).prop_map(|ms| Step::LateWake(Duration::from_millis(ms))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn no_order_of_things_panics_or_leaves_anything(
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let mut bench = Bench::new(&[("a", hum(700)), ("b", hum(1))]);
        for n in 1..4 {
            bench.open(StreamId(n));
        }
        for step in steps {
            let before = bench.sent.len();
            let waited = match &step {
                Step::Wait(time) | Step::LateWake(time) => *time,
                _ => Duration::ZERO,
            };
            match step {
                Step::Order(command) => bench.command(command),
                Step::Rtp { stream, from, kind, seq, ticks, ssrc, size } => {
                    let packet = rtp(kind, seq, ticks, ssrc, &vec![0x55; size]);
                    bench.receive(stream, far(from), &packet);
                }
                Step::Noise { stream, channel, octets } => {
                    bench.engine.handle_packet(bench.now, stream, channel, far(1), &octets);
                }
                Step::Wait(time) => bench.run(time),
                Step::LateWake(time) => {
                    bench.now = bench.now.after(time);
                    bench.run(Duration::ZERO);
                }
            }
            // Three streams, a packet a beat each, three beats made up, and reports.
            let most = 3 * (waited.as_millis() as usize / 20 + 3 + 3);
            prop_assert!(bench.sent.len() - before <= most, "{} packets", bench.sent.len() - before);
        }
        for n in 1..4 {
            bench.command(Command::Close { stream: StreamId(n) });
        }
        prop_assert_eq!(bench.engine.streams(), 0);
        bench.run(Duration::from_secs(1));
        prop_assert_eq!(bench.engine.next_timeout(), None);
    }
}
