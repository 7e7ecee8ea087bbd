//! What a journal says at start: which calls have an arrival and no record.

use std::collections::BTreeMap;

use ambient::Wall;
use journal::{Arrived, CallId, CallRecord, Entry, HangupBy, Outcome, Sequence, Step, StepKind};
use serde::Deserialize;

/// A line, as far as most lines are of interest: whether a call began or ended.
#[derive(Deserialize)]
struct Glance {
    sequence: Sequence,
    entry: Kind,
    #[serde(default)]
    call: Option<CallId>,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Arrived,
    Ended,
    #[serde(other)]
    Else,
}

/// Reads a journal to find what a crash left undone.
///
/// A pure function of the lines it is given: the program hands it the file, the simulator the bytes
/// of its virtual disk.
#[derive(Debug, Default)]
pub struct Closing {
    /// The arrivals without a record, with their lines.
    open: BTreeMap<CallId, Arrived>,
    last: Sequence,
    spoiled: u64,
}

impl Closing {
    /// Takes the next line, without its line end. One that cannot be read (a crash tore it, so that
    /// nothing was promised by it) is counted and passed over.
    pub fn read(&mut self, line: &[u8]) {
        if line.is_empty() {
            return;
        }
        let Ok(Glance { sequence, entry, call }) = serde_json::from_slice(line) else {
            self.spoiled += 1;
            return;
        };
        self.last = sequence;
        match (entry, call) {
            (Kind::Ended, Some(call)) => {
                self.open.remove(&call);
            }
            (Kind::Arrived, Some(call)) => {
                if let Ok(Entry::Arrived(arrived)) = serde_json::from_slice(line) {
                    self.open.insert(call, arrived);
                } else {
                    self.spoiled += 1;
                }
            }
            (Kind::Else, _) => {}
            (_, None) => self.spoiled += 1,
        }
    }

    /// How many lines could not be read.
    #[must_use]
    pub fn spoiled(&self) -> u64 {
        self.spoiled
    }

    /// The entries that close the journal of the run before: each call that arrived and has no
    /// record gets one, which says that it was broken. They are to be written before anything else.
    #[must_use]
    pub fn closing(self, at: Wall) -> Vec<(Sequence, Entry)> {
        let broken = self.open.into_values().map(|arrived| Entry::Ended(broken(arrived, at)));
        // A spoiled journal may hold any number.
        let after = |n: u64| Sequence(self.last.0.wrapping_add(n));
        broken.zip(1..).map(|(entry, n)| (after(n), entry)).collect()
    }
}

/// The record of a call that the program's end cut off.
pub(crate) fn broken(arrived: Arrived, now: Wall) -> CallRecord {
    let Arrived { call, caller, dialled, origin, trunk, sip_call_id, dialplan, .. } = arrived;
    CallRecord {
        call,
        sip_call_id,
        caller,
        dialled,
        trunk,
        origin,
        queue: None,
        agent: None,
        steps: vec![Step { at: now.unix_millis(), what: StepKind::Ended }],
        outcome: Outcome::Broken,
        hangup_by: HangupBy::System,
        dialplan,
    }
}
