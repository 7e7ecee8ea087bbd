//! What a call sees of the switch: the other cores, its timers, and who owns what.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use ambient::{Mono, Now, Timers};
use dialplan::{AgentId, Dialplan, TrunkId};
use journal::{CallId, Direction, Duty, Entry, Heard, Quality, Sequence, Side};
use media::{Command, GroupKey, PlayId, RecordingId, StreamId, StreamStats};
use proxy::Proxy;
use queue::{Centre, OfferId};
use sip::Endpoint;

use super::call_backs::CallBacks;
use super::monitor::Watched;
use super::outgoing::Outgoing;
use crate::legs::{Invite, LegId, Legs};
use crate::listening::{Listening, TurnId};
use crate::status::Counters;
use crate::switch::Output;

/// What all calls have in common.
#[derive(Clone, Debug)]
pub(crate) struct CallSettings {
    /// The domain of the accounts, for From.
    pub(crate) realm: Box<str>,
    /// How long a leg's media may be silent before it is asked whether it is there.
    pub(crate) dead_media_after: Duration,
    /// What Retry-After says.
    pub(crate) retry_after: Duration,
    /// Menus can be answered by words.
    pub(crate) hears_words: bool,
}

/// The named timers of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CallTimer {
    /// Ports or the journal did not come in time.
    SetUp,
    /// The sides of a call that is taken up after a restart did not agree in time.
    Resume,
    /// The robot's own.
    Robot,
    /// The phones of a ring have rung long enough.
    Ring,
    /// The media of one side stays silent although its phone answers probes.
    SilentCaller,
    /// The same of the other side.
    SilentFar,
    /// A side that holds the other sends nothing: it is asked whether it is still there.
    HoldProbe,
    /// A supervisor has heard enough silence after the talk that was watched.
    Monitor,
}

impl CallTimer {
    const ALL: [CallTimer; 8] = [
        CallTimer::SetUp,
        CallTimer::Resume,
        CallTimer::Robot,
        CallTimer::Ring,
        CallTimer::SilentCaller,
        CallTimer::SilentFar,
        CallTimer::HoldProbe,
        CallTimer::Monitor,
    ];
}

/// Everything a call reaches while it handles one input.
pub(crate) struct Desk<'a> {
    pub(crate) now: Now,
    pub(crate) plan: &'a Arc<Dialplan>,
    pub(crate) endpoint: &'a mut Endpoint,
    pub(crate) legs: &'a mut Legs,
    pub(crate) proxy: &'a mut Proxy,
    pub(crate) centre: &'a mut Centre,
    pub(crate) book: &'a mut Book,
    pub(crate) call_backs: &'a mut CallBacks,
    pub(crate) counters: &'a mut Counters,
    pub(crate) out: &'a mut VecDeque<Output>,
    pub(crate) settings: &'a CallSettings,
}

impl Desk<'_> {
    pub(crate) fn media(&mut self, command: Command) {
        self.out.push_back(Output::Media(command));
    }

    pub(crate) fn listening(&mut self, told: Listening) {
        self.out.push_back(Output::Listen(told));
    }

    pub(crate) fn queue(&mut self, input: queue::Input) {
        self.centre.handle(self.now, input);
    }

    /// Writes to the journal. Nothing waits for it unless [`Book::wait_for`] says so.
    pub(crate) fn persist(&mut self, entry: Entry) -> Sequence {
        let sequence = self.book.next_sequence();
        self.out.push_back(Output::Persist(sequence, entry));
        sequence
    }

    /// Opens a stream for a call; its ports come with [`media::Event::Opened`].
    pub(crate) fn open_stream(&mut self, call: CallId, group: GroupKey) -> StreamId {
        let stream = self.book.new_stream(call);
        self.media(Command::Open { stream, group });
        stream
    }

    pub(crate) fn close_stream(&mut self, stream: StreamId) {
        self.book.streams.remove(&stream);
        self.media(Command::Close { stream });
    }

    /// Closes the stream of a side that took part in a call; its figures go to the journal when the
    /// engine tells them.
    pub(crate) fn close_side(
        &mut self,
        stream: StreamId,
        call: CallId,
        side: Side,
        agent: Option<&AgentId>,
    ) {
        // Of one that is closed already, or never opened, nothing more is told.
        if self.book.streams.contains_key(&stream) {
            self.book.closing.insert(stream, (call, side, agent.cloned()));
        }
        self.close_stream(stream);
    }

    /// The engine could not open a stream.
    pub(crate) fn on_open_failed(&mut self, stream: StreamId) {
        self.book.streams.remove(&stream);
        self.book.closing.remove(&stream);
    }

    /// The engine tells the last figures of a stream.
    pub(crate) fn on_closed(&mut self, stream: StreamId, stats: &StreamStats) {
        let Some((call, side, agent)) = self.book.closing.remove(&stream) else { return };
        if stats.received > 0 || stats.sent > 0 {
            let at = self.now.wall.unix_millis();
            let quality = quality(stats);
            self.persist(Entry::Heard(Heard { call, at, side, agent, quality }));
        }
    }

    /// Lets a stream hear a key that came by INFO on the other side of a bridge.
    pub(crate) fn send_key(&mut self, stream: StreamId, key: dialplan::Key) {
        let keys = vec![media::Key(key.label() as u8)];
        self.media(Command::SendKeys { stream, keys });
    }

    /// Calls one phone or server for a call; `None` if its trunk or the ceiling of legs is full.
    pub(crate) fn invite(&mut self, call: CallId, invite: Invite) -> Option<LegId> {
        let trunk = invite.dial.trunk.clone();
        if trunk.as_ref().is_some_and(|trunk| self.proxy.is_trunk_full(trunk)) {
            return None;
        }
        let leg = self.legs.invite(self.now, self.endpoint, invite)?;
        self.own_far(leg, call, trunk.as_ref());
        Some(leg)
    }

    /// A call has a leg that is called by us; it counts against its trunk.
    pub(crate) fn own_far(&mut self, leg: LegId, call: CallId, trunk: Option<&TrunkId>) {
        self.book.own_leg(leg, call);
        if let Some(trunk) = trunk {
            self.proxy.count_trunk_call(trunk, true);
            self.book.trunks.insert(leg, trunk.clone());
        }
    }

    pub(crate) fn hang_up(&mut self, leg: LegId) {
        self.forget_leg(leg);
        self.legs.hang_up(self.now, self.endpoint, leg);
    }

    pub(crate) fn forget_leg(&mut self, leg: LegId) {
        self.book.legs.remove(&leg);
        if let Some(trunk) = self.book.trunks.remove(&leg) {
            self.proxy.count_trunk_call(&trunk, false);
        }
    }

    /// The agent takes part in a call. `offered` if the queue knows, since it offered the call. Told
    /// again for the same call it changes nothing.
    pub(crate) fn agent_joins(
        &mut self,
        agent: &AgentId,
        call: CallId,
        group: GroupKey,
        offered: bool,
    ) {
        let calls = self.book.agents.entry(agent.clone()).or_default();
        if calls.iter().any(|(of, _)| *of == call) {
            return;
        }
        let first = calls.is_empty();
        calls.push((call, group));
        if first && !offered {
            self.queue(queue::Input::Engaged { agent: agent.clone() });
        }
    }

    /// The agent takes no part any more; free for the queue when this was the last call.
    pub(crate) fn agent_leaves(&mut self, agent: &AgentId, call: CallId) {
        let Some(calls) = self.book.agents.get_mut(agent) else { return };
        calls.retain(|(of, _)| *of != call);
        if calls.is_empty() {
            self.book.agents.remove(agent);
            self.queue(queue::Input::TalkEnded { agent: agent.clone() });
        }
    }

    /// An agent says whether at work.
    pub(crate) fn change_agent_duty(&mut self, agent: AgentId, duty: Duty) {
        let input = match duty {
            Duty::On => {
                // Whoever says so in the middle of the paperwork is ready for the next call.
                self.queue(queue::Input::WrapUpDone { agent: agent.clone() });
                queue::Input::OnDuty { agent }
            }
            Duty::Off => queue::Input::OffDuty { agent },
            Duty::Break(reason) => queue::Input::Break { agent, reason },
        };
        self.queue(input);
    }

    pub(crate) fn arm(&mut self, call: CallId, timer: CallTimer, after: Duration) {
        self.book.timers.arm((call, timer), self.now.mono + after);
    }

    pub(crate) fn arm_at(&mut self, call: CallId, timer: CallTimer, at: Mono) {
        self.book.timers.arm((call, timer), at);
    }

    pub(crate) fn disarm(&mut self, call: CallId, timer: CallTimer) {
        self.book.timers.disarm(&(call, timer));
    }
}

/// Who owns what, across all calls.
#[derive(Debug, Default)]
pub(crate) struct Book {
    // Looked up, never iterated.
    legs: HashMap<LegId, CallId>,
    /// The trunks that carry legs which we have called.
    trunks: HashMap<LegId, TrunkId>,
    streams: HashMap<StreamId, CallId>,
    /// Streams that were closed and have not told their figures, and whom they served.
    closing: HashMap<StreamId, (CallId, Side, Option<AgentId>)>,
    offers: HashMap<OfferId, CallId>,
    /// The calls that each agent is in, oldest first, with their media groups: a consultation shares
    /// the group of the talk, so that the two can be joined.
    agents: BTreeMap<AgentId, Vec<(CallId, GroupKey)>>,
    waiting_for_journal: BTreeMap<Sequence, CallId>,
    pub(crate) outgoing: Outgoing,
    pub(crate) watched: Watched,
    timers: Timers<(CallId, CallTimer)>,
    next_stream: u64,
    next_play: u64,
    next_turn: u64,
    next_recording: u64,
    next_group: u64,
    next_sequence: u64,
}

/// What stands in the name of one call.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) legs: Vec<LegId>,
    pub(crate) streams: Vec<StreamId>,
    pub(crate) offers: Vec<OfferId>,
    pub(crate) agents: Vec<AgentId>,
}

impl Book {
    /// How large each table is that grows with calls: all are empty without calls.
    pub(crate) fn footprint(&self) -> [(&'static str, usize); 10] {
        [
            ("legs of calls", self.legs.len()),
            ("legs over trunks", self.trunks.len()),
            ("streams of calls", self.streams.len()),
            ("streams that close", self.closing.len()),
            ("offers of calls", self.offers.len()),
            ("calls of agents", self.agents.values().map(Vec::len).sum()),
            ("calls that wait for the journal", self.waiting_for_journal.len()),
            ("calls outside", self.outgoing.live()),
            ("watched calls", self.watched.live()),
            ("timers of calls", self.timers.len()),
        ]
    }

    /// Everything that stands in the name of a call, in order.
    pub(crate) fn held_by(&self, call: CallId) -> Held {
        fn keys<K: Copy + Ord>(of: &HashMap<K, CallId>, call: CallId) -> Vec<K> {
            let held = of.iter().filter(|(_, owner)| **owner == call);
            let mut keys: Vec<K> = held.map(|(key, _)| *key).collect();
            keys.sort_unstable();
            keys
        }
        let is_in = |calls: &[(CallId, GroupKey)]| calls.iter().any(|(of, _)| *of == call);
        let agents = self.agents.iter().filter(|(_, calls)| is_in(calls));
        Held {
            legs: keys(&self.legs, call),
            streams: keys(&self.streams, call),
            offers: keys(&self.offers, call),
            agents: agents.map(|(agent, _)| agent.clone()).collect(),
        }
    }

    /// The trunk that carries a leg does so for another's account from now on.
    pub(crate) fn take_trunk(&mut self, leg: LegId) -> Option<TrunkId> {
        self.trunks.remove(&leg)
    }

    /// The trunk that carries a leg that we have called.
    pub(crate) fn trunk_of(&self, leg: LegId) -> Option<&TrunkId> {
        self.trunks.get(&leg)
    }

    pub(crate) fn call_of_leg(&self, leg: LegId) -> Option<CallId> {
        self.legs.get(&leg).copied()
    }

    pub(crate) fn call_of_stream(&self, stream: StreamId) -> Option<CallId> {
        self.streams.get(&stream).copied()
    }

    pub(crate) fn call_of_offer(&self, offer: OfferId) -> Option<CallId> {
        self.offers.get(&offer).copied()
    }

    pub(crate) fn own_leg(&mut self, leg: LegId, call: CallId) {
        self.legs.insert(leg, call);
    }

    pub(crate) fn own_stream(&mut self, stream: StreamId, call: CallId) {
        self.streams.insert(stream, call);
    }

    pub(crate) fn own_offer(&mut self, offer: OfferId, call: CallId) {
        self.offers.insert(offer, call);
    }

    pub(crate) fn forget_offer(&mut self, offer: OfferId) {
        self.offers.remove(&offer);
    }

    /// The media group of the agent's first call in progress.
    pub(crate) fn group_of_agent(&self, agent: &AgentId) -> Option<GroupKey> {
        self.agents.get(agent)?.first().map(|(_, group)| *group)
    }

    /// The calls that the agent is in, oldest first.
    pub(crate) fn calls_of_agent(&self, agent: &AgentId) -> impl Iterator<Item = CallId> {
        self.agents.get(agent).into_iter().flatten().map(|(call, _)| *call)
    }

    /// Whether the agent is in a call.
    pub(crate) fn is_in_call(&self, agent: &AgentId) -> bool {
        self.agents.contains_key(agent)
    }

    /// A group of its own for a call.
    pub(crate) fn new_group(&mut self) -> GroupKey {
        self.next_group += 1;
        GroupKey(self.next_group)
    }

    pub(crate) fn new_recording(&mut self) -> RecordingId {
        self.next_recording += 1;
        RecordingId(self.next_recording)
    }

    pub(crate) fn new_play(&mut self) -> PlayId {
        self.next_play += 1;
        PlayId(self.next_play)
    }

    pub(crate) fn new_turn(&mut self) -> TurnId {
        self.next_turn += 1;
        TurnId(self.next_turn)
    }

    fn new_stream(&mut self, call: CallId) -> StreamId {
        self.next_stream += 1;
        let stream = StreamId(self.next_stream);
        self.streams.insert(stream, call);
        stream
    }

    fn next_sequence(&mut self) -> Sequence {
        self.next_sequence += 1;
        Sequence(self.next_sequence)
    }

    /// The call is told when the journal holds this entry.
    pub(crate) fn wait_for(&mut self, sequence: Sequence, call: CallId) {
        self.waiting_for_journal.insert(sequence, call);
    }

    /// Whether somebody is called in it, or on the line.
    pub(crate) fn is_in_progress(&self, call: CallId) -> bool {
        self.streams.values().any(|of| *of == call)
    }

    /// Whether the call is still to be told so.
    pub(crate) fn waits_for_journal(&self, call: CallId) -> bool {
        self.waiting_for_journal.values().any(|waits| *waits == call)
    }

    pub(crate) fn next_persisted(&mut self, upto: Sequence) -> Option<CallId> {
        let first = self.waiting_for_journal.first_entry()?;
        (*first.key() <= upto).then(|| first.remove())
    }

    pub(crate) fn pop_due(&mut self, now: Now) -> Option<(CallId, CallTimer)> {
        self.timers.pop_due(now.mono)
    }

    pub(crate) fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }

    pub(crate) fn forget_timers(&mut self, call: CallId) {
        for timer in CallTimer::ALL {
            self.timers.disarm(&(call, timer));
        }
    }
}

/// The figures of a stream in the journal's words.
fn quality(stats: &StreamStats) -> Quality {
    let micros = |span: Duration| u32::try_from(span.as_micros()).unwrap_or(u32::MAX);
    let from = Direction {
        packets: stats.received.saturating_add(stats.lost),
        lost: stats.lost,
        jitter: micros(stats.jitter),
    };
    let to = stats.far.map(|far| Direction {
        packets: stats.sent,
        lost: far.lost.min(stats.sent),
        jitter: micros(far.jitter),
    });
    Quality { from, to, round_trip: stats.round_trip.map(micros) }
}
