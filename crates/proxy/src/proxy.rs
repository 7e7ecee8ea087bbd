//! The proxy as one value.

use std::sync::Arc;

use ambient::{Entropy, Mono, Now};
use dialplan::{AgentId, ClinicId, Dialplan, Number, TrunkId};
use journal::{CallId, CallRecord};
use sip::{Endpoint, Event};

use crate::{Arrival, Dial, NoDial};

/// What a proxy needs to know beside the dialplan.
#[derive(Clone, Debug)]
pub struct ProxyConfig {
    /// The digest realm, and the domain of the accounts.
    pub realm: Box<str>,
    /// Names and addresses besides our listeners that mean us.
    pub domains: Vec<Box<str>>,
    /// Ceiling of proxied calls at once.
    pub calls_max: usize,
}

/// What the proxy tells call control.
#[derive(Clone, Debug)]
pub enum Output {
    /// A call for us.
    Arrival(Box<Arrival>),
    /// An agent's phone registered (told at the first contact only).
    Reachable(AgentId),
    /// An agent's last contact expired or was removed.
    Unreachable(AgentId),
    /// A proxied call began; it counts as a live call.
    Began(CallId),
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
    _private: (),
}

/// Getters.
impl Proxy {
    /// Every phone where the agent is registered.
    ///
    /// # Errors
    /// If there is none.
    pub fn dial_agent(&self, _now: Now, _agent: &AgentId) -> Result<Vec<Dial>, NoDial> {
        todo!()
    }
    /// The phones of a clinic, in the clinic's order.
    ///
    /// # Errors
    /// If none can be reached.
    pub fn dial_clinic(&self, _now: Now, _clinic: &ClinicId) -> Result<Vec<Dial>, NoDial> {
        todo!()
    }
    /// The trunks to a number outside, best first; the next is for failover.
    ///
    /// # Errors
    /// If there is none.
    pub fn dial_outside(&self, _now: Now, _number: &Number) -> Result<Vec<Dial>, NoDial> {
        todo!()
    }
    /// Who a request inside a call of ours, such as REFER, asks for: an extension, a clinic, the
    /// line itself, a number outside. Call control decides whether the agent may.
    #[must_use]
    pub fn entry_for(&self, _uri: &sip::Uri<'_>) -> Option<crate::Entry> {
        todo!()
    }
    /// Proxied calls in progress, counted against the ceiling of live calls.
    #[must_use]
    pub fn calls(&self) -> usize {
        todo!()
    }
    /// Figures for pages.
    #[must_use]
    pub fn view(&self) -> ProxyView {
        todo!()
    }
}

/// Inputs.
impl Proxy {
    /// A proxy with nobody registered.
    #[must_use]
    pub fn new(_now: Now, _plan: Arc<Dialplan>, _config: ProxyConfig, _entropy: Entropy) -> Proxy {
        todo!()
    }
    /// Takes an event of the endpoint; gives it back if it belongs to none of the proxy's own
    /// transactions (call control has looked for its dialogs before).
    pub fn handle_event(
        &mut self,
        _now: Now,
        _endpoint: &mut Endpoint,
        _event: Event,
    ) -> Option<Event> {
        todo!()
    }
    /// A flow broke: contacts that registered over its connection are gone (RFC 5626 §5.3).
    pub fn handle_flow_failed(&mut self, _now: Now, _flow: &sip::Flow) {
        todo!()
    }
    /// The time of [`Proxy::next_timeout`] has come.
    pub fn handle_timeout(&mut self, _now: Now, _endpoint: &mut Endpoint) {
        todo!()
    }
    /// A call of ours uses, or no longer uses, a trunk: counted against its ceiling.
    pub fn count_trunk_call(&mut self, _trunk: &TrunkId, _begins: bool) {
        todo!()
    }
}

/// Outputs.
impl Proxy {
    /// The next thing to know.
    pub fn poll_output(&mut self) -> Option<Output> {
        todo!()
    }
    /// When [`Proxy::handle_timeout`] is to be called.
    #[must_use]
    pub fn next_timeout(&self) -> Option<Mono> {
        todo!()
    }
}
