use std::fmt;
use std::net::SocketAddr;

use dialplan::{AgentId, ClinicId, Number, TrunkId};
use serde::{Deserialize, Serialize};

use crate::CallId;

/// A side of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Who called, or who was called back.
    Near,
    /// Who talks with the near side.
    Far,
}

/// Who is at one side of a call beside the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Who {
    /// An agent.
    Agent(AgentId),
    /// A clinic.
    Clinic(ClinicId),
    /// A number outside.
    Outside(Number),
}

impl Who {
    /// The agent, if it is one.
    #[must_use]
    pub fn agent(&self) -> Option<&AgentId> {
        if let Who::Agent(agent) = self { Some(agent) } else { None }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Who::Agent(agent) => agent.fmt(f),
            Who::Clinic(clinic) => clinic.fmt(f),
            Who::Outside(number) => number.fmt(f),
        }
    }
}

/// A side of a call that has an answered leg.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedLeg {
    /// The call.
    pub call: CallId,
    /// Which side of it.
    pub side: Side,
    /// Who it is, if not the citizen.
    pub who: Option<Who>,
    /// The trunk that carries it.
    pub trunk: Option<TrunkId>,
    /// How it goes on.
    #[serde(flatten)]
    pub kept: KeptLeg,
}

/// What is to be known of an answered leg to go on with it after a restart: its dialog
/// (RFC 3261 §12), and the way to its peer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptLeg {
    /// The dialog.
    pub dialog: SavedDialog,
    /// The way of the peer's last message.
    pub flow: SavedFlow,
    /// Requests go back over the flow instead of to the Contact.
    pub prefer_flow: bool,
    /// The user part of our Contact.
    pub contact_user: String,
    /// It began with a `sips:` URI.
    pub secure: bool,
    /// Identity of our session descriptions (`o=`, RFC 8866 §5.2).
    pub session: u64,
    /// Their last version.
    pub session_version: u64,
}

/// A dialog in the words of RFC 3261 §12.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedDialog {
    /// The Call-ID.
    pub call_id: String,
    /// Our tag.
    pub local_tag: String,
    /// The peer's tag.
    pub remote_tag: String,
    /// Our From or To with its tag.
    pub local: String,
    /// The peer's From or To with its tag.
    pub remote: String,
    /// The peer's Contact.
    pub remote_target: String,
    /// Routes of our requests, in order.
    pub route_set: Vec<String>,
    /// CSeq of our last request.
    pub local_seq: u32,
    /// CSeq of the peer's last request.
    pub remote_seq: Option<u32>,
}

/// Over which of our sockets a peer is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFlow {
    /// `udp`, `tcp` or `tls`. A connection does not outlive the program: its peer is reached anew,
    /// by its Contact.
    pub transport: String,
    /// Our address.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub remote: SocketAddr,
}
