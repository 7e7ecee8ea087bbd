//! A call for people.

use ambient::Now;
use dialplan::Number;

use super::call::{Call, Stage, Who};
use crate::status::CallView;

impl Call {
    pub(crate) fn view(&self, now: Now) -> CallView {
        let (state, agent) = match &self.stage {
            Stage::Arriving { .. } => ("arriving", None),
            Stage::Menu { .. } => ("in-menu", None),
            Stage::Announcing { .. } => ("announcing", None),
            Stage::Waiting { ring: None, .. } => ("queued", None),
            Stage::Waiting { ring: Some(ring), .. } => ("offered", Some(&ring.who)),
            Stage::Ringing(ring) => {
                let state = if ring.back.is_some() { "transferring" } else { "ringing" };
                (state, Some(&ring.who))
            }
            Stage::Talking(talk) => {
                let state = match (&talk.transfer, talk.held) {
                    (Some(_), _) => "transferring",
                    (None, true) => "held",
                    (None, false) => "talking",
                };
                (state, Some(&talk.who))
            }
            Stage::Over => ("over", None),
        };
        let topic =
            self.queue.as_ref().and_then(|q| self.plan.queues.get(q)).map(|q| q.topic.clone());
        CallView {
            call: self.id,
            caller: self.caller_number.as_ref().map(Number::masked).unwrap_or_default().into(),
            dialled: self.dialled.as_str().into(),
            origin: self.origin_title().map(Into::into),
            state,
            topic,
            agent: agent.map(|who| match who {
                Who::Agent(agent) => agent.as_str().into(),
                Who::Clinic(clinic) => clinic.as_str().into(),
                Who::Outside(number) => number.masked().into(),
            }),
            age: now.mono.since(self.began),
            since: now.mono.since(self.stage_since),
        }
    }
}
