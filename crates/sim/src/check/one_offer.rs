//! A call is offered to one agent at a time: no two agents' phones ring for one caller.

use std::collections::BTreeMap;

use ambient::{Mono, Now};

use super::callers::{Callers, TIMER_B};
use super::{Check, Wrong, is_agent, is_citizen, say};
use crate::tap::{Seen, Way};
use crate::wire::{Sip, user_of};

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
    callers: Callers,
    judged: u64,
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
        self.callers.see(now, seen);
        match seen {
            // What rang rings on, and the line knows nothing of it.
            Seen::Crashed => self.rings.clear(),
            Seen::Sip { way, sip, .. } => self.see_sip(now, *way, sip),
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl OneOffer {
    fn see_sip(&mut self, now: Now, way: Way, sip: &Sip<'_>) {
        match way {
            Way::Out if sip.is_initial("INVITE") => {
                let (caller, agent) = (user_of(sip.from), user_of(sip.uri));
                if is_citizen(caller) && is_agent(agent) {
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
        if !self.callers.calls_once(&caller, ring.since) {
            return;
        }
        self.judged += 1;
        let other = |(_, other): &(&String, &Ring)| {
            other.rings
                && other.caller == caller
                && other.agent != agent
                && self.callers.calls_once(&caller, other.since)
        };
        if let Some((other, _)) = self.rings.iter().find(other) {
            self.suspicion = Some((now.mono, other.clone(), call_id.to_owned()));
        }
    }
}
