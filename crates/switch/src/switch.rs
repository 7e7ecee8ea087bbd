//! The signalling side of the line as one value.

use std::collections::{BTreeMap, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ambient::{Entropy, Mono, Now};
use bytes::Bytes;
use dialplan::{AgentId, ClinicId, Dialplan, Number, QueueId, Target};
use journal::{
    CallBackEnd, CallBackId, CallId, CaseId, Closing, Duty, Entry, Origin, Outcome, OutsideCount,
    RecordedPart, Sequence,
};
use media::RecordingId;
use proxy::{Admission, FormerDirectory, KeptBan, NextDirectory, Offence, Proxy, Vouched};
use queue::{Centre, TooLarge};
use sip::endpoint::EndpointConfig;
use sip::locate::{DnsAnswer, DnsQuery};
use sip::{ConnectionId, Endpoint, Event, Flow, Packet};

use crate::calls::{Book, Call, CallBacks, CallSettings, Calls, Card, Desk};
use crate::legs::{LegSettings, Legs};
use crate::listening::{Listening, TurnId};
use crate::restore::Restoring;
use crate::status::{BanView, CALLS_SHOWN_MAX, ClinicFlow, Counters, Status, TrunkView};

/// What a switch needs to know beside the dialplan.
#[derive(Clone, Debug)]
pub struct SwitchConfig {
    /// Transactions and our addresses.
    pub endpoint: EndpointConfig,
    /// Registrar and proxy.
    pub proxy: proxy::ProxyConfig,
    /// Ceiling of calls at once, proxied ones included; above it 503 with Retry-After.
    pub calls_max: usize,
    /// Ceiling of new calls a second.
    pub calls_per_second_max: u32,
    /// What Retry-After says.
    pub retry_after: Duration,
    /// Session-Expires that we ask for (RFC 4028).
    pub session_expires: Duration,
    /// How long a leg's media may be silent before the call is taken as broken.
    pub dead_media_after: Duration,
    /// The certificate of the media engine; `None` without DTLS.
    pub fingerprint: Option<sip::sdp::Fingerprint>,
    /// There is who listens to callers, so that menus can be answered by words.
    pub hears_words: bool,
}

/// What happens to the switch.
#[derive(Clone, Debug)]
pub enum Input {
    /// A whole SIP message came.
    Packet {
        /// The way it came.
        flow: Flow,
        /// The message.
        payload: Bytes,
    },
    /// Who opened a connection has proved to own a certificate with these names (RFC 5922 §7.1).
    Identified {
        /// The connection; its end is told by [`Input::FlowFailed`].
        connection: ConnectionId,
        /// The names, in lower case.
        names: Vec<Box<str>>,
    },
    /// The web server knows who has opened a connection (RFC 7118).
    Vouched {
        /// The connection; its end is told by [`Input::FlowFailed`].
        connection: ConnectionId,
        /// Who.
        who: Vouched,
    },
    /// A packet could not be sent over this flow, or its connection broke.
    FlowFailed(Flow),
    /// Something came over a connection that is no message, or nothing came.
    Suspect {
        /// The connection.
        flow: Flow,
        /// What it did.
        what: Offence,
    },
    /// DNS answered.
    Dns(DnsAnswer),
    /// The media engine told something.
    Media(media::Event),
    /// The journal holds everything up to this entry.
    Persisted(Sequence),
    /// Something was heard in a turn of listening.
    Speech {
        /// Whose.
        call: CallId,
        /// The turn; what an older one still tells is not asked for any more.
        turn: TurnId,
        /// What.
        what: speech::Output,
    },
    /// No new calls any more; those in progress end by themselves or at the deadline.
    Drain {
        /// When the rest is ended.
        deadline: Mono,
    },
}

/// What the switch wants done.
#[derive(Clone, Debug)]
pub enum Output {
    /// Send a SIP message.
    Packet(Packet),
    /// Ask DNS.
    Dns(DnsQuery),
    /// Tell the media engine.
    Media(media::Command),
    /// Tell who listens to callers.
    Listen(Listening),
    /// A talk begins to be recorded: the engine gives its blocks from now on, under this number.
    Record {
        /// The number.
        recording: RecordingId,
        /// In which law its blocks are.
        law: media::Law,
        /// Whose talk it is.
        about: RecordedPart,
    },
    /// Write to the journal and tell when it is durable.
    Persist(Sequence, Entry),
    /// After [`Input::Drain`]: no call is left.
    Drained,
}

/// A dialplan that is to take the place of the one that runs, made ready on another thread.
#[derive(Debug)]
pub struct NextPlan {
    plan: Arc<Dialplan>,
    directory: NextDirectory,
}

/// What a new dialplan has replaced. To be dropped on another thread: freeing a region takes a while.
#[derive(Debug)]
pub struct FormerPlan {
    /// The dialplan; calls that arrived by it hold it as well.
    pub plan: Arc<Dialplan>,
    _directory: FormerDirectory,
}

impl NextPlan {
    /// Makes a dialplan ready to take the place of `running`.
    ///
    /// # Errors
    /// If it passes a ceiling of the queue.
    pub fn prepare(running: Arc<Dialplan>, plan: Arc<Dialplan>) -> Result<NextPlan, TooLarge> {
        queue::limits::check(&plan)?;
        Ok(NextPlan { directory: NextDirectory::new(running, plan.clone()), plan })
    }
}

/// The switch.
#[derive(Debug)]
pub struct Switch {
    plan: Arc<Dialplan>,
    started: Mono,
    endpoint: Endpoint,
    pub(crate) proxy: Proxy,
    legs: Legs,
    pub(crate) calls: Calls,
    pub(crate) call_backs: CallBacks,
    pub(crate) centre: Centre,
    book: Book,
    settings: CallSettings,
    counters: Counters,
    /// What is still to be taken up after a start.
    pub(crate) restoring: Option<Restoring>,
    /// When what is left is ended, while draining.
    drain: Option<Mono>,
    drained: bool,
    out: VecDeque<Output>,
}

/// Inputs.
impl Switch {
    /// A switch without calls.
    ///
    /// # Errors
    /// If the dialplan passes a ceiling of the queue.
    pub fn new(
        now: Now,
        plan: Arc<Dialplan>,
        config: SwitchConfig,
        mut entropy: Entropy,
    ) -> Result<Switch, TooLarge> {
        let leg_settings = LegSettings {
            session_expires: config.session_expires,
            t1: config.endpoint.t1,
            t2: config.endpoint.t2,
            fingerprint: config.fingerprint,
        };
        let settings = CallSettings {
            realm: config.proxy.realm.clone(),
            dead_media_after: config.dead_media_after,
            retry_after: config.retry_after,
            hears_words: config.hears_words,
        };
        Ok(Switch {
            plan: plan.clone(),
            started: now.mono,
            endpoint: Endpoint::new(config.endpoint.clone(), entropy.fork()),
            proxy: Proxy::new(
                now,
                plan.clone(),
                config.proxy.clone(),
                Admission::new(
                    now.mono,
                    config.calls_max,
                    config.calls_per_second_max,
                    config.retry_after,
                ),
                entropy.fork(),
            ),
            legs: Legs::new(leg_settings, entropy.fork()),
            calls: Calls::default(),
            call_backs: CallBacks::new(entropy.fork()),
            centre: Centre::new(plan)?,
            book: Book::default(),
            settings,
            counters: Counters::default(),
            restoring: None,
            drain: None,
            drained: false,
            out: VecDeque::new(),
        })
    }

    /// Something happened.
    pub fn handle(&mut self, now: Now, input: Input) {
        match input {
            Input::Packet { flow, payload } => {
                self.counters.messages_in_total += 1;
                if !self.proxy.lets_in(now, &flow, &payload) {
                    return;
                }
                if !self.endpoint.handle_packet(now, flow.clone(), payload) {
                    self.proxy.offence(now, &flow, Offence::Malformed);
                }
            }
            Input::Identified { connection, names } => {
                self.proxy.handle_identified(connection, names);
            }
            Input::Vouched { connection, who } => self.proxy.handle_vouched(connection, who),
            Input::FlowFailed(flow) => {
                self.endpoint.handle_flow_failed(now, &flow);
                self.proxy.handle_flow_failed(now, &flow);
            }
            Input::Dns(answer) => self.endpoint.handle_dns(now, answer),
            Input::Media(event) => {
                self.on_calls(now, |calls, desk| calls.on_media_event(desk, event))
            }
            Input::Persisted(upto) => {
                self.on_calls(now, |calls, desk| calls.on_persisted(desk, upto))
            }
            Input::Speech { call, turn, what } => {
                self.on_calls(now, |calls, desk| calls.on_speech(desk, call, turn, what));
            }
            Input::Suspect { flow, what } => {
                self.proxy.offence(now, &flow, what);
            }
            Input::Drain { deadline } => {
                self.drain = Some(deadline);
                self.proxy.admission().close();
            }
        }
        self.settle(now);
    }

    /// Goes over to a new dialplan at once, for all that begins from now on. A call in progress is
    /// led by the dialplan of its arrival to its end, unless somebody leads it to a place that only
    /// the new one has; who waits keeps the place, and is served by whom the new one names.
    ///
    /// # Errors
    /// If it passes a ceiling of the queue; nothing has changed then.
    pub fn replace_plan(&mut self, now: Now, next: NextPlan) -> Result<FormerPlan, TooLarge> {
        let NextPlan { plan, directory } = next;
        self.centre.replace_plan(now, plan.clone())?;
        let directory = self.proxy.replace_plan(now, &mut self.endpoint, directory);
        let former = std::mem::replace(&mut self.plan, plan);
        self.settle(now);
        Ok(FormerPlan { plan: former, _directory: directory })
    }

    /// The dialplan by which calls arrive now.
    #[must_use]
    pub fn plan(&self) -> &Arc<Dialplan> {
        &self.plan
    }

    /// How many calls are at which place of the dialplan now: in a menu, waiting in a queue, with a
    /// clinic. It looks at every call: for a question now and then.
    #[must_use]
    pub fn calls_by_place(&self) -> BTreeMap<Target, usize> {
        let mut places = BTreeMap::new();
        let own = self.calls.iter().filter_map(Call::place);
        let proxied = self.proxy.clinics_in_calls().cloned().map(Target::Clinic);
        for place in own.chain(proxied) {
            *places.entry(place).or_default() += 1;
        }
        places
    }

    /// Has a citizen called back about a case, in the queue of its topic. Gives the call-back, which is
    /// promised when the journal holds it, and whether it is new: if the citizen is to be called
    /// anyway, that one is given. `None` if the number is none that the line calls, or too many wait.
    pub fn call_back_about(
        &mut self,
        now: Now,
        case: CaseId,
        caller: Number,
        queue: QueueId,
    ) -> Option<(CallBackId, bool)> {
        let mut opened = None;
        self.on_calls(now, |_, desk| opened = desk.call_back_about(case, caller, queue));
        self.settle(now);
        opened
    }

    /// Closes a call-back by hand; `by` is who does it. Says whether it was open.
    pub fn withdraw_call_back(&mut self, now: Now, id: CallBackId, by: &str) -> bool {
        let open = self.call_backs.iter().any(|open| open.call_back.id == id);
        let how = CallBackEnd::Withdrawn { by: by.to_owned() };
        self.on_calls(now, |_, desk| desk.close_call_back(id, how));
        self.settle(now);
        open
    }

    /// An agent says at the desk whether at work.
    pub fn change_duty(&mut self, now: Now, agent: AgentId, duty: Duty) {
        self.on_calls(now, |_, desk| desk.change_agent_duty(agent, duty));
        self.settle(now);
    }

    /// An agent has done the paperwork before its time is over.
    pub fn end_wrap_up(&mut self, now: Now, agent: AgentId) {
        self.on_calls(now, |_, desk| desk.queue(queue::Input::WrapUpDone { agent }));
        self.settle(now);
    }

    /// From now on an agent takes calls of these queues alone, of all that the dialplan says; of all with `None`.
    pub fn take_only(&mut self, now: Now, agent: AgentId, queues: Option<Vec<QueueId>>) {
        self.on_calls(now, |_, desk| desk.queue(queue::Input::TakesOnly { agent, queues }));
        self.settle(now);
    }

    /// Closes a queue to who comes anew, or opens it again; see [`queue::Input::Closes`].
    pub fn close_queue(&mut self, now: Now, queue: QueueId, closing: Option<Closing>) {
        self.on_calls(now, |_, desk| desk.queue(queue::Input::Closes { queue, closing }));
        self.settle(now);
    }

    /// Leads a caller who waits to a queue, with `first` before all others; `false` if the call does not wait,
    /// or there is no such queue.
    pub fn move_waiting(&mut self, now: Now, call: CallId, queue: &QueueId, first: bool) -> bool {
        let mut moved = false;
        self.on_calls(now, |calls, desk| moved = calls.move_waiting(desk, call, queue, first));
        self.settle(now);
        moved
    }

    /// What the desk of an agent shows of a call; `None` if it is over, or none of this agent's.
    #[must_use]
    pub fn card(&self, now: Now, call: CallId, agent: &AgentId) -> Option<Card> {
        self.calls.get(call)?.card(now, agent)
    }

    /// How often bans have changed, and the bans as they are to outlive a restart; `None` if there were no
    /// changes after those `seen`.
    #[must_use]
    pub fn bans_to_keep(&self, now: Now, seen: u64) -> Option<(u64, Vec<KeptBan>)> {
        let changes = self.proxy.ban_changes();
        (changes != seen).then(|| (changes, self.proxy.kept_bans(now)))
    }

    /// Takes up the bans of before a restart.
    pub fn restore_bans(&mut self, now: Now, kept: &[KeptBan]) {
        self.proxy.restore_bans(now, kept);
    }

    /// Takes up how many calls outside had begun before a restart.
    pub(crate) fn restore_outside_counts(&mut self, now: Now, counts: Vec<OutsideCount>) {
        self.book.outgoing.restore(self.plan.day(now.wall), counts);
    }

    /// Lifts the bans of an address by hand; says how many there were.
    pub fn lift_bans(&mut self, address: IpAddr) -> usize {
        self.proxy.lift_bans(address)
    }

    /// Makes a call fail as a defect would, for tests.
    #[cfg(debug_assertions)]
    #[doc(hidden)]
    pub fn fail_call(&mut self, now: Now, call: journal::CallId) {
        self.on_calls(now, |calls, desk| calls.fail(desk, call));
        self.settle(now);
    }

    /// The time of [`Switch::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now) {
        self.endpoint.handle_timeout(now);
        self.proxy.handle_timeout(now, &mut self.endpoint);
        self.legs.handle_timeout(now, &mut self.endpoint);
        self.centre.handle_timeout(now);
        self.go_on_restoring(now);
        self.on_calls(now, Calls::handle_timeout);
        if self.drain.is_some_and(|deadline| deadline <= now.mono) {
            self.on_calls(now, Calls::end_all);
            self.proxy.end_all(now, &mut self.endpoint);
        }
        self.settle(now);
    }
}

/// Outputs.
impl Switch {
    /// What is to be done next.
    pub fn poll_output(&mut self) -> Option<Output> {
        if let Some(packet) = self.endpoint.poll_transmit() {
            self.counters.messages_out_total += 1;
            return Some(Output::Packet(packet));
        }
        if let Some(query) = self.endpoint.poll_dns() {
            return Some(Output::Dns(query));
        }
        if let Some(output) = self.out.pop_front() {
            return Some(output);
        }
        if self.drain.is_some() && !self.drained && self.live_calls() == 0 {
            self.drained = true;
            return Some(Output::Drained);
        }
        None
    }

    /// When [`Switch::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        let drain = self.drain.filter(|_| self.live_calls() > 0);
        [
            self.endpoint.next_timeout(),
            self.proxy.next_timeout(),
            self.legs.next_timeout(),
            self.centre.next_timeout(),
            self.book.next_timeout(),
            self.call_backs.next_timeout(),
            self.restoring.as_ref().map(Restoring::next),
            drain,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Who is silenced.
    #[must_use]
    pub fn bans(&self, now: Now) -> Vec<BanView> {
        let view = |ban: proxy::Ban| BanView {
            source: ban.source.to_string().into(),
            transport: ban.evidence.shuts(),
            why: ban.why.word(),
            times: ban.times,
            left: ban.left,
        };
        self.proxy.bans(now).into_iter().map(view).collect()
    }

    /// Whether nothing that comes over this flow is read.
    #[must_use]
    pub fn is_banned(&self, now: Mono, flow: &Flow) -> bool {
        self.proxy.is_banned(now, flow)
    }

    /// How large each table is that grows with calls and transactions. A table that is not empty when
    /// nobody has called for a while leaks: memory would be full after months.
    #[must_use]
    pub fn footprint(&self) -> Vec<(&'static str, usize)> {
        let own = [
            ("calls", self.calls.len()),
            ("restoring", usize::from(self.restoring.is_some())),
            ("switch outputs", self.out.len()),
        ];
        let parts = self.endpoint.footprint().into_iter().chain(self.proxy.footprint());
        let parts = parts.chain(self.legs.footprint()).chain(self.book.footprint());
        let parts = parts.chain(self.call_backs.footprint());
        own.into_iter().chain(parts).chain(self.centre.footprint()).collect()
    }

    /// The state for people and metrics.
    #[must_use]
    pub fn status(&self, now: Now) -> Status {
        let proxy = self.proxy.view();
        let (server, client) = self.endpoint.transactions();
        let shield = self.proxy.shield_figures(now);
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        Status {
            region: self.plan.region.name.clone(),
            dialplan: (&*self.plan.version).into(),
            uptime: now.mono.since(self.started),
            draining: self.drain.is_some(),
            calls: self.calls.iter().take(CALLS_SHOWN_MAX).map(|call| call.view(now)).collect(),
            call_backs: self
                .call_backs
                .iter()
                .take(CALLS_SHOWN_MAX)
                .map(|open| open.view())
                .collect(),
            clinics: self.clinic_flows(),
            centre: self.centre.snapshot(now),
            trunks: proxy
                .trunks
                .iter()
                .map(|trunk| TrunkView {
                    trunk: trunk.trunk.as_str().into(),
                    alive: trunk.alive,
                    calls: trunk.calls,
                })
                .collect(),
            counters: Counters {
                calls_live: count(self.live_calls()),
                calls_proxied_live: count(proxy.calls),
                contacts: count(proxy.contacts),
                transactions_live: count(server + client),
                legs_live: count(self.legs.count()),
                bans_live: count(shield.bans),
                bans_total: shield.bans_total,
                packets_unread_total: shield.dropped_total,
                offences_total: shield.offences_total,
                ..self.counters
            },
        }
    }
}

impl Switch {
    /// All calls are counted, not only those that a status shows.
    fn clinic_flows(&self) -> Vec<ClinicFlow> {
        let mut clinics: BTreeMap<&ClinicId, ClinicFlow> = BTreeMap::new();
        for call in self.calls.iter() {
            let Origin::Clinic { clinic, cause } = &call.origin else { continue };
            let flow = clinics.entry(clinic).or_insert_with(|| ClinicFlow {
                clinic: clinic.clone(),
                title: call.origin_title().unwrap_or(clinic.as_str()).into(),
                causes: BTreeMap::new(),
            });
            *flow.causes.entry(*cause).or_default() += 1;
        }
        clinics.into_values().collect()
    }

    fn live_calls(&self) -> usize {
        self.calls.len() + self.proxy.calls()
    }

    /// Hands what one core says to the next, until all are silent.
    pub(crate) fn settle(&mut self, now: Now) {
        loop {
            if let Some(event) = self.endpoint.poll_event() {
                self.on_sip_event(now, event);
            } else if let Some((leg, event)) = self.legs.poll_event() {
                self.on_calls(now, |calls, desk| calls.on_leg_event(desk, leg, event));
            } else if let Some(output) = self.proxy.poll_output() {
                self.on_proxy_output(now, output);
            } else if let Some(output) = self.centre.poll_output() {
                self.on_calls(now, |calls, desk| calls.on_queue_output(desk, output));
            } else {
                return;
            }
        }
    }

    fn on_sip_event(&mut self, now: Now, event: Event) {
        if let Event::Response { flow, .. } = &event {
            self.proxy.answered_us(now, flow);
        }
        // Our own dialogs first: a request within a call of ours is never routed, unless we are both in
        // its way and at its end.
        if !self.proxy.passes_through(&self.endpoint, &event)
            && let Some(leg) = self.legs.owner_of(&event)
        {
            return self.legs.handle_event(now, &mut self.endpoint, leg, event);
        }
        let event = match event {
            Event::Request { tx, message, flow } if self.legs.replaced_by(&message).is_some() => {
                // No new call: one that is in progress goes on with another phone.
                let request = (tx, message, flow);
                return self.proxy.handle_replacing(now, &mut self.endpoint, request);
            }
            other => other,
        };
        if let Event::StrayResponse { message } = &event
            && self.legs.end_late(now, &mut self.endpoint, message)
        {
            return;
        }
        self.proxy.admission().set_others(self.calls.len());
        // What comes back is a late word about a transaction that nobody waits for.
        let _nobodys = self.proxy.handle_event(now, &mut self.endpoint, event);
    }

    fn on_proxy_output(&mut self, now: Now, output: proxy::Output) {
        match output {
            proxy::Output::Arrival(arrival) => {
                self.on_calls(now, |calls, desk| calls.arrive(desk, *arrival));
            }
            proxy::Output::Replacing(replacing) => {
                self.on_calls(now, |calls, desk| calls.replace(desk, *replacing));
            }
            proxy::Output::Reachable(agent) => {
                self.on_reach(now, agent, true);
            }
            proxy::Output::Unreachable(agent) => {
                self.on_reach(now, agent, false);
            }
            proxy::Output::Bound { account, bindings } => {
                self.on_calls(now, |_, desk| {
                    desk.persist(Entry::Bound { account, bindings });
                });
            }
            proxy::Output::Refused => self.counters.calls_refused_total += 1,
            proxy::Output::Began(arrived) => {
                self.counters.calls_total += 1;
                self.on_calls(now, |_, desk| {
                    desk.persist(Entry::Arrived(*arrived));
                });
            }
            proxy::Output::Stepped(call, step) => self.on_calls(now, |_, desk| {
                desk.persist(Entry::Stepped { call, step });
            }),
            proxy::Output::Record(record) => {
                if record.outcome == Outcome::AnsweredByClinic {
                    self.counters.calls_answered_by_clinic_total += 1;
                }
                self.on_calls(now, |_, desk| {
                    desk.persist(Entry::Ended(*record));
                });
            }
        }
    }

    pub(crate) fn on_calls(&mut self, now: Now, act: impl FnOnce(&mut Calls, &mut Desk<'_>)) {
        let mut desk = Desk {
            now,
            plan: &self.plan,
            endpoint: &mut self.endpoint,
            legs: &mut self.legs,
            proxy: &mut self.proxy,
            centre: &mut self.centre,
            book: &mut self.book,
            call_backs: &mut self.call_backs,
            counters: &mut self.counters,
            out: &mut self.out,
            settings: &self.settings,
        };
        act(&mut self.calls, &mut desk);
    }
}
