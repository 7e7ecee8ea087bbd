//! One leg's state.

use std::collections::HashMap;
use std::time::Duration;

use ambient::Mono;
use sip::{ClientTx, Dialog, DialogId, Flow, Message, NextHop, ServerTx, StatusCode};

use super::LegId;
use super::offer_answer::Session;
use super::refer::Referral;
use super::reliable::Unacknowledged;
use super::session_timer::SessionTimer;
use super::vain::InVain;

/// The timers of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LegTimer {
    /// Send a 2xx to INVITE again until its ACK (RFC 3261 §13.3.1.4).
    Retransmit2xx,
    /// Send a reliable provisional again until its PRACK (RFC 3262 §3).
    RetransmitProvisional,
    /// Say again that it rings, so that no proxy gives up (RFC 3261 §13.3.1.1).
    StillRinging,
    /// Refresh the session (RFC 4028 §7.2, half of the interval).
    Refresh,
    /// Offer the changed description again: the last try crossed another transaction.
    Offer,
    /// The peer did not refresh the session (RFC 4028 §10).
    Expire,
    /// The peer did not answer a probe.
    Probe,
}

impl LegTimer {
    pub(super) const ALL: [LegTimer; 7] = [
        LegTimer::Retransmit2xx,
        LegTimer::RetransmitProvisional,
        LegTimer::StillRinging,
        LegTimer::Refresh,
        LegTimer::Offer,
        LegTimer::Expire,
        LegTimer::Probe,
    ];
}

/// What a request of ours is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The INVITE that makes the leg.
    Invite,
    /// A re-INVITE or UPDATE that refreshes the session.
    Refresh,
    /// An OPTIONS that asks whether the peer is there.
    Probe,
    /// The end.
    Bye,
    /// Our REFER.
    Refer,
    /// PRACK or NOTIFY: the outcome changes nothing.
    Aside,
}

/// Where the leg stands.
#[derive(Debug)]
pub(super) enum State {
    /// Their INVITE has no final response.
    Incoming(Box<Incoming>),
    /// Our INVITE has no final response.
    Outgoing(Box<Outgoing>),
    /// Answered.
    Established(Established),
    /// Ended by one side; transactions may still run.
    Over,
}

/// Their INVITE without a final response.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) tx: ServerTx,
    pub(super) invite: Message,
    /// The last reliable provisional, until its PRACK.
    pub(super) unacknowledged: Option<Unacknowledged>,
    /// Last RSeq used.
    pub(super) rseq: u32,
    /// Call control answered while a reliable provisional with SDP waits for its PRACK
    /// (RFC 3262 §3).
    pub(super) answer_after_prack: bool,
    /// The session was agreed in a PRACK or an UPDATE: a description in the 2xx would be an offer.
    pub(super) settled: bool,
    /// What was said last.
    pub(super) said: StatusCode,
}

/// Our INVITE without a final response.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) tx: ClientTx,
    /// The request without Via, to be sent again after a challenge or 422.
    pub(super) request: Message,
    pub(super) next_hop: NextHop,
    /// Call control knows another way: see [`Endpoint::request_briefly`].
    pub(super) has_other_way: bool,
    /// Early dialogs by their To tag, each with the last RSeq acknowledged (RFC 3262 §4).
    pub(super) early: Vec<(Dialog, u32)>,
    /// How often it was sent: challenged, or with a longer session interval.
    pub(super) attempts: u8,
}

/// An answered leg.
#[derive(Debug, Default)]
pub(super) struct Established {
    /// Our 2xx that has no ACK yet.
    pub(super) unacked: Option<Unacked>,
    /// Our ACK, sent again for each retransmission of their 2xx.
    pub(super) ack: Option<(Message, NextHop)>,
    /// Our re-INVITE in flight: its transaction, and its CSeq, which its ACK repeats.
    pub(super) reinvite: Option<(ClientTx, u32)>,
    /// Hang up as soon as the ACK is here (RFC 3261 §15: no BYE before it).
    pub(super) hang_up_after_ack: bool,
}

/// A 2xx of ours without its ACK.
#[derive(Debug)]
pub(super) struct Unacked {
    pub(super) tx: ServerTx,
    pub(super) response: Message,
    pub(super) interval: Duration,
    pub(super) until: Mono,
    /// The 2xx carried our offer; the ACK brings the answer.
    pub(super) offered: bool,
}

/// One INVITE usage.
#[derive(Debug)]
pub(super) struct Leg {
    pub(super) state: State,
    /// The dialog; for an incoming leg from the INVITE on, for an outgoing one from the 2xx on.
    pub(super) dialog: Option<Dialog>,
    /// The dialogs that provisional responses to our INVITE have made.
    pub(super) early_dialogs: Vec<DialogId>,
    /// Who rings or answers beside the one who has the dialog.
    pub(super) in_vain: InVain,
    pub(super) session: Session,
    pub(super) session_timer: SessionTimer,
    /// The way the peer's last message came.
    pub(super) flow: Flow,
    /// Requests go back over the flow instead of to the Contact: a registered phone, perhaps behind
    /// NAT, or a connection.
    pub(super) prefer_flow: bool,
    /// The user part of our Contact.
    pub(super) contact_user: Box<str>,
    /// It began with a `sips:` URI.
    pub(super) secure: bool,
    /// The peer said in Allow that it takes UPDATE.
    pub(super) peer_takes_update: bool,
    /// How to answer challenges, for a leg through a trunk that makes them.
    pub(super) login: Option<sip::digest::Client>,
    /// Their REFER whose progress is told with NOTIFY.
    pub(super) referral: Option<Referral>,
    /// Our REFER has no final word yet.
    pub(super) refers: bool,
    /// Call control has hung up or heard the end.
    pub(super) let_go: bool,
    /// Client transactions in flight.
    pub(super) transactions: usize,
}

impl Leg {
    pub(super) fn is_over(&self) -> bool {
        matches!(self.state, State::Over)
    }

    /// The dialogs that provisional responses have made are no longer known as this leg's.
    pub(super) fn forget_early(&mut self, legs: &mut HashMap<DialogId, LegId>) {
        for dialog in self.early_dialogs.drain(..) {
            legs.remove(&dialog);
        }
    }

    /// Takes a challenge to a request of ours; whether the next one can answer it.
    pub(super) fn learns_from(&mut self, challenge: &Message) -> bool {
        self.login.as_mut().is_some_and(|login| login.learn(challenge))
    }

    /// Where a request within the dialog goes.
    pub(super) fn next_hop(&self) -> NextHop {
        match &self.dialog {
            Some(dialog) if !self.prefer_flow || !dialog.route_set.is_empty() => {
                NextHop::Uri(dialog.next_hop())
            }
            _ => NextHop::Flow(self.flow.clone()),
        }
    }
}
