//! Every call has exactly one record, across crashes: read from the disk's durable lines.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Now;
use journal::{Arrived, CallId, Entry};

use super::{Check, Wrong, say};
use crate::tap::Seen;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OneRecord {
    open: BTreeMap<CallId, String>,
    recorded: BTreeSet<CallId>,
    /// The open ones that only pass through.
    proxied: BTreeSet<CallId>,
    judged: u64,
}

impl Check for OneRecord {
    fn name(&self) -> &'static str {
        "one-record"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
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
                if !self.recorded.insert(record.call) {
                    let what = format!("{} has two records", record.call);
                    say(wrong, what, &[&record.sip_call_id]);
                }
            }
            Seen::Rest(..) => {
                for (call, sip) in std::mem::take(&mut self.open) {
                    say(wrong, format!("{call} has no record"), &[&sip]);
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
