//! A server that says nothing: the next one is asked soon (RFC 3263 §4.3), not after the 32 seconds of
//! Timer B. Servers in use are asked with OPTIONS all the time, so that most calls never meet a dead
//! one: see `locate/penalties.rs`.
//!
//! What it says later does not get lost. A provisional response is answered with CANCEL; a 2xx is the
//! user's: the first of all attempts is the answer, and every further one is acknowledged and ended
//! like that of a fork (RFC 3261 §13.2.2.4).

use ambient::Now;

use super::client::{Cancel, Client, Outcome, Phase};
use super::machines::{InviteClient, PlainClient};
use super::timers::Timer;
use super::{ClientTx, Endpoint, Event, Failure};
use crate::{Flow, Message, Method};

impl Client {
    /// Whether somebody else is asked soon if this target says nothing.
    pub(super) fn is_impatient(&self) -> bool {
        let has_target = self.locator.as_ref().is_some_and(|locator| locator.may_go_on());
        (has_target || self.briefly)
            && self.cancel == Cancel::No
            && matches!(self.request.method(), Method::Invite | Method::Options)
    }

    /// Whether something was sent, and nothing came back.
    pub(super) fn has_no_answer(&self) -> bool {
        match self.phase {
            Phase::Invite(state) => state == InviteClient::Calling,
            Phase::Plain(state) => state == PlainClient::Trying,
            Phase::Locating => false,
        }
    }
}

impl Endpoint {
    /// Nothing has come back for 8·T1, and there is somebody else to ask.
    pub(super) fn on_silence(&mut self, now: Now, id: u64) {
        let Some(client) = self.clients.get_mut(&id) else { return };
        if !client.has_no_answer() || client.cancel != Cancel::No {
            return;
        }
        client.udp_fallback = None; // the same server
        let (goes_on, used) = (client.may_go_on(), client.attempt.as_ref().map(|a| a.flow.clone()));
        if !goes_on && !client.briefly {
            return;
        }
        self.leave_silent_attempt(now, id);
        let outcome = Outcome::Failed(Failure::Timeout);
        if goes_on {
            return self.go_on(now, id, outcome, true);
        }
        if let Some(used) = used {
            self.penalties.add(now.mono, &used);
        }
        self.report(id, outcome);
    }

    /// What is left of the attempt of an INVITE waits for a late response.
    fn leave_silent_attempt(&mut self, now: Now, id: u64) {
        let Some(client) = self.clients.get(&id) else { return };
        let Phase::Invite(_) = client.phase else { return };
        let mut rest = Client::new(client.request.clone(), client.phase);
        rest.has_user = false;
        rest.attempt = client.attempt.clone();
        rest.left_by = Some(id);
        rest.cancel = Cancel::Wanted(None);
        self.unlink_attempt(id);
        let rest_id = self.new_id();
        self.clients.insert(rest_id, Box::new(rest));
        self.link_attempt(rest_id);
        self.start_client_timer(now, rest_id, Timer::B);
    }

    /// A server that was left has answered with a 2xx.
    pub(super) fn answered_after_all(&mut self, now: Now, heir: u64, message: Message, flow: Flow) {
        let Some(client) = self.clients.get_mut(&heir) else {
            return self.out.events.push_back(Event::StrayResponse { message });
        };
        let is_first = client.phase.awaits_final() && !client.is_settled;
        client.is_settled |= is_first;
        self.out.events.push_back(Event::Response { tx: ClientTx(heir), message, flow });
        if is_first {
            self.cancel_client(now, heir, None);
        }
    }
}
