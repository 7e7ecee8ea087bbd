//! A case is put to `explain`.

use std::fmt;

use crate::decide::SendOnReason;
use crate::explain::{End, Explanation, Question, What, explain};
use crate::read::Words;
use crate::{Dialplan, GroupId, Place, PromptName, QueueId, Target};

/// A call, and what must become of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// What people call it.
    pub name: Box<str>,
    /// Where it stands.
    pub place: Place,
    /// The call.
    pub question: Question,
    /// What must become of it, each with the place where that is written.
    pub expected: Vec<(Expected, Place)>,
}

/// Something that must become of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It ends so.
    End(Ending),
    /// This is the last queue in which it waits.
    Queue(QueueId),
    /// It comes to these menus, queues and clinics, in this order.
    Passes(Vec<Target>),
    /// It hears these prompts, in this order.
    Hears(Vec<PromptName>),
    /// It is offered to the agents of these groups, and of no other.
    ServedBy(Vec<GroupId>),
}

/// How a call ends, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It is refused.
    Refused,
    /// A clinic's phone takes it.
    Clinic,
    /// A clinic does not, and nobody else.
    ClinicRefused,
    /// An agent takes it.
    Served,
    /// A telephone outside takes it.
    Outside,
    /// It waits.
    Waits,
    /// It hears words to their end.
    Announced,
    /// It waited too long.
    TooLong,
    /// The queue was full.
    Full,
    /// Nobody was on duty.
    NobodyOnDuty,
    /// The robot takes a request.
    Request,
    /// The caller is rung back later.
    CallBack,
    /// It was led in circles.
    Circles,
}

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The way of the call.
    pub way: Explanation,
    /// What is not as it must be; empty for a case that holds.
    pub misses: Vec<Miss>,
}

/// Something that did not become of the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Miss {
    /// What must have.
    pub expected: Expected,
    /// What did, of the same kind; `None` if nothing of that kind did.
    pub instead: Option<Expected>,
    /// Where it is expected.
    pub place: Place,
}

/// Puts a case to the dialplan.
#[must_use]
pub fn run(plan: &Dialplan, case: &Case) -> Verdict {
    let way = explain(plan, &case.question);
    let missed = case.expected.iter().filter_map(|(expected, place)| {
        let instead = instead_of(expected, &way)?;
        Some(Miss { expected: expected.clone(), instead, place: place.clone() })
    });
    let misses = missed.collect();
    Verdict { way, misses }
}

/// `None` if it is as expected.
fn instead_of(expected: &Expected, way: &Explanation) -> Option<Option<Expected>> {
    match expected {
        Expected::End(ending) => {
            let came = Ending::of(&way.end);
            (came != *ending).then_some(Some(Expected::End(came)))
        }
        Expected::Queue(queue) => {
            let last = way.queues().last();
            (last != Some(queue)).then(|| last.cloned().map(Expected::Queue))
        }
        Expected::Passes(stations) => {
            let passed = passed(way);
            let is_missed = !in_order(stations, &passed);
            is_missed.then(|| Some(passed).filter(|p| !p.is_empty()).map(Expected::Passes))
        }
        Expected::Hears(words) => {
            let heard: Vec<PromptName> = way.hears().cloned().collect();
            let is_missed = !in_order(words, &heard);
            is_missed.then(|| Some(heard).filter(|h| !h.is_empty()).map(Expected::Hears))
        }
        Expected::ServedBy(groups) => {
            let serving = way.served_by();
            let same = serving.len() == groups.len() && groups.iter().all(|g| serving.contains(g));
            let instead = || Some(serving.to_vec()).filter(|s| !s.is_empty());
            (!same).then(|| instead().map(Expected::ServedBy))
        }
    }
}

/// The menus, queues and clinics to which the call comes.
fn passed(way: &Explanation) -> Vec<Target> {
    let stations = way.steps.iter().filter_map(|step| match &step.what {
        What::Says(menu, _) => Some(Target::Menu(menu.clone())),
        What::Waits(queue) => Some(Target::Queue(queue.clone())),
        What::RingsOutside(id, ..) => Some(Target::Outside(id.clone())),
        What::ClinicRings(clinic, _) => Some(Target::Clinic(clinic.clone())),
        _ => None,
    });
    let mut passed: Vec<Target> = stations.collect();
    // A menu that is said again is one station.
    passed.dedup();
    passed
}

/// Whether all of `wanted` stand in `all` in their order, whatever stands between.
fn in_order<T: PartialEq>(wanted: &[T], all: &[T]) -> bool {
    let mut rest = all.iter();
    wanted.iter().all(|one| rest.any(|other| other == one))
}

impl fmt::Display for Expected {
    /// As a case writes it: `queue = "operator"`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::End(ending) => write!(f, "end = \"{}\"", ending.word()),
            Expected::Queue(queue) => write!(f, "queue = \"{queue}\""),
            Expected::Passes(stations) => write!(f, "passes = {}", list(stations)),
            Expected::Hears(words) => write!(f, "hears = {}", list(words)),
            Expected::ServedBy(groups) => write!(f, "served_by = {}", list(groups)),
        }
    }
}

fn list(things: &[impl fmt::Display]) -> String {
    let things: Vec<String> = things.iter().map(|thing| format!("\"{thing}\"")).collect();
    format!("[{}]", things.join(", "))
}

impl Ending {
    /// The word for it in a case.
    #[must_use]
    pub fn word(self) -> &'static str {
        <Ending as Words>::WORDS
            .iter()
            .find(|(_, ending)| *ending == self)
            .map_or("", |(word, _)| word)
    }

    fn of(end: &End) -> Ending {
        match end {
            End::Refused => Ending::Refused,
            End::Clinic(_) => Ending::Clinic,
            End::ClinicRefused(_) => Ending::ClinicRefused,
            End::Served(_) => Ending::Served,
            End::Outside(_) => Ending::Outside,
            End::Waits(_) => Ending::Waits,
            End::Announced => Ending::Announced,
            End::SentAway(SendOnReason::TooLong) => Ending::TooLong,
            End::SentAway(SendOnReason::Full) => Ending::Full,
            End::SentAway(SendOnReason::NobodyOnDuty) => Ending::NobodyOnDuty,
            End::Request(_) => Ending::Request,
            End::CallBack(_) => Ending::CallBack,
            End::Circles => Ending::Circles,
        }
    }
}
