//! What RFC 3261 asks of every element, seen from outside: one final response for a request, numbers
//! that grow within a dialog, nothing after BYE, an ACK for every 2xx, lengths that are right.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use ambient::{Mono, Now};

use super::dialogs::{self, Change};
use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};
use crate::wire::Sip;

/// Transactions remembered.
const MEMORY: usize = 20_000;
/// Requests of one dialog that may be repeated after later ones.
const BRANCHES: usize = 8;
/// An ACK follows its 2xx at once; this is for a line that has lost a stream of its own.
const ACK_WITHIN: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct SipRules {
    /// The final response to each request that came, by branch and method.
    finals: BTreeMap<(String, String, String), (u16, u64)>,
    order: VecDeque<(String, String, String)>,
    /// Calls whose INVITE came from a phone: what the line sends of it is not the line's own.
    proxied: BTreeSet<String>,
    proxied_in_order: VecDeque<String>,
    /// The last number that the line used in each dialog, and the latest branches. What begins a
    /// dialog stands under the line's tag alone.
    numbers: BTreeMap<dialogs::Key, (u32, Vec<String>)>,
    /// Dialogs in which the line has sent BYE, with the branches of what may be repeated still.
    left: BTreeMap<dialogs::Key, (Mono, Vec<String>)>,
    /// 2xx to our INVITEs that wait for an ACK: by Call-ID, phone's tag and number.
    unacknowledged: BTreeMap<(String, String, u32), Mono>,
}

impl Check for SipRules {
    fn name(&self) -> &'static str {
        "sip-rules"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Sip { way: Way::Out, sip, .. } => {
                length_is_right(sip, wrong);
                if sip.is_request() {
                    self.request_out(now.mono, sip, wrong);
                } else if sip.status >= 200 {
                    self.final_out(sip, wrong);
                }
            }
            Seen::Sip { way: Way::In, sip, .. } => {
                let first = (sip.call_id.to_owned(), (sip.from_tag.to_owned(), String::new()));
                if sip.is_initial("INVITE") {
                    self.remember_proxied(sip.call_id);
                }
                if sip.is_answer() && self.numbers.contains_key(&first) {
                    let key = (first.0, sip.to_tag.to_owned(), sip.cseq);
                    self.unacknowledged.entry(key).or_insert(now.mono);
                }
            }
            Seen::Dialog(Change::Over(dialog)) => {
                self.numbers.remove(&dialog.key());
                self.numbers
                    .remove(&(dialog.call_id.clone(), (dialog.tags.0.clone(), String::new())));
            }
            Seen::Crashed => *self = SipRules::default(),
            Seen::Figures(..) | Seen::Rest(..) => {
                let late = |at: &Mono| now.mono.since(*at) > ACK_WITHIN;
                for ((call, tag, cseq), at) in &self.unacknowledged {
                    if late(at) {
                        let what = format!("the 2xx to INVITE {cseq} from {tag} got no ACK");
                        say(wrong, what, &[call]);
                    }
                }
                self.unacknowledged.retain(|_, at| !late(at));
                self.left.retain(|_, (at, _)| now.mono.since(*at) < Duration::from_secs(60));
            }
            _ => {}
        }
    }
}

impl SipRules {
    fn remember_proxied(&mut self, call_id: &str) {
        if self.proxied.insert(call_id.to_owned()) {
            self.proxied_in_order.push_back(call_id.to_owned());
        }
        if self.proxied_in_order.len() > MEMORY
            && let Some(oldest) = self.proxied_in_order.pop_front()
        {
            self.proxied.remove(&oldest);
        }
    }

    fn request_out(&mut self, now: Mono, sip: &Sip<'_>, wrong: &mut Vec<Wrong>) {
        let tags = (sip.from_tag.to_owned(), sip.to_tag.to_owned());
        let first = (sip.call_id.to_owned(), (tags.0.clone(), String::new()));
        let key = (sip.call_id.to_owned(), tags);
        if sip.method == "ACK" {
            let acknowledged = (key.0, sip.to_tag.to_owned(), sip.cseq);
            self.unacknowledged.remove(&acknowledged);
            return;
        }
        if let Some((_, repeated)) = self.left.get(&key)
            && sip.method != "BYE"
            && !repeated.iter().any(|branch| branch == sip.branch)
        {
            say(wrong, format!("{} after BYE", sip.method), &[sip.call_id]);
        }
        // Proxied requests have the numbers of others.
        let begins = sip.is_initial("INVITE") && !self.proxied.contains(sip.call_id);
        let ours = begins || self.numbers.contains_key(&first);
        if sip.method == "CANCEL" || !ours {
            return;
        }
        // The first request within a dialog follows the INVITE that made it.
        if let Some((last, branches)) = self.numbers.get(&key).or(self.numbers.get(&first))
            && *last >= sip.cseq
            && !branches.iter().any(|branch| branch == sip.branch)
            // A challenged or failed over INVITE begins again.
            && !sip.is_initial("INVITE")
        {
            let what = format!("{} {} follows number {last}", sip.method, sip.cseq);
            say(wrong, what, &[sip.call_id]);
        }
        let (last, branches) = self.numbers.entry(key.clone()).or_default();
        *last = sip.cseq.max(*last);
        branches.truncate(BRANCHES - 1);
        branches.insert(0, sip.branch.to_owned());
        if sip.method == "BYE" {
            self.left.insert(key, (now, branches.clone()));
        }
    }

    fn final_out(&mut self, sip: &Sip<'_>, wrong: &mut Vec<Wrong>) {
        // A proxy hands on every 2xx of a fork (RFC 3261 §16.7).
        if sip.is_answer() {
            return;
        }
        // A copy of a CANCEL that comes when its INVITE is long over cancels nothing.
        if sip.cseq_method == "CANCEL" && sip.status == 481 {
            return;
        }
        let key = (
            sip.call_id.to_owned(),
            sip.branch.to_owned(),
            format!("{} {}", sip.cseq, sip.cseq_method),
        );
        let mut hasher = DefaultHasher::new();
        (sip.status, sip.to_tag, sip.contact, sip.body).hash(&mut hasher);
        let this = (sip.status, hasher.finish());
        match self.finals.get(&key) {
            Some(before) if *before != this => {
                let what = format!(
                    "{} was answered with {}, and then with {}",
                    key.2, before.0, sip.status
                );
                say(wrong, what, &[sip.call_id]);
            }
            Some(_) => {}
            None => {
                if self.order.len() == MEMORY
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.finals.remove(&oldest);
                }
                self.finals.insert(key.clone(), this);
                self.order.push_back(key);
            }
        }
    }
}

fn length_is_right(sip: &Sip<'_>, wrong: &mut Vec<Wrong>) {
    if sip.content_length.unwrap_or(0) != sip.body.len() {
        let what = format!("{}: Content-Length is not the body's length", sip.title());
        say(wrong, what, &[sip.call_id]);
    }
}
