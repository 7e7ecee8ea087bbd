//! Gathers what is wrong, so that all of it can be told at once.

use crate::source::{Sources, Spot};
use crate::{Diagnostic, Elsewhere, Severity};

/// The most errors and the most warnings that are told; an admin mends the first ones and looks
/// again.
pub(crate) const FINDINGS_MAX: usize = 200;

/// Everything found so far.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    errors: Kept,
    warnings: Kept,
    unreadable: bool,
}

/// The findings of one severity, up to the ceiling.
#[derive(Debug, Default)]
struct Kept {
    list: Vec<Finding>,
    /// How many there were beyond the ceiling.
    dropped: usize,
    /// The last finding that is not kept.
    unkept: Option<Finding>,
}

/// One finding, to be completed with [`Finding::remedy`] and [`Finding::elsewhere`].
#[derive(Debug)]
pub(crate) struct Finding {
    severity: Severity,
    spot: Option<Spot>,
    message: String,
    remedy: Option<String>,
    elsewhere: Vec<(Spot, String)>,
    kept: bool,
}

impl Findings {
    /// Something that makes the dialplan unusable.
    pub(crate) fn error(
        &mut self,
        spot: impl Into<Option<Spot>>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.errors.add(Finding::new(Severity::Error, spot.into(), message.into()))
    }

    /// Something that is probably not meant.
    pub(crate) fn warning(
        &mut self,
        spot: impl Into<Option<Spot>>,
        message: impl Into<String>,
    ) -> &mut Finding {
        self.warnings.add(Finding::new(Severity::Warning, spot.into(), message.into()))
    }

    /// Whether the dialplan is unusable.
    pub(crate) fn any_error(&self) -> bool {
        !self.errors.list.is_empty()
    }

    /// Keeps in mind that a file could not be read at all.
    pub(crate) fn not_readable(&mut self) {
        self.unreadable = true;
    }

    /// Whether a file could not be read at all.
    pub(crate) fn unreadable(&self) -> bool {
        self.unreadable
    }

    /// All findings in the order of files and lines, those about the whole first.
    pub(crate) fn into_diagnostics(self, sources: &Sources) -> Vec<Diagnostic> {
        let mut list = self.errors.list;
        list.extend(self.warnings.list);
        list.sort_by_key(|finding| finding.spot);
        for (severity, dropped, what) in [
            (Severity::Error, self.errors.dropped, "errors"),
            (Severity::Warning, self.warnings.dropped, "warnings"),
        ] {
            if dropped > 0 {
                list.push(Finding::new(severity, None, format!("and {dropped} more {what}")));
            }
        }
        list.into_iter().map(|finding| finding.into_diagnostic(sources)).collect()
    }
}

impl Kept {
    /// A default that is wrong is found by everything that uses it, and kept once.
    fn add(&mut self, finding: Finding) -> &mut Finding {
        let known = self.list.iter().any(|kept| kept.is_same(&finding));
        let full = self.list.len() >= FINDINGS_MAX;
        if known || full {
            self.dropped += usize::from(!known);
            return self.unkept.insert(Finding { kept: false, ..finding });
        }
        let at = self.list.len();
        self.list.push(finding);
        &mut self.list[at]
    }
}

impl Finding {
    fn new(severity: Severity, spot: Option<Spot>, message: String) -> Finding {
        Finding { severity, spot, message, remedy: None, elsewhere: Vec::new(), kept: true }
    }

    fn is_same(&self, other: &Finding) -> bool {
        self.spot == other.spot && self.message == other.message
    }

    /// What to do about it.
    pub(crate) fn remedy(&mut self, remedy: impl Into<String>) -> &mut Finding {
        self.remedy = Some(remedy.into());
        self
    }

    /// `did you mean "doctor"?`, or a short list of what there is.
    pub(crate) fn suggest<'a>(
        &mut self,
        wrong: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> &mut Finding {
        // Comparing with ten thousand names is not for findings that nobody reads.
        if self.kept {
            self.remedy = suggestion(wrong, known);
        }
        self
    }

    /// What to do about it, if no suggestion was found.
    pub(crate) fn or_remedy(&mut self, remedy: impl Into<String>) -> &mut Finding {
        self.remedy.get_or_insert_with(|| remedy.into());
        self
    }

    /// Another place that has to do with it.
    pub(crate) fn elsewhere(&mut self, spot: Spot, what: impl Into<String>) -> &mut Finding {
        self.elsewhere.push((spot, what.into()));
        self
    }

    fn into_diagnostic(self, sources: &Sources) -> Diagnostic {
        let mut diagnostic = Diagnostic {
            severity: self.severity,
            file: sources.folder.clone(),
            place: None,
            width: 0,
            source_line: String::new(),
            message: self.message,
            remedy: self.remedy,
            elsewhere: Vec::new(),
        };
        if let Some(spot) = self.spot {
            let file = &sources.files[spot.file];
            let (line, column, text) = file.locate(spot.start);
            diagnostic.file.clone_from(&file.path);
            diagnostic.place = Some((line, column));
            diagnostic.width = file.width(spot.start, spot.end);
            diagnostic.source_line = text.to_owned();
        }
        for (spot, what) in self.elsewhere {
            let file = &sources.files[spot.file];
            let (line, column, _) = file.locate(spot.start);
            diagnostic.elsewhere.push(Elsewhere {
                file: file.path.clone(),
                place: (line, column),
                what,
            });
        }
        diagnostic
    }
}

/// The name that was probably meant.
pub(crate) fn most_similar<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    const SIMILAR: f64 = 0.8;
    let wrong = wrong.to_lowercase();
    let likeness = |name: &str| strsim::jaro_winkler(&wrong, &name.to_lowercase());
    let similar = known.into_iter().map(|name| (likeness(name), name));
    let similar = similar.filter(|(likeness, _)| *likeness >= SIMILAR);
    similar.max_by(|(a, _), (b, _)| a.total_cmp(b)).map(|(_, name)| name)
}

fn suggestion<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    /// The most names that a remedy lists when none is similar.
    const LISTED_MAX: usize = 12;
    let known: Vec<&str> = known.into_iter().collect();
    match most_similar(wrong, known.iter().copied()) {
        Some(name) => Some(format!("did you mean \"{name}\"?")),
        None if (1..=LISTED_MAX).contains(&known.len()) => {
            Some(format!("known are {}", listed(&known)))
        }
        None => None,
    }
}

/// `"a", "b" and "c"`.
pub(crate) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => format!("\"{one}\""),
        [rest @ .., last] => {
            let rest: Vec<_> = rest.iter().map(|name| format!("\"{name}\"")).collect();
            format!("{} and \"{last}\"", rest.join(", "))
        }
    }
}
