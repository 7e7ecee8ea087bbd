use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::SavedFlow;

/// Where an account can be reached (RFC 3261 §10), as it is known again after a restart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedBinding {
    /// The Contact URI.
    pub contact: String,
    /// Preference in thousandths.
    pub q: u16,
    /// When it ends, in milliseconds since the Unix epoch.
    pub expires: i64,
    /// Call-ID of the REGISTER that made it.
    pub call_id: String,
    /// Its CSeq.
    pub cseq: u32,
    /// Path of the REGISTER, top first (RFC 3327).
    pub path: Vec<String>,
    /// The way back over which it came, if requests take it; else they go to the contact.
    pub flow: Option<SavedFlow>,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    /// `+sip.instance` (RFC 5626).
    pub instance: Option<String>,
    /// `reg-id` (RFC 5626).
    pub reg_id: Option<u32>,
}
