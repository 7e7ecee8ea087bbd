//! Nobody is forgotten in a queue: when nothing is broken any more, no caller waits beside an agent who is free for the
//! queue. That a caller for whom nobody is free comes to an end all the same, `answered.rs` sees.

use std::collections::BTreeMap;
use std::time::Duration;

use ambient::Now;
use dialplan::QueueId;

use super::{Check, Wrong, say};
use crate::tap::Seen;

/// After so long a caller may have any agent of the queue: no region's tiers begin later.
const ANY_AFTER: Duration = Duration::from_secs(180);
/// So often in a row, a minute apart, both may be seen: between two offers an agent is free for a moment.
const TIMES_MAX: u32 = 2;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Forgotten {
    is_healed: bool,
    /// How often in a row somebody has waited in a queue beside somebody free.
    beside: BTreeMap<QueueId, u32>,
    judged: u64,
}

impl Check for Forgotten {
    fn name(&self) -> &'static str {
        "forgotten"
    }

    fn see(&mut self, _now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>) {
        match seen {
            Seen::Healed => self.is_healed = true,
            Seen::Figures(status, ..) if self.is_healed => {
                for queue in &status.centre.queues {
                    self.judged += u64::from(queue.waiting > 0);
                    let waits = queue.waiting > 0 && queue.longest_wait >= ANY_AFTER;
                    if !waits || queue.free == 0 {
                        self.beside.remove(&queue.queue);
                        continue;
                    }
                    let times = self.beside.entry(queue.queue.clone()).or_default();
                    *times += 1;
                    if *times > TIMES_MAX {
                        let (queue, free, waited) = (&queue.queue, queue.free, queue.longest_wait);
                        let what =
                            format!("waits in {queue} for {waited:?} beside {free} who are free");
                        say(wrong, what, &[]);
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
