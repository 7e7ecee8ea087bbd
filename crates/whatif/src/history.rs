//! The calls of the past, one a line of a CSV file.
//!
//! ```text
//! arrived,queue,waited,talked,outcome
//! 2026-11-16 08:15:22,home-visit,41,183,answered
//! 2026-11-16 08:15:40,Вакцинация,65,,abandoned
//! ```
//!
//! Only the first two columns are needed. A queue is named by its name or by its topic; times are
//! the region's unless they name a zone. Excel's semicolons and Russian column names are read, too.

use std::collections::BTreeMap;
use std::io;

use dialplan::{Dialplan, QueueId};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use journal::{CallRecord, Outcome, StepKind};

/// The longest span of a history, in days.
pub const DAYS_MAX: usize = 62;
/// The most calls of a history.
pub const CALLS_MAX: usize = 5_000_000;

/// The calls of the past, in the order of their arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The calls; not empty after reading.
    pub calls: Vec<PastCall>,
}

/// One call that was to wait in a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct PastCall {
    /// When it arrived.
    pub arrived: Timestamp,
    /// Where it waited.
    pub queue: QueueId,
    /// How long it waited, in seconds.
    pub waited: Option<f64>,
    /// How long the talk was, in seconds.
    pub talked: Option<f64>,
    /// Whether the caller hung up before an answer; `None` if the history does not tell.
    pub abandoned: Option<bool>,
}

/// What is wrong with a history.
#[derive(Debug, thiserror::Error)]
pub enum BadHistory {
    /// The file cannot be read as CSV.
    #[error(transparent)]
    Csv(#[from] csv::Error),
    /// A needed column is missing.
    #[error("line 1: no column {0:?}; a history begins with arrived,queue,waited,talked,outcome")]
    NoColumn(&'static str),
    /// A value cannot be understood.
    #[error("line {line}: {value:?} is no {expected}")]
    BadValue {
        /// The line.
        line: u64,
        /// The value as written.
        value: String,
        /// What was expected.
        expected: String,
    },
    /// There is nothing in it.
    #[error("the history has no calls")]
    Empty,
    /// It goes over too many days or holds too many calls.
    #[error("the history is longer than {DAYS_MAX} days or {CALLS_MAX} calls: cut it")]
    TooLong,
}

/// The columns, with the names that they may have.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("arrived", &["arrived", "time", "время", "поступил", "дата и время"]),
    ("queue", &["queue", "topic", "очередь", "тема"]),
    ("waited", &["waited", "wait", "ожидание", "ожидание, с"]),
    ("talked", &["talked", "talk", "разговор", "разговор, с"]),
    ("outcome", &["outcome", "result", "исход", "результат"]),
];

impl History {
    /// Reads a CSV file.
    ///
    /// # Errors
    /// With the line and what is expected there.
    pub fn read(text: &str, plan: &Dialplan) -> Result<History, BadHistory> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let header = text.lines().next().unwrap_or_default();
        let delimiter = if header.contains(';') { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(text.as_bytes());
        let names: Vec<String> = reader.headers()?.iter().map(str::to_lowercase).collect();
        let column =
            |which: usize| names.iter().position(|name| COLUMNS[which].1.contains(&name.as_str()));
        let needed = |which: usize| column(which).ok_or(BadHistory::NoColumn(COLUMNS[which].0));
        let (arrived, queue) = (needed(0)?, needed(1)?);
        let (waited, talked, outcome) = (column(2), column(3), column(4));
        let queues = queues_by_name(plan);
        let mut calls = Vec::new();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            let bad = |value: &str, expected: &str| BadHistory::BadValue {
                line,
                value: value.to_owned(),
                expected: expected.to_owned(),
            };
            let cell = |at: Option<usize>| {
                at.and_then(|at| record.get(at)).filter(|value| !value.is_empty())
            };
            let text = cell(Some(arrived)).unwrap_or_default();
            let time = timestamp(text, &plan.region.zone)
                .ok_or_else(|| bad(text, "time such as 2026-11-16 08:15:22"))?;
            let text = cell(Some(queue)).unwrap_or_default();
            let queue = queues.get(&text.to_lowercase()).cloned().ok_or_else(|| {
                let known: Vec<&str> = plan.queues.keys().map(QueueId::as_str).collect();
                bad(text, &format!("queue of the dialplan: {}", known.join(", ")))
            })?;
            let seconds = |at: Option<usize>| match cell(at) {
                None => Ok(None),
                Some(text) => text
                    .replace(',', ".")
                    .parse()
                    .ok()
                    .filter(|seconds: &f64| (0.0..=86_400.0).contains(seconds))
                    .map(Some)
                    .ok_or_else(|| bad(text, "number of seconds up to a day")),
            };
            let abandoned = match cell(outcome) {
                None => None,
                Some(text) => Some(
                    is_abandoned(text)
                        .ok_or_else(|| bad(text, "outcome: answered, abandoned or other"))?,
                ),
            };
            let (waited, talked) = (seconds(waited)?, seconds(talked)?);
            calls.push(PastCall { arrived: time, queue, waited, talked, abandoned });
            if calls.len() > CALLS_MAX {
                return Err(BadHistory::TooLong);
            }
        }
        calls.sort_by_key(|call| call.arrived);
        let (Some(first), Some(last)) = (calls.first(), calls.last()) else {
            return Err(BadHistory::Empty);
        };
        if last.arrived.duration_since(first.arrived).as_hours() > 24 * DAYS_MAX as i64 {
            return Err(BadHistory::TooLong);
        }
        Ok(History { calls })
    }

    /// Writes what [`History::read`] reads. Times are told in `zone`.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn write(&self, zone: &TimeZone, out: impl io::Write) -> Result<(), BadHistory> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(COLUMNS.map(|(name, _)| name))?;
        let seconds = |value: Option<f64>| value.map_or(String::new(), |s| format!("{s:.0}"));
        for call in &self.calls {
            let outcome = match call.abandoned {
                Some(true) => "abandoned",
                Some(false) if call.talked.is_some() => "answered",
                Some(false) => "other",
                None => "",
            };
            writer.write_record([
                call.arrived.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
                call.queue.to_string(),
                seconds(call.waited),
                seconds(call.talked),
                outcome.to_owned(),
            ])?;
        }
        writer.flush().map_err(csv::Error::from)?;
        Ok(())
    }
}

impl PastCall {
    /// The call as its record tells it; `None` if it never waited in a queue.
    #[must_use]
    pub fn of(record: &CallRecord) -> Option<PastCall> {
        let time = |wanted: fn(&StepKind) -> bool| {
            record.steps.iter().find(|step| wanted(&step.what)).map(|step| step.at)
        };
        let (queued, queue) = record.steps.iter().find_map(|step| match &step.what {
            StepKind::Queued(queue) => Some((step.at, queue.clone())),
            _ => None,
        })?;
        let connected = time(|what| matches!(what, StepKind::Connected(_)));
        let ended = time(|what| matches!(what, StepKind::Ended));
        let between = |from: i64, to: i64| (to - from).max(0) as f64 / 1000.0;
        Some(PastCall {
            arrived: Timestamp::from_millisecond(queued).ok()?,
            queue,
            waited: connected.or(ended).map(|until| between(queued, until)),
            talked: connected.zip(ended).map(|(from, to)| between(from, to)),
            abandoned: Some(record.outcome == Outcome::Abandoned),
        })
    }
}

/// The queues by their names and topics, in small letters.
fn queues_by_name(plan: &Dialplan) -> BTreeMap<String, QueueId> {
    let topics = plan.queues.values().map(|queue| (queue.topic.to_lowercase(), queue.id.clone()));
    let names = plan.queues.keys().map(|id| (id.as_str().to_lowercase(), id.clone()));
    topics.chain(names).collect()
}

fn timestamp(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    let forms = ["%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y-%m-%d %H:%M"];
    let local = text
        .parse::<DateTime>()
        .ok()
        .or_else(|| forms.iter().find_map(|form| DateTime::strptime(form, text).ok()))?;
    zone.to_timestamp(local).ok()
}

fn is_abandoned(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "abandoned" | "lost" | "потерян" | "сброшен" | "не дождался" => {
            Some(true)
        }
        "answered" | "other" | "отвечен" | "принят" | "прочее" => Some(false),
        _ => None,
    }
}
