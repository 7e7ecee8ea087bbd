//! Contact.

use super::{BadValue, NameAddr, delta_seconds};
use crate::{HeaderName, Message};

/// The most Contact elements of a message.
pub const CONTACTS_MAX: usize = 32;

/// The Contact headers of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contacts<'a> {
    /// `*`: all bindings of a registration are to be removed (RFC 3261 §10.2.2).
    All,
    /// Addresses, maybe none.
    List(Vec<NameAddr<'a>>),
}

impl<'a> Contacts<'a> {
    /// Reads all Contact headers.
    ///
    /// # Errors
    /// If one is malformed (RFC 4475 §3.1.2.13: a URI with headers without angle brackets), if `*`
    /// is not alone, or if there are more than [`CONTACTS_MAX`].
    pub fn of(message: &'a Message) -> Result<Contacts<'a>, BadValue> {
        let mut list = Vec::new();
        let mut all = false;
        for element in message.elements(HeaderName::Contact) {
            if element == "*" {
                all = true;
            } else if list.len() == CONTACTS_MAX {
                return Err(BadValue);
            } else {
                list.push(NameAddr::parse(element)?);
            }
        }
        match (all, list.is_empty()) {
            (false, _) => Ok(Contacts::List(list)),
            (true, true) => Ok(Contacts::All),
            (true, false) => Err(BadValue),
        }
    }
}

impl NameAddr<'_> {
    /// The preference among contacts in thousandths: 1000 unless `q` says otherwise (RFC 3261
    /// §20.10); a malformed one reads as 0.
    #[must_use]
    pub fn q(&self) -> u16 {
        let Some(text) = self.params.get("q") else { return 1000 };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !matches!(whole, "0" | "1") || fraction.len() > 3 || !digits(fraction) {
            return 0;
        }
        let thousandths = format!("{fraction:0<3}").parse::<u16>().unwrap_or(0);
        (u16::from(whole == "1") * 1000 + thousandths).min(1000)
    }

    /// The lifetime in seconds that this contact asks for or was given; a malformed one reads as
    /// 3600 (RFC 3261 §10.2.1.1).
    #[must_use]
    pub fn expires(&self) -> Option<u32> {
        self.params.get("expires").map(|text| delta_seconds(text).unwrap_or(3600))
    }
}
