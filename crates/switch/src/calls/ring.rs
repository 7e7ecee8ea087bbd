//! Phones ring for a call: an agent's for an offer of the queue, a clinic's, a person's, or a number
//! outside.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::Duration;

use dialplan::plan::RingOrder;
use dialplan::{AgentId, ClinicId, Number, OutsideId, QueueId, Target};
use journal::{CallId, HangupBy, Origin, Outcome, StepKind, Who};
use media::{Command, StreamId};
use proxy::{Dial, Entry, NoDial};
use queue::{Input, NotTaken, OfferId};
use sip::sdp::Chosen;
use sip::{HeaderName, StatusCode, UriBuf};

use super::call::{Call, Line, Next, Ring, Stage, Talk};
use super::desk::{CallTimer, Desk};
use super::refusal::{better, forward_cause, not_taken, status_of};
use super::transfer::Back;
use crate::legs::{Ended, Invite, LegEvent, LegId};

/// How long a colleague's phone or a number outside rings.
const PERSON_RINGS_FOR: Duration = Duration::from_secs(30);
/// How long the way to a number outside may be silent before it rings there: a dead server of a trunk
/// is given up after four seconds if there is another, and the last after its share of this.
const OUTSIDE_SILENT_FOR: Duration = Duration::from_secs(40);

/// Letters of what was heard that a phone shows: it has a line or two.
const SAID_SHOWN: usize = 60;

impl Ring {
    pub(super) fn new(
        who: Who,
        offer: Option<OfferId>,
        stream: StreamId,
        dials: Vec<Dial>,
    ) -> Ring {
        Ring {
            who,
            offer,
            stream,
            local: None,
            dials,
            in_order: false,
            legs: Vec::new(),
            refused: None,
            taken: None,
            prepared: None,
            ring_for: None,
            outside: None,
            is_reached: false,
            back: None,
        }
    }
}

/// Who is to ring.
impl Call {
    /// The queue offers this call to an agent.
    pub(crate) fn ring_for_offer(
        &mut self,
        desk: &mut Desk<'_>,
        offer: OfferId,
        queue: &QueueId,
        agent: AgentId,
    ) {
        if !matches!(self.stage, Stage::Waiting { ring: None, .. }) {
            return desk.queue(Input::NotTaken { offer, why: NotTaken::Unreachable });
        }
        self.queue = Some(queue.clone());
        match desk.proxy.dial_agent(desk.now, &agent) {
            Ok(dials) => {
                self.step(desk, StepKind::Offered(agent.clone()));
                desk.book.own_offer(offer, self.id);
                let stream = desk.open_stream(self.id, self.group);
                let new = Ring::new(Who::Agent(agent), Some(offer), stream, dials);
                if let Stage::Waiting { ring, .. } = &mut self.stage {
                    *ring = Some(new);
                }
            }
            Err(_) => desk.queue(Input::NotTaken { offer, why: NotTaken::Unreachable }),
        }
    }

    /// A clinic's phones, with media through us: its line is anchored, or the caller chose it in a
    /// menu.
    pub(crate) fn ring_clinic(&mut self, desk: &mut Desk<'_>, clinic: &ClinicId) {
        let Some(line) = self.plan.clinics.get(clinic) else {
            return self.end(desk, Outcome::Broken, HangupBy::System);
        };
        let (order, ring_for) = (line.order, line.ring_for);
        let dials = desk.proxy.dial_clinic(desk.now, clinic);
        self.step(desk, StepKind::ClinicRings(clinic.clone()));
        let who = Who::Clinic(clinic.clone());
        self.ring_outside_queues(desk, who, dials, ring_for, order == RingOrder::InOrder);
    }

    /// A colleague's phone; only for a call of an agent.
    pub(crate) fn ring_agent(&mut self, desk: &mut Desk<'_>, agent: &AgentId) {
        let dials = desk.proxy.dial_agent(desk.now, agent);
        self.ring_outside_queues(desk, Who::Agent(agent.clone()), dials, PERSON_RINGS_FOR, false);
    }

    /// A number outside; only for a call of an agent.
    pub(crate) fn ring_outside(&mut self, desk: &mut Desk<'_>, number: Number) {
        let may = |desk: &mut Desk<'_>| {
            self.near.as_ref().is_some_and(|by| desk.take_outgoing(self.id, by, &number))
        };
        // Where no trunk leads there is nothing to forbid.
        let dials = match desk.proxy.dial_outside(&number) {
            Ok(dials) if may(desk) => Ok(dials),
            Ok(_) => Err(NoDial::Forbidden),
            Err(why) => Err(why),
        };
        self.ring_outside_queues(desk, Who::Outside(number), dials, OUTSIDE_SILENT_FOR, true);
    }

    /// A telephone outside to which the dialplan sends the call.
    pub(crate) fn ring_named_outside(&mut self, desk: &mut Desk<'_>, id: &OutsideId) {
        let Some(outside) = self.plan.outside.get(id).cloned() else {
            return self.end(desk, Outcome::Broken, HangupBy::System);
        };
        let dials = match desk.proxy.dial_outside(&outside.number) {
            Ok(dials) if desk.take_outside(self.id, &outside) => Ok(dials),
            Ok(_) => Err(NoDial::Forbidden),
            Err(why) => Err(why),
        };
        self.step(desk, StepKind::RingsOutside(outside.id.clone()));
        let who = Who::Outside(outside.number);
        self.ring_outside_queues(desk, who, dials, OUTSIDE_SILENT_FOR, true);
        if let Some(ring) = self.ring_mut() {
            ring.outside = Some(outside.id);
        }
    }

    fn ring_outside_queues(
        &mut self,
        desk: &mut Desk<'_>,
        who: Who,
        dials: Result<Vec<Dial>, NoDial>,
        ring_for: Duration,
        in_order: bool,
    ) {
        let (dials, refused) = match dials {
            Ok(dials) => (dials, None),
            Err(why) => (Vec::new(), Some(status_of(why))),
        };
        let stream = desk.open_stream(self.id, self.group);
        let mut ring = Ring::new(who, None, stream, dials);
        ring.refused = refused;
        ring.in_order = in_order;
        ring.ring_for = Some(ring_for);
        if self.answered {
            self.caller.play(desk, vec!["tone/ringback".into()], true);
        }
        self.enter(desk, Stage::Ringing(ring));
    }

    /// Rings for a transfer by an agent; whose outcome the talk hears.
    pub(crate) fn transfer_ring(
        &self,
        desk: &mut Desk<'_>,
        by: &AgentId,
        entry: &Entry,
    ) -> Result<Ring, StatusCode> {
        let (who, dials) = match entry {
            Entry::Agent(agent) if desk.book.is_in_call(agent) => return Err(StatusCode(486)),
            Entry::Agent(agent) => {
                (Who::Agent(agent.clone()), desk.proxy.dial_agent(desk.now, agent))
            }
            Entry::Outside(number) => {
                let dials = desk.proxy.dial_outside(number);
                if dials.is_ok() && !desk.take_outgoing(self.id, by, number) {
                    return Err(StatusCode(403));
                }
                (Who::Outside(number.clone()), dials)
            }
            Entry::Target(Target::Clinic(clinic)) => {
                (Who::Clinic(clinic.clone()), desk.proxy.dial_clinic(desk.now, clinic))
            }
            Entry::Target(_) | Entry::Retired { .. } | Entry::Feature(_) | Entry::Monitor(_) => {
                return Err(StatusCode(404));
            }
        };
        let is_outside = matches!(who, Who::Outside(_));
        let dials = dials.map_err(status_of)?;
        let stream = desk.open_stream(self.id, self.group);
        let mut ring = Ring::new(who, None, stream, dials);
        // The addresses of a trunk are ways to one phone.
        ring.in_order = is_outside;
        ring.ring_for = Some(if is_outside { OUTSIDE_SILENT_FOR } else { PERSON_RINGS_FOR });
        Ok(ring)
    }
}

/// What happens while phones ring.
impl Call {
    /// The phones that ring for this call in whatever stage.
    pub(super) fn ring_mut(&mut self) -> Option<&mut Ring> {
        match &mut self.stage {
            Stage::Waiting { ring, .. } => ring.as_mut(),
            Stage::Ringing(ring) => Some(ring),
            Stage::CallingBack(calling) => Some(&mut calling.ring),
            Stage::Talking(talk) => talk.transfer.as_mut().map(|transfer| &mut transfer.ring),
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => None,
        }
    }

    pub(super) fn ring(&self) -> Option<&Ring> {
        match &self.stage {
            Stage::Waiting { ring, .. } => ring.as_ref(),
            Stage::Ringing(ring) => Some(ring),
            Stage::CallingBack(calling) => Some(&calling.ring),
            Stage::Talking(talk) => talk.transfer.as_ref().map(|transfer| &transfer.ring),
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => None,
        }
    }

    pub(crate) fn on_ring_opened(
        &mut self,
        desk: &mut Desk<'_>,
        stream: StreamId,
        local: SocketAddr,
    ) {
        let id = self.id;
        let Some(ring) = self.ring_mut().filter(|ring| ring.stream == stream) else { return };
        ring.local = Some(local);
        if let Some(mut ring_for) = ring.ring_for {
            if ring.in_order && ring.dials.len() > 1 {
                // Each phone in turn has its share of the time.
                ring_for /= u32::try_from(ring.dials.len()).unwrap_or(1);
                ring.ring_for = Some(ring_for);
            }
            desk.arm(id, CallTimer::Ring, ring_for);
        }
        self.dial_next(desk);
    }

    pub(crate) fn on_ring_open_failed(&mut self, desk: &mut Desk<'_>, stream: StreamId) {
        if let Some(ring) = self.ring_mut().filter(|ring| ring.stream == stream) {
            ring.dials.clear();
            ring.refused = Some(StatusCode(503));
            self.on_ring_failed(desk);
        }
    }

    /// Sends the INVITEs that are due: all, or the next one. With nothing left to ring the ring has
    /// failed.
    fn dial_next(&mut self, desk: &mut Desk<'_>) {
        let (display, from) = (self.display(), self.caller_uri(desk));
        let (id, prefer, contact_user) =
            (self.id, self.caller.codec(), self.dialled.as_str().to_owned());
        let Some(ring) = self.ring_mut() else { return };
        let Some(local) = ring.local else { return };
        let count = if ring.in_order { 1 } else { ring.dials.len() };
        let due: Vec<Dial> = ring.dials.drain(..count.min(ring.dials.len())).collect();
        // A citizen's phone need not say what the call is about.
        let is_outside = matches!(ring.who, Who::Outside(_));
        for mut dial in due {
            // A trunk takes only the number of its contract; our own phones see the caller's.
            if !is_outside && let Some(from) = &from {
                dial.from_uri = from.clone();
            }
            let invite = Invite {
                dial,
                display: if is_outside { "".into() } else { display.clone().into() },
                contact_user: contact_user.clone().into(),
                local,
                prefer,
                headers: if is_outside { Vec::new() } else { vec![about_call(id)] },
                has_other_way: ring.in_order && !ring.dials.is_empty(),
            };
            match desk.invite(id, invite) {
                Some(leg) => ring.legs.push(leg),
                None => ring.refused = Some(StatusCode(503)),
            }
        }
        if ring.legs.is_empty() && ring.dials.is_empty() {
            self.on_ring_failed(desk);
        }
    }

    /// What the ringing phone shows: the topic, the clinic, who the caller is known to be, what the caller
    /// has told the robot, and what the robot heard and did not understand.
    fn display(&self) -> String {
        let topic = self.queue.as_ref().and_then(|q| self.plan.queues.get(q)).map(|q| &*q.topic);
        let callers = self.callers().map(|callers| &*callers.title);
        let known: Vec<&str> =
            [topic, self.origin_title(), callers].into_iter().flatten().collect();
        let told = self.told().map(|(_, answer)| answer);
        let known: Vec<&str> = known.into_iter().chain(told).collect();
        let mut display = known.join(" · ");
        let riddle = self.said().next_back().filter(|said| !said.is_understood);
        if let Some(said) = riddle.filter(|said| !said.text.is_empty()) {
            let text: String = said.text.chars().take(SAID_SHOWN).collect();
            let _ = write!(display, " · «{text}»");
        }
        display
    }

    /// From's URI on our own phones: the caller's number.
    fn caller_uri(&self, desk: &Desk<'_>) -> Option<UriBuf> {
        let uri = match &self.shown {
            Some(number) => format!("sip:{}@{}", number.as_str(), desk.settings.realm),
            None => "sip:anonymous@anonymous.invalid".to_owned(),
        };
        UriBuf::parse(&uri).ok()
    }

    pub(crate) fn on_ring_event(&mut self, desk: &mut Desk<'_>, leg: LegId, event: LegEvent) {
        match event {
            LegEvent::Ringing => {
                self.note_reached(desk);
                if matches!(self.stage, Stage::Ringing(_)) && !self.answered {
                    let caller = self.caller.leg;
                    desk.legs.ring(desk.now, desk.endpoint, caller, StatusCode(180));
                }
            }
            LegEvent::EarlyMedia(chosen) => {
                self.note_reached(desk);
                match chosen.ice {
                    Some(_) => self.prepare(desk, leg, chosen),
                    None => self.on_early_media(desk, leg, chosen),
                }
            }
            LegEvent::Answered(chosen) => {
                let Some(ring) = self.ring_mut() else { return };
                let mut line = Line::new(leg, ring.stream);
                line.agree(desk, chosen);
                let others: Vec<LegId> =
                    ring.legs.drain(..).filter(|other| *other != leg).collect();
                for other in others {
                    desk.hang_up(other);
                }
                self.on_taken(desk, line);
            }
            LegEvent::Refused(status) => self.on_phone_lost(desk, leg, status),
            LegEvent::Ended(why) => {
                let status = match why {
                    Ended::ByPeer => StatusCode(603),
                    Ended::Lost => StatusCode(503),
                };
                self.on_phone_lost(desk, leg, status);
            }
            // Not before the talk.
            LegEvent::Media(_)
            | LegEvent::Key(_)
            | LegEvent::Refer(_)
            | LegEvent::Referred(_)
            | LegEvent::Alive => {}
        }
    }

    /// It rings outside: from now on the time runs that a person has, and no other way is tried.
    fn note_reached(&mut self, desk: &mut Desk<'_>) {
        let id = self.id;
        let Some(ring) = self.ring_mut() else { return };
        if matches!(ring.who, Who::Outside(_)) && !std::mem::replace(&mut ring.is_reached, true) {
            let named = ring.outside.clone().and_then(|outside| self.plan.outside.get(&outside));
            let rings_for = named.map_or(PERSON_RINGS_FOR, |outside| outside.ring_for);
            desk.arm(id, CallTimer::Ring, rings_for);
        }
    }

    /// A browser's page says where its media is while it rings, so that ICE and DTLS are done when somebody
    /// answers there. Of several the first is made ready; another one that answers begins then.
    fn prepare(&mut self, desk: &mut Desk<'_>, leg: LegId, chosen: Chosen) {
        let Some(ring) = self.ring_mut() else { return };
        if *ring.prepared.get_or_insert(leg) == leg {
            Line::new(leg, ring.stream).agree(desk, chosen);
        }
    }

    /// The network speaks before the answer: whoever called out hears it.
    fn on_early_media(&mut self, desk: &mut Desk<'_>, leg: LegId, chosen: Chosen) {
        let caller = self.caller.stream;
        let Stage::Ringing(Ring { who: Who::Outside(_), stream, .. }) = &self.stage else { return };
        let stream = *stream;
        Line::new(leg, stream).agree(desk, chosen);
        if !self.answered && self.caller.agreed.is_none() {
            desk.legs.early_media(desk.now, desk.endpoint, self.caller.leg);
        }
        desk.media(Command::Stop { stream: caller });
        desk.media(Command::Bridge { a: caller, b: stream });
    }

    /// A phone answered.
    pub(super) fn on_taken(&mut self, desk: &mut Desk<'_>, line: Line) {
        desk.disarm(self.id, CallTimer::Ring);
        match &mut self.stage {
            Stage::Waiting { ring: Some(ring), .. } => {
                ring.taken = Some(line);
                if let Some(offer) = ring.offer {
                    desk.queue(Input::Taken { offer });
                }
            }
            Stage::Ringing(ring) => {
                let (who, back) = (ring.who.clone(), ring.back.take());
                if let Some(outside) = ring.outside.take() {
                    self.step(desk, StepKind::ConnectedOutside(outside));
                }
                self.on_ringing_taken(desk, who, back, line);
            }
            Stage::CallingBack(_) => self.on_citizen_answered(desk, line),
            Stage::Talking(_) => self.on_transfer_taken(desk, line),
            Stage::Waiting { ring: None, .. }
            | Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => desk.hang_up(line.leg),
        }
    }

    fn on_ringing_taken(&mut self, desk: &mut Desk<'_>, who: Who, back: Option<Back>, line: Line) {
        if let Who::Agent(agent) = &who {
            desk.agent_joins(agent, self.id, self.group, false);
        }
        let handed_on_by = back.map(|back| back.to).filter(|by| who != Who::Agent(by.clone()));
        match (&who, handed_on_by) {
            (_, Some(by)) => {
                desk.agent_leaves(&by, self.id);
                self.step(desk, StepKind::Transferred(who.to_string()));
            }
            (Who::Clinic(clinic), None) => {
                self.step(desk, StepKind::ConnectedToClinic(clinic.clone()));
            }
            (Who::Agent(agent), None) => self.step(desk, StepKind::Connected(agent.clone())),
            (Who::Outside(_), None) => {}
        }
        self.begin_talk(desk, Talk::new(who, line));
    }

    /// A phone will not answer, or answered and was lost before the talk.
    fn on_phone_lost(&mut self, desk: &mut Desk<'_>, leg: LegId, status: StatusCode) {
        desk.forget_leg(leg);
        let Some(ring) = self.ring_mut() else { return };
        ring.legs.retain(|other| *other != leg);
        if ring.taken.as_ref().is_some_and(|line| line.leg == leg) {
            ring.taken = None;
        }
        ring.refused = Some(better(ring.refused, status));
        if !ring.legs.is_empty() {
            return;
        }
        if ring.dials.is_empty() {
            return self.on_ring_failed(desk);
        }
        if std::mem::take(&mut ring.is_reached)
            && let Some(ring_for) = ring.ring_for
        {
            desk.arm(self.id, CallTimer::Ring, ring_for);
        }
        self.dial_next(desk);
    }

    pub(crate) fn on_ring_timeout(&mut self, desk: &mut Desk<'_>) {
        let id = self.id;
        let Some(ring) = self.ring_mut() else { return };
        let silent: Vec<LegId> = ring.legs.drain(..).collect();
        ring.refused = Some(StatusCode(408));
        let again = ring.ring_for.filter(|_| !ring.dials.is_empty() && !ring.is_reached);
        for leg in silent {
            desk.hang_up(leg);
        }
        match again {
            Some(ring_for) => {
                desk.arm(id, CallTimer::Ring, ring_for);
                self.dial_next(desk);
            }
            None => self.on_ring_failed(desk),
        }
    }

    /// Nobody answered.
    fn on_ring_failed(&mut self, desk: &mut Desk<'_>) {
        desk.disarm(self.id, CallTimer::Ring);
        match &mut self.stage {
            Stage::Waiting { ring, .. } => {
                let Some(ring) = ring.take() else { return };
                let (offer, status) = (ring.offer, ring.refused.unwrap_or(StatusCode(480)));
                self.note_not_taken(desk, &ring);
                self.stop_ring(desk, ring);
                if let Some(offer) = offer {
                    desk.book.forget_offer(offer);
                    desk.queue(Input::NotTaken { offer, why: not_taken(status) });
                }
            }
            Stage::Ringing(_) => {
                if let Stage::Ringing(ring) = std::mem::replace(&mut self.stage, Stage::Over) {
                    self.on_ringing_failed(desk, ring);
                }
            }
            Stage::CallingBack(calling) => {
                let status = calling.ring.refused.unwrap_or(StatusCode(480));
                self.on_citizen_away(desk, status);
            }
            Stage::Talking(_) => self.on_transfer_failed(desk),
            Stage::Arriving { .. }
            | Stage::Menu(_)
            | Stage::Announcing { .. }
            | Stage::LeavingRequest { .. }
            | Stage::Monitoring(_)
            | Stage::Resuming(_)
            | Stage::Over => {}
        }
    }

    fn on_ringing_failed(&mut self, desk: &mut Desk<'_>, mut ring: Ring) {
        let status = ring.refused.unwrap_or(StatusCode(480));
        let (who, back, outside) = (ring.who.clone(), ring.back.take(), ring.outside.take());
        self.note_not_taken(desk, &ring);
        self.stop_ring(desk, ring);
        if let Some(back) = back {
            return self.go_back(desk, back);
        }
        if let Some(outside) = outside
            && let Some(to) = self.plan.outside.get(&outside).map(|known| known.otherwise.clone())
        {
            desk.book.outgoing.failed(self.id);
            return self.go_to(desk, &to);
        }
        let cause = forward_cause(status);
        if let Who::Clinic(clinic) = &who
            && let Some(line) = self.plan.clinics.get(clinic)
            && let Some(to) = line.passes_on(cause).cloned()
        {
            self.origin = Origin::Clinic { clinic: clinic.clone(), cause };
            self.step(desk, StepKind::Forwarded(cause));
            desk.counters.calls_forwarded_from_clinics_total += 1;
            if !self.answered {
                desk.legs.ring(desk.now, desk.endpoint, self.caller.leg, StatusCode(181));
            }
            return self.come_to_line(desk, to);
        }
        if self.answered {
            self.announce(desk, vec!["transfer-failed".into()], Next::End(Outcome::Refused));
        } else {
            desk.legs.reject(desk.now, desk.endpoint, self.caller.leg, status, None);
            self.end(desk, Outcome::Refused, HangupBy::System);
        }
    }

    pub(crate) fn note_not_taken(&mut self, desk: &mut Desk<'_>, ring: &Ring) {
        if let Who::Agent(agent) = &ring.who {
            self.step(desk, StepKind::NotTaken(agent.clone()));
        }
    }

    /// Ends all phones of a ring and frees its stream; an agent who handed the caller on has done
    /// with the call.
    pub(crate) fn stop_ring(&mut self, desk: &mut Desk<'_>, ring: Ring) {
        desk.disarm(self.id, CallTimer::Ring);
        let taken = ring.taken.map(|line| line.leg);
        for leg in ring.legs.into_iter().chain(taken) {
            desk.hang_up(leg);
        }
        desk.close_stream(ring.stream);
        if let Some(back) = ring.back {
            desk.agent_leaves(&back.to, self.id);
        }
    }
}

/// Names the call to a desk, which asks the line about it (RFC 3261 §20.9).
fn about_call(call: CallId) -> (HeaderName, String) {
    (HeaderName::CallInfo, format!("<line122:call/{call}>;purpose=info"))
}
