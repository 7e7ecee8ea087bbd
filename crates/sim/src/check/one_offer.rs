//! A call is offered to one agent at a time: no two agents' phones ring for one caller.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::Number;
use journal::{CallBackId, Entry};

use super::dialogs::Change;
use super::{Check, Wrong, is_citizen, say};
use crate::tap::{Seen, Way};
use crate::wire::user_of;

/// How long an INVITE waits for any response: 64·T1.
const TIMER_B: Duration = Duration::from_secs(32);

#[derive(Debug)]
struct Ring {
    caller: String,
    agent: String,
    rings: bool,
    since: Mono,
}

/// The INVITEs to agents that have no final response, by Call-ID.
#[derive(Debug, Default)]
pub(super) struct OneOffer {
    rings: BTreeMap<String, Ring>,
    /// Two phones ring: wrong, unless one of them is cancelled at this very moment.
    suspicion: Option<(Mono, String, String)>,
    /// How many calls of each number live: of one who calls twice the offers are not told apart.
    callers: BTreeMap<String, usize>,
    /// Who is to be called back, and may call again meanwhile; and when that was settled, while a phone may
    /// still ring for it.
    call_backs: BTreeMap<CallBackId, (Number, Option<Mono>)>,
}

impl Check for OneOffer {
    fn name(&self) -> &'static str {
        "one-offer"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        if let Some((at, one, other)) = &self.suspicion
            && *at < now.mono
        {
            if let (Some(a), Some(b)) = (self.rings.get(one), self.rings.get(other)) {
                let what = format!("{} rings at {} and at {}", a.caller, a.agent, b.agent);
                say(wrong, what, &[one, other]);
            }
            self.suspicion = None;
        }
        match seen {
            Seen::Dialog(Change::Began(dialog)) if !dialog.outgoing => {
                *self.callers.entry(dialog.caller.clone()).or_default() += 1;
            }
            Seen::Dialog(Change::Over(dialog)) if !dialog.outgoing => {
                if let Some(calls) = self.callers.get_mut(&dialog.caller) {
                    *calls -= 1;
                    if *calls == 0 {
                        self.callers.remove(&dialog.caller);
                    }
                }
            }
            Seen::Crashed => {
                self.rings.clear();
                self.callers.clear();
            }
            Seen::Durable(Entry::CallBackOpened(opened)) => {
                self.call_backs.insert(opened.id, (opened.caller.clone(), None));
            }
            Seen::Durable(Entry::CallBackClosed { call_back, .. }) => {
                let settled = |(_, at): &mut (Number, Option<Mono>)| *at = Some(now.mono);
                self.call_backs.entry(*call_back).and_modify(settled);
                let rings = |at: &Mono| now.mono.since(*at) < TIMER_B;
                self.call_backs.retain(|_, (_, at)| at.as_ref().is_none_or(rings));
            }
            Seen::Sip { way, sip, .. } => self.see_sip(now, *way, sip),
            _ => {}
        }
    }
}

impl OneOffer {
    fn see_sip(&mut self, now: Now, way: Way, sip: &crate::wire::Sip<'_>) {
        match way {
            Way::Out if sip.is_initial("INVITE") => {
                let (caller, agent) = (user_of(sip.from), user_of(sip.uri));
                if is_citizen(caller) && agent.len() == 3 {
                    let ring = Ring {
                        caller: caller.to_owned(),
                        agent: agent.to_owned(),
                        rings: false,
                        since: now.mono,
                    };
                    self.rings.entry(sip.call_id.to_owned()).or_insert(ring);
                }
            }
            Way::Out if sip.method == "CANCEL" => {
                self.rings.remove(sip.call_id);
            }
            Way::In if sip.cseq_method == "INVITE" && sip.status >= 200 => {
                self.rings.remove(sip.call_id);
            }
            Way::In if sip.cseq_method == "INVITE" && sip.status > 100 => {
                self.rang(now, sip.call_id)
            }
            Way::In | Way::Out => {}
        }
    }

    fn rang(&mut self, now: Now, call_id: &str) {
        let Some(ring) = self.rings.get_mut(call_id) else { return };
        // After Timer B the line cannot cancel it any more (RFC 3261 §9.1).
        ring.rings = ring.rings || now.mono.since(ring.since) < TIMER_B;
        if !ring.rings {
            return;
        }
        let (caller, agent) = (ring.caller.clone(), ring.agent.clone());
        let is_called_back = self.call_backs.values().any(|(number, _)| number.as_str() == caller);
        if self.callers.get(&caller) != Some(&1) || is_called_back {
            return;
        }
        let other = |(_, other): &(&String, &Ring)| {
            other.rings && other.caller == caller && other.agent != agent
        };
        if let Some((other, _)) = self.rings.iter().find(other) {
            self.suspicion = Some((now.mono, other.clone(), call_id.to_owned()));
        }
    }
}
