//! The program is killed again and again in the midst of calls, call-backs and cases, and started again:
//! of what it has promised nothing is lost. `cargo xtask soak --kill N` does it N times.
#![allow(clippy::print_stdout, reason = "a long run tells how far it is")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use interop::sip::register;
use interop::{Host, Line, PATIENCE, Scenario, Setup, Sipp, Web, until};
use journal::{CallBackId, CallId, Entry, Outcome};
use serde_json::Value;

use crate::api;

/// Rounds of the everyday run.
const ROUNDS: u32 = 3;
/// Moments are drawn: at most so many rounds more, until there is something that could have been lost.
const FURTHER_ROUNDS: u32 = 12;
/// Calls a second: more than the agents can serve, so that some wait and some leave.
const CALLS_A_SECOND: u32 = 3;
/// From the answer, or from when the line has taken the call up, until the caller hangs up: shorter than
/// most times between two kills, so that calls end between them as well.
const CALLER_STAYS: Duration = Duration::from_secs(3);
/// The longest time from a start to the next kill.
const BETWEEN_KILLS: u64 = 8_000;
const AGENTS: [&str; 5] = ["201", "202", "203", "204", "205"];
/// Registrations last 300 seconds.
const REGISTER_EVERY: Duration = Duration::from_secs(120);
const SDP: &str = "v=0\no=p 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\n\
                   m=audio 4000 RTP/AVP 8\na=rtpmap:8 PCMA/8000\n";

/// What the journal says, read on from where it was read last.
#[derive(Default)]
struct Known {
    place: i64,
    /// The calls by the caller's Call-ID.
    calls: BTreeMap<String, CallId>,
    /// The calls with the number of their records.
    records: BTreeMap<CallId, u32>,
    /// Those that were cut off though they had waited for or talked with an agent, and whose caller is known.
    cut_off: BTreeSet<CallId>,
    call_backs: BTreeMap<CallBackId, bool>,
    tries: usize,
}

impl Known {
    fn read(&mut self, line: &Line) {
        for (place, entry) in line.journal_since(self.place) {
            self.place = place;
            match entry {
                Entry::Arrived(arrived) => {
                    self.records.entry(arrived.call).or_default();
                    if !arrived.sip_call_id.is_empty() {
                        let before = self.calls.insert(arrived.sip_call_id, arrived.call);
                        assert_eq!(before, None, "two calls of one dialog");
                    }
                }
                Entry::Ended(record) => {
                    *self.records.entry(record.call).or_default() += 1;
                    let outcome = record.outcome;
                    if outcome == Outcome::Broken
                        && record.queue.is_some()
                        && record.caller.is_some()
                        && matches!(record.origin, journal::Origin::Direct)
                    {
                        self.cut_off.insert(record.call);
                    }
                }
                Entry::CallBackOpened(back) => drop(self.call_backs.insert(back.id, true)),
                Entry::CallBackTried(_) => self.tries += 1,
                Entry::CallBackClosed { call_back, .. } => {
                    self.call_backs.insert(call_back, false);
                }
                Entry::Stepped { .. }
                | Entry::LegUp(_)
                | Entry::LegDown { .. }
                | Entry::RequestLeft(_)
                | Entry::Agent(_)
                | Entry::Queue(_)
                | Entry::Bound { .. }
                | Entry::OutsideCounted(_)
                | Entry::Heard(_) => {}
            }
        }
    }

    fn alive(&self) -> usize {
        self.records.values().filter(|records| **records == 0).count()
    }

    /// Every call that was answered is known, and none has two records; who was cut off is called back.
    fn check(&self, accepted: &[String]) {
        for call_id in accepted {
            assert!(self.calls.contains_key(call_id), "{call_id} was answered and is not known");
        }
        for (call, records) in &self.records {
            assert!(*records <= 1, "{call} has {records} records");
        }
        for call in &self.cut_off {
            assert!(self.call_backs.contains_key(&CallBackId(*call)), "{call} is not called back");
        }
    }

    fn open_call_backs(&self) -> BTreeSet<String> {
        let open = self.call_backs.iter().filter(|(_, open)| **open);
        open.map(|(id, _)| id.to_string()).collect()
    }
}

/// The line, and the addresses of who answers.
struct Rush {
    line: Line,
    agents: Host,
    /// The telephones outside that are called back.
    network: Host,
    registered: Instant,
}

impl Rush {
    fn begin() -> Rush {
        let networks = "from = [\"127.0.0.0/8\", \"::1\"]";
        let setup = Setup::demo();
        let network = setup.host();
        let trunk = format!(
            "{networks}\nto = [\"sip:{}\"]\ncaller_number = \"8-800-234-35-22\"",
            network.sip()
        );
        let waiting = "waiting_max = 200";
        let call_back = "call_back = { hours = \"always\", between = \"1m\" }";
        let line = setup
            .replace(networks, &trunk)
            .replace("start = \"menu:main\"", "start = \"queue:operator\"")
            .replace(waiting, &format!("{waiting}\n{call_back}"))
            .plan("always.toml", "[schedules.always]\nhours = \"00:00-24:00\"\n")
            .set("log.level", "info")
            .start();
        let agents = line.host();
        let mut rush = Rush { line, agents, network, registered: Instant::now() };
        rush.register();
        rush
    }

    fn register(&mut self) {
        self.registered = Instant::now();
        for agent in AGENTS {
            register(&self.line, &self.agents, agent, "");
        }
    }

    /// A power cut at this moment; the time that the line needs to be ready again.
    fn power_cut(&mut self) -> Duration {
        self.line.kill();
        let begun = Instant::now();
        self.line.start_again();
        let took = begun.elapsed();
        if self.registered.elapsed() > REGISTER_EVERY {
            self.register();
        }
        took
    }

    /// What the journal takes for alive is alive, and nothing else.
    #[track_caller]
    fn agrees(&self, known: &mut Known, accepted: impl Fn() -> Vec<String>, token: &str) {
        let mut agrees = || {
            // Who was answered before the journal is read.
            let accepted = accepted();
            let live = self.line.metric("line122_calls_live") as usize;
            known.read(&self.line);
            known.check(&accepted);
            let (alive, again) = (known.alive(), self.line.metric("line122_calls_live") as usize);
            let told = call_backs(self.line.web(), token);
            let open = known.open_call_backs();
            // Calls come and go meanwhile: it is enough that they agree at one time.
            let agree = live == alive && alive == again && told == open;
            let (told, open) = (told.len(), open.len());
            let seen = format!("{live} and {again} live of {alive}, {told} call-backs of {open}");
            if agree { Ok(()) } else { Err(seen) }
        };
        let deadline = Instant::now() + PATIENCE;
        while let Err(seen) = agrees() {
            assert!(Instant::now() < deadline, "{seen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The call-backs that the API knows.
fn call_backs(web: Web, token: &str) -> BTreeSet<String> {
    let headers = format!("Authorization: Bearer {token}\r\n");
    let Some((200, text)) = web.ask("GET /api/v1/call-backs", &headers, "") else {
        return BTreeSet::new();
    };
    let all: Value = serde_json::from_str(&text).expect("JSON");
    let ids = all["call_backs"].as_array().into_iter().flatten();
    ids.filter_map(|back| Some(back["id"].as_str()?.to_owned())).collect()
}

/// Opens cases one after another until it is told to stop, each until the line has answered; their numbers.
fn open_cases(web: Web, token: &str, stop: &AtomicBool) -> Vec<String> {
    let mut cases = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        match api::open(web, token, cases.len()) {
            Some(case) => cases.push(case),
            None => std::thread::sleep(Duration::from_millis(20)),
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    cases
}

/// Moments that differ from run to run.
struct Chance(u64);

impl Chance {
    fn new() -> Chance {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Chance(since.map_or(1, |since| since.as_nanos() as u64 | 1))
    }

    fn below(&mut self, milliseconds: u64) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        Duration::from_millis(self.0 % milliseconds)
    }
}

#[test]
fn nothing_that_was_promised_is_lost() {
    let rounds = std::env::var("LINE122_KILLS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: u32 = rounds.unwrap_or(ROUNDS);
    let mut rush = Rush::begin();
    let token = rush.line.token("mis", "curator");
    let phone = |talks: u64| {
        let ring = Duration::from_millis(200);
        Scenario::callee().rings().waits(ring).answers(SDP).stays(SDP, Duration::from_secs(talks))
    };
    let _agents = Sipp::start_crowd(&rush.line, &rush.agents, &phone(30), 1);
    let _network = Sipp::start_crowd(&rush.line, &rush.network, &phone(4), 1);
    let caller = Scenario::call_from("[field0]", "122", SDP).answered().tells("accepted");
    let caller = caller.stays(SDP, CALLER_STAYS);
    let mut callers = Sipp::start_crowd(&rush.line, &rush.line.host(), &caller, CALLS_A_SECOND);

    let (mut known, mut chance, mut starts) = (Known::default(), Chance::new(), Vec::new());
    let (stop, web, mut resumed) = (AtomicBool::new(false), rush.line.web(), 0.0);
    let cases = std::thread::scope(|scope| {
        let writer = scope.spawn(|| open_cases(web, &token, &stop));
        // Whatever fails, the writer is to end.
        let _stop = Stops(&stop);
        while starts.len() < rounds as usize
            || ((resumed == 0.0 || known.call_backs.is_empty())
                && starts.len() < (rounds + FURTHER_ROUNDS) as usize)
        {
            std::thread::sleep(Duration::from_millis(300) + chance.below(BETWEEN_KILLS));
            resumed += rush.line.metric("line122_calls_resumed_total");
            starts.push(rush.power_cut());
            rush.agrees(&mut known, || callers.told("accepted"), &token);
            let (calls, alive) = (known.records.len(), known.alive());
            println!("{}: {calls} calls, {alive} alive", starts.len());
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().expect("it ends")
    });

    callers.stop();
    callers.wait_stopped();
    rush.agrees(&mut known, || callers.told("accepted"), &token);
    let accepted = callers.told("accepted");
    // Their callers have hung up, or were lost long ago.
    until("every call that was answered has its record", PATIENCE * 2, || {
        known.read(&rush.line);
        accepted.iter().all(|call_id| known.records[&known.calls[call_id]] == 1).then_some(())
    });
    for (mark, case) in cases.iter().enumerate() {
        let again = api::open(web, &token, mark).expect("the line answers");
        assert_eq!(*case, again, "it stands, and is not done again");
    }
    starts.sort_unstable();
    println!(
        "killed {} times: {} calls answered, {resumed} taken up, {} cut off; {} call-backs, \
         {} tries in vain; {} cases; ready again after {:?} (median), {:?} at most",
        starts.len(),
        accepted.len(),
        known.cut_off.len(),
        known.call_backs.len(),
        known.tries,
        cases.len(),
        starts[starts.len() / 2],
        starts[starts.len() - 1],
    );
    assert!(resumed > 0.0 && !cases.is_empty() && !known.call_backs.is_empty());
    assert!(accepted.len() > 3 * rounds as usize, "a line that does nothing loses nothing");
}

/// Says stop when it goes.
struct Stops<'a>(&'a AtomicBool);

impl Drop for Stops<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
