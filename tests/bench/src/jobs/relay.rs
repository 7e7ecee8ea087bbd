//! Packets relayed between two callers, against rtpengine in user space.

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use interop::process::Process;
use interop::rtpengine::Control;
use sip::sdp::Direction;

use super::measured::Measured;
use super::rtpengine::relay;
use super::{anchored_clinic, patient};
use crate::core::Core;
use crate::lab::Lab;
use crate::load::{Calm, Crowd, Figures, News};
use crate::peer::{LINE122, RTPENGINE};
use crate::report::Row;

/// Calls with packets in both directions.
const LOADS: [usize; 4] = [50, 200, 500, 1000];
/// From the first packet to the measurement.
const SETTLE: Duration = Duration::from_millis(500);
/// Where rtpengine is.
const RTPENGINE_AT: Ipv4Addr = Ipv4Addr::new(127, 9, 9, 9);
const CONTROL_PORT: u16 = 2223;
/// How often it is asked whether it is there.
const TRIES: usize = 30;

/// A clinic that answers at once, behind a menu.
fn plan(clinic: SocketAddr) -> String {
    let start = r#"
[service]
numbers = ["122"]
start = "menu:main"
[menus.main]
say = ["welcome"]
otherwise = "announce:overload"
[[menus.main.choice]]
key = "1"
to = "announce:overload"
"#;
    format!("{start}{}", anchored_clinic(clinic, "menu:main"))
}

/// Measures.
///
/// # Errors
/// If a side refuses calls.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut theirs = Crowd::open()?;
    let mut ours = Crowd::open()?;
    let line = lab.line(&plan(ours.called.local()), &patient("1"));
    ours.serve_by(line.sip());
    let (rtpengine, mut control) = start_rtpengine(lab)?;

    let mut measured = Measured::default();
    let mut live = 0;
    for load in LOADS {
        let more = load - live;
        ours.build_up(
            more,
            |crowd, _| crowd.dial("270001", Direction::SendRecv).map(drop),
            |crowd, news| Ok(crowd.speak(news.accepted()?)),
        )?;
        for number in live..load {
            let (caller, callee) = (theirs.callers.local()?, theirs.callees.local()?);
            let relayed = relay(&mut control, number, caller, callee)?;
            theirs.callers.speak(relayed.from_caller);
            theirs.callees.speak(relayed.from_callee);
        }
        live = load;
        for _ in 0..lab.rounds {
            for (who, crowd, id) in [
                (LINE122, &mut ours, line.process().id()),
                (RTPENGINE, &mut theirs, rtpengine.id()),
            ] {
                one_turn(lab, crowd, load, who, id, &mut measured)?;
            }
        }
    }
    Ok(measured.rows())
}

fn one_turn(
    lab: &Lab,
    crowd: &mut Crowd,
    load: usize,
    who: &'static str,
    id: u32,
    measured: &mut Measured,
) -> Result<(), Box<dyn Error>> {
    let go_on = |crowd: &mut Crowd, until| {
        crowd.go_on(until, |_, news| match news.accepted()? {
            News::Ended { .. } => Err("a call was ended".into()),
            News::Answered { .. }
            | News::Called { .. }
            | News::Registered
            | News::Renewed
            | News::Refused { .. } => Ok(()),
        })
    };
    go_on(crowd, Instant::now() + SETTLE)?;
    let mut calm = Calm::new(id, lab.load);
    let mut figures = Figures::default();
    while let Some(until) = calm.next_slice() {
        go_on(crowd, until)?;
        let heard = [crowd.callers.take_figures(), crowd.callees.take_figures()];
        if calm.counts() {
            heard.iter().for_each(|heard| figures.merge(heard));
        }
    }

    if !calm.found_any() {
        return Ok(());
    }
    let at = format!("{load} calls");
    let expected = load as f64 * 2.0 * 50.0 * calm.seconds();
    let packets = figures.packets.max(1) as f64;
    let mut add = |what, unit, value| measured.add_for(who, what, &at, unit, value);
    add("CPU of 1000 packets", "ms", calm.cpu_seconds() * 1e6 / packets);
    add("CPU of the core", "%", calm.busy());
    add("added delay p50", "ms", figures.delays.quantile(0.5).as_secs_f64() * 1e3);
    add("added delay p99", "ms", figures.delays.quantile(0.99).as_secs_f64() * 1e3);
    add("packets that came", "%", packets / expected * 100.0);
    add("time that counts", "%", calm.share());
    Ok(())
}

fn start_rtpengine(lab: &Lab) -> Result<(Process, Control), Box<dyn Error>> {
    let mut command = Core::Server.command("rtpengine");
    command.args(["--config-file=none", "--table=-1", "--num-threads=1", "--foreground"]);
    command.args(["--log-stderr", "--log-level=3", "--port-min=10000", "--port-max=30000"]);
    command.arg(format!("--interface={RTPENGINE_AT}"));
    command.arg(format!("--listen-ng={RTPENGINE_AT}:{CONTROL_PORT}"));
    let process = lab.start(RTPENGINE, command);
    let mut control = Control::open((RTPENGINE_AT, CONTROL_PORT).into())?;
    for _ in 0..TRIES {
        if control.ping() {
            return Ok((process, control));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Err(format!("rtpengine does not answer:\n{}", process.output()).into())
}
