//! Two legs joined: what one says the other hears, at once.

#[allow(dead_code, unreachable_pub, missing_docs, reason = "each test file uses its part")]
mod common;

use common::{Bench, EVENTS, ONE, Phone, TWO, far, hum, mu_law, peer, rtp};
use media::{Command, Event, Key, Peer, PlayId};

#[test]
fn the_same_law_passes_unchanged_both_ways_and_at_once() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let (mut caller, mut agent) = (Phone::new(far(1)), Phone::new(far(2)));
    for n in 0..200u8 {
        let (said, answered) = ([n; 160], [255 - n; 160]);
        let packet = caller.packet(&said);
        bench.receive(ONE, far(1), &packet);
        let heard = bench.take_rtp(TWO);
        assert_eq!((heard.len(), heard[0].payload(), heard[0].to), (1, &said[..], far(2)));
        let packet = agent.packet(&answered);
        bench.receive(TWO, far(2), &packet);
        let heard = bench.take_rtp(ONE);
        assert_eq!((heard.len(), heard[0].payload(), heard[0].to), (1, &answered[..], far(1)));
        bench.run_ms(20);
    }
}

#[test]
fn between_the_laws_each_octet_is_translated() {
    let mut bench = Bench::bridged(peer(1), mu_law(peer(2)));
    let octets: Vec<u8> = (0..=255).collect();
    let packet = Phone::new(far(1)).packet(&octets);
    bench.receive(ONE, far(1), &packet);
    let heard = bench.take_rtp(TWO);
    assert_eq!(heard[0].rtp().payload_type(), 0);
    let table = audio_codec_algorithms::convert_alaw_to_ulaw;
    assert!(octets.iter().zip(heard[0].payload()).all(|(&a, &mu)| table(a) == mu));

    let mut phone = Phone { payload_type: 0, ..Phone::new(far(2)) };
    let packet = phone.packet(&octets);
    bench.receive(TWO, far(2), &packet);
    let heard = bench.take_rtp(ONE);
    let table = audio_codec_algorithms::convert_ulaw_to_alaw;
    assert!(octets.iter().zip(heard[0].payload()).all(|(&mu, &a)| table(mu) == a));
}

#[test]
fn losses_order_and_pauses_pass_as_they_are_and_duplicates_do_not() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let seqs = [100u16, 101, 103, 102, 102, 106];
    for seq in seqs {
        let packet = rtp(8, seq, u32::from(seq) * 160, 5, &[1; 160]);
        bench.receive(ONE, far(1), &packet);
        bench.run_ms(20);
    }
    let heard = bench.take_rtp(TWO);
    let from_first: Vec<_> = heard.iter().map(|p| p.seq().wrapping_sub(heard[0].seq())).collect();
    assert_eq!(from_first, [0, 1, 3, 2, 6]);
    for (packet, seq) in heard.iter().zip(from_first) {
        assert_eq!(packet.ticks().wrapping_sub(heard[0].ticks()), u32::from(seq) * 160);
    }
}

#[test]
fn another_source_behind_the_same_address_is_one_source_to_the_far_end() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let mut phone = Phone::new(far(1));
    phone.talk(&mut bench, ONE, 10);
    // The gateway begins anew with other numbers (RFC 3550 §8).
    let mut gateway = Phone { ssrc: 77, seq: 9, ticks: 1_000_000, ..Phone::new(far(1)) };
    gateway.talk(&mut bench, ONE, 10);
    let heard = bench.take_rtp(TWO);
    // One packet is spent on making sure.
    assert_eq!(heard.len(), 19);
    for two in heard.windows(2) {
        assert_eq!(two[1].seq(), two[0].seq().wrapping_add(1));
        assert!(two[1].ticks().wrapping_sub(two[0].ticks()) <= 320);
        assert_eq!(two[0].rtp().ssrc(), two[1].rtp().ssrc());
    }
    assert_eq!(heard.iter().filter(|packet| packet.rtp().mark()).count(), 2);
}

#[test]
fn a_prompt_goes_before_the_bridge_and_gives_way_after() {
    let mut bench = Bench::new(&[("please-wait", hum(800))]);
    for (stream, peer) in [(ONE, peer(1)), (TWO, peer(2))] {
        bench.open(stream);
        bench.connect(stream, peer);
    }
    bench.command(Command::Bridge { a: ONE, b: TWO });
    let mut agent = Phone::new(far(2));
    agent.talk(&mut bench, TWO, 5);
    bench.play(&["please-wait"], false);
    agent.talk(&mut bench, TWO, 10);
    let heard = bench.take_rtp(ONE);
    for two in heard.windows(2) {
        assert_eq!(two[1].seq(), two[0].seq().wrapping_add(1));
        let step = two[1].ticks().wrapping_sub(two[0].ticks());
        assert!((160..=400).contains(&step), "{step}");
    }
    let prompt = heard.iter().filter(|p| p.payload()[1] != 1).count();
    assert_eq!(prompt, 5);
    assert!((14..=15).contains(&heard.len()), "{}", heard.len());
    assert_eq!(bench.told(|e| *e == Event::Played { stream: ONE, play: PlayId(7) }), 1);
}

#[test]
fn a_peer_on_hold_gets_nothing_and_is_taken_up_again() {
    let mut bench = Bench::bridged(peer(1), Peer { send: false, ..peer(2) });
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 300);
    assert_eq!(bench.take_rtp(TWO), []);
    bench.connect(TWO, peer(2));
    caller.talk(&mut bench, ONE, 3);
    let heard = bench.take_rtp(TWO);
    assert_eq!(heard.len(), 3);
    assert_eq!(heard[2].seq(), heard[0].seq().wrapping_add(2));
}

#[test]
fn a_peer_that_is_not_to_send_is_not_passed_on() {
    let mut bench = Bench::bridged(Peer { receive: false, ..peer(1) }, peer(2));
    Phone::new(far(1)).talk(&mut bench, ONE, 3);
    assert_eq!(bench.take_rtp(TWO), []);
}

#[test]
fn keys_pass_with_the_other_sides_payload_type_and_are_told_once() {
    let other = Peer { telephone_event: Some(96), ..peer(2) };
    let mut bench = Bench::bridged(peer(1), other);
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 3);
    bench.sent.clear();
    caller.press(&mut bench, ONE, 5);
    let heard = bench.take_rtp(TWO);
    assert_eq!(heard.len(), 7);
    assert!(heard.iter().all(|packet| packet.rtp().payload_type() == 96));
    assert!(heard.iter().all(|packet| packet.ticks() == heard[0].ticks()));
    assert_eq!(heard[6].payload(), [5, 0x8a, 3, 0x20]);
    assert_eq!(bench.keys(), "5");
}

#[test]
fn the_rest_of_a_key_pressed_before_the_bridge_does_not_cross_it() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    bench.command(Command::Unbridge { stream: ONE });
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 3);
    // The menu acts at once: the bridge stands before the finger has let go (RFC 4733 §2.5.1.4).
    let start = caller.ticks;
    let event = |duration: u16, end: u8| {
        let [high, low] = duration.to_be_bytes();
        [0, end | 10, high, low]
    };
    let send = |bench: &mut Bench, caller: &mut Phone, payload: [u8; 4]| {
        let packet = rtp(EVENTS, caller.seq, start, caller.ssrc, &payload);
        caller.seq = caller.seq.wrapping_add(1);
        bench.receive(ONE, caller.from, &packet);
        bench.run_ms(20);
    };
    send(&mut bench, &mut caller, event(160, 0));
    assert_eq!(bench.keys(), "0", "told at once");
    bench.command(Command::Bridge { a: ONE, b: TWO });
    bench.sent.clear();
    send(&mut bench, &mut caller, event(320, 0));
    for _ in 0..3 {
        send(&mut bench, &mut caller, event(480, 0x80));
    }
    let heard = bench.take_rtp(TWO);
    let is_event = |packet: &common::Sent| packet.rtp().payload_type() == EVENTS;
    assert!(!heard.iter().any(is_event), "the operator's phone sees no key");
    caller.ticks = start.wrapping_add(480);
    caller.talk(&mut bench, ONE, 2);
    assert_eq!(bench.take_rtp(TWO).len(), 2, "the voice passes");
    caller.press(&mut bench, ONE, 5);
    assert_eq!(bench.take_rtp(TWO).len(), 7, "and the next key");
}

#[test]
fn keys_for_a_peer_without_events_become_tones() {
    let mut bench = Bench::bridged(peer(1), Peer { telephone_event: None, ..peer(2) });
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 3);
    bench.sent.clear();
    caller.press(&mut bench, ONE, 5);
    bench.run_ms(200);
    caller.talk(&mut bench, ONE, 3);
    let heard = bench.take_rtp(TWO);
    assert!(heard.iter().all(|packet| packet.rtp().payload_type() == 8));
    assert_eq!(heard.len(), 5 + 4 + 3);
    for two in heard.windows(2) {
        assert_eq!(two[1].seq(), two[0].seq().wrapping_add(1));
    }
    assert_eq!(bench.keys(), "5");
}

#[test]
fn keys_pressed_faster_than_their_tones_last_wait_for_each_other() {
    let mut bench = Bench::bridged(peer(1), Peer { telephone_event: None, ..peer(2) });
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 3);
    bench.sent.clear();
    for code in 1..=4 {
        // The packets of a press that was cut short.
        for duration in [160u16, 320] {
            let [high, low] = duration.to_be_bytes();
            let payload = [code, if duration == 320 { 0x8a } else { 10 }, high, low];
            let packet = rtp(EVENTS, caller.seq, caller.ticks, caller.ssrc, &payload);
            caller.seq = caller.seq.wrapping_add(1);
            bench.receive(ONE, far(1), &packet);
            bench.run_ms(20);
        }
        caller.ticks = caller.ticks.wrapping_add(640);
        bench.run_ms(40);
    }
    bench.run_ms(1000);
    assert_eq!(bench.keys(), "1234");
    assert_eq!(bench.take_sound(TWO).len(), 4 * 5);
}

#[test]
fn a_long_press_keeps_its_start_on_the_other_side() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 2);
    bench.sent.clear();
    for step in 1..=300u16 {
        let [high, low] = (step * 160).to_be_bytes();
        let packet = rtp(EVENTS, caller.seq, caller.ticks, caller.ssrc, &[7, 10, high, low]);
        caller.seq = caller.seq.wrapping_add(1);
        bench.receive(ONE, far(1), &packet);
        bench.run_ms(20);
    }
    let heard = bench.take_rtp(TWO);
    assert!(heard.iter().all(|packet| packet.ticks() == heard[0].ticks()));
    assert_eq!((heard.len(), bench.keys().as_str()), (300, "7"));
}

#[test]
fn comfort_noise_and_unknown_types_are_not_passed_on_and_not_missed() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    for (seq, payload_type) in [(1u16, 8u8), (2, 13), (3, 97), (4, 8)] {
        let packet = rtp(payload_type, seq, u32::from(seq) * 160, 5, &[7; 160]);
        bench.receive(ONE, far(1), &packet);
    }
    let heard = bench.take_rtp(TWO);
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[1].ticks().wrapping_sub(heard[0].ticks()), 480);
}

#[test]
fn after_the_bridge_nothing_passes() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    bench.command(Command::Unbridge { stream: TWO });
    Phone::new(far(1)).talk(&mut bench, ONE, 3);
    assert_eq!(bench.take_rtp(TWO), []);

    let mut bench = Bench::bridged(peer(1), peer(2));
    bench.command(Command::Close { stream: TWO });
    Phone::new(far(1)).talk(&mut bench, ONE, 3);
    assert_eq!(bench.take_rtp(TWO), []);
}

#[test]
fn a_bridge_takes_the_place_of_an_earlier_one() {
    let three = media::StreamId(3);
    let mut bench = Bench::bridged(peer(1), peer(2));
    bench.open(three);
    bench.connect(three, peer(3));
    bench.command(Command::Bridge { a: ONE, b: three });
    let mut caller = Phone::new(far(1));
    caller.talk(&mut bench, ONE, 3);
    assert_eq!(bench.take_rtp(three).len(), 3);
    Phone::new(far(2)).talk(&mut bench, TWO, 3);
    assert_eq!(bench.take_sound(ONE), []);
    bench.command(Command::Bridge { a: ONE, b: ONE });
    caller.talk(&mut bench, ONE, 1);
    assert_eq!(bench.take_rtp(three).len(), 1);
}

#[test]
fn keys_sent_go_out_as_events_over_the_bridge() {
    let mut bench = Bench::bridged(peer(1), peer(2));
    let mut agent = Phone::new(far(2));
    agent.talk(&mut bench, TWO, 3);
    bench.sent.clear();
    bench.command(Command::SendKeys { stream: ONE, keys: vec![Key(b'4'), Key(b'2')] });
    agent.talk(&mut bench, TWO, 25);
    let heard = bench.take_rtp(ONE);
    let events: Vec<_> = heard.iter().filter(|p| p.rtp().payload_type() == EVENTS).collect();
    assert_eq!(events.len(), 14);
    assert_eq!(events.iter().filter(|packet| packet.rtp().mark()).count(), 2);
    for two in heard.windows(2) {
        assert_eq!(two[1].seq(), two[0].seq().wrapping_add(1));
    }
}
