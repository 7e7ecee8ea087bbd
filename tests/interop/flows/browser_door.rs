//! Who comes in by the browser, and who does not.

use std::io::{Read, Write};

use interop::browser::{Desk, Turn, humming};
use interop::{Line, PATIENCE, until};

const HANDSHAKE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n";

/// What the line says to a handshake with these headers beside.
#[track_caller]
fn opens(line: &Line, path: &str, headers: &str) -> u16 {
    let mut stream = line.connect_web().expect("the web port answers");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n{HANDSHAKE}{headers}\r\n", line.web().0)
        .expect("sent");
    let mut head = [0; 12];
    stream.read_exact(&mut head).expect("the web port answers");
    std::str::from_utf8(&head[9..]).ok().and_then(|status| status.parse().ok()).expect("a status")
}

/// The cookie of an agent who has logged in.
#[track_caller]
fn cookie(line: &Line, user: &str) -> String {
    let body = format!(r#"{{"name":"{user}","password":"demo-{user}"}}"#);
    let mut stream = line.connect_web().expect("the web port answers");
    write!(
        stream,
        "POST /session HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        line.web().0,
        body.len()
    )
    .expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("the web port answers");
    let set = answer.lines().find(|line| line.to_lowercase().starts_with("set-cookie: "));
    let value = set.and_then(|set| set.split([' ', ';']).nth(1)).expect("a cookie");
    format!("Cookie: {value}\r\n")
}

#[test]
fn sip_over_websocket_is_for_who_is_logged_in_and_for_our_own_pages() {
    let line = Line::demo();
    assert_eq!(opens(&line, "/sip", ""), 401);
    assert_eq!(opens(&line, "/sip", "Cookie: line122=made-up\r\n"), 401);
    let cookie = cookie(&line, "201");
    assert_eq!(opens(&line, "/sip", &cookie), 101);
    let elsewhere = format!("{cookie}Origin: https://evil.example\r\n");
    assert_eq!(opens(&line, "/sip", &elsewhere), 403);
    let here = format!("{cookie}Origin: http://{}\r\n", line.web().0);
    assert_eq!(opens(&line, "/sip", &here), 101);

    assert_eq!(opens(&line, "/sip/guest", ""), 101);
    assert_eq!(opens(&line, "/sip/guest", "Origin: https://evil.example\r\n"), 403);
}

#[test]
fn a_wrong_password_opens_nothing() {
    let _turn = Turn::take();
    let line = Line::demo();
    let browser = humming(&line, 700.0);
    let desk = Desk::open(&line, &browser);
    desk.page.fill("[name=name]", "201");
    desk.page.fill("[name=password]", "demo-202");
    desk.page.press("Enter");
    desk.page.wait_text("#message", "Неверное имя или пароль");
    assert!(!desk.page.sees("#inside") && desk.page.sees("#login"));
    desk.logs_in("201");
}

#[test]
fn a_desk_whose_session_ends_takes_no_calls_any_more() {
    let _turn = Turn::take();
    let line = Line::demo();
    let browser = humming(&line, 700.0);
    let desk = Desk::on_duty(&line, &browser, "201");
    let other = desk.page.another();
    other.go(&format!("http://{}/cases", line.web().0));
    other.click("#who button:last-child");
    other.wait_visible("#login");
    desk.page.wait_visible("#login");
    desk.page.wait_hidden("#inside");
    until("its telephone is gone", PATIENCE, || {
        let status = line.status();
        let agents = status["centre"]["agents"].as_array()?.iter();
        let mut agent = agents.filter(|agent| agent["agent"] == "201");
        (agent.next()?["reachable"] == false).then_some(())
    });
    // Who logs in again works on.
    desk.logs_in("201");
    desk.wait_state("waiting");
}

#[test]
fn a_second_tab_of_the_desk_waits_until_the_first_is_closed() {
    let _turn = Turn::take();
    let line = Line::demo();
    let browser = humming(&line, 700.0);
    let desk = Desk::on_duty(&line, &browser, "201");
    let second = desk.page.another();
    second.language("ru");
    second.go(&format!("http://{}/desk", line.web().0));
    second.wait_text("#message", "Рабочее место открыто в другой вкладке");
    desk.page.close();
    second.wait_visible("#inside");
}
