//! Browsers and telephones in one call.

use interop::browser::{Desk, Ear, Turn, humming};
use interop::{Baresip, Line, Setup};
use journal::{Outcome, StepKind};

use crate::browser_talk::{CITIZEN, calls, talk};

/// What the agents hum.
const FIRST: f64 = 700.0;
const SECOND: f64 = 500.0;

/// A line where everybody comes to the operators at once.
fn quick() -> Line {
    Setup::demo().with_short_menu().start()
}

#[test]
fn a_telephone_calls_a_browser() {
    let _turn = Turn::take();
    let line = quick();
    let browser = humming(&line, FIRST);
    let desk = Desk::on_duty(&line, &browser, "201");
    let citizen = calls(&line);
    desk.answers();
    desk.page.wait_text("#call-who", "прямой звонок");
    citizen.desk.sound.wait_tone(FIRST);
    desk.wait_tone(CITIZEN);
    let record = line.record(&citizen.hangs_up());
    desk.wait_free();
    assert_eq!(record.outcome, Outcome::Answered);
}

#[test]
fn a_browser_calls_a_telephone() {
    let _turn = Turn::take();
    let line = quick();
    let browser = humming(&line, FIRST);
    let mut phone = Baresip::register(&line, "202", SECOND);
    let desk = Desk::on_duty(&line, &browser, "201");
    desk.page.fill("#dial [name=to]", "202");
    desk.page.press("Enter");
    phone.wait_ringing();
    phone.accept();
    phone.wait_tone(FIRST);
    desk.wait_tone(SECOND);
    desk.page.click("#hang-up");
    phone.wait_event("CALL_CLOSED");
    desk.wait_free();
}

#[test]
fn a_browser_hands_a_call_to_another() {
    let _turn = Turn::take();
    let line = quick();
    let (there, here) = (humming(&line, FIRST), humming(&line, SECOND));
    let first = Desk::on_duty(&line, &there, "201");
    let citizen = talk(&line, &first, FIRST);
    let second = Desk::on_duty(&line, &here, "211");
    first.hands_to("Волонтёр 211", "Передать");
    second.answers();
    citizen.desk.sound.wait_tone(SECOND);
    second.wait_tone(CITIZEN);
    first.wait_free();
    let record = line.record(&citizen.hangs_up());
    second.wait_free();
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("211"));
    let handed_on = StepKind::Transferred("211".to_owned());
    assert!(record.steps.iter().any(|step| step.what == handed_on), "{:?}", record.steps);
}

#[test]
fn a_curator_is_asked_and_takes_the_call_over() {
    let _turn = Turn::take();
    let line = quick();
    let (there, here) = (humming(&line, FIRST), humming(&line, SECOND));
    let agent = Desk::on_duty(&line, &there, "201");
    let citizen = talk(&line, &agent, FIRST);
    let curator = Desk::on_duty(&line, &here, "221");
    agent.hands_to("Куратор 221", "Спросить");
    curator.answers();
    agent.page.wait_text("#second-state", "Говорите: Куратор 221");
    agent.wait_tone(SECOND);
    curator.wait_tone(FIRST);
    citizen.desk.sound.wait_music("music/calm");

    agent.page.click("#hand-over");
    citizen.desk.sound.wait_tone(SECOND);
    curator.wait_tone(CITIZEN);
    agent.wait_free();
    let record = line.record(&citizen.hangs_up());
    curator.wait_free();
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("221"));
}

#[test]
fn a_curator_comes_at_one_button_and_takes_the_call_over() {
    let _turn = Turn::take();
    let line = quick();
    let (there, here) = (humming(&line, FIRST), humming(&line, SECOND));
    let agent = Desk::on_duty(&line, &there, "201");
    let citizen = talk(&line, &agent, FIRST);
    agent.page.click("#curator");
    agent.page.wait_text("#message", "Свободного куратора нет");

    let curator = Desk::on_duty(&line, &here, "221");
    agent.page.click("#curator");
    agent.page.wait_text("#message", "Зовём куратора");
    curator.page.wait_text("#help-who", "Оператор 201");
    curator.page.click("#help-come");
    agent.page.wait_text("#message", "Куратор 221: куратор в разговоре");
    // The talk was never on hold. The citizen speaks without a pause, so that each of the others hears a mixture at
    // best; the citizen hears them in turns.
    citizen.desk.sound.wait_tone(SECOND);
    citizen.desk.sound.wait_tone(FIRST);
    agent.wait_tone(CITIZEN);
    curator.wait_tone(CITIZEN);

    curator.page.click("#pad");
    curator.page.press("7");
    agent.wait_free();
    citizen.desk.sound.wait_tone(SECOND);
    let record = line.record(&citizen.hangs_up());
    curator.wait_free();
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("221"));
}

#[test]
fn a_curator_who_has_no_time_leaves_the_citizen_with_the_agent() {
    let _turn = Turn::take();
    let line = quick();
    let browser = humming(&line, FIRST);
    let agent = Desk::on_duty(&line, &browser, "201");
    let citizen = talk(&line, &agent, FIRST);
    let curator = Desk::on_duty(&line, &browser, "221");
    agent.hands_to("Куратор 221", "Спросить");
    curator.wait_ringing();
    curator.page.click("#decline");
    agent.page.wait_text("#message", "Гражданин снова с вами");
    citizen.desk.sound.wait_tone(FIRST);
    agent.wait_tone(CITIZEN);
    citizen.hangs_up();
    agent.wait_free();
}

#[test]
fn keys_of_the_page_are_heard() {
    let _turn = Turn::take();
    let line = quick();
    let browser = humming(&line, FIRST);
    let mut phone = Baresip::register(&line, "202", SECOND);
    let desk = Desk::on_duty(&line, &browser, "201");
    desk.page.fill("#dial [name=to]", "202");
    desk.page.press("Enter");
    phone.wait_ringing();
    phone.accept();
    Ear::wait_tone(&desk.page, SECOND);
    desk.page.click("#pad");
    desk.page.press("5");
    let pressed = phone.wait_event("CALL_DTMF_START");
    assert_eq!(pressed["param"], "5", "{pressed}");
    desk.page.click("#hang-up");
    desk.wait_free();
}
