//! Lines of clinics, and numbers that are no longer in use.

use std::time::Duration;

use super::Target;
use crate::{ClinicId, MenuId, Number, PromptName, RetiredId};

/// Which outcomes of ringing a clinic send the call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ForwardOn {
    /// Nobody answered in time.
    pub no_answer: bool,
    /// Busy or rejected.
    pub busy: bool,
    /// No phone registered, no route, an error.
    pub unreachable: bool,
}

/// In which order a clinic's phones ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RingOrder {
    /// All at once.
    Parallel,
    /// One after another, each for its share of the time.
    InOrder,
}

/// A clinic's line.
#[derive(Clone, Debug)]
pub struct Clinic {
    /// Its name, in its own key.
    pub id: ClinicId,
    /// Shown to operators.
    pub title: Box<str>,
    /// What callers call it besides.
    pub words: Vec<Box<str>>,
    /// Asked when a menu asks for a clinic and it is not sure that this one was named; empty if that is not
    /// asked.
    pub ask: Vec<PromptName>,
    /// Its numbers, also as a diverting number.
    pub numbers: Vec<Number>,
    /// The phones to ring, in the order of the dialplan.
    pub ring: Vec<Phone>,
    /// In which order they ring.
    pub order: RingOrder,
    /// How long the clinic has before the call goes on.
    pub ring_for: Duration,
    /// When the call goes on.
    pub forward_on: ForwardOn,
    /// Where it goes.
    pub forward_to: Target,
    /// A line that begins with a menu; `None` rings the clinic first.
    pub begin_with: Option<MenuId>,
    /// Media through the engine instead of directly between the parties.
    pub anchored: bool,
    /// Whom to call about what is stuck.
    pub contact: Option<Contact>,
}

/// A phone of a clinic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phone {
    /// One that registers here, by its user name in [`Dialplan::accounts`](super::Dialplan::accounts).
    Registered(Box<str>),
    /// One at an address: a SIP URI.
    At(Box<str>),
}

/// A person to turn to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// Who it is.
    pub name: Box<str>,
    /// The person's number.
    pub phone: Number,
}

/// A number that is no longer in use.
#[derive(Clone, Debug)]
pub struct Retired {
    /// Its name, in its own key.
    pub id: RetiredId,
    /// The numbers.
    pub numbers: Vec<Number>,
    /// The announcement.
    pub announce: PromptName,
    /// Where the call goes after it.
    pub then: Target,
}
