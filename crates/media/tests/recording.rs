//! A talk is recorded: both sides on one time line, and nothing else.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, ONE, Phone, TWO, far, hum, peer, rtp};
use media::{Command, Law, Peer, PlayId, RECORDED_SAMPLES, RecordingId};

/// The octet of silence.
const SILENT: u8 = 0xd5;

/// A talk of one stream with another, of which the first is recorded.
fn recorded() -> Bench {
    let mut bench = Bench::bridged(peer(1), peer(2));
    begin(&mut bench, 1);
    bench
}

fn begin(bench: &mut Bench, recording: u64) {
    let recording = RecordingId(recording);
    bench.command(Command::Record { stream: ONE, recording, law: Law::A, alone: false });
}

/// What stands in the two channels, and that the blocks follow each other.
#[track_caller]
fn channels(bench: &Bench, recording: u64) -> [Vec<u8>; 2] {
    let mut channels = [Vec::new(), Vec::new()];
    let blocks = bench.recorded.iter().filter(|block| block.recording.0 == recording);
    for (number, block) in (0..).zip(blocks) {
        assert_eq!(block.number, number);
        assert!(block.last || block.octets.len() == RECORDED_SAMPLES * 2);
        for pair in block.octets.chunks(2) {
            channels[0].push(pair[0]);
            channels[1].push(pair[1]);
        }
    }
    channels
}

fn said(channel: &[u8], octet: u8) -> usize {
    channel.iter().filter(|&&sample| sample == octet).count()
}

#[test]
fn what_is_said_to_the_robot_is_recorded_if_that_is_wanted() {
    for alone in [true, false] {
        let mut bench = Bench::connected(&[("menu", vec![8000; 8000])]);
        let (recording, law) = (RecordingId(1), Law::A);
        bench.command(Command::Record { stream: ONE, recording, law, alone });
        bench.play(&["menu"], false);
        let mut caller = Phone::new(far(1));
        for _ in 0..50 {
            let packet = caller.packet(&[1; 160]);
            bench.receive(ONE, far(1), &packet);
            bench.run_ms(20);
        }
        bench.command(Command::StopRecording { stream: ONE });
        let [near, other] = channels(&bench, 1);
        assert_eq!(said(&near, 1), if alone { 8000 } else { 0 });
        assert_eq!(said(&other, SILENT), 8000, "prompts are not recorded");
    }
}

#[test]
fn both_sides_stand_side_by_side_at_their_times() {
    let mut bench = recorded();
    let (mut caller, mut agent) = (Phone::new(far(1)), Phone::new(far(2)));
    for _ in 0..50 {
        let packet = caller.packet(&[1; 160]);
        bench.receive(ONE, far(1), &packet);
        bench.run_ms(10);
        let packet = agent.packet(&[2; 160]);
        bench.receive(TWO, far(2), &packet);
        bench.run_ms(10);
    }
    bench.run_ms(250);
    bench.command(Command::StopRecording { stream: ONE });
    let [near, other] = channels(&bench, 1);
    assert_eq!((near.len(), other.len()), (10_000, 10_000), "a second and a quarter");
    assert!(near[..8000] == [1; 8000] && near[8000..].iter().all(|&octet| octet == SILENT));
    assert!(other[..80] == [SILENT; 80] && other[80..8080] == [2; 8000]);
    assert!(bench.recorded.last().unwrap().last);
    bench.run(Duration::from_secs(5));
    assert_eq!(channels(&bench, 1)[0].len(), 10_000, "nothing comes after the end");
}

#[test]
fn losses_are_silence_and_late_packets_find_their_place() {
    let mut bench = recorded();
    for seq in [0u16, 1, 4, 3, 5] {
        let packet = rtp(8, 100 + seq, u32::from(seq) * 160, 5, &[10 + seq as u8; 160]);
        bench.receive(ONE, far(1), &packet);
        bench.run_ms(20);
    }
    bench.command(Command::StopRecording { stream: ONE });
    let near = &channels(&bench, 1)[0];
    for (place, heard) in [10, 11, SILENT, 13, 14].into_iter().enumerate() {
        assert_eq!(near[place * 160..][..160], [heard; 160], "{place}");
    }
}

#[test]
fn hold_music_and_whoever_is_on_hold_are_not_recorded() {
    let mut bench = Bench::new(&[("music", hum(4000))]);
    for (stream, peer) in [(ONE, peer(1)), (TWO, peer(2))] {
        bench.open(stream);
        bench.connect(stream, peer);
    }
    bench.command(Command::Bridge { a: ONE, b: TWO });
    begin(&mut bench, 1);
    let (mut caller, mut agent) = (Phone::new(far(1)), Phone::new(far(2)));
    let mut talk = |bench: &mut Bench, octet: u8| {
        for _ in 0..50 {
            let packet = caller.packet(&[octet; 160]);
            bench.receive(ONE, far(1), &packet);
            let packet = agent.packet(&[octet + 100; 160]);
            bench.receive(TWO, far(2), &packet);
            bench.run_ms(20);
        }
    };
    talk(&mut bench, 1);
    // The agent holds: nothing is sent there, and the caller hears music.
    bench.connect(TWO, Peer { send: false, ..peer(2) });
    let clips = vec!["music".into()];
    bench.command(Command::Play { stream: ONE, play: PlayId(1), clips, forever: true });
    talk(&mut bench, 2);
    bench.command(Command::Stop { stream: ONE });
    bench.connect(TWO, peer(2));
    talk(&mut bench, 3);
    bench.command(Command::Close { stream: ONE });
    let [near, other] = channels(&bench, 1);
    assert!((24_000..24_200).contains(&near.len()), "{}", near.len());
    for (channel, add) in [(&near, 0), (&other, 100)] {
        assert_eq!(said(channel, 2 + add), 0);
        assert!(said(channel, 1 + add) == 8000 && said(channel, 3 + add) >= 7680);
        assert!(channel[8400..15_900].iter().all(|&octet| octet == SILENT), "music and all");
        // The talk after the hold stands where it was.
        assert!(channel[16_200..23_900].iter().all(|&octet| octet == 3 + add));
    }
}

#[test]
fn a_transfer_goes_on_in_the_same_recording() {
    const THREE: media::StreamId = media::StreamId(3);
    let mut bench = recorded();
    bench.open(THREE);
    bench.connect(THREE, peer(3));
    Phone::new(far(2)).talk(&mut bench, TWO, 50);
    bench.command(Command::Unbridge { stream: ONE });
    bench.run_ms(500);
    bench.command(Command::Bridge { a: ONE, b: THREE });
    for seq in 0..50u16 {
        let packet = rtp(8, seq, u32::from(seq) * 160, 9, &[77; 160]);
        bench.receive(THREE, far(3), &packet);
        bench.run_ms(20);
    }
    bench.command(Command::StopRecording { stream: ONE });
    let other = &channels(&bench, 1)[1];
    assert_eq!(other.len(), 20_000);
    assert!(other[8200..11_900].iter().all(|&octet| octet == SILENT));
    assert_eq!(said(&other[12_000..], 77), 8000);
}

#[test]
fn a_new_recording_ends_the_one_before() {
    let mut bench = recorded();
    bench.run_ms(700);
    begin(&mut bench, 2);
    bench.run_ms(300);
    bench.command(Command::Close { stream: ONE });
    let lengths = [1, 2].map(|recording| channels(&bench, recording)[0].len());
    assert_eq!(lengths, [5600, 2400]);
    assert_eq!(bench.recorded.iter().filter(|block| block.last).count(), 2);
    bench.command(Command::Close { stream: TWO });
    bench.run(Duration::from_secs(1));
    assert_eq!(bench.engine.next_timeout(), None);
}
