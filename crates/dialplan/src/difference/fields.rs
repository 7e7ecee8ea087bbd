//! The keys of each thing with their values, as the language writes them. Every field is named, so that
//! a new one cannot be forgotten here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::time::Duration;

use crate::outgoing::NumberRange;
use crate::plan::{
    Account, AccountOwner, Agent, AgentKind, AskedFor, BreakReason, Callers, Clinic, Closed,
    Dialplan, Feature, Group, MediaSecurity, Menu, MenuChoice, Overflow, Phone, Queue, Retired,
    RingOrder, Service, Site, Srtp, SrtpKeys, Tier, Trunk, TrunkKind,
};
use crate::{
    CallBackRule, CallersId, DaysCounted, EscalateTo, Escalation, Key, MayCall, Number, Numbering,
    Organisation, Outside, Privacy, Prompt, QueueWall, Recording, Schedule, Secret, Threshold,
    Wall,
};

/// Keys and values in the order of the language; always the same keys for one kind of thing.
pub(super) type Fields = Vec<(&'static str, Value)>;

#[derive(PartialEq, Eq)]
pub(super) enum Value {
    Shown(String),
    List(Vec<String>),
    Secret(Secret),
    /// Compared, but not told: it is too long, or has no words.
    Silent(String),
}

/// A list is told whole up to so many letters; of a longer one only what differs.
const LIST_SHOWN: usize = 80;

impl Value {
    /// What is told of this value, which is now `other`.
    pub(super) fn shown_beside(&self, other: &Value) -> String {
        match (self, other) {
            (Value::List(these), Value::List(those))
                if self.shown().chars().count() > LIST_SHOWN
                    || other.shown().chars().count() > LIST_SHOWN =>
            {
                let differ = |one: &&String| !those.contains(one);
                let told: Vec<&str> = these.iter().filter(differ).map(String::as_str).collect();
                let all_told = told.len() == these.len();
                let nothing_differs =
                    told.is_empty() && those.iter().all(|one| these.contains(one));
                // Only the order is another one.
                if nothing_differs || all_told {
                    return self.shown();
                }
                ["…"].into_iter().chain(told).collect::<Vec<_>>().join(", ")
            }
            _ => self.shown(),
        }
    }

    fn shown(&self) -> String {
        match self {
            Value::Shown(text) => text.clone(),
            Value::List(all) => all.join(", "),
            Value::Secret(_) => "•••".into(),
            Value::Silent(_) => "…".into(),
        }
    }
}

fn text(value: impl Display) -> Value {
    Value::Shown(value.to_string())
}

fn maybe<T: Display>(value: Option<&T>) -> Value {
    Value::Shown(value.map(T::to_string).unwrap_or_default())
}

fn list<T: Display>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(|value| value.to_string()).collect())
}

fn time(value: Duration) -> Value {
    Value::Shown(duration(value))
}

/// As the language writes it: `60s`, `10m`, `3h`.
fn duration(value: Duration) -> String {
    let (seconds, rest) = (value.as_secs(), value.subsec_millis());
    match seconds {
        _ if rest > 0 => format!("{}ms", value.as_millis()),
        0 => "0s".into(),
        s if s % (365 * 86_400) == 0 => format!("{}y", s / (365 * 86_400)),
        s if s % 86_400 == 0 => format!("{}d", s / 86_400),
        s if s % 3600 == 0 => format!("{}h", s / 3600),
        s if s % 60 == 0 && s > 60 => format!("{}m", s / 60),
        s => format!("{s}s"),
    }
}

fn media(security: MediaSecurity) -> (Value, Value) {
    let MediaSecurity { srtp, keys } = security;
    let srtp = match srtp {
        Srtp::Off => "off",
        Srtp::Preferred => "preferred",
        Srtp::Required => "required",
    };
    let keys = match keys {
        SrtpKeys::OverTls => "over-tls",
        SrtpKeys::Anywhere => "anywhere",
    };
    (text(srtp), text(keys))
}

fn numbering(numbering: &Numbering) -> Value {
    Value::Silent(format!("{numbering:?}"))
}

fn recorded(Recording { announce, keep }: &Recording) -> String {
    format!("{announce}; keep {}", duration(*keep))
}

/// As the language writes it, without its braces.
fn threshold<T: Copy>(of: &Threshold<T>, word: impl Fn(T) -> String) -> Value {
    let levels = [("warn", of.warn), ("alarm", of.alarm)];
    let told = levels.into_iter().filter_map(|(key, level)| Some((key, word(level?))));
    text(told.map(|(key, level)| format!("{key} {level}")).collect::<Vec<_>>().join(", "))
}

fn count(of: &Threshold<usize>) -> Value {
    threshold(of, |level| level.to_string())
}

pub(super) fn region(plan: &Dialplan) -> Fields {
    let region = &plan.region;
    let Privacy { keep_records, mask_numbers } = &plan.privacy;
    let (agents, agent_keys) = media(plan.agent_media);
    let (clinics, clinic_keys) = media(plan.clinic_media);
    let Wall { within, service_level, abandoned, call_backs, cases_overdue } = &plan.wall;
    vec![
        ("name", text(&region.name)),
        ("time_zone", text(region.zone.iana_name().unwrap_or_default())),
        ("area_code", numbering(&region.numbering)),
        ("agent_defaults.srtp", agents),
        ("agent_defaults.srtp_keys", agent_keys),
        ("clinic_defaults.srtp", clinics),
        ("clinic_defaults.srtp_keys", clinic_keys),
        ("privacy.keep_records", maybe(keep_records.map(duration).as_ref())),
        ("privacy.mask_numbers", text(mask_numbers)),
        ("recording.robot", maybe(plan.robot_recording.as_ref().map(recorded).as_ref())),
        ("wall.within", time(*within)),
        ("wall.service_level", count(service_level)),
        ("wall.abandoned", count(abandoned)),
        ("wall.call_backs", threshold(call_backs, duration)),
        ("wall.cases_overdue", count(cases_overdue)),
        ("holidays", Value::Silent(format!("{:?}", plan.calendar))),
    ]
}

pub(super) fn service(Service { numbers, start }: &Service) -> Fields {
    vec![("numbers", list(numbers)), ("start", text(start))]
}

pub(super) fn features(plan: &Dialplan) -> Fields {
    let code = |wanted: Feature| {
        list(plan.features.codes.iter().filter(|(_, f)| **f == wanted).map(|(code, _)| code))
    };
    vec![
        ("on_duty", code(Feature::OnDuty)),
        ("off_duty", code(Feature::OffDuty)),
        ("breaks.rest", code(Feature::Break(BreakReason::Rest))),
        ("breaks.meal", code(Feature::Break(BreakReason::Meal))),
        ("breaks.paperwork", code(Feature::Break(BreakReason::Paperwork))),
        ("monitor", maybe(plan.features.monitor.as_ref())),
    ]
}

pub(super) fn clinic(clinic: &Clinic) -> Fields {
    let Clinic {
        id: _,
        title,
        words,
        ask,
        numbers,
        ring,
        order,
        ring_for,
        forward_on,
        forward_to,
        begin_with,
        anchored,
        contact,
    } = clinic;
    let ring = ring.iter().map(|phone| match phone {
        Phone::Registered(user) => user.to_string(),
        Phone::At(uri) => uri.to_string(),
    });
    let causes = [
        (forward_on.no_answer, "no-answer"),
        (forward_on.busy, "busy"),
        (forward_on.unreachable, "unreachable"),
    ];
    let order = match order {
        RingOrder::Parallel => "parallel",
        RingOrder::InOrder => "in-order",
    };
    let contact = contact.as_ref().map(|contact| format!("{}, {}", contact.name, contact.phone));
    vec![
        ("title", text(title)),
        ("words", list(words)),
        ("ask", list(ask)),
        ("numbers", list(numbers)),
        ("ring", list(ring)),
        ("ring_order", text(order)),
        ("ring_for", time(*ring_for)),
        ("forward_on", list(causes.iter().filter(|(on, _)| *on).map(|(_, cause)| cause))),
        ("forward_to", text(forward_to)),
        ("begin_with", maybe(begin_with.as_ref())),
        ("anchored", text(anchored)),
        ("contact", maybe(contact.as_ref())),
    ]
}

/// The lists of callers with the numbers on them.
pub(super) fn with_numbers(plan: &Dialplan) -> BTreeMap<CallersId, (&Callers, BTreeSet<&Number>)> {
    let mut lists: BTreeMap<_, (&Callers, BTreeSet<&Number>)> =
        plan.callers.iter().map(|(id, list)| (id.clone(), (list, BTreeSet::new()))).collect();
    for (number, id) in &plan.callers_by_number {
        if let Some((_, numbers)) = lists.get_mut(id) {
            numbers.insert(number);
        }
    }
    lists
}

pub(super) fn callers((list_of, numbers): &(&Callers, BTreeSet<&Number>)) -> Fields {
    let Callers { id: _, title, to } = list_of;
    vec![("title", text(title)), ("numbers", list(numbers)), ("to", text(to))]
}

pub(super) fn retired(Retired { id: _, numbers, announce, then }: &Retired) -> Fields {
    vec![("numbers", list(numbers)), ("announce", text(announce)), ("then", text(then))]
}

pub(super) fn outside(outside: &Outside) -> Fields {
    let Outside { id: _, title, number, ring_for, otherwise, at_once, a_day } = outside;
    vec![
        ("title", text(title)),
        ("number", text(number)),
        ("ring_for", time(*ring_for)),
        ("otherwise", text(otherwise)),
        ("at_once", text(at_once)),
        ("a_day", text(a_day)),
    ]
}

pub(super) fn prompt(Prompt { text: words, file }: &Prompt) -> Fields {
    vec![("text", maybe(words.as_ref())), ("file", maybe(file.as_ref()))]
}

fn asked_for(what: AskedFor) -> &'static str {
    match what {
        AskedFor::Telephone => "telephone",
        AskedFor::BirthDate => "birth-date",
        AskedFor::House => "house",
        AskedFor::Clinic => "clinic",
    }
}

pub(super) fn menu(menu: &Menu) -> Fields {
    let Menu {
        id: _,
        say,
        wait,
        repeat,
        wrong_key,
        no_key,
        not_understood,
        keys_only,
        otherwise,
        choices,
        grammar: _, // of the words of the choices, or of the clinics' names
        asks,
    } = menu;
    let choice = |choice: &MenuChoice| {
        let MenuChoice { key, words, ask, say, to } = choice;
        let (words, ask, say) = (words.join("/"), list(ask).shown(), list(say).shown());
        let ask = if ask.is_empty() { ask } else { format!("{ask}?") };
        let parts = [words, ask, say].into_iter().filter(|part| !part.is_empty());
        let more: Vec<String> = parts.collect();
        let more = if more.is_empty() { String::new() } else { format!(" ({})", more.join("; ")) };
        format!("{} → {to}{more}", key.label())
    };
    vec![
        ("say", list(say)),
        ("wait", time(*wait)),
        ("repeat", text(repeat)),
        ("wrong_key", maybe(wrong_key.as_ref())),
        ("no_key", maybe(no_key.as_ref())),
        ("not_understood", maybe(not_understood.as_ref())),
        ("keys_only", maybe(keys_only.as_ref())),
        ("otherwise", text(otherwise)),
        ("choice", list(choices.iter().map(choice))),
        ("asks_for", maybe(asks.as_ref().map(|asks| asked_for(asks.what)).as_ref())),
        ("then", maybe(asks.as_ref().and_then(|asks| asks.then.as_ref()))),
    ]
}

pub(super) fn queue(queue: &Queue) -> Fields {
    let Queue {
        id: _,
        topic,
        serve,
        head_start,
        ring_for,
        wrap_up,
        music,
        announce_every,
        waiting_max,
        overflow: Overflow { after, say, to },
        closed: Closed { say: closed_say, to: closed_to },
        answer_within,
        days,
        urgent,
        urgent_within,
        script,
        notify,
        escalate,
        call_back: CallBackRule { offer, hours, tries, between },
        recording,
        keep_records,
        wall: QueueWall { waiting, longest_wait, free_agents },
    } = queue;
    let tier = |Tier { group, when, after }: &Tier| {
        let when = when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        let after = match after.is_zero() {
            true => String::new(),
            false => format!(" after {}", duration(*after)),
        };
        format!("{group}{when}{after}")
    };
    let step = |Escalation { after, to }: &Escalation| match to {
        EscalateTo::Group(group) => format!("{} → group:{group}", duration(*after)),
        EscalateTo::Organisation(id) => format!("{} → organisation:{id}", duration(*after)),
    };
    let every = |value: &Option<Duration>| maybe(value.map(duration).as_ref());
    vec![
        ("topic", text(topic)),
        ("serve", list(serve.iter().map(tier))),
        ("head_start", time(*head_start)),
        ("ring_for", time(*ring_for)),
        ("wrap_up", time(*wrap_up)),
        ("music", text(music)),
        ("announce_every", every(announce_every)),
        ("waiting_max", text(waiting_max)),
        ("overflow.after", every(after)),
        ("overflow.say", maybe(say.as_ref())),
        ("overflow.to", text(to)),
        ("closed.say", maybe(closed_say.as_ref())),
        ("closed.to", text(closed_to)),
        ("answer_within", every(answer_within)),
        ("working_days", text(*days == DaysCounted::Working)),
        ("urgent", text(urgent)),
        ("urgent_within", time(*urgent_within)),
        ("script", Value::Silent(script.as_deref().unwrap_or_default().to_owned())),
        ("notify", list(notify)),
        ("escalate", list(escalate.iter().map(step))),
        ("call_back.offer", maybe(offer.map(Key::label).as_ref())),
        ("call_back.hours", maybe(hours.as_ref())),
        ("call_back.tries", text(tries)),
        ("call_back.between", time(*between)),
        ("recording", maybe(recording.as_ref().map(recorded).as_ref())),
        ("keep_records", every(keep_records)),
        ("wall.waiting", count(waiting)),
        ("wall.longest_wait", threshold(longest_wait, duration)),
        ("wall.free_agents", count(free_agents)),
    ]
}

pub(super) fn organisation(organisation: &Organisation) -> Fields {
    let Organisation { id: _, title, webhook, email } = organisation;
    let webhook = webhook.as_ref();
    vec![
        ("title", text(title)),
        ("webhook", maybe(webhook.map(|webhook| &webhook.url))),
        (
            "password",
            webhook.map_or_else(|| maybe(None::<&String>), |hook| Value::Secret(hook.key.clone())),
        ),
        ("whole_case", maybe(webhook.map(|webhook| webhook.whole_case).as_ref())),
        ("email", maybe(email.as_ref())),
    ]
}

pub(super) fn group(Group { id: _, title, agents, may_call, monitors }: &Group) -> Fields {
    let may_call = may_call.as_ref().map(|MayCall { numbers, when, at_once, a_day }| {
        let range = |range: &NumberRange| match range {
            NumberRange::Prefix(prefix) => prefix.to_string(),
            NumberRange::Short(number) => number.to_string(),
            NumberRange::Country(code) => format!("country +{code}"),
            NumberRange::Emergency => "emergency".to_owned(),
        };
        let when = when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        let numbers = list(numbers.iter().map(range)).shown();
        format!("{numbers}{when}; at_once {at_once}, a_day {a_day}")
    });
    vec![
        ("title", text(title)),
        ("agents", list(agents)),
        ("may_call", maybe(may_call.as_ref())),
        ("monitors", list(monitors)),
    ]
}

pub(super) fn site(Site { id: _, title }: &Site) -> Fields {
    vec![("title", text(title))]
}

pub(super) fn agent(Agent { id: _, name, kind, site, duty_on_register }: &Agent) -> Fields {
    let kind = match kind {
        AgentKind::Operator => "operator",
        AgentKind::Volunteer => "volunteer",
        AgentKind::Curator => "curator",
    };
    vec![
        ("name", text(name)),
        ("kind", text(kind)),
        ("site", maybe(site.as_ref())),
        ("duty_on_register", text(duty_on_register)),
    ]
}

pub(super) fn account(Account { password, owner }: &Account) -> Fields {
    let owner = match owner {
        AccountOwner::Agent(agent) => format!("agent:{agent}"),
        AccountOwner::Clinic(clinic) => format!("clinic:{clinic}"),
    };
    vec![("owner", text(owner)), ("password", Value::Secret(password.clone()))]
}

pub(super) fn trunk(trunk: &Trunk) -> Fields {
    let Trunk {
        id: _,
        kind,
        from,
        certificate,
        to,
        caller_number,
        numbering: dialled,
        early_media,
        anchored,
        media: security,
        keep_alive,
        guests,
        calls_max,
    } = trunk;
    let (registrar, user, password, expires) = match kind {
        TrunkKind::Address => (text(""), text(""), text(""), text("")),
        TrunkKind::Register { registrar, user, password, expires } => {
            (text(registrar), text(user), Value::Secret(password.clone()), time(*expires))
        }
    };
    let (srtp, keys) = media(*security);
    vec![
        ("from", list(from)),
        ("certificate", list(certificate)),
        ("to", list(to)),
        ("registrar", registrar),
        ("user", user),
        ("password", password),
        ("expires", expires),
        ("caller_number", maybe(caller_number.as_ref())),
        ("area_code", numbering(dialled)),
        ("early_media", text(early_media)),
        ("anchored", text(anchored)),
        ("srtp", srtp),
        ("srtp_keys", keys),
        ("keep_alive", maybe(keep_alive.map(duration).as_ref())),
        ("guests", text(guests)),
        ("calls_max", text(calls_max)),
    ]
}

pub(super) fn schedule(schedule: &Schedule) -> Fields {
    vec![("times", Value::Silent(format!("{schedule:?}")))]
}
