use journal::{CallRecord, StepKind};
use serde::Serialize;

/// A call in columns, as the database and exports have it. Times are milliseconds since the Unix epoch,
/// spans milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallRow {
    /// The call.
    pub call: String,
    /// When it arrived.
    pub arrived_at: i64,
    /// When it ended.
    pub ended_at: i64,
    /// The caller's number.
    pub caller: Option<String>,
    /// The dialled number.
    pub dialled: String,
    /// The trunk that brought it.
    pub trunk: Option<String>,
    /// `direct`, `clinic` or `retired`.
    pub origin: &'static str,
    /// The clinic whose line passed it on.
    pub clinic: Option<String>,
    /// The last queue it waited in.
    pub queue: Option<String>,
    /// The last agent who talked.
    pub agent: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// Who ended it.
    pub hangup_by: String,
    /// From the first queue to the first answer, or to the end.
    pub waited: Option<i64>,
    /// From the first answer of an agent or a clinic to the end.
    pub talked: Option<i64>,
    /// Version of the dialplan.
    pub dialplan: String,
}

impl CallRow {
    /// What a record says. A clock that was set back makes no negative span.
    #[must_use]
    pub fn of(record: &CallRecord) -> CallRow {
        let first = |wanted: fn(&StepKind) -> bool| {
            record.steps.iter().find(|step| wanted(&step.what)).map(|step| step.at)
        };
        let queued = first(|what| matches!(what, StepKind::Queued(_)));
        let connected = first(|what| {
            matches!(
                what,
                StepKind::Connected(_)
                    | StepKind::ConnectedToClinic(_)
                    | StepKind::ConnectedOutside(_)
            )
        });
        let ended = first(|what| matches!(what, StepKind::Ended));
        let span = |(from, to): (i64, i64)| (to - from).max(0);
        let arrived_at = record.call.made_at().unix_millis();
        CallRow {
            call: record.call.to_string(),
            arrived_at,
            ended_at: record.steps.last().map_or(arrived_at, |step| step.at),
            caller: record.caller.as_ref().map(ToString::to_string),
            dialled: record.dialled.to_string(),
            trunk: record.trunk.as_ref().map(ToString::to_string),
            origin: record.origin.word(),
            clinic: record.origin.clinic().map(ToString::to_string),
            queue: record.queue.as_ref().map(ToString::to_string),
            agent: record.agent.as_ref().map(ToString::to_string),
            outcome: word(&record.outcome),
            hangup_by: word(&record.hangup_by),
            waited: queued.zip(connected.or(ended)).map(span),
            talked: connected.zip(ended).map(span),
            dialplan: record.dialplan.clone(),
        }
    }
}

/// The word that stands for a value in JSON.
pub(crate) fn word(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}
