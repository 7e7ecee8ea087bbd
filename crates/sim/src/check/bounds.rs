//! No bound is passed: what the settings and the dialplan limit stays below.

use ambient::Now;
use switch::Status;
use switch::status::CALLS_SHOWN_MAX;

use super::dialogs::Change;
use super::{Check, Wrong, say};
use crate::tap::{Limits, Seen, Way};

/// Largest datagram that IPv4 carries.
const DATAGRAM_MAX: usize = 65_507;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Callers whom the line has answered, by the wire.
    callers: usize,
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
            Seen::Dialog(Change::Began(dialog)) if is_call(dialog) => self.callers += 1,
            Seen::Dialog(Change::Over(dialog)) if is_call(dialog) => {
                self.callers = self.callers.saturating_sub(1);
            }
            Seen::Figures(status, streams, limits) => {
                self.judged += 1;
                for (what, is, most) in self.pairs(status, *streams, limits) {
                    if is > most {
                        say(wrong, format!("{is} {what}, where {most} are the most"), &[]);
                    }
                }
            }
            _ => {}
        }
    }

    fn judged(&self) -> u64 {
        self.judged
    }
}

impl Bounds {
    /// What there is, and what may be.
    fn pairs(
        &self,
        status: &Status,
        streams: usize,
        Limits { config, plan }: &Limits<'_>,
    ) -> Vec<(String, usize, usize)> {
        let count = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
        let calls = count(status.counters.calls_live);
        let transactions = count(status.counters.transactions_live);
        // Whom the line calls back is no new call: they stand in line, and are called one for each agent.
        let called_back = status.call_backs.iter().filter(|open| open.in_line).count();
        let mut pairs = vec![
            ("calls".to_owned(), calls, config.calls_max + called_back.min(plan.agents.len())),
            ("callers".to_owned(), self.callers, config.calls_max),
            ("transactions".to_owned(), transactions, config.endpoint.transactions_max),
            // A caller, an agent, and who is rung for a transfer or replaces one of them.
            ("streams".to_owned(), streams, 4 * calls),
        ];
        // Of very many call-backs not all are shown.
        let all_shown = status.call_backs.len() < CALLS_SHOWN_MAX;
        for view in status.centre.queues.iter().filter(|_| all_shown) {
            let Some(queue) = plan.queues.get(&view.queue) else { continue };
            // Nobody is turned away who has talked with an agent already.
            let most = queue.waiting_max + plan.agents.len() + called_back;
            pairs.push((format!("wait in {}", view.queue), view.waiting + view.offered, most));
        }
        for view in &status.trunks {
            let trunk = plan.trunks.iter().find(|(name, _)| name.as_str() == &*view.trunk);
            let Some((_, trunk)) = trunk else { continue };
            pairs.push((format!("calls on {}", view.trunk), view.calls, trunk.calls_max));
        }
        pairs
    }
}

/// Whether it is a call to the line, and not who replaces a side of one.
fn is_call(dialog: &super::dialogs::Dialog) -> bool {
    !dialog.outgoing && !dialog.replaces
}
