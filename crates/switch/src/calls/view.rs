//! A call for people.

use ambient::Now;
use dialplan::{Number, Target};

use super::call::{Call, Ring, Stage};
use crate::status::CallView;
use journal::Who;

impl Call {
    /// The place of the dialplan that it is at: nowhere while it talks with an agent.
    pub(crate) fn place(&self) -> Option<Target> {
        match &self.stage {
            Stage::Menu(menu) => menu.session.menu().cloned().map(Target::Menu),
            Stage::Waiting { .. } => self.queue.clone().map(Target::Queue),
            Stage::Ringing(Ring { who, .. }) => clinic(who),
            Stage::Talking(talk) => clinic(&talk.who),
            Stage::CallingBack(_) => self.queue.clone().map(Target::Queue),
            // A supervisor is where the watched talk is.
            Stage::Monitoring(_) => None,
            Stage::Resuming(talk) => talk.as_ref().and_then(|talk| clinic(&talk.who)),
            Stage::LeavingRequest { topic } => Some(Target::Request(topic.clone())),
            Stage::Arriving { .. } | Stage::Announcing { .. } | Stage::Over => None,
        }
    }

    pub(crate) fn view(&self, now: Now) -> CallView {
        let (state, agent) = match &self.stage {
            Stage::Arriving { .. } => ("arriving", None),
            Stage::Menu(_) => ("in-menu", None),
            Stage::Announcing { .. } | Stage::LeavingRequest { .. } => ("announcing", None),
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
            Stage::CallingBack(calling) => ("calling-back", Some(&calling.ring.who)),
            Stage::Monitoring(_) => ("monitoring", None),
            Stage::Resuming(talk) => ("resuming", talk.as_ref().map(|talk| &talk.who)),
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
            recorded: self.recorded.is_running(),
            age: now.mono.since(self.began),
            since: now.mono.since(self.stage_since),
        }
    }
}

fn clinic(who: &Who) -> Option<Target> {
    match who {
        Who::Clinic(clinic) => Some(Target::Clinic(clinic.clone())),
        Who::Agent(_) | Who::Outside(_) => None,
    }
}
