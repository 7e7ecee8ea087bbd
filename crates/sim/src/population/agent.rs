//! Agents: they answer, or do not, talk, hand on, lose the link, and go on breaks.

use ambient::Entropy;

use super::{Deed, Person, Population, one_of};
use crate::phone::News;
use crate::{PhoneId, World};

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    /// How many calls are over.
    pub(super) calls: u32,
    /// Of a thousand calls, how many this one does not take.
    reluctance: u64,
}

impl Agent {
    pub(super) fn new(entropy: &mut Entropy) -> Agent {
        let reluctance = if entropy.below(5) == 0 { 400 } else { 60 };
        Agent { calls: 0, reluctance }
    }
}

impl Population {
    pub(super) fn agent_hears(&mut self, world: &mut World, id: PhoneId, news: News) {
        match news {
            News::Rings => self.agent_is_rung(world, id),
            News::Talks if world.phone(id).calls() == 2 => {
                // The consultation is answered.
                let deed = if self.chance(700) { Deed::Join } else { Deed::HangUp };
                self.soon(world, id, (500, 20_000), deed);
                self.soon(world, id, (30_000, 60_000), Deed::HangUp);
            }
            News::Talks => self.agent_talks(world, id),
            News::Ended | News::Refused(_) => {
                self.count_call(id);
                if world.phone(id).calls() > 0 {
                    self.soon(world, id, (200, 5_000), Deed::Resume);
                    self.soon(world, id, (6_000, 60_000), Deed::HangUp);
                } else {
                    self.agent_is_free(world, id);
                }
            }
            News::Transfer(status) if !status.is_provisional() => {
                // Many phones end their side; some wait to be told.
                if self.chance(500) {
                    self.soon(world, id, (10, 3_000), Deed::HangUp);
                }
            }
            News::Transfer(_) | News::Registered(_) | News::Hears(_) => {}
        }
    }

    fn agent_is_rung(&mut self, world: &mut World, id: PhoneId) {
        let Some(Person::Agent(agent)) = self.people.get(&id) else { return };
        if !self.chance(agent.reluctance) {
            return self.soon(world, id, (200, 9_000), Deed::Answer);
        }
        match self.entropy.below(6) {
            0 => self.soon(world, id, (100, 8_000), Deed::Refuse(486)),
            1 => self.soon(world, id, (100, 8_000), Deed::Refuse(603)),
            // As the queue's time is over: the answer crosses the CANCEL.
            2 => self.soon(world, id, (14_950, 15_050), Deed::Answer),
            3 => self.soon(world, id, (0, 12_000), Deed::LoseLink),
            _ => self.deeds.let_ring += 1,
        }
    }

    fn agent_talks(&mut self, world: &mut World, id: PhoneId) {
        self.soon(world, id, (20_000, 260_000), Deed::HangUp);
        match self.entropy.below(1000) {
            0..60 => {
                self.soon(world, id, (2_000, 20_000), Deed::Hold);
                self.soon(world, id, (20_000, 60_000), Deed::Resume);
            }
            60..220 => {
                let to = self.somewhere();
                self.soon(world, id, (2_000, 20_000), Deed::Transfer(to));
                if self.chance(400) {
                    // Hangs up without waiting.
                    self.soon(world, id, (20_000, 20_500), Deed::HangUp);
                }
            }
            220..400 => {
                let to = self.somewhere();
                self.soon(world, id, (2_000, 5_000), Deed::Hold);
                self.soon(world, id, (5_000, 9_000), Deed::Dial(to));
                if self.chance(300) {
                    // Hands on before anybody has answered there.
                    self.soon(world, id, (9_000, 15_000), Deed::Join);
                }
            }
            400..415 => self.soon(world, id, (1_000, 60_000), Deed::LoseLink),
            415..430 => self.soon(world, id, (1_000, 60_000), Deed::Rebind),
            430..440 => self.soon(world, id, (1_000, 60_000), Deed::PowerCycle),
            _ => {}
        }
    }

    fn somewhere(&mut self) -> String {
        one_of(&self.elsewhere, &mut self.entropy)
    }

    /// Paperwork that is ended by hand, or forgotten until the line ends it; breaks, calls of one's own; or nothing but the next call.
    fn agent_is_free(&mut self, world: &mut World, id: PhoneId) {
        if self.winding_up {
            return;
        }
        let deed = match self.entropy.below(1000) {
            0..150 => Deed::Dial("*11".to_owned()),
            150..180 => Deed::Dial("*12".to_owned()),
            180..195 => Deed::Dial("*10".to_owned()),
            195..215 => Deed::Dial(self.somewhere()),
            215..225 => Deed::Rebind,
            225..230 => Deed::PowerCycle,
            _ => {
                self.deeds.paperwork_forgotten += 1;
                return self.soon(world, id, (300_000, 900_000), Deed::Dial("*11".to_owned()));
            }
        };
        let away = matches!(&deed, Deed::Dial(code) if code != "*11");
        self.soon(world, id, (1_000, 25_000), deed);
        if away {
            self.soon(world, id, (60_000, 600_000), Deed::Dial("*11".to_owned()));
        }
    }
}
