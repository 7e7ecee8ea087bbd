//! How many calls each number has: of one who calls twice, or is called back meanwhile, it cannot be told
//! for which of them an agent's phone rings.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Now};
use dialplan::Number;
use journal::{CallBackId, CallId, Entry, Origin};

use super::dialogs::Change;
use crate::tap::Seen;

/// How long an INVITE waits for any response: 64·T1.
pub(super) const TIMER_B: Duration = Duration::from_secs(32);

/// The callers of the line.
#[derive(Debug, Default)]
pub(super) struct Callers {
    /// When each of a number's calls was answered.
    calls: BTreeMap<String, Vec<(String, Mono)>>,
    /// Who is to be called back, and may call again meanwhile; and when that was settled, while a phone may
    /// still ring for it.
    call_backs: BTreeMap<CallBackId, (Number, Option<Mono>)>,
    /// Whom the line has called, until that call ends.
    called: BTreeMap<CallId, Number>,
}

impl Callers {
    /// Whether this number has one call, which has lasted since then, and is to have no other.
    pub(super) fn calls_once(&self, number: &str, since: Mono) -> bool {
        let calls = self.calls.get(number).map_or(&[][..], Vec::as_slice);
        matches!(calls, [(_, began)] if *began <= since)
            && !self.call_backs.values().any(|(called_back, _)| called_back.as_str() == number)
            && !self.called.values().any(|called| called.as_str() == number)
    }

    pub(super) fn see(&mut self, now: Now, seen: &Seen<'_>) {
        match seen {
            Seen::Dialog(Change::Began(dialog)) if !dialog.outgoing => {
                let call = (dialog.call_id.clone(), dialog.since);
                self.calls.entry(dialog.caller.clone()).or_default().push(call);
            }
            Seen::Dialog(Change::Over(dialog)) if !dialog.outgoing => {
                if let Some(calls) = self.calls.get_mut(&dialog.caller) {
                    calls.retain(|(call_id, _)| *call_id != dialog.call_id);
                    if calls.is_empty() {
                        self.calls.remove(&dialog.caller);
                    }
                }
            }
            Seen::Durable(Entry::Arrived(arrived)) => {
                if let (Origin::CallBack(_), Some(caller)) = (&arrived.origin, &arrived.caller) {
                    self.called.insert(arrived.call, caller.clone());
                }
            }
            Seen::Durable(Entry::Ended(record)) => {
                self.called.remove(&record.call);
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
            _ => {}
        }
    }
}
