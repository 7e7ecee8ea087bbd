//! The compiled dialplan.

mod clinic;
mod media;
mod menu;
mod people;
mod queue;
mod target;
mod trunk;

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use ambient::Wall;
use serde::{Deserialize, Serialize};

use crate::{
    AgentId, Calendar, CallersId, ClinicId, GroupId, MayCall, MenuId, Number, Numbering,
    Organisation, OrganisationId, Outside, OutsideId, Places, Privacy, Prompt, PromptName, QueueId,
    Recording, RetiredId, Schedule, ScheduleId, SiteId, TrunkId, wall,
};

pub use clinic::{Clinic, Contact, ForwardOn, Phone, Retired, RingOrder};
pub use media::{MediaSecurity, Srtp, SrtpKeys};
pub use menu::{AskedFor, Asks, Key, Menu, MenuChoice};
pub use people::{Account, AccountOwner, Agent, AgentKind, Group, Site};
pub use queue::{Closed, Overflow, Queue, Tier};
pub use target::{BreakReason, Destination, Feature, Features, Target};
pub use trunk::{Trunk, TrunkKind};

/// A dialplan with every reference checked: looking up a name that it holds never fails.
#[derive(Clone, Debug)]
pub struct Dialplan {
    /// A short hash of the files, named in each call's record.
    pub version: Arc<str>,
    /// Where everything was written.
    pub places: Places,
    /// The region.
    pub region: Region,
    /// The line itself.
    pub service: Service,
    /// What each number leads to; numbers in normal form.
    pub numbers: HashMap<Number, Destination>,
    /// Callers whose calls to the line begin somewhere else.
    pub callers: BTreeMap<CallersId, Callers>,
    /// The list in which a caller stands; numbers in normal form.
    pub callers_by_number: HashMap<Number, CallersId>,
    /// Clinic lines.
    pub clinics: BTreeMap<ClinicId, Clinic>,
    /// Retired numbers.
    pub retired: BTreeMap<RetiredId, Retired>,
    /// Telephones outside to which calls can be sent.
    pub outside: BTreeMap<OutsideId, Outside>,
    /// Words of the region's own.
    pub prompts: BTreeMap<PromptName, Prompt>,
    /// The robot's menus.
    pub menus: BTreeMap<MenuId, Menu>,
    /// The queues.
    pub queues: BTreeMap<QueueId, Queue>,
    /// Organisations that are told of cases.
    pub organisations: BTreeMap<OrganisationId, Organisation>,
    /// Groups of agents.
    pub groups: BTreeMap<GroupId, Group>,
    /// Sites of agents.
    pub sites: BTreeMap<SiteId, Site>,
    /// The agents.
    pub agents: BTreeMap<AgentId, Agent>,
    /// How media is protected with agents' phones.
    pub agent_media: MediaSecurity,
    /// How media is protected with clinics' phones that we call ourselves.
    pub clinic_media: MediaSecurity,
    /// Who may register, by the user name of the phone: agents and clinics' phones.
    pub accounts: BTreeMap<Box<str>, Account>,
    /// Trunks.
    pub trunks: BTreeMap<TrunkId, Trunk>,
    /// Schedules.
    pub schedules: BTreeMap<ScheduleId, Schedule>,
    /// The production calendar.
    pub calendar: Arc<Calendar>,
    /// What is kept of those who call.
    pub privacy: Privacy,
    /// Whether and how it is recorded what callers say to the robot.
    pub robot_recording: Option<Recording>,
    /// What agents dial to change their duty, or to watch the talks of others.
    pub features: Features,
    /// When the wallboard warns and alarms; of queues [`Queue::wall`].
    pub wall: wall::Wall,
}

/// The region.
#[derive(Clone, Debug)]
pub struct Region {
    /// Its name.
    pub name: Box<str>,
    /// Its time zone; schedules are read in it.
    pub zone: jiff::tz::TimeZone,
    /// How it dials.
    pub numbering: Numbering,
    /// Languages in which the robot speaks, the first one unless the caller chooses: codes of ISO 639
    /// such as `ru`.
    pub languages: Vec<Box<str>>,
}

/// The line itself.
#[derive(Clone, Debug)]
pub struct Service {
    /// Its numbers in normal form; the first is shown to those we call.
    pub numbers: Vec<Number>,
    /// Where its calls begin.
    pub start: Target,
}

/// Callers whose calls to the line begin somewhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callers {
    /// Its name, in its own key.
    pub id: CallersId,
    /// Who they are; agents see it.
    pub title: Box<str>,
    /// Where their calls begin; [`Target::Hangup`] refuses them.
    pub to: Target,
}

/// A day of the region's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Day(jiff::civil::Date);

impl Dialplan {
    /// Whether the schedule holds now; no schedule always holds.
    #[must_use]
    pub fn holds(&self, schedule: Option<&ScheduleId>, at: Wall) -> bool {
        schedule.is_none_or(|id| {
            self.schedules.get(id).is_some_and(|s| s.holds_at(at, &self.region.zone))
        })
    }

    /// What an agent may call outside, by each group that the agent is in.
    pub fn may_call<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = &'a MayCall> {
        let of_agent = |group: &&Group| group.agents.contains(agent);
        self.groups.values().filter(of_agent).filter_map(|group| group.may_call.as_ref())
    }

    /// Whether an agent may watch the talks of another one, by any group that each of them is in.
    #[must_use]
    pub fn may_monitor(&self, by: &AgentId, of: &AgentId) -> bool {
        let holds =
            |group: &GroupId| self.groups.get(group).is_some_and(|group| group.agents.contains(of));
        let mut own = self.groups.values().filter(|group| group.agents.contains(by));
        by != of && own.any(|group| group.monitors.iter().any(holds))
    }

    /// The day in the region, for counting by the day.
    #[must_use]
    pub fn day(&self, at: Wall) -> Day {
        // Milliseconds that no calendar can express are one day.
        let at = jiff::Timestamp::from_millisecond(at.unix_millis()).unwrap_or_default();
        Day(self.region.zone.to_datetime(at).date())
    }

    /// The list in which a caller stands. A call that comes to the line (dialled, passed on by a clinic,
    /// or after a retired number's announcement) begins where the list says.
    #[must_use]
    pub fn callers_of(&self, caller: &Number) -> Option<&Callers> {
        self.callers.get(self.callers_by_number.get(caller)?)
    }

    /// What a number leads to that was dialled in the region.
    #[must_use]
    pub fn destination(&self, dialled: &str) -> Option<&Destination> {
        self.numbers.get(&self.region.numbering.normalise(dialled)?)
    }

    /// The trunk that requests from this address belong to: the one with the narrowest network
    /// around it.
    #[must_use]
    pub fn trunk_at(&self, source: IpAddr) -> Option<&Trunk> {
        let inside = |trunk: &&Trunk| {
            trunk.from.iter().filter(|n| n.contains(source)).map(|n| n.prefix()).max()
        };
        let by_address = self.trunks.values().filter(|trunk| trunk.certificate.is_empty());
        by_address.max_by_key(inside).filter(|trunk| inside(trunk).is_some())
    }
}
