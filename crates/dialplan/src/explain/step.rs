//! The steps of a call's way, as data.

use std::time::Duration;

use ambient::Wall;
use serde::Serialize;

use crate::decide::{Answer, SendOnReason};
use crate::{
    CallersId, ClinicId, Destination, ForwardCause, GroupId, Key, MenuId, Number, OutsideId, Place,
    PromptName, QueueId, RetiredId, ScheduleId, Target, Thing,
};

/// The way of a call.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Its steps, in order.
    pub steps: Vec<Step>,
    /// How the dialplan lets it end.
    pub end: End,
}

/// One step.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: Wall,
    /// What happens.
    pub what: What,
    /// The thing of the dialplan that says so.
    pub thing: Option<Thing>,
    /// Where it says so.
    pub place: Option<Place>,
    /// Why other ways were not taken.
    pub others: Vec<Other>,
}

/// A way that was not taken.
#[derive(Clone, Debug)]
pub struct Other {
    /// Which, and why not.
    pub why: WhyNot,
    /// Where it is written.
    pub place: Option<Place>,
}

/// What happens to a call.
#[derive(Clone, Debug)]
pub enum What {
    /// What was dialled is no telephone number.
    NoNumber(Box<str>),
    /// A citizen cannot reach this number: it is nobody's here, or only agents may dial it.
    NotForCitizens(Number),
    /// The number leads to something.
    Dialled(Number, Destination),
    /// The call comes from a clinic whose own PBX passed it on.
    ComesFrom(ClinicId),
    /// The caller stands in a list, whose calls to the line go there.
    Listed(CallersId, Target),
    /// The line begins here.
    Begins(Target),
    /// A retired number: words, then on.
    Retired(RetiredId, PromptName, Target),
    /// The clinic has passed the call on already and is not rung again.
    SentBack(ClinicId, Target),
    /// The clinic's line begins with a menu.
    ClinicMenu(ClinicId, MenuId),
    /// The clinic's phones ring for so long.
    ClinicRings(ClinicId, Duration),
    /// A clinic's phone takes the call.
    ClinicAnswers(ClinicId),
    /// The clinic's phones do not take it, and it goes on.
    ClinicPassesOn(ClinicId, ForwardCause, Target),
    /// They do not take it, and it ends.
    ClinicKeeps(ClinicId, ForwardCause),
    /// A menu is said.
    Says(MenuId, Vec<PromptName>),
    /// A key leads on, after these words.
    Chose(MenuId, Key, Vec<PromptName>, Target),
    /// Words that lead on, after these of ours.
    ChoseByWords(MenuId, Box<str>, Vec<PromptName>, Target),
    /// Words that are none of the menu's.
    NotUnderstood(MenuId, Box<str>),
    /// Keys of an answer.
    Typed(MenuId, Vec<Key>),
    /// What was typed or said is not what the menu asks for, or the caller has said that it is not right.
    NoAnswer(MenuId),
    /// What was told is read back, and the caller asked whether it is right.
    ReadsBack(MenuId, Answer),
    /// What the menu asks for was told, and leads on.
    Told(MenuId, Answer, Target),
    /// A key that says the menu again.
    AskedAgain(Key),
    /// A key that means nothing.
    IdleKey(Key),
    /// A key that the menu does not have.
    WrongKey(MenuId, Key),
    /// No key for so long.
    Silence(MenuId, Duration),
    /// The menu sends on who did not choose.
    SentOn(MenuId, Target),
    /// The call went through too many menus.
    Wandered(Target),
    /// Before it waits where talks are recorded, the caller is told so.
    TellsOfRecording(PromptName),
    /// It waits in a queue.
    Waits(QueueId),
    /// After so long a wait agents of these groups are offered it.
    Served(QueueId, Duration, Vec<GroupId>),
    /// It waits no more.
    WaitsNoMore(QueueId, SendOnReason, Option<PromptName>, Target),
    /// The dialplan never ends this wait.
    WaitsOn(QueueId),
    /// A telephone outside rings for at most so long.
    RingsOutside(OutsideId, Number, Duration),
    /// It is taken there.
    OutsideAnswers(OutsideId),
    /// It is not, and the call goes on.
    OutsidePassesOn(OutsideId, ForwardCause, Target),
    /// The robot takes a request for the topic of this queue.
    TakesRequest(QueueId, PromptName),
    /// It cannot, and the call goes there, or ends.
    CannotTakeRequest(QueueId, Target),
    /// Words, then the end.
    Announces(PromptName),
    /// The end.
    HangsUp,
    /// The call was led on too often with nobody doing anything.
    Circles,
}

/// Why a way was not taken.
#[derive(Clone, Debug)]
pub enum WhyNot {
    /// Another key leads there.
    Key(Key, Target),
    /// Who presses nothing goes there.
    Otherwise(Target),
    /// The group serves only while the schedule holds, which it does not.
    Closed(GroupId, ScheduleId),
    /// The group serves who has waited longer.
    Later(GroupId, Duration),
    /// Nobody of the group is on duty.
    NobodyOf(GroupId),
    /// Everybody of the group is busy.
    BusyAll(GroupId),
    /// Who waits longer than this goes there.
    Overflow(Duration, Target),
    /// With so many calls waiting it would go there.
    Full(usize, Target),
    /// With nobody on duty it would go there.
    Unstaffed(Target),
    /// The clinic's line would have passed it on for other reasons only.
    NotForwarded(ForwardCause),
    /// The clinic's line would go there if nobody answered.
    IfUnanswered(Target),
}

/// How the dialplan lets a call end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It is refused before it begins.
    Refused,
    /// A clinic's phone takes it.
    Clinic(ClinicId),
    /// The clinic does not take it, and nobody else.
    ClinicRefused(ClinicId),
    /// Agents of a queue take it.
    Served(QueueId),
    /// A telephone outside takes it.
    Outside(OutsideId),
    /// It waits in a queue until the caller leaves.
    Waits(QueueId),
    /// It hears words to their end.
    Announced,
    /// It could not wait in its queue.
    SentAway(SendOnReason),
    /// The robot takes a request for the topic of this queue.
    Request(QueueId),
    /// It could not wait in its queue, and the caller is rung back for it.
    CallBack(QueueId),
    /// It was led in circles.
    Circles,
}

impl Explanation {
    /// The things of the dialplan that the call comes to: numbers, clinics, menus, choices, queues.
    pub fn things(&self) -> impl Iterator<Item = &Thing> {
        self.steps.iter().filter_map(|step| step.thing.as_ref())
    }

    /// The queues in which the call waits, in order.
    pub fn queues(&self) -> impl Iterator<Item = &QueueId> {
        self.steps.iter().filter_map(|step| match &step.what {
            What::Waits(queue) => Some(queue),
            _ => None,
        })
    }

    /// The menus to which it comes, in order.
    pub fn menus(&self) -> impl Iterator<Item = &MenuId> {
        self.steps.iter().filter_map(|step| match &step.what {
            What::Says(menu, _) => Some(menu),
            _ => None,
        })
    }

    /// The prompts that the dialplan names for the caller, in order; without music.
    pub fn hears(&self) -> impl Iterator<Item = &PromptName> {
        self.steps.iter().flat_map(|step| match &step.what {
            What::Says(_, words)
            | What::Chose(_, _, words, _)
            | What::ChoseByWords(_, _, words, _) => words.iter().collect(),
            What::Retired(_, word, _) | What::TellsOfRecording(word) | What::Announces(word) => {
                vec![word]
            }
            What::WaitsNoMore(_, _, Some(word), _) | What::TakesRequest(_, word) => vec![word],
            _ => Vec::new(),
        })
    }

    /// The groups whose agents are offered the call.
    #[must_use]
    pub fn served_by(&self) -> &[GroupId] {
        self.steps
            .iter()
            .find_map(|step| match &step.what {
                What::Served(_, _, groups) => Some(groups.as_slice()),
                _ => None,
            })
            .unwrap_or_default()
    }
}

/// Keys one after another.
pub(super) fn labels(keys: &[Key]) -> String {
    keys.iter().map(|key| key.label()).collect()
}

/// Names one after another.
pub(super) fn listed<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| name.to_string()).collect::<Vec<_>>().join(", ")
}

/// A duration in hours, minutes and seconds, without those that are none.
pub(crate) fn span(time: Duration, units: [&str; 3]) -> String {
    let seconds = time.as_secs();
    let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    let said: Vec<String> = parts
        .into_iter()
        .zip(units)
        .filter(|(part, _)| *part > 0)
        .map(|(part, unit)| format!("{part} {unit}"))
        .collect();
    if said.is_empty() { format!("0 {}", units[2]) } else { said.join(" ") }
}
