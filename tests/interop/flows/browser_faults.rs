//! What goes wrong at a desk in the browser, and costs no citizen the call.

use std::time::Duration;

use interop::audio::{tone, tone_share};
use interop::baresip::{Baresip, Link};
use interop::browser::{Desk, Turn, humming, humming_by_networks};
use interop::networks::alone;
use interop::{Line, Setup};
use journal::{Outcome, StepKind};

use crate::browser_talk::{CITIZEN, both_hear, calls, talk};
use crate::desks::Citizen;

/// What the agents hum.
const FIRST: f64 = 700.0;
const SECOND: f64 = 500.0;

fn quick() -> Setup {
    Setup::demo().with_short_menu()
}

/// Hangs up: there is one record, and the call was never given back.
#[track_caller]
fn ends_as_one_talk(line: &Line, citizen: Citizen, desk: &Desk) {
    citizen.hangs_up();
    desk.wait_free();
    let record = line.only_record();
    assert_eq!(record.outcome, Outcome::Answered);
    assert!(
        record.steps.iter().all(|step| step.what != StepKind::Returned),
        "the talk went on: {:?}",
        record.steps
    );
}

#[test]
fn a_reload_of_the_page_leaves_the_talk_as_it_was() {
    let _turn = Turn::take();
    let line = quick().start();
    let browser = humming(&line, FIRST);
    let desk = Desk::on_duty(&line, &browser, "201");
    let citizen = talk(&line, &desk, FIRST);
    for _ in 0..2 {
        desk.page.reload();
        desk.page.wait_visible("#hold");
        both_hear(&citizen, &desk, FIRST);
    }
    ends_as_one_talk(&line, citizen, &desk);
}

/// A network that changes takes with it what is on the way.
#[test]
fn a_page_of_which_a_part_is_lost_on_the_way_comes_again() {
    let _turn = Turn::take();
    let line = quick().start();
    let browser = humming(&line, FIRST);
    let desk = Desk::open(&line, &browser);
    desk.page.loses(&["*/inside.js"]);
    desk.page.reload();
    desk.page.wait_text("#message", "Страница пришла не вся");
    desk.page.loses(&[]);
    desk.logs_in("201");
    // Who is logged in waits for the line, and not before the door.
    desk.page.loses(&["*/session"]);
    desk.page.reload();
    desk.page.wait_text("#message", "Нет связи с линией");
    assert!(!desk.page.sees("#login"));
    desk.page.loses(&[]);
    desk.page.wait_visible("#inside");
}

/// Nothing comes from this desk any more. That takes long enough for the browser to miss the network, and not for the
/// line to give the agent up.
#[track_caller]
fn is_cut(citizen: &Citizen, hertz: f64) {
    std::thread::sleep(Duration::from_secs(2));
    citizen.desk.sound.forget();
    std::thread::sleep(Duration::from_secs(2));
    let heard = citizen.desk.sound.heard();
    assert!(tone_share(&heard, hertz) < 0.1, "the network is away, and speech comes");
}

/// The Wi-Fi goes in the midst of a talk; after some seconds there is a network again. Runs as the test of this name.
#[track_caller]
fn networks_change(test: &str, then: (&'static str, u8)) {
    alone(&format!("browser_faults::{test}"), |networks| {
        let _turn = Turn::take();
        let line = quick().start();
        let wifi = networks.join("wifi", 1);
        let browser = humming_by_networks(&line, FIRST);
        let desk = Desk::on_duty(&line, &browser, "201");
        let citizen = talk(&line, &desk, FIRST);
        // The page's connections go within the computer, where there always is a network.
        desk.page.network(false);
        wifi.leave();
        is_cut(&citizen, FIRST);
        let _again = networks.join(then.0, then.1);
        desk.page.network(true);
        desk.wait_state("in-call");
        both_hear(&citizen, &desk, FIRST);
        ends_as_one_talk(&line, citizen, &desk);
    });
}

#[test]
fn a_network_that_is_away_for_seconds_leaves_the_talk_as_it_was() {
    networks_change("a_network_that_is_away_for_seconds_leaves_the_talk_as_it_was", ("wifi", 1));
}

#[test]
fn another_network_leaves_the_talk_as_it_was() {
    networks_change("another_network_leaves_the_talk_as_it_was", ("mobile", 2));
}

#[test]
fn after_a_restart_of_the_line_the_citizen_comes_first_and_nobody_logs_in_anew() {
    let _turn = Turn::take();
    let mut line = quick().start();
    let browser = humming(&line, FIRST);
    let desk = Desk::on_duty(&line, &browser, "201");
    let mut citizen = Baresip::citizen_on(&line, Link::Udp, "PCMA", &tone(CITIZEN, 120 * 8000));
    citizen.dial("122");
    desk.answers();
    desk.wait_tone(CITIZEN);
    citizen.wait_tone(FIRST);
    line.kill();
    line.start_again();
    // A browser's part of a talk does not outlive the program, whose keys protected it.
    desk.page.wait_hidden("#hold");
    desk.answers();
    desk.wait_tone(CITIZEN);
    citizen.wait_tone(FIRST);
    citizen.hang_up();
    desk.wait_free();
    let record = line.only_record();
    assert_eq!(record.outcome, Outcome::Answered);
}

#[test]
fn a_browser_that_dies_gives_its_citizen_to_the_next_agent() {
    let _turn = Turn::take();
    let line = quick().set("media.dead_after", 2).start();
    let (mut dies, lives) = (humming(&line, FIRST), humming(&line, SECOND));
    let first = Desk::on_duty(&line, &dies, "201");
    let citizen = talk(&line, &first, FIRST);
    let second = Desk::on_duty(&line, &lives, "202");
    first.page.forget();
    dies.kill();
    citizen.desk.sound.wait_prompt("returned-to-queue");
    second.answers();
    both_hear(&citizen, &second, SECOND);
    let record = line.record(&citizen.hangs_up());
    second.wait_free();
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("202"));
    assert!(record.steps.iter().any(|step| step.what == StepKind::Returned), "{:?}", record.steps);
}

#[test]
fn a_laptop_that_sleeps_gives_its_citizen_to_the_next_agent_and_wakes_without_the_talk() {
    let _turn = Turn::take();
    let line = quick().set("media.dead_after", 2).start();
    let (sleeper, other) = (humming(&line, FIRST), humming(&line, SECOND));
    let first = Desk::on_duty(&line, &sleeper, "201");
    let citizen = talk(&line, &first, FIRST);
    let second = Desk::on_duty(&line, &other, "202");
    sleeper.sleeps();
    citizen.desk.sound.wait_prompt("returned-to-queue");
    second.answers();
    both_hear(&citizen, &second, SECOND);
    sleeper.wakes();
    first.page.wait_hidden("#call");
    first.wait_state("waiting");
    let record = line.record(&citizen.hangs_up());
    second.wait_free();
    assert_eq!(record.agent.as_ref().map(|agent| agent.as_str()), Some("202"));
    // And the next call is taken.
    let citizen = talk(&line, &first, FIRST);
    citizen.hangs_up();
    first.wait_free();
}

#[test]
fn a_desk_that_declines_is_followed_by_the_next() {
    let _turn = Turn::take();
    let line = quick().start();
    let browser = humming(&line, FIRST);
    let first = Desk::on_duty(&line, &browser, "201");
    let second = Desk::on_duty(&line, &browser, "202");
    let citizen = calls(&line);
    first.page.click("#decline");
    first.page.wait_hidden("#call");
    second.answers();
    both_hear(&citizen, &second, FIRST);
    citizen.hangs_up();
    second.wait_free();
}

#[test]
fn a_desk_where_nobody_answers_is_followed_by_the_next() {
    let _turn = Turn::take();
    let line = quick().replace("ring_for = \"15s\"", "ring_for = \"5s\"").start();
    let browser = humming(&line, FIRST);
    let first = Desk::on_duty(&line, &browser, "201");
    let second = Desk::on_duty(&line, &browser, "202");
    let citizen = calls(&line);
    first.wait_ringing();
    second.answers();
    first.page.wait_hidden("#call");
    both_hear(&citizen, &second, FIRST);
    citizen.hangs_up();
    second.wait_free();
}
