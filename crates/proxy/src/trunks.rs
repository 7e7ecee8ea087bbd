//! Trunks: whether they live, how many calls they carry, and the order in which their addresses are
//! tried.
//!
//! | file | what it holds |
//! | --- | --- |
//! | `keep_alive.rs` | OPTIONS to each address of a trunk |
//! | `registration.rs` | our registration with a trunk |
//! | `replan.rs` | a new dialplan changes the trunks |

mod keep_alive;
mod registration;
mod replan;

use std::collections::BTreeMap;
use std::net::IpAddr;

use ambient::{Entropy, Now};
use dialplan::{Dialplan, Trunk, TrunkId, TrunkKind};
use sip::{HeaderName, Message, Method, NextHop, UriBuf};

use self::registration::Registration;
use crate::turn::{Turn, likely_flow};
use crate::{Credentials, Proxy, TrunkView};

/// The state of all trunks.
#[derive(Debug, Default)]
pub(crate) struct Trunks {
    states: BTreeMap<TrunkId, TrunkState>,
}

#[derive(Debug)]
struct TrunkState {
    /// Calls in progress, proxied ones and call control's.
    calls: usize,
    calls_max: usize,
    targets: Vec<TargetState>,
    registration: Option<Registration>,
    /// Stands in the dialplan; one that does not any more only carries its calls to their end.
    listed: bool,
}

/// One address of a trunk.
#[derive(Debug)]
struct TargetState {
    uri: UriBuf,
    /// Whether it answered the last OPTIONS; `None` before the first, or if it is never asked.
    alive: Option<bool>,
}

impl Trunks {
    pub(crate) fn new(plan: &Dialplan, entropy: &mut Entropy) -> Trunks {
        let state = |trunk: &Trunk| (trunk.id.clone(), TrunkState::new(trunk, entropy));
        Trunks { states: plan.trunks.values().map(state).collect() }
    }

    /// A call uses, or no longer uses, the trunk.
    pub(crate) fn count(&mut self, trunk: &TrunkId, begins: bool) {
        let Some(state) = self.states.get_mut(trunk) else { return };
        state.calls = if begins { state.calls + 1 } else { state.calls.saturating_sub(1) };
        if !state.listed && state.calls == 0 {
            self.states.remove(trunk);
        }
    }

    /// Whether the trunk carries as many calls as it may.
    pub(crate) fn is_full(&self, trunk: &TrunkId) -> bool {
        self.states.get(trunk).is_none_or(|state| state.calls >= state.calls_max)
    }

    /// The trunk whose registrar answered from this address: calls come from there as well.
    pub(crate) fn registrar_at(&self, source: IpAddr) -> Option<TrunkId> {
        self.states
            .iter()
            .find(|(_, state)| state.registration.as_ref().is_some_and(|known| known.is_at(source)))
            .map(|(trunk, _)| trunk.clone())
    }

    /// The trunk's addresses that may work, those that are known to live first.
    pub(crate) fn targets(&self, trunk: &TrunkId) -> Vec<UriBuf> {
        let Some(state) = self.states.get(trunk) else { return Vec::new() };
        let mut usable: Vec<_> =
            state.targets.iter().filter(|target| target.alive != Some(false)).collect();
        usable.sort_by_key(|target| target.alive != Some(true));
        usable.into_iter().map(|target| target.uri.clone()).collect()
    }

    /// The account by which the trunk knows us, if we register with it.
    pub(crate) fn account(&self, trunk: &TrunkId) -> Option<(String, Option<Credentials>)> {
        let registration = self.states.get(trunk)?.registration.as_ref()?;
        Some((registration.address_of_record(), Some(registration.credentials())))
    }

    pub(crate) fn view(&self) -> Vec<TrunkView> {
        let view = |(trunk, state): (&TrunkId, &TrunkState)| TrunkView {
            trunk: trunk.clone(),
            alive: state.is_alive(),
            calls: state.calls,
        };
        self.states.iter().map(view).collect()
    }
}

impl TrunkState {
    fn new(trunk: &Trunk, entropy: &mut Entropy) -> TrunkState {
        let uris = trunk.to.iter().filter_map(|uri| UriBuf::parse(uri).ok());
        TrunkState {
            calls: 0,
            calls_max: trunk.calls_max,
            targets: uris.map(|uri| TargetState { uri, alive: None }).collect(),
            registration: match &trunk.kind {
                TrunkKind::Address => None,
                TrunkKind::Register { registrar, user, password, expires } => {
                    Registration::new(registrar, user, password, *expires, entropy)
                }
            },
            listed: true,
        }
    }

    /// It lives if we are registered with it and one of its addresses answers; `None` if neither is
    /// watched.
    fn is_alive(&self) -> Option<bool> {
        let asked = self.targets.iter().filter_map(|target| target.alive);
        let answers = asked.fold(None, |any: Option<bool>, one| Some(any.unwrap_or(false) || one));
        let is_registered = self.registration.as_ref().map(Registration::is_registered);
        match (answers, is_registered) {
            (None, None) => None,
            (Some(one), None) | (None, Some(one)) => Some(one),
            (Some(answers), Some(is_registered)) => Some(answers && is_registered),
        }
    }
}

impl Proxy {
    /// Asks and registers for the first time soon, but not all trunks at once.
    pub(crate) fn start_trunks(&mut self, now: Now) {
        let plan = self.directory.plan.clone();
        for trunk in plan.trunks.values() {
            self.start_keep_alive(now, trunk);
            self.start_registration(now, &trunk.id);
        }
    }

    /// A request of our own outside of dialogs.
    fn own_request(
        &mut self,
        method: Method,
        uri: &UriBuf,
        from: &str,
        to: &str,
        (call_id, cseq): (&str, u32),
    ) -> Message {
        let name = method.as_str().to_owned();
        let mut request = Message::request(method, uri.as_str());
        request.push(HeaderName::From, format_args!("<{from}>;tag={}", self.entropy.token()));
        request.push(HeaderName::To, format_args!("<{to}>"));
        request.push(HeaderName::CallId, call_id);
        request.push(HeaderName::CSeq, format_args!("{cseq} {name}"));
        request
    }
}

/// The Contact that a peer at `hop` can reach us by.
fn contact_towards(turn: &Turn<'_>, user: &str, hop: &NextHop) -> String {
    let flow = likely_flow(hop);
    let listener = turn.endpoint.listener_for(&flow);
    let transport = match listener.transport {
        sip::Transport::Udp => String::new(),
        other => format!(";transport={}", other.uri_param()),
    };
    format!("<sip:{user}@{}{transport}>", listener.sent_by())
}
