//! A supervisor at `/supervisor` with an agent's talk: listens, whispers, joins, takes it over.

use chromium::{Browser, Page};
use interop::browser::{Caller, Desk, Ear, Turn, humming};
use interop::setup::{ADMIN, ADMINS_PASSWORD};
use interop::{Line, Setup};

const CALLER: f64 = 600.0;
const AGENT: f64 = 900.0;
const SUPERVISOR: f64 = 1300.0;

/// The page of the shift, with the telephone of the demo's curator.
pub(crate) fn leads_the_shift(line: &Line, browser: &Browser) -> Page {
    let page = browser.page();
    Ear::put(&page);
    page.size(1280, 900);
    page.language("ru");
    page.go(&format!("http://{}/supervisor", line.web().0));
    page.fill("[name=name]", ADMIN);
    page.fill("[name=password]", ADMINS_PASSWORD);
    page.press("Enter");
    page.wait_visible("#inside");
    page
}

/// A citizen talks with operator 201, and a supervisor listens.
struct Watched {
    _turn: Turn,
    _browsers: [Browser; 3],
    line: Line,
    caller: Caller,
    desk: Desk,
    supervisor: Page,
}

fn watched() -> Watched {
    let turn = Turn::take();
    let line = Setup::demo().with_admin().start();
    let browsers = [CALLER, AGENT, SUPERVISOR].map(|hertz| humming(&line, hertz));
    let desk = Desk::on_duty(&line, &browsers[1], "201");
    let caller = Caller::dials(&line, &browsers[0]);
    caller.presses("1");
    desk.wait_ringing();
    desk.answers();
    desk.wait_tone(CALLER);
    let supervisor = leads_the_shift(&line, &browsers[2]);
    supervisor.fill("#agents-part [type=search]", "Оператор 201");
    supervisor.wait_text("#agents-part .rows", "разговор");
    supervisor.click("#agents-part .rows .line");
    supervisor.click("#agent-watch");
    supervisor.wait_text("#watch-state", "Вы слушаете");
    Watched { _turn: turn, _browsers: browsers, line, caller, desk, supervisor }
}

fn how(page: &Page, how: &str) {
    page.click(&format!("#watch-how button[data-how={how}]"));
}

#[test]
fn a_supervisor_listens_whispers_and_joins() {
    let Watched { _turn, _browsers, line: _line, caller, desk, supervisor } = watched();
    Ear::wait_tone(&supervisor, CALLER);
    Ear::wait_tone(&supervisor, AGENT);
    Ear::wait_no_tone(&desk.page, SUPERVISOR);

    how(&supervisor, "whisper");
    supervisor.wait_text("#watch-state", "Вас слышит только сотрудник");
    desk.wait_tone(SUPERVISOR);
    Ear::wait_no_tone(&caller.page, SUPERVISOR);

    how(&supervisor, "join");
    caller.wait_tone(SUPERVISOR);
    caller.wait_tone(AGENT);

    supervisor.click("#watch-end");
    supervisor.wait_hidden("#watch");
    Ear::wait_no_tone(&caller.page, SUPERVISOR);
    caller.wait_tone(AGENT);
    caller.hangs_up();
}

#[test]
fn a_supervisor_takes_a_talk_over() {
    let Watched { _turn, _browsers, line, caller, desk, supervisor } = watched();
    Ear::wait_tone(&supervisor, CALLER);
    how(&supervisor, "take");
    supervisor.wait_text("#watch-how", "Точно забрать?");
    how(&supervisor, "take");
    supervisor.wait_text("#watch-state", "Вы говорите вместо сотрудника");
    caller.wait_tone(SUPERVISOR);
    Ear::wait_tone(&supervisor, CALLER);
    desk.wait_free();
    caller.hangs_up();
    supervisor.wait_hidden("#watch");
    drop(line);
}
