//! The rules that must hold whatever happens, each watched from outside: on the wire, on the disk, in
//! the records. A checker shares no code with what it checks.

mod answered;
mod at_rest;
mod bounds;
mod callers;
pub mod dialogs;
mod forgotten;
mod loops;
mod odd_sip;
mod one_offer;
mod one_record;
mod one_talk;
mod order;
mod privacy;
mod promised;
mod rtp_after_end;
mod shifts;
mod sip_rules;
mod spacing;
#[cfg(test)]
mod tests;

use std::fmt;

use ambient::Now;

use crate::tap::Seen;

/// A rule that is watched.
pub trait Check: fmt::Debug {
    /// Its name in a report.
    fn name(&self) -> &'static str;
    /// Looks at what happens, and says what is wrong.
    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>);
    /// How often it had something to judge: with nothing to judge, nothing is ever wrong.
    fn judged(&self) -> u64;
}

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// In a sentence.
    pub what: String,
    /// The Call-IDs that it is about.
    pub calls: Vec<String>,
}

/// What a checker found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The checker.
    pub check: &'static str,
    /// When.
    pub at: Now,
    /// In a sentence.
    pub what: String,
    /// The Call-IDs that it is about.
    pub calls: Vec<String>,
}

/// Says that something is wrong with calls.
pub(crate) fn say(wrong: &mut Vec<Wrong>, what: String, calls: &[&str]) {
    wrong.push(Wrong { what, calls: calls.iter().map(|call| (*call).to_owned()).collect() });
}

/// Whether a user of a URI is an agent.
pub(crate) fn is_agent(user: &str) -> bool {
    user.len() == 3
}

/// Whether a number is a citizen's, not an agent's or a clinic's.
pub(crate) fn is_citizen(number: &str) -> bool {
    number.trim_start_matches('+').starts_with("7910")
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Box<dyn Check>> {
    vec![
        Box::<answered::Answered>::default(),
        Box::<at_rest::AtRest>::default(),
        Box::<bounds::Bounds>::default(),
        Box::<forgotten::Forgotten>::default(),
        Box::<loops::Loops>::default(),
        Box::<odd_sip::OddSip>::default(),
        Box::<one_offer::OneOffer>::default(),
        Box::<one_record::OneRecord>::default(),
        Box::<one_talk::OneTalk>::default(),
        Box::<order::Order>::default(),
        Box::<privacy::Privacy>::default(),
        Box::<promised::Promised>::default(),
        Box::<rtp_after_end::RtpAfterEnd>::default(),
        Box::<shifts::Shifts>::default(),
        Box::<sip_rules::SipRules>::default(),
        Box::<spacing::Spacing>::default(),
    ]
}
