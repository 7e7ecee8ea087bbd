//! Names of the dialplan's things: stable from one version of the dialplan to the next.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as written in the dialplan.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                $name(name.into())
            }
        }
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), &self.0)
            }
        }
    )*};
}

names! {
    /// An agent's account: the extension, such as `201`.
    AgentId;
    /// A list of callers.
    CallersId;
    /// A clinic.
    ClinicId;
    /// A group of agents.
    GroupId;
    /// A menu of the robot.
    MenuId;
    /// An organisation that is told of cases: a department, a pharmacy, a clinic.
    OrganisationId;
    /// A telephone outside.
    OutsideId;
    /// A prompt, as in the manifest of `prompts/`.
    PromptName;
    /// A queue; it serves one topic.
    QueueId;
    /// A retired number with its announcement.
    RetiredId;
    /// A schedule.
    ScheduleId;
    /// A site where agents sit.
    SiteId;
    /// A trunk.
    TrunkId;
}
