//! What a call between a browser and a telephone costs, against one between two telephones.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use interop::Line;
use interop::browser::{Caller, humming};
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;
use sip::sdp::Direction;

use super::measured::Measured;
use super::{anchored_clinic, patient};
use crate::core::Core;
use crate::lab::Lab;
use crate::load::{Crowd, News};
use crate::report::Row;
use crate::usage;

/// Calls of each kind at once: as many browsers as fit on one core beside the telephones.
const CALLS: usize = 6;
/// From the last answer to the measurement.
const SETTLE: Duration = Duration::from_secs(2);
/// What the browsers' microphones hear, in hertz.
const HUM: f64 = 700.0;

const BROWSERS: &str = "browsers";
const TELEPHONES: &str = "telephones";

/// A clinic that answers at once, whoever calls.
fn plan(clinic: SocketAddr) -> String {
    let start = r#"
[trunks.browsers]
guests = true
calls_max = 100
[service]
numbers = ["122"]
start = "clinic:one"
"#;
    format!("{start}{}", anchored_clinic(clinic, "announce:overload"))
}

/// Calls that go on, and the line that carries them.
struct Side {
    name: &'static str,
    line: Line,
    crowd: Crowd,
}

impl Side {
    fn begin(lab: &Lab, name: &'static str) -> Result<Side, Box<dyn Error>> {
        let mut crowd = Crowd::open()?;
        let line = lab.line(&plan(crowd.called.local()), &patient("1"));
        crowd.serve_by(line.sip());
        Ok(Side { name, line, crowd })
    }

    fn go_on(&mut self, time: Duration) -> Result<(), Box<dyn Error>> {
        self.crowd.go_on(Instant::now() + time, |crowd, news| match news.accepted()? {
            News::Ended { .. } => Err("a call was ended".into()),
            news => {
                crowd.speak(news);
                Ok(())
            }
        })
    }
}

/// Measures.
///
/// # Errors
/// If a side refuses calls, or there is no Chromium.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    // What is started from here on, too: the line alone has its core.
    let mut load = CpuSet::new();
    load.set(Core::Load.number() as usize)?;
    sched_setaffinity(Pid::this(), &load)?;

    let mut telephones = Side::begin(lab, TELEPHONES)?;
    telephones.crowd.build_up(
        CALLS,
        |crowd, _| crowd.dial("270001", Direction::SendRecv).map(drop),
        |crowd, news| Ok(crowd.speak(news.accepted()?)),
    )?;
    let mut browsers = Side::begin(lab, BROWSERS)?;
    let browser = humming(&browsers.line, HUM);
    let mut callers = Vec::new();
    for _ in 0..CALLS {
        let caller = Caller::opens_in(&browsers.line, &browser, "ru");
        caller.page.click("#dial");
        browsers.go_on(SETTLE)?;
        caller.page.wait_text("#message", "Вы на линии");
        callers.push(caller);
    }

    let mut measured = Measured::default();
    let at = format!("{CALLS} calls");
    for _ in 0..lab.rounds {
        for side in [&mut browsers, &mut telephones] {
            side.go_on(SETTLE)?;
            let before = usage::cpu(side.line.process().id());
            side.crowd.callees.take_figures();
            let begun = Instant::now();
            side.go_on(lab.load)?;
            let cpu = usage::cpu(side.line.process().id()).saturating_sub(before);
            let lasted = begun.elapsed().as_secs_f64();
            let packets = side.crowd.callees.take_figures().packets;
            let calls = CALLS as f64;
            let mut add = |what, unit, value| measured.add_for(side.name, what, &at, unit, value);
            add("CPU of a call", "ms/s", cpu.as_secs_f64() * 1e3 / lasted / calls);
            add("packets that came", "1/s", packets as f64 / lasted / calls);
        }
    }
    drop(callers);
    Ok(measured.rows())
}
