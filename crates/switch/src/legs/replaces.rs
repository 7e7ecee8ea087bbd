//! Which leg an INVITE with Replaces wants to take the place of (RFC 3891 §3).

use sip::values::Replaces;
use sip::{HeaderName, Message, Method, StatusCode};

use super::leg::State;
use super::refer::dialog_at_our_side;
use super::{LegId, Legs};

/// The leg of a dialog that is to be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replaced {
    /// Which.
    pub leg: LegId,
    /// What its state says.
    pub verdict: Verdict,
}

/// Whether a dialog in this state can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It can: confirmed, or early and ours.
    Free,
    /// It cannot, and this is the answer.
    Refused(StatusCode),
}

impl Legs {
    /// The leg that this INVITE wants to replace; `None` if it names none, or none of ours.
    #[must_use]
    pub fn replaced_by(&self, invite: &Message) -> Option<Replaced> {
        if *invite.method() != Method::Invite {
            return None;
        }
        let replaces = read(invite).ok()??;
        let leg = self.by_dialog(&dialog_at_our_side(&replaces))?;
        let at = self.legs.get(&leg)?;
        let verdict = match &at.state {
            _ if at.let_go => Verdict::Refused(StatusCode(603)),
            // They rang us: only who was called may be replaced while it rings.
            State::Incoming(_) => Verdict::Refused(StatusCode(481)),
            State::Outgoing(_) => Verdict::Free,
            State::Established(_) if replaces.early_only => Verdict::Refused(StatusCode(486)),
            State::Established(_) => Verdict::Free,
            State::Over => Verdict::Refused(StatusCode(603)),
        };
        Some(Replaced { leg, verdict })
    }
}

/// What to answer to an INVITE with Replaces that no leg of ours fits; `None` if it has none.
#[must_use]
pub fn refusal_of_stray_replaces(invite: &Message) -> Option<StatusCode> {
    match read(invite) {
        Ok(None) => None,
        Ok(Some(_)) => Some(StatusCode(481)),
        Err(()) => Some(StatusCode(400)),
    }
}

/// Reads the header: there may be one at most.
fn read(invite: &Message) -> Result<Option<Replaces<'_>>, ()> {
    let mut all = invite.headers(HeaderName::Replaces);
    match (all.next(), all.next()) {
        (None, _) => Ok(None),
        (Some(one), None) => Replaces::parse(one).map(Some).map_err(|_| ()),
        (Some(_), Some(_)) => Err(()),
    }
}
