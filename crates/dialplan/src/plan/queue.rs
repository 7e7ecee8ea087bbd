//! Queues and who serves them.

use std::sync::Arc;
use std::time::Duration;

use super::Target;
use crate::{
    CallBackRule, DaysCounted, Escalation, GroupId, OrganisationId, PromptName, QueueId, QueueWall,
    Recording, ScheduleId,
};

/// A queue.
#[derive(Clone, Debug)]
pub struct Queue {
    /// Its name, in its own key.
    pub id: QueueId,
    /// The topic, shown to operators.
    pub topic: Box<str>,
    /// Who serves it, and from when on.
    pub serve: Vec<Tier>,
    /// Head start of its calls over those of other queues.
    pub head_start: Duration,
    /// How long an agent's phone rings.
    pub ring_for: Duration,
    /// Time for the agent's paperwork after a talk.
    pub wrap_up: Duration,
    /// Music or messages while waiting.
    pub music: PromptName,
    /// How often place and expected wait are announced; `None` for never.
    pub announce_every: Option<Duration>,
    /// Ceiling of waiting calls; one more goes where `overflow` says.
    pub waiting_max: usize,
    /// What becomes of calls that wait too long or are too many.
    pub overflow: Overflow,
    /// What becomes of calls while nobody who serves the queue is on duty.
    pub closed: Closed,
    /// By when a request is to be answered; [`Dialplan::due`] tells the moment.
    pub answer_within: Option<Duration>,
    /// Which days count for that and for `escalate`.
    pub days: DaysCounted,
    /// Its requests are urgent.
    pub urgent: bool,
    /// By when a request is to be answered that is urgent beyond its topic.
    pub urgent_within: Duration,
    /// What agents ask and say, in Markdown.
    pub script: Option<Arc<str>>,
    /// Organisations that are told of its cases.
    pub notify: Vec<OrganisationId>,
    /// Who is told of a request that stays open, in the order of time.
    pub escalate: Vec<Escalation>,
    /// How its callers are rung back.
    pub call_back: CallBackRule,
    /// Its talks are recorded; `None` if they are not.
    pub recording: Option<Recording>,
    /// How long records of its calls and requests keep who called; `None` for ever.
    pub keep_records: Option<Duration>,
    /// When the wallboard warns and alarms.
    pub wall: QueueWall,
}

/// Agents who serve a queue.
#[derive(Clone, Debug)]
pub struct Tier {
    /// The group.
    pub group: GroupId,
    /// Only while this schedule holds.
    pub when: Option<ScheduleId>,
    /// Only for calls that have waited so long.
    pub after: Duration,
}

/// What becomes of calls that cannot wait here.
#[derive(Clone, Debug)]
pub struct Overflow {
    /// After so long a wait; `None` for never.
    pub after: Option<Duration>,
    /// What they are told first.
    pub say: Option<PromptName>,
    /// Where they go.
    pub to: Target,
}

/// What becomes of calls while nobody is on duty for them.
#[derive(Clone, Debug)]
pub struct Closed {
    /// What they are told first.
    pub say: Option<PromptName>,
    /// Where they go.
    pub to: Target,
}
