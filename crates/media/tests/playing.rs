//! Prompts: exact pacing, one sequence, one clock.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, ONE, Sent, TWO, far, hum, peer};
use media::{Command, Event, Peer, PlayId};

fn gaps(sent: &[Sent]) -> Vec<Duration> {
    sent.windows(2).map(|two| two[1].at.since(two[0].at)).collect()
}

#[test]
fn a_prompt_of_five_minutes_is_paced_to_the_beat() {
    let mut bench = Bench::connected(&[("long", hum(300 * 8000))]);
    bench.play(&["long"], false);
    bench.run(Duration::from_secs(301));
    let sent = bench.take_rtp(ONE);
    let prompt = &sent[..15_000];
    assert!(gaps(prompt).iter().all(|&gap| gap == Duration::from_millis(20)));
    for (n, packet) in prompt.iter().enumerate() {
        assert_eq!(packet.seq(), prompt[0].seq().wrapping_add(n as u16));
        assert_eq!(packet.ticks(), prompt[0].ticks().wrapping_add(n as u32 * 160));
        // RFC 3551 §4.1: the mark is on the first packet of a talkspurt.
        assert_eq!(packet.rtp().mark(), n == 0);
        assert_eq!((packet.rtp().payload_type(), packet.payload().len()), (8, 160));
        assert_eq!(packet.to, far(1));
    }
    assert_eq!(bench.told(|event| *event == Event::Played { stream: ONE, play: PlayId(7) }), 1);
    // Nothing but a packet now and then to keep the way open (RFC 6263).
    assert_eq!(sent.len(), 15_000);
    bench.run(Duration::from_secs(11));
    assert_eq!(bench.take_rtp(ONE).len(), 2);
}

#[test]
fn a_prompt_after_a_prompt_follows_without_a_gap() {
    let mut bench = Bench::connected(&[("a", hum(1600)), ("b", hum(320))]);
    bench.play(&["a"], false);
    while bench.told(|event| matches!(event, Event::Played { .. })) == 0 {
        bench.run_ms(1);
    }
    bench.play(&["b"], false);
    bench.run_ms(100);
    let sent = bench.take_rtp(ONE);
    assert_eq!(sent.len(), 12);
    assert!(gaps(&sent).iter().all(|&gap| gap == Duration::from_millis(20)));
    assert_eq!(sent.iter().filter(|packet| packet.rtp().mark()).count(), 1);
}

#[test]
fn clips_join_as_one_sentence_and_unknown_ones_are_skipped() {
    let mut bench = Bench::connected(&[("a", hum(100)), ("b", hum(60))]);
    bench.play(&["a", "no such", "b"], false);
    bench.run_ms(100);
    assert_eq!(bench.take_rtp(ONE).len(), 1);
}

#[test]
fn nothing_to_play_is_played_at_once() {
    let mut bench = Bench::connected(&[("empty", Vec::new())]);
    bench.play(&["empty", "no such"], true);
    assert_eq!(bench.told(|event| matches!(event, Event::Played { .. })), 1);
}

#[test]
fn stopping_and_replacing_are_not_told_and_the_pause_is_marked() {
    let mut bench = Bench::connected(&[("music", hum(8000))]);
    bench.play(&["music"], true);
    bench.run_ms(3000);
    bench.command(Command::Stop { stream: ONE });
    bench.run_ms(1000);
    let before = bench.take_rtp(ONE);
    bench.play(&["music"], true);
    bench.run_ms(100);
    let after = bench.take_rtp(ONE);
    assert_eq!((before.len(), after.len()), (150, 5));
    assert!(after[0].rtp().mark());
    assert_eq!(after[0].seq(), before[149].seq().wrapping_add(1));
    let (between, ticks) =
        (after[0].at.since(before[149].at), after[0].ticks().wrapping_sub(before[149].ticks()));
    assert_eq!(u128::from(ticks), between.as_millis() * 8);
    assert_eq!(bench.told(|event| matches!(event, Event::Played { .. })), 0);
}

#[test]
fn a_driver_that_is_late_makes_up_little_and_keeps_real_time() {
    let mut bench = Bench::connected(&[("long", hum(80_000))]);
    bench.play(&["long"], false);
    bench.run_ms(100);
    bench.sent.clear();
    // The thread was stopped for a second.
    bench.now = bench.now.after(Duration::from_secs(1));
    bench.run_ms(0);
    let burst = bench.take_rtp(ONE);
    assert!(burst.len() <= 3, "{}", burst.len());
    bench.run_ms(100);
    let sent = bench.take_rtp(ONE);
    assert!((4..=5).contains(&sent.len()));
    let first = burst.first().unwrap();
    assert!(first.rtp().mark());
    let last = sent.last().unwrap();
    let ticks = last.ticks().wrapping_sub(first.ticks());
    assert_eq!(ticks as usize, (burst.len() + sent.len() - 1) * 160);
}

#[test]
fn a_prompt_waits_for_the_peer_but_not_for_one_on_hold() {
    let mut bench = Bench::new(&[("second", hum(8000))]);
    bench.open(ONE);
    bench.play(&["second"], false);
    bench.run_ms(2000);
    assert_eq!(bench.told(|event| matches!(event, Event::Played { .. })), 0);
    bench.connect(ONE, Peer { send: false, ..peer(1) });
    bench.run_ms(2000);
    assert_eq!(bench.told(|event| matches!(event, Event::Played { .. })), 1);
    assert_eq!(bench.take_rtp(ONE), []);
}

#[test]
fn music_for_one_on_hold_costs_nothing_and_goes_on_with_the_talk() {
    let mut bench = Bench::new(&[("music", hum(8000))]);
    bench.open(ONE);
    bench.connect(ONE, Peer { send: false, ..peer(1) });
    bench.play(&["music"], true);
    bench.run_ms(1000);
    assert_eq!(bench.take_rtp(ONE), []);
    let next = bench.engine.next_timeout().map(|at| at.since(bench.now.mono));
    assert!(next.is_none_or(|after| after > Duration::from_millis(100)), "{next:?}");
    bench.connect(ONE, peer(1));
    bench.run_ms(1000);
    let sent = bench.take_rtp(ONE);
    assert!((49..=51).contains(&sent.len()), "{}", sent.len());
}

#[test]
fn many_streams_are_spread_evenly() {
    let mut bench = Bench::new(&[("music", hum(8000))]);
    for n in 1..=1000u64 {
        let stream = media::StreamId(n);
        bench.open(stream);
        bench.connect(stream, peer(1));
        let clips = vec!["music".into()];
        bench.command(Command::Play { stream, play: PlayId(n), clips, forever: true });
    }
    bench.run_ms(20);
    bench.sent.clear();
    let start = bench.now.mono;
    bench.run_ms(20);
    let mut by_ms = [0; 21];
    for packet in &bench.sent {
        by_ms[packet.at.since(start).as_millis() as usize] += 1;
    }
    assert!(by_ms[1..].iter().all(|&packets| packets == 50), "{by_ms:?}");
}

#[test]
fn orders_for_a_stream_that_is_gone_are_ignored() {
    let mut bench = Bench::connected(&[]);
    bench.command(Command::Close { stream: ONE });
    assert_eq!(bench.told(|event| matches!(event, Event::Closed { .. })), 1);
    assert_eq!(bench.engine.streams(), 0);
    bench.events.clear();
    bench.play(&["x"], false);
    bench.command(Command::Close { stream: ONE });
    bench.command(Command::Bridge { a: ONE, b: TWO });
    bench.receive(ONE, far(1), &[0x80; 172]);
    bench.run_ms(60_000);
    assert_eq!(bench.events, []);
    assert_eq!(bench.engine.next_timeout(), None);
}

#[test]
fn an_engine_has_at_most_so_many_streams() {
    let mut bench = Bench::new(&[]);
    for n in 0..=media::STREAMS_MAX as u64 {
        bench.engine.opened(bench.now, media::StreamId(n), far(1));
    }
    assert_eq!(bench.engine.streams(), media::STREAMS_MAX);
    let failed = media::StreamId(media::STREAMS_MAX as u64);
    let last = std::iter::from_fn(|| bench.engine.poll_event()).last();
    assert_eq!(last, Some(Event::OpenFailed { stream: failed }));
}
