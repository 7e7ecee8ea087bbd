//! What a restart takes up again: who is on duty, who does paperwork, who talks.

use std::time::Duration;

use dialplan::QueueId;
use journal::{AgentState, CallId, QueueState};

use crate::agent::{AgentIx, Talk};
use crate::timer::Timer;
use crate::{Centre, OfferId};

/// No paperwork lasts longer: the clock was set since.
const PAPERWORK_MAX: Duration = Duration::from_secs(3600);

impl Centre {
    /// An agent's duty is what it was, and the paperwork goes on for the rest of its time.
    pub(crate) fn restored(&mut self, ix: AgentIx, state: &AgentState) {
        let now = self.clock.mono();
        let left = state
            .wrap_up_until
            .map_or(0, |until| until.saturating_sub(self.clock.wall().unix_millis()));
        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(PAPERWORK_MAX);
        let agent = &mut self.agents[ix.0];
        agent.duty = state.duty;
        agent.off_by_choice = state.off_by_choice;
        agent.only = state.only.as_ref().map(|only| only.iter().cloned().collect());
        agent.idle_since = now;
        if !left.is_zero() && agent.wrap_up.is_none() {
            // Which call it is for counts only for the figures of its queue.
            agent.wrap_up =
                Some(Talk { call: CallId::NONE, offer: OfferId(0), topic: None, since: now });
            agent.wrap_up_ends = now + left;
            self.timers.arm(Timer::WrapUp(ix), now + left);
        }
        agent.kept = agent.to_keep();
        self.settle(ix);
    }

    /// A queue that somebody had closed still is.
    pub(crate) fn queue_restored(&mut self, state: QueueState) {
        if let Some(ix) = self.topic_names.get(&state.queue) {
            self.topics[ix.0].closed = state.closed;
        }
    }

    /// The agent talks on; paperwork follows as after any call of this queue.
    pub(crate) fn talks(&mut self, ix: AgentIx, call: CallId, queue: Option<&QueueId>) {
        let since = self.clock.mono();
        let topic = queue.and_then(|queue| self.topic_names.get(queue).copied());
        let agent = &mut self.agents[ix.0];
        agent.talk = Some(Talk { call, offer: OfferId(0), topic, since });
        self.settle(ix);
    }
}
