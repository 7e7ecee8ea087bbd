//! A supervisor listens to a talk, whispers to the agent, joins, and leaves nothing behind.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::f32::consts::TAU;
use std::time::Duration;

use common::{Bench, ONE, Phone, Sent, TWO, far, mu_law, peer};
use media::{
    Channel, Command, Law, MONITORS_MAX, MonitorMode, Peer, RecordingId, StreamId, samples,
};

/// The caller's stream is [`ONE`], the agent's [`TWO`].
const THREE: StreamId = StreamId(3);
const FOUR: StreamId = StreamId(4);

/// Whoever speaks is known by the pitch.
const PITCH: [f32; 4] = [500.0, 900.0, 1300.0, 1700.0];

/// A talk with supervisors, each of whom speaks all the time.
struct Talk {
    bench: Bench,
    phones: Vec<(StreamId, Phone, Law)>,
    said: usize,
}

impl Talk {
    fn new(laws: &[Law]) -> Talk {
        let mut talk = Talk { bench: Bench::new(&[]), phones: Vec::new(), said: 0 };
        for (n, law) in (1..).zip(laws) {
            let (stream, of) = (StreamId(n), peer(n as u8));
            talk.bench.open(stream);
            let (of, payload_type) = match law {
                Law::A => (of, 8),
                Law::Mu => (mu_law(of), 0),
            };
            talk.bench.connect(stream, of);
            let phone = Phone { payload_type, ssrc: n as u32, ..Phone::new(far(n as u8)) };
            talk.phones.push((stream, phone, *law));
        }
        talk.bench.command(Command::Bridge { a: ONE, b: TWO });
        talk
    }

    fn watched(mode: MonitorMode) -> Talk {
        let mut talk = Talk::new(&[Law::A, Law::Mu, Law::A]);
        talk.monitor(THREE, TWO, mode);
        talk
    }

    fn monitor(&mut self, stream: StreamId, on: StreamId, mode: MonitorMode) {
        self.bench.command(Command::Monitor { stream, on, mode });
    }

    fn goes_on(&mut self, packets: usize) {
        for _ in 0..packets {
            for (stream, phone, law) in &mut self.phones {
                let pitch = PITCH[stream.0 as usize - 1];
                let sample = |n: usize| {
                    let wave = (TAU * pitch * (self.said + n) as f32 / 8000.0).sin();
                    let sample = (wave * 6000.0) as i16;
                    match law {
                        Law::A => audio_codec_algorithms::encode_alaw(sample),
                        Law::Mu => audio_codec_algorithms::encode_ulaw(sample),
                    }
                };
                let payload: Vec<u8> = (0..160).map(sample).collect();
                let packet = phone.packet(&payload);
                self.bench.receive(*stream, phone.from, &packet);
            }
            self.said += 160;
            self.bench.run_ms(20);
        }
    }

    /// Who is heard on a stream, after what is on its way has passed.
    #[track_caller]
    fn hears(&mut self, expected: [&[usize]; 3]) {
        self.goes_on(30);
        self.bench.sent.clear();
        self.goes_on(50);
        for (n, expected) in (1..).zip(expected) {
            let sent: Vec<&Sent> =
                self.bench.sent.iter().filter(|sent| is_rtp_of(sent, StreamId(n))).collect();
            assert_eq!(sent.len(), 50, "packets on {n}");
            for two in sent.windows(2) {
                assert_eq!(two[1].at.since(two[0].at), Duration::from_millis(20), "on {n}");
                assert_eq!(two[1].seq(), two[0].seq().wrapping_add(1));
                assert_eq!(two[1].ticks(), two[0].ticks().wrapping_add(160));
                assert!(!two[1].rtp().mark());
            }
            let law = if sent[0].rtp().payload_type() == 0 { Law::Mu } else { Law::A };
            let octets = sent.iter().flat_map(|sent| sent.payload());
            let heard: Vec<f32> =
                octets.map(|&octet| f32::from(samples(law)[usize::from(octet)])).collect();
            let speakers: Vec<usize> =
                (1..=PITCH.len()).filter(|who| level(&heard, PITCH[who - 1]) > 1000.0).collect();
            assert_eq!(speakers, expected, "on {n}");
        }
    }

    #[track_caller]
    fn ends(mut self) {
        for n in 1..=self.phones.len() as u64 {
            self.bench.command(Command::Close { stream: StreamId(n) });
        }
        self.bench.run_ms(1000);
        assert_eq!((self.bench.engine.streams(), self.bench.engine.next_timeout()), (0, None));
    }
}

fn is_rtp_of(sent: &Sent, stream: StreamId) -> bool {
    sent.stream == stream && sent.channel == Channel::Rtp
}

/// The amplitude of a tone.
fn level(heard: &[f32], hertz: f32) -> f32 {
    let turn = |n: usize| TAU * hertz * n as f32 / 8000.0;
    let sum = heard.iter().enumerate().fold((0.0, 0.0), |(re, im), (n, sample)| {
        (re + sample * turn(n).cos(), im + sample * turn(n).sin())
    });
    2.0 * sum.0.hypot(sum.1) / heard.len() as f32
}

#[test]
fn who_listens_hears_both_and_is_heard_by_nobody() {
    let mut talk = Talk::watched(MonitorMode::Listen);
    talk.hears([&[2], &[1], &[1, 2]]);
    talk.ends();
}

#[test]
fn a_whisper_is_for_the_agent_alone() {
    let mut talk = Talk::watched(MonitorMode::Whisper);
    talk.hears([&[2], &[1, 3], &[1, 2]]);
    talk.ends();
}

#[test]
fn who_joins_is_heard_by_everybody() {
    let mut talk = Talk::watched(MonitorMode::Join);
    talk.hears([&[2, 3], &[1, 3], &[1, 2]]);
    talk.ends();
}

#[test]
fn a_supervisor_changes_the_way_in_the_talk() {
    let mut talk = Talk::watched(MonitorMode::Join);
    talk.hears([&[2, 3], &[1, 3], &[1, 2]]);
    talk.monitor(THREE, TWO, MonitorMode::Listen);
    talk.hears([&[2], &[1], &[1, 2]]);
    talk.monitor(THREE, TWO, MonitorMode::Whisper);
    talk.hears([&[2], &[1, 3], &[1, 2]]);
    talk.bench.command(Command::StopMonitoring { stream: THREE });
    talk.goes_on(10);
    talk.bench.sent.clear();
    talk.goes_on(10);
    assert_eq!(talk.bench.take_rtp(THREE), []);
    talk.ends();
}

#[test]
fn what_nobody_adds_to_is_passed_on_as_it_came() {
    let mut talk = Talk::new(&[Law::A; 3]);
    talk.monitor(THREE, TWO, MonitorMode::Whisper);
    let packet = Phone::new(far(2)).packet(&[7; 160]);
    talk.bench.receive(TWO, far(2), &packet);
    let heard = talk.bench.take_rtp(ONE);
    assert_eq!((heard.len(), heard[0].payload()), (1, &[7; 160][..]), "at once, octet for octet");
}

#[test]
fn several_supervisors_hear_the_talk_and_the_one_who_joined() {
    let mut talk = Talk::new(&[Law::Mu, Law::A, Law::A, Law::Mu]);
    talk.monitor(THREE, TWO, MonitorMode::Listen);
    talk.monitor(FOUR, TWO, MonitorMode::Join);
    talk.hears([&[2, 4], &[1, 4], &[1, 2, 4]]);
    // Two who watch the two sides of one talk are in the same talk.
    talk.monitor(FOUR, ONE, MonitorMode::Join);
    talk.hears([&[2, 4], &[1, 4], &[1, 2, 4]]);
    talk.monitor(FOUR, ONE, MonitorMode::Whisper);
    talk.hears([&[2, 4], &[1], &[1, 2]]);
    talk.ends();
}

#[test]
fn when_the_bridge_ends_the_supervisor_stays_with_the_agent() {
    let mut talk = Talk::watched(MonitorMode::Listen);
    talk.bench.command(Command::Unbridge { stream: ONE });
    talk.goes_on(30);
    talk.bench.sent.clear();
    talk.phones.remove(1);
    talk.goes_on(50);
    let heard = talk.bench.take_rtp(THREE);
    assert_eq!(heard.len(), 50);
    assert!(heard[20..].iter().all(|packet| packet.payload() == [0xd5; 160]), "silence");
    talk.bench.command(Command::Bridge { a: ONE, b: TWO });
    talk.goes_on(30);
    let heard = talk.bench.take_sound(THREE);
    assert!(heard.len() > 20, "the caller is heard again");
    for n in [TWO, ONE, THREE] {
        talk.bench.command(Command::Close { stream: n });
    }
    talk.bench.run_ms(1000);
    assert_eq!(talk.bench.engine.next_timeout(), None);
}

#[test]
fn whoever_leaves_first_leaves_nothing_behind() {
    for first in [ONE, TWO, THREE] {
        for mode in [MonitorMode::Listen, MonitorMode::Whisper, MonitorMode::Join] {
            let mut talk = Talk::watched(mode);
            talk.goes_on(10);
            talk.bench.command(Command::Close { stream: first });
            talk.goes_on(10);
            if first == THREE {
                talk.phones.pop();
                talk.bench.sent.clear();
                talk.goes_on(10);
                assert_eq!(talk.bench.sent.len(), 20, "copies as before");
            }
            talk.ends();
        }
    }
}

#[test]
fn who_takes_over_watches_no_more() {
    let mut talk = Talk::watched(MonitorMode::Join);
    talk.goes_on(10);
    talk.bench.command(Command::Bridge { a: ONE, b: THREE });
    talk.phones.remove(1);
    talk.goes_on(30);
    talk.bench.sent.clear();
    let packet = Phone::new(far(3)).packet(&[9; 160]);
    talk.bench.receive(THREE, far(3), &packet);
    assert_eq!(talk.bench.take_rtp(ONE).len(), 0, "another source is to prove itself");
    talk.goes_on(10);
    assert_eq!(talk.bench.sent.iter().filter(|sent| sent.stream == ONE).count(), 10);
    assert!(talk.bench.sent.iter().all(|sent| sent.stream != TWO));
    for n in [TWO, ONE, THREE] {
        talk.bench.command(Command::Close { stream: n });
    }
    talk.bench.run_ms(1000);
    assert_eq!(talk.bench.engine.next_timeout(), None);
}

#[test]
fn keys_cross_the_talk_once_and_those_of_the_supervisor_are_told() {
    for mode in [MonitorMode::Listen, MonitorMode::Whisper, MonitorMode::Join] {
        let mut talk = Talk::watched(mode);
        talk.goes_on(10);
        talk.bench.sent.clear();
        talk.bench.events.clear();
        let mut caller = talk.phones.remove(0).1;
        caller.press(&mut talk.bench, ONE, 5);
        talk.bench.run_ms(500);
        assert_eq!(talk.bench.keys(), "5");
        let is_event = |sent: &&Sent| sent.rtp().payload_type() == common::EVENTS;
        let crossed: Vec<&Sent> = talk.bench.sent.iter().filter(is_event).collect();
        assert!(crossed.iter().all(|sent| sent.stream == TWO && sent.payload()[0] == 5));
        let mut begun: Vec<u32> = crossed.iter().map(|sent| sent.ticks()).collect();
        begun.dedup();
        assert_eq!(begun.len(), 1, "one press in {mode:?}");
        talk.bench.sent.clear();
        let mut supervisor = talk.phones.remove(1).1;
        supervisor.press(&mut talk.bench, THREE, 6);
        talk.bench.run_ms(500);
        assert_eq!(talk.bench.keys(), "56");
        assert!(talk.bench.sent.iter().all(|sent| !is_event(&sent)), "for us alone");
    }
}

#[test]
fn what_is_recorded_is_the_talk_alone() {
    for mode in [MonitorMode::Listen, MonitorMode::Whisper, MonitorMode::Join] {
        let mut talk = Talk::watched(mode);
        talk.goes_on(20);
        let recording = RecordingId(1);
        talk.bench.command(Command::Record { stream: ONE, recording, law: Law::A, alone: false });
        talk.goes_on(100);
        talk.bench.command(Command::StopRecording { stream: ONE });
        for (side, who) in [(0, 1), (1, 2)] {
            let blocks = talk.bench.recorded.iter().flat_map(|block| block.octets.chunks(2));
            let heard: Vec<f32> = blocks
                .map(|pair| f32::from(samples(Law::A)[usize::from(pair[side])]))
                .skip(1600)
                .collect();
            let speakers: Vec<usize> =
                (1..=PITCH.len()).filter(|who| level(&heard, PITCH[who - 1]) > 1000.0).collect();
            assert_eq!(speakers, [who], "{mode:?}");
        }
    }
}

#[test]
fn what_is_too_loud_together_is_as_loud_as_can_be() {
    let mut bench = Bench::new(&[]);
    for (stream, n) in [(ONE, 1), (TWO, 2), (THREE, 3)] {
        bench.open(stream);
        bench.connect(stream, peer(n));
    }
    bench.command(Command::Bridge { a: ONE, b: TWO });
    let mode = MonitorMode::Listen;
    bench.command(Command::Monitor { stream: THREE, on: TWO, mode });
    let loudest = audio_codec_algorithms::encode_alaw(i16::MAX);
    let mut phones = [(ONE, Phone::new(far(1))), (TWO, Phone::new(far(2)))];
    for _ in 0..20 {
        for (stream, phone) in &mut phones {
            let packet = phone.packet(&[loudest; 160]);
            bench.receive(*stream, phone.from, &packet);
        }
        bench.run_ms(20);
    }
    assert_eq!(bench.take_rtp(THREE).last().unwrap().payload(), [loudest; 160]);
}

#[test]
fn on_hold_the_music_is_heard_and_the_supervisor_hears_who_speaks() {
    let mut talk = Talk::watched(MonitorMode::Join);
    talk.goes_on(10);
    // The agent holds the caller.
    talk.bench.connect(TWO, Peer { send: false, receive: false, ..mu_law(peer(2)) });
    talk.goes_on(30);
    talk.bench.sent.clear();
    talk.goes_on(10);
    assert!(talk.bench.sent.iter().all(|sent| sent.stream != TWO));
    assert_eq!(talk.bench.take_rtp(THREE).len(), 10);
    talk.bench.connect(TWO, mu_law(peer(2)));
    talk.hears([&[2, 3], &[1, 3], &[1, 2]]);
    talk.ends();
}

#[test]
fn an_intruder_is_heard_by_nobody() {
    let mut talk = Talk::watched(MonitorMode::Join);
    talk.goes_on(10);
    let mut intruder =
        Phone { ssrc: 0xbad, ..Phone::new(std::net::SocketAddr::from(([203, 0, 113, 66], 9))) };
    let loudest = audio_codec_algorithms::encode_alaw(i16::MAX);
    for stream in [ONE, TWO, THREE] {
        for _ in 0..50 {
            let packet = intruder.packet(&[loudest; 160]);
            talk.bench.receive(stream, intruder.from, &packet);
        }
    }
    talk.hears([&[2, 3], &[1, 3], &[1, 2]]);
    assert!(talk.bench.sent.iter().all(|sent| sent.to != intruder.from));
    talk.ends();
}

#[test]
fn a_stream_has_so_many_supervisors_and_nobody_watches_who_watches() {
    let mut talk = Talk::new(&[Law::A; MONITORS_MAX + 3]);
    let supervisors: Vec<StreamId> = (3..).map(StreamId).take(MONITORS_MAX + 1).collect();
    for supervisor in &supervisors {
        talk.monitor(*supervisor, TWO, MonitorMode::Listen);
    }
    let last = *supervisors.last().unwrap();
    talk.bench.run_ms(100);
    let watch = |bench: &Bench, stream| {
        bench.sent.iter().any(|sent| sent.stream == stream && sent.payload() == [0xd5; 160])
    };
    assert!(watch(&talk.bench, supervisors[MONITORS_MAX - 1]));
    talk.bench.run_ms(200);
    talk.bench.sent.clear();
    talk.bench.run_ms(100);
    assert!(!watch(&talk.bench, last), "one too many");
    talk.monitor(last, THREE, MonitorMode::Listen);
    talk.monitor(TWO, last, MonitorMode::Listen);
    talk.bench.run_ms(100);
    assert!(!watch(&talk.bench, last));
    // Room again.
    talk.bench.command(Command::StopMonitoring { stream: THREE });
    talk.monitor(last, TWO, MonitorMode::Listen);
    talk.bench.run_ms(100);
    assert!(watch(&talk.bench, last));
    talk.ends();
}
