//! No bound is passed: what the settings and the dialplan limit stays below.

use ambient::Now;

use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};
use crate::world::settings;

/// Largest datagram that IPv4 carries.
const DATAGRAM_MAX: usize = 65_507;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    judged: u64,
}

impl Check for Bounds {
    fn name(&self) -> &'static str {
        "bounds"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Sip { way: Way::Out, sip, .. } if sip.body.len() > DATAGRAM_MAX => {
                say(wrong, "a message that no datagram carries".to_owned(), &[sip.call_id]);
            }
            Seen::Figures(status, streams) => {
                self.judged += 1;
                let limits = settings();
                let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
                let calls = count(status.counters.calls_live);
                let pairs = [
                    ("calls", calls, limits.calls_max),
                    (
                        "transactions",
                        count(status.counters.transactions_live),
                        limits.endpoint.transactions_max,
                    ),
                    // A caller, an agent, and who is rung for a transfer or replaces one of them.
                    ("streams", *streams, 4 * calls),
                ];
                for (what, is, most) in pairs.into_iter().filter(|(_, is, most)| is > most) {
                    say(wrong, format!("{is} {what}, where {most} are the most"), &[]);
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
