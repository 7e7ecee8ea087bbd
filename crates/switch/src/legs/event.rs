//! What a leg tells call control.

use dialplan::Key;
use sip::sdp::Chosen;
use sip::{DialogId, StatusCode, UriBuf};

/// A leg; never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

/// What happened to a leg.
#[derive(Clone, Debug, PartialEq)]
pub enum LegEvent {
    /// Our INVITE: the phone rings.
    Ringing,
    /// Our INVITE: there is media before the answer.
    EarlyMedia(Chosen),
    /// Our INVITE: answered.
    Answered(Chosen),
    /// Our INVITE: refused, or no answer in time (408), or unreachable (503). The leg is over.
    Refused(StatusCode),
    /// Offer and answer are complete, or changed: hold, resume, another address.
    Media(Chosen),
    /// A key by INFO.
    Key(Key),
    /// The peer asks us to hand the call on (RFC 3515): to be answered with
    /// [`super::Legs::accept_refer`] or [`super::Legs::refuse_refer`].
    Refer(Refer),
    /// How the transfer goes that we asked for with [`super::Legs::refer`]; a final status is the
    /// last.
    Referred(StatusCode),
    /// The peer answered a probe: it is there.
    Alive,
    /// The leg is over.
    Ended(Ended),
}

/// What a REFER asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refer {
    /// To whom, without the embedded headers.
    pub to: UriBuf,
    /// The dialog at our side that is to be replaced (attended transfer, RFC 3891).
    pub replaces: Option<DialogId>,
}

/// Why a leg is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The peer hung up (BYE, or CANCEL before the answer).
    ByPeer,
    /// The peer is gone: no ACK, no answer to a request, an expired session.
    Lost,
}
