//! A queue at work: who may serve it now, who waits, how long a call takes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use dialplan::{Dialplan, GroupId, QueueId, ScheduleId};
use journal::Closing;

use crate::agent::GroupIx;
use crate::limits::{HANDLING_DEFAULT, HANDLING_MAX};
use crate::line::Line;

/// A queue's place in the list of queues.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TopicIx(pub(crate) usize);

/// A queue at work.
#[derive(Debug)]
pub(crate) struct Topic {
    pub(crate) queue: Arc<dialplan::Queue>,
    /// Stands in the dialplan; one that does not any more serves who still comes to it.
    pub(crate) listed: bool,
    pub(crate) tiers: Vec<Tier>,
    /// After these waits more agents may take a call; ascending, without zero.
    pub(crate) widenings: Vec<Duration>,
    /// Calls that anybody may take, without those being offered.
    pub(crate) line: Line,
    /// Somebody has closed it.
    pub(crate) closed: Option<Closing>,
    /// All calls that wait here: in the line, for one agent, and being offered.
    pub(crate) calls: usize,
    /// Agents who count as on duty for it now.
    pub(crate) present: usize,
    /// Agents who really serve it now: on duty, not on a break, with a phone that can be reached.
    pub(crate) serving: usize,
    /// The last agent has left and calls still wait: the time of grace runs.
    pub(crate) grace: bool,
    pub(crate) handling: Handling,
}

/// Agents who may serve a queue.
#[derive(Debug)]
pub(crate) struct Tier {
    pub(crate) group: GroupIx,
    pub(crate) when: Option<ScheduleId>,
    pub(crate) after: Duration,
    /// The schedule holds now.
    pub(crate) open: bool,
}

impl Topic {
    pub(crate) fn new(queue: &dialplan::Queue, groups: &BTreeMap<GroupId, GroupIx>) -> Topic {
        Topic::of(Arc::new(queue.clone()), groups)
    }

    /// A queue that the new dialplan does not have, as the old one had it: with those of its groups
    /// that there still are. A schedule that is no more does not keep them from who still waits.
    pub(crate) fn kept(old: &Topic, plan: &Dialplan, groups: &BTreeMap<GroupId, GroupIx>) -> Topic {
        let mut topic = Topic::of(old.queue.clone(), groups);
        topic.listed = false;
        for tier in &mut topic.tiers {
            tier.when.take_if(|id| !plan.schedules.contains_key(id));
        }
        topic
    }

    fn of(queue: Arc<dialplan::Queue>, groups: &BTreeMap<GroupId, GroupIx>) -> Topic {
        let tier = |tier: &dialplan::Tier| {
            let group = *groups.get(&tier.group)?;
            Some(Tier { group, when: tier.when.clone(), after: tier.after, open: false })
        };
        let tiers: Vec<Tier> = queue.serve.iter().filter_map(tier).collect();
        let mut widenings: Vec<Duration> = tiers.iter().map(|tier| tier.after).collect();
        widenings.retain(|after| !after.is_zero());
        widenings.sort_unstable();
        widenings.dedup();
        Topic {
            queue,
            listed: true,
            tiers,
            widenings,
            closed: None,
            line: Line::default(),
            calls: 0,
            present: 0,
            serving: 0,
            grace: false,
            handling: Handling::default(),
        }
    }
}

/// The queues of a dialplan in the order of their names, empty.
pub(crate) fn topics(
    plan: &Dialplan,
    groups: &BTreeMap<GroupId, GroupIx>,
) -> (Vec<Topic>, BTreeMap<QueueId, TopicIx>) {
    let list: Vec<Topic> = plan.queues.values().map(|queue| Topic::new(queue, groups)).collect();
    let names = plan.queues.keys().cloned().enumerate().map(|(i, id)| (id, TopicIx(i))).collect();
    (list, names)
}

/// Running mean of the handling time (talk and wrap-up). A call counts for an eighth, so that the
/// mean follows the hours of a day and one long talk does not decide it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Handling {
    millis: u64,
}

impl Handling {
    pub(crate) fn learn(&mut self, sample: Duration) {
        self.millis = (self.millis * 7 + millis(sample.min(HANDLING_MAX))) / 8;
    }

    pub(crate) fn millis(self) -> u64 {
        self.millis
    }
}

impl Default for Handling {
    fn default() -> Self {
        Handling { millis: millis(HANDLING_DEFAULT) }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
