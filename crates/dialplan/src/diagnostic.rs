//! What is wrong with a dialplan, with its place and a remedy.

use std::fmt;
use std::path::PathBuf;

/// Whether the dialplan can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It can, but the admin probably means something else.
    Warning,
    /// It is refused.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: PathBuf,
    /// Line and column from 1, if the finding has a place in the file.
    pub place: Option<(usize, usize)>,
    /// The line of the file.
    pub source_line: String,
    /// The cause: `no queue "docter"`.
    pub message: String,
    /// What to do: `did you mean "doctor"?`.
    pub remedy: Option<String>,
}

impl fmt::Display for Diagnostic {
    /// `smolensk/dialplan.toml:12:9: no queue "docter"; did you mean "doctor"?`
    fn fmt(&self, _f: &mut fmt::Formatter<'_>) -> fmt::Result {
        todo!()
    }
}
