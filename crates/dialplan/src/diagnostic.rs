//! What is wrong with a dialplan, with its place and a remedy.

use std::fmt::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

/// Whether the dialplan can be used all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// It can, but the admin probably means something else.
    Warning,
    /// It is refused.
    Error,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// The file, or the folder for a finding about the whole.
    pub file: PathBuf,
    /// Line and column (in characters) from 1, if the finding has a place in the file.
    pub place: Option<(usize, usize)>,
    /// How many characters of the line the finding is about, from its column on.
    pub width: usize,
    /// The line of the file.
    pub source_line: String,
    /// The cause: `no queue "docter"`.
    pub message: String,
    /// What to do: `did you mean "doctor"?`.
    pub remedy: Option<String>,
    /// Other places that have to do with it: where the number was used first, the way of a loop.
    pub elsewhere: Vec<Elsewhere>,
}

/// Another place that a finding speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The file.
    pub file: PathBuf,
    /// Line and column from 1.
    pub place: (usize, usize),
    /// What is there: `first used here`.
    pub what: String,
}

impl Diagnostic {
    /// The finding with the line of the file under it, the place marked.
    #[must_use]
    pub fn in_full(&self) -> String {
        let mut text = format!("{self}\n");
        if let Some((line, column)) = self.place {
            // Tabs stay, so that the mark stands under its place.
            let before = self.source_line.chars().take(column - 1);
            let before: String = before.map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
            let mark = "^".repeat(self.width.max(1));
            let _ = writeln!(text, "{line:>5} | {}", self.source_line);
            let _ = writeln!(text, "      | {before}{mark}");
        }
        text
    }
}

impl fmt::Display for Diagnostic {
    /// One line: `smolensk/dialplan.toml:12:9: no queue "docter"; did you mean "doctor"?`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if let Some((line, column)) = self.place {
            write!(f, "{line}:{column}:")?;
        }
        if self.severity == Severity::Warning {
            f.write_str(" warning:")?;
        }
        write!(f, " {}", self.message)?;
        if let Some(remedy) = &self.remedy {
            write!(f, "; {remedy}")?;
        }
        for elsewhere in &self.elsewhere {
            let (line, column) = elsewhere.place;
            write!(f, " ({}: {}:{line}:{column})", elsewhere.what, elsewhere.file.display())?;
        }
        Ok(())
    }
}
