//! Max-Forwards ends every loop (RFC 3261 §16.3, RFC 7332): each hop through the line takes one, and
//! what has none left goes no further.

use std::collections::{BTreeMap, VecDeque};

use ambient::Now;

use super::{Check, Wrong, say};
use crate::tap::{Seen, Way};

/// Calls remembered.
const CALLS_MAX: usize = 5_000;

/// The Max-Forwards with which each INVITE came in: by Call-ID, the largest.
#[derive(Debug, Default)]
pub(super) struct Loops {
    came: BTreeMap<String, u32>,
    order: VecDeque<String>,
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
                let hops = sip.max_forwards.unwrap_or(70);
                if let Some(most) = self.came.get_mut(sip.call_id) {
                    *most = (*most).max(hops);
                    return;
                }
                if self.order.len() == CALLS_MAX
                    && let Some(oldest) = self.order.pop_front()
                {
                    self.came.remove(&oldest);
                }
                self.came.insert(sip.call_id.to_owned(), hops);
                self.order.push_back(sip.call_id.to_owned());
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
                if let Some(came) = self.came.get(sip.call_id)
                    && sip.is_initial("INVITE")
                    && hops >= *came
                {
                    let what = format!("came with {came} hops, goes on with {hops}");
                    say(wrong, what, &[sip.call_id]);
                }
            }
        }
    }
}
