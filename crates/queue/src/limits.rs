//! Ceilings and times of the centre, in one place.

use std::time::Duration;

use dialplan::Dialplan;
pub use dialplan::decide::queue::STAFF_GRACE;

/// Calls that wait or are offered in the whole centre; one more is sent on as
/// [`crate::SendOnReason::Full`].
pub const WAITING_MAX: usize = 20_000;
/// Queues of a dialplan, and of those before whose calls still wait.
pub const QUEUES_MAX: usize = 500;
/// Tiers of one queue.
pub const TIERS_MAX: usize = 32;
/// Groups of a dialplan.
pub const GROUPS_MAX: usize = 1_000;
/// Agents of a dialplan.
pub const AGENTS_MAX: usize = 5_000;
/// Calls that one agent is kept from at a time; one more is not kept from the agent.
pub const RETRIES_MAX: usize = 64;
/// Agents remembered to have refused a call, the latest ones.
pub const REFUSERS_MAX: usize = 16;

/// How long an agent is kept for a call-back at most, while the citizen is called.
pub const RESERVED_FOR: Duration = Duration::from_secs(90);
/// The same call is not offered again to an agent who did not take it before this is over.
pub const RETRY_PAUSE: Duration = Duration::from_secs(5);
/// An agent who let the phone ring gets no offer for so long.
pub const PAUSE_NO_ANSWER: Duration = Duration::from_secs(3);
/// An agent who rejected a call gets no offer for so long: time to finish what was in the way.
pub const PAUSE_DECLINED: Duration = Duration::from_secs(2);
/// An agent whose phone was busy gets no offer for so long: a talk that we do not see takes a while.
pub const PAUSE_BUSY: Duration = Duration::from_secs(10);
/// A phone that is busy so soon after its last call has not put it down yet: BYE and the next INVITE
/// reach it at the same moment.
pub const HANGING_UP: Duration = Duration::from_secs(2);
/// Then it is rung again after so long.
pub const PAUSE_HANGING_UP: Duration = Duration::from_millis(500);
/// An agent whose phone could not be reached for an offer gets none for so long, unless it is
/// reported reachable before. Without an end to it, a lost report would keep the agent out of work.
pub const PAUSE_UNREACHABLE: Duration = Duration::from_secs(30);
/// So many calls rung in vain, one after another, put the agent on a break.
pub const MISSED_MAX: u32 = 2;

/// How long an agent whose phone was lost still counts as somebody on duty: phones that register
/// anew from another address are away for seconds.
pub const LOST_GRACE: Duration = Duration::from_secs(30);
/// How long a call waits for the one agent it wants before others may take it.
pub const PERSON_WAIT: Duration = Duration::from_secs(60);

/// The first announcement comes so long after a call began to wait: when an agent is free, the
/// caller should hear the agent instead.
pub const ANNOUNCE_FIRST: Duration = Duration::from_secs(5);
/// Announcements of one call are at least so far apart.
pub const ANNOUNCE_GAP_MIN: Duration = Duration::from_secs(15);
/// Handling time of a queue (talk and wrap-up) that is assumed before the first call has shown it.
pub const HANDLING_DEFAULT: Duration = Duration::from_secs(180);
/// Longest handling time that counts for the mean: a talk that somebody forgot to end must not
/// spoil the expected wait of a whole day.
pub const HANDLING_MAX: Duration = Duration::from_secs(3600);

/// A dialplan passes a ceiling of the centre.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the dialplan has {count} {what}, the most are {max}")]
pub struct TooLarge {
    /// What there is too much of.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
    /// How many there may be.
    pub max: usize,
}

/// Whether a dialplan stays below the ceilings.
///
/// # Errors
/// The first ceiling that it passes.
pub fn check(plan: &Dialplan) -> Result<(), TooLarge> {
    let tiers = plan.queues.values().map(|queue| queue.serve.len()).max().unwrap_or(0);
    for (what, count, max) in [
        ("queues", plan.queues.len(), QUEUES_MAX),
        ("tiers in one queue", tiers, TIERS_MAX),
        ("groups", plan.groups.len(), GROUPS_MAX),
        ("agents", plan.agents.len(), AGENTS_MAX),
    ] {
        if count > max {
            return Err(TooLarge { what, count, max });
        }
    }
    Ok(())
}
