//! Many calls at once over a wire that loses packets, with people who do anything at any time: each
//! call has exactly one end, and nothing of it is left behind.

use ambient::Entropy;
use dialplan::RingOrder;
use journal::CallId;
use proxy::Output;
use sip::{Dialog, Event, HeaderName, Message, Method, NextHop, StatusCode};
use std::collections::BTreeMap;
use std::time::Duration;

use crate::harness::{Outgoing, World, plan, seconds};

const PHONES: [&str; 3] = ["127.0.0.1:5091", "127.0.0.1:5092", "127.0.0.1:5093"];
const CALLS: usize = 60;

fn clinic_with_three_phones(order: RingOrder) -> dialplan::Dialplan {
    let mut demo = plan::demo();
    plan::change(&mut demo, "first", |clinic| {
        clinic.order = order;
        clinic.ring = PHONES.iter().map(|phone| plan::at(&format!("sip:p@{phone}"))).collect();
    });
    demo
}

/// What a phone of the clinic does with what reaches it.
fn behave(world: &mut World, address: &str, entropy: &mut Entropy) {
    let now = world.now;
    while let Some((tx, request)) = world.phone(address).asked(&Method::Invite) {
        let status = match entropy.below(10) {
            0 => continue, // silence
            1 => 486,
            2 => 302,
            3 => 480,
            4 | 5 => 200,
            _ => 180,
        };
        let mut response = Message::response(&request, StatusCode(status));
        response.set_to_tag(&format!("t{}", entropy.below(1 << 40)));
        response.copy_from(&request, HeaderName::RecordRoute);
        response.push(HeaderName::Contact, format_args!("<sip:p@{address}>"));
        let phone = world.phone(address);
        phone.endpoint.respond(now, tx, response.clone());
        // Some that ring are taken later, even after they were cancelled.
        if status == 180 && entropy.below(2) == 0 {
            let mut answer = Message::response(&request, StatusCode(200));
            answer.set_to_tag(response.to_tag().unwrap());
            answer.copy_from(&request, HeaderName::RecordRoute);
            answer.push(HeaderName::Contact, format_args!("<sip:p@{address}>"));
            world.later.push((now.mono + seconds(entropy.below(90)), address.into(), tx, answer));
        }
    }
    let mut answers = Vec::new();
    world.phone(address).events.retain(|event| match event {
        Event::Request { tx, message, .. } => {
            answers.push((*tx, Message::response(message, StatusCode(200))));
            false
        }
        Event::Cancelled { tx, .. } => {
            answers.push((*tx, Message::request(Method::Cancel, "sip:x")));
            false
        }
        _ => false,
    });
    for (tx, answer) in answers {
        let phone = world.phone(address);
        let answer = match answer.is_request() {
            false => answer,
            true => match phone.endpoint.request_of(tx) {
                Some(invite) => Message::response(invite, StatusCode(487)),
                None => continue,
            },
        };
        phone.endpoint.respond(now, tx, answer);
    }
}

/// What a caller does with what reaches it: it acknowledges each 200, keeps the first phone that
/// took the call (RFC 3261 §13.2.2.4), and sometimes hangs up.
fn call_goes_on(world: &mut World, call: &Outgoing, dialog: &mut Option<Dialog>) {
    let now = world.now;
    let events: Vec<Event> = world.phone(&call.address).events.drain(..).collect();
    for event in events {
        let Event::Response { message, .. } = event else { continue };
        if *message.method() != Method::Invite || message.status() != Some(StatusCode(200)) {
            continue;
        }
        let answered = Dialog::uac(&call.request, &message).unwrap();
        let ack = answered.ack(answered.local_seq);
        let hop = NextHop::Uri(answered.next_hop());
        let endpoint = &mut world.phone(&call.address).endpoint;
        endpoint.send(now, ack, hop.clone());
        let kept = dialog.get_or_insert_with(|| answered.clone());
        if kept.id != answered.id {
            let mut other = answered;
            endpoint.request(now, other.request(Method::Bye), hop);
        }
    }
}

fn live_through(seed: u64, order: RingOrder, loss: u64) {
    let mut world = World::with_plan(clinic_with_three_phones(order));
    world.loss = loss;
    let mut entropy = Entropy::from_number(seed);
    for phone in PHONES {
        world.phone(phone);
    }
    let mut calls: Vec<(Outgoing, Option<Dialog>, u64)> = Vec::new();
    for second in 0..400 {
        if calls.len() < CALLS && second % 3 == 0 {
            let n = calls.len();
            let from = format!("<sip:+7920{n:07}@x>;tag=f{n}");
            let address = format!("127.0.0.1:{}", 7000 + n);
            let call = world.call(&address, "270001", &[("From", &from)]);
            calls.push((call, None, entropy.below(120)));
        }
        world.run(Duration::from_secs(1));
        for phone in PHONES {
            behave(&mut world, phone, &mut entropy);
        }
        world.answer_later();
        for (call, dialog, patience) in &mut calls {
            call_goes_on(&mut world, call, dialog);
            *patience = patience.saturating_sub(1);
            if *patience > 0 {
                continue;
            }
            *patience = u64::MAX;
            let now = world.now;
            match dialog {
                Some(dialog) => {
                    let bye = dialog.request(Method::Bye);
                    let hop = NextHop::Uri(dialog.next_hop());
                    world.phone(&call.address).endpoint.request(now, bye, hop);
                }
                None => world.phone(&call.address).endpoint.cancel(now, call.tx, None),
            }
        }
        // Call control refuses what it gets, so that its transactions end too.
        let arrived: Vec<_> = world
            .outputs
            .iter()
            .filter_map(|output| match output {
                Output::Arrival(arrival) => Some((arrival.tx, arrival.request.clone())),
                _ => None,
            })
            .collect();
        for (tx, request) in arrived {
            if world.endpoint.request_of(tx).is_some() {
                let now = world.now;
                world.endpoint.respond(now, tx, Message::response(&request, StatusCode(486)));
            }
        }
    }
    world.loss = 0;
    world.run(seconds(5 * 3600));
    check(&world, seed);
}

/// Independent of the proxy's own books.
fn check(world: &World, seed: u64) {
    let mut ends: BTreeMap<CallId, (u32, u32)> = BTreeMap::new();
    for output in &world.outputs {
        match output {
            Output::Began(began) => ends.entry(began.call).or_default().0 += 1,
            Output::Arrival(arrival) => ends.entry(arrival.call).or_default().1 += 1,
            Output::Record(record) => ends.entry(record.call).or_default().1 += 1,
            Output::Reachable(_)
            | Output::Unreachable(_)
            | Output::Bound { .. }
            | Output::Stepped(..)
            | Output::Replacing(_)
            | Output::Refused => {}
        }
    }
    assert!(ends.len() > CALLS / 2, "seed {seed}: only {} calls began", ends.len());
    for (call, counts) in ends {
        assert_eq!(counts, (1, 1), "seed {seed}: {call} began and ended so often");
    }
    let view = world.proxy.view();
    assert_eq!((view.calls, view.in_work), (0, 0), "seed {seed}");
    assert_eq!(world.endpoint.transactions(), (0, 0), "seed {seed}");
}

#[test]
fn every_call_ends_once_and_leaves_nothing() {
    for seed in 1..=4 {
        live_through(seed, RingOrder::Parallel, 0);
        live_through(seed, RingOrder::InOrder, 0);
    }
}

#[test]
fn every_call_ends_once_over_a_lossy_wire() {
    for seed in 10..=13 {
        live_through(seed, RingOrder::Parallel, 15);
        live_through(seed, RingOrder::InOrder, 15);
    }
}
