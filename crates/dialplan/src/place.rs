//! Where in the files each thing of the dialplan was written.
//!
//! Places stand beside the dialplan, not in its parts: two versions that say the same are equal
//! though one has an empty line more.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::{
    AgentId, CallersId, ClinicId, Dialplan, GroupId, MenuId, Number, OrganisationId, OutsideId,
    PromptName, QueueId, RetiredId, ScheduleId, SiteId, TrunkId,
};

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file, by its name within the dialplan's folder.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
}

/// A thing that a dialplan describes, by the way to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// `[region]`
    Region,
    /// `[service]`
    Service,
    /// A number in normal form; its place is where it was given to whom it leads to.
    Number(Number),
    /// `[callers.NAME]`
    Callers(CallersId),
    /// `[clinic_defaults]`
    ClinicDefaults,
    /// `[clinics.NAME]`
    Clinic(ClinicId),
    /// `[retired.NAME]`
    Retired(RetiredId),
    /// `[outside.NAME]`
    Outside(OutsideId),
    /// `[prompts.NAME]`
    Prompt(PromptName),
    /// `[schedules.NAME]`
    Schedule(ScheduleId),
    /// `[menu_defaults]`
    MenuDefaults,
    /// `[menus.NAME]`
    Menu(MenuId),
    /// `[[menus.NAME.choice]]`, by its index in [`Menu::choices`](crate::Menu::choices).
    Choice(MenuId, usize),
    /// `[queue_defaults]`
    QueueDefaults,
    /// `[queues.NAME]`
    Queue(QueueId),
    /// One of a queue's `serve`, by its index in [`Queue::serve`](crate::Queue::serve).
    Tier(QueueId, usize),
    /// `[organisations.NAME]`
    Organisation(OrganisationId),
    /// `[groups.NAME]`
    Group(GroupId),
    /// `[sites.NAME]`
    Site(SiteId),
    /// An agent, also of a range such as `[agents.201-205]`.
    Agent(AgentId),
    /// `[trunks.NAME]`
    Trunk(TrunkId),
    /// `[features]`
    Features,
}

/// The places of all things, and of the keys written in their tables.
#[derive(Clone, Debug, Default)]
pub struct Places {
    things: BTreeMap<Thing, Written>,
}

/// Where a thing stands, and each key of its table.
#[derive(Clone, Debug)]
struct Written {
    place: Place,
    keys: Box<[(&'static str, Place)]>,
}

impl Places {
    /// Where a thing begins: the line with its name.
    #[must_use]
    pub fn of(&self, thing: &Thing) -> Option<&Place> {
        self.things.get(thing).map(|written| &written.place)
    }

    /// Where a key of the thing's table is written, there or in the table of defaults; `None` if
    /// nobody wrote it, so that what holds unless somebody does is at work.
    #[must_use]
    pub fn of_key(&self, thing: &Thing, key: &str) -> Option<&Place> {
        let own = |thing: &Thing| {
            let keys = &self.things.get(thing)?.keys;
            keys.iter().find(|(name, _)| *name == key).map(|(_, place)| place)
        };
        own(thing).or_else(|| own(&thing.defaults()?))
    }

    /// Where a key is written, or else where its thing begins.
    #[must_use]
    pub fn of_key_or_thing(&self, thing: &Thing, key: &str) -> Option<&Place> {
        self.of_key(thing, key).or_else(|| self.of(thing))
    }

    /// Adds a thing with the keys written in its table.
    pub(crate) fn add(&mut self, thing: Thing, place: Place, keys: Vec<(&'static str, Place)>) {
        self.things.insert(thing, Written { place, keys: keys.into() });
    }
}

impl Thing {
    /// The thing as a dialplan refers to it, such as `menu:main`; a choice with its key:
    /// `menu:main 1`.
    #[must_use]
    pub fn name(&self, plan: &Dialplan) -> String {
        match self {
            Thing::Region => "region".to_owned(),
            Thing::Service => "service".to_owned(),
            Thing::Number(number) => number.to_string(),
            Thing::Callers(id) => format!("callers:{id}"),
            Thing::ClinicDefaults => "clinic_defaults".to_owned(),
            Thing::Clinic(id) => format!("clinic:{id}"),
            Thing::Retired(id) => format!("retired:{id}"),
            Thing::Outside(id) => format!("outside:{id}"),
            Thing::Prompt(name) => format!("prompt:{name}"),
            Thing::Schedule(id) => format!("schedule:{id}"),
            Thing::MenuDefaults => "menu_defaults".to_owned(),
            Thing::Menu(id) => format!("menu:{id}"),
            Thing::Choice(id, index) => {
                let choice = plan.menus.get(id).and_then(|menu| menu.choices.get(*index));
                format!("menu:{id} {}", choice.map_or('?', |choice| choice.key.label()))
            }
            Thing::QueueDefaults => "queue_defaults".to_owned(),
            Thing::Queue(id) => format!("queue:{id}"),
            Thing::Tier(id, index) => {
                let tier = plan.queues.get(id).and_then(|queue| queue.serve.get(*index));
                format!("queue:{id} {}", tier.map_or("?", |tier| tier.group.as_str()))
            }
            Thing::Organisation(id) => format!("organisation:{id}"),
            Thing::Group(id) => format!("group:{id}"),
            Thing::Site(id) => format!("site:{id}"),
            Thing::Agent(id) => format!("agent:{id}"),
            Thing::Trunk(id) => format!("trunk:{id}"),
            Thing::Features => "features".to_owned(),
        }
    }

    /// The table that says what this one does not.
    fn defaults(&self) -> Option<Thing> {
        match self {
            Thing::Clinic(_) => Some(Thing::ClinicDefaults),
            Thing::Menu(_) => Some(Thing::MenuDefaults),
            Thing::Queue(_) => Some(Thing::QueueDefaults),
            Thing::Region
            | Thing::Service
            | Thing::Number(_)
            | Thing::Callers(_)
            | Thing::ClinicDefaults
            | Thing::Retired(_)
            | Thing::Outside(_)
            | Thing::Prompt(_)
            | Thing::Schedule(_)
            | Thing::MenuDefaults
            | Thing::Choice(..)
            | Thing::QueueDefaults
            | Thing::Tier(..)
            | Thing::Organisation(_)
            | Thing::Group(_)
            | Thing::Site(_)
            | Thing::Agent(_)
            | Thing::Trunk(_)
            | Thing::Features => None,
        }
    }
}

impl fmt::Display for Place {
    /// `line.toml:41`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
