//! A shift of twenty desks.

use std::time::Duration;

use interop::Setup;
use interop::browser::{Desk, Ear, Turn, humming};
use journal::Outcome;

use crate::desks::Citizen;

const DESKS: usize = 20;
/// Chromium opens no more than sixteen microphones.
const OF_BROWSER: usize = 10;
const CITIZEN: f64 = 1000.0;
const AGENT: f64 = 700.0;

#[test]
#[ignore = "not yet seen to pass: on two cores that others use it did not end within four minutes"]
fn twenty_desks_answer_twenty_citizens() {
    let _turn = Turn::take();
    let shift = "[agents.301-320]\nname = \"Оператор {number}\"\nkind = \"operator\"\n\
        site = \"centre\"\npassword = \"demo-{number}\"\nduty_on_register = true\n";
    let line = Setup::demo()
        .with_short_menu()
        .plan("shift.toml", shift)
        .replace("agents = [\"201-205\"]", "agents = [\"201-205\", \"301-320\"]")
        .replace("ring_for = \"15s\"", "ring_for = \"60s\"")
        .start();
    let browsers: Vec<_> = (0..DESKS / OF_BROWSER).map(|_| humming(&line, AGENT)).collect();
    let on_duty =
        |at: usize| Desk::on_duty(&line, &browsers[at / OF_BROWSER], &format!("{}", 301 + at));
    let desks: Vec<Desk> = (0..DESKS).map(on_duty).collect();
    let citizens: Vec<Citizen> = (0..DESKS).map(|_| Citizen::dials(&line, "122")).collect();
    for citizen in &citizens {
        citizen.desk.sound.hum(CITIZEN);
    }
    for desk in &desks {
        desk.answers();
    }
    for citizen in &citizens {
        citizen.desk.sound.wait_tone(AGENT);
    }
    for desk in &desks {
        desk.wait_tone(CITIZEN);
        Ear::wait_sound(&desk.page);
    }
    for citizen in citizens {
        citizen.hangs_up();
    }
    for desk in &desks {
        desk.wait_free();
    }
    line.wait_calls(0);
    interop::until("their records", Duration::from_secs(60), || {
        (line.records().len() == DESKS).then_some(())
    });
    assert!(line.records().iter().all(|record| record.outcome == Outcome::Answered));
}
