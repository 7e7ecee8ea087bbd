//! A call waits: who serves the queue, and how long.

use std::time::Duration;

use ambient::Wall;

use super::moments::moments;
use super::step::{End, Other, What, WhyNot};
use super::walk::{Next, Walk};
use crate::decide::SendOnReason;
use crate::decide::queue::STAFF_GRACE;
use crate::{GroupId, Queue, QueueId, Target, Thing, Tier};

/// A wait that the dialplan does not end is looked at for so long.
const LONGEST: Duration = Duration::from_secs(24 * 3600);

/// What comes of a wait.
enum Comes {
    Served(Vec<GroupId>),
    SentOn(SendOnReason),
    Nothing,
}

impl Walk<'_> {
    /// Waits in a queue until somebody takes the call or it is sent on.
    pub(super) fn wait(&mut self, id: &QueueId) -> Next {
        let Some(queue) = self.plan.queues.get(id) else {
            return Next::End(End::SentAway(SendOnReason::NobodyOnDuty));
        };
        let thing = Thing::Queue(id.clone());
        if let Some(recording) = &queue.recording
            && !std::mem::replace(&mut self.told_of_recording, true)
        {
            let words = recording.announce.clone();
            self.step(What::TellsOfRecording(words), &thing, "");
        }
        self.step(What::Waits(id.clone()), &thing, "");
        let joined = self.now;
        let waited = joined.since(*self.waits_since.get_or_insert(joined));
        let (after, comes) = self.comes_of(queue, joined, waited);
        self.now = joined + after;
        match comes {
            Comes::Served(groups) => {
                let others = self.not_served_by(queue, waited + after);
                let is_first = |tier: &Tier| groups.first() == Some(&tier.group);
                let row = queue.serve.iter().position(is_first).unwrap_or(0);
                let what = What::Served(id.clone(), after, groups);
                self.step(what, &Thing::Tier(id.clone(), row), "");
                self.others(others);
                self.others(self.ways_out(queue));
                Next::End(End::Served(id.clone()))
            }
            Comes::SentOn(why) => {
                let others = self.not_served_by(queue, waited + after);
                self.sent_on(queue, why);
                self.others(others);
                let to = queue.way_out(why).clone();
                match to {
                    Target::Announce(prompt) => {
                        self.step(What::Announces(prompt), &thing, key_of(why));
                        Next::End(End::SentAway(why))
                    }
                    Target::CallBack => Next::End(End::CallBack(id.clone())),
                    Target::Hangup => Next::End(End::SentAway(why)),
                    Target::Menu(_)
                    | Target::Queue(_)
                    | Target::Clinic(_)
                    | Target::OwnClinic
                    | Target::Outside(_)
                    | Target::Request(_) => Next::Go(to),
                }
            }
            Comes::Nothing => {
                let others = self.not_served_by(queue, waited + after);
                self.step(What::WaitsOn(id.clone()), &thing, "overflow");
                self.others(others);
                Next::End(End::Waits(id.clone()))
            }
        }
    }

    fn sent_on(&mut self, queue: &Queue, why: SendOnReason) {
        let (say, to) = (queue.last_words(why).cloned(), queue.way_out(why).clone());
        let what = What::WaitsNoMore(queue.id.clone(), why, say, to);
        self.step(what, &Thing::Queue(queue.id.clone()), key_of(why));
    }

    /// What comes of the wait, and after how long.
    fn comes_of(&self, queue: &Queue, joined: Wall, waited: Duration) -> (Duration, Comes) {
        let limit = queue.overflow.after.unwrap_or(LONGEST);
        let mut alone_since = None;
        for after in moments(queue, joined, waited, limit) {
            let at = joined + after;
            let staffed: Vec<&Tier> =
                queue.serve.iter().filter(|tier| self.is_staffed(tier, at)).collect();
            if staffed.is_empty() {
                let since = *alone_since.get_or_insert(after);
                // Who waits already stays a while after the last agent has left.
                if after.is_zero() || after >= since + STAFF_GRACE {
                    return (after, Comes::SentOn(SendOnReason::NobodyOnDuty));
                }
                continue;
            }
            alone_since = None;
            let serving: Vec<GroupId> = staffed
                .iter()
                .filter(|tier| tier.after <= waited + after)
                .map(|tier| tier.group.clone())
                .collect();
            if !serving.is_empty() && !self.question.all_busy {
                return (after, Comes::Served(serving));
            }
        }
        match queue.overflow.after {
            Some(after) => (after, Comes::SentOn(SendOnReason::TooLong)),
            None => (LONGEST, Comes::Nothing),
        }
    }

    fn is_staffed(&self, tier: &Tier, at: Wall) -> bool {
        self.plan.holds(tier.when.as_ref(), at) && self.has_staff(&tier.group)
    }

    fn has_staff(&self, group: &GroupId) -> bool {
        let agents = self.plan.groups.get(group).map(|group| group.agents.as_slice());
        agents.unwrap_or_default().iter().any(|agent| self.question.on_duty.has(agent))
    }

    /// Why tiers do not serve the call now.
    fn not_served_by(&self, queue: &Queue, waited: Duration) -> Vec<Other> {
        let mut others = Vec::new();
        for (index, tier) in queue.serve.iter().enumerate() {
            let group = tier.group.clone();
            let (why, key) = match &tier.when {
                Some(when) if !self.plan.holds(Some(when), self.now) => {
                    (WhyNot::Closed(group, when.clone()), "when")
                }
                _ if !self.has_staff(&group) => (WhyNot::NobodyOf(group), "group"),
                _ if tier.after > waited => (WhyNot::Later(group, tier.after), "after"),
                _ if self.question.all_busy => (WhyNot::BusyAll(group), "group"),
                _ => continue,
            };
            let thing = Thing::Tier(queue.id.clone(), index);
            let place = self.plan.places.of_key_or_thing(&thing, key).cloned();
            others.push(Other { why, place });
        }
        others
    }

    /// Where the call would go that cannot wait here.
    fn ways_out(&self, queue: &Queue) -> Vec<Other> {
        let overflow = &queue.overflow;
        let too_long = overflow.after.map(|after| WhyNot::Overflow(after, overflow.to.clone()));
        let ways = [
            too_long.map(|why| (why, "overflow")),
            Some((WhyNot::Full(queue.waiting_max, overflow.to.clone()), "waiting_max")),
            Some((WhyNot::Unstaffed(queue.closed.to.clone()), "closed")),
        ];
        let thing = Thing::Queue(queue.id.clone());
        let place = |key| self.plan.places.of_key(&thing, key).cloned();
        ways.into_iter().flatten().map(|(why, key)| Other { why, place: place(key) }).collect()
    }
}

/// Where the dialplan says what becomes of calls that cannot wait.
fn key_of(why: SendOnReason) -> &'static str {
    match why {
        SendOnReason::TooLong | SendOnReason::Full => "overflow",
        SendOnReason::NobodyOnDuty => "closed",
    }
}
