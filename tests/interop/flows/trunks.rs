//! Carriers: calls that leave by them, registrations with them, and what they want to hear early.

use std::time::Duration;

use interop::sip::{Algorithm, proves_password};
use interop::{Line, PATIENCE, Scenario, Setup, until};
use journal::StepKind;

use crate::desks::{Citizen, Desk};

/// 201 dials a number outside.
fn dials_outside(line: &Line, desk: &Desk) -> interop::Sipp {
    let call = Scenario::call_from("201", "84951234567", desk.sound.sdp()).invites();
    let call = call.gives_password(407, "201", "demo-201").gets_answer();
    desk.plays(line, call.nudged().hangs_up())
}

#[test]
fn an_operator_calls_out_by_the_next_target_when_the_first_is_gone() {
    let setup = Setup::demo();
    let (gone, works) = (setup.host(), setup.host());
    let trunk = format!(
        "[trunks.carrier]\nfrom = [\"{ip}\"]\nto = [\"sip:{}\", \"sip:{}\"]\n\
         caller_number = \"8-800-234-35-22\"\n",
        gone.sip(),
        works.sip(),
        ip = works.ip(),
    );
    let line = setup.plan("carrier.toml", &trunk).start();
    let (operator, carrier) = (Desk::of_agent(&line, "201"), Desk::at(works));
    let mut called = carrier.talks_until_bye(&line);
    let mut calls = dials_outside(&line, &operator);
    called.wait_told("talks");
    operator.sound.hum(700.0);
    carrier.sound.hum(500.0);
    carrier.sound.wait_tone(700.0);
    operator.sound.wait_tone(500.0);
    calls.nudge();
    calls.finish();
    let trace = called.finish();
    let invite = trace.first("INVITE");
    assert!(invite.text.starts_with("INVITE sip:+74951234567@"), "{}", invite.text);
    // The operator's extension is nobody's business outside.
    let from = invite.header("From").unwrap_or_default();
    assert!(from.contains("+78002343522") && !invite.text.contains("201@"), "{}", invite.text);
}

#[test]
fn a_carrier_that_does_not_answer_options_is_dead_and_comes_back() {
    let setup = Setup::demo();
    let host = setup.host();
    let trunk = format!("[trunks.carrier]\nto = [\"sip:{}\"]\nkeep_alive = \"5s\"\n", host.sip());
    let line = setup.plan("carrier.toml", &trunk).start();
    let alive = |expected: bool| {
        until(&format!("the carrier is alive: {expected}"), PATIENCE, || {
            let status = line.status();
            let trunks = status["trunks"].as_array().expect("the status lists trunks");
            let carrier = trunks.iter().find(|trunk| trunk["trunk"] == "carrier");
            (carrier.expect("it is there")["alive"] == expected).then_some(())
        });
    };
    alive(false);
    let carrier = Desk::at(host);
    let ok = "Content-Length: 0\n";
    let answers = Scenario::callee().gets_new("OPTIONS").responds("200 OK", ok, false);
    let sipp = carrier.plays(&line, answers);
    alive(true);
    sipp.finish();
}

#[test]
fn a_trunk_is_registered_with() {
    let setup = Setup::demo();
    let host = setup.host();
    let trunk = format!(
        "[trunks.carrier]\nto = [\"sip:{sip}\"]\n\
         register = {{ registrar = \"sip:{sip}\", user = \"74812270122\", password = \"secret\" }}\n",
        sip = host.sip(),
    );
    let carrier = Desk::at(host);
    let line = setup.plan("carrier.toml", &trunk);
    let challenge = "WWW-Authenticate: Digest realm=\"carrier\", nonce=\"84f1c1ae6cbe5ua9\", \
                     algorithm=MD5, qop=\"auth\"\nContent-Length: 0\n";
    let bound = "Contact: <sip:74812270122@[remote_ip]>;expires=600\nContent-Length: 0\n";
    let registrar = Scenario::callee()
        .gets_new("REGISTER")
        .responds("401 Unauthorized", challenge, false)
        .gets_new("REGISTER")
        .responds("200 OK", bound, false)
        .tells("registered");
    let line = line.start();
    let mut sipp = carrier.plays(&line, registrar);
    sipp.wait_told("registered");
    line.wait_status("the carrier is alive", |status| {
        let trunks = status["trunks"].as_array().expect("the status lists trunks");
        trunks.iter().any(|trunk| trunk["trunk"] == "carrier" && trunk["alive"] == true)
    });
    let trace = sipp.finish();
    let second = trace.received("REGISTER").last().expect("it registered");
    let proof = second.header("Authorization").expect("the second has a proof");
    assert!(
        proves_password(Algorithm::Md5, proof, ("74812270122", "secret"), "REGISTER"),
        "{proof}"
    );
}

#[test]
fn a_carrier_that_wants_it_hears_the_robot_before_the_answer() {
    let networks = "from = [\"127.0.0.0/8\", \"::1\"]";
    let early = format!("{networks}\nearly_media = true");
    let line = Setup::demo().replace(networks, &early).start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let citizen = Citizen::dials_as(&line, "122", |call| {
        call.invites().gets(183).gets_answer().nudged().hangs_up()
    });
    citizen.desk.sound.wait_prompt("welcome");
    citizen.desk.sound.press('0');
    at_desk.wait_told("talks");
    let record = line.record(&citizen.hangs_up());
    at_desk.finish();
    let place = |what: fn(&StepKind) -> bool| record.steps.iter().position(|step| what(&step.what));
    let key = place(|step| matches!(step, StepKind::Key(_))).expect("the key is recorded");
    let answer = place(|step| matches!(step, StepKind::Answered)).expect("the answer is recorded");
    assert!(key < answer, "{:?}", record.steps);
}

/// Nobody may wait for ever for a carrier that rings and rings.
#[test]
fn an_operator_gives_up_a_call_outside() {
    let setup = Setup::demo();
    let host = setup.host();
    let trunk = format!("[trunks.carrier]\nto = [\"sip:{}\"]\n", host.sip());
    let line = setup.plan("carrier.toml", &trunk).start();
    let (operator, carrier) = (Desk::of_agent(&line, "201"), Desk::at(host));
    let rings = carrier.plays(&line, Scenario::callee().rings().tells("rings").is_cancelled());
    let call = Scenario::call_from("201", "84951234567", operator.sound.sdp()).invites();
    let call = call.gives_password(407, "201", "demo-201").gets(180);
    let call = call.waits(Duration::from_millis(300)).cancels();
    operator.plays(&line, call).finish();
    rings.finish();
    line.wait_calls(0);
}
