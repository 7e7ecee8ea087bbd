//! The walk.

use ambient::Wall;

use super::question::{ClinicDoes, Deed, Question};
use super::step::{End, Explanation, Other, Step, What, WhyNot};
use crate::decide::{
    Answer, ClinicTakes, HOPS_MAX, REQUEST_ACCEPTED, REQUEST_NOT_POSSIBLE, RequestMeans,
};
use crate::{
    Clinic, ClinicId, Destination, Dialplan, ForwardCause, Number, Numbering, OutsideId,
    PromptName, QueueId, RetiredId, Target, Thing,
};

/// The way of the call that the question describes.
#[must_use]
pub fn explain(plan: &Dialplan, question: &Question) -> Explanation {
    let mut walk = Walk {
        plan,
        question,
        now: question.at,
        waits_since: None,
        told_of_recording: false,
        clinic: None,
        hops: 0,
        deeds: question.does.iter(),
        steps: Vec::new(),
    };
    let mut next = walk.begin();
    loop {
        match next {
            Next::Go(target) => next = walk.go_to(&target),
            Next::End(end) => return Explanation { steps: walk.steps, end },
        }
    }
}

/// A call on its way.
pub(super) struct Walk<'a> {
    pub(super) plan: &'a Dialplan,
    pub(super) question: &'a Question,
    pub(super) now: Wall,
    /// Since when it waits, perhaps first in another queue.
    pub(super) waits_since: Option<Wall>,
    /// The caller was told that talks are recorded.
    pub(super) told_of_recording: bool,
    /// The clinic whose line was called.
    clinic: Option<ClinicId>,
    /// How often it was led on since the caller last did something.
    pub(super) hops: u8,
    /// What the caller will still do.
    pub(super) deeds: std::slice::Iter<'a, Deed>,
    steps: Vec<Step>,
}

/// How it goes on.
pub(super) enum Next {
    Go(Target),
    End(End),
}

impl<'a> Walk<'a> {
    /// Where the dialled number leads.
    fn begin(&mut self) -> Next {
        let plan = self.plan;
        let Some(number) = self.numbering().normalise(&self.question.to) else {
            self.note(What::NoNumber(self.question.to.clone()));
            return Next::End(End::Refused);
        };
        match plan.numbers.get(&number) {
            Some(to @ Destination::Service) => {
                self.dialled(&number, to);
                if let Some(clinic) = &self.question.origin {
                    self.step(What::ComesFrom(clinic.clone()), &Thing::Clinic(clinic.clone()), "");
                }
                let start = plan.service.start.clone();
                self.step(What::Begins(start.clone()), &Thing::Service, "start");
                self.come_to_line(start)
            }
            Some(to @ Destination::Clinic(id)) => {
                self.dialled(&number, to);
                match plan.clinics.get(id) {
                    Some(clinic) => self.clinic_line(clinic),
                    None => Next::End(End::Refused),
                }
            }
            Some(to @ Destination::Retired(id)) => {
                self.dialled(&number, to);
                self.retired(id)
            }
            // Extensions and codes do not exist for citizens.
            Some(Destination::Agent(_) | Destination::Feature(_) | Destination::Monitor(_))
            | None => {
                self.note(What::NotForCitizens(number));
                Next::End(End::Refused)
            }
        }
    }

    /// How the call's trunk writes numbers.
    fn numbering(&self) -> &'a Numbering {
        let trunk = self.question.trunk.as_ref().and_then(|trunk| self.plan.trunks.get(trunk));
        trunk.map_or(&self.plan.region.numbering, |trunk| &trunk.numbering)
    }

    /// Where a call goes that comes to the line.
    fn come_to_line(&mut self, to: Target) -> Next {
        let to = self.way_in(to);
        let says = |step: &Step| matches!(step.what, What::Says(..));
        // Whoever has not been answered yet is refused.
        if to == Target::Hangup && !self.steps.iter().any(says) {
            self.note(What::HangsUp);
            return Next::End(End::Refused);
        }
        Next::Go(to)
    }

    /// Callers who stand in a list have a way of their own.
    fn way_in(&mut self, to: Target) -> Target {
        let caller = self.question.from.as_ref();
        let caller = caller.and_then(|caller| self.numbering().normalise(caller));
        let Some(callers) = caller.and_then(|caller| self.plan.callers_of(&caller)) else {
            return to;
        };
        let what = What::Listed(callers.id.clone(), callers.to.clone());
        self.step(what, &Thing::Callers(callers.id.clone()), "to");
        callers.to.clone()
    }

    fn dialled(&mut self, number: &Number, to: &Destination) {
        let thing = Thing::Number(number.clone());
        self.step(What::Dialled(number.clone(), to.clone()), &thing, "");
    }

    fn retired(&mut self, id: &RetiredId) -> Next {
        let Some(retired) = self.plan.retired.get(id) else { return Next::End(End::Refused) };
        let to = retired.then.clone();
        let what = What::Retired(id.clone(), retired.announce.clone(), to.clone());
        self.step(what, &Thing::Retired(id.clone()), "then");
        Next::Go(self.way_in(to))
    }

    /// A call to a clinic's number.
    fn clinic_line(&mut self, clinic: &Clinic) -> Next {
        let id = &clinic.id;
        self.clinic = Some(id.clone());
        let thing = Thing::Clinic(id.clone());
        let came_from = self.question.origin.as_ref() == Some(id);
        match clinic.takes(came_from.then_some(ForwardCause::Unknown)) {
            ClinicTakes::Back { to, .. } => {
                self.step(What::SentBack(id.clone(), to.clone()), &thing, "forward_to");
                self.come_to_line(to.clone())
            }
            ClinicTakes::Menu(menu) => {
                let what = What::ClinicMenu(id.clone(), menu.clone());
                self.step(what, &thing, "begin_with");
                Next::Go(Target::Menu(menu.clone()))
            }
            ClinicTakes::Rings => self.ring(clinic),
        }
    }

    fn ring(&mut self, clinic: &Clinic) -> Next {
        let id = &clinic.id;
        let thing = Thing::Clinic(id.clone());
        self.step(What::ClinicRings(id.clone(), clinic.ring_for), &thing, "ring");
        let cause = match self.question.clinic {
            ClinicDoes::Answers => {
                self.step(What::ClinicAnswers(id.clone()), &thing, "ring");
                self.other(WhyNot::IfUnanswered(clinic.forward_to.clone()), &thing, "forward_to");
                return Next::End(End::Clinic(id.clone()));
            }
            ClinicDoes::DoesNot(cause) => cause,
        };
        if cause == ForwardCause::NoAnswer {
            self.now = self.now + clinic.ring_for;
        }
        match clinic.passes_on(cause) {
            Some(to) => {
                let what = What::ClinicPassesOn(id.clone(), cause, to.clone());
                self.step(what, &thing, "forward_to");
                self.come_to_line(to.clone())
            }
            None => {
                self.step(What::ClinicKeeps(id.clone(), cause), &thing, "forward_on");
                self.other(WhyNot::NotForwarded(cause), &thing, "forward_on");
                Next::End(End::ClinicRefused(id.clone()))
            }
        }
    }

    fn ring_outside(&mut self, id: &OutsideId) -> Next {
        let Some(outside) = self.plan.outside.get(id) else { return Next::End(End::Circles) };
        let thing = Thing::Outside(id.clone());
        let rings = What::RingsOutside(id.clone(), outside.number.clone(), outside.ring_for);
        self.step(rings, &thing, "number");
        let to = outside.otherwise.clone();
        match self.question.clinic {
            ClinicDoes::Answers => {
                self.step(What::OutsideAnswers(id.clone()), &thing, "number");
                self.other(WhyNot::IfUnanswered(to), &thing, "otherwise");
                Next::End(End::Outside(id.clone()))
            }
            ClinicDoes::DoesNot(cause) => {
                if cause == ForwardCause::NoAnswer {
                    self.now = self.now + outside.ring_for;
                }
                let on = What::OutsidePassesOn(id.clone(), cause, to.clone());
                self.step(on, &thing, "otherwise");
                Next::Go(to)
            }
        }
    }

    fn go_to(&mut self, target: &Target) -> Next {
        self.hops = self.hops.saturating_add(1);
        if self.hops > HOPS_MAX {
            self.note(What::Circles);
            return Next::End(End::Circles);
        }
        match target {
            Target::Menu(menu) => self.menus(menu),
            Target::Queue(queue) => self.wait(queue),
            Target::Clinic(clinic) => match self.plan.clinics.get(clinic) {
                Some(clinic) => self.ring(clinic),
                None => Next::End(End::Circles),
            },
            Target::OwnClinic => {
                let own = self.clinic.as_ref().and_then(|own| self.plan.clinics.get(own));
                match own {
                    Some(clinic) => self.ring(clinic),
                    None => Next::End(End::Circles),
                }
            }
            Target::Outside(id) => self.ring_outside(id),
            Target::Request(topic) => self.take_request(topic),
            Target::Announce(prompt) => {
                self.note(What::Announces(prompt.clone()));
                Next::End(End::Announced)
            }
            // Only a queue leads there, and follows it itself.
            Target::CallBack | Target::Hangup => {
                self.note(What::HangsUp);
                Next::End(End::Announced)
            }
        }
    }

    /// A request for this topic. A question that names no caller asks of one who can be rung back.
    fn take_request(&mut self, topic: &QueueId) -> Next {
        let caller = self.question.from.as_ref();
        let caller = caller.map(|caller| self.numbering().normalise(caller));
        let means = match caller {
            None => RequestMeans::Taken,
            Some(caller) => {
                let waited =
                    |step: &Step| matches!(&step.what, What::Waits(queue) if queue == topic);
                let told = self.steps.iter().rev().find_map(|step| match &step.what {
                    What::Told(_, Answer::Telephone(number), _) => Some(number.clone()),
                    _ => None,
                });
                let has_waited = self.steps.iter().any(waited);
                self.plan.request_means(caller.or(told).as_ref(), has_waited)
            }
        };
        let (what, next) = match means {
            RequestMeans::Taken => {
                let words = PromptName::from(REQUEST_ACCEPTED);
                let end = End::Request(topic.clone());
                (What::TakesRequest(topic.clone(), words), Next::End(end))
            }
            RequestMeans::Waits => {
                let to = Target::Queue(topic.clone());
                (What::CannotTakeRequest(topic.clone(), to.clone()), Next::Go(to))
            }
            RequestMeans::NotPossible => {
                let to = Target::Announce(REQUEST_NOT_POSSIBLE.into());
                (What::CannotTakeRequest(topic.clone(), to.clone()), Next::Go(to))
            }
        };
        self.step(what, &Thing::Queue(topic.clone()), "");
        next
    }

    /// A step that the dialplan says at this key of a thing; an empty key is the thing itself.
    pub(super) fn step(&mut self, what: What, thing: &Thing, key: &str) {
        let place = self.plan.places.of_key_or_thing(thing, key).cloned();
        let thing = Some(thing.clone());
        self.steps.push(Step { at: self.now, what, thing, place, others: Vec::new() });
    }

    /// A step that nothing in the dialplan says.
    pub(super) fn note(&mut self, what: What) {
        let (thing, place) = (None, None);
        self.steps.push(Step { at: self.now, what, thing, place, others: Vec::new() });
    }

    /// A way that was not taken at the last step.
    pub(super) fn other(&mut self, why: WhyNot, thing: &Thing, key: &str) {
        let place = self.plan.places.of_key_or_thing(thing, key).cloned();
        self.others(vec![Other { why, place }]);
    }

    /// What happened last.
    pub(super) fn last(&mut self) -> Option<&mut What> {
        self.steps.last_mut().map(|step| &mut step.what)
    }

    pub(super) fn others(&mut self, others: Vec<Other>) {
        if let Some(step) = self.steps.last_mut() {
            step.others.extend(others);
        }
    }
}
