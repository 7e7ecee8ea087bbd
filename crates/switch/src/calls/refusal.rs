//! What it means that a phone was not answered.

use journal::ForwardCause;
use proxy::NoDial;
use queue::NotTaken;
use sip::StatusCode;

/// Of two refusals the one that says more about the person: a decision, then busy, then silence,
/// then an unreachable phone.
pub(super) fn better(before: Option<StatusCode>, now: StatusCode) -> StatusCode {
    let rank = |status: StatusCode| match status.0 {
        600..=699 | 403 => 0,
        300..=399 => 1,
        486 | 480 => 2,
        408 | 487 => 3,
        _ => 4,
    };
    match before {
        Some(before) if rank(before) <= rank(now) => before,
        Some(_) | None => now,
    }
}

/// What to tell when nobody could even be rung.
pub(super) fn status_of(why: NoDial) -> StatusCode {
    match why {
        NoDial::NotRegistered | NoDial::NoTrunk => StatusCode(404),
        NoDial::TrunkFull => StatusCode(503),
        NoDial::Forbidden => StatusCode(403),
    }
}

/// What the queue is to know of it.
pub(super) fn not_taken(status: StatusCode) -> NotTaken {
    match status.0 {
        486 | 600 => NotTaken::Busy,
        404 | 408 | 500..=599 => NotTaken::Unreachable,
        _ => NotTaken::Declined,
    }
}

/// Why a clinic's line passes the call on.
pub(super) fn forward_cause(status: StatusCode) -> ForwardCause {
    match status.0 {
        408 | 487 => ForwardCause::NoAnswer,
        300..=399 => ForwardCause::Unconditional,
        480 | 486 | 403 | 600..=699 => ForwardCause::Busy,
        _ => ForwardCause::Unreachable,
    }
}
