//! What takes a minute by the RFCs' own minimum; it runs beside the others.

use std::time::Duration;

use interop::sip::{Account, Client};
use interop::{Line, PATIENCE, Scenario, Setup, until};

use crate::desks::Desk;

#[test]
fn a_contact_that_is_not_renewed_expires() {
    let line = Line::demo();
    let host = line.host();
    let mut client = Client::open(&line, &host);
    let account = Account::demo("201", "demo-201");
    client.register(account, &[&format!("<sip:201@{}>", host.sip())], 60);
    let contacts = || line.status()["counters"]["contacts"].as_u64();
    until("the contact is seen", PATIENCE, || (contacts() == Some(1)).then_some(()));
    std::thread::sleep(Duration::from_secs(55));
    assert_eq!(contacts(), Some(1));
    until("the contact is gone", Duration::from_secs(10), || (contacts() == Some(0)).then_some(()));
}

#[test]
fn a_session_that_the_line_refreshes() {
    // RFC 4028 §10: at half the interval.
    let line = Setup::demo().with_short_menu().start();
    let operator = Desk::of_agent(&line, "201");
    let mut at_desk = operator.talks_until_bye(&line);
    let desk = Desk::at(line.host());
    let agrees = "Require: timer\nSession-Expires: 90;refresher=uac\nContent-Length: 0\n";
    let call = Scenario::call("122", desk.sound.sdp())
        .header("Supported: timer")
        .header("Session-Expires: 90;refresher=uas")
        .header("Allow: INVITE, ACK, BYE, CANCEL, UPDATE")
        .answered()
        .receives("UPDATE")
        .accepts(agrees)
        .hangs_up();
    let sipp = desk.plays(&line, call);
    desk.sound.wait_heard(Duration::from_millis(100));
    desk.sound.press('0');
    at_desk.wait_told("talks");
    let trace = sipp.finish();
    at_desk.finish();
    let update = trace.first("UPDATE");
    assert_eq!(update.header("Session-Expires"), Some("90;refresher=uac"));
    assert_eq!(trace.first("200").header("Session-Expires"), Some("90;refresher=uas"));
}
