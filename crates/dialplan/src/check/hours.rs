//! Hours of the week at which nobody serves a queue.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use crate::compile::entries;
use crate::findings::Findings;
use crate::read::Field;
use crate::schedule::DayKind;
use crate::schedule::week::{DAY, WEEK, WeekKind};
use crate::tables::Root;
use crate::{Queue, QueueId, Schedule, ScheduleId};

/// The most spans of hours that are told.
const TOLD_MAX: usize = 6;

const DAY_NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Weeks that are looked at, and how their gaps are told. A gap that every ordinary week has is not
/// told again.
const WEEKS: [(WeekKind, &str); 3] = [
    (WeekKind::Ordinary, ""),
    (WeekKind::Every(DayKind::Off), " on holidays"),
    (WeekKind::Every(DayKind::Working), " on working days"),
];

/// Warns of queues that nobody serves at some hours, though they do not say themselves what happens
/// then (`closed`).
pub(super) fn unserved(
    root: &Root,
    queues: &BTreeMap<QueueId, Queue>,
    schedules: &BTreeMap<ScheduleId, Schedule>,
    zone: &TimeZone,
    findings: &mut Findings,
) {
    let mut weeks = Weeks { schedules, zone, known: BTreeMap::new() };
    for (name, spot, table) in entries(&root.queues) {
        let Some(queue) = queues.get(&**name) else { continue };
        if !matches!(table.closed, Field::Absent) {
            continue;
        }
        let mut told: Vec<bool> = vec![false; WEEK];
        for (at, (_, on)) in WEEKS.into_iter().enumerate() {
            let mut gaps = weeks.gaps(queue, at);
            for (gap, told) in gaps.iter_mut().zip(&mut told) {
                *gap = *gap && !*told;
                *told |= *gap;
            }
            if let Some(hours) = in_words(&gaps) {
                findings
                    .warning(spot, format!("nobody serves queue \"{name}\"{on}: {hours}"))
                    .remedy(
                        "let a group serve it then, or say in the queue itself where its calls go: \
                         closed = { to = … }",
                    );
            }
        }
    }
}

/// The weeks of schedules, each looked at once.
struct Weeks<'a> {
    schedules: &'a BTreeMap<ScheduleId, Schedule>,
    zone: &'a TimeZone,
    known: BTreeMap<(usize, &'a str), Vec<bool>>,
}

impl<'a> Weeks<'a> {
    /// The minutes at which nobody serves the queue in one of [`WEEKS`].
    fn gaps(&mut self, queue: &'a Queue, week: usize) -> Vec<bool> {
        let mut gaps = vec![true; WEEK];
        for tier in &queue.serve {
            // A schedule that is wrong has been told.
            let schedule = tier.when.as_ref().and_then(|id| self.schedules.get_key_value(id));
            let Some((id, schedule)) = schedule else { return vec![false; WEEK] };
            let holds = self
                .known
                .entry((week, id.as_str()))
                .or_insert_with(|| schedule.week(WEEKS[week].0, self.zone));
            gaps.iter_mut().zip(holds).for_each(|(gap, holds)| *gap &= !*holds);
        }
        gaps
    }
}

/// `Mon-Fri 20:00-08:00, Sat 00:00-24:00`; `None` if there is no gap.
fn in_words(gaps: &[bool]) -> Option<String> {
    let spans = spans(gaps);
    if spans == [(0, WEEK)] {
        return Some("at no hour of the week".to_owned());
    }
    let mut days_of: Vec<((usize, usize), Vec<usize>)> = Vec::new();
    for (from, length) in spans {
        // Longer than a day: told day by day, as far as each goes.
        let mut from = from;
        let mut left = length;
        while left > 0 {
            let part = if left > DAY { DAY - from % DAY } else { left };
            let hours = (from % DAY, part);
            match days_of.iter_mut().find(|(known, _)| *known == hours) {
                Some((_, days)) => days.push(from / DAY % 7),
                None => days_of.push((hours, vec![from / DAY % 7])),
            }
            from += part;
            left -= part;
        }
    }
    let more = if days_of.len() > TOLD_MAX { ", …" } else { "" };
    let told: Vec<String> = days_of
        .iter_mut()
        .take(TOLD_MAX)
        .map(|((from, length), days)| {
            days.sort_unstable();
            let to = (*from + *length - 1) % DAY + 1;
            format!("{} {}-{}", day_names(days), clock(*from), clock(to))
        })
        .collect();
    (!told.is_empty()).then(|| told.join(", ") + more)
}

/// Gaps as minute of the week and length; one over the end of the week is whole.
fn spans(gaps: &[bool]) -> Vec<(usize, usize)> {
    let Some(open) = gaps.iter().position(|gap| !gap) else { return vec![(0, WEEK)] };
    let mut spans = Vec::new();
    let mut begun = None;
    for minute in open..=open + WEEK {
        match (gaps[minute % WEEK], begun) {
            (true, None) => begun = Some(minute),
            (false, Some(from)) => {
                spans.push((from, minute - from));
                begun = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    for (from, _) in &mut spans {
        *from %= WEEK;
    }
    spans.sort_unstable();
    spans
}

/// `Mon-Fri, Sun`.
fn day_names(days: &[usize]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some((_, last)) if *last + 1 == *day => *last = *day,
            _ => runs.push((*day, *day)),
        }
    }
    let names = runs.into_iter().map(|(first, last)| match last - first {
        0 => DAY_NAMES[first].to_owned(),
        _ => format!("{}-{}", DAY_NAMES[first], DAY_NAMES[last]),
    });
    names.collect::<Vec<_>>().join(", ")
}

fn clock(minute: usize) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}
