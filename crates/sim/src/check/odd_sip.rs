//! Carriers with odd but legal SIP get what the RFCs promise them: see [`crate::gateway`].

use ambient::Now;

use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// See the module.
#[derive(Debug, Default)]
pub(super) struct OddSip {
    judged: u64,
}

impl Check for OddSip {
    fn name(&self) -> &'static str {
        "odd-sip"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        if let Seen::Sip { way: Way::Out, sip, .. } = seen {
            self.judged += u64::from(sip.call_id.starts_with("gw"));
        }
        if let Seen::Complaint { what, call_id } = seen {
            say(wrong, format!("a carrier's gateway: {what}"), &[call_id]);
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
