//! Nobody is in two talks: an agent who talks with one caller is given no other.

use std::collections::BTreeMap;

use ambient::Now;

use super::dialogs::Change;
use super::{Check, Wrong, is_citizen, say};
use crate::tap::Seen;

/// The talks of each agent's phone with citizens, as the line has them: Call-IDs.
#[derive(Debug, Default)]
pub(super) struct OneTalk {
    talks: BTreeMap<String, Vec<String>>,
}

impl Check for OneTalk {
    fn name(&self) -> &'static str {
        "one-talk"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Dialog(Change::Began(dialog)) if dialog.outgoing && is_agent(&dialog.callee) => {
                if !is_citizen(&dialog.caller) {
                    return;
                }
                let talks = self.talks.entry(dialog.callee.clone()).or_default();
                talks.push(dialog.call_id.clone());
                if talks.len() > 1 {
                    let calls: Vec<&str> = talks.iter().map(String::as_str).collect();
                    say(wrong, format!("{} is in {} talks", dialog.callee, talks.len()), &calls);
                }
            }
            Seen::Dialog(Change::Over(dialog)) => {
                if let Some(talks) = self.talks.get_mut(&dialog.callee) {
                    talks.retain(|talk| *talk != dialog.call_id);
                }
            }
            Seen::Crashed => self.talks.clear(),
            _ => {}
        }
    }
}

fn is_agent(user: &str) -> bool {
    user.len() == 3
}
