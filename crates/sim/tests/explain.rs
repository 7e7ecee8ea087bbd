//! `explain` and the running switch agree: for any call, what the one tells the other does.

#[allow(dead_code, reason = "each test file uses its part")]
mod common;
mod region;

use std::collections::BTreeSet;
use std::time::Duration;

use ambient::{Entropy, Wall};
use dialplan::decide::SendOnReason;
use dialplan::explain::{
    ClinicDoes, Deed, End, Explanation, OnDuty, Question, Step, What, clock, explain,
};
use dialplan::{AgentId, Dialplan, ForwardCause, Key};
use journal::{CallRecord, HangupBy, Outcome, StepKind};
use sim::tap::Tap;
use sim::world::{Making, settings};
use sim::{PhoneId, World};
use sip::{HeaderName, StatusCode};

use common::secs;
use region::generated;

/// Before the call everybody comes to work.
const MORNING: Duration = secs(5);
/// How long each prompt of the sparse media is.
const PROMPT: Duration = Duration::from_millis(1500);
/// A key is pressed so long after the words before it.
const THINKS: Duration = Duration::from_millis(700);
/// A key that means nothing comes sooner, and the next one soon after it.
const QUICK: Duration = Duration::from_millis(300);
/// How close to a change of schedules a story must not come: it lasts longer than `explain` tells by
/// the prompts and by the time people think.
const MARGIN: i64 = 120_000;

/// What happened to a call, as both can tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Rings(String),
    Forwarded(ForwardCause),
    Listed(String),
    Key(Key),
    Told(String),
    ToldOfRecording,
    Queued(String),
    Connected,
}

#[test]
fn the_demo() {
    let plan = sim::region::dialplan("demo", &sim::region::prompts());
    for seed in 0..40 {
        agree(&plan, seed);
    }
}

#[test]
fn the_regions() {
    for name in ["altai", "smolensk", "tver", "tyumen"] {
        let plan = sim::region::dialplan(name, &sim::region::prompts());
        let plan = sim::region::played(plan);
        for seed in 0..25 {
            agree(&plan, seed);
        }
    }
}

#[test]
fn dialplans_that_nobody_would_write() {
    let mut told = [0; 3];
    for seed in 0..100 {
        let Some(end) = agree(&generated(seed), seed) else { continue };
        told[match end {
            End::Served(_) => 0,
            End::SentAway(_) | End::Request(_) | End::CallBack(_) => 1,
            _ => 2,
        }] += 1;
    }
    assert!(told.iter().all(|times| *times >= 5), "every kind of end: {told:?}");
}

/// Puts one random call to both; `None` if its story would be decided by a second more or less.
fn agree(plan: &Dialplan, seed: u64) -> Option<End> {
    let mut entropy = Entropy::from_number(seed);
    let question = question(plan, &mut entropy);
    let way = explain(plan, &question);
    if way.steps.iter().any(|step| is_close(plan, step)) {
        return None;
    }
    let (world, citizen) = play(plan, &question, &way, seed);
    let story = || {
        let steps: Vec<String> = way
            .steps
            .iter()
            .map(|step| format!("{} {}\n", clock(plan, step.at), step.english(plan)))
            .collect();
        format!("seed {seed}: {question:?}\n{}{:?}", steps.concat(), way.end)
    };
    let Some(record) = world.records().find(|record| record.trunk.is_some()) else {
        assert_eq!(way.end, End::Refused, "{}", story());
        assert_eq!(world.phone(citizen).heard_status.last(), Some(&404), "{}", story());
        return Some(way.end);
    };
    assert_eq!(happened(record), told(plan, &way), "{}\n{record:?}", story());
    assert_eq!(record.queue.as_ref(), way.queues().last(), "{}", story());
    assert!(
        outcomes(&way.end).contains(&record.outcome),
        "{:?} of {}\n{record:?}",
        record.outcome,
        story()
    );
    if let (End::Served(_), Some(agent)) = (&way.end, &record.agent) {
        let serves = |group: &dialplan::GroupId| plan.groups[group].agents.contains(agent);
        assert!(way.served_by().iter().any(serves), "{agent}: {}", story());
        assert!(question.on_duty.has(agent), "{agent}: {}", story());
    }
    Some(way.end)
}

/// A random call.
fn question(plan: &Dialplan, entropy: &mut Entropy) -> Question {
    let mut numbers: Vec<String> = plan.numbers.keys().map(|n| n.as_str().to_owned()).collect();
    numbers.retain(|number| !number.starts_with('*') && number != "122");
    numbers.sort_unstable();
    // The line's own number is called as often as all others.
    let to = match entropy.below(2) {
        0 => "122".to_owned(),
        _ => pick(&numbers, entropy),
    };
    let minute = i64::try_from(entropy.below(28 * 24 * 60)).unwrap();
    let at = Wall::from_unix_millis(sim::world::NOON.unix_millis() + minute * 60_000);
    let mut labels: Vec<char> = ('0'..='9').chain(['*', '#']).collect();
    let used = plan.menus.values().flat_map(|menu| &menu.choices).map(|choice| choice.key.label());
    labels.extend(used.collect::<BTreeSet<char>>().repeat_some(4));
    let does = (0..entropy.below(6))
        .map(|_| match entropy.below(4) {
            0 => Deed::Silence,
            _ => Deed::Key(Key::new(pick(&labels, entropy)).unwrap()),
        })
        .collect();
    let clinic = match entropy.below(4) {
        0 => ClinicDoes::Answers,
        1 => ClinicDoes::DoesNot(ForwardCause::Busy),
        2 => ClinicDoes::DoesNot(ForwardCause::Unreachable),
        _ => ClinicDoes::DoesNot(ForwardCause::NoAnswer),
    };
    let agents: Vec<AgentId> = plan.agents.keys().cloned().collect();
    let on_duty = (0..entropy.below(6)).map(|_| pick(&agents, entropy)).collect();
    let clinics: Vec<_> = plan.clinics.keys().cloned().collect();
    let mut callers: Vec<String> =
        plan.callers_by_number.keys().map(|number| number.as_str().to_owned()).collect();
    callers.sort_unstable();
    callers.extend(["+79101234567".to_owned()]);
    Question {
        from: Some(pick(&callers, entropy).into()),
        origin: (!clinics.is_empty() && entropy.below(4) == 0).then(|| pick(&clinics, entropy)),
        does,
        on_duty: OnDuty::These(on_duty),
        all_busy: entropy.below(3) == 0,
        clinic,
        ..Question::new(&to, at)
    }
}

trait Repeat {
    fn repeat_some(self, times: usize) -> Vec<char>;
}

impl Repeat for BTreeSet<char> {
    /// Keys that mean something are pressed more often.
    fn repeat_some(self, times: usize) -> Vec<char> {
        self.into_iter().collect::<Vec<_>>().repeat(times)
    }
}

fn pick<T: Clone>(things: &[T], entropy: &mut Entropy) -> T {
    let at = entropy.below(things.len() as u64);
    things[usize::try_from(at).unwrap()].clone()
}

/// Whether something is decided near the full or half hour, when schedules change. That one has changed
/// and has left nobody decides at its own time.
fn is_close(plan: &Dialplan, step: &Step) -> bool {
    if let What::WaitsNoMore(_, SendOnReason::NobodyOnDuty, ..) = step.what {
        return false;
    }
    let scheduled = !plan.schedules.is_empty();
    let into_half = step.at.unix_millis().rem_euclid(1_800_000);
    scheduled && !(31_000..=1_800_000 - MARGIN).contains(&into_half)
}

/// Plays the call and hangs up when all is told.
fn play(plan: &Dialplan, question: &Question, way: &Explanation, seed: u64) -> (World, PhoneId) {
    let millis = i64::try_from(MORNING.as_millis()).unwrap();
    let making = Making {
        seed,
        begins: Wall::from_unix_millis(question.at.unix_millis() - millis),
        plan: plan.clone(),
        full_media: 0,
        full_phones: false,
        tap: Tap::default(),
    };
    let mut world = World::make(making, settings());
    world.keeps_journal = true;
    to_work(&mut world, question);
    // One that rings at its address, and the demo's that registers.
    for clinic in [world.clinic_phone(), world.agent("270002")] {
        let phone = world.phone_mut(clinic);
        match question.clinic {
            ClinicDoes::Answers => phone.answers_after = Some(secs(1)),
            ClinicDoes::DoesNot(ForwardCause::Busy) => phone.refuses = Some(StatusCode(486)),
            ClinicDoes::DoesNot(ForwardCause::Unreachable) => {
                phone.refuses = Some(StatusCode(503));
            }
            ClinicDoes::DoesNot(_) => {}
        }
    }
    world.run_to(ambient::Mono::START + MORNING);
    let citizen = world.citizen();
    let headers = question.origin.iter().map(|clinic| {
        let number = &plan.clinics[clinic].numbers[0];
        (HeaderName::Diversion, format!("<sip:{number}@pbx.example>;reason=unknown"))
    });
    let shown = question
        .from
        .iter()
        .map(|from| (HeaderName::PAssertedIdentity, format!("<sip:{from}@carrier.example>")));
    world.dial_with(citizen, &question.to, headers.chain(shown).collect());
    press_as_told(&mut world, citizen, question, way);
    world.run_for(secs(6));
    world.hang_up(citizen);
    world.run_for(secs(40));
    (world, citizen)
}

/// Whoever is on duty registers, and takes a break if nobody is to take the call.
fn to_work(world: &mut World, question: &Question) {
    let OnDuty::These(agents) = &question.on_duty else { return };
    let phones: Vec<PhoneId> = agents.iter().map(|agent| world.agent(agent.as_str())).collect();
    world.run_for(secs(1));
    for phone in phones {
        if question.all_busy {
            world.dial(phone, "*12");
        } else {
            world.phone_mut(phone).answers_after = Some(secs(1));
        }
    }
}

/// Follows the story as it is told, and presses the keys when their time has come.
fn press_as_told(world: &mut World, citizen: PhoneId, question: &Question, way: &Explanation) {
    let dialled = world.now().mono;
    let told = |step: &Step| step.at.since(question.at);
    // What the story lasts longer than it is told: by prompts, and by people who think.
    let mut longer = Duration::ZERO;
    let mut waits_from = Duration::ZERO;
    for step in &way.steps {
        match &step.what {
            What::Says(_, words) => longer += PROMPT * u32::try_from(words.len()).unwrap(),
            What::Retired(..) => longer += PROMPT,
            // It does not stop the menu's time.
            What::IdleKey(key) => {
                longer += QUICK;
                world.run_to(dialled + told(step) + longer);
                world.press(citizen, &key.label().to_string());
            }
            What::Chose(_, key, ..) | What::WrongKey(_, key) | What::AskedAgain(key) => {
                longer += THINKS;
                world.run_to(dialled + told(step) + longer);
                world.press(citizen, &key.label().to_string());
                if let What::Chose(_, _, words, _) = &step.what {
                    longer += PROMPT * u32::try_from(words.len()).unwrap();
                }
            }
            What::Typed(_, keys) => {
                for key in keys {
                    longer += THINKS;
                    world.run_to(dialled + told(step) + longer);
                    world.press(citizen, &key.label().to_string());
                }
            }
            What::ReadsBack(_, answer) => {
                let words = ivr::read_back::words(answer);
                longer += PROMPT * u32::try_from(words.len()).unwrap();
            }
            What::Waits(_) => waits_from = told(step),
            What::WaitsNoMore(_, why, say, _) => {
                let at_once = told(step) == waits_from;
                if *why == SendOnReason::NobodyOnDuty && !at_once {
                    // Schedules change at their own time.
                    longer = Duration::ZERO;
                }
                longer += PROMPT * u32::from(say.is_some());
            }
            _ => {}
        }
    }
    let end = way.steps.last().map(told).unwrap_or_default();
    world.run_to((dialled + end + longer).max(world.now().mono));
}

/// What the record says.
fn happened(record: &CallRecord) -> Vec<Event> {
    record
        .steps
        .iter()
        .filter_map(|step| match &step.what {
            StepKind::ClinicRings(clinic) => Some(Event::Rings(clinic.to_string())),
            StepKind::Forwarded(cause) => Some(Event::Forwarded(*cause)),
            StepKind::Listed(callers) => Some(Event::Listed(callers.to_string())),
            StepKind::Key(key) => Some(Event::Key(*key)),
            StepKind::Told { answer, .. } => Some(Event::Told(answer.clone())),
            StepKind::ToldOfRecording => Some(Event::ToldOfRecording),
            StepKind::Queued(queue) => Some(Event::Queued(queue.to_string())),
            StepKind::RingsOutside(id) => Some(Event::Rings(id.to_string())),
            StepKind::Connected(_)
            | StepKind::ConnectedToClinic(_)
            | StepKind::ConnectedOutside(_) => Some(Event::Connected),
            StepKind::Answered
            | StepKind::Offered(_)
            | StepKind::NotTaken(_)
            | StepKind::Held
            | StepKind::Resumed
            | StepKind::Transferred(_)
            | StepKind::Returned
            | StepKind::RecordingBegan
            | StepKind::RecordingEnded
            | StepKind::Monitored { .. }
            | StepKind::MonitorLeft(_)
            | StepKind::TakenOver(_)
            | StepKind::Listened { .. }
            | StepKind::KeysOnly
            | StepKind::Said { .. }
            | StepKind::SentOn
            | StepKind::Ended => None,
        })
        .collect()
}

/// The same as `explain` tells it.
fn told(plan: &Dialplan, way: &Explanation) -> Vec<Event> {
    let mut asks = false;
    way.steps
        .iter()
        .flat_map(|step| match &step.what {
            What::Says(menu, _) => {
                asks = plan.menus[menu].asks.is_some();
                Vec::new()
            }
            // What was told stands for the keys of an answer.
            What::AskedAgain(_) | What::IdleKey(_) if asks => Vec::new(),
            What::Told(_, answer, _) => vec![Event::Told(answer.to_string())],
            What::ClinicRings(clinic, _) => vec![Event::Rings(clinic.to_string())],
            What::RingsOutside(id, ..) => vec![Event::Rings(id.to_string())],
            What::ClinicPassesOn(_, cause, _) => vec![Event::Forwarded(*cause)],
            What::Listed(callers, _) => vec![Event::Listed(callers.to_string())],
            What::SentBack(..) => vec![Event::Forwarded(ForwardCause::Unknown)],
            What::Chose(_, key, ..)
            | What::WrongKey(_, key)
            | What::AskedAgain(key)
            | What::IdleKey(key) => vec![Event::Key(*key)],
            What::TellsOfRecording(..) => vec![Event::ToldOfRecording],
            What::Waits(queue) => vec![Event::Queued(queue.to_string())],
            What::Served(..) | What::ClinicAnswers(_) | What::OutsideAnswers(_) => {
                vec![Event::Connected]
            }
            _ => Vec::new(),
        })
        .collect()
}

/// How the record may name this end.
fn outcomes(end: &End) -> &'static [Outcome] {
    match end {
        End::Refused => &[Outcome::Refused],
        End::Clinic(_) => &[Outcome::AnsweredByClinic],
        End::ClinicRefused(_) => &[Outcome::Refused, Outcome::TimedOut],
        End::Served(_) => &[Outcome::Answered],
        End::Outside(_) => &[Outcome::Answered],
        End::Waits(_) => &[Outcome::Abandoned],
        End::Announced => &[Outcome::Announced],
        End::SentAway(SendOnReason::TooLong) => &[Outcome::TimedOut],
        End::SentAway(SendOnReason::Full) => &[Outcome::QueueFull],
        End::SentAway(SendOnReason::NobodyOnDuty) => &[Outcome::NobodyOnDuty],
        End::Request(_) => &[Outcome::RequestTaken],
        End::CallBack(_) => &[Outcome::TimedOut, Outcome::QueueFull, Outcome::NobodyOnDuty],
        End::Circles => &[Outcome::Broken],
    }
}

#[test]
fn a_record_of_another_story_is_noticed() {
    let plan = sim::region::dialplan("demo", &sim::region::prompts());
    let mut question = Question::new("122", sim::world::NOON);
    question.does = vec![Deed::Key(Key::new('1').unwrap())];
    question.on_duty = OnDuty::These(BTreeSet::from(["201".into()]));
    let way = explain(&plan, &question);
    let (world, _) = play(&plan, &question, &way, 1);
    let record = world.records().find(|record| record.trunk.is_some()).unwrap();
    assert_eq!(happened(record), told(&plan, &way));
    assert_eq!(record.hangup_by, HangupBy::Caller);
    question.does = vec![Deed::Key(Key::new('2').unwrap())];
    assert_ne!(happened(record), told(&plan, &explain(&plan, &question)));
}
