//! The rules that must hold whatever happens, each watched from outside: on the wire, on the disk, in
//! the records. A checker shares no code with what it checks.

use std::fmt;

use ambient::Now;

use crate::tap::Seen;

/// A rule that is watched.
pub trait Check: fmt::Debug {
    /// Its name in a report.
    fn name(&self) -> &'static str;
    /// Looks at what happens, and says what is wrong.
    fn see(&mut self, now: Now, seen: &Seen<'_>, wrong: &mut Vec<Wrong>);
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
#[allow(dead_code)]
pub(crate) fn say(wrong: &mut Vec<Wrong>, what: String, calls: &[&str]) {
    wrong.push(Wrong { what, calls: calls.iter().map(|call| (*call).to_owned()).collect() });
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Box<dyn Check>> {
    Vec::new()
}
