//! The robot takes a request: a promise, and so it is said when it is durable.

use std::time::Duration;

use dialplan::decide::{REQUEST_ACCEPTED, REQUEST_NOT_POSSIBLE, RequestMeans};
use dialplan::{AskedFor, Number, QueueId, Target};
use journal::{Entry, HangupBy, LeftRequest, Outcome, Step, StepKind};

use super::call::{Call, Next, Stage};
use super::desk::{CallTimer, Desk};

/// How long the journal may take before an agent is to hear the request instead: the caller hears
/// nothing meanwhile.
const DURABLE_WITHIN: Duration = Duration::from_secs(3);

impl Call {
    /// Takes a request for this topic, or leads to who can.
    pub(crate) fn take_request(&mut self, desk: &mut Desk<'_>, topic: &QueueId) {
        self.answer(desk);
        // An agent's request would be the agent's own case, opened on a page.
        let caller = self.citizen().cloned().or_else(|| self.told_number());
        match (self.plan.request_means(caller.as_ref(), self.has_waited_for(topic)), caller) {
            (RequestMeans::Taken, Some(caller)) => {
                let keys = self.steps.iter().filter_map(|step| match step.what {
                    StepKind::Key(key) => Some(key),
                    _ => None,
                });
                let request = LeftRequest {
                    call: self.id,
                    caller,
                    topic: topic.clone(),
                    clinic: self.origin.clinic().cloned(),
                    keys: keys.collect(),
                    said: self.said().map(|said| said.text.to_owned()).collect(),
                    told: self.told().map(|(what, told)| (what, told.to_owned())).collect(),
                    at: desk.now.wall.unix_millis(),
                };
                tracing::info!(%topic, "leaves a request");
                let sequence = desk.persist(Entry::RequestLeft(request));
                desk.book.wait_for(sequence, self.id);
                self.enter(desk, Stage::LeavingRequest { topic: topic.clone() });
                desk.arm(self.id, CallTimer::Robot, DURABLE_WITHIN);
            }
            (RequestMeans::Taken | RequestMeans::Waits, _) => {
                self.go_to(desk, &Target::Queue(topic.clone()));
            }
            (RequestMeans::NotPossible, _) => {
                self.go_to(desk, &Target::Announce(REQUEST_NOT_POSSIBLE.into()));
            }
        }
    }

    fn has_waited_for(&self, topic: &QueueId) -> bool {
        let waits = |step: &Step| matches!(&step.what, StepKind::Queued(queue) if queue == topic);
        self.steps.iter().any(waits)
    }

    /// The number that a caller has told whose own is withheld.
    fn told_number(&self) -> Option<Number> {
        let told = self.told().find(|(what, _)| *what == AskedFor::Telephone);
        let told = told.filter(|_| self.caller_number.is_none())?;
        self.plan.region.numbering.normalise(told.1)
    }

    /// The request is durable: the caller hears so.
    pub(crate) fn on_request_durable(&mut self, desk: &mut Desk<'_>) {
        desk.disarm(self.id, CallTimer::Robot);
        let words = vec![REQUEST_ACCEPTED.into()];
        self.announce(desk, words, Next::End(Outcome::RequestTaken));
    }

    /// The journal is late. What it may still write becomes a case as well: rather two than none.
    pub(crate) fn on_request_late(&mut self, desk: &mut Desk<'_>) {
        let Stage::LeavingRequest { topic } = &self.stage else { return };
        let to = Target::Queue(topic.clone());
        tracing::warn!("no journal in time for a request");
        if self.has_waited_for(topic) {
            return self.end(desk, Outcome::Broken, HangupBy::System);
        }
        self.go_to(desk, &to);
    }
}
