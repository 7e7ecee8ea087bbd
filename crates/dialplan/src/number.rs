//! Telephone numbers in their normal form.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The most digits and signs a dialled number may have; longer ones are no numbers.
/// E.164 allows 15 digits, and no prefix in use is longer than 10.
pub const NUMBER_MAX: usize = 32;

/// Digits of a national number without its prefix: area code and local number.
const NATIONAL_DIGITS: usize = 10;

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

    /// For logs at info level and above: of a citizen's number the country, the first three digits
    /// and the last two stay, as in `+7481*****01`. Short numbers (up to four digits) belong to no
    /// citizen and stay whole.
    #[must_use]
    pub fn masked(&self) -> String {
        const SHORT: usize = 4;
        const TAIL: usize = 2;
        let length = self.0.len();
        let head = match length {
            0..=SHORT => return self.0.to_string(),
            _ if self.0.starts_with('+') && length > 9 => 5,
            _ => 0,
        };
        let hidden = length - TAIL - head;
        format!("{}{}{}", &self.0[..head], "*".repeat(hidden), &self.0[length - TAIL..])
    }
}

impl Numbering {
    /// How one dials in Russia in 2026, in the area with this code.
    #[must_use]
    pub fn russia(area_code: &str) -> Numbering {
        Numbering {
            area_code: area_code.into(),
            national_prefix: "8".into(),
            international_prefix: "810".into(),
            country_code: "7".into(),
        }
    }

    /// The same, for callers of another area.
    #[must_use]
    pub fn with_area_code(&self, area_code: &str) -> Numbering {
        Numbering { area_code: area_code.into(), ..self.clone() }
    }

    /// The normal form of a dialled or written number; blanks, hyphens, dots, slashes and brackets
    /// count for nothing. With the prefixes of today, in the area 4812:
    ///
    /// | dialled | normal form |
    /// | --- | --- |
    /// | `+…` | as it is |
    /// | `8XXXXXXXXXX`, `7XXXXXXXXXX`, ten digits | `+7XXXXXXXXXX` |
    /// | `810…`, more than ten digits | `+…` |
    /// | five to seven digits that make ten with the area code | `+74812XXXXXX` |
    /// | anything else (`122`, `9-122`, `*11`) | as dialled |
    ///
    /// `None` if there is no digit in it, if it holds anything else, or if it is longer than
    /// [`NUMBER_MAX`]. The normal form of a normal form is itself.
    #[must_use]
    pub fn normalise(&self, dialled: &str) -> Option<Number> {
        let text = without_separators(dialled)?;
        if !text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(Number(text.into()));
        }
        let digits = text.as_str();
        // The international prefix begins with the national one, so it is looked for first; ten
        // digits are a national number whatever they begin with.
        if let Some(rest) = after(digits, &self.international_prefix)
            && digits.len() > NATIONAL_DIGITS
        {
            return Some(Number(format!("+{rest}").into()));
        }
        let national = [self.national_prefix.as_ref(), self.country_code.as_ref()]
            .into_iter()
            .find_map(|prefix| after(digits, prefix).filter(|rest| rest.len() == NATIONAL_DIGITS))
            .or((digits.len() == NATIONAL_DIGITS).then_some(digits));
        if let Some(national) = national {
            return Some(Number(format!("+{}{national}", self.country_code).into()));
        }
        // A local number of a length that does not fit the area is somebody's short number.
        if (5..=7).contains(&digits.len()) && self.area_code.len() + digits.len() == NATIONAL_DIGITS
        {
            return Some(Number(
                format!("+{}{}{digits}", self.country_code, self.area_code).into(),
            ));
        }
        Some(Number(digits.into()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn without_separators(dialled: &str) -> Option<String> {
    let mut text = String::new();
    for c in dialled.chars() {
        match c {
            '0'..='9' | '*' | '#' => text.push(c),
            '+' if text.is_empty() => text.push(c),
            // Hyphen, non-breaking hyphen, dashes and minus as word processors make them.
            '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' => {}
            '(' | ')' | '.' | '/' => {}
            c if c.is_whitespace() => {}
            _ => return None,
        }
        if text.len() > NUMBER_MAX {
            return None;
        }
    }
    text.bytes().any(|b| b.is_ascii_digit()).then_some(text)
}

fn after<'a>(digits: &'a str, prefix: &str) -> Option<&'a str> {
    if prefix.is_empty() { None } else { digits.strip_prefix(prefix) }
}

#[cfg(test)]
mod tests;
