//! What a clinic's line does with a call.

use serde::{Deserialize, Serialize};

use crate::{Clinic, MenuId, Target};

/// Why a clinic's line passed a call on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ForwardCause {
    /// Nobody answered in time (cause 408).
    NoAnswer,
    /// Busy or rejected (486).
    Busy,
    /// No phone registered, no route, an error (503).
    Unreachable,
    /// The clinic forwards every call (302).
    Unconditional,
    /// The clinic sent this call on while it rang (480).
    Deflected,
    /// The caller chose 122 in the clinic's menu.
    Chosen,
    /// The clinic's own PBX forwarded and did not say why.
    Unknown,
}

/// How a call to a clinic's number begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClinicTakes<'a> {
    /// The clinic itself passed the call on already: it never rings there again.
    Back {
        /// Why the clinic did.
        cause: ForwardCause,
        /// Where the call goes.
        to: &'a Target,
    },
    /// With a menu, before anything rings.
    Menu(&'a MenuId),
    /// The clinic's phones ring.
    Rings,
}

impl Clinic {
    /// How a call to the clinic's number begins; `came_from` tells why the clinic had passed it on
    /// before, if it had.
    #[must_use]
    pub fn takes(&self, came_from: Option<ForwardCause>) -> ClinicTakes<'_> {
        match (came_from, &self.begin_with) {
            (Some(cause), _) => ClinicTakes::Back { cause, to: &self.forward_to },
            (None, Some(menu)) => ClinicTakes::Menu(menu),
            (None, None) => ClinicTakes::Rings,
        }
    }

    /// Where a call goes that the clinic's phones did not take; `None` if it ends with them.
    #[must_use]
    pub fn passes_on(&self, cause: ForwardCause) -> Option<&Target> {
        let goes_on = match cause {
            ForwardCause::NoAnswer => self.forward_on.no_answer,
            ForwardCause::Busy => self.forward_on.busy,
            ForwardCause::Unreachable => self.forward_on.unreachable,
            // The clinic itself wants it to go on.
            ForwardCause::Unconditional
            | ForwardCause::Deflected
            | ForwardCause::Chosen
            | ForwardCause::Unknown => true,
        };
        goes_on.then_some(&self.forward_to)
    }
}
