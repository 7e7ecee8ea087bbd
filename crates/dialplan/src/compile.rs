//! From the tables as written to the dialplan: defaults filled in, references looked up, numbers in
//! normal form.

mod accounts;
mod agents;
mod asks;
mod callers;
mod clinics;
mod features;
mod keeping;
mod menus;
mod numbers;
mod organisations;
mod outgoing;
mod outside;
mod places;
mod prompts;
mod queues;
mod region;
mod requests;
mod schedules;
mod secrets;
mod security;
mod trunks;
mod wall;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use crate::check;
use crate::findings::Findings;
use crate::plan::{Srtp, Target};
use crate::read::{Count, Field, Name, Names, NumberText, TargetText};
use crate::source::{At, Sources, Spot};
use crate::tables::Root;
use crate::{Dialplan, Number, Numbering, PromptName, ScheduleId};

pub(crate) use asks::{Called, called};
use numbers::Book;
pub(crate) use secrets::Secrets;

/// What a call can be sent to by name.
const KINDS_OF_TARGETS: [&str; 4] = ["menu", "queue", "clinic", "outside"];

/// Compiles everything; what is wrong is told. `None` if something is missing without which there is
/// no dialplan.
pub(crate) fn compile<'a>(
    root: &'a Root,
    sources: &'a Sources,
    beside: &'a Beside<'a>,
    findings: &'a mut Findings,
) -> Option<Dialplan> {
    let region = region::region(root, findings);
    let numbering = match &region {
        Some(region) => region.numbering.clone(),
        None => Numbering::russia(""),
    };
    let mut context = Context {
        root,
        beside,
        prompts: prompts::names(root, beside.prompts),
        said: BTreeSet::new(),
        scripts: sources.scripts().collect(),
        numbering,
        book: Book::default(),
        findings,
    };
    let prompts = context.own_prompts();
    let service = context.service();
    let callers = context.callers();
    let clinics = context.clinics();
    let retired = context.retired();
    let (schedules, calendar) = context.schedules();
    let outside = context.outside();
    let menus = context.menus();
    let queues = context.queues();
    let organisations = context.organisations();
    let privacy = context.privacy();
    context.check_recording();
    let robot_recording = context.robot_recording();
    let sites = context.sites();
    let groups = context.groups();
    let agents = context.agents();
    let phones = root.agent_defaults.or_empty();
    let agent_media = context.media_security(&phones.srtp, &phones.srtp_keys, Srtp::Preferred);
    let phones = root.clinic_defaults.or_empty();
    let clinic_media = context.media_security(&phones.srtp, &phones.srtp_keys, Srtp::Off);
    let accounts = context.accounts();
    let trunks = context.trunks();
    let features = context.features(&agents);
    let wall = context.wall();
    context.not_outside(&outside);
    context.silent_prompts();
    let zone = region.as_ref().map(|region| &region.zone);
    let compiled = check::Compiled { queues: &queues, schedules: &schedules, zone };
    check::check(root, &compiled, context.findings);
    let places = places::places(root, &context.book, sources);
    let plan = Dialplan {
        version: sources.version().into(),
        places,
        region: region?,
        service: service?,
        numbers: context.book.into_numbers(),
        callers: callers.lists,
        callers_by_number: callers.by_number,
        clinics,
        retired,
        outside,
        prompts,
        menus,
        queues,
        organisations,
        groups,
        sites,
        agents,
        agent_media,
        clinic_media,
        accounts,
        trunks,
        schedules,
        calendar,
        privacy,
        robot_recording,
        features,
        wall,
    };
    Some(plan)
}

/// What a dialplan needs that does not stand in its files.
pub(crate) struct Beside<'a> {
    /// The prompts that come with the line.
    pub(crate) prompts: &'a BTreeSet<PromptName>,
    /// Passwords.
    pub(crate) secrets: Secrets<'a>,
    /// Whether a file is in the dialplan's folder.
    pub(crate) has_file: &'a dyn Fn(&str) -> bool,
}

/// What all parts of the compiler share.
pub(super) struct Context<'a> {
    root: &'a Root,
    beside: &'a Beside<'a>,
    /// What can be played.
    prompts: BTreeSet<PromptName>,
    /// What is said somewhere.
    said: BTreeSet<PromptName>,
    /// The Markdown files by their names.
    scripts: BTreeMap<&'a str, &'a str>,
    numbering: Numbering,
    book: Book,
    findings: &'a mut Findings,
}

impl Context<'_> {
    /// The normal form of a number as written.
    fn number(&mut self, written: &At<NumberText>) -> Option<Number> {
        let number = self.numbering.normalise(&written.value.0);
        if number.is_none() {
            let text = written.value.0.escape_debug();
            self.findings
                .error(written.spot, format!("\"{text}\" is not a telephone number"))
                .remedy("write digits, such as \"9-122\", \"62-77-66\" or \"8-800-234-35-22\"");
        }
        number
    }

    /// A prompt that can be played.
    fn prompt(&mut self, name: &At<Name>) -> Option<PromptName> {
        let text = &*name.value.0;
        self.prompt_named(name.spot, text)
    }

    fn prompt_named(&mut self, spot: Spot, name: &str) -> Option<PromptName> {
        let prompt = self.prompts.get(name).cloned();
        if prompt.is_none() {
            self.findings
                .error(spot, format!("no prompt \"{}\"", name.escape_debug()))
                .suggest(name, self.prompts.iter().map(PromptName::as_str))
                .or_remedy("name one of prompts/manifest.toml, or add it to [prompts]");
        }
        self.said.extend(prompt.clone());
        prompt
    }

    /// Prompts in order.
    fn prompts(&mut self, names: &Field<Vec<At<Name>>>) -> Vec<PromptName> {
        let names = names.value().map(Vec::as_slice).unwrap_or_default();
        names.iter().filter_map(|name| self.prompt(name)).collect()
    }

    /// Where a menu leads; of a menu with which a clinic's line begins, also back to this clinic.
    fn target_of_menu(&mut self, written: &At<TargetText>) -> Option<Target> {
        match &written.value {
            TargetText::OwnClinic => Some(Target::OwnClinic),
            _ => self.target(written),
        }
    }

    /// Where a queue sends what cannot wait in it: also to a call-back, for only queues know how.
    fn target_of_queue(&mut self, written: &At<TargetText>) -> Option<Target> {
        match &written.value {
            TargetText::CallBack => Some(Target::CallBack),
            _ => self.target(written),
        }
    }

    /// Where a call goes: the thing must exist.
    fn target(&mut self, written: &At<TargetText>) -> Option<Target> {
        let spot = written.spot;
        match &written.value {
            TargetText::Menu(name) => {
                let known = self.known("menu", spot, name, &self.root.menus);
                known.then(|| Target::Menu(name.as_ref().into()))
            }
            TargetText::Queue(name) => {
                let known = self.known("queue", spot, name, &self.root.queues);
                known.then(|| Target::Queue(name.as_ref().into()))
            }
            TargetText::Clinic(name) => {
                let known = self.known("clinic", spot, name, &self.root.clinics);
                known.then(|| Target::Clinic(name.as_ref().into()))
            }
            TargetText::Outside(name) => {
                let known = self.known("outside", spot, name, &self.root.outside);
                known.then(|| Target::Outside(name.as_ref().into()))
            }
            TargetText::Request(name) => {
                let known = self.known("queue", spot, name, &self.root.queues);
                known.then(|| Target::Request(name.as_ref().into()))
            }
            TargetText::Announce(name) => self.prompt_named(spot, name).map(Target::Announce),
            TargetText::OwnClinic => {
                self.findings
                    .error(spot, "nobody knows here whose line was called")
                    .remedy("only menus lead to \"clinic\"; name one: \"clinic:NAME\"");
                None
            }
            TargetText::CallBack => {
                self.findings.error(spot, "nobody knows here for which topic to call back").remedy(
                    "only `overflow` and `closed` of a queue lead to \"callback\"; name a queue: \
                         \"queue:NAME\"",
                );
                None
            }
            TargetText::Hangup => Some(Target::Hangup),
        }
    }

    /// Whether a thing with this name stands in the dialplan; if not, that is told.
    fn known<T>(&mut self, what: &str, spot: Spot, name: &str, things: &Field<Names<T>>) -> bool {
        // Of a section that could not be read nobody knows what it holds.
        if matches!(things, Field::Bad) || things.value().is_some_and(|things| things.has(name)) {
            return true;
        }
        let other = self.of_other_kind(name);
        let finding = self.findings.error(spot, format!("no {what} \"{}\"", name.escape_debug()));
        finding.suggest(name, things.value().into_iter().flat_map(Names::names));
        let section = if what == "outside" { what.to_owned() } else { format!("{what}s") };
        finding.or_remedy(format!("add [{section}.{}]", name.escape_debug()));
        if let Some(other) = other.filter(|_| KINDS_OF_TARGETS.contains(&what)) {
            finding.remedy(format!("did you mean \"{other}:{name}\"?"));
        }
        false
    }

    /// The kind of thing that has this name, if a call can go there.
    fn of_other_kind(&self, name: &str) -> Option<&'static str> {
        let has = [
            self.root.menus.value().is_some_and(|menus| menus.has(name)),
            self.root.queues.value().is_some_and(|queues| queues.has(name)),
            self.root.clinics.value().is_some_and(|clinics| clinics.has(name)),
            self.root.outside.value().is_some_and(|outside| outside.has(name)),
        ];
        KINDS_OF_TARGETS.into_iter().zip(has).find(|(_, has)| *has).map(|(kind, _)| kind)
    }

    /// A schedule, if one is written and stands in the dialplan.
    fn schedule_if_known(&mut self, written: &Field<Name>) -> Option<ScheduleId> {
        let At { spot, value: Name(name) } = written.given()?;
        let known = self.known("schedule", *spot, name, &self.root.schedules);
        known.then(|| name.as_ref().into())
    }

    /// A duration between two others, or the usual one.
    fn duration(
        &mut self,
        written: &Field<Duration>,
        usual: Duration,
        (least, most): (Duration, Duration),
    ) -> Duration {
        self.duration_if_given(written, (least, most)).unwrap_or(usual)
    }

    /// A duration between two others, if one is written.
    fn duration_if_given(
        &mut self,
        written: &Field<Duration>,
        (least, most): (Duration, Duration),
    ) -> Option<Duration> {
        let at = written.given()?;
        if at.value < least || at.value > most {
            self.findings
                .error(at.spot, format!("{} makes no sense here", in_words(at.value)))
                .remedy(format!("write {} to {}", in_words(least), in_words(most)));
        }
        Some(at.value)
    }

    /// A count between two others, or the usual one.
    fn count(
        &mut self,
        written: &Field<Count>,
        usual: usize,
        (least, most): (usize, usize),
    ) -> usize {
        let Some(at) = written.given() else { return usual };
        let count = at.value.0;
        if !(least..=most).contains(&count) {
            self.findings
                .error(at.spot, format!("{count} makes no sense here"))
                .remedy(format!("write {least} to {most}"));
        }
        count
    }
}

/// Everything of one kind, in the order of names.
pub(crate) fn entries<T>(names: &Field<Names<T>>) -> impl Iterator<Item = (&Arc<str>, Spot, &T)> {
    names.value().into_iter().flat_map(Names::iter)
}

/// A duration as people write it: `10m`.
fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [(365 * 86_400, "y"), (86_400, "d"), (3600, "h"), (60, "m")];
    match units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{}{name}", seconds / unit),
        None => format!("{seconds}s"),
    }
}

/// Seconds as a duration.
const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}
