//! What who leads the shift finds in the browser: calls, recorded talks, the audit, invitations.

use std::time::Duration;

use chromium::{Browser, Page};
use interop::Line;
use interop::audio::{loudness, tone_share};
use interop::browser::{Desk, Turn, humming};
use interop::setup::{ADMIN, ADMINS_PASSWORD};
use interop::wait::PATIENCE;
use serde_json::{Value, json};

use crate::browser_look::{Looker, axe};
use crate::recordings::{CITIZEN, OPERATOR, recorded_line, talk};

/// Taps what a page's players play: the last second of the left and of the right side, at 8 kHz.
const TAP: &str = "(() => { \
    const Real = window.Audio; \
    window.Audio = function (...all) { \
        const audio = new Real(...all), context = new AudioContext({ sampleRate: 8000 }), splitter = context.createChannelSplitter(2); \
        const source = context.createMediaElementSource(audio); \
        source.connect(splitter); \
        source.connect(context.destination); \
        const ears = [0, 1].map((side) => { \
            const ear = context.createAnalyser(); \
            ear.fftSize = 8192; \
            splitter.connect(ear, side); \
            return ear; \
        }); \
        window.player = audio; \
        window.heardOfLate = () => ears.map((ear) => { \
            const samples = new Float32Array(ear.fftSize); \
            ear.getFloatTimeDomainData(samples); \
            return Array.from(samples, (one) => Math.round(one * 32767)); \
        }); \
        return audio; \
    }; })()";
/// How far the outlines of both sides reach from their middles, in the picture's units, step by step.
const REACH: &str = "['caller', 'agent'].map((side, at) => \
    document.querySelector(`.player path.${side}`).getAttribute('d').match(/[\\d.]+ [\\d.]+/g).slice(0, 1000)\
        .map((point) => 50 + 100 * at - Number(point.split(' ')[1])))";

/// A page of who may do everything.
#[track_caller]
fn opens(line: &Line, browser: &Browser, path: &str) -> Page {
    let page = browser.page();
    page.prepare(TAP);
    page.language("ru");
    page.size(1280, 900);
    page.go(&format!("http://{}{path}", line.web().0));
    page.wait_visible("#login");
    page.fill("[name=name]", ADMIN);
    page.fill("[name=password]", ADMINS_PASSWORD);
    page.press("Enter");
    page.wait_hidden("#login");
    page
}

/// Follows a link of the navigation.
#[track_caller]
fn goes(page: &Page, path: &str) {
    page.click(&format!("nav.places a[href='{path}']"));
    page.wait_visible(&format!("nav.places a[href='{path}'][aria-current=page]"));
}

fn numbers(told: &Value) -> Vec<f64> {
    told.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}

#[test]
fn a_talk_is_found_seen_and_heard_in_the_browser() {
    let _turn = Turn::take();
    let line = recorded_line();
    let (mut citizen, mut operator) = talk(&line);
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    std::thread::sleep(Duration::from_secs(8));
    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    let call = line.only_record().call.to_string();

    let browser = humming(&line, 440.0);
    let page = opens(&line, &browser, "/calls");
    page.wait_visible("#found a");
    let row = page.text("#found tr:nth-child(2)");
    assert!(row.contains("201") && row.contains("ответил оператор"), "{row}");
    // Looked for by what it is not, and by what it is.
    let searches = |field: &str, value: &str| {
        page.evaluate(&format!(
            "(() => {{ document.querySelector('#find [name={field}]').value = {}; \
             document.querySelector('#find').requestSubmit(); }})()",
            json!(value)
        ));
    };
    searches("outcome", "abandoned");
    page.wait_visible("#none");
    searches("outcome", "answered");
    page.wait_visible("#found a");

    goes(&page, "/recordings");
    page.wait_visible("#found a");
    page.click("#found a");
    page.wait_visible(".player button.main");
    assert!(page.evaluate("location.pathname") == json!(format!("/calls/{call}")));
    let way = page.text("#way");
    let steps =
        ["ответил робот", "нажата клавиша · 0", "ждёт в очереди", "запись началась", "конец"];
    for step in steps {
        assert!(way.contains(step), "{step}: {way}");
    }
    assert!(way.contains("разговор · 201 "), "{way}");

    page.click(".player button.main");
    page.wait(
        "both sides are drawn",
        "document.querySelector('.player path.agent').getAttribute('d')",
    );
    let reach = page.evaluate(REACH);
    for (side, name) in [(0, "the caller's"), (1, "the agent's")] {
        let reach = numbers(&reach[side]);
        let loud = reach.iter().filter(|one| **one > 10.0).count();
        assert!(reach.len() == 1000 && loud > 700, "{name} side: {loud} of {}", reach.len());
    }
    for (side, own, others) in [(0, CITIZEN, OPERATOR), (1, OPERATOR, CITIZEN)] {
        page.wait_for("the tone of this side is heard, and not the other", PATIENCE, || {
            let heard: Vec<i16> = numbers(&page.evaluate("window.heardOfLate()")[side])
                .iter()
                .map(|one| *one as i16)
                .collect();
            let end = &heard[heard.len() - 4000..];
            let is_pure = tone_share(end, own) > 0.9 && tone_share(end, others) < 0.05;
            (loudness(end) > 300.0 && is_pure).then_some(())
        });
    }
    let at = || page.evaluate("window.player.currentTime").as_f64().unwrap_or_default();
    assert!(at() > 0.2, "{}", at());

    // Paused, it stays where it is; keys and the pointer move it; and it goes faster.
    page.click(".player button.main");
    page.wait("it pauses", "window.player.paused");
    page.evaluate(
        "(() => { const slider = document.querySelector('.player input'); slider.value = 0; \
        slider.dispatchEvent(new Event('input')); slider.focus(); })()",
    );
    page.press("ArrowRight");
    page.wait("five seconds on", "Math.abs(window.player.currentTime - 5) < 0.1");
    page.click(".player svg");
    let half = "Math.abs(window.player.currentTime / window.player.duration - 0.5) < 0.05";
    page.wait("the middle was pointed at", half);
    page.evaluate(
        "(() => { const speed = document.querySelector('.player select'); speed.value = '2'; \
        speed.dispatchEvent(new Event('change')); })()",
    );
    assert!(page.evaluate("window.player.playbackRate") == json!(2));

    let mut looker = Looker::new("ru", Some(axe()));
    looker.look(&page, "call-record");
    looker.is_content();

    // All of this was one listening.
    let accesses = records::Books::open(&line.place()).expect("books").accesses(0, 1000);
    let heard = accesses.expect("the audit").into_iter().filter(|one| one.what == "listen");
    let heard: Vec<_> = heard.map(|one| (one.who, one.subject)).collect();
    assert!(heard.len() == 1 && heard[0].0 == format!("account:{ADMIN}"), "{heard:?}");

    goes(&page, "/audit");
    page.wait_visible("#found td");
    // This search is a line as well, but no listening.
    page.evaluate("document.querySelector('#find [name=what]').value = 'listen'");
    page.fill("#find [name=subject]", &format!("recording of call {call}"));
    page.press("Enter");
    page.wait(
        "one line is left",
        "document.querySelectorAll('#found td:first-child').length === 1",
    );
    page.wait_text("#found tr:nth-child(2)", "слушал");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn a_volunteer_comes_by_a_link_and_leaves_when_it_is_withdrawn() {
    let _turn = Turn::take();
    let line = interop::Setup::demo().with_admin().start();
    let browser = humming(&line, 700.0);
    let page = opens(&line, &browser, "/invitations");
    page.wait_visible("#new button");
    page.wait_visible("#none");
    page.evaluate("document.querySelector('#new [name=agent]').value = '211'");
    page.click("#new [name=all]");
    page.click("#new button");
    page.wait_text("#message", "хотя бы одну тему");
    page.click("#topics input");
    let topic = page.text("#topics label");
    page.click("#new button");
    page.wait_visible("#made");
    page.wait_text("#invitations tr:nth-child(2)", topic.trim());
    let link = page.evaluate("document.querySelector('#link').value");
    let link = link.as_str().expect("a link").to_owned();
    page.click("#copy");
    page.wait_text("#copy", "Скопировано");
    // Asked for again, the link is not told.
    page.reload();
    page.wait_visible("#invitations button");
    assert!(!page.sees("#made"));

    // In a browser of their own: a session belongs to a browser.
    let theirs = humming(&line, 700.0);
    let desk = Desk { page: theirs.page() };
    desk.page.language("ru");
    desk.page.go(&link);
    desk.page.wait_visible("#inside");
    assert!(desk.page.text("#who").contains("211"), "{}", desk.page.text("#who"));
    page.click("#invitations button");
    page.wait_text("#invitations button", "Точно");
    page.click("#invitations button");
    page.wait_text("#message", "Приглашение отозвано");
    page.wait_visible("#none");
    desk.page.wait_visible("#login");
}

#[test]
fn the_pages_name_each_other_on_a_telephone_too() {
    let _turn = Turn::take();
    let line = interop::Setup::demo().with_admin().start();
    let browser = humming(&line, 700.0);
    // Everybody sees the line; who logs in sees where else to go.
    let page = browser.page();
    page.language("ru");
    page.size(1280, 900);
    page.go(&format!("http://{}/", line.web().0));
    page.wait_visible("#figures .figure");
    assert!(!page.sees("#login") && !page.sees("nav.places"));
    page.click("#who button:last-child");
    page.wait_visible("#login");
    page.fill("[name=name]", ADMIN);
    page.fill("[name=password]", ADMINS_PASSWORD);
    page.press("Enter");
    page.wait_visible("nav.places a[href='/'][aria-current=page]");
    let places = [
        "/supervisor",
        "/calls",
        "/recordings",
        "/cases",
        "/reports",
        "/invitations",
        "/dialplan",
        "/audit",
    ];
    for place in places {
        goes(&page, place);
    }
    page.size(390, 844);
    page.wait_hidden("nav.places a");
    page.click("nav.places > button");
    page.wait_visible("nav.places a[href='/cases']");
    page.press("Escape");
    page.wait_hidden("nav.places a");
    page.click("nav.places > button");
    page.click("nav.places a[href='/cases']");
    page.wait_text("nav.places > button", "Обращения");
    page.wait_visible("#find");
    assert!(page.evaluate("document.documentElement.scrollWidth <= innerWidth") == json!(true));
}
