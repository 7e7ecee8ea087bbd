//! Callers who are listened to while prompts are played to them, all on one core: whether the prompts wait for the
//! recogniser. The model works on whatever comes, so that callers who are silent cost it as much as any.

use std::error::Error;
use std::time::{Duration, Instant};

use sip::sdp::Direction;

use super::ivr::{add_gaps, heard, plan};
use super::measured::Measured;
use super::patient;
use crate::lab::Lab;
use crate::load::{Crowd, News};
use crate::peer::LINE122;
use crate::report::Row;

/// Callers at once. The embedded model alone would fill the core with the last.
const LOADS: [usize; 4] = [100, 300, 600, 900];
/// From the last answer to the measurement.
const SETTLE: Duration = Duration::from_secs(3);
/// The side whose menus take keys alone.
const KEYS: &str = "keys alone";

/// What the menu takes beside its key.
const WORDS: &str = r#"words = ["врач", "вызвать врача"]
ask = ["ask/doctor"]"#;

/// Measures.
///
/// # Errors
/// If a side refuses calls.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    for _ in 0..lab.rounds {
        for (who, recogniser) in [(LINE122, "embedded"), (KEYS, "off")] {
            one_turn(lab, who, recogniser, &mut measured)?;
        }
    }
    Ok(measured.rows())
}

fn one_turn(
    lab: &Lab,
    who: &'static str,
    recogniser: &'static str,
    measured: &mut Measured,
) -> Result<(), Box<dyn Error>> {
    let hears = [("speech.recogniser", recogniser), ("speech.streams_max", "5000")];
    let line = lab.line(&plan(WORDS), &[&patient("1")[..], &hears].concat());
    let mut crowd = Crowd::open()?;
    crowd.callers.say_nothing();
    crowd.serve_by(line.sip());
    let mut live = 0;
    for load in LOADS {
        crowd.build_up(
            load - live,
            |crowd, _| crowd.dial("122", Direction::SendRecv).map(drop),
            |crowd, news| Ok(crowd.speak(news.accepted()?)),
        )?;
        live = load;
        crowd.go_on(Instant::now() + SETTLE, |_, news| match news.accepted()? {
            News::Ended { .. } => Err("a call was ended".into()),
            _ => Ok(()),
        })?;
        let (calm, figures) = heard(lab, &mut crowd, line.process().id())?;
        if !calm.found_any() {
            continue;
        }
        let at = format!("{load} callers");
        let expected = load as f64 * calm.seconds() * 50.0;
        measured.add_for(who, "CPU of the core", &at, "%", calm.busy());
        measured.add_for(
            who,
            "packets that came",
            &at,
            "%",
            figures.packets as f64 / expected * 100.0,
        );
        add_gaps(measured, who, &at, &figures);
        measured.add_for(who, "time that counts", &at, "%", calm.share());
    }
    Ok(())
}
