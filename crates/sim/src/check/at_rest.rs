//! Transactions and memory return to zero: when everybody has hung up, nothing is left.

use ambient::Now;
use queue::snapshot::CallState;

use super::{Check, Wrong, say};
use crate::tap::Seen;

/// Transactions of the questions to one trunk: its addresses, with one question each.
const QUESTIONS_MAX: u64 = 4;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct AtRest;

impl Check for AtRest {
    fn name(&self) -> &'static str {
        "at-rest"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        let Seen::Rest(status, streams) = seen else { return };
        let counters = &status.counters;
        // Trunks are asked all the time whether they live; an answered OPTIONS is kept for Timer K.
        let watched = status.trunks.iter().filter(|trunk| trunk.alive.is_some()).count();
        let questions = u64::try_from(watched).unwrap_or(0) * QUESTIONS_MAX;
        let left = [
            ("calls", counters.calls_live),
            ("proxied calls", counters.calls_proxied_live),
            ("legs", counters.legs_live),
            ("transactions", counters.transactions_live.saturating_sub(questions)),
            ("streams", u64::try_from(*streams).unwrap_or(u64::MAX)),
        ];
        for (what, count) in left.into_iter().filter(|(_, count)| *count > 0) {
            say(wrong, format!("{count} {what} are left"), &[]);
        }
        for trunk in status.trunks.iter().filter(|trunk| trunk.calls > 0) {
            say(wrong, format!("{} calls are counted on {}", trunk.calls, trunk.trunk), &[]);
        }
        for queue in status.centre.queues.iter().filter(|queue| queue.waiting + queue.offered > 0) {
            say(wrong, format!("somebody waits in {} for ever", queue.queue), &[]);
        }
        for agent in &status.centre.agents {
            match agent.call {
                CallState::Waiting | CallState::WrapUp => {}
                CallState::Receiving | CallState::InCall => {
                    say(wrong, format!("{} is taken for {:?}", agent.agent, agent.call), &[]);
                }
            }
        }
    }
}
