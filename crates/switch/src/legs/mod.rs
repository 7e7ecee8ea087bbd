//! Legs: one INVITE usage each (RFC 3261 §12–15), with offer and answer, reliable provisionals,
//! session timers, hold and REFER.
//!
//! [`Legs`] speaks SIP so that call control need not: call control says ring, answer, invite, hang
//! up, and is told [`LegEvent`]s.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `event.rs` | what a leg tells call control |
//! | `leg.rs` | one leg's state |
//! | `incoming.rs` | an INVITE we received, until its ACK |
//! | `reliable.rs` | its reliable provisional responses (RFC 3262) |
//! | `outgoing.rs` | an INVITE we sent, until our ACK |
//! | `peer_requests.rs` | what the peer asks for within the dialog |
//! | `late.rs` | answers to INVITEs that we have given up |
//! | `our_requests.rs` | what we ask for: the end, a sign of life, a new description |
//! | `refer.rs` | REFER and its NOTIFYs, theirs and ours (RFC 3515) |
//! | `resume.rs` | a leg that outlives the program |
//! | `replaces.rs` | which leg an INVITE with Replaces means (RFC 3891) |
//! | `offer_answer.rs` | session descriptions of one leg (RFC 3264) |
//! | `security.rs` | how its media is protected (RFC 4568, RFC 5763, RFC 8643), and ICE (RFC 8839) |
//! | `session_timer.rs` | RFC 4028 |

mod event;
mod incoming;
mod late;
mod leg;
mod offer_answer;
mod our_requests;
mod outgoing;
mod peer_requests;
mod refer;
mod reliable;
mod replaces;
mod resume;
mod security;
mod session_timer;
mod vain;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use ambient::{Entropy, Mono, Now, Timers};
use sip::sdp::Fingerprint;
use sip::values::CSeq;
use sip::{ClientTx, DialogId, Endpoint, Event, HeaderName, Message, ServerTx};

pub use event::{Ended, LegEvent, LegId, Refer};
pub use incoming::Invited;
pub use outgoing::Invite;
pub use replaces::{Replaced, Verdict, refusal_of_stray_replaces};
pub use resume::Resume;

use leg::{Leg, LegTimer, Purpose};

/// Ceiling of legs at once: two for each call that a machine of this size can carry.
pub const LEGS_MAX: usize = 100_000;

/// What all legs have in common.
#[derive(Clone, Debug)]
pub struct LegSettings {
    /// Session-Expires that we ask for.
    pub session_expires: Duration,
    /// T1 of RFC 3261, for the retransmission of 2xx.
    pub t1: Duration,
    /// T2 of RFC 3261.
    pub t2: Duration,
    /// The certificate of the media engine; `None` without DTLS.
    pub fingerprint: Option<Fingerprint>,
}

/// All legs.
#[derive(Debug)]
pub struct Legs {
    settings: LegSettings,
    entropy: Entropy,
    next: u64,
    legs: BTreeMap<LegId, Leg>,
    // Looked up, never iterated.
    by_dialog: HashMap<DialogId, LegId>,
    by_server_tx: HashMap<ServerTx, LegId>,
    by_client_tx: HashMap<ClientTx, (LegId, Purpose)>,
    timers: Timers<(LegId, LegTimer)>,
    late: late::Late,
    events: VecDeque<(LegId, LegEvent)>,
}

/// Getters.
impl Legs {
    /// The leg that a dialog belongs to, by the identity at our side; also an early one that a phone
    /// has answered our INVITE with.
    #[must_use]
    pub fn by_dialog(&self, dialog: &DialogId) -> Option<LegId> {
        self.by_dialog.get(dialog).copied()
    }

    /// The leg that an event of the endpoint belongs to.
    #[must_use]
    pub fn owner_of(&self, event: &Event) -> Option<LegId> {
        match event {
            Event::Request { message, .. } | Event::Ack { message, .. } => {
                self.by_dialog(&DialogId::of_request(message)?)
            }
            Event::StrayResponse { message } => self.by_dialog(&DialogId::of_response(message)?),
            Event::Cancelled { tx, .. } | Event::ServerDone { tx, .. } => {
                self.by_server_tx.get(tx).copied()
            }
            Event::Response { tx, .. } | Event::Failed { tx, .. } | Event::ClientDone { tx } => {
                self.by_client_tx.get(tx).map(|(leg, _)| *leg)
            }
        }
    }

    /// The leg's dialog; an INVITE of ours has one only once it is answered.
    #[must_use]
    pub fn dialog_of(&self, leg: LegId) -> Option<&DialogId> {
        Some(&self.legs.get(&leg)?.dialog.as_ref()?.id)
    }

    /// How large each table is that grows with legs: all are empty without legs.
    #[must_use]
    pub fn footprint(&self) -> [(&'static str, usize); 6] {
        [
            ("legs", self.legs.len()),
            ("dialogs of legs", self.by_dialog.len()),
            ("server transactions of legs", self.by_server_tx.len()),
            ("client transactions of legs", self.by_client_tx.len()),
            ("timers of legs", self.timers.len()),
            ("events of legs", self.events.len()),
        ]
    }

    /// How many legs there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.legs.len()
    }
}

/// Inputs; what call control asks for stands in the files beside this one.
impl Legs {
    /// No legs yet.
    #[must_use]
    pub fn new(settings: LegSettings, entropy: Entropy) -> Legs {
        Legs {
            settings,
            entropy,
            next: 0,
            legs: BTreeMap::new(),
            by_dialog: HashMap::new(),
            by_server_tx: HashMap::new(),
            by_client_tx: HashMap::new(),
            timers: Timers::default(),
            late: late::Late::default(),
            events: VecDeque::new(),
        }
    }

    /// Takes an event that [`Legs::owner_of`] says is a leg's.
    pub fn handle_event(&mut self, now: Now, endpoint: &mut Endpoint, leg: LegId, event: Event) {
        match event {
            Event::Request { tx, message, flow } => {
                self.on_request(now, endpoint, leg, tx, &message, flow);
            }
            Event::Ack { message, flow } => self.on_ack(now, endpoint, leg, &message, flow),
            Event::Cancelled { tx, .. } => self.on_cancelled(now, endpoint, leg, tx),
            Event::Response { tx, message, flow } => {
                self.on_response(now, endpoint, leg, tx, &message, flow);
            }
            Event::Failed { tx, why } => self.on_failed(now, endpoint, leg, tx, why),
            Event::ClientDone { tx } => {
                self.by_client_tx.remove(&tx);
                if let Some(leg) = self.legs.get_mut(&leg) {
                    leg.transactions -= 1;
                }
                self.forget_if_done(leg);
            }
            Event::ServerDone { tx, .. } => {
                self.by_server_tx.remove(&tx);
                self.forget_if_done(leg);
            }
            Event::StrayResponse { message } => {
                self.on_stray_response(now, endpoint, leg, &message);
            }
        }
    }

    /// The time of [`Legs::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now, endpoint: &mut Endpoint) {
        while let Some((leg, timer)) = self.timers.pop_due(now.mono) {
            match timer {
                LegTimer::Retransmit2xx => self.retransmit_2xx(now, endpoint, leg),
                LegTimer::RetransmitProvisional => self.retransmit_provisional(now, endpoint, leg),
                LegTimer::StillRinging => self.still_rings(now, endpoint, leg),
                LegTimer::Refresh | LegTimer::Offer => self.refresh_session(now, endpoint, leg),
                LegTimer::Expire => self.lose(now, endpoint, leg, "session expired"),
                LegTimer::Probe => self.lose(now, endpoint, leg, "no answer within the dialog"),
            }
        }
    }
}

/// Outputs.
impl Legs {
    /// The next thing that a leg tells.
    pub fn poll_event(&mut self) -> Option<(LegId, LegEvent)> {
        self.events.pop_front()
    }

    /// When [`Legs::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }
}

impl Legs {
    fn new_id(&mut self) -> LegId {
        self.next += 1;
        LegId(self.next)
    }

    /// Tells call control, unless it has let go of the leg.
    fn tell(&mut self, leg: LegId, event: LegEvent) {
        if self.legs.get(&leg).is_some_and(|l| !l.let_go) {
            self.events.push_back((leg, event));
        }
    }

    /// The last word about a leg: call control hears nothing of it any more.
    fn tell_last(&mut self, leg: LegId, event: LegEvent) {
        self.tell(leg, event);
        self.let_go(leg);
    }

    fn let_go(&mut self, leg: LegId) {
        for timer in LegTimer::ALL {
            self.timers.disarm(&(leg, timer));
        }
        if let Some(leg) = self.legs.get_mut(&leg) {
            leg.let_go = true;
        }
    }

    /// Frees the leg once call control has let go and no transaction of its own is left.
    fn forget_if_done(&mut self, id: LegId) {
        let Some(leg) = self.legs.get_mut(&id) else { return };
        if leg.let_go && leg.is_over() && leg.transactions == 0 {
            if let Some(dialog) = &leg.dialog {
                self.by_dialog.remove(&dialog.id);
            }
            leg.forget_early(&mut self.by_dialog);
            self.legs.remove(&id);
        }
    }
}

/// The number of a message's CSeq.
fn cseq_of(message: &Message) -> Option<u32> {
    CSeq::parse(message.header(HeaderName::CSeq)?).ok().map(|cseq| cseq.number)
}
