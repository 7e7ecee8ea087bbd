//! Every timer of the transaction layer: its name, its length, whom it belongs to.

use std::time::Duration;

use ambient::{Mono, Timers};

/// The timers of RFC 3261 §17 (table 4) and RFC 6026, and others of this endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// INVITE sent again over UDP.
    A,
    /// INVITE without any response; after a CANCEL: without a final one (§9.1).
    B,
    /// Refusals of an INVITE still absorbed.
    D,
    /// Other request sent again over UDP.
    E,
    /// Other request without a final response.
    F,
    /// Refusal of an INVITE sent again.
    G,
    /// Refusal of an INVITE without ACK.
    H,
    /// ACKs still absorbed.
    I,
    /// Retransmitted other requests still absorbed.
    J,
    /// Responses to other requests still absorbed.
    K,
    /// Accepted INVITE still absorbed (RFC 6026 §7.1).
    L,
    /// 2xx to our INVITE still taken (RFC 6026 §7.2).
    M,
    /// 100 Trying is due (§17.2.1).
    Trying,
    /// Our user has not answered a request other than INVITE and the client has given up.
    Unanswered,
    /// DNS has not answered.
    Locate,
    /// A server among several has said nothing at all (RFC 3263 §4.3).
    Silent,
}

/// Which transaction a timer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A server transaction by its number.
    Server(u64),
    /// A client transaction by its number.
    Client(u64),
    /// A message sent without a transaction, while it is located.
    Loose(u64),
}

/// The one table of deadlines.
pub(super) type Clock = Timers<(Owner, Timer)>;

/// Which timers of a transaction run, so that ending it forgets exactly these.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Running(u16);

/// T1, T2 and T4.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    pub(super) t1: Duration,
    pub(super) t2: Duration,
    pub(super) t4: Duration,
}

/// How long the user may be silent before we send 100 Trying (RFC 3261 §17.2.1).
pub(super) const TRYING_AFTER: Duration = Duration::from_millis(200);
/// Timer D over UDP (RFC 3261 §17.1.1.2).
const TIMER_D: Duration = Duration::from_secs(32);

impl Lengths {
    /// How long a timer runs (RFC 3261 table 4). `interval` is the present length of the doubling
    /// timers A, E and G. `None`: it does not run over this transport.
    pub(super) fn of(self, timer: Timer, reliable: bool, interval: Duration) -> Option<Duration> {
        let zero_if_reliable = |length| if reliable { Duration::ZERO } else { length };
        match timer {
            Timer::A | Timer::E | Timer::G => (!reliable).then_some(interval),
            Timer::B | Timer::F | Timer::H | Timer::L | Timer::M => Some(self.t1 * 64),
            Timer::D => Some(zero_if_reliable(TIMER_D.max(self.t1 * 64))),
            Timer::I | Timer::K => Some(zero_if_reliable(self.t4)),
            Timer::J => Some(zero_if_reliable(self.t1 * 64)),
            Timer::Trying => Some(TRYING_AFTER),
            // Four requests over UDP, and a server is to say 100 within 200 ms (RFC 3261 §17.2.1).
            Timer::Silent => Some(self.t1 * 8),
            Timer::Unanswered | Timer::Locate => Some(self.t1 * 64),
        }
    }
}

impl Running {
    /// Starts a timer, anew if it runs.
    pub(super) fn start(&mut self, clock: &mut Clock, key: (Owner, Timer), at: Mono) {
        self.0 |= 1 << key.1 as u16;
        clock.arm(key, at);
    }

    /// Stops a timer if it runs.
    pub(super) fn stop(&mut self, clock: &mut Clock, key: (Owner, Timer)) {
        if self.has(key.1) {
            self.0 &= !(1 << key.1 as u16);
            clock.disarm(&key);
        }
    }

    /// Notes that a timer has fired.
    pub(super) fn fired(&mut self, timer: Timer) {
        self.0 &= !(1 << timer as u16);
    }

    /// Whether a timer runs.
    pub(super) fn has(self, timer: Timer) -> bool {
        self.0 & (1 << timer as u16) != 0
    }

    /// Stops all that run.
    pub(super) fn stop_all(&mut self, clock: &mut Clock, owner: Owner) {
        for timer in ALL.into_iter().filter(|timer| self.has(*timer)) {
            clock.disarm(&(owner, timer));
        }
        self.0 = 0;
    }
}

const ALL: [Timer; 16] = [
    Timer::A,
    Timer::B,
    Timer::D,
    Timer::E,
    Timer::F,
    Timer::G,
    Timer::H,
    Timer::I,
    Timer::J,
    Timer::K,
    Timer::L,
    Timer::M,
    Timer::Trying,
    Timer::Unanswered,
    Timer::Locate,
    Timer::Silent,
];
