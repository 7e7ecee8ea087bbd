//! A browser is enough: a citizen at `/call`, an agent at `/desk`.

use interop::browser::{Caller, Desk, Ear, Turn, humming};
use interop::{PATIENCE, Setup, until};
use journal::{HangupBy, Outcome, StepKind};

/// What the citizen hums, and the agent.
const CITIZEN: f64 = 1000.0;
const AGENT: f64 = 700.0;

#[test]
fn a_citizen_and_an_agent_talk() {
    let _turn = Turn::take();
    let line = Setup::demo().replace("wrap_up = \"1s\"", "wrap_up = \"60s\"").start();
    let (home, centre) = (humming(&line, CITIZEN), humming(&line, AGENT));
    let desk = Desk::on_duty(&line, &centre, "201");
    let caller = Caller::dials(&line, &home);
    caller.presses("1");
    desk.wait_ringing();
    desk.page.wait_text("#call-title", "Вызов врача на дом");
    desk.answers();
    caller.wait_tone(AGENT);
    desk.wait_tone(CITIZEN);

    desk.page.click("#hold");
    desk.page.wait_text("#marks", "На удержании");
    Ear::wait_music(&caller.page, "music/calm");
    desk.page.click("#hold");
    caller.wait_tone(AGENT);
    desk.wait_tone(CITIZEN);

    desk.page.press("m");
    desk.page.wait_text("#marks", "Микрофон выключен");
    Ear::wait_no_tone(&caller.page, AGENT);
    desk.wait_tone(CITIZEN);
    desk.page.press("m");
    caller.wait_tone(AGENT);
    caller.page.click("#mute");
    Ear::wait_no_tone(&desk.page, CITIZEN);

    caller.hangs_up();
    desk.wait_state("wrap-up");
    desk.page.wait_visible("#case-part");
    desk.page.click("#ready");
    desk.wait_free();
    let record = line.only_record();
    assert_eq!((record.outcome, record.hangup_by), (Outcome::Answered, HangupBy::Caller));
    assert_eq!(record.queue.as_ref().map(|queue| queue.as_str()), Some("home-visit"));
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("201"));
    let of = |kind: StepKind| record.steps.iter().filter(|step| step.what == kind).count();
    assert_eq!((of(StepKind::Held), of(StepKind::Resumed)), (1, 1), "{:?}", record.steps);
}

#[test]
fn an_agent_hangs_up_and_the_next_citizen_comes() {
    let _turn = Turn::take();
    let line = Setup::demo().with_short_menu().start();
    let (home, centre) = (humming(&line, CITIZEN), humming(&line, AGENT));
    let desk = Desk::on_duty(&line, &centre, "201");
    for round in 1..=2 {
        let caller = Caller::dials(&line, &home);
        desk.wait_ringing();
        // The key that answers has the focus already.
        desk.page.press("Enter");
        caller.wait_tone(AGENT);
        desk.wait_tone(CITIZEN);
        desk.page.click("#hang-up");
        caller.page.wait_text("#message", "Звонок окончен");
        desk.wait_free();
        until("its record", PATIENCE, || (line.records().len() == round).then_some(()));
    }
    assert!(line.records().iter().all(|record| record.hangup_by == HangupBy::Callee));
}
