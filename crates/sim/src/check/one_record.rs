//! Every call has exactly one record, across crashes: read from the disk's durable lines, and for every citizen's call
//! that is seen on the wire.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ambient::{Mono, Now};
use journal::{Arrived, CallId, Entry};

use super::{Check, Wrong, is_citizen, say};
use crate::tap::{Seen, Way};
use crate::wire::{Sip, user_of};

/// What the line says to a citizen without a call of it: it asks who calls, has no such number or no room, or the call
/// comes round.
const NO_CALL: [u16; 7] = [401, 404, 407, 422, 482, 483, 503];
/// How long a disk may stall, so that a crash takes the record of who was just let go.
const STALL_MAX: Duration = Duration::from_secs(20);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OneRecord {
    open: BTreeMap<CallId, String>,
    recorded: BTreeSet<CallId>,
    /// The open ones that only pass through.
    proxied: BTreeSet<CallId>,
    /// Citizens' INVITEs without a final response, by Call-ID, with their number.
    invited: BTreeMap<String, u32>,
    /// Calls that got one: when, and which.
    told: BTreeMap<String, (Mono, u16)>,
    /// The Call-IDs of records.
    known: BTreeSet<String>,
    judged: u64,
}

impl Check for OneRecord {
    fn name(&self) -> &'static str {
        "one-record"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Sip { way, sip, .. } => self.on_wire(now.mono, *way, sip),
            Seen::Crashed => {
                self.invited.clear();
                let known = &self.known;
                self.told.retain(|call, (at, _)| {
                    known.contains(call) || now.mono.since(*at) > STALL_MAX
                });
            }
            Seen::Durable(Entry::Arrived(Arrived { call, sip_call_id, proxied, .. })) => {
                // One that a clinic's line passes on arrives at the line once more.
                let passed_on = !proxied && self.proxied.remove(call);
                if *proxied {
                    self.proxied.insert(*call);
                }
                if self.open.insert(*call, sip_call_id.clone()).is_some() && !passed_on {
                    say(wrong, format!("{call} arrived twice"), &[sip_call_id]);
                }
                if self.recorded.contains(call) {
                    say(wrong, format!("{call} arrived after its record"), &[sip_call_id]);
                }
            }
            Seen::Durable(Entry::Ended(record)) => {
                self.judged += 1;
                self.open.remove(&record.call);
                self.known.insert(record.sip_call_id.to_string());
                if !self.recorded.insert(record.call) {
                    let what = format!("{} has two records", record.call);
                    say(wrong, what, &[&record.sip_call_id]);
                }
            }
            Seen::Rest(..) => {
                for (call, sip) in std::mem::take(&mut self.open) {
                    say(wrong, format!("{call} has no record"), &[&sip]);
                }
                for (call, (_, status)) in std::mem::take(&mut self.told) {
                    if !self.known.contains(&call) {
                        say(wrong, format!("who was told {status} has no record"), &[&call]);
                    }
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl OneRecord {
    fn on_wire(&mut self, now: Mono, way: Way, sip: &Sip<'_>) {
        if way == Way::In && sip.is_initial("INVITE") && !sip.replaces {
            if is_citizen(user_of(sip.from)) {
                self.invited.insert(sip.call_id.to_owned(), sip.cseq);
            }
        } else if way == Way::Out
            && sip.status >= 200
            && sip.cseq_method == "INVITE"
            && self.invited.get(sip.call_id) == Some(&sip.cseq)
        {
            self.invited.remove(sip.call_id);
            if !NO_CALL.contains(&sip.status) {
                self.told.insert(sip.call_id.to_owned(), (now, sip.status));
            }
        }
    }
}
