//! Event and Subscription-State.

use super::{BadValue, Params, token};

/// Event (RFC 6665 §8.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event<'a> {
    /// The package: `refer`, `dialog`, `presence` …
    pub package: &'a str,
    /// id and others.
    pub params: Params<'a>,
}

impl<'a> Event<'a> {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<Event<'a>, BadValue> {
        let (package, params) = Params::split_off(text);
        if !token::is_token(package) {
            return Err(BadValue);
        }
        Ok(Event { package, params })
    }

    /// The id parameter: which of several subscriptions of one package.
    #[must_use]
    pub fn id(&self) -> Option<&'a str> {
        self.params.get("id")
    }
}

/// Subscription-State (RFC 6665 §8.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionState<'a> {
    /// `active`, `pending`, `terminated`, or an extension.
    pub state: &'a str,
    /// reason, expires, retry-after.
    pub params: Params<'a>,
}

impl<'a> SubscriptionState<'a> {
    /// Parses the value.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<SubscriptionState<'a>, BadValue> {
        let (state, params) = Params::split_off(text);
        if !token::is_token(state) {
            return Err(BadValue);
        }
        Ok(SubscriptionState { state, params })
    }

    /// Whether no more NOTIFY will come.
    #[must_use]
    pub fn is_terminated(&self) -> bool {
        self.state.eq_ignore_ascii_case("terminated")
    }

    /// Seconds that the subscription lasts.
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        super::delta_seconds(self.params.get("expires")?).ok()
    }
}
