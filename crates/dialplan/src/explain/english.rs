//! The steps in English.

use std::time::Duration;

use super::step::{End, Other, Step, What, WhyNot, labels, listed};
use crate::decide::{Answer, SendOnReason};
use crate::{
    CallersId, ClinicId, Destination, Dialplan, ForwardCause, GroupId, OutsideId, QueueId, Target,
};

impl Step {
    /// The step in English.
    #[must_use]
    pub fn english(&self, plan: &Dialplan) -> String {
        match &self.what {
            What::NoNumber(text) => format!("“{text}” is no telephone number"),
            What::NotForCitizens(number) => format!("citizens cannot call {number}: refused"),
            What::Dialled(number, to) => format!("{number} is {}", owner(plan, to)),
            What::ComesFrom(id) => format!("passed on by {}", clinic(plan, id)),
            What::Begins(to) => format!("the line begins with {}", target(plan, to)),
            What::Listed(id, to) => {
                format!("the caller is one of {}: {}", callers(plan, id), target(plan, to))
            }
            What::Retired(_, announce, to) => {
                format!("a retired number: says {announce}, then {}", target(plan, to))
            }
            What::SentBack(id, to) => format!(
                "{} has passed the call on already and is not rung again: {}",
                clinic(plan, id),
                target(plan, to)
            ),
            What::ClinicMenu(id, menu) => {
                format!("the line of {} begins with menu {menu}", clinic(plan, id))
            }
            What::ClinicRings(id, time) => {
                format!("{} rings, at most {}", clinic(plan, id), span(*time))
            }
            What::ClinicAnswers(id) => format!("{} answers", clinic(plan, id)),
            What::ClinicPassesOn(id, why, to) => {
                format!("{}: {}; on to {}", clinic(plan, id), cause(*why), target(plan, to))
            }
            What::ClinicKeeps(id, why) => {
                format!("{}: {}; the call ends there", clinic(plan, id), cause(*why))
            }
            What::Says(menu, words) => format!("menu {menu} says {}", listed(words)),
            What::Chose(_, key, words, to) if words.is_empty() => {
                format!("key {}: {}", key.label(), target(plan, to))
            }
            What::Chose(_, key, words, to) => {
                format!("key {}: says {}, then {}", key.label(), listed(words), target(plan, to))
            }
            What::ChoseByWords(_, said, words, to) if words.is_empty() => {
                format!("“{said}” is said: {}", target(plan, to))
            }
            What::ChoseByWords(_, said, words, to) => {
                format!("“{said}” is said: says {}, then {}", listed(words), target(plan, to))
            }
            What::NotUnderstood(menu, said) => format!("menu {menu} has no words “{said}”"),
            What::Typed(_, keys) => format!("{} is typed", labels(keys)),
            What::NoAnswer(menu) => format!("menu {menu} does not take such an answer"),
            What::ReadsBack(_, answer) => {
                format!("{} {answer} is told: the robot asks whether it is right", told(answer))
            }
            What::Told(_, answer, to) => {
                format!("{} {answer} is told: {}", told(answer), target(plan, to))
            }
            What::AskedAgain(key) => format!("key {}: the menu again", key.label()),
            What::IdleKey(key) => format!("key {} means nothing", key.label()),
            What::WrongKey(menu, key) => format!("menu {menu} has no key {}", key.label()),
            What::Silence(_, wait) => format!("no key within {}", span(*wait)),
            What::SentOn(menu, to) => {
                format!("nothing chosen in menu {menu}: {}", target(plan, to))
            }
            What::Wandered(to) => format!("too many menus: {}", target(plan, to)),
            What::TellsOfRecording(words) => format!("says {words}: talks are recorded"),
            What::Waits(id) => format!("waits in {}", queue(plan, id)),
            What::Served(_, Duration::ZERO, groups) => {
                format!("offered at once to {}", listed(groups.iter().map(|id| group(plan, id))))
            }
            What::Served(_, after, groups) => {
                format!(
                    "offered after {} to {}",
                    span(*after),
                    listed(groups.iter().map(|id| group(plan, id)))
                )
            }
            What::WaitsNoMore(id, why, say, to) => {
                let say = say.as_ref().map(|say| format!("says {say}, then ")).unwrap_or_default();
                format!("{}: {}; {say}{}", queue(plan, id), reason(*why), target(plan, to))
            }
            What::WaitsOn(id) => format!("{}: waits until the caller leaves", queue(plan, id)),
            What::RingsOutside(id, number, time) => {
                format!("{} rings ({number}), at most {}", outside(plan, id), span(*time))
            }
            What::OutsideAnswers(id) => format!("{} answers", outside(plan, id)),
            What::OutsidePassesOn(id, why, to) => {
                format!("{}: {}; on to {}", outside(plan, id), cause(*why), target(plan, to))
            }
            What::TakesRequest(id, _) => {
                format!("the robot takes a request for {}: a case is opened", queue(plan, id))
            }
            What::CannotTakeRequest(id, to) => format!(
                "no request for {}: this number cannot be rung back; on to {}",
                queue(plan, id),
                target(plan, to)
            ),
            What::Announces(prompt) => format!("says {prompt}, then the end"),
            What::HangsUp => "the end".to_owned(),
            What::Circles => "led in circles: the end".to_owned(),
        }
    }
}

impl Other {
    /// Why the way was not taken, in English.
    #[must_use]
    pub fn english(&self, plan: &Dialplan) -> String {
        match &self.why {
            WhyNot::Key(key, to) => {
                format!("key {} would lead to {}", key.label(), target(plan, to))
            }
            WhyNot::Otherwise(to) => format!("silence would lead to {}", target(plan, to)),
            WhyNot::Closed(id, schedule) => {
                format!("{}: only in schedule {schedule}, which does not hold", group(plan, id))
            }
            WhyNot::Later(id, after) => format!("{}: only after {}", group(plan, id), span(*after)),
            WhyNot::NobodyOf(id) => format!("{}: nobody on duty", group(plan, id)),
            WhyNot::BusyAll(id) => format!("{}: all busy", group(plan, id)),
            WhyNot::Overflow(after, to) => {
                format!("after {} unanswered: {}", span(*after), target(plan, to))
            }
            WhyNot::Full(most, to) => format!("with {most} waiting already: {}", target(plan, to)),
            WhyNot::Unstaffed(to) => format!("with nobody on duty: {}", target(plan, to)),
            WhyNot::NotForwarded(why) => {
                format!("the clinic does not pass calls on for this: {}", cause(*why))
            }
            WhyNot::IfUnanswered(to) => format!("unanswered it would go to {}", target(plan, to)),
        }
    }
}

impl End {
    /// The end in English.
    #[must_use]
    pub fn english(&self) -> &'static str {
        match self {
            End::Refused => "the call is refused",
            End::Clinic(_) => "the clinic talks with the caller",
            End::ClinicRefused(_) => "the call ends at the clinic",
            End::Served(_) => "an agent talks with the caller",
            End::Outside(_) => "somebody outside talks with the caller",
            End::Waits(_) => "the caller waits",
            End::Announced => "the call ends",
            End::SentAway(SendOnReason::TooLong) => "the call ends: it waited too long",
            End::SentAway(SendOnReason::Full) => "the call ends: the queue is full",
            End::SentAway(SendOnReason::NobodyOnDuty) => "the call ends: nobody is on duty",
            End::Request(_) => "the call ends: the robot has taken a request",
            End::CallBack(_) => "the call ends: the caller is rung back",
            End::Circles => "the call ends: the dialplan leads in circles",
        }
    }
}

fn owner(plan: &Dialplan, to: &Destination) -> String {
    match to {
        Destination::Service => "a number of the line".to_owned(),
        Destination::Clinic(id) => format!("a number of {}", clinic(plan, id)),
        Destination::Retired(id) => format!("retired ({id})"),
        Destination::Agent(id) => format!("the extension of {id}"),
        Destination::Feature(_) => "a code for agents".to_owned(),
        Destination::Monitor(agent) => format!("the code that watches the talk of agent {agent}"),
    }
}

fn target(plan: &Dialplan, to: &Target) -> String {
    match to {
        Target::Menu(id) => format!("menu {id}"),
        Target::Queue(id) => queue(plan, id),
        Target::Clinic(id) => clinic(plan, id),
        Target::Outside(id) => outside(plan, id),
        Target::OwnClinic => "the clinic that was called".to_owned(),
        Target::Announce(prompt) => format!("announcement {prompt}"),
        Target::Request(id) => format!("a request for {}", queue(plan, id)),
        Target::CallBack => "rung back later".to_owned(),
        Target::Hangup => "the end".to_owned(),
    }
}

fn callers(plan: &Dialplan, id: &CallersId) -> String {
    let title = plan.callers.get(id).map(|callers| format!(" “{}”", callers.title));
    format!("{id}{}", title.unwrap_or_default())
}

fn clinic(plan: &Dialplan, id: &ClinicId) -> String {
    match plan.clinics.get(id) {
        Some(clinic) => format!("“{}” ({id})", clinic.title),
        None => format!("clinic {id}"),
    }
}

fn outside(plan: &Dialplan, id: &OutsideId) -> String {
    let title = plan.outside.get(id).map(|outside| format!(" “{}”", outside.title));
    format!("outside {id}{}", title.unwrap_or_default())
}

fn queue(plan: &Dialplan, id: &QueueId) -> String {
    let topic = plan.queues.get(id).map(|queue| format!(" “{}”", queue.topic));
    format!("queue {id}{}", topic.unwrap_or_default())
}

fn group(plan: &Dialplan, id: &GroupId) -> String {
    let title = plan.groups.get(id).map(|group| format!(" “{}”", group.title));
    format!("group {id}{}", title.unwrap_or_default())
}

fn cause(cause: ForwardCause) -> &'static str {
    match cause {
        ForwardCause::NoAnswer => "no answer",
        ForwardCause::Busy => "busy",
        ForwardCause::Unreachable => "unreachable",
        ForwardCause::Unconditional => "forwards every call",
        ForwardCause::Deflected => "sent on while it rang",
        ForwardCause::Chosen => "122 chosen in the menu",
        ForwardCause::Unknown => "passed on for a reason of its own",
    }
}

fn told(answer: &Answer) -> &'static str {
    match answer {
        Answer::Telephone(_) => "telephone number",
        Answer::BirthDate(_) => "date of birth",
        Answer::House(_) => "house",
        Answer::Clinic(_) => "clinic",
    }
}

fn reason(why: SendOnReason) -> &'static str {
    match why {
        SendOnReason::TooLong => "waited too long",
        SendOnReason::Full => "full",
        SendOnReason::NobodyOnDuty => "nobody on duty",
    }
}

fn span(time: Duration) -> String {
    super::step::span(time, ["h", "min", "s"])
}
