//! What is odd about one gateway.

use ambient::Entropy;

/// Each is legal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// Its INVITE has no offer: the line offers, and the ACK answers (RFC 3261 §13.2.1).
    pub late_offer: bool,
    /// It requires reliable provisionals (RFC 3262), or only knows them.
    pub requires_100rel: bool,
    /// See `requires_100rel`.
    pub knows_100rel: bool,
    /// Requires what nobody knows (RFC 3261 §8.2.2.3).
    pub requires_more: bool,
    /// Session timers: it asks for too short ones first (RFC 4028 §8.1), or refreshes by UPDATE or
    /// re-INVITE.
    pub session: Session,
    /// How its Via looks.
    pub via: Via,
    /// Proxies of the carrier wish to stay in the path (RFC 3261 §16.6 item 4).
    pub records_route: bool,
    /// Short names (RFC 3261 §7.3.3).
    pub compact: bool,
    /// How From looks.
    pub from: u8,
    /// How its description looks.
    pub sdp: u8,
    /// When it is called: how many telephones ring at its side, each with a dialog of its own.
    pub forks: u8,
    /// Two of them answer at the same time.
    pub answers_twice: bool,
    /// Of a thousand calls, how many it gives up at once.
    pub gives_up: u64,
    /// Of a thousand calls, how many nobody there takes.
    pub refuses: u64,
}

/// Session timers (RFC 4028).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Session {
    /// It knows none.
    #[default]
    None,
    /// It asks for less than the line takes, is refused with 422, and asks again.
    TooShort,
    /// It refreshes by re-INVITE.
    ByInvite,
    /// It refreshes by UPDATE (RFC 3311).
    ByUpdate,
    /// The line is to refresh.
    ByLine,
}

/// The Via of a request (RFC 3261 §20.42, RFC 3581).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// One, with rport.
    #[default]
    Plain,
    /// One, without rport.
    NoPort,
    /// It came through two more elements, in one line.
    OneLine,
    /// The same, in lines of their own, with parameters that they were given on the way.
    Lines,
    /// Blanks around the slashes, and a name that nobody resolves.
    Blanks,
}

impl Habits {
    /// Drawn from a seed.
    #[must_use]
    pub fn drawn(entropy: &mut Entropy) -> Habits {
        let mut one_in = |n: u64| entropy.below(n) == 0;
        let mut habits = Habits {
            late_offer: one_in(4),
            requires_100rel: one_in(6),
            knows_100rel: one_in(3),
            requires_more: one_in(40),
            records_route: one_in(3),
            compact: one_in(4),
            answers_twice: one_in(4),
            gives_up: 60,
            refuses: 200,
            ..Habits::default()
        };
        habits.session = [
            Session::None,
            Session::None,
            Session::TooShort,
            Session::ByInvite,
            Session::ByUpdate,
            Session::ByLine,
        ][at(entropy, 6)];
        habits.via =
            [Via::Plain, Via::NoPort, Via::OneLine, Via::Lines, Via::Blanks][at(entropy, 5)];
        habits.from = at(entropy, 5) as u8;
        habits.sdp = at(entropy, 4) as u8;
        habits.forks = at(entropy, 4) as u8;
        habits
    }
}

fn at(entropy: &mut Entropy, n: u64) -> usize {
    usize::try_from(entropy.below(n)).unwrap_or(0)
}
