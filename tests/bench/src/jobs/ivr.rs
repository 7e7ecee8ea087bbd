//! Prompts played at once on one core: what they cost, how evenly they are paced, and how many are
//! too many.

use std::error::Error;
use std::time::{Duration, Instant};

use interop::Line;
use sip::sdp::Direction;

use super::measured::Measured;
use super::{memory_of_a_call, patient};
use crate::lab::Lab;
use crate::load::{Calm, Crowd, Figures, News};
use crate::peer::LINE122;
use crate::report::Row;
use crate::usage;

/// So many prompts at once, until one is too many.
const LOADS: [usize; 8] = [300, 1000, 1500, 2000, 3000, 4000, 5000, 6000];
/// From the last answer to the measurement.
const SETTLE: Duration = Duration::from_secs(1);
/// A stream's packets are 20 ms apart; pace is lost when one in a thousand comes so much later.
const PACE: Duration = Duration::from_millis(30);
/// … or when fewer than so many percent of the packets come.
const PACKETS: f64 = 99.5;

/// A menu with this choice beside its key, which is said so long that nobody comes to its end: twelve seconds, many times.
pub(super) fn plan(choice: &str) -> String {
    let say = ["\"main-choices\""; 40].join(", ");
    format!(
        r#"
[service]
numbers = ["122"]
start = "menu:main"
[menus.main]
say = [{say}]
otherwise = "announce:overload"
[[menus.main.choice]]
key = "1"
{choice}
to = "announce:overload"
"#
    )
}

/// Measures.
///
/// # Errors
/// If the line refuses calls.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    for _ in 0..lab.rounds {
        let line = lab.line(&plan(""), &patient("1"));
        let highest = climb(lab, &line, &mut measured)?;
        measured.add("prompts at once in pace", "one core", "calls", highest as f64);
    }
    Ok(measured.rows())
}

/// One load after the other; gives the highest that was kept in pace.
fn climb(lab: &Lab, line: &Line, measured: &mut Measured) -> Result<usize, Box<dyn Error>> {
    let mut crowd = Crowd::open()?;
    crowd.serve_by(line.sip());
    let id = line.process().id();
    let empty = usage::memory(id);
    let (mut live, mut highest) = (0, 0);
    for load in LOADS {
        let more = load - live;
        crowd.build_up(
            more,
            |crowd, _| crowd.dial("122", Direction::RecvOnly).map(drop),
            |_, news| Ok(matches!(news.accepted()?, News::Answered { .. })),
        )?;
        live = load;
        crowd.go_on(Instant::now() + SETTLE, |_, _| Ok(()))?;

        let (calm, figures) = heard(lab, &mut crowd, id)?;
        if !calm.found_any() {
            continue;
        }
        let at = format!("{load} prompts");
        let came = figures.packets as f64 / (load as f64 * calm.seconds() * 50.0) * 100.0;
        measured.add("time that counts", &at, "%", calm.share());
        measured.add("CPU of the core", &at, "%", calm.busy());
        let micros = calm.cpu_seconds() * 1e6 / figures.packets.max(1) as f64;
        measured.add("CPU of a packet", &at, "µs", micros);
        add_gaps(measured, LINE122, &at, &figures);
        measured.add("packets lost", &at, "packets", figures.lost as f64);
        measured.add("memory of a call", &at, "kB", memory_of_a_call(id, empty, load));
        if figures.gaps.quantile(0.999) > PACE || came < PACKETS {
            break;
        }
        highest = load;
    }
    Ok(highest)
}

/// What callers hear of the line in calm slices.
pub(super) fn heard(
    lab: &Lab,
    crowd: &mut Crowd,
    id: u32,
) -> Result<(Calm, Figures), Box<dyn Error>> {
    let mut calm = Calm::new(id, lab.load);
    let mut figures = Figures::default();
    while let Some(until) = calm.next_slice() {
        crowd.go_on(until, |_, _| Ok(()))?;
        let heard = crowd.callers.take_figures();
        if calm.counts() {
            figures.merge(&heard);
        }
    }
    Ok((calm, figures))
}

/// How evenly the packets came.
pub(super) fn add_gaps(measured: &mut Measured, who: &'static str, at: &str, figures: &Figures) {
    for (what, value) in [
        ("gap p50", figures.gaps.quantile(0.5)),
        ("gap p99", figures.gaps.quantile(0.99)),
        ("gap p99.9", figures.gaps.quantile(0.999)),
        ("gap max", figures.gaps.max()),
    ] {
        measured.add_for(who, what, at, "ms", value.as_secs_f64() * 1e3);
    }
}
