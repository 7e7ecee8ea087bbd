//! OPTIONS to a trunk's addresses (RFC 3261 §11): any answer means life.

use std::time::Duration;

use ambient::Now;
use dialplan::{Trunk, TrunkId};
use sip::{HeaderName, Method, NextHop, StatusCode};

use super::contact_towards;
use crate::Proxy;
use crate::response_context::Owner;
use crate::timer::Timer;
use crate::turn::Turn;

/// The first question comes within this time after the start.
const START_WITHIN: Duration = Duration::from_secs(2);

impl Proxy {
    pub(super) fn start_keep_alive(&mut self, now: Now, trunk: &Trunk) {
        if trunk.keep_alive.is_none() {
            return;
        }
        for target in 0..trunk.to.len() {
            let after = Duration::from_millis(self.entropy.below(START_WITHIN.as_millis() as u64));
            self.timers.arm(Timer::KeepAlive(trunk.id.clone(), target), now.mono + after);
        }
    }

    /// Asks one address of a trunk.
    pub(crate) fn keep_alive(&mut self, turn: &mut Turn<'_>, trunk: &TrunkId, target: usize) {
        let state = self.trunks.states.get(trunk);
        let Some(uri) = state.and_then(|s| s.targets.get(target)).map(|t| t.uri.clone()) else {
            return;
        };
        let from = format!("sip:{}@{}", self.directory.service_number(), self.config.realm);
        let call_id = self.entropy.token();
        let mut request =
            self.own_request(Method::Options, &uri, &from, uri.as_str(), (&call_id, 1));
        let hop = NextHop::Uri(uri);
        let contact = contact_towards(turn, self.directory.service_number(), &hop);
        request.push(HeaderName::Contact, contact);
        request.push(HeaderName::Accept, "application/sdp");
        let tx = turn.endpoint.request(turn.now, request, hop);
        self.clients.insert(tx, Owner::KeepAlive(trunk.clone(), target));
    }

    /// An answer came, or none (`None`).
    pub(crate) fn keep_alive_answered(
        &mut self,
        turn: &Turn<'_>,
        trunk: &TrunkId,
        target: usize,
        status: Option<StatusCode>,
    ) {
        if status.is_some_and(StatusCode::is_provisional) {
            return;
        }
        // 408 comes from a proxy on the way that got no answer itself.
        let alive = status.is_some_and(|status| status != StatusCode(408));
        let state = self.trunks.states.get_mut(trunk);
        if let Some(target) = state.and_then(|state| state.targets.get_mut(target)) {
            if target.alive != Some(alive) {
                tracing::info!(%trunk, uri = %target.uri, alive, "trunk");
            }
            target.alive = Some(alive);
        }
        let every = self.directory.plan.trunks.get(trunk).and_then(|trunk| trunk.keep_alive);
        if let Some(every) = every {
            self.timers.arm(Timer::KeepAlive(trunk.clone(), target), turn.now.mono + every);
        }
    }
}
