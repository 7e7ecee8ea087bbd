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
/// How long a final response is remembered by who gave it (Timer J, RFC 3261 §17.2.2): a phone that has slept may send a
/// request once more that everybody else has forgotten.
const REMEMBERED: Duration = Duration::from_secs(32);
/// An ACK follows its 2xx at once; this is for a line that has lost a stream of its own.
const ACK_WITHIN: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Default)]
pub(super) struct SipRules {
    /// The last final response to each request that came, by Call-ID, branch, number and method.
    finals: BTreeMap<(String, String, String), Final>,
    order: VecDeque<(String, String, String)>,
    /// The dialogs of the line.
    live: BTreeSet<dialogs::Key>,
    /// The last number that the line used in each dialog. What begins a dialog stands under the line's tag
    /// alone.
    numbers: BTreeMap<dialogs::Key, Numbers>,
    /// The branches of the line's requests: they may be repeated after later ones.
    sent: BTreeSet<String>,
    sent_in_order: VecDeque<String>,
    /// Dialogs in which the line has sent BYE.
    left: BTreeMap<dialogs::Key, Mono>,
    /// 2xx to our INVITEs that wait for an ACK: by Call-ID, phone's tag and number.
    unacknowledged: BTreeMap<(String, String, u32), Mono>,
    judged: u64,
}

/// A final response.
#[derive(Debug)]
struct Final {
    status: u16,
    /// Of what must be the same in all its copies, with the status.
    hash: u64,
    at: Mono,
}

/// The line's numbers in a dialog.
#[derive(Debug, Default)]
struct Numbers {
    last: u32,
    /// The last one before a crash: nobody acknowledges what was asked before.
    forgotten: u32,
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
                    self.final_out(now.mono, sip, wrong);
                }
            }
            Seen::Sip { way: Way::In, sip, .. } => {
                let first = (sip.call_id.to_owned(), (sip.from_tag.to_owned(), String::new()));
                let dialog = (first.0.clone(), (first.1.0.clone(), sip.to_tag.to_owned()));
                let asked = self.numbers.get(&dialog).or(self.numbers.get(&first));
                if sip.is_answer() && asked.is_some_and(|asked| sip.cseq > asked.forgotten) {
                    let key = (first.0, sip.to_tag.to_owned(), sip.cseq);
                    self.unacknowledged.entry(key).or_insert(now.mono);
                }
            }
            Seen::Dialog(Change::Began(dialog)) => {
                self.live.insert(dialog.key());
            }
            Seen::Dialog(Change::Over(dialog)) => {
                self.live.remove(&dialog.key());
                self.numbers.remove(&dialog.key());
                self.numbers.remove(&first_of(&dialog.key()));
            }
            Seen::Crashed => self.forget(),
            Seen::Figures(..) | Seen::Rest(..) => {
                let late = |at: &Mono| now.mono.since(*at) > ACK_WITHIN;
                for ((call, tag, cseq), at) in &self.unacknowledged {
                    if late(at) {
                        let what = format!("the 2xx to INVITE {cseq} from {tag} got no ACK");
                        say(wrong, what, &[call]);
                    }
                }
                self.unacknowledged.retain(|_, at| !late(at));
                self.left.retain(|_, at| now.mono.since(*at) < Duration::from_secs(60));
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl SipRules {
    /// The line knows nothing any more but its dialogs, in which its numbers go on.
    fn forget(&mut self) {
        let (live, mut numbers) =
            (std::mem::take(&mut self.live), std::mem::take(&mut self.numbers));
        let firsts: BTreeSet<dialogs::Key> = live.iter().map(first_of).collect();
        numbers.retain(|key, _| live.contains(key) || firsts.contains(key));
        for numbers in numbers.values_mut() {
            numbers.forgotten = numbers.last;
        }
        let judged = self.judged;
        *self = SipRules { live, numbers, judged, ..SipRules::default() };
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
        // What is passed on has the numbers of others.
        let passed_on = !sip.branch_below.is_empty();
        if sip.method == "CANCEL" || passed_on || self.is_repeated(sip.branch) {
            return;
        }
        if self.left.contains_key(&key) && sip.method != "BYE" {
            say(wrong, format!("{} after BYE", sip.method), &[sip.call_id]);
        }
        let ours = sip.is_initial("INVITE")
            || self.numbers.contains_key(&first)
            || self.live.contains(&key);
        if !ours {
            return;
        }
        // The first request within a dialog follows the INVITE that made it.
        self.judged += 1;
        if let Some(Numbers { last, .. }) = self.numbers.get(&key).or(self.numbers.get(&first))
            && *last >= sip.cseq
            // A challenged or failed over INVITE begins again.
            && !sip.is_initial("INVITE")
        {
            let what = format!("{} {} follows number {last}", sip.method, sip.cseq);
            say(wrong, what, &[sip.call_id]);
        }
        // What the line forgot of the INVITE, it forgot of the dialog.
        let forgotten = self.numbers.get(&first).map_or(0, |first| first.forgotten);
        let begun = Numbers { forgotten, ..Numbers::default() };
        let numbers = self.numbers.entry(key.clone()).or_insert(begun);
        numbers.last = sip.cseq.max(numbers.last);
        if sip.method == "BYE" {
            self.left.insert(key, now);
        }
    }

    /// Whether the line has sent this request before; it has now.
    fn is_repeated(&mut self, branch: &str) -> bool {
        if !self.sent.insert(branch.to_owned()) {
            return true;
        }
        self.sent_in_order.push_back(branch.to_owned());
        if self.sent_in_order.len() > MEMORY
            && let Some(oldest) = self.sent_in_order.pop_front()
        {
            self.sent.remove(&oldest);
        }
        false
    }

    fn final_out(&mut self, now: Mono, sip: &Sip<'_>, wrong: &mut Vec<Wrong>) {
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
        let this = Final { status: sip.status, hash: hasher.finish(), at: now };
        match self.finals.get_mut(&key) {
            Some(before) if now.since(before.at) >= REMEMBERED => *before = this,
            // Who finds no room is remembered by nobody (RFC 3261 §8.2.7): for a copy there may be some.
            Some(before) if before.status == 503 => *before = this,
            Some(before) if before.hash != this.hash => {
                let what = format!(
                    "{} was answered with {}, and then with {}",
                    key.2, before.status, sip.status
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

/// What began the dialog.
fn first_of(dialog: &dialogs::Key) -> dialogs::Key {
    (dialog.0.clone(), (dialog.1.0.clone(), String::new()))
}

fn length_is_right(sip: &Sip<'_>, wrong: &mut Vec<Wrong>) {
    if sip.content_length.unwrap_or(0) != sip.body.len() {
        let what = format!("{}: Content-Length is not the body's length", sip.title());
        say(wrong, what, &[sip.call_id]);
    }
}
