//! The queue: how soon a free agent gets the next of many waiting calls, and what a whole call costs.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use interop::Line;
use nix::sys::resource::{Resource, getrlimit};
use sip::sdp::Direction;

use super::measured::Measured;
use super::{memory_of_a_call, patient};
use crate::lab::Lab;
use crate::load::{CallKey, Calm, Crowd, Deadlines, News, Spread};
use crate::report::Row;
use crate::usage;

/// Callers who wait.
const WAITING: [usize; 2] = [1_000, 10_000];
/// Agents, with the numbers from 1000 on.
const AGENTS: usize = 1_000;
/// Files that the line has open for other things than these streams, among them those of calls that
/// follow on one another: the next one is there before the last one's ports are closed.
const OTHER_FILES: u64 = 1_000;
/// A talk lasts so many seconds, from the first to below the second, at random: regular ones could
/// fall into step with the queue.
const TALK: (f64, f64) = (5.0, 15.0);
/// Whole calls begun a second.
const CALLS_A_SECOND: f64 = 50.0;
/// From the robot's answer to the key.
const KEY_AFTER: Duration = Duration::from_millis(500);
/// Talk of a whole call.
const WHOLE_TALK: Duration = Duration::from_secs(2);
/// How long it takes until as many whole calls end as begin.
const WHOLE_SETTLE: Duration = Duration::from_secs(5);
/// How late what is due may be done.
const TURN: Duration = Duration::from_millis(1);

/// A line with one queue, which so many agents serve: 1000, 1001 and so on.
pub(super) fn plan(agents: usize) -> String {
    let last = 999 + agents;
    format!(
        r#"
[service]
numbers = ["122"]
start = "menu:main"
[menus.main]
say = ["main-choices"]
otherwise = "announce:overload"
[[menus.main.choice]]
key = "1"
to = "queue:one"
[queues.one]
topic = "One"
wrap_up = "0s"
music = "music/calm"
waiting_max = 20000
overflow = {{ after = "3h", say = "all-busy", to = "announce:overload" }}
closed = {{ to = "announce:overload" }}
serve = [{{ group = "all" }}]
[agents.1000-{last}]
name = "Agent {{number}}"
kind = "operator"
site = "here"
password = "bench"
duty_on_register = true
[groups.all]
title = "All"
agents = ["1000-{last}"]
[sites.here]
title = "Here"
"#
    )
}

/// Measures.
///
/// # Errors
/// If the line refuses calls.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    for waiting in WAITING {
        waiting_calls(lab, waiting.min(room(AGENTS)?), &mut measured)?;
    }
    for (speaks, name) in [(false, "nobody speaks"), (true, "both speak")] {
        whole_calls(lab, speaks, name, &mut measured)?;
    }
    Ok(measured.rows())
}

/// How many may wait beside the talks: a stream has two sockets, a talk has two streams, and the
/// files that a process may have open are limited.
pub(super) fn room(talks: usize) -> Result<usize, Box<dyn Error>> {
    let (_, files) = getrlimit(Resource::RLIMIT_NOFILE)?;
    Ok(usize::try_from(files.saturating_sub(OTHER_FILES) / 2)?.saturating_sub(2 * talks))
}

fn start(lab: &Lab) -> Result<(Line, Crowd), Box<dyn Error>> {
    // 11 000 calls have more streams than one media thread takes; both threads share the core.
    let line = lab.line(&plan(AGENTS), &patient("2"));
    let crowd = staffed(&line, AGENTS)?;
    Ok((line, crowd))
}

/// A crowd whose agents are on duty.
pub(super) fn staffed(line: &Line, agents: usize) -> Result<Crowd, Box<dyn Error>> {
    let mut crowd = Crowd::open()?;
    crowd.serve_by(line.sip());
    crowd.build_up(
        agents,
        |crowd, agent| {
            crowd.called.register(&(1000 + agent).to_string(), "bench");
            Ok(())
        },
        |_, news| Ok(matches!(news.accepted()?, News::Registered)),
    )?;
    Ok(crowd)
}

/// Agents who are all busy, and callers who wait; an agent ends a talk, and is called again.
fn waiting_calls(lab: &Lab, waiting: usize, measured: &mut Measured) -> Result<(), Box<dyn Error>> {
    let (line, mut crowd) = start(lab)?;
    let id = line.process().id();
    let empty = usage::memory(id);
    let mut desk = Desk::default();
    // Nobody hears anything, so that packets do not take the core.
    crowd.build_up(
        waiting + AGENTS,
        |crowd, _| crowd.dial("122", Direction::Inactive).map(drop),
        |crowd, news| desk.take(crowd, news),
    )?;
    crowd.go_on(Instant::now() + Duration::from_secs(2), |crowd, news| {
        desk.take(crowd, news).map(drop)
    })?;
    let at = format!("{waiting} waiting, {AGENTS} agents");
    measured.add("memory of a call", &at, "kB", memory_of_a_call(id, empty, waiting + AGENTS));

    desk.open();
    for _ in 0..lab.rounds {
        let mut calm = Calm::new(id, lab.load);
        let mut delays = Spread::default();
        while let Some(until) = calm.next_slice() {
            while Instant::now() < until {
                for agent in desk.talks.take_due() {
                    desk.hang_up(&mut crowd, agent);
                }
                let soon = Instant::now() + TURN;
                crowd.go_on(soon, |crowd, news| desk.take(crowd, news).map(drop))?;
            }
            let of_slice = std::mem::take(&mut desk.delays);
            if calm.counts() {
                delays.merge(&of_slice);
            }
        }
        if !calm.found_any() {
            continue;
        }
        for (what, value) in [
            ("agent free to INVITE p50", delays.quantile(0.5)),
            ("agent free to INVITE p95", delays.quantile(0.95)),
            ("agent free to INVITE p99", delays.quantile(0.99)),
            ("agent free to INVITE max", delays.max()),
        ] {
            measured.add(what, &at, "ms", value.as_secs_f64() * 1e3);
        }
        measured.add("talks begun", &at, "a second", delays.count() as f64 / calm.seconds());
        measured.add("CPU of the core", &at, "%", calm.busy());
        measured.add("time that counts", &at, "%", calm.share());
    }
    Ok(())
}

/// What callers and agents do while many wait.
#[derive(Default)]
struct Desk {
    /// The agents' talks, with the time when each ends.
    talks: Deadlines<(CallKey, Box<str>)>,
    /// Agents who have ended a talk, with the time of it, and are not called yet.
    free: HashMap<Box<str>, Duration>,
    delays: Spread,
    /// Talks end: before, everybody waits until all are there.
    is_open: bool,
    held: Vec<(CallKey, Box<str>)>,
}

impl Desk {
    /// Takes news; says whether a caller came into the queue.
    fn take(&mut self, crowd: &mut Crowd, news: News) -> Result<bool, Box<dyn Error>> {
        match news.accepted()? {
            News::Answered { call, .. } => {
                crowd.press(call, '1');
                return Ok(true);
            }
            News::Called { call, user, at, .. } => {
                if let Some(since) = self.free.remove(&user) {
                    self.delays.add(at.saturating_sub(since));
                }
                self.talk(call, user);
            }
            // Who has talked is followed by the next caller.
            News::Ended { .. } => drop(crowd.dial("122", Direction::Inactive)?),
            News::Registered | News::Renewed | News::Refused { .. } => {}
        }
        Ok(false)
    }

    fn talk(&mut self, call: CallKey, user: Box<str>) {
        if self.is_open {
            self.talks.add_within(TALK, (call, user));
        } else {
            self.held.push((call, user));
        }
    }

    /// Talks end from now on.
    fn open(&mut self) {
        self.is_open = true;
        for (call, user) in std::mem::take(&mut self.held) {
            self.talks.add_within((0.0, TALK.1), (call, user));
        }
    }

    fn hang_up(&mut self, crowd: &mut Crowd, (call, user): (CallKey, Box<str>)) {
        self.free.insert(user, crowd.called.hang_up(call));
    }
}

/// Calls from the beginning to the end: robot, key, queue, agent, talk.
fn whole_calls(
    lab: &Lab,
    speaks: bool,
    name: &str,
    measured: &mut Measured,
) -> Result<(), Box<dyn Error>> {
    let (line, mut crowd) = start(lab)?;
    let id = line.process().id();
    let mut day = Day::new(speaks);
    day.go_on(&mut crowd, Instant::now() + WHOLE_SETTLE)?;
    let at = format!("{CALLS_A_SECOND} calls/s, {name}");
    for _ in 0..lab.rounds {
        let mut calm = Calm::new(id, lab.load);
        let (mut calls, mut packets) = (0, 0);
        while let Some(until) = calm.next_slice() {
            let ended = day.ended;
            day.go_on(&mut crowd, until)?;
            let heard = [crowd.callers.take_figures(), crowd.callees.take_figures()];
            if calm.counts() {
                calls += day.ended - ended;
                packets += heard.iter().map(|heard| heard.packets).sum::<u64>();
            }
        }
        if !calm.found_any() {
            continue;
        }
        let calls = calls.max(1) as f64;
        measured.add("CPU of a whole call", &at, "ms", calm.cpu_seconds() * 1e3 / calls);
        measured.add("packets heard in a call", &at, "packets", packets as f64 / calls);
        measured.add("time that counts", &at, "%", calm.share());
    }
    Ok(())
}

/// What callers and agents do when there are agents enough.
struct Day {
    /// When the next caller dials.
    next: Instant,
    /// Whether callers and agents send sound.
    speaks: bool,
    /// Callers who will press their key.
    keys: Deadlines<CallKey>,
    /// Agents' talks.
    talks: Deadlines<(CallKey, SocketAddr)>,
    /// Where callers speak to.
    spoken: HashMap<CallKey, SocketAddr>,
    ended: u64,
}

impl Day {
    fn new(speaks: bool) -> Day {
        Day {
            next: Instant::now(),
            speaks,
            keys: Deadlines::default(),
            talks: Deadlines::default(),
            spoken: HashMap::new(),
            ended: 0,
        }
    }

    fn go_on(&mut self, crowd: &mut Crowd, until: Instant) -> Result<(), Box<dyn Error>> {
        while Instant::now() < until {
            while self.next <= Instant::now() {
                crowd.dial("122", Direction::SendRecv)?;
                self.next += Duration::from_secs_f64(1.0 / CALLS_A_SECOND);
            }
            self.act(crowd);
            crowd.go_on(Instant::now() + TURN, |crowd, news| self.take(crowd, news))?;
        }
        Ok(())
    }

    fn act(&mut self, crowd: &mut Crowd) {
        for caller in self.keys.take_due() {
            crowd.press(caller, '1');
        }
        for (agent, rtp) in self.talks.take_due() {
            crowd.callees.fall_silent(rtp);
            crowd.called.hang_up(agent);
        }
    }

    fn take(&mut self, crowd: &mut Crowd, news: News) -> Result<(), Box<dyn Error>> {
        match news.accepted()? {
            News::Answered { call, rtp } => {
                self.keys.add(Instant::now() + KEY_AFTER, call);
                if self.speaks {
                    crowd.callers.speak(rtp);
                    self.spoken.insert(call, rtp);
                }
            }
            News::Called { call, rtp, .. } => {
                self.talks.add(Instant::now() + WHOLE_TALK, (call, rtp));
                if self.speaks {
                    crowd.callees.speak(rtp);
                }
            }
            News::Ended { call } => {
                self.ended += 1;
                if let Some(rtp) = self.spoken.remove(&call) {
                    crowd.callers.fall_silent(rtp);
                }
            }
            News::Registered | News::Renewed | News::Refused { .. } => {}
        }
        Ok(())
    }
}
