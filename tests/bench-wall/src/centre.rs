//! A made-up centre: agents who talk and write, callers who wait, clinics that pass on.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambient::{Entropy, Wall};
use dialplan::{Dialplan, ForwardCause, PromptName};
use journal::{CallId, Duty};
use queue::{AgentView, CallState, LONGEST_SHOWN, QueueView, Snapshot, WaitView};
use switch::{ClinicFlow, Status};

/// Topics with their names.
const TOPICS: [(&str, &str); 10] = [
    ("ambulance", "Неотложная помощь"),
    ("appointment", "Запись к врачу"),
    ("covid", "Горячая линия"),
    ("doctor", "Вызов врача на дом"),
    ("drugs", "Льготные лекарства"),
    ("complaints", "Жалобы и предложения"),
    ("operator", "Оператор"),
    ("screening", "Диспансеризация"),
    ("sick-leave", "Больничные листы"),
    ("vaccination", "Вакцинация"),
];
const SITES: [(&str, &str); 4] = [
    ("centre", "Центр на Ленина"),
    ("college", "Медицинский колледж"),
    ("north", "Северная площадка"),
    ("remote", "Из дома"),
];
const CLINICS: u64 = 14;
const CAUSES: [ForwardCause; 4] =
    [ForwardCause::Busy, ForwardCause::NoAnswer, ForwardCause::Unreachable, ForwardCause::Chosen];
/// How long a talk and its paperwork take, on average.
const TALK: f64 = 180.0;
const WRAP_UP: f64 = 25.0;
const RING: f64 = 4.0;
/// One step of the centre's life.
const STEP: Duration = Duration::from_millis(100);

/// How large the centre is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) agents: usize,
    pub(crate) waiting: usize,
}

struct Agent {
    state: CallState,
    duty: Duty,
    reachable: bool,
    /// When it began to do so, in the centre's time.
    since: Duration,
    /// When the next thing happens.
    until: Duration,
    site: usize,
}

struct Waiting {
    call: CallId,
    since: Duration,
    clinic: Option<(u64, ForwardCause)>,
}

/// The centre.
pub(crate) struct Centre {
    plan: Arc<Dialplan>,
    size: Size,
    began: Instant,
    lived: Duration,
    entropy: Entropy,
    agents: Vec<Agent>,
    queues: Vec<VecDeque<Waiting>>,
    talking: Vec<Option<(u64, ForwardCause)>>,
}

/// The dialplan of a centre with so many agents.
pub(crate) fn plan(agents: usize) -> Result<Dialplan, String> {
    let mut text = String::from(
        "[region]\nname = \"Энская область\"\ntime_zone = \"Europe/Moscow\"\narea_code = \"4812\"\n\
         [service]\nnumbers = [\"122\"]\nstart = \"queue:operator\"\n\
         [queue_defaults]\nmusic = \"music\"\noverflow = { after = \"2h\", to = \"hangup\" }\n\
         serve = [{ group = \"operators\" }]\n",
    );
    let _ = writeln!(text, "[groups.operators]\ntitle = \"Операторы\"");
    let _ = writeln!(text, "agents = [{:?}]", format!("1001-{}", 1000 + agents.max(1)));
    for (id, topic) in TOPICS {
        let _ = writeln!(text, "[queues.{id}]\ntopic = \"{topic}\"");
    }
    for (id, title) in SITES {
        let _ = writeln!(text, "[sites.{id}]\ntitle = \"{title}\"");
    }
    for n in 1..=agents.max(1) {
        let (site, _) = SITES[site(n - 1)];
        let number = 1000 + n;
        let _ = writeln!(
            text,
            "[agents.{number}]\nname = \"Сотрудник {n}\"\nkind = \"operator\"\nsite = \"{site}\"\n\
             password = \"p{n}\""
        );
    }
    let prompts = ["music"].map(PromptName::from).into();
    let told = |findings: Vec<dialplan::Diagnostic>| {
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    dialplan::load_str(&[("line.toml", &text)], &prompts).map(|(plan, _)| plan).map_err(told)
}

fn site(agent: usize) -> usize {
    [0, 0, 1, 2, 0, 1, 3][agent % 7]
}

impl Centre {
    /// A centre as it is in the middle of a day.
    pub(crate) fn new(plan: Arc<Dialplan>, size: Size, seed: u64) -> Centre {
        let mut entropy = Entropy::from_number(seed);
        let mut agents = Vec::with_capacity(size.agents);
        for n in 0..size.agents {
            let (state, duty, reachable, lasts) = match entropy.below(100) {
                0..72 => (CallState::InCall, Duty::On, true, TALK),
                72..84 => (CallState::WrapUp, Duty::On, true, WRAP_UP),
                84..90 => {
                    (CallState::Waiting, Duty::Break(dialplan::BreakReason::Rest), true, 600.0)
                }
                90..92 => (CallState::Waiting, Duty::On, false, 300.0),
                _ => (CallState::Waiting, Duty::Off, false, 1e6),
            };
            let until = Duration::from_secs_f64(lasts * share(&mut entropy));
            let agent =
                Agent { state, duty, reachable, since: Duration::ZERO, until, site: site(n) };
            agents.push(agent);
        }
        let talking = (0..size.agents).map(|_| None).collect();
        let mut centre = Centre {
            plan,
            size,
            began: Instant::now(),
            lived: Duration::ZERO,
            entropy,
            agents,
            queues: TOPICS.map(|_| VecDeque::new()).into(),
            talking,
        };
        while centre.waits() < size.waiting {
            centre.arrive();
        }
        centre
    }

    fn waits(&self) -> usize {
        self.queues.iter().map(VecDeque::len).sum()
    }

    fn arrive(&mut self) {
        // Some topics are wanted more than others.
        let (a, b) = (self.entropy.below(10), self.entropy.below(10));
        let queue = usize::try_from(a.min(b)).unwrap_or(0);
        let call = CallId::new(Wall::from_unix_millis(self.now()), &mut self.entropy);
        let from = self.entropy.below(3) == 0;
        let cause = CAUSES[usize::try_from(self.entropy.below(4)).unwrap_or(0)];
        let clinic = from.then(|| (self.entropy.below(CLINICS), cause));
        self.queues[queue].push_back(Waiting { call, since: self.lived, clinic });
    }

    fn now(&self) -> i64 {
        1_795_338_000_000 + i64::try_from(self.lived.as_millis()).unwrap_or(0)
    }

    /// Lives on until now.
    fn live(&mut self) {
        let until = self.began.elapsed();
        while self.lived + STEP <= until {
            self.lived += STEP;
            self.step();
        }
    }

    fn step(&mut self) {
        for at in 0..self.agents.len() {
            if self.agents[at].until > self.lived {
                continue;
            }
            let (state, duty, reachable, lasts) = match self.agents[at].state {
                CallState::InCall => {
                    self.talking[at] = None;
                    (CallState::WrapUp, Duty::On, true, WRAP_UP)
                }
                CallState::Receiving => (CallState::InCall, Duty::On, true, TALK),
                CallState::WrapUp if self.entropy.below(40) == 0 => {
                    (CallState::Waiting, Duty::Break(dialplan::BreakReason::Rest), true, 600.0)
                }
                CallState::WrapUp | CallState::Waiting => match self.take() {
                    Some(waiting) => {
                        self.talking[at] = waiting.clinic;
                        (CallState::Receiving, Duty::On, true, RING)
                    }
                    None if self.agents[at].state == CallState::Waiting => continue,
                    None => (CallState::Waiting, Duty::On, true, 0.0),
                },
            };
            let lasts = lasts * (0.3 + 1.4 * share(&mut self.entropy));
            let until = self.lived + Duration::from_secs_f64(lasts);
            let site = self.agents[at].site;
            self.agents[at] = Agent { state, duty, reachable, since: self.lived, until, site };
        }
        // As many come as are served, a little more or less.
        while self.waits() < self.size.waiting && self.entropy.below(3) > 0 {
            self.arrive();
        }
        if self.entropy.below(20) == 0 {
            self.arrive();
        }
    }

    /// Who has waited longest.
    fn take(&mut self) -> Option<Waiting> {
        let firsts = self.queues.iter().enumerate();
        let firsts = firsts.filter_map(|(at, queue)| Some((queue.front()?.since, at)));
        let (_, at) = firsts.min()?;
        self.queues[at].pop_front()
    }

    /// What pages see of it.
    pub(crate) fn status(&mut self) -> Status {
        self.live();
        let at_work = |agent: &&Agent| {
            agent.reachable && agent.duty == Duty::On && agent.state == CallState::Waiting
        };
        let free = self.agents.iter().filter(at_work).count();
        let on_duty = self.agents.iter().filter(|agent| agent.duty == Duty::On).count();
        let lasts = |since: Duration| self.lived.saturating_sub(since);
        let queues = TOPICS.iter().zip(&self.queues).map(|((id, topic), queue)| QueueView {
            queue: (*id).into(),
            topic: (*topic).into(),
            waiting: queue.len(),
            offered: 0,
            longest_wait: queue.front().map_or(Duration::ZERO, |first| lasts(first.since)),
            on_duty,
            free,
            closed: None,
        });
        let agents =
            self.agents.iter().zip(self.plan.agents.values()).map(|(agent, known)| AgentView {
                agent: known.id.clone(),
                name: known.name.clone(),
                kind: known.kind,
                duty: agent.duty,
                reachable: agent.reachable,
                call: agent.state,
                since: lasts(agent.since),
                only: None,
                wrap_up_left: None,
            });
        let waits = TOPICS.iter().zip(&self.queues);
        let mut longest: Vec<_> = waits
            .flat_map(|((id, _), queue)| queue.iter().take(LONGEST_SHOWN).map(move |one| (id, one)))
            .map(|(id, one)| WaitView {
                call: one.call,
                queue: (*id).into(),
                offered: false,
                waited: lasts(one.since),
            })
            .collect();
        longest.sort_by_key(|one| (std::cmp::Reverse(one.waited), one.call));
        longest.truncate(LONGEST_SHOWN);
        Status {
            region: self.plan.region.name.clone(),
            uptime: self.lived,
            clinics: self.clinics(),
            centre: Snapshot { queues: queues.collect(), agents: agents.collect(), longest },
            ..Status::default()
        }
    }

    fn clinics(&self) -> Vec<ClinicFlow> {
        let waiting = self.queues.iter().flatten().filter_map(|waiting| waiting.clinic);
        let mut flows: BTreeMap<u64, BTreeMap<ForwardCause, usize>> = BTreeMap::new();
        for (clinic, cause) in waiting.chain(self.talking.iter().copied().flatten()) {
            *flows.entry(clinic).or_default().entry(cause).or_default() += 1;
        }
        let flow = |(clinic, causes)| ClinicFlow {
            clinic: format!("clinic-{clinic}").as_str().into(),
            title: format!("Поликлиника № {}", clinic + 1).into(),
            causes,
        };
        flows.into_iter().map(flow).collect()
    }
}

/// Evenly from 0 to 1.
fn share(entropy: &mut Entropy) -> f64 {
    f64::from(u32::try_from(entropy.below(1 << 20)).unwrap_or(0)) / f64::from(1 << 20)
}
