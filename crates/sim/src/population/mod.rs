//! The people of a region: citizens who call, agents who answer, clinics, carriers. All of them are
//! driven from a seed, and behave as people do.
//!
//! | file | who |
//! | --- | --- |
//! | `citizen.rs` | who calls: patient or not, with right keys, wrong keys or none |
//! | `agent.rs` | who answers: or declines, lets it ring, loses the link, hands on |
//! | `clinic.rs` | the clinics' phones: silent, busy, late, forwarding |
//! | `outside.rs` | who is called by way of the carriers |
//! | `arrivals.rs` | when calls come: by the hour, with surges |
//! | `faults.rs` | what breaks, and when it heals |

mod agent;
mod arrivals;
mod citizen;
mod clinic;
pub mod faults;
mod outside;

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Entropy, Mono};
use dialplan::Dialplan;
use dialplan::plan::AccountOwner;

use crate::gateway::Habits;
use crate::phone::{Diversion, News};
use crate::tap::Seen;
use crate::{PhoneId, World};
use agent::Agent;
pub use arrivals::Demand;
use citizen::Citizen;
use clinic::Clinic;
pub use faults::{Fault, Troubles};
use outside::Outside;

/// Somebody with a phone.
#[derive(Debug)]
enum Person {
    Citizen(Citizen),
    Agent(Agent),
    Clinic(Clinic),
    Outside(Outside),
}

/// What somebody does at a point of time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Deed {
    /// Answers what rings.
    Answer,
    /// Refuses what rings, with this status.
    Refuse(u16),
    /// Hangs up.
    HangUp,
    /// Presses keys.
    Press(&'static str),
    /// Dials a number.
    Dial(String),
    /// Puts the other side on hold.
    Hold,
    /// Goes on talking.
    Resume,
    /// Hands the other side on.
    Transfer(String),
    /// Joins the two calls.
    Join,
    /// Registers again.
    Register,
    /// The NAT forgets the phone's port.
    Rebind,
    /// The phone starts anew, at another port.
    PowerCycle,
    /// The phone's calls go to a number, or to it again.
    Divert(Option<Diversion>),
    /// The phone is unplugged.
    LoseLink,
    /// It is plugged in again.
    FindLink,
    /// The phone is taken away.
    Leave,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Act {
    /// The next citizen calls.
    Arrive,
    /// Somebody does something; in vain if another call has begun since.
    Do(PhoneId, u32, Deed),
    /// Something breaks.
    Break(Fault),
    /// It is whole again.
    Heal(Fault),
    /// The disk's old lines are archived.
    Archive,
}

/// What the population has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Deeds {
    pub calls: u64,
    pub odd: u64,
    pub refused: u64,
    pub answered: u64,
    pub wrong_keys: u64,
    pub again: u64,
    pub holds: u64,
    pub declined: u64,
    pub let_ring: u64,
    pub clinics_silent: u64,
    pub clinics_late: u64,
    pub paperwork_forgotten: u64,
    pub new_ports: u64,
    pub transfers: u64,
    pub consultations: u64,
    pub links_lost: u64,
    pub diversions: u64,
    pub faults: u64,
    pub crashes: u64,
}

/// All of them.
#[derive(Debug)]
pub struct Population {
    entropy: Entropy,
    agenda: BTreeMap<(Mono, u64), Act>,
    noted: u64,
    people: BTreeMap<PhoneId, Person>,
    /// Numbers that may be dialled from outside.
    numbers: Vec<String>,
    /// Those of clinics, as they are dialled in their town.
    clinics: Vec<String>,
    /// Where agents may hand a call to.
    elsewhere: Vec<String>,
    agents: Vec<(PhoneId, String)>,
    demand: Demand,
    troubles: Troubles,
    /// No new calls any more; who talks comes to an end.
    winding_up: bool,
    /// What was done.
    pub deeds: Deeds,
    /// What broke, by kind.
    pub faults: BTreeMap<&'static str, u64>,
}

impl Population {
    /// People for a world whose line has this plan.
    pub fn new(
        world: &mut World,
        plan: &Dialplan,
        demand: Demand,
        troubles: Troubles,
        mut entropy: Entropy,
    ) -> Population {
        let mut numbers: Vec<String> = plan.numbers.keys().map(|n| n.as_str().to_owned()).collect();
        // What a hash map gives is in no order.
        numbers.sort();
        numbers.retain(|number| number.starts_with('+') || number.len() == 3);
        let numbering = &plan.region.numbering;
        let town = format!("+{}{}", numbering.country_code, numbering.area_code);
        let clinics = plan.clinics.values().flat_map(|clinic| &clinic.numbers);
        let clinics: Vec<String> = clinics
            .map(|number| number.as_str())
            .map(|number| number.strip_prefix(&town).unwrap_or(number).to_owned())
            .collect();
        let mut elsewhere: Vec<String> =
            plan.agents.keys().map(|a| a.as_str().to_owned()).collect();
        elsewhere.extend(["122", "84951234567", "999"].map(str::to_owned));
        elsewhere.extend(clinics.iter().take(2).cloned());
        elsewhere.extend(plan.queues.keys().map(|queue| queue.as_str().to_owned()));
        world.news = Some(std::collections::VecDeque::new());
        let mut people = Population {
            entropy: entropy.fork(),
            agenda: BTreeMap::new(),
            noted: 0,
            people: BTreeMap::new(),
            numbers,
            clinics,
            elsewhere,
            agents: Vec::new(),
            demand,
            troubles,
            winding_up: false,
            deeds: Deeds::default(),
            faults: BTreeMap::new(),
        };
        people.settle_in(world, plan);
        people
    }

    fn settle_in(&mut self, world: &mut World, plan: &Dialplan) {
        for agent in plan.agents.keys() {
            let id = world.agent(agent.as_str());
            self.agents.push((id, agent.as_str().to_owned()));
            self.people.insert(id, Person::Agent(Agent::new(&mut self.entropy)));
            self.later(world, id, 0, Duration::from_secs(30), Deed::Register);
        }
        let clinic = world.clinic_phone();
        self.people.insert(clinic, Person::Clinic(Clinic::default()));
        for (user, account) in &plan.accounts {
            if let AccountOwner::Clinic(_) = account.owner {
                let id = world.agent(user);
                self.people.insert(id, Person::Clinic(Clinic::default()));
                self.later(world, id, 0, Duration::from_secs(30), Deed::Register);
            }
        }
        let id = world.outside(outside::CARRIERS[0]);
        self.people.insert(id, Person::Outside(Outside));
        // Behind the carrier's other address is a gateway that acts on its own.
        world.gateway_at(outside::CARRIERS[1], Habits::drawn(&mut self.entropy));
        outside::name_carriers(&mut world.dns);
        self.note(world.now().mono, Act::Arrive);
        self.note(world.now().mono + faults::FIRST, Act::Archive);
        self.troubles.plan(world.now().mono, &mut self.agenda, &mut self.noted);
    }

    /// Lets the world run until this point of time.
    pub fn run_to(&mut self, world: &mut World, end: Mono) {
        loop {
            let next = self.agenda.first_key_value().map_or(end, |((at, _), _)| *at).min(end);
            world.run_to_news(next);
            while let Some((id, news)) = world.news.as_mut().and_then(|news| news.pop_front()) {
                self.hear(world, id, news);
            }
            let now = world.now().mono;
            while let Some(first) = self.agenda.first_entry().filter(|first| first.key().0 <= now) {
                let act = first.remove();
                self.act(world, act);
            }
            if now >= end {
                return;
            }
        }
    }

    /// No new calls; everything that is broken heals; whoever talks hangs up. Who waits, waits to the end: it is for the
    /// line to come to it.
    pub fn wind_up(&mut self, world: &mut World) {
        self.winding_up = true;
        for fault in self.troubles.all_broken() {
            self.heal(world, fault);
        }
        world.tap.show(world.now(), &Seen::Healed);
        let now = world.now().mono;
        let waits = |person: &Person| matches!(person, Person::Citizen(citizen) if !citizen.talks);
        self.agenda.retain(|_, act| match act {
            Act::Break(_) | Act::Heal(_) | Act::Arrive => false,
            Act::Do(id, _, Deed::HangUp) => !self.people.get(id).is_some_and(waits),
            Act::Do(..) | Act::Archive => true,
        });
        let ids: Vec<PhoneId> = self.people.keys().copied().collect();
        for id in ids {
            let after = Duration::from_secs(self.entropy.below(60));
            let call = self.call_of(id);
            if !self.people.get(&id).is_some_and(waits) {
                self.note(now + after, Act::Do(id, call, Deed::HangUp));
            }
            if let Some(Person::Agent(_)) = self.people.get(&id) {
                self.note(now, Act::Do(id, call, Deed::FindLink));
            }
        }
    }

    /// Nobody does anything any more, not even register.
    pub fn fall_silent(&mut self) {
        self.agenda.clear();
    }

    fn note(&mut self, at: Mono, act: Act) {
        self.noted += 1;
        self.agenda.insert((at, self.noted), act);
    }

    fn later(&mut self, world: &World, id: PhoneId, call: u32, within: Duration, deed: Deed) {
        let millis = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        let after = Duration::from_millis(1 + self.entropy.below(millis));
        self.note(world.now().mono + after, Act::Do(id, call, deed));
    }

    /// In so many milliseconds at least and at most.
    fn soon(&mut self, world: &World, id: PhoneId, (least, most): (u64, u64), deed: Deed) {
        let after = Duration::from_millis(least + self.entropy.below(most.saturating_sub(least)));
        let call = self.call_of(id);
        self.note(world.now().mono + after, Act::Do(id, call, deed));
    }

    /// Which of the person's calls this is: what was meant for an earlier one is not done.
    fn call_of(&self, id: PhoneId) -> u32 {
        match self.people.get(&id) {
            Some(Person::Citizen(citizen)) => citizen.calls,
            Some(Person::Agent(agent)) => agent.calls,
            Some(Person::Clinic(clinic)) => clinic.calls,
            Some(Person::Outside(_)) | None => 0,
        }
    }

    /// One chance of so many in a thousand.
    fn chance(&mut self, of_thousand: u64) -> bool {
        self.entropy.below(1000) < of_thousand
    }

    fn hear(&mut self, world: &mut World, id: PhoneId, news: News) {
        match self.people.get(&id) {
            Some(Person::Citizen(_)) => self.citizen_hears(world, id, news),
            Some(Person::Agent(_)) => self.agent_hears(world, id, news),
            Some(Person::Clinic(_)) => self.clinic_hears(world, id, news),
            Some(Person::Outside(_)) => self.outside_hears(world, id, news),
            None => {}
        }
    }

    fn act(&mut self, world: &mut World, act: Act) {
        match act {
            Act::Arrive => self.arrive(world),
            Act::Do(id, call, deed) => {
                let standing = matches!(
                    deed,
                    Deed::Register
                        | Deed::Rebind
                        | Deed::FindLink
                        | Deed::Leave
                        | Deed::Divert(None)
                );
                if self.people.contains_key(&id) && (standing || call == self.call_of(id)) {
                    self.perform(world, id, deed);
                }
            }
            Act::Break(fault) => self.break_down(world, fault),
            Act::Heal(fault) => self.heal(world, fault),
            Act::Archive => {
                self.note(world.now().mono + faults::ARCHIVE_EVERY, Act::Archive);
                crate::run::archive(&mut world.line.disk);
            }
        }
    }

    fn perform(&mut self, world: &mut World, id: PhoneId, deed: Deed) {
        match deed {
            Deed::Answer => world.answer(id),
            Deed::Refuse(status) => {
                self.deeds.declined += 1;
                world.with_phone(id, |phone, now| phone.reject(now, sip::StatusCode(status)));
                self.count_call(id);
            }
            Deed::HangUp => {
                world.hang_up(id);
                self.hung_up(world, id);
            }
            Deed::Press(keys) => world.press(id, keys),
            Deed::Dial(number) => {
                if world.phone(id).calls() < 2 {
                    world.dial(id, &number);
                }
            }
            Deed::Hold => {
                self.deeds.holds += 1;
                world.with_phone(id, |phone, now| phone.turn(now, sip::sdp::Direction::SendOnly));
            }
            Deed::Resume => {
                world.with_phone(id, |phone, now| phone.turn(now, sip::sdp::Direction::SendRecv));
            }
            Deed::Transfer(to) => {
                self.deeds.transfers += 1;
                world.with_phone(id, |phone, now| phone.transfer(now, &to));
            }
            Deed::Join => {
                self.deeds.consultations += 1;
                let on_the_first = self.chance(500);
                world.with_phone(id, |phone, now| phone.join(now, on_the_first));
            }
            Deed::Register => {
                let every = Duration::from_secs(100 + self.entropy.below(200));
                self.note(world.now().mono + every, Act::Do(id, 0, Deed::Register));
                world.with_phone(id, |phone, now| phone.register(now, ""));
                // Whoever was sent on a break for calls that rang in vain comes back.
                let idle = world.phone(id).calls() == 0 && !self.winding_up;
                if idle
                    && matches!(self.people.get(&id), Some(Person::Agent(_)))
                    && self.chance(250)
                {
                    world.dial(id, "*11");
                }
            }
            Deed::Rebind => {
                self.deeds.new_ports += 1;
                let address = world.phone(id).address;
                world.net.rebind(address);
            }
            Deed::PowerCycle => {
                self.deeds.new_ports += 1;
                world.power_cycle(id);
                self.count_call(id);
            }
            Deed::Divert(to) => {
                self.deeds.diversions += u64::from(to.is_some());
                world.phone_mut(id).divert(to);
            }
            Deed::LoseLink => {
                self.deeds.links_lost += 1;
                world.phone_mut(id).dead = true;
                let back = Duration::from_secs(2 + self.entropy.below(120));
                self.note(world.now().mono + back, Act::Do(id, 0, Deed::FindLink));
            }
            Deed::FindLink => {
                world.phone_mut(id).dead = false;
                world.with_phone(id, |_, _| {});
            }
            Deed::Leave => {
                self.people.remove(&id);
                world.take_away(id);
            }
        }
    }

    fn hung_up(&mut self, world: &mut World, id: PhoneId) {
        match self.people.get(&id) {
            Some(Person::Citizen(_)) => self.citizen_is_done(world, id),
            Some(Person::Agent(_) | Person::Clinic(_)) => {
                self.count_call(id);
                if self.winding_up && world.phone(id).calls() > 0 {
                    // Somebody is still on hold.
                    self.soon(world, id, (1_000, 5_000), Deed::HangUp);
                }
            }
            Some(Person::Outside(_)) | None => {}
        }
    }

    /// The person's call is over: what was planned for it is not done.
    fn count_call(&mut self, id: PhoneId) {
        match self.people.get_mut(&id) {
            Some(Person::Citizen(citizen)) => citizen.calls += 1,
            Some(Person::Agent(agent)) => agent.calls += 1,
            Some(Person::Clinic(clinic)) => clinic.calls += 1,
            Some(Person::Outside(_)) | None => {}
        }
    }
}

/// One of these numbers.
fn one_of(numbers: &[String], entropy: &mut Entropy) -> String {
    let n = entropy.below(u64::try_from(numbers.len()).unwrap_or(1));
    numbers[usize::try_from(n).unwrap_or(0)].clone()
}
