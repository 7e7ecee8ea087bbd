//! Max-Forwards ends every loop (RFC 3261 §16.3, RFC 7332): each hop through the line takes one, and
//! what has none left goes no further.

use std::collections::{BTreeMap, VecDeque};

use ambient::Now;

use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// INVITEs remembered.
const INVITES_MAX: usize = 20_000;

/// The Max-Forwards with which each INVITE came in, by Call-ID and branch: one that comes round has the
/// Call-ID of before, and another branch.
#[derive(Debug, Default)]
pub(super) struct Loops {
    came: BTreeMap<(String, String), u32>,
    order: VecDeque<(String, String)>,
    judged: u64,
}

impl Check for Loops {
    fn name(&self) -> &'static str {
        "loops"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        let Seen::Sip { way, sip, .. } = seen else { return };
        if !sip.is_request() {
            return;
        }
        match way {
            Way::In if sip.is_initial("INVITE") => {
                let key = (sip.call_id.to_owned(), sip.branch.to_owned());
                if self.came.insert(key.clone(), sip.max_forwards.unwrap_or(70)).is_some() {
                    return;
                }
                self.order.push_back(key);
                if self.order.len() > INVITES_MAX
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.came.remove(&oldest);
                }
            }
            Way::In => {}
            Way::Out => {
                let Some(hops) = sip.max_forwards else {
                    let what = format!("{} goes out without Max-Forwards", sip.method);
                    return say(wrong, what, &[sip.call_id]);
                };
                if hops > 70 {
                    let what = format!("{} goes out with {hops} hops", sip.method);
                    say(wrong, what, &[sip.call_id]);
                }
                // The Via below the line's is the one with which it came.
                let key = (sip.call_id.to_owned(), sip.branch_below.to_owned());
                let Some(came) = self.came.get(&key).filter(|_| sip.is_initial("INVITE")) else {
                    return;
                };
                self.judged += 1;
                if hops >= *came {
                    let what = format!("came with {came} hops, goes on with {hops}");
                    say(wrong, what, &[sip.call_id]);
                }
            }
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}
