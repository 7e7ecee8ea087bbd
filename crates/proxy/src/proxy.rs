//! The proxy as one value.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use ambient::{Entropy, Mono, Now, Timers};
use dialplan::{AgentId, ClinicId, Dialplan, Number, TrunkId};
use journal::{Arrived, CallId, CallRecord, HangupBy, Outcome, SavedBinding, Step};
use sip::digest::Algorithm;
use sip::{ClientTx, ConnectionId, Endpoint, Event, Flow, Message, ServerTx};

use crate::admission::Admission;
use crate::auth::Auth;
use crate::bindings::Bindings;
use crate::calls::Calls;
use crate::dial::Credentials;
use crate::directory::Directory;
use crate::response_context::{Context, Owner};
use crate::shield::Shield;
use crate::timer::Timer;
use crate::trunks::Trunks;
use crate::turn::{Incoming, Turn};
use crate::{Arrival, Dial, NoDial, Replacing, loops};

/// What a proxy needs to know beside the dialplan.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// The digest realm, and the domain of the accounts.
    pub realm: Box<str>,
    /// The hashes that challenges offer, the preferred one first. Many phones refuse a challenge for
    /// a hash they do not know instead of passing it over, so a stronger one is the admin's choice.
    pub digest: Vec<Algorithm>,
    /// Names and addresses besides our listeners that mean us.
    pub domains: Vec<Box<str>>,
    /// Ceiling of proxied calls at once.
    pub calls_max: usize,
}

/// Who has opened a connection, as the web server knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vouched {
    /// The owner of this account, who is logged in at the pages.
    Account(Box<str>),
    /// A citizen, whose calls come in by this trunk.
    Trunk(TrunkId),
}

/// What the proxy tells call control.
#[derive(Clone, Debug)]
pub enum Output {
    /// A call for us.
    Arrival(Box<Arrival>),
    /// Somebody who may call wants to take the place of a side of a call of ours.
    Replacing(Box<Replacing>),
    /// An agent's phone registered (told at the first contact only).
    Reachable(AgentId),
    /// An agent's last contact expired or was removed.
    Unreachable(AgentId),
    /// From now on an account can be reached at these contacts, and at no others.
    Bound {
        /// The account.
        account: String,
        /// Its contacts, in the order of their arrival.
        bindings: Vec<SavedBinding>,
    },
    /// A proxied call began; it counts as a live call.
    Began(Box<Arrived>),
    /// Something happened to a proxied call.
    Stepped(CallId, Step),
    /// There was no room for one more call.
    Refused,
    /// A proxied call ended: its record.
    Record(Box<CallRecord>),
}

/// Figures for pages and metrics.
#[derive(Clone, Debug, Default)]
pub struct ProxyView {
    /// Live contacts.
    pub contacts: usize,
    /// Proxied calls in progress.
    pub calls: usize,
    /// Forwarded requests and requests of our own that are in work, and deadlines that are set.
    pub in_work: usize,
    /// The trunks.
    pub trunks: Vec<TrunkView>,
}

/// A trunk's state.
#[derive(Clone, Debug)]
pub struct TrunkView {
    /// Which.
    pub trunk: TrunkId,
    /// Whether its keep-alive or its registration works; `None` if it is not watched.
    pub alive: Option<bool>,
    /// Calls in progress.
    pub calls: usize,
}

/// Registrar, trunks, routing, forking.
#[derive(Debug)]
pub struct Proxy {
    pub(crate) config: ProxyConfig,
    pub(crate) directory: Directory,
    pub(crate) entropy: Entropy,
    pub(crate) loop_key: loops::Key,
    pub(crate) auth: Auth,
    pub(crate) bindings: Bindings,
    pub(crate) shield: Shield,
    pub(crate) admission: Admission,
    pub(crate) trunks: Trunks,
    pub(crate) calls: Calls,
    /// Forwarded requests without a final response.
    pub(crate) contexts: BTreeMap<ServerTx, Context>,
    /// Our own client transactions.
    pub(crate) clients: BTreeMap<ClientTx, Owner>,
    /// Names in the certificates of those who have connected to us.
    pub(crate) certificates: BTreeMap<ConnectionId, Vec<Box<str>>>,
    /// Who has come by the web server, which knows them.
    pub(crate) vouched: BTreeMap<ConnectionId, Vouched>,
    pub(crate) timers: Timers<Timer>,
    pub(crate) outputs: VecDeque<Output>,
}

/// Getters.
impl Proxy {
    /// Every phone where the agent is registered, the preferred one first.
    ///
    /// # Errors
    /// If there is none.
    pub fn dial_agent(&self, now: Now, agent: &AgentId) -> Result<Vec<Dial>, NoDial> {
        self.phones_of_agent(now, agent)
    }
    /// The phones of a clinic, in the clinic's order.
    ///
    /// # Errors
    /// If none can be reached.
    pub fn dial_clinic(&self, now: Now, clinic: &ClinicId) -> Result<Vec<Dial>, NoDial> {
        self.phones_of_clinic(now, clinic)
    }
    /// The trunks to a number outside, best first; the next is for failover.
    ///
    /// # Errors
    /// If there is none.
    pub fn dial_outside(&self, number: &Number) -> Result<Vec<Dial>, NoDial> {
        self.trunks_to(number)
    }
    /// Who a request inside a call of ours, such as REFER, asks for: an extension, a clinic, the
    /// line itself, a number outside. Call control decides whether the agent may.
    #[must_use]
    pub fn entry_for(&self, uri: &sip::Uri<'_>) -> Option<crate::Entry> {
        self.entry_of(uri)
    }
    /// Proxied calls in progress, counted against the ceiling of live calls.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.len()
    }
    /// The clinics of the proxied calls, one for each call.
    pub fn clinics_in_calls(&self) -> impl Iterator<Item = &ClinicId> {
        self.calls.clinics()
    }
    /// Figures for pages.
    #[must_use]
    pub fn view(&self) -> ProxyView {
        ProxyView {
            contacts: self.bindings.len(),
            calls: self.calls.len(),
            in_work: self.contexts.len() + self.clients.len() + self.timers.len(),
            trunks: self.trunks.view(),
        }
    }
    /// How large each table is that grows with calls: all are empty when nobody calls, but for the
    /// questions whether trunks live.
    #[must_use]
    pub fn footprint(&self) -> [(&'static str, usize); 5] {
        [
            ("proxied calls", self.calls.len()),
            ("callers who ring at a clinic", self.calls.all_ringing()),
            ("forwarded requests", self.contexts.len()),
            ("forwarded branches and questions", self.clients.len()),
            ("proxy outputs", self.outputs.len()),
        ]
    }
}

/// Inputs.
impl Proxy {
    /// A proxy with nobody registered.
    #[must_use]
    pub fn new(
        now: Now,
        plan: Arc<Dialplan>,
        config: ProxyConfig,
        admission: Admission,
        mut entropy: Entropy,
    ) -> Proxy {
        let mut proxy = Proxy {
            loop_key: (entropy.bits(), entropy.bits()),
            auth: Auth::new(&config.realm, &config.digest, entropy.fork()),
            bindings: Bindings::default(),
            shield: Shield::default(),
            admission,
            trunks: Trunks::new(&plan, &mut entropy),
            calls: Calls::default(),
            contexts: BTreeMap::new(),
            clients: BTreeMap::new(),
            certificates: BTreeMap::new(),
            vouched: BTreeMap::new(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
            directory: Directory::new(plan),
            config,
            entropy,
        };
        proxy.start_trunks(now);
        proxy
    }
    /// Takes an event of the endpoint; gives it back if it belongs to none of the proxy's own
    /// transactions (call control has looked for its dialogs before).
    pub fn handle_event(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        event: Event,
    ) -> Option<Event> {
        let turn = &mut Turn { now, endpoint };
        match event {
            Event::Request { tx, message, flow } => {
                self.take_request(turn, Incoming { tx, message, flow });
                None
            }
            Event::Ack { message, flow } => {
                self.forward_ack(turn, message, &flow);
                None
            }
            Event::Cancelled { tx, message } if self.contexts.contains_key(&tx) => {
                self.cancelled(turn, tx, &message);
                None
            }
            Event::Response { tx, message, flow } if self.clients.contains_key(&tx) => {
                self.take_response(turn, tx, message, flow);
                None
            }
            Event::Failed { tx, why } if self.clients.contains_key(&tx) => {
                self.take_failure(turn, tx, why);
                None
            }
            Event::ServerDone { tx, .. } if self.contexts.contains_key(&tx) => {
                self.server_done(turn, tx);
                None
            }
            Event::ClientDone { tx } if self.clients.contains_key(&tx) => {
                self.clients.remove(&tx);
                None
            }
            Event::Cancelled { .. }
            | Event::Response { .. }
            | Event::Failed { .. }
            | Event::StrayResponse { .. }
            | Event::ServerDone { .. }
            | Event::ClientDone { .. } => Some(event),
        }
    }
    /// Takes an INVITE whose Replaces names a dialog of call control's: who sends it is proven, and
    /// then it is given back as [`Output::Replacing`].
    pub fn handle_replacing(
        &mut self,
        now: Now,
        endpoint: &mut Endpoint,
        (tx, message, flow): (ServerTx, Message, Flow),
    ) {
        let turn = &mut Turn { now, endpoint };
        let incoming = Incoming { tx, message, flow };
        if !self.screen(turn, &incoming) {
            return;
        }
        let Some(from) = self.admit(turn, &incoming) else { return };
        let Incoming { tx, message: request, flow } = incoming;
        let replacing = Replacing { tx, request, flow, from };
        self.outputs.push_back(Output::Replacing(Box::new(replacing)));
    }
    /// The time of [`Proxy::next_timeout`] has come.
    pub fn handle_timeout(&mut self, now: Now, endpoint: &mut Endpoint) {
        let turn = &mut Turn { now, endpoint };
        while let Some(timer) = self.timers.pop_due(now.mono) {
            match timer {
                Timer::Ring(server) => self.ring_over(turn, server),
                Timer::Share(server) => self.share_over(turn, server),
                Timer::C(tx) => self.timer_c(turn, tx),
                Timer::Silent(key) => {
                    self.end_call(now, key, Outcome::AnsweredByClinic, HangupBy::System);
                }
                Timer::Bindings(account) => self.expire_bindings(now, &account),
                Timer::KeepAlive(trunk, target) => self.keep_alive(turn, &trunk, target),
                Timer::Register(trunk) => self.register_out(turn, &trunk),
            }
        }
    }
    /// A flow broke: contacts that registered over its connection are gone (RFC 5626 §5.3).
    pub fn handle_flow_failed(&mut self, now: Now, flow: &Flow) {
        if let Some(connection) = flow.connection {
            self.certificates.remove(&connection);
            self.vouched.remove(&connection);
            self.connection_lost(now, connection);
        }
    }
    /// What to answer challenges of a trunk with, if we have an account there.
    #[must_use]
    pub fn credentials(&self, trunk: &TrunkId) -> Option<Credentials> {
        self.trunks.account(trunk)?.1
    }

    /// Which new calls are taken.
    pub fn admission(&mut self) -> &mut Admission {
        &mut self.admission
    }
    /// Who opened a connection has proved to own a certificate with these names. As many are kept as
    /// there are connections, which the driver limits.
    pub fn handle_identified(&mut self, connection: ConnectionId, names: Vec<Box<str>>) {
        self.certificates.insert(connection, names);
    }
    /// The driver knows who has opened a connection, so that no request over it needs a password. As many
    /// are kept as there are connections, which the driver limits.
    pub fn handle_vouched(&mut self, connection: ConnectionId, who: Vouched) {
        self.vouched.insert(connection, who);
    }
    /// Whether the trunk carries as many calls as it may.
    #[must_use]
    pub fn is_trunk_full(&self, trunk: &TrunkId) -> bool {
        self.trunks.is_full(trunk)
    }
    /// A call of ours uses, or no longer uses, a trunk: counted against its ceiling.
    pub fn count_trunk_call(&mut self, trunk: &TrunkId, begins: bool) {
        self.trunks.count(trunk, begins);
    }
}

/// Outputs.
impl Proxy {
    /// The next thing to know.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }
    /// When [`Proxy::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        self.timers.next()
    }
}
