//! What other systems hold, as text of a dialplan, and a list of what could not be taken over.

pub mod asterisk;
mod calendar;
mod toml_text;

use std::fmt;

pub use calendar::calendar;

/// What could be taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// TOML, to be looked through and put into the dialplan's folder.
    pub toml: String,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// A line that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// The file.
    pub file: Box<str>,
    /// The line, from 1.
    pub line: usize,
    /// What stands there.
    pub text: Box<str>,
    /// Why it was left out, or what to do instead.
    pub why: Box<str>,
}

impl fmt::Display for LeftOut {
    /// `extensions.conf:12: GotoIfTime(…): write a schedule`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.text, self.why)
    }
}
