//! Citizens: who calls, what they press, and how long they wait.

use std::time::Duration;

use sip::HeaderName;

use super::{Act, Deed, Person, Population, one_of};
use crate::dress::Dress;
use crate::gateway::Habits;
use crate::phone::News;
use crate::sparse::Speaker;
use crate::{PhoneId, World};

/// How often somebody calls again at most.
const CALLS_MAX: u32 = 3;

/// A citizen.
#[derive(Debug)]
pub(super) struct Citizen {
    /// How many calls were made and are over.
    pub(super) calls: u32,
    /// How long the citizen waits for an agent.
    patience: Duration,
    number: String,
    pub(super) talks: bool,
}

/// What is pressed in the menu.
const KEYS: [&str; 13] = ["1", "1", "2", "2", "3", "4", "5", "0", "0", "2", "1", "5", "6"];
const WRONG_KEYS: [&str; 5] = ["7", "9", "*", "#", "88"];

impl Population {
    pub(super) fn arrive(&mut self, world: &mut World) {
        let wait = self.demand.next(world.now().wall, &mut self.entropy);
        self.note(world.now().mono + wait, Act::Arrive);
        if self.chance(100) {
            return self.arrive_oddly(world);
        }
        let id = world.citizen();
        let mut dress = if self.chance(300) { Dress::of(self.entropy.below(32)) } else { None };
        if self.chance(40) {
            let hops = [0, 1, 2, 10][usize::try_from(self.entropy.below(4)).unwrap_or(0)];
            dress.get_or_insert_default().hops = Some(hops);
        }
        world.phone_mut(id).dress = dress;
        let patience = match self.entropy.below(10) {
            0 => 1 + self.entropy.below(20),
            1 => 600 + self.entropy.below(1800),
            _ => 40 + self.entropy.below(400),
        };
        let number = self.number_to_dial();
        let citizen =
            Citizen { calls: 0, patience: Duration::from_secs(patience), number, talks: false };
        self.people.insert(id, Person::Citizen(citizen));
        self.call(world, id);
    }

    /// By way of a carrier's gateway, which does the rest on its own.
    fn arrive_oddly(&mut self, world: &mut World) {
        self.deeds.calls += 1;
        self.deeds.odd += 1;
        let habits = Habits::drawn(&mut self.entropy);
        let number = self.number_to_dial();
        let lasts = 1_000 + self.entropy.below(240_000);
        world.gateway_calls(habits, &number, lasts);
    }

    fn number_to_dial(&mut self) -> String {
        match self.entropy.below(100) {
            0..55 => "122".to_owned(),
            55..62 => "9-122".to_owned(),
            62..85 if !self.clinics.is_empty() => one_of(&self.clinics, &mut self.entropy),
            62..97 => one_of(&self.numbers, &mut self.entropy),
            97..99 => "5550001".to_owned(),
            _ => "201".to_owned(),
        }
    }

    fn call(&mut self, world: &mut World, id: PhoneId) {
        self.deeds.calls += 1;
        let Some(Person::Citizen(citizen)) = self.people.get_mut(&id) else { return };
        citizen.talks = false;
        let (number, patience) = (citizen.number.clone(), citizen.patience);
        let headers = self.carrier_headers();
        world.dial_with(id, &number, headers);
        // Nobody listens to a robot or to ringing for ever.
        let patience = u64::try_from(patience.as_millis()).unwrap_or(u64::MAX);
        let leaves = match self.entropy.below(100) {
            0..6 => self.entropy.below(400),
            6..14 => self.entropy.below(70_000),
            _ => patience + self.entropy.below(patience / 4 + 1),
        };
        self.soon(world, id, (leaves, leaves + 1), Deed::HangUp);
    }

    /// What the carrier adds.
    fn carrier_headers(&mut self) -> Vec<(HeaderName, String)> {
        let mut headers = Vec::new();
        if self.chance(60) {
            let reason = ["no-answer", "user-busy", "unconditional", "unknown"]
                [usize::try_from(self.entropy.below(4)).unwrap_or(0)];
            let value = format!("<sip:270001@pbx.example>;reason={reason};counter=1");
            headers.push((HeaderName::Diversion, value));
        }
        headers
    }

    pub(super) fn citizen_hears(&mut self, world: &mut World, id: PhoneId, news: News) {
        match news {
            News::Talks => self.choose(world, id),
            News::Hears(Speaker::LINE) => {
                if let Some(Person::Citizen(citizen)) = self.people.get_mut(&id)
                    && std::mem::take(&mut citizen.talks)
                {
                    // On hold, or back in the queue: patience begins anew.
                    let most = u64::try_from(citizen.patience.as_millis()).unwrap_or(u64::MAX);
                    self.soon(world, id, (1000, most.max(2000)), Deed::HangUp);
                }
            }
            News::Hears(_) => {
                if let Some(Person::Citizen(citizen)) = self.people.get_mut(&id) {
                    citizen.talks = true;
                    self.soon(world, id, (5_000, 240_000), Deed::HangUp);
                    if self.chance(30) {
                        self.soon(world, id, (1_000, 30_000), Deed::Hold);
                        self.soon(world, id, (31_000, 90_000), Deed::Resume);
                    }
                }
            }
            News::Refused(_) | News::Ended => {
                if matches!(news, News::Refused(_)) {
                    self.deeds.refused += 1;
                }
                self.citizen_is_done(world, id);
            }
            News::Rings | News::Registered(_) | News::Transfer(_) => {}
        }
    }

    /// Somebody, or the robot, has answered.
    fn choose(&mut self, world: &mut World, id: PhoneId) {
        self.deeds.answered += 1;
        let pick = |people: &mut Population, keys: &[&'static str]| {
            let n = people.entropy.below(u64::try_from(keys.len()).unwrap_or(1));
            keys[usize::try_from(n).unwrap_or(0)]
        };
        if self.chance(150) {
            self.deeds.wrong_keys += 1;
            let key = pick(self, &WRONG_KEYS);
            self.soon(world, id, (300, 8_000), Deed::Press(key));
        }
        if self.chance(850) {
            let key = pick(self, &KEYS);
            self.soon(world, id, (500, 20_000), Deed::Press(key));
        }
        if self.chance(20) {
            for _ in 0..20 {
                self.soon(world, id, (500, 60_000), Deed::Press("123#*0"));
            }
        }
    }

    pub(super) fn citizen_is_done(&mut self, world: &mut World, id: PhoneId) {
        self.count_call(id);
        let again = self.chance(150) && !self.winding_up;
        let Some(Person::Citizen(citizen)) = self.people.get_mut(&id) else { return };
        if again && citizen.calls < CALLS_MAX {
            self.deeds.again += 1;
            let number = citizen.number.clone();
            return self.soon(world, id, (2_000, 60_000), Deed::Dial(number));
        }
        // Its phone answers what is repeated for a while.
        let gone = Duration::from_secs(70);
        self.note(world.now().mono + gone, Act::Do(id, 0, Deed::Leave));
    }
}
