//! The dialplan: what a region's line does with a call, as its telecom admin wrote it.
//!
//! [`load`] reads a folder of TOML files into a [`Dialplan`]: an immutable value with every reference
//! checked, shared by all that decide. Things are referred to by name, so that a later version of
//! the dialplan means the same things by the same names.

pub mod diagnostic;
pub mod load;
pub mod name;
pub mod number;
pub mod plan;
pub mod schedule;

pub use diagnostic::{Diagnostic, Severity};
pub use load::load;
pub use name::{
    AgentId, ClinicId, GroupId, MenuId, PromptName, QueueId, RetiredId, ScheduleId, SiteId, TrunkId,
};
pub use number::{Number, Numbering};
pub use plan::{
    Agent, AgentKind, BreakReason, Clinic, Destination, Dialplan, Feature, Features, ForwardOn,
    Group, Key, Menu, MenuChoice, Overflow, Queue, Region, Retired, RingOrder, Service, Site,
    Target, Tier, Trunk, TrunkKind,
};
pub use schedule::Schedule;
