//! Every figure of a report is computed anew from the journal, by code that shares nothing with the
//! report's: it knows the journal's JSON and the formulas of the guide, and nothing else. The days are
//! days of the simulator's region, with clinics, breaks, transfers, call-backs and callers who give up.
#![allow(clippy::disallowed_methods, reason = "waits for a real database")]

mod anew;

use std::sync::mpsc;
use std::time::Duration;

use ambient::{Entropy, Wall};
use anew::Anew;
use cases::{Actor, Case, CaseId, CaseResult, Opening, Owner, Urgency, What};
use dialplan::Dialplan;
use jiff::civil::date;
use journal::{Entry, Sequence};
use records::{Beside, Books, DatabaseError, JournalWriter, Place, Reader, Recent};
use report::{Asked, Day, Kind, Period, Report, gather};
use serde_json::{Value, json};
use sim::population::{Demand, Population, Troubles};
use sim::tap::Tap;
use sim::world::{Making, NOON, World, settings};

/// Somebody leaves the talks of a day behind, in a database.
struct Lived {
    plan: Dialplan,
    now: Wall,
    journal: Vec<Value>,
    changes: Vec<Value>,
    place: Place,
    _folder: tempfile::TempDir,
}

/// From Sunday, 22 November 2026, 12:00 in Moscow until Monday noon.
fn live(seed: u64, troubled: bool) -> Lived {
    let prompts = sim::region::prompts();
    let plan = sim::region::load(&sim::region::root().join("dialplans/demo"), &prompts);
    let making = Making {
        seed,
        begins: NOON,
        plan: plan.clone(),
        full_media: 0,
        full_phones: false,
        tap: Tap::default(),
    };
    let mut world = World::make(making, settings());
    world.keeps_journal = true;
    let mut entropy = Entropy::from_number(seed);
    let until = world.now().mono + Duration::from_secs(24 * 3600);
    let troubles = match troubled {
        true => Troubles::seeded(entropy.fork(), until),
        false => Troubles::none(),
    };
    let demand = Demand { calls_a_day: 500, surge: 3 };
    let mut people = Population::new(&mut world, &plan, demand, troubles, entropy.fork());
    people.run_to(&mut world, until);
    let now = world.now().wall;
    let folder = tempfile::tempdir().unwrap();
    let place = Place { folder: folder.path().to_owned(), database: records::DatabaseKind::Sqlite };
    let journal: Vec<Value> =
        world.journal.iter().map(|entry| serde_json::to_value(entry).unwrap()).collect();
    write(&place, world.journal);
    let changes = open_cases(&place, &plan, &mut entropy, now);
    Lived { plan, now, journal, changes, place, _folder: folder }
}

fn write(place: &Place, entries: Vec<Entry>) {
    let (durable, told) = mpsc::channel();
    let durable = move |upto: Sequence| {
        let _ = durable.send(upto);
    };
    let (writer, _) = JournalWriter::open(place, NOON, Recent::default(), durable).unwrap();
    let last = entries.len() as u64;
    for (entry, n) in entries.into_iter().zip(1..) {
        writer.append(Sequence(n), entry);
    }
    while told.recv().unwrap().0 < last {}
}

/// Cases of each kind: answered in time and late, handed over, closed without an answer, opened again.
fn open_cases(place: &Place, plan: &Dialplan, entropy: &mut Entropy, now: Wall) -> Vec<Value> {
    let mut books = Books::open(place).unwrap();
    let topics: Vec<_> = plan.queues.keys().cloned().collect();
    let mut all = Vec::new();
    for n in 0..120 {
        let mut moment = NOON.unix_millis() + millis(entropy.below(20 * 3_600_000));
        let id = CaseId::new(Wall::from_unix_millis(moment), entropy);
        let opening = Opening {
            topic: topics[n % topics.len()].clone(),
            urgency: if n % 7 == 0 { Urgency::Urgent } else { Urgency::Ordinary },
            caller: None,
            clinic: None,
            call: None,
            text: format!("Просьба {n}"),
            due: moment + millis(entropy.below(30 * 3_600_000)),
            owner: Owner::Group("operators".into()),
        };
        let by = Actor::Agent("201".into());
        let (change, mut case) =
            Case::open(id, Wall::from_unix_millis(moment), by.clone(), opening).unwrap();
        books.write(&change, &case, &Beside::default()).unwrap();
        all.push(serde_json::to_value(&change).unwrap());
        let note = "не нужно".to_owned();
        let ways: [&[What]; 6] = [
            &[],
            &[What::Answered { text: "да".into() }],
            &[What::Closed { result: CaseResult::Withdrawn, note: note.clone() }],
            &[
                What::Answered { text: "да".into() },
                What::Closed { result: CaseResult::Helped, note: String::new() },
            ],
            &[
                What::Answered { text: "да".into() },
                What::Reopened { why: "снова".into(), due: moment + 40 * 3_600_000 },
            ],
            &[
                What::HandedOver { to: Owner::Group("curators".into()), note: String::new() },
                What::Answered { text: "да".into() },
                What::Answered { text: "нет".into() },
            ],
        ];
        for what in ways[n % ways.len()] {
            moment += millis(entropy.below(8 * 3_600_000));
            if moment > now.unix_millis() {
                break;
            }
            let at = Wall::from_unix_millis(moment);
            let (change, after) = case.change(at, by.clone(), None, what.clone()).unwrap();
            books.write(&change, &after, &Beside::default()).unwrap();
            all.push(serde_json::to_value(&change).unwrap());
            case = after;
        }
    }
    all
}

fn millis(number: u64) -> i64 {
    i64::try_from(number).unwrap()
}

impl Lived {
    fn asked(&self, kind: Kind, day: i8) -> Asked {
        let period = Period::with(kind, date(2026, 11, day), &self.plan.region.zone).unwrap();
        Asked { period, within: Duration::from_secs(20), topic: None, clinic: None, group: None }
    }

    /// The report, held against what the journal says.
    fn checked(&self, asked: Asked) -> Report {
        let mut reader = Reader::open(&self.place).unwrap();
        let report = gather(&mut reader, &self.plan, asked.clone(), self.now).unwrap();
        let anew = Anew {
            plan: &self.plan,
            now: self.now.unix_millis(),
            from: asked.period.from.unix_millis(),
            until: asked.period.until.unix_millis(),
            within: 20_000,
            topic: asked.topic.as_ref().map(ToString::to_string),
            clinic: asked.clinic.as_ref().map(ToString::to_string),
            group: asked.group.as_ref().map(ToString::to_string),
        };
        let expected = anew.report(&self.journal, &self.changes);
        let told = serde_json::to_value(&report).unwrap();
        let mut checked = 0;
        compare("", &expected, &told, &mut checked);
        assert!(checked > 50, "only {checked} figures were compared");
        report
    }
}

/// Every figure that was computed anew is in the report, and is the same.
fn compare(path: &str, expected: &Value, told: &Value, checked: &mut usize) {
    match (expected, told) {
        (Value::Object(expected), Value::Object(told)) => {
            for (key, value) in expected {
                let of = told.get(key).unwrap_or(&Value::Null);
                compare(&format!("{path}/{key}"), value, of, checked);
            }
        }
        (Value::Array(expected), Value::Array(told)) => {
            assert_eq!(expected.len(), told.len(), "{path}: {expected:#?} {told:#?}");
            for (nth, (expected, told)) in expected.iter().zip(told).enumerate() {
                compare(&format!("{path}/{nth}"), expected, told, checked);
            }
        }
        (Value::Number(expected), Value::Number(told)) => {
            let (expected, told) = (expected.as_f64().unwrap(), told.as_f64().unwrap());
            assert!((expected - told).abs() < 1e-6, "{path}: {expected} and not {told}");
            *checked += 1;
        }
        _ => assert_eq!(expected, told, "{path}"),
    }
}

#[test]
fn a_day_a_running_day_and_a_week_are_what_the_journal_says() {
    let lived = live(7, false);
    let sunday = lived.checked(lived.asked(Kind::Day, 22));
    let monday = lived.checked(lived.asked(Kind::Day, 23));
    let week = lived.checked(lived.asked(Kind::Week, 23));
    let month = lived.checked(lived.asked(Kind::Month, 23));
    assert!(!sunday.running && monday.running);
    assert_eq!(week.total, monday.total, "the week has begun on Monday");
    assert_eq!(month.total.calls, sunday.total.calls + monday.total.calls);
    // The day is rich, or the comparison says little.
    let Report { total, clinics, agents, due_times, .. } = &month;
    assert!(
        total.answered > 200 && total.abandoned > 20 && total.mean_wait > Some(1.0),
        "{total:?}"
    );
    assert!(clinics.iter().any(|row| row.answered > 0 && row.forwarded > 10), "{clinics:?}");
    assert!(agents.iter().any(|row| row.talking > 600.0 && row.wrapping_up > 60.0), "{agents:?}");
    assert!(agents.iter().any(|row| row.not_taken > 0), "{agents:?}");
    let due = &due_times.as_ref().unwrap().total;
    assert!(due.met > 10 && due.late > 5 && due.overdue > 5, "{due:?}");
    let Report { by_hour, by_day, .. } = &month;
    let sum = |rows: &[report::Row]| rows.iter().map(|row| row.line.offered).sum::<u64>();
    assert_eq!((sum(by_hour), sum(by_day)), (total.offered, total.offered));
    assert_eq!(
        total.offered,
        total.answered + total.abandoned + total.call_back_taken + total.sent_away + total.broken
    );
}

/// A day that is kept up as calls end, whatever the order, has the figures of its report.
#[test]
fn a_day_that_runs_is_the_report_of_the_day() {
    let lived = live(8, false);
    for day in [22, 23] {
        let asked = lived.asked(Kind::Day, day);
        let zone = &lived.plan.region.zone;
        let mut running = Day::new(asked.period.clone(), zone.clone(), asked.within);
        let mut reader = Reader::open(&lived.place).unwrap();
        let half = reader.last_place().unwrap() / 2;
        let mut calls = [Vec::new(), Vec::new()];
        for (from, calls) in [0, half].into_iter().zip(&mut calls) {
            let place = reader.each_ended_behind(from, |record| {
                calls.push(record);
                Ok::<_, DatabaseError>(())
            });
            assert_eq!(place.unwrap(), reader.last_place().unwrap());
        }
        let [all, late] = calls;
        let early = all.len() - late.len();
        assert!(early > 0 && all[early..] == late);
        for record in late.iter().chain(&all[..early]) {
            running.call(record, &lived.plan);
        }
        let report = gather(&mut reader, &lived.plan, asked, lived.now).unwrap();
        assert!(report.total.calls > 50);
        assert_eq!(running.line(), report::Line { mean_handling: None, ..report.total });
        for (hour, row) in report.by_hour.iter().enumerate() {
            let quarters = &running.curve()[hour * 4..hour * 4 + 4];
            assert_eq!(u64::from(quarters.iter().sum::<u32>()), row.line.calls, "{hour}");
        }
    }
}

#[test]
fn parts_are_what_the_journal_says_of_them() {
    let lived = live(6, false);
    let all = lived.asked(Kind::Month, 22);
    let mut seen = 0;
    for topic in lived.plan.queues.keys() {
        let part = lived.checked(Asked { topic: Some(topic.clone()), ..all.clone() });
        seen += part.total.offered;
        assert!(part.agents.is_empty());
    }
    assert_eq!(seen, lived.checked(all.clone()).total.offered);
    for clinic in lived.plan.clinics.keys() {
        let part = lived.checked(Asked { clinic: Some(clinic.clone()), ..all.clone() });
        assert!(part.clinics.iter().all(|row| row.clinic == clinic.as_str()));
    }
    for group in lived.plan.groups.keys() {
        let part = lived.checked(Asked { group: Some(group.clone()), ..all.clone() });
        assert!(part.due_times.is_none());
    }
}

#[test]
fn so_they_are_where_much_breaks() {
    let lived = live(7, true);
    let month = lived.checked(lived.asked(Kind::Month, 22));
    assert!(month.total.offered > 100, "{:?}", month.total);
    let drawn = report::draw(&month, report::Language::Russian);
    assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>"));
    assert_eq!(json!(month)["kind"], "month");
}
