//! Clinics: silent, busy, quick, or answering as the line gives up; and those that forward.

use sip::{HeaderName, StatusCode};

use super::{Deed, Person, Population, one_of};
use crate::phone::{Diversion, News};
use crate::{PhoneId, World};

/// A clinic's phone.
#[derive(Debug, Default)]
pub(super) struct Clinic {
    /// How many calls are over.
    pub(super) calls: u32,
}

impl Population {
    pub(super) fn clinic_hears(&mut self, world: &mut World, id: PhoneId, news: News) {
        match news {
            News::Rings => self.clinic_is_rung(world, id),
            News::Talks => {
                self.soon(world, id, (3_000, 120_000), Deed::HangUp);
            }
            News::Ended | News::Refused(_) => {
                self.count_call(id);
                self.clinic_changes_habits(world, id);
            }
            News::Registered(_) | News::Transfer(_) | News::Hears(_) => {}
        }
    }

    fn clinic_is_rung(&mut self, world: &mut World, id: PhoneId) {
        match self.entropy.below(12) {
            0 | 1 => self.soon(world, id, (100, 3_000), Deed::Refuse(486)),
            2 => self.soon(world, id, (100, 30_000), Deed::Refuse(603)),
            // The clinic answers as its minute is over.
            late @ 3..=5 => {
                self.deeds.clinics_late += 1;
                let by = if late == 5 { 10 } else { 100 };
                self.soon(world, id, (60_000 - by, 60_000 + by), Deed::Answer);
            }
            6 | 7 => self.soon(world, id, (200, 30_000), Deed::Answer),
            8 => {
                // Its PBX calls us back for the caller.
                let diversion = "<sip:270001@pbx.example>;reason=no-answer".to_owned();
                let number = if self.chance(500) { "122" } else { "270001" };
                world.dial_with(id, number, vec![(HeaderName::Diversion, diversion)]);
                self.soon(world, id, (5_000, 60_000), Deed::HangUp);
            }
            _ => self.deeds.clinics_silent += 1,
        }
    }

    fn clinic_changes_habits(&mut self, world: &mut World, id: PhoneId) {
        let refuses = match self.entropy.below(20) {
            0 => Some(StatusCode(302)),
            1 => Some(StatusCode(486)),
            2 => Some(StatusCode(503)),
            3 => Some(StatusCode(404)),
            4 | 5 => return self.clinic_diverts(world, id),
            _ => None,
        };
        let Some(Person::Clinic(_)) = self.people.get(&id) else { return };
        world.phone_mut(id).refuses = refuses;
    }

    /// For a while its exchange sends all calls on, often to where they come from.
    fn clinic_diverts(&mut self, world: &mut World, id: PhoneId) {
        let number = match self.entropy.below(3) {
            0 => "122".to_owned(),
            _ if self.clinics.is_empty() => return,
            _ => one_of(&self.clinics, &mut self.entropy),
        };
        let to = Some(Diversion { number, changes: self.chance(500) });
        self.perform(world, id, Deed::Divert(to));
        self.soon(world, id, (20_000, 200_000), Deed::Divert(None));
    }
}
