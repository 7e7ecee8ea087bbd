//! Nobody is forgotten: every request that reaches the line is answered in time, and every dialog
//! comes to its end.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use ambient::{Mono, Now};

use super::dialogs::{self, Change, Dialog};
use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// An INVITE may ring at a clinic, at its other phones in turn, and at what follows.
const INVITE_MAX: Duration = Duration::from_secs(300);
/// Everything else: 64·T1 (RFC 3261 §17.1.2.2), and the way of a proxied request through a line that
/// has been cut off.
const OTHERS_MAX: Duration = Duration::from_secs(33);

/// Requests remembered.
const MEMORY: usize = 20_000;

/// Requests without a final response: by Call-ID, tag, number, method and branch.
type Key = (String, String, u32, String, String);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Answered {
    open: BTreeMap<Key, Mono>,
    by_time: BTreeMap<(Mono, Key), ()>,
    /// What was answered: a late copy of it is absorbed (RFC 6026 §7.1).
    answered: BTreeSet<Key>,
    answered_in_order: VecDeque<Key>,
    /// Requests that the line has passed on and that got no final response there: a proxy answers none but
    /// INVITE in another's place (RFC 4320 §4.2).
    passed_on: BTreeSet<Key>,
    dialogs: BTreeMap<dialogs::Key, Dialog>,
    judged: u64,
}

impl Check for Answered {
    fn name(&self) -> &'static str {
        "answered"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Sip { way, sip, .. } => {
                let method = if sip.is_request() { sip.method } else { sip.cseq_method };
                if method == "ACK" {
                    return;
                }
                let key = (
                    sip.call_id.to_owned(),
                    sip.from_tag.to_owned(),
                    sip.cseq,
                    method.to_owned(),
                    sip.branch.to_owned(),
                );
                if *way == Way::In && sip.is_request() {
                    let limit = if method == "INVITE" { INVITE_MAX } else { OTHERS_MAX };
                    if !self.open.contains_key(&key) && !self.answered.contains(&key) {
                        self.open.insert(key.clone(), now.mono + limit);
                        self.by_time.insert((now.mono + limit, key), ());
                    }
                } else if sip.is_request() {
                    self.pass_on(&key);
                } else if *way == Way::In && sip.status >= 200 {
                    self.passed_on.retain(|passed| !is_same(passed, &key));
                } else if *way == Way::Out
                    && sip.status >= 200
                    && let Some(by) = self.open.remove(&key)
                {
                    self.judged += 1;
                    self.by_time.remove(&(by, key.clone()));
                    self.remember(key);
                }
            }
            Seen::Dialog(Change::Began(dialog)) => {
                self.dialogs.insert(dialog.key(), dialog.clone());
            }
            Seen::Dialog(Change::Over(dialog)) => {
                self.dialogs.remove(&dialog.key());
            }
            // Requests that came are forgotten, but not who talks.
            Seen::Crashed => {
                let dialogs = std::mem::take(&mut self.dialogs);
                *self = Answered { dialogs, judged: self.judged, ..Answered::default() };
            }
            Seen::Figures(..) => self.find_forgotten(now.mono, wrong),
            Seen::Rest(..) => {
                self.find_forgotten(now.mono, wrong);
                for dialog in self.dialogs.values() {
                    let what = format!(
                        "the dialog of {} with {} never ended",
                        dialog.caller, dialog.callee
                    );
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

impl Answered {
    fn remember(&mut self, key: Key) {
        if self.answered_in_order.len() == MEMORY
            && let Some(oldest) = self.answered_in_order.pop_front()
        {
            self.answered.remove(&oldest);
        }
        self.answered_in_order.push_back(key.clone());
        self.answered.insert(key);
    }

    /// The line sends a request on that has come to it.
    fn pass_on(&mut self, sent: &Key) {
        let came = self.open.keys().find(|came| came.3 != "INVITE" && is_same(came, sent));
        self.passed_on.extend(came.cloned());
    }

    fn find_forgotten(&mut self, now: Mono, wrong: &mut Vec<Wrong>) {
        while let Some(first) = self.by_time.first_entry().filter(|first| first.key().0 < now) {
            let ((_, key), ()) = first.remove_entry();
            self.open.remove(&key);
            if self.passed_on.remove(&key) {
                continue;
            }
            let (call_id, _, cseq, method, _) = &key;
            say(wrong, format!("{method} {cseq} got no final response"), &[call_id]);
        }
    }
}

/// The same request on another hop.
fn is_same(one: &Key, other: &Key) -> bool {
    (&one.0, &one.1, one.2, &one.3) == (&other.0, &other.1, other.2, &other.3)
}
