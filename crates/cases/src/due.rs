//! By when a case needs its answer.

use std::time::Duration;

use ambient::Wall;
use dialplan::{DaysCounted, Dialplan, QueueId};

use crate::Urgency;

/// Where the topic says nothing: five days.
const ORDINARY: Duration = Duration::from_secs(5 * 86_400);
/// For topics that the dialplan does not have any more: three hours.
const URGENT: Duration = Duration::from_secs(3 * 3600);

/// By when a case of this topic and urgency needs its answer that came then: in the topic's time; what is
/// urgent beyond its topic, in the topic's shorter time for that.
#[must_use]
pub fn due(plan: &Dialplan, topic: &QueueId, urgency: Urgency, came: Wall) -> Wall {
    let queue = plan.queues.get(topic);
    let of_topic = queue.and_then(|queue| plan.due(queue, came));
    let is_urgent_topic = queue.is_some_and(|queue| queue.urgent);
    let within = queue.map_or(URGENT, |queue| queue.urgent_within);
    let urgent = plan.after(DaysCounted::Every, came, within);
    match (urgency, of_topic) {
        (Urgency::Urgent, Some(due)) if is_urgent_topic => due,
        (Urgency::Urgent, due) => due.unwrap_or(urgent).min(urgent),
        (Urgency::Ordinary, Some(due)) => due,
        (Urgency::Ordinary, None) => plan.after(DaysCounted::Every, came, ORDINARY),
    }
}

/// The urgency of a topic's cases unless somebody says otherwise.
#[must_use]
pub fn usual_urgency(plan: &Dialplan, topic: &QueueId) -> Urgency {
    match plan.queues.get(topic) {
        Some(queue) if queue.urgent => Urgency::Urgent,
        Some(_) | None => Urgency::Ordinary,
    }
}
