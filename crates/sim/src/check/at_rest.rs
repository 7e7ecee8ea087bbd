//! Transactions and memory return to zero: when everybody has hung up, nothing is left.

use ambient::Now;
use queue::snapshot::CallState;

use super::{Check, Wrong, say};
use crate::tap::Seen;

/// Transactions of the questions to one trunk: its addresses, with one question each.
const QUESTIONS_MAX: usize = 4;
/// The tables in which these questions stand.
const OF_QUESTIONS: [&str; 6] = [
    "client transactions",
    "branches",
    "DNS questions asked",
    "transaction timers",
    "transactions by address",
    "forwarded branches and questions",
];

/// See the module.
#[derive(Debug, Default)]
pub(super) struct AtRest {
    judged: u64,
}

impl Check for AtRest {
    fn name(&self) -> &'static str {
        "at-rest"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        let Seen::Rest(status, footprint) = seen else { return };
        self.judged += 1;
        // Trunks are asked all the time whether they live; an answered OPTIONS is kept for Timer K.
        let watched = status.trunks.iter().filter(|trunk| trunk.alive.is_some()).count();
        for (table, size) in *footprint {
            let most = if OF_QUESTIONS.contains(table) { watched * QUESTIONS_MAX } else { 0 };
            if *size > most {
                say(wrong, format!("{table}: {size} are left"), &[]);
            }
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

    fn judged(&self) -> u64 {
        self.judged
    }
}
