//! The dialplan: what a region's line does with a call, as its telecom admin wrote it.
//!
//! [`load`] reads a folder of TOML files into a [`Dialplan`]: an immutable value with every reference
//! checked, shared by all that decide. Things are referred to by name, so that a later version of
//! the dialplan means the same things by the same names.
//!
//! A dialplan that is wrong does not load. Everything that is wrong is told at once, each as a
//! [`Diagnostic`] with its place, its cause and a remedy.
//!
//! The way of a file through this crate: `read` turns TOML into the tables of the language with the
//! place of each value (`tables`), `compile` turns those into the types of [`plan`], and `check` looks
//! at the whole: loops, and what no call can reach.
//!
//! What the dialplan says about a call is decided in [`decide`], for the running line as for
//! [`explain`], which tells the way of a call that might come. [`cases`] hold it to what an admin
//! expects of it, and [`draw`] makes a picture of it.

pub mod cases;
mod check;
mod compile;
pub mod decide;
pub mod diagnostic;
pub mod difference;
pub mod draw;
pub mod explain;
mod findings;
pub mod import;
pub mod keeping;
pub mod load;
pub mod name;
pub mod network;
pub mod number;
pub mod outgoing;
pub mod place;
pub mod plan;
pub mod prompt;
mod read;
pub mod reference;
pub mod requests;
pub mod schedule;
pub mod secret;
mod source;
mod tables;
pub mod wall;

pub use decide::ForwardCause;
pub use diagnostic::{Diagnostic, Elsewhere, Severity};
pub use difference::{Difference, FieldChange, How, Kind, difference};
pub use keeping::{Privacy, Recording};
pub use load::{load, load_str, load_with_sounds};
pub use name::{
    AgentId, CallersId, ClinicId, GroupId, MenuId, OrganisationId, OutsideId, PromptName, QueueId,
    RetiredId, ScheduleId, SiteId, TrunkId,
};
pub use network::Network;
pub use number::{Number, Numbering};
pub use outgoing::{MayCall, NumberRange, Outside};
pub use place::{Place, Places, Thing};
pub use plan::{
    Account, AccountOwner, Agent, AgentKind, AskedFor, Asks, BreakReason, Callers, Clinic, Closed,
    Contact, Destination, Dialplan, Feature, Features, ForwardOn, Group, Key, Menu, MenuChoice,
    Overflow, Phone, Queue, Region, Retired, RingOrder, Service, Site, Target, Tier, Trunk,
    TrunkKind,
};
pub use prompt::Prompt;
pub use requests::{
    CALL_BACK_HOURS, CallBackRule, DaysCounted, EscalateTo, Escalation, Organisation, Webhook,
};
pub use schedule::{Calendar, Schedule};
pub use secret::Secret;
pub use wall::{Level, QueueWall, Threshold, Wall};
