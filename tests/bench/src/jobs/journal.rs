//! The journal: how much later a call is answered because its arrival must be durable first, and how
//! much a database takes; SQLite and PostgreSQL in turns, on the same disk.

use std::error::Error;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use ambient::{Entropy, Wall};
use dialplan::{AgentId, Number, Numbering, QueueId};
use journal::{
    Arrived, CallId, CallRecord, Entry, HangupBy, KeptLeg, Origin, Outcome, SavedDialog, SavedFlow,
    SavedLeg, Sequence, Side, Step, StepKind,
};
use records::{JournalWriter, Place, Recent};

use super::measured::Measured;
use crate::cluster::Cluster;
use crate::lab::Lab;
use crate::load::Spread;
use crate::report::Row;

/// Calls begun a second.
const RATES: [u32; 3] = [100, 500, 1_000];
/// Entries of a call, as [`entries`] makes them.
const ENTRIES: u64 = 10;
/// Calls that are written as fast as they go.
const CROWD: u64 = 10_000;
/// How long the last entries may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// Measures.
///
/// # Errors
/// If a database cannot be opened, or does not take what it is given.
pub(crate) fn measure(lab: &Lab) -> Result<Vec<Row>, Box<dyn Error>> {
    let mut measured = Measured::default();
    let cluster = Cluster::start();
    for round in 0..lab.rounds {
        let folder = |who: &str| lab.folder().join(format!("{who}-{round}"));
        let sqlite = Place::sqlite(folder("sqlite"));
        let postgres = cluster.place(&folder("postgres"));
        for (who, place) in [("SQLite", &sqlite), ("PostgreSQL", &postgres)] {
            let mut load = Load::open(place)?;
            for rate in RATES {
                let delays = load.at_rate(rate, lab.load)?;
                let at = format!("{rate} calls/s");
                for (what, delay) in [
                    ("append to durable p50", delays.quantile(0.5)),
                    ("append to durable p99", delays.quantile(0.99)),
                    ("append to durable max", delays.max()),
                ] {
                    measured.add_for(who, what, &at, "ms", delay.as_secs_f64() * 1e3);
                }
            }
            let entries = load.crowd()?;
            measured.add_for(who, "entries written", "as fast as it goes", "a second", entries);
        }
    }
    Ok(measured.rows())
}

/// A line that writes calls.
struct Load {
    writer: JournalWriter,
    durable: Receiver<(Sequence, Instant)>,
    entropy: Entropy,
    calls: u64,
}

impl Load {
    fn open(place: &Place) -> Result<Load, Box<dyn Error>> {
        let (sender, durable): (Sender<(Sequence, Instant)>, _) = channel();
        let tell = move |upto| sender.send((upto, Instant::now())).unwrap_or_default();
        let now = Wall::from_unix_millis(1_795_338_000_000);
        let (writer, _) = JournalWriter::open(place, now, Recent::default(), tell)?;
        Ok(Load { writer, durable, entropy: Entropy::from_number(122), calls: 0 })
    }

    /// Writes entries of many calls evenly, as calls that overlap do; gives what each waited.
    fn at_rate(&mut self, rate: u32, load: Duration) -> Result<Spread, Box<dyn Error>> {
        let calls = u64::from(rate) * load.as_secs().max(1);
        let gap = Duration::from_secs(1) / rate / u32::try_from(ENTRIES)?;
        let first = self.calls * ENTRIES;
        let entries = self.entries(calls);
        let began = Instant::now();
        let mut appended = Vec::with_capacity(entries.len());
        for (entry, n) in entries.into_iter().zip(1_u32..) {
            let due = began + gap * n;
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            appended.push(Instant::now());
            self.writer.append(Sequence(first + u64::from(n)), entry);
        }
        let mut delays = Spread::default();
        let mut counted = 0;
        while counted < appended.len() {
            let (upto, at) = self.durable.recv_timeout(PATIENCE)?;
            let upto = usize::try_from(upto.0 - first)?;
            for began in &appended[counted..upto] {
                delays.add(at - *began);
            }
            counted = upto;
        }
        Ok(delays)
    }

    /// Writes calls all at once; gives how many entries became durable a second.
    fn crowd(&mut self) -> Result<f64, Box<dyn Error>> {
        let first = self.calls * ENTRIES;
        let entries = self.entries(CROWD);
        let (count, began) = (entries.len() as u64, Instant::now());
        for (entry, n) in entries.into_iter().zip(1..) {
            self.writer.append(Sequence(first + n), entry);
        }
        loop {
            let (upto, at) = self.durable.recv_timeout(PATIENCE)?;
            if upto.0 == first + count {
                return Ok(count as f64 / (at - began).as_secs_f64());
            }
        }
    }

    /// The entries of so many calls, those of each ten among one another.
    fn entries(&mut self, calls: u64) -> Vec<Entry> {
        const TOGETHER: usize = 10;
        let mut all = Vec::new();
        for n in self.calls..self.calls + calls {
            let at = Wall::from_unix_millis(1_795_338_000_000 + n as i64);
            all.push(entries(CallId::new(at, &mut self.entropy)).into_iter());
        }
        self.calls += calls;
        let mut mixed = Vec::new();
        for together in all.chunks_mut(TOGETHER) {
            for _ in 0..ENTRIES {
                mixed.extend(together.iter_mut().filter_map(Iterator::next));
            }
        }
        mixed
    }
}

/// A call that is answered, waits, talks and ends.
fn entries(call: CallId) -> [Entry; ENTRIES as usize] {
    let at = call.made_at().unix_millis();
    let step = |after: i64, what: StepKind| Step { at: at + after, what };
    let agent = AgentId::from("201");
    let queue = QueueId::from("home-visit");
    let steps = vec![
        step(0, StepKind::Answered),
        step(9_000, StepKind::Queued(queue.clone())),
        step(41_000, StepKind::Offered(agent.clone())),
        step(46_000, StepKind::Connected(agent.clone())),
        step(220_000, StepKind::Ended),
    ];
    let stepped = |n: usize| Entry::Stepped { call, step: steps[n].clone() };
    let leg = |side, version| Entry::LegUp(Box::new(leg(call, side, version)));
    let record = CallRecord {
        call,
        sip_call_id: format!("{call}@carrier.example"),
        caller: Some(number("+79101234567")),
        dialled: number("122"),
        trunk: Some("carrier".into()),
        origin: Origin::Direct,
        queue: Some(queue),
        agent: Some(agent),
        steps: steps.clone(),
        outcome: Outcome::Answered,
        hangup_by: HangupBy::Caller,
        dialplan: "a1b2c3d4".into(),
    };
    let arrived = Arrived {
        call,
        at,
        caller: record.caller.clone(),
        dialled: record.dialled.clone(),
        origin: Origin::Direct,
        trunk: record.trunk.clone(),
        sip_call_id: record.sip_call_id.clone(),
        dialplan: record.dialplan.clone(),
        proxied: false,
    };
    [
        Entry::Arrived(arrived),
        stepped(0),
        leg(Side::Near, 1),
        stepped(1),
        stepped(2),
        stepped(3),
        leg(Side::Far, 1),
        leg(Side::Near, 2),
        Entry::LegDown { call, side: Side::Far },
        Entry::Ended(record),
    ]
}

fn leg(call: CallId, side: Side, session_version: u64) -> SavedLeg {
    let kept = KeptLeg {
        dialog: SavedDialog {
            call_id: format!("{call}@carrier.example"),
            local_tag: "f3a9c1d27b".into(),
            remote_tag: "as5f0c2d1e".into(),
            local: "<sip:122@line.example>;tag=f3a9c1d27b".into(),
            remote: "<sip:+79101234567@carrier.example>;tag=as5f0c2d1e".into(),
            remote_target: "sip:+79101234567@203.0.113.9:5060".into(),
            route_set: vec!["<sip:203.0.113.1;lr>".into()],
            local_seq: 7,
            remote_seq: Some(102),
        },
        flow: SavedFlow {
            transport: "udp".into(),
            local: None,
            remote: ([203, 0, 113, 1], 5060).into(),
        },
        prefer_flow: false,
        contact_user: "122".into(),
        secure: false,
        session: 3_994_221_122,
        session_version,
    };
    SavedLeg { call, side, who: None, trunk: Some("carrier".into()), kept }
}

fn number(text: &str) -> Number {
    let numbering = Numbering {
        area_code: "4812".into(),
        national_prefix: "8".into(),
        international_prefix: "810".into(),
        country_code: "7".into(),
    };
    numbering.normalise(text).expect("a number")
}
