//! Keys, however they come, are told once; keys that we send arrive.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::f32::consts::TAU;
use std::time::Duration;

use common::{Bench, EVENTS, ONE, Pair, Phone, TWO, far, peer, rtp};
use media::{Command, Key, Peer};

fn keys(keys: &str) -> Vec<Key> {
    keys.bytes().map(Key).collect()
}

fn without_events(peer: Peer) -> Peer {
    Peer { telephone_event: None, ..peer }
}

/// A key's tones and a pause, in packets of 20 ms of A-law.
fn tone(row: f32, column: f32, ms: usize, pause_ms: usize) -> Vec<Vec<u8>> {
    let wave = |hertz: f32, n: usize| (TAU * hertz * n as f32 / 8000.0).sin() * 6000.0;
    let sample = |n: usize| if n < ms * 8 { (wave(row, n) + wave(column, n)) as i16 } else { 0 };
    let octets: Vec<u8> =
        (0..(ms + pause_ms) * 8).map(|n| audio_codec_algorithms::encode_alaw(sample(n))).collect();
    octets.chunks(160).map(<[u8]>::to_vec).collect()
}

fn press_five(phone: &mut Phone, bench: &mut Bench, ms: usize, pause_ms: usize) {
    for payload in tone(770.0, 1336.0, ms, pause_ms) {
        let packet = phone.packet(&payload);
        bench.receive(ONE, phone.from, &packet);
        bench.run_ms(20);
    }
}

#[test]
fn events_are_told_at_the_first_packet() {
    let mut bench = Bench::connected(&[]);
    let mut phone = Phone::new(far(1));
    phone.talk(&mut bench, ONE, 2);
    let start = bench.now.mono;
    for code in [1, 1, 10, 11, 0] {
        phone.press(&mut bench, ONE, code);
        phone.talk(&mut bench, ONE, 3);
    }
    assert_eq!(bench.keys(), "11*#0");
    let first = bench.events.iter().find(|(_, event)| matches!(event, media::Event::Key { .. }));
    assert_eq!(first.unwrap().0, start);
}

#[test]
fn flash_and_tones_of_machines_are_no_keys() {
    let mut bench = Bench::connected(&[]);
    for code in [16, 32, 36, 255] {
        Phone { ticks: u32::from(code) * 9000, ..Phone::new(far(1)) }.press(&mut bench, ONE, code);
    }
    assert_eq!(bench.keys(), "");
}

#[test]
fn events_of_a_type_that_was_not_agreed_are_not_taken() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, Peer { telephone_event: Some(96), ..peer(1) });
    Phone::new(far(1)).press(&mut bench, ONE, 5);
    assert_eq!(bench.keys(), "");
}

#[test]
fn tones_are_sought_where_no_events_were_agreed() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, without_events(peer(1)));
    let mut phone = Phone::new(far(1));
    for _ in 0..3 {
        press_five(&mut phone, &mut bench, 80, 80);
    }
    assert_eq!(bench.keys(), "555");
}

#[test]
fn tones_are_sought_where_events_were_agreed_and_never_came() {
    let mut bench = Bench::connected(&[]);
    let mut phone = Phone::new(far(1));
    press_five(&mut phone, &mut bench, 80, 80);
    assert_eq!(bench.keys(), "5");
}

#[test]
fn a_tone_that_leaks_before_its_event_is_not_a_second_press() {
    let mut bench = Bench::connected(&[]);
    let mut phone = Phone::new(far(1));
    press_five(&mut phone, &mut bench, 60, 0);
    phone.press(&mut bench, ONE, 5);
    assert_eq!(bench.keys(), "5");
    // From now on tones are not believed, and events are.
    press_five(&mut phone, &mut bench, 100, 100);
    phone.press(&mut bench, ONE, 5);
    assert_eq!(bench.keys(), "55");
}

#[test]
fn in_a_talk_voices_press_no_keys_where_events_were_agreed() {
    for (events, told) in [(Some(EVENTS), ""), (None, "5")] {
        let peer = Peer { telephone_event: events, ..peer(1) };
        let mut bench = Bench::bridged(peer, common::peer(2));
        press_five(&mut Phone::new(far(1)), &mut bench, 80, 80);
        assert_eq!(bench.keys(), told);
        assert_eq!(bench.take_rtp(TWO).len(), 8);
    }
}

#[test]
fn a_pause_that_is_not_sent_parts_two_presses() {
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, without_events(peer(1)));
    let mut phone = Phone::new(far(1));
    for _ in 0..3 {
        press_five(&mut phone, &mut bench, 80, 0);
        // Silence is suppressed: the time goes on, the sequence does not.
        bench.run_ms(100);
        phone.ticks = phone.ticks.wrapping_add(800);
    }
    assert_eq!(bench.keys(), "555");
}

#[test]
fn a_tone_that_loses_a_packet_is_one_press() {
    for lost in 0..8 {
        let mut bench = Bench::connected(&[]);
        bench.connect(ONE, without_events(peer(1)));
        let mut phone = Phone::new(far(1));
        phone.talk(&mut bench, ONE, 1);
        for (n, payload) in tone(770.0, 1336.0, 140, 60).iter().enumerate() {
            let packet = phone.packet(payload);
            if n != lost {
                bench.receive(ONE, phone.from, &packet);
            }
        }
        assert_eq!(bench.keys(), "5", "without packet {lost}");
    }
}

#[test]
fn keys_arrive_as_events_over_a_wire_that_loses_every_third_packet() {
    let mut pair = Pair::new(&[], Duration::from_millis(30), &peer(1));
    let mut count = 0;
    pair.loses = Box::new(move |_, _| {
        count += 1;
        count % 3 == 0
    });
    let sent = "1234567890*#ABCD11";
    pair.ends[0].command(Command::SendKeys { stream: ONE, keys: keys(sent) });
    pair.run_ms(4000);
    assert_eq!(pair.ends[1].keys(), sent);
}

#[test]
fn keys_arrive_as_tones_where_there_are_no_events() {
    let mut pair = Pair::new(&[], Duration::from_millis(30), &without_events(peer(1)));
    let sent = "1234567890*#ABCD11";
    pair.ends[0].command(Command::SendKeys { stream: ONE, keys: keys(sent) });
    pair.run_ms(4000);
    assert_eq!(pair.ends[1].keys(), sent);
}

#[test]
fn what_is_no_key_is_not_sent() {
    let mut bench = Bench::connected(&[]);
    bench.command(Command::SendKeys { stream: ONE, keys: keys("x?") });
    bench.run_ms(50);
    assert_eq!(bench.take_rtp(ONE), []);
}

#[test]
fn a_key_pressed_from_another_source_number_is_told_once() {
    // Some gateways send events as a source of their own beside the audio.
    let mut bench = Bench::connected(&[]);
    let (mut audio, mut events) = (Phone::new(far(1)), Phone { ssrc: 5, ..Phone::new(far(1)) });
    audio.talk(&mut bench, ONE, 5);
    for step in 1..=7u16 {
        let [high, low] = (step.min(5) * 160).to_be_bytes();
        let end = if step >= 5 { 0x8a } else { 10 };
        let packet = rtp(EVENTS, events.seq, events.ticks, events.ssrc, &[3, end, high, low]);
        events.seq = events.seq.wrapping_add(1);
        bench.receive(ONE, far(1), &packet);
        bench.run_ms(20);
    }
    audio.talk(&mut bench, ONE, 5);
    assert_eq!(bench.keys(), "3");
}

/// Talk-off: the committed prompts are hours of nobody pressing a key.
#[test]
fn speech_presses_no_keys() {
    let prompts = concat!(env!("CARGO_MANIFEST_DIR"), "/../../prompts/ru");
    let mut bench = Bench::connected(&[]);
    bench.connect(ONE, without_events(peer(1)));
    let mut phone = Phone::new(far(1));
    let mut files: Vec<_> = std::fs::read_dir(prompts)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "wav"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no prompts in {prompts}");
    for file in &files {
        let wav = std::fs::read(file).unwrap();
        let samples = wav[44..].as_chunks::<2>().0.iter().map(|two| i16::from_le_bytes(*two));
        let octets: Vec<u8> = samples.map(audio_codec_algorithms::encode_alaw).collect();
        for payload in octets.chunks_exact(160) {
            let packet = phone.packet(payload);
            bench.receive(ONE, far(1), &packet);
            bench.now = bench.now.after(Duration::from_millis(20));
        }
        assert_eq!(bench.keys(), "", "{}", file.display());
    }
}
