//! What is heard on a stream, in order, 20 ms by 20 ms.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use std::time::Duration;

use common::{Bench, ONE, Pair, Phone, far, hum, mu_law, peer};
use media::{Command, Peer};

/// The likeness of two sounds at the best shift, from −1 to 1.
fn likeness(heard: &[i16], said: &[i16]) -> f32 {
    let power = |sound: &[i16]| sound.iter().map(|&s| f32::from(s).powi(2)).sum::<f32>();
    let shifts = 0..heard.len().saturating_sub(said.len());
    let at = |shift: usize| {
        let part = &heard[shift..shift + said.len()];
        let both: f32 = part.iter().zip(said).map(|(&a, &b)| f32::from(a) * f32::from(b)).sum();
        both / (power(part) * power(said)).sqrt().max(1.0)
    };
    shifts.map(at).fold(-1.0, f32::max)
}

/// A sweep from 200 to 3000 Hz: like itself only where it really is.
fn sweep() -> Vec<i16> {
    (0..8000)
        .map(|n| {
            let t = n as f32 / 8000.0;
            ((std::f32::consts::TAU * (200.0 * t + 1400.0 * t * t)).sin() * 8000.0) as i16
        })
        .collect()
}

fn heard_over(peer: &Peer, loses: impl FnMut() -> bool + 'static) -> (Vec<i16>, Pair) {
    let mut pair = Pair::new(&[("sweep", sweep())], Duration::from_millis(25), peer);
    let mut loses = loses;
    pair.loses = Box::new(move |_, _| loses());
    pair.ends[1].command(Command::Listen { stream: ONE, on: true });
    pair.ends[0].play(&["sweep"], false);
    pair.run_ms(1300);
    (pair.ends[1].heard(), pair)
}

#[test]
fn what_is_played_is_heard_in_either_law() {
    for peer in [peer(1), mu_law(peer(1))] {
        let (heard, _) = heard_over(&peer, || false);
        assert!(likeness(&heard, &sweep()) > 0.99);
    }
}

#[test]
fn losses_are_concealed_and_shift_nothing() {
    let mut count = 0;
    let (heard, _) = heard_over(&peer(1), move || {
        count += 1;
        count % 10 == 0
    });
    let likeness = likeness(&heard, &sweep());
    assert!(likeness > 0.9, "{likeness}");
}

#[test]
fn frames_come_every_20_ms_from_the_first_packet_until_it_is_switched_off() {
    let mut bench = Bench::connected(&[]);
    bench.command(Command::Listen { stream: ONE, on: true });
    bench.run_ms(1000);
    assert_eq!(bench.heard().len(), 0);
    Phone::new(far(1)).talk(&mut bench, ONE, 50);
    // The far end falls silent, listening goes on.
    bench.run_ms(1000);
    let frames = bench.heard().len() / 160;
    assert!((99..=100).contains(&frames), "{frames}");
    bench.command(Command::Listen { stream: ONE, on: false });
    bench.run_ms(1000);
    assert_eq!(bench.heard().len() / 160, frames);
}

#[test]
fn listening_changes_nothing_for_what_is_sent() {
    let mut bench = Bench::connected(&[("hum", hum(8000))]);
    bench.command(Command::Listen { stream: ONE, on: true });
    bench.play(&["hum"], false);
    Phone::new(far(1)).talk(&mut bench, ONE, 60);
    assert_eq!(bench.take_rtp(ONE).len(), 50);
}

#[test]
fn a_source_that_begins_anew_is_heard_on() {
    let mut bench = Bench::connected(&[]);
    bench.command(Command::Listen { stream: ONE, on: true });
    let mut phone = Phone::new(far(1));
    for ssrc in 0..5 {
        phone = Phone { ssrc, ticks: ssrc * 0x3333_3333, ..phone };
        phone.talk(&mut bench, ONE, 20);
    }
    let heard = bench.heard();
    let loud = heard.chunks(160).filter(|frame| frame.iter().any(|&s| s != 0)).count();
    assert!(loud >= 85, "{loud}");
}
