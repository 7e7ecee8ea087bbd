//! Where a call was before: Diversion and History-Info.

use super::{BadValue, NameAddr, Reason};
use crate::values::elements::Elements;

/// One element of Diversion (RFC 5806 §8); the topmost is the last diversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Diversion<'a> {
    /// Who diverted, with all parameters.
    pub address: NameAddr<'a>,
}

impl<'a> Diversion<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar.
    pub fn parse(text: &'a str) -> Result<Diversion<'a>, BadValue> {
        Ok(Diversion { address: NameAddr::parse(text)? })
    }

    /// Why: `no-answer`, `user-busy`, `unconditional`, `deflection`, `unavailable` …
    #[must_use]
    pub fn reason(&self) -> Option<&'a str> {
        self.address.params.get("reason")
    }

    /// How many diversions this element stands for; 1 unless it says otherwise.
    #[must_use]
    pub fn counter(&self) -> u32 {
        self.address.params.get("counter").and_then(|text| text.parse().ok()).unwrap_or(1)
    }
}

/// One entry of History-Info (RFC 7044 §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HistoryEntry<'a> {
    /// The target, with all parameters.
    pub address: NameAddr<'a>,
    /// The place in the tree of targets: `1.2.1`.
    pub index: &'a str,
}

impl<'a> HistoryEntry<'a> {
    /// Parses one element.
    ///
    /// # Errors
    /// If it does not follow its grammar: the index is mandatory.
    pub fn parse(text: &'a str) -> Result<HistoryEntry<'a>, BadValue> {
        let address = NameAddr::parse(text)?;
        let index = address.params.get("index").ok_or(BadValue)?;
        let numeric = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !index.split('.').all(numeric) {
            return Err(BadValue);
        }
        Ok(HistoryEntry { address, index })
    }

    /// Why this target was left: the SIP cause of the Reason in its URI's headers (RFC 7044 §5,
    /// `<sip:…?Reason=SIP%3Bcause%3D408>`).
    #[must_use]
    pub fn left_cause(&self) -> Option<u16> {
        let reason = self.address.uri.header_field("Reason")?;
        Elements::new(&reason)
            .filter_map(|element| Reason::parse(element).ok())
            .find(|reason| reason.protocol.eq_ignore_ascii_case("SIP"))?
            .cause()
    }

    /// Why this target was chosen: the `cause` parameter of its URI (RFC 4458 §2).
    #[must_use]
    pub fn reached_cause(&self) -> Option<u16> {
        self.address.uri.params.get("cause")?.parse().ok()
    }

    /// The index of the entry from which this target was mapped (`rc`), retargeted (`mp`) or taken
    /// over (`np`).
    #[must_use]
    pub fn from_index(&self) -> Option<&'a str> {
        ["rc", "mp", "np"].iter().find_map(|name| self.address.params.get(name))
    }
}
