//! Media under SRTP: baresip with keys in its descriptions over TLS, and SIPp where each header
//! counts.

use interop::audio::tone;
use interop::baresip::{Baresip, Protection};
use interop::{Line, Scenario, Setup};
use journal::{Outcome, StepKind};

use crate::desks::{Citizen, Desk};

/// What the citizen hums, and the operator.
const CITIZEN: f64 = 1000.0;
const OPERATOR: f64 = 700.0;
/// A key as RFC 4568 shows one.
const CRYPTO: &str =
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

/// A line whose trunk and whose agents protect media so.
fn line(trunk: &str, agents: &str) -> Setup {
    let networks = "from = [\"127.0.0.0/8\", \"::1\"]";
    Setup::demo()
        .with_tls()
        .replace(networks, &format!("{networks}\n{trunk}"))
        .plan("protection.toml", &format!("[agent_defaults]\n{agents}\n"))
}

fn says(hertz: f64) -> Vec<i16> {
    tone(hertz, 60 * 8000)
}

fn is_protected(phone: &Baresip) -> bool {
    phone.log().contains("SRTP is Enabled")
}

#[test]
fn both_phones_must_have_srtp() {
    let line = line("srtp = \"required\"", "srtp = \"required\"").start();
    let must = Protection::SrtpMandatory;
    let mut operator = Baresip::register_protected(&line, "201", must, &says(OPERATOR));
    let mut citizen = Baresip::citizen_protected(&line, must, &says(CITIZEN));

    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.wait_prompt("welcome");
    citizen.press('1');
    operator.wait_ringing();
    operator.accept();
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    assert!(is_protected(&citizen) && is_protected(&operator));

    operator.hold();
    citizen.wait_music("music/calm");
    operator.resume();
    citizen.wait_tone(OPERATOR);
    citizen.hang_up();
    let record = line.only_record();
    assert_eq!(record.outcome, Outcome::Answered);
    assert!(record.steps.iter().any(|step| step.what == StepKind::Held), "{:?}", record.steps);
    assert!(!line.log().contains("inline:"), "keys are not logged");
}

#[test]
fn who_can_is_protected_and_who_cannot_is_talked_with() {
    let line = line("srtp = \"preferred\"", "srtp = \"preferred\"").start();
    let mut operator = Baresip::register_protected(&line, "202", Protection::Open, &says(OPERATOR));
    let mut citizen = Baresip::citizen_protected(&line, Protection::Srtp, &says(CITIZEN));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    operator.wait_ringing();
    operator.accept();
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    assert!(is_protected(&citizen) && !is_protected(&operator));
}

#[test]
fn our_offer_is_taken_by_a_phone_that_only_may() {
    let line = line("srtp = \"off\"", "srtp = \"preferred\"").start();
    let mut operator = Baresip::register_protected(&line, "203", Protection::Srtp, &says(OPERATOR));
    let mut citizen = Baresip::citizen(&line, &says(CITIZEN));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    operator.wait_ringing();
    operator.accept();
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    assert!(is_protected(&operator) && !is_protected(&citizen));
}

/// The refusal of an offer with a Warning (RFC 3261 §20.43).
#[track_caller]
fn refused(line: &Line, sdp: &str, why: &str) {
    let desk = Desk::at(line.host());
    let call = Scenario::call("122", sdp.replace("PORT", "4000")).invites().gets_refusal(488);
    let trace = desk.plays(line, call).finish();
    let warning = trace.first("488").header("Warning").expect("it says why").to_owned();
    assert!(warning.starts_with("302 ") && warning.contains(why), "{warning}");
}

fn offer(line: &Line, profile: &str, attributes: &str) -> String {
    let plain = Desk::at(line.host()).sound.sdp().to_string();
    let plain = plain.trim_end();
    format!("{}\r\n{attributes}", plain.replace("RTP/AVP", profile))
}

#[test]
fn required_and_not_offered_is_refused_with_a_word_why() {
    let line = line("srtp = \"required\"", "srtp = \"preferred\"").start();
    refused(&line, &offer(&line, "RTP/AVP", ""), "SRTP is required here");
    // RFC 4568 §7: keys that anybody could read protect nothing.
    let open = offer(&line, "RTP/SAVP", CRYPTO);
    refused(&line, &open, "SRTP keys are taken over TLS only");
    let records = line.records();
    assert!(records.iter().all(|record| record.outcome == Outcome::Refused), "{records:?}");
}

#[test]
fn offered_and_off_is_refused_with_a_word_why() {
    let line = Line::demo();
    refused(&line, &offer(&line, "RTP/SAVP", CRYPTO), "SRTP is off here");
}

#[test]
fn a_phone_that_refuses_what_is_only_preferred_is_called_again_without_it() {
    let line = line("srtp = \"off\"", "srtp = \"preferred\"").with_short_menu().start();
    let operator = Desk::of_agent(&line, "201");
    let picky = Scenario::callee()
        .is_called()
        .refuses("488 Not Acceptable Here")
        .rings()
        .answers(operator.sound.sdp())
        .tells("talks")
        .hears_bye();
    let mut at_desk = operator.plays(&line, picky);
    let citizen = Citizen::dials(&line, "122");
    citizen.presses('0');
    at_desk.wait_told("talks");
    operator.sound.hum(OPERATOR);
    citizen.desk.sound.wait_tone(OPERATOR);
    citizen.hangs_up();
    let trace = at_desk.finish();
    let offers: Vec<bool> =
        trace.received("INVITE").map(|invite| invite.body().contains("a=fingerprint:")).collect();
    assert_eq!(offers, [true, false]);
}
