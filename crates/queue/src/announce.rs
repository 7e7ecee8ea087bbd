//! What a waiting caller is told: place and expected wait.

use std::time::Duration;

use journal::CallId;

use crate::call::Stands;
use crate::limits::{ANNOUNCE_FIRST, ANNOUNCE_GAP_MIN};
use crate::timer::Timer;
use crate::topic::{Topic, TopicIx};
use crate::{Centre, Output};

impl Centre {
    /// Tells the caller, and again after the queue's time. While a phone rings for the call, or it
    /// waits for one agent, there is no place to tell.
    pub(crate) fn announce(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let topic = &self.topics[call.topic.0];
        let Some(every) = topic.queue.announce_every else { return };
        let now = self.clock.mono();
        if call.stands == Stands::InLine {
            call.told = Some(now);
            let ahead = topic.line.ahead_of(call.rank);
            let (at, rank) = (call.topic, call.rank);
            let again = now + every.max(ANNOUNCE_GAP_MIN);
            let wait = self.expected_wait(at, rank);
            self.outputs.push_back(Output::Announce { call: id, ahead, wait });
            self.timers.arm(Timer::Announce(id), again);
        } else {
            self.timers.arm(Timer::Announce(id), now + ANNOUNCE_FIRST);
        }
    }

    /// Mean handling time × calls ahead ÷ agents really serving. Calls of other queues that come
    /// first count as far as they are served by the same agents: operators who serve all topics
    /// would make the wait of one line alone a false promise.
    ///
    /// `None` when nobody serves.
    fn expected_wait(&self, ix: TopicIx, rank: crate::line::Rank) -> Option<Duration> {
        let topic = &self.topics[ix.0];
        let serving = u128::try_from(topic.serving).ok().filter(|serving| *serving > 0)?;
        let mut work: u128 = 0;
        for (other, shared) in self.shared_agents(ix, topic) {
            let line = &self.topics[other.0];
            let ahead = line.line.ahead_of(rank) as u128;
            let of = line.serving.max(1) as u128;
            work += u128::from(line.handling.millis()) * ahead * (shared as u128).min(of) / of;
        }
        Some(Duration::from_millis(u64::try_from(work / serving).unwrap_or(u64::MAX)))
    }

    /// The queues that share agents with this one, and how many of those agents serve now. An agent
    /// in two groups counts for each; the caller bounds it.
    fn shared_agents(&self, ix: TopicIx, topic: &Topic) -> Vec<(TopicIx, usize)> {
        let mut shared = vec![(ix, topic.serving)];
        let mut groups: Vec<_> =
            topic.tiers.iter().filter(|tier| tier.open).map(|tier| tier.group).collect();
        groups.sort_unstable();
        groups.dedup();
        for group in groups.iter().map(|group| &self.groups[group.0]) {
            let others = group
                .serves
                .iter()
                .filter(|(other, tier)| *other != ix && self.topics[other.0].tiers[*tier].open);
            shared.extend(others.map(|(other, _)| (*other, group.serving)));
        }
        shared.sort_unstable();
        shared.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        shared
    }
}
