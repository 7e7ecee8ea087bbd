use serde::{Deserialize, Serialize};

use crate::{CallId, CallRecord, Origin};
use dialplan::{Number, TrunkId};

/// The place of an entry in the journal; given by the core that asks, answered when it is durable.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Sequence(pub u64);

/// One entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "entry")]
pub enum Entry {
    /// A call to the service arrived; it is answered only when this is durable.
    Arrived {
        /// The call.
        call: CallId,
        /// Milliseconds since the Unix epoch.
        at: i64,
        /// The caller's number; `None` if withheld.
        caller: Option<Number>,
        /// The dialled number.
        dialled: Number,
        /// Where it came from.
        origin: Origin,
        /// The trunk that brought it.
        #[serde(default)]
        trunk: Option<TrunkId>,
        /// The Call-ID of the caller's dialog.
        #[serde(default)]
        sip_call_id: String,
        /// Version of the dialplan.
        #[serde(default)]
        dialplan: String,
    },
    /// A call ended.
    Ended(CallRecord),
}
