//! What one record says, as far as figures need it.

use dialplan::{AgentId, ClinicId, ForwardCause, QueueId};
use journal::{CallRecord, Origin, Outcome, StepKind};

use crate::spans::Span;

/// A call.
#[derive(Debug)]
pub(crate) struct Call<'a> {
    pub(crate) record: &'a CallRecord,
    /// When it arrived, in milliseconds since the Unix epoch.
    pub(crate) arrived: i64,
    /// The queue in which it waited first, and since when.
    pub(crate) queued: Option<(i64, &'a QueueId)>,
    /// When somebody first talked with who waited.
    pub(crate) taken: Option<i64>,
    pub(crate) ended: i64,
    /// The talks with agents.
    pub(crate) talks: Vec<Talk<'a>>,
    /// The clinic that it was for.
    pub(crate) clinic: Option<AtClinic<'a>>,
}

/// A talk with one agent, hold included.
#[derive(Debug)]
pub(crate) struct Talk<'a> {
    pub(crate) agent: &'a str,
    pub(crate) span: Span,
}

/// What the call was to a clinic.
#[derive(Debug)]
pub(crate) struct AtClinic<'a> {
    pub(crate) clinic: &'a ClinicId,
    /// After how many milliseconds the clinic's phone took it.
    pub(crate) taken_after: Option<i64>,
    /// Why it came to the line instead.
    pub(crate) forwarded: Option<ForwardCause>,
}

impl<'a> Call<'a> {
    /// Reads a record. Whether a name is an agent's `is_agent` knows: who was handed on to somebody is
    /// told by name alone.
    pub(crate) fn of(record: &'a CallRecord, is_agent: impl Fn(&str) -> bool) -> Call<'a> {
        let arrived = record.call.made_at().unix_millis();
        let ended = record.steps.last().map_or(arrived, |step| step.at);
        let mut call = Call {
            record,
            arrived,
            queued: None,
            taken: None,
            ended,
            talks: Vec::new(),
            clinic: None,
        };
        let mut clinic_rang = None;
        let mut talking: Option<(&'a str, i64)> = None;
        for step in &record.steps {
            let at = step.at;
            // Who talks from now on; the talk before ends with any of these.
            let next = match &step.what {
                StepKind::Connected(agent) | StepKind::TakenOver(agent) => {
                    Some(Some(agent.as_str()))
                }
                StepKind::Transferred(to) => Some(is_agent(to).then_some(to.as_str())),
                StepKind::ConnectedToClinic(_)
                | StepKind::ConnectedOutside(_)
                | StepKind::Queued(_)
                | StepKind::Returned
                | StepKind::Ended => Some(None),
                StepKind::ClinicRings(_)
                | StepKind::Forwarded(_)
                | StepKind::Listed(_)
                | StepKind::Answered
                | StepKind::Key(_)
                | StepKind::Listened { .. }
                | StepKind::KeysOnly
                | StepKind::Said { .. }
                | StepKind::Told { .. }
                | StepKind::Offered(_)
                | StepKind::NotTaken(_)
                | StepKind::RingsOutside(_)
                | StepKind::Held
                | StepKind::Resumed
                | StepKind::SentOn
                | StepKind::ToldOfRecording
                | StepKind::RecordingBegan
                | StepKind::RecordingEnded
                | StepKind::Monitored { .. }
                | StepKind::MonitorLeft(_) => None,
            };
            if let Some(next) = next {
                call.talks.extend(
                    talking
                        .take()
                        .map(|(agent, since)| Talk { agent, span: (since, at.max(since)) }),
                );
                talking = next.map(|agent| (agent, at));
            }
            match &step.what {
                StepKind::Queued(queue) => call.queued = call.queued.or(Some((at, queue))),
                StepKind::Connected(_) | StepKind::ConnectedOutside(_) => call.take(at),
                StepKind::ConnectedToClinic(clinic) => {
                    call.take(at);
                    let rang = clinic_rang.unwrap_or(arrived);
                    let of = call.at_clinic(clinic);
                    of.taken_after = of.taken_after.or(Some((at - rang).max(0)));
                }
                StepKind::ClinicRings(clinic) => {
                    clinic_rang = clinic_rang.or(Some(at));
                    call.at_clinic(clinic);
                }
                StepKind::Forwarded(_)
                | StepKind::Listed(_)
                | StepKind::Answered
                | StepKind::Key(_)
                | StepKind::Listened { .. }
                | StepKind::KeysOnly
                | StepKind::Said { .. }
                | StepKind::Told { .. }
                | StepKind::Offered(_)
                | StepKind::NotTaken(_)
                | StepKind::RingsOutside(_)
                | StepKind::Transferred(_)
                | StepKind::Held
                | StepKind::Resumed
                | StepKind::SentOn
                | StepKind::ToldOfRecording
                | StepKind::RecordingBegan
                | StepKind::RecordingEnded
                | StepKind::Monitored { .. }
                | StepKind::MonitorLeft(_)
                | StepKind::TakenOver(_)
                | StepKind::Returned
                | StepKind::Ended => {}
            }
        }
        if let Origin::Clinic { clinic, cause } = &record.origin {
            call.at_clinic(clinic).forwarded = Some(*cause);
        }
        call
    }

    /// Somebody came to who waits.
    fn take(&mut self, at: i64) {
        if self.queued.is_some() {
            self.taken = self.taken.or(Some(at));
        }
    }

    fn at_clinic(&mut self, clinic: &'a ClinicId) -> &mut AtClinic<'a> {
        self.clinic.get_or_insert(AtClinic { clinic, taken_after: None, forwarded: None })
    }

    /// Milliseconds from the first queue to who came, or to the end.
    pub(crate) fn waited(&self) -> Option<i64> {
        let (since, _) = self.queued?;
        Some((self.taken.unwrap_or(self.ended) - since).max(0))
    }

    /// Whether the line called the citizen.
    pub(crate) fn is_call_back(&self) -> bool {
        matches!(self.record.origin, Origin::CallBack(_))
    }

    /// Whether it rang with this agent, or the agent talked in it.
    pub(crate) fn met(&self, agent: &AgentId) -> bool {
        let offered = |kind: &StepKind| match kind {
            StepKind::Offered(to) | StepKind::Connected(to) => to == agent,
            _ => false,
        };
        self.record.steps.iter().any(|step| offered(&step.what))
            || self.talks.iter().any(|talk| talk.agent == agent.as_str())
    }

    /// Whether nobody talked with the citizen, who has nothing to wait for either.
    pub(crate) fn is_lost(&self) -> bool {
        let somebody_came = self.taken.is_some()
            || !self.talks.is_empty()
            || self.clinic.as_ref().is_some_and(|at| at.taken_after.is_some());
        match self.record.outcome {
            Outcome::Answered
            | Outcome::AnsweredByClinic
            | Outcome::Announced
            | Outcome::CallBackTaken
            | Outcome::RequestTaken => false,
            Outcome::LeftMenu
            | Outcome::Abandoned
            | Outcome::TimedOut
            | Outcome::QueueFull
            | Outcome::NobodyOnDuty
            | Outcome::NotReached
            | Outcome::Broken
            | Outcome::Refused => !somebody_came,
        }
    }
}
