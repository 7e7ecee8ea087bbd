//! What an agent's desk shows of a call.

use std::sync::Arc;
use std::time::Duration;

use ambient::Now;
use dialplan::plan::AskedFor;
use dialplan::{AgentId, Dialplan, Number, QueueId};
use journal::{CallId, Origin, Who};

use super::call::{Call, Stage};

/// What is known of a call that an agent is offered, or takes part in.
#[derive(Clone, Debug)]
pub struct Card {
    /// The call.
    pub call: CallId,
    /// The dialplan by which it goes.
    pub plan: Arc<Dialplan>,
    /// Its topic.
    pub queue: Option<QueueId>,
    /// How it came to the line.
    pub origin: Origin,
    /// The caller's number, unless it is withheld.
    pub caller: Option<Number>,
    /// How long the caller has waited for an agent, while that lasts.
    pub waited: Option<Duration>,
    /// Whether the talk is being recorded.
    pub recorded: bool,
    /// What the caller has told the robot of what it asked for.
    pub told: Vec<(AskedFor, Box<str>)>,
    /// What else the robot has heard.
    pub said: Vec<Box<str>>,
}

impl Call {
    /// The call as this agent may see it; `None` for one who has nothing to do with it.
    pub(crate) fn card(&self, now: Now, agent: &AgentId) -> Option<Card> {
        self.concerns(agent).then(|| Card {
            call: self.id,
            plan: self.plan.clone(),
            queue: self.queue.clone(),
            origin: self.origin.clone(),
            caller: self.caller_number.clone(),
            waited: self.waits_since.map(|since| now.mono.since(since)),
            recorded: self.recorded.is_running(),
            told: self.told().map(|(what, answer)| (what, answer.into())).collect(),
            said: self.said().map(|said| said.text.into()).collect(),
        })
    }

    fn concerns(&self, agent: &AgentId) -> bool {
        let is_agent = |who: &Who| who.agent() == Some(agent);
        let talks = match &self.stage {
            Stage::Talking(talk) | Stage::Resuming(Some(talk)) => is_agent(&talk.who),
            _ => false,
        };
        talks || self.near.as_ref() == Some(agent) || self.ring().is_some_and(|r| is_agent(&r.who))
    }
}
