//! What people see of calls: pages, metrics, the log.

use std::time::Duration;

use interop::{Line, PATIENCE, until};

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
