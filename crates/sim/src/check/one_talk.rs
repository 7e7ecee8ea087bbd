//! Nobody is in two talks: an agent who talks with one caller is given no other, and no caller has two
//! agents.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::{Mono, Now};

use super::callers::Callers;
use super::dialogs::Change;
use super::{Check, Wrong, is_agent, is_citizen, say};
use crate::tap::Seen;

/// Who is handed on has both agents for the moment in which the first one is told the end.
const HANDED_ON_WITHIN: Duration = Duration::from_secs(2);

/// An agent's talk with a citizen, as the line has it.
#[derive(Debug)]
struct Talk {
    agent: String,
    caller: String,
    since: Mono,
}

/// The talks by Call-ID.
#[derive(Debug, Default)]
pub(super) struct OneTalk {
    talks: BTreeMap<String, Talk>,
    callers: Callers,
    /// Two agents have one caller: wrong, if they still have at this time.
    suspicions: BTreeMap<(Mono, String), String>,
    judged: u64,
}

impl Check for OneTalk {
    fn name(&self) -> &'static str {
        "one-talk"
    }

    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        self.callers.see(now, seen);
        match seen {
            Seen::Dialog(Change::Began(dialog)) if dialog.outgoing && is_agent(&dialog.callee) => {
                if !is_citizen(&dialog.caller) {
                    return;
                }
                let (agent, caller) = (dialog.callee.clone(), dialog.caller.clone());
                let talk = Talk { agent, caller, since: now.mono };
                self.talks.insert(dialog.call_id.clone(), talk);
                self.judge(&dialog.call_id, wrong);
            }
            Seen::Dialog(Change::Over(dialog)) => {
                self.talks.remove(&dialog.call_id);
            }
            _ => {}
        }
        self.find_shared(now.mono, wrong);
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl OneTalk {
    fn judge(&mut self, call_id: &str, wrong: &mut Vec<Wrong>) {
        let Some(new) = self.talks.get(call_id) else { return };
        self.judged += 1;
        let same = self.talks.iter().filter(|(_, talk)| talk.agent == new.agent);
        let calls: Vec<&str> = same.map(|(call, _)| call.as_str()).collect();
        if calls.len() > 1 {
            say(wrong, format!("{} is in {} talks", new.agent, calls.len()), &calls);
        }
        let shared =
            |(_, talk): &(&String, &Talk)| talk.caller == new.caller && talk.agent != new.agent;
        if let Some((other, _)) = self.talks.iter().find(shared) {
            let at = new.since + HANDED_ON_WITHIN;
            self.suspicions.insert((at, call_id.to_owned()), other.clone());
        }
    }

    fn find_shared(&mut self, now: Mono, wrong: &mut Vec<Wrong>) {
        while let Some(first) = self.suspicions.first_entry().filter(|first| first.key().0 < now) {
            let ((_, one), other) = first.remove_entry();
            let (Some(a), Some(b)) = (self.talks.get(&one), self.talks.get(&other)) else {
                continue;
            };
            if self.callers.calls_once(&a.caller, a.since.min(b.since)) {
                let what = format!("{} talks with {} and with {}", a.caller, b.agent, a.agent);
                say(wrong, what, &[&other, &one]);
            }
        }
    }
}
