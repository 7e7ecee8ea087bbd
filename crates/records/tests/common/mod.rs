//! What the stories are made of.
#![allow(dead_code, reason = "each test program uses its part")]
#![allow(unreachable_pub, reason = "each test program has its own")]
#![allow(clippy::disallowed_methods, reason = "real programs in real time")]

mod cluster;

pub use cluster::Cluster;

use ambient::{Entropy, Wall};
use dialplan::plan::BreakReason;
use dialplan::{AgentId, Number, Numbering, QueueId};
use journal::{
    AgentState, Arrived, CallBack, CallBackEnd, CallBackId, CallBackReason, CallBackTry, CallId,
    CallRecord, Charged, Closing, Direction, Duty, Entry, HangupBy, Heard, KeptLeg, OpenCallBack,
    Origin, Outcome, OutsideCount, Quality, QueueState, Restored, SavedBinding, SavedDialog,
    SavedFlow, SavedLeg, Side, Step, StepKind, TryOutcome,
};
use records::{Place, Reader};

pub const NOW: Wall = Wall::from_unix_millis(1_795_338_000_000);

pub fn number(text: &str) -> Number {
    let numbering = Numbering {
        area_code: "4812".into(),
        national_prefix: "8".into(),
        international_prefix: "810".into(),
        country_code: "7".into(),
    };
    numbering.normalise(text).unwrap()
}

pub fn call(n: u64) -> CallId {
    CallId::new(Wall::from_unix_millis(1_000 + n as i64), &mut Entropy::from_number(n))
}

pub fn arrived(n: u64) -> Entry {
    let dialled = number("122");
    Entry::Arrived(Arrived {
        call: call(n),
        at: 5,
        caller: None,
        dialled,
        origin: Origin::Direct,
        trunk: None,
        sip_call_id: format!("call-{n}"),
        dialplan: "v".into(),
        proxied: false,
    })
}

pub fn ended(n: u64) -> Entry {
    Entry::Ended(CallRecord {
        call: call(n),
        sip_call_id: "abc\"\n".into(),
        caller: Some(number("627766")),
        dialled: number("122"),
        trunk: None,
        origin: Origin::Direct,
        queue: None,
        agent: None,
        steps: Vec::new(),
        outcome: Outcome::Abandoned,
        hangup_by: HangupBy::Caller,
        dialplan: "v".into(),
    })
}

pub fn heard(n: u64) -> Entry {
    let from = Direction { packets: 1000, lost: 50, jitter: 2_000 };
    let quality = Quality { from, to: None, round_trip: Some(40_000) };
    Entry::Heard(Heard { call: call(n), at: 7, side: Side::Near, agent: None, quality })
}

pub fn step(at: i64) -> Step {
    Step { at, what: StepKind::Queued(QueueId::from("appointment")) }
}

pub fn stepped(n: u64) -> Entry {
    Entry::Stepped { call: call(n), step: step(6) }
}

fn agent(name: &str, at: i64, duty: Duty) -> AgentState {
    let agent = AgentId::from(name);
    AgentState {
        agent,
        at,
        duty,
        off_by_choice: false,
        wrap_up_until: Some(at + 30_000),
        only: None,
    }
}

fn queue(name: &str, at: i64, is_closed: bool) -> QueueState {
    let closed = is_closed.then(|| Closing { say: Some("storm".into()) });
    QueueState { queue: name.into(), at, closed }
}

fn binding(cseq: u32) -> SavedBinding {
    SavedBinding {
        contact: "sip:201@10.0.0.5".into(),
        q: 1000,
        expires: 9_000,
        call_id: "register".into(),
        cseq,
        path: vec!["<sip:edge;lr>".into()],
        flow: None,
        source: "10.0.0.5:5060".parse().unwrap(),
        instance: None,
        reg_id: Some(1),
    }
}

fn leg(n: u64, side: Side, session_version: u64) -> SavedLeg {
    SavedLeg { call: call(n), side, who: None, trunk: None, kept: kept(n, session_version) }
}

fn kept(n: u64, session_version: u64) -> KeptLeg {
    KeptLeg {
        dialog: SavedDialog {
            call_id: format!("call-{n}"),
            local_tag: "ours".into(),
            remote_tag: "theirs".into(),
            local: "<sip:122@line>;tag=ours".into(),
            remote: "\"Анна \\\"О'\\\"\" <sip:1@trunk>;tag=theirs".into(),
            remote_target: "sip:1@10.0.0.9".into(),
            route_set: vec!["<sip:p1;lr>".into(), "<sip:p2;lr>".into()],
            local_seq: 7,
            remote_seq: None,
        },
        flow: SavedFlow {
            transport: "udp".into(),
            local: None,
            remote: "[::1]:5060".parse().unwrap(),
        },
        prefer_flow: true,
        contact_user: "line".into(),
        secure: false,
        session: u64::MAX,
        session_version,
    }
}

fn call_back(n: u64) -> CallBack {
    CallBack {
        id: CallBackId(call(n)),
        why: CallBackReason::Abandoned,
        caller: number("627766"),
        queue: QueueId::from("appointment"),
        since: 5,
        origin: Origin::Direct,
        at: 9,
        case: None,
    }
}

fn tried(n: u64, at: i64) -> CallBackTry {
    let outcome = TryOutcome::Busy;
    CallBackTry { call_back: CallBackId(call(n)), at, outcome, again_at: at + 60_000 }
}

/// Entries of every kind, of what is over and of what is not, and what a start must know after them;
/// without calls that live, which get their records at the start.
pub fn a_day() -> (Vec<Entry>, Restored) {
    let up = |leg| Entry::LegUp(Box::new(leg));
    let closed = Entry::CallBackClosed {
        call_back: CallBackId(call(1)),
        at: 20,
        how: CallBackEnd::Withdrawn { by: "curator".into() },
    };
    let bound = |account: &str, bindings| Entry::Bound { account: account.into(), bindings };
    let count = |agent: &str, begun| OutsideCount {
        charged: Charged::Agent(agent.into()),
        day: serde_json::from_str(r#""2026-11-22""#).unwrap(),
        begun,
    };
    let outside = |agent: &str, begun| Entry::OutsideCounted(count(agent, begun));
    let entries = vec![
        Entry::Agent(agent("201", 1, Duty::On)),
        Entry::Agent(agent("202", 2, Duty::Off)),
        bound("201", vec![binding(1)]),
        bound("202", vec![binding(1)]),
        arrived(1),
        stepped(1),
        up(leg(1, Side::Near, 1)),
        up(leg(1, Side::Far, 1)),
        up(leg(1, Side::Near, 2)),
        Entry::LegDown { call: call(1), side: Side::Far },
        Entry::CallBackOpened(call_back(1)),
        Entry::CallBackOpened(call_back(2)),
        Entry::CallBackTried(tried(1, 10)),
        Entry::CallBackTried(tried(2, 11)),
        Entry::CallBackTried(tried(2, 12)),
        closed,
        Entry::CallBackTried(tried(1, 30)),
        ended(1),
        stepped(1),
        up(leg(1, Side::Far, 9)),
        Entry::Agent(agent("201", 3, Duty::Break(BreakReason::Meal))),
        Entry::Queue(queue("info", 4, true)),
        Entry::Queue(queue("drugs", 5, true)),
        Entry::Queue(queue("drugs", 6, false)),
        bound("201", vec![binding(2), binding(3)]),
        bound("202", vec![]),
        outside("201", 1),
        outside("202", 1),
        outside("201", 2),
    ];
    let restored = Restored {
        calls: vec![],
        agents: vec![agent("201", 3, Duty::Break(BreakReason::Meal)), agent("202", 2, Duty::Off)],
        queues: vec![queue("info", 4, true)],
        bindings: vec![("201".into(), vec![binding(2), binding(3)])],
        call_backs: vec![OpenCallBack {
            call_back: call_back(2),
            tries: 2,
            last: Some(tried(2, 12)),
        }],
        outside: vec![count("201", 2), count("202", 1)],
    };
    (entries, restored)
}

/// All entries of the journal.
pub fn entries(place: &Place) -> Vec<Entry> {
    let mut reader = Reader::open(place).unwrap();
    let (mut all, mut last) = (Vec::new(), 0);
    loop {
        let page = reader.entries(last).unwrap();
        let Some((place, _)) = page.last() else { return all };
        last = *place;
        all.extend(page.into_iter().map(|(_, entry)| entry));
    }
}

/// Makes a test of each story over SQLite, and one of all of them over PostgreSQL, with one server.
#[allow(unused_macros, reason = "each test program uses its part")]
macro_rules! stories {
    ($($story:ident,)+) => {
        mod sqlite {
            $(#[test]
            fn $story() {
                let folder = tempfile::tempdir().unwrap();
                super::$story(&records::Place::sqlite(folder.path().join("not/there/yet")));
            })+
        }

        #[test]
        fn postgresql_keeps_the_same_promises() {
            let cluster = crate::common::Cluster::start();
            $({
                println!("{}", stringify!($story));
                let folder = tempfile::tempdir().unwrap();
                $story(&cluster.place(folder.path()));
            })+
        }
    };
}
#[allow(unused_imports, reason = "each test program uses its part")]
pub(crate) use stories;
