//! Calls to the line: from the arrival through the robot and the queue to the talk and the record.
//!
//! A [`Call`] is one value with one [`Stage`](call::Stage); each file here is what may happen in one
//! stage. A call reaches the rest of the switch through its [`Desk`].
//!
//! ```text
//!   arrive ─▶ robot ─▶ wait ⇄ ring ─▶ talk ─▶ end
//!                 └──▶ ring (a clinic, a person)   talk ─▶ transfer, replace ─▶ talk
//!          └─▶ monitor (a supervisor)              talk ◀─ monitor (takes it over)
//! ```

mod arrive;
mod call;
mod call_back;
mod call_backs;
mod card;
mod defect;
mod desk;
mod end;
mod monitor;
mod outgoing;
mod record;
mod refusal;
mod replace;
mod request;
mod resume;
mod ring;
mod robot;
mod talk;
mod transfer;
mod view;
mod wait;

use std::collections::BTreeMap;

use dialplan::QueueId;
use journal::{CallId, Entry, Origin, Sequence};
use media::StreamId;

use crate::legs::{LegEvent, LegId, refusal_of_stray_replaces};
use crate::listening::TurnId;
pub(crate) use call::Call;
pub(crate) use call_backs::CallBacks;
pub use card::Card;
pub(crate) use desk::{Book, CallSettings, Desk};

/// All calls in progress that end here.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    calls: BTreeMap<CallId, Call>,
    /// Calls that a defect has ended.
    defects: u32,
}

impl Calls {
    pub(crate) fn len(&self) -> usize {
        self.calls.len()
    }

    pub(crate) fn get(&self, id: CallId) -> Option<&Call> {
        self.calls.get(&id)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Call> {
        self.calls.values()
    }

    /// A call for us came from the proxy.
    pub(crate) fn arrive(&mut self, desk: &mut Desk<'_>, arrival: proxy::Arrival) {
        // It is no call of its own, unless it has rung at a clinic already.
        if arrival.origin == Origin::Direct
            && let Some(status) = refusal_of_stray_replaces(&arrival.request)
        {
            let proxy::Arrival { tx, request, .. } = arrival;
            return desk.legs.refuse_invite(desk.now, desk.endpoint, tx, &request, status);
        }
        let id = arrival.call;
        if let Some(call) = Call::arrive(desk, arrival) {
            self.calls.insert(id, call);
        }
    }

    /// A leg told something.
    pub(crate) fn on_leg_event(&mut self, desk: &mut Desk<'_>, leg: LegId, event: LegEvent) {
        let Some(id) = desk.book.call_of_leg(leg) else { return };
        if let LegEvent::Refer(refer) = event {
            return self.on_refer(desk, id, leg, refer);
        }
        self.with(desk, id, |call, desk| call.on_leg_event(desk, leg, event));
    }

    /// The media engine told something.
    pub(crate) fn on_media_event(&mut self, desk: &mut Desk<'_>, event: media::Event) {
        if let media::Event::Closed { stream, stats } = &event {
            return desk.on_closed(*stream, stats);
        }
        let id = desk.book.call_of_stream(stream_of(&event));
        if let media::Event::OpenFailed { stream } = &event {
            desk.on_open_failed(*stream);
        }
        let Some(id) = id else { return };
        self.with(desk, id, |call, desk| call.on_media_event(desk, event));
    }

    /// Who listens has heard something.
    pub(crate) fn on_speech(
        &mut self,
        desk: &mut Desk<'_>,
        call: CallId,
        turn: TurnId,
        what: speech::Output,
    ) {
        self.with(desk, call, |call, desk| call.on_speech(desk, turn, what));
    }

    /// The journal holds everything up to this entry.
    pub(crate) fn on_persisted(&mut self, desk: &mut Desk<'_>, upto: Sequence) {
        while let Some(id) = desk.book.next_persisted(upto) {
            self.with(desk, id, Call::on_persisted);
        }
    }

    /// The queue decided something.
    pub(crate) fn on_queue_output(&mut self, desk: &mut Desk<'_>, output: queue::Output) {
        let id = match &output {
            queue::Output::Offer { call, .. }
            | queue::Output::Connect { call, .. }
            | queue::Output::Announce { call, .. }
            | queue::Output::SendOn { call, .. }
            | queue::Output::Gone { call, .. } => *call,
            queue::Output::Withdraw { offer, .. } => match desk.book.call_of_offer(*offer) {
                Some(call) => call,
                None => return,
            },
            queue::Output::Agent(state) => {
                desk.persist(Entry::Agent(state.clone()));
                return;
            }
            queue::Output::Queue(state) => {
                desk.persist(Entry::Queue(state.clone()));
                return;
            }
            // The queue has done it; the agent sees it on the page.
            queue::Output::PutOnBreak { agent } => {
                tracing::info!(%agent, "put on a break: calls rang in vain");
                return;
            }
        };
        match self.calls.contains_key(&id) {
            true => self.with(desk, id, |call, desk| call.on_queue_output(desk, output)),
            // The call ended while the queue decided.
            false if desk.call_backs.of_call(id).is_some() => self.on_call_back_turn(desk, &output),
            false => refuse_offer(desk, &output),
        }
    }

    /// See [`Call::move_to`]; `false` as well if there is no such call.
    pub(crate) fn move_waiting(
        &mut self,
        desk: &mut Desk<'_>,
        id: CallId,
        queue: &QueueId,
        first: bool,
    ) -> bool {
        let mut moved = false;
        self.with(desk, id, |call, desk| moved = call.move_to(desk, queue, first));
        moved
    }

    /// Timers that are due.
    pub(crate) fn handle_timeout(&mut self, desk: &mut Desk<'_>) {
        desk.line_up_call_backs();
        while let Some((id, timer)) = desk.book.pop_due(desk.now) {
            self.with(desk, id, |call, desk| call.on_timer(desk, timer));
        }
    }

    /// Ends every call: the drain's limit has come.
    pub(crate) fn end_all(&mut self, desk: &mut Desk<'_>) {
        let ids: Vec<CallId> = self.calls.keys().copied().collect();
        for id in ids {
            self.with(desk, id, Call::end_by_system);
        }
    }

    /// Hands the call to `act`, and forgets it if it is over then.
    fn with(
        &mut self,
        desk: &mut Desk<'_>,
        id: CallId,
        act: impl FnOnce(&mut Call, &mut Desk<'_>),
    ) {
        let Some(call) = self.calls.get(&id) else { return };
        let span = call.span.clone();
        let _entered = span.enter();
        self.guarded(desk, id, act);
        match self.calls.get_mut(&id) {
            Some(call) if call.is_over() => {
                self.calls.remove(&id);
            }
            Some(call) => drop(call.keep_legs(desk)),
            None => {}
        }
        self.look_after_monitors(desk, id);
    }

    /// Makes a call fail, as a defect would.
    #[cfg(debug_assertions)]
    pub(crate) fn fail(&mut self, desk: &mut Desk<'_>, id: CallId) {
        self.with(desk, id, |_, _| panic!("a defect that a test asked for"));
    }
}

/// An offer for a call that is gone: the agent is to be free again at once.
fn refuse_offer(desk: &mut Desk<'_>, output: &queue::Output) {
    if let queue::Output::Offer { call, .. } | queue::Output::Connect { call, .. } = output {
        desk.queue(queue::Input::Leaves { call: *call, why: queue::LeaveReason::Abandoned });
    }
}

fn stream_of(event: &media::Event) -> StreamId {
    match event {
        media::Event::Opened { stream, .. }
        | media::Event::OpenFailed { stream }
        | media::Event::FirstPacket { stream }
        | media::Event::Key { stream, .. }
        | media::Event::Played { stream, .. }
        | media::Event::Dead { stream }
        | media::Event::Heard { stream, .. }
        | media::Event::Narrowed { stream, .. }
        | media::Event::Closed { stream, .. } => *stream,
    }
}
