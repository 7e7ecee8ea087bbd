use dialplan::{Number, TrunkId};
use serde::{Deserialize, Serialize};

use crate::{
    AgentState, CallBack, CallBackEnd, CallBackId, CallBackTry, CallId, CallRecord, Heard,
    LeftRequest, Origin, OutsideCount, QueueState, SavedBinding, SavedLeg, Side, Step,
};

/// The place of an entry in the journal; given by the core that asks, answered when it is durable.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// One entry of the journal.
///
/// What a restart has to know is told here in full: which calls live and how far they have come,
/// how their dialogs go on, who is on duty, where phones are, whom to call back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "entry")]
pub enum Entry {
    /// A call arrived; one to the line is answered only when this is durable.
    Arrived(Arrived),
    /// Something happened to a call.
    Stepped {
        /// The call.
        call: CallId,
        /// What, and when.
        step: Step,
    },
    /// A side of a call has a dialog, from now on or anew. It takes the place of the one before.
    LegUp(Box<SavedLeg>),
    /// A side of a call has no dialog any more, and the call goes on.
    LegDown {
        /// The call.
        call: CallId,
        /// Which side.
        side: Side,
    },
    /// A call ended.
    Ended(CallRecord),
    /// How a side of a call was heard; of the last ones it comes behind the end.
    Heard(Heard),
    /// The duty of an agent, or the end of the paperwork, has changed.
    Agent(AgentState),
    /// A queue was closed or opened by hand.
    Queue(QueueState),
    /// Where an account can be reached from now on; empty for nowhere.
    Bound {
        /// The account.
        account: String,
        /// All its contacts.
        bindings: Vec<SavedBinding>,
    },
    /// A call to a number outside began. It takes the place of the count before.
    OutsideCounted(OutsideCount),
    /// The robot took a request; a case is made of it.
    RequestLeft(LeftRequest),
    /// Somebody is to be called back.
    CallBackOpened(CallBack),
    /// It was tried.
    CallBackTried(CallBackTry),
    /// It is done with.
    CallBackClosed {
        /// Which.
        call_back: CallBackId,
        /// Milliseconds since the Unix epoch.
        at: i64,
        /// How.
        how: CallBackEnd,
    },
}

impl Entry {
    /// The record of a call, if the entry is one.
    #[must_use]
    pub fn record(&self) -> Option<&CallRecord> {
        if let Entry::Ended(record) = self { Some(record) } else { None }
    }

    /// The record of a call, if the entry is one.
    #[must_use]
    pub fn into_record(self) -> Option<CallRecord> {
        if let Entry::Ended(record) = self { Some(record) } else { None }
    }
}

/// A call's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrived {
    /// The call.
    pub call: CallId,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// The caller's number; `None` if withheld.
    pub caller: Option<Number>,
    /// The dialled number.
    pub dialled: Number,
    /// Where it came from.
    pub origin: Origin,
    /// The trunk that brought it.
    #[serde(default)]
    pub trunk: Option<TrunkId>,
    /// The Call-ID of the caller's dialog.
    #[serde(default)]
    pub sip_call_id: String,
    /// Version of the dialplan.
    #[serde(default)]
    pub dialplan: String,
    /// Whether it only passes through us, with media directly between its two sides.
    #[serde(default)]
    pub proxied: bool,
}
