//! Who gets a waiting call, and what the others do meanwhile.

use interop::{Line, Scenario, Setup, Sipp};
use journal::{Outcome, StepKind};
use serde_json::Value;

use crate::desks::{Citizen, Desk};

/// The demo with a menu of a moment.
fn quick() -> Setup {
    Setup::demo().with_short_menu()
}

/// What the status says of an agent.
fn agent<'a>(status: &'a Value, number: &str) -> &'a Value {
    let agents = status["centre"]["agents"].as_array().expect("the status lists agents");
    agents.iter().find(|agent| agent["agent"] == number).expect("the demo's agent")
}

#[test]
fn an_agent_who_is_busy_is_followed_by_the_next() {
    declines("486 Busy Here");
}

#[test]
fn an_agent_who_declines_is_followed_by_the_next() {
    declines("603 Decline");
}

#[track_caller]
fn declines(status: &str) {
    let line = quick().start();
    // Longest idle first: whoever came first.
    let (first, second) = (Desk::of_agent(&line, "201"), Desk::of_agent(&line, "202"));
    let declines = first.plays(&line, Scenario::callee().rings().refuses(status));
    let mut talks = second.talks_until_bye(&line);
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('0');
    talks.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    declines.finish();
    talks.finish();
    let of = |kind: fn(&StepKind) -> Option<&str>| -> Vec<&str> {
        record.steps.iter().filter_map(|step| kind(&step.what)).collect()
    };
    let offered = of(|kind| match kind {
        StepKind::Offered(agent) => Some(agent.as_str()),
        _ => None,
    });
    let not_taken = of(|kind| match kind {
        StepKind::NotTaken(agent) => Some(agent.as_str()),
        _ => None,
    });
    assert_eq!((offered, not_taken), (vec!["201", "202"], vec!["201"]), "{:?}", record.steps);
}

#[test]
fn a_phone_that_rings_in_vain_is_followed_by_the_next() {
    let line = quick().replace("ring_for = \"15s\"", "ring_for = \"5s\"").start();
    let (first, second) = (Desk::of_agent(&line, "201"), Desk::of_agent(&line, "202"));
    rings_in_vain_beside_one_that_talks(&line, &first, &second);
}

/// The first rings until it is cancelled, the second picks up.
fn rings_in_vain_beside_one_that_talks(line: &Line, first: &Desk, second: &Desk) {
    let silent = first.plays(line, Scenario::callee().rings().is_cancelled());
    let mut talks = second.talks_until_bye(line);
    let citizen = Citizen::dials(line, "122");
    citizen.presses('0');
    talks.wait_told("talks");
    citizen.hangs_up();
    silent.finish();
    talks.finish();
}

#[test]
fn one_agent_is_asked_at_a_time() {
    let line = quick().start();
    let desks = ["201", "202", "203"].map(|user| Desk::of_agent(&line, user));
    let citizen = Citizen::dials(&line, "122");
    let mut phones = desks.each_ref().map(|desk| desk.talks_until_bye(&line));
    citizen.presses('0');
    phones[0].wait_told("talks");
    citizen.hangs_up();
    let [first, others @ ..] = phones;
    first.finish();
    for other in others {
        assert_eq!(other.kill().received("INVITE").count(), 0);
    }
}

#[test]
fn all_phones_of_one_agent_ring_and_one_is_picked_up() {
    let line = quick().start();
    let (on_table, in_hall) = (Desk::of_agent(&line, "201"), Desk::of_agent(&line, "201"));
    rings_in_vain_beside_one_that_talks(&line, &on_table, &in_hall);
}

#[test]
fn the_next_caller_hears_music_until_the_paperwork_is_done() {
    let line = quick().replace("wrap_up = \"1s\"", "wrap_up = \"8s\"").start();
    let operator = Desk::of_agent(&line, "201");
    let mut phone = Sipp::start_many(&line, &operator.host, operator.talking().hears_bye(), 2, 1);
    let first = Citizen::dials(&line, "122");
    first.presses('0');
    phone.wait_told("talks");
    let second = Citizen::dials(&line, "122");
    second.presses('1');
    second.desk.sound.wait_prompt("please-wait");
    first.hangs_up();
    let status = line.wait_status("the paperwork", |s| agent(s, "201")["call"] == "wrap-up");
    let queues = status["centre"]["queues"].as_array().expect("the status lists queues");
    let waiting = queues.iter().find(|queue| queue["queue"] == "home-visit");
    assert_eq!(waiting.expect("the demo's queue")["waiting"], 1);
    second.desk.sound.wait_music("music/calm");
    phone.wait_told("talks");
    second.hangs_up();
    phone.finish();
}

#[test]
fn the_place_in_the_queue_is_told() {
    let line = quick().replace("announce_every = \"45s\"", "announce_every = \"15s\"").start();
    let operator = Desk::of_agent(&line, "201");
    let mut phone = operator.talks_until_bye(&line);
    let first = Citizen::dials(&line, "122");
    first.presses('0');
    phone.wait_told("talks");
    let second = Citizen::dials(&line, "122");
    second.presses('0');
    second.desk.sound.wait_prompt("you-are-next");
    let record = line.record(&second.hangs_up());
    assert_eq!(record.outcome, Outcome::Abandoned);
    first.hangs_up();
    phone.finish();
}

/// An agent dials a code and hears what it did.
#[track_caller]
fn dials_code(line: &Line, desk: &Desk, code: &str, prompt: &str) {
    let call = Scenario::call_from("201", code, desk.sound.sdp())
        .invites()
        .gives_password(407, "201", "demo-201")
        .gets_answer()
        .hears_bye();
    let sipp = desk.plays(line, call);
    desk.sound.wait_prompt(prompt);
    sipp.finish();
    desk.sound.forget();
}

#[test]
fn codes_change_the_duty() {
    let line = quick().start();
    let operator = Desk::of_agent(&line, "201");
    line.wait_status("on duty", |status| agent(status, "201")["duty"]["duty"] == "on");
    dials_code(&line, &operator, "*13", "agent/on-break");
    line.wait_status("on a break", |status| {
        agent(status, "201")["duty"]["duty"] == "break"
            && agent(status, "201")["duty"]["reason"] == "meal"
    });
    dials_code(&line, &operator, "*11", "agent/on-duty");
    line.wait_status("back", |status| agent(status, "201")["duty"]["duty"] == "on");
    dials_code(&line, &operator, "*10", "agent/off-duty");
    line.wait_status("off duty", |status| agent(status, "201")["duty"]["duty"] == "off");

    let citizen = Citizen::dials(&line, "122");
    citizen.presses('0');
    citizen.desk.sound.wait_prompt("nobody-on-duty");
    citizen.hangs_up();
}

#[test]
fn a_caller_who_gives_up_is_recorded_and_the_phone_stops_ringing() {
    let line = quick().start();
    let operator = Desk::of_agent(&line, "201");
    let mut phone = operator.plays(&line, Scenario::callee().rings().tells("rings").is_cancelled());
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('4');
    phone.wait_told("rings");
    let record = line.record(&citizen.hangs_up());
    phone.finish();
    assert_eq!(record.outcome, Outcome::Abandoned);
    assert_eq!(record.queue.as_ref().map(|q| q.as_str()), Some("medicines"));
    line.wait_status("nobody is asked any more", |s| agent(s, "201")["call"] == "waiting");
}
