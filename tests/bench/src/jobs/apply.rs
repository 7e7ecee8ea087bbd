//! A dialplan with 10 000 clinics and 500 menus is applied while calls go on and come: what those who
//! listen and those who dial notice of it.

use std::error::Error;
use std::fmt::Write;
use std::time::{Duration, Instant};

use interop::Line;
use sip::sdp::Direction;

use super::measured::Measured;
use super::patient;
use crate::lab::Lab;
use crate::load::{Crowd, News};
use crate::report::Row;

const CLINICS: usize = 10_000;
const MENUS: usize = 500;
/// Callers who listen all the time.
const CALLS: usize = 200;
/// From the last answer to the measurement.
const SETTLE: Duration = Duration::from_secs(1);
/// From one new caller to the next.
const EVERY: Duration = Duration::from_millis(20);

/// Each title makes every clinic another one.
fn plan(title: &str) -> String {
    // The menu is said so long that nobody comes to its end.
    let say = ["\"main-choices\""; 40].join(", ");
    let mut plan = format!(
        "[service]\nnumbers = [\"122\"]\nstart = \"menu:m0\"\n\
         [clinic_defaults]\nforward_to = \"menu:m0\"\n\
         [menus.m0]\nsay = [{say}]\notherwise = \"announce:overload\"\n\
         [[menus.m0.choice]]\nkey = \"1\"\nto = \"menu:m1\"\n"
    );
    for n in 1..MENUS {
        let next = (n + 1) % MENUS;
        let _ = writeln!(
            plan,
            "[menus.m{n}]\nsay = [\"welcome\"]\notherwise = \"announce:overload\"\n\
             [[menus.m{n}.choice]]\nkey = \"1\"\nto = \"menu:m{next}\""
        );
    }
    for n in 0..CLINICS {
        let _ = writeln!(
            plan,
            "[clinics.c{n}]\ntitle = \"{title} {n}\"\nnumbers = [\"+7481{:07}\"]\n\
             ring = [\"sip:registry@10.0.{}.{}\"]",
            2_000_000 + n,
            n / 256,
            n % 256
        );
    }
    plan
}

/// Measures.
///
/// # Errors
/// If the line refuses calls.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    let line = lab.line(&plan("Поликлиника"), &patient("1"));
    let text = std::fs::read_to_string(line.folder().join(FILE))?;
    let mut crowd = Crowd::open()?;
    crowd.serve_by(line.sip());
    dial(&mut crowd, CALLS)?;
    crowd.go_on(Instant::now() + SETTLE, |_, _| Ok(()))?;
    for round in 0..lab.rounds {
        let until = Instant::now() + lab.load;
        watch(&mut crowd, &mut measured, "nothing applied", || Instant::now() < until)?;
        let other = text.replace("Поликлиника", ["Амбулатория", "Больница"][round % 2]);
        line.write_file(FILE, &other);
        applied(&line, &mut crowd, &mut measured)?;
    }
    Ok(measured.rows())
}

/// The dialplan of [`interop::Setup::of`].
const FILE: &str = "dialplan/line.toml";

fn applied(line: &Line, crowd: &mut Crowd, measured: &mut Measured) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let seconds = std::thread::scope(|scope| {
        let apply = scope.spawn(|| line.run(&["apply", "dialplan", "--yes"]));
        watch(crowd, measured, "applied", || !apply.is_finished())?;
        Ok::<_, Box<dyn Error>>(begun.elapsed().as_secs_f64())
    })?;
    measured.add("from the command to its end", "applied", "s", seconds);
    Ok(())
}

fn dial(crowd: &mut Crowd, calls: usize) -> Result<(), Box<dyn Error>> {
    crowd.build_up(
        calls,
        |crowd, _| crowd.dial("122", Direction::RecvOnly).map(drop),
        |_, news| Ok(matches!(news.accepted()?, News::Answered { .. })),
    )
}

/// Calls go on and come for a while: how evenly speech comes, and how long the answer takes.
fn watch(
    crowd: &mut Crowd,
    measured: &mut Measured,
    at: &str,
    goes_on: impl Fn() -> bool,
) -> Result<(), Box<dyn Error>> {
    drop(crowd.callers.take_figures());
    let mut answers = Vec::new();
    while goes_on() {
        let begun = Instant::now();
        dial(crowd, 1)?;
        answers.push(begun.elapsed());
        crowd.go_on(begun + EVERY, |_, _| Ok(()))?;
    }
    answers.sort_unstable();
    let heard = crowd.callers.take_figures();
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let of_answers = |share: f64| {
        let place = (answers.len().saturating_sub(1) as f64 * share) as usize;
        answers.get(place).copied().unwrap_or_default()
    };
    measured.add("new calls", at, "calls", answers.len() as f64);
    measured.add("answer p50", at, "ms", millis(of_answers(0.5)));
    measured.add("answer max", at, "ms", millis(of_answers(1.0)));
    measured.add("gap p99", at, "ms", millis(heard.gaps.quantile(0.99)));
    measured.add("gap p99.9", at, "ms", millis(heard.gaps.quantile(0.999)));
    measured.add("gap max", at, "ms", millis(heard.gaps.max()));
    measured.add("packets lost", at, "packets", heard.lost as f64);
    Ok(())
}
