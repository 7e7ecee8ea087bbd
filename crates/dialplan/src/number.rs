//! Telephone numbers in their normal form (call-semantics: "Numbers").

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A number in normal form: `+7…` in full, or a short number as dialled (`122`, `201`, `*11`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(Arc<str>);

/// How a region dials: what turns digits as people write them into a [`Number`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbering {
    /// The area code for local numbers, such as `4812`.
    pub area_code: Box<str>,
    /// The prefix before a national number; `8` today, a setting since it is to change.
    pub national_prefix: Box<str>,
    /// The prefix before an international number; `810` today.
    pub international_prefix: Box<str>,
    /// The country's code; `7`.
    pub country_code: Box<str>,
}

impl Number {
    /// The normal form as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// For logs at info level and above: the last two digits stay, as in `+7481*****01`.
    #[must_use]
    pub fn masked(&self) -> String {
        todo!()
    }
}

impl Numbering {
    /// The normal form of a dialled or written number: blanks, hyphens and brackets are ignored;
    /// `8XXXXXXXXXX`, `7…`, `+7…` and ten digits are national, `810…` international, five to seven
    /// digits local; anything shorter, or with `*` or `#`, stays as dialled. `None` if there is no
    /// digit in it.
    #[must_use]
    pub fn normalise(&self, _dialled: &str) -> Option<Number> {
        todo!()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
