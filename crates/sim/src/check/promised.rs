//! What was promised was persisted: no caller is answered by the line before the disk has the
//! arrival, and none is let go with the word that a request was taken, or that somebody calls back, before
//! the disk has that.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Now;
use journal::{Arrived, CallId, Entry, Outcome};

use super::dialogs::Change;
use super::{Check, Wrong, is_citizen, say};
use crate::tap::{Seen, Way};
use crate::wire::user_of;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Promised {
    /// The calls that have arrived for the disk, by their Call-ID: of one that comes round there are several.
    durable: BTreeMap<String, BTreeSet<CallId>>,
    /// What it has of requests and call-backs, while the call has no record.
    taken: BTreeSet<CallId>,
    /// The Call-IDs of callers whom the line asks whether they are still there: its BYE then tells them nothing.
    probed: BTreeSet<String>,
    /// Callers to whom the line said goodbye, while the disk had nothing of the kind.
    let_go: BTreeSet<CallId>,
    judged: u64,
}

impl Check for Promised {
    fn name(&self) -> &'static str {
        "promised"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Durable(Entry::Arrived(Arrived {
                call, sip_call_id, proxied: false, ..
            })) => {
                self.durable.entry(sip_call_id.clone()).or_default().insert(*call);
            }
            Seen::Durable(Entry::CallBackOpened(opened)) => {
                self.taken.insert(opened.id.0);
            }
            Seen::Durable(Entry::RequestLeft(request)) => {
                self.taken.insert(request.call);
            }
            Seen::Durable(Entry::Ended(record)) => {
                let taken = self.taken.remove(&record.call);
                let early = self.let_go.remove(&record.call);
                self.probed.remove(&*record.sip_call_id);
                if let Some(calls) = self.durable.get_mut(&record.sip_call_id) {
                    calls.remove(&record.call);
                    if calls.is_empty() {
                        self.durable.remove(&record.sip_call_id);
                    }
                }
                if matches!(record.outcome, Outcome::CallBackTaken | Outcome::RequestTaken) {
                    self.judged += 1;
                    if early || !taken {
                        let what = format!("{:?} was told before it was durable", record.outcome);
                        say(wrong, what, &[&record.sip_call_id]);
                    }
                }
            }
            Seen::Sip { way: Way::Out, sip, .. }
                if sip.method == "OPTIONS" && self.durable.contains_key(sip.call_id) =>
            {
                self.probed.insert(sip.call_id.to_owned());
            }
            Seen::Sip { way: Way::In, sip, .. } if sip.cseq_method == "OPTIONS" => {
                self.probed.remove(sip.call_id);
            }
            Seen::Sip { way: Way::Out, sip, .. }
                // In a caller's name it says goodbye to the phone of a clinic that answered too late.
                if sip.method == "BYE"
                    && !is_citizen(user_of(sip.from))
                    && !self.probed.contains(sip.call_id) =>
            {
                let calls = self.durable.get(sip.call_id).into_iter().flatten();
                self.let_go.extend(calls.filter(|call| !self.taken.contains(call)));
            }
            // Who replaces a side of a call is no call.
            Seen::Dialog(Change::Began(dialog)) if !dialog.outgoing && !dialog.replaces => {
                self.judged += 1;
                if !self.durable.contains_key(&dialog.call_id) {
                    let what = "answered before the arrival was durable".to_owned();
                    say(wrong, what, &[&dialog.call_id]);
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
