//! Nobody hears whom they do not talk with: no citizen ever hears another.

use ambient::Now;

use super::{Check, Wrong, is_citizen, say};
use crate::tap::Seen;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Privacy {
    judged: u64,
}

impl Check for Privacy {
    fn name(&self) -> &'static str {
        "privacy"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        let Seen::Heard { listener, speaker } = seen else { return };
        self.judged += 1;
        if is_citizen(listener) && is_citizen(speaker) {
            say(wrong, format!("{listener} hears {speaker}"), &[]);
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
