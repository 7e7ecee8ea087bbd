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
}

impl Check for OneRecord {
    fn name(&self) -> &'static str {
        "one-record"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Durable(Entry::Arrived(Arrived { call, sip_call_id, .. })) => {
                if self.open.insert(*call, sip_call_id.clone()).is_some() {
                    say(wrong, format!("{call} arrived twice"), &[sip_call_id]);
                }
                if self.recorded.contains(call) {
                    say(wrong, format!("{call} arrived after its record"), &[sip_call_id]);
                }
            }
            Seen::Durable(Entry::Ended(record)) => {
                self.open.remove(&record.call);
                if !self.recorded.insert(record.call) {
                    let what = format!("{} has two records", record.call);
                    say(wrong, what, &[&record.sip_call_id]);
                }
            }
            Seen::Started => {
                // What was mended at start is durable before anything else happens.
                for (call, sip) in std::mem::take(&mut self.open) {
                    say(wrong, format!("{call} got no record when the line started"), &[&sip]);
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
}
