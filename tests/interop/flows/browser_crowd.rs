//! Many desks at once: half a shift, or with `LINE122_DESKS=20` a whole one, which two cores just carry if what plays the
//! telephones goes before (`nice -n -8`). It runs beside no other test (`.config/nextest.toml`).

use std::time::Duration;

use interop::Setup;
use interop::browser::{Desk, Ear, Turn, humming};
use journal::Outcome;

use crate::browser_talk::{CITIZEN, calls};
use crate::desks::Citizen;

/// Desks of the everyday run, and of a whole shift.
const DESKS: usize = 10;
const SHIFT: usize = 20;
/// Chromium opens no more than sixteen microphones.
const OF_BROWSER: usize = 10;
const AGENT: f64 = 700.0;

#[test]
fn as_many_desks_answer_as_citizens_call() {
    let _turn = Turn::take();
    let wanted = std::env::var("LINE122_DESKS").ok().and_then(|desks| desks.parse().ok());
    let count: usize = wanted.unwrap_or(DESKS).clamp(1, SHIFT);
    let shift = "[agents.301-320]\nname = \"Оператор {number}\"\nkind = \"operator\"\n\
        site = \"centre\"\npassword = \"demo-{number}\"\nduty_on_register = true\n";
    let line = Setup::demo()
        .with_short_menu()
        .plan("shift.toml", shift)
        .replace("agents = [\"201-205\"]", "agents = [\"201-205\", \"301-320\"]")
        .replace("ring_for = \"15s\"", "ring_for = \"2m\"")
        .start();
    let browsers: Vec<_> = (0..count.div_ceil(OF_BROWSER)).map(|_| humming(&line, AGENT)).collect();
    let on_duty =
        |at: usize| Desk::on_duty(&line, &browsers[at / OF_BROWSER], &format!("{}", 301 + at));
    let desks: Vec<Desk> = (0..count).map(on_duty).collect();
    let citizens: Vec<Citizen> = (0..count).map(|_| calls(&line)).collect();
    for desk in &desks {
        desk.page.click("#answer");
    }
    for desk in &desks {
        desk.page.wait_visible("#hold");
    }
    for citizen in &citizens {
        citizen.desk.sound.wait_tone(AGENT);
    }
    for desk in &desks {
        desk.wait_tone(CITIZEN);
        // An ear at each desk would be more than two cores have beside the talks.
        Ear::shut(&desk.page);
    }
    for citizen in citizens {
        citizen.hangs_up();
    }
    for desk in &desks {
        desk.wait_free();
    }
    line.wait_calls(0);
    interop::until("their records", Duration::from_secs(60), || {
        (line.records().len() == count).then_some(())
    });
    assert!(line.records().iter().all(|record| record.outcome == Outcome::Answered));
}
