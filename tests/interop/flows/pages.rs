//! What people see of calls: pages, metrics, the log.

use std::io::{BufRead, BufReader, Read, Write};
use std::time::Duration;

use interop::{Line, PATIENCE, Scenario, until};

use crate::desks::Citizen;

#[test]
fn metrics_and_pages_show_a_call() {
    let line = Line::demo();
    let citizen = Citizen::dials(&line, "122");
    citizen.desk.sound.wait_heard(Duration::from_millis(200));
    let metrics = || line.get("/metrics").expect("the web port answers").1;
    until("the metrics show the call", PATIENCE, || {
        metrics().lines().any(|line| line.ends_with("calls_live 1")).then_some(())
    });
    assert_eq!(line.get("/healthz").map(|(status, _)| status), Some(200));
    let (status, page) = line.get("/").expect("the web port answers");
    assert_eq!(status, 200);
    assert!(page.contains("<html"), "{page}");
    // Numbers of citizens are masked wherever people look, and in the log.
    let shown = line.status().to_string();
    assert!(!shown.contains("9101234567"), "{shown}");
    citizen.hangs_up();
    assert!(!line.log().contains("9101234567"), "{}", line.log());
}

/// The status page listens to this stream.
#[test]
fn an_open_page_is_told_the_state_again_and_again() {
    let line = Line::demo();
    let mut stream = line.connect_web().expect("the web port answers");
    write!(stream, "GET /api/status/stream HTTP/1.1\r\nHost: line\r\n\r\n").expect("sent");
    let states = BufReader::new(stream).lines().map(|line| line.expect("the stream goes on"));
    let states = states.filter_map(|line| {
        let state = line.strip_prefix("data: ")?;
        Some(serde_json::from_str::<serde_json::Value>(state).expect("a state is JSON"))
    });
    let uptimes: Vec<_> = states.take(3).map(|state| state["uptime"].as_f64()).collect();
    assert!(uptimes[0] < uptimes[1] && uptimes[1] < uptimes[2], "{uptimes:?}");
}

/// A connection that says nothing takes a file that a call may need.
#[test]
fn who_only_holds_a_web_connection_open_loses_it() {
    let line = Line::demo();
    let mut silent = line.connect_web().expect("the web port answers");
    let mut slow = line.connect_web().expect("the web port answers");
    write!(slow, "GET / HTTP/1.1\r\nHost: l").expect("sent");
    let mut kept = line.connect_web().expect("the web port answers");
    write!(kept, "GET /healthz HTTP/1.1\r\nHost: line\r\n\r\n").expect("sent");
    let patience = Duration::from_secs(20);
    for stream in [&mut silent, &mut slow, &mut kept] {
        let mut answer = Vec::new();
        stream.set_read_timeout(Some(patience)).expect("a time can be set");
        stream.read_to_end(&mut answer).expect("the connection is closed in time");
    }
}

/// What cannot be kept is not promised: the call is refused, and who watches the line is told.
#[test]
fn a_journal_that_takes_nothing_makes_the_line_unready_and_refuses_politely() {
    let mut line = Line::demo();
    line.expect_errors("the journal");
    // As a disk that is full or stands still: nobody else can write.
    let file = line.place().sqlite_file();
    let other = rusqlite::Connection::open(file).expect("the database opens");
    other.execute_batch("begin immediate").expect("the lock is free now and then");
    let refused = |call: Scenario| call.invites().gets_refusal(503);
    let trace = Citizen::dials_as(&line, "122", refused).sipp.finish();
    assert!(trace.first("503").header("Retry-After").is_some());
    let (status, why) = line.get("/readyz").expect("the web port answers");
    assert!(status == 503 && why.contains("journal"), "{status} {why}");

    other.execute_batch("rollback").expect("the lock is let go");
    until("the line is ready", PATIENCE, || {
        line.get("/readyz").filter(|(status, _)| *status == 200)
    });
    assert_eq!(line.only_record().outcome, journal::Outcome::Refused);
}
