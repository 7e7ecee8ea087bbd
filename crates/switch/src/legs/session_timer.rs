//! Session timers (RFC 4028): a dead peer is noticed even if nothing else is said.

use std::time::Duration;

use ambient::{Mono, Timers};
use sip::values::{Refresher, SessionExpires, delta_seconds};
use sip::{HeaderName, Message};

use super::LegId;
use super::leg::LegTimer;

/// The shortest interval that we accept (RFC 4028 §5 recommends 90 s as the least).
pub(super) const MIN_SE: Duration = Duration::from_secs(90);

/// One leg's session timer.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SessionTimer {
    /// The agreed interval; `None` while there is none.
    pub(super) interval: Option<Duration>,
    /// Whether refreshing is ours.
    pub(super) we_refresh: bool,
}

impl SessionTimer {
    /// One that is to be agreed by the next request of ours.
    pub(super) fn of_interval(interval: Duration) -> SessionTimer {
        SessionTimer { interval: Some(interval), we_refresh: true }
    }

    /// Starts the interval anew, after it was agreed or refreshed.
    pub(super) fn restart(&self, now: Mono, leg: LegId, timers: &mut Timers<(LegId, LegTimer)>) {
        let Some(interval) = self.interval else { return };
        if self.we_refresh {
            timers.arm((leg, LegTimer::Refresh), now + interval / 2);
        } else {
            timers.disarm(&(leg, LegTimer::Refresh));
        }
        // RFC 4028 §10: the side that does not refresh sends BYE min(32 s, a third) before the end.
        let margin = Duration::from_secs(32).min(interval / 3);
        timers.arm((leg, LegTimer::Expire), now + interval - margin);
    }

    /// As the side that answers: what the request asks for, and what the 2xx is to say
    /// (RFC 4028 §9). `wanted` is our own interval, used if the peer asks for none.
    pub(super) fn answer(&mut self, request: &Message, wanted: Duration, response: &mut Message) {
        let asked = Asked::of(request);
        let peer_supports = lists(request, HeaderName::Supported, "timer");
        let interval = asked.map_or(wanted, |a| a.interval.min(wanted)).max(MIN_SE);
        let by_peer = match asked.and_then(|a| a.refresher_is_uac) {
            Some(uac) => uac,
            None => peer_supports,
        };
        self.interval = Some(interval);
        self.we_refresh = !by_peer;
        let refresher = Some(if by_peer { Refresher::Uac } else { Refresher::Uas });
        let seconds = u32::try_from(interval.as_secs()).unwrap_or(u32::MAX);
        response.set(HeaderName::SessionExpires, SessionExpires { seconds, refresher });
        if peer_supports {
            response.push(HeaderName::Require, "timer");
        }
    }

    /// As the side that asked: what the 2xx says (RFC 4028 §7.2). Without the header the peer knows
    /// no session timers, and we refresh alone.
    pub(super) fn agreed(&mut self, response: &Message, wanted: Duration) {
        match Asked::of(response) {
            Some(asked) => {
                self.interval = Some(asked.interval.max(MIN_SE));
                self.we_refresh = asked.refresher_is_uac.unwrap_or(true);
            }
            None => {
                self.interval = Some(wanted);
                self.we_refresh = true;
            }
        }
    }
}

/// The request's interval is too short for us: to be refused with 422 and our Min-SE.
pub(super) fn too_short(request: &Message) -> bool {
    Asked::of(request).is_some_and(|asked| asked.interval < MIN_SE)
        && lists(request, HeaderName::Supported, "timer")
}

/// The Min-SE of a 422.
pub(super) fn min_se(response: &Message) -> Option<Duration> {
    let seconds = delta_seconds(response.header(HeaderName::MinSe)?).ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// Whether a header that lists tokens holds this one.
pub(super) fn lists(message: &Message, header: HeaderName, token: &str) -> bool {
    message.elements(header).any(|element| element.trim().eq_ignore_ascii_case(token))
}

#[derive(Clone, Copy)]
struct Asked {
    interval: Duration,
    refresher_is_uac: Option<bool>,
}

impl Asked {
    fn of(message: &Message) -> Option<Asked> {
        let value = SessionExpires::parse(message.header(HeaderName::SessionExpires)?).ok()?;
        Some(Asked {
            interval: Duration::from_secs(value.seconds.into()),
            refresher_is_uac: value.refresher.map(|who| who == Refresher::Uac),
        })
    }
}
