//! The moments of a wait at which something may change.

use std::collections::BTreeSet;
use std::time::Duration;

use ambient::Wall;

use crate::Queue;
use crate::decide::queue::STAFF_GRACE;

const MINUTE: Duration = Duration::from_secs(60);

/// How long after a call began to wait something may change, up to `limit`: schedules change with
/// the minute, and what they leave behind with the grace that follows; groups join after their time.
/// `waited` is what the call had waited before, in another queue.
pub(super) fn moments(
    queue: &Queue,
    joined: Wall,
    waited: Duration,
    limit: Duration,
) -> BTreeSet<Duration> {
    let mut moments = BTreeSet::from([Duration::ZERO]);
    moments.extend(queue.serve.iter().filter_map(|tier| tier.after.checked_sub(waited)));
    let into_minute = joined.unix_millis().rem_euclid(60_000).unsigned_abs();
    let mut minute = MINUTE - Duration::from_millis(into_minute);
    let scheduled = queue.serve.iter().any(|tier| tier.when.is_some());
    while scheduled && minute < limit {
        moments.insert(minute);
        moments.insert(minute + STAFF_GRACE);
        minute += MINUTE;
    }
    moments.retain(|moment| *moment < limit);
    moments
}
