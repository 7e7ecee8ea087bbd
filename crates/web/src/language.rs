//! The language that a reader's browser asks for.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;

/// A language of the pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Russian,
    English,
}

impl Language {
    /// The first of our languages among those of an Accept-Language header (RFC 9110 §12.5.4);
    /// Russian if there is none. Browsers list them by preference, so weights need not be read.
    pub(crate) fn accepted(header: Option<&str>) -> Language {
        let tags = header.unwrap_or_default().split(',');
        tags.filter_map(|tag| match tag.trim().get(..2)?.to_ascii_lowercase().as_str() {
            "ru" => Some(Language::Russian),
            "en" => Some(Language::English),
            _ => None,
        })
        .next()
        .unwrap_or(Language::Russian)
    }

    /// The language that a request's headers ask for.
    pub(crate) fn wanted(headers: &HeaderMap) -> Language {
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Language::accepted(accepted)
    }

    /// As HTML names it (RFC 5646).
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::Russian => "ru",
            Language::English => "en",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browser_chooses_the_language() {
        assert_eq!(Language::accepted(Some("en-GB,en;q=0.9,ru;q=0.8")), Language::English);
        assert_eq!(Language::accepted(Some("de,ru;q=0.8,en;q=0.7")), Language::Russian);
        assert_eq!(Language::accepted(Some("de")), Language::Russian);
        assert_eq!(Language::accepted(Some("é,x")), Language::Russian);
        assert_eq!(Language::accepted(None), Language::Russian);
    }
}
