//! What was promised was persisted: no caller is answered by the line before the disk has the
//! arrival.

use std::collections::BTreeSet;

use ambient::Now;
use journal::{Arrived, Entry};

use super::dialogs::Change;
use super::{Check, Wrong, say};
use crate::tap::Seen;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Promised {
    durable: BTreeSet<String>,
}

impl Check for Promised {
    fn name(&self) -> &'static str {
        "promised"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Durable(Entry::Arrived(Arrived { sip_call_id, proxied: false, .. })) => {
                self.durable.insert(sip_call_id.clone());
            }
            Seen::Durable(Entry::Ended(record)) => {
                self.durable.remove(&record.sip_call_id);
            }
            // Who replaces a side of a call is no call.
            Seen::Dialog(Change::Began(dialog))
                if !dialog.outgoing
                    && !dialog.replaces
                    && !self.durable.contains(&dialog.call_id) =>
            {
                let what = "answered before the arrival was durable".to_owned();
                say(wrong, what, &[&dialog.call_id]);
            }
            _ => {}
        }
    }
}
