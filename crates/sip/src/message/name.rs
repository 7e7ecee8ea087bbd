//! Header names: one tag for the full name, the compact name and any case.

/// Declares the names once: the enum, the written forms and the compact letters.
macro_rules! names {
    ($($variant:ident = $text:literal $(/ $compact:literal)?,)*) => {
        /// The name of a header field: full, compact and any case are one name (RFC 3261 §7.3.1,
        /// §7.3.3).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // the names say what they are
        #[non_exhaustive]
        #[repr(u8)]
        pub enum HeaderName {
            $($variant,)*
            /// A header this crate gives no name; ask for it with
            /// [`Message::header_named`](crate::Message::header_named). As an argument it names no
            /// header at all.
            Other,
        }

        const ALL: &[(HeaderName, &str)] = &[$((HeaderName::$variant, $text),)*];

        impl HeaderName {
            /// The name as the RFCs write it; empty for [`HeaderName::Other`].
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(HeaderName::$variant => $text,)*
                    HeaderName::Other => "",
                }
            }

            fn from_compact(letter: u8) -> HeaderName {
                match letter.to_ascii_lowercase() {
                    $($($compact => HeaderName::$variant,)?)*
                    _ => HeaderName::Other,
                }
            }
        }
    };
}

names! {
    Accept = "Accept",
    AcceptContact = "Accept-Contact" / b'a',
    AcceptEncoding = "Accept-Encoding",
    AcceptLanguage = "Accept-Language",
    AlertInfo = "Alert-Info",
    Allow = "Allow",
    AllowEvents = "Allow-Events" / b'u',
    AuthenticationInfo = "Authentication-Info",
    Authorization = "Authorization",
    CallId = "Call-ID" / b'i',
    CallInfo = "Call-Info",
    Contact = "Contact" / b'm',
    ContentDisposition = "Content-Disposition",
    ContentEncoding = "Content-Encoding" / b'e',
    ContentLength = "Content-Length" / b'l',
    ContentType = "Content-Type" / b'c',
    CSeq = "CSeq",
    Date = "Date",
    Diversion = "Diversion",
    Event = "Event" / b'o',
    Expires = "Expires",
    From = "From" / b'f',
    HistoryInfo = "History-Info",
    Identity = "Identity" / b'y',
    IdentityInfo = "Identity-Info" / b'n',
    MaxBreadth = "Max-Breadth",
    MaxForwards = "Max-Forwards",
    MinExpires = "Min-Expires",
    MinSe = "Min-SE",
    PAssertedIdentity = "P-Asserted-Identity",
    Path = "Path",
    PPreferredIdentity = "P-Preferred-Identity",
    Privacy = "Privacy",
    ProxyAuthenticate = "Proxy-Authenticate",
    ProxyAuthorization = "Proxy-Authorization",
    ProxyRequire = "Proxy-Require",
    RAck = "RAck",
    Reason = "Reason",
    RecordRoute = "Record-Route",
    ReferredBy = "Referred-By" / b'b',
    ReferTo = "Refer-To" / b'r',
    RejectContact = "Reject-Contact" / b'j',
    RemotePartyId = "Remote-Party-ID",
    Replaces = "Replaces",
    RequestDisposition = "Request-Disposition" / b'd',
    Require = "Require",
    RetryAfter = "Retry-After",
    Route = "Route",
    RSeq = "RSeq",
    Server = "Server",
    ServiceRoute = "Service-Route",
    SessionExpires = "Session-Expires" / b'x',
    Subject = "Subject" / b's',
    SubscriptionState = "Subscription-State",
    Supported = "Supported" / b'k',
    Timestamp = "Timestamp",
    To = "To" / b't',
    Unsupported = "Unsupported",
    UserAgent = "User-Agent",
    Via = "Via" / b'v',
    Warning = "Warning",
    WwwAuthenticate = "WWW-Authenticate",
}

impl HeaderName {
    /// The tag of a written name, full or compact.
    #[must_use]
    pub fn from_bytes(name: &[u8]) -> HeaderName {
        let (first, last) = match name {
            [] => return HeaderName::Other,
            [letter] => return HeaderName::from_compact(*letter),
            [first, .., last] => (*first, *last),
        };
        let mut slot = slot_of(name.len(), first, last);
        while SLOTS[slot] != NONE {
            let (tag, text) = ALL[usize::from(SLOTS[slot])];
            // Nearly everyone writes the names as the RFCs do.
            if text.as_bytes() == name || text.as_bytes().eq_ignore_ascii_case(name) {
                return tag;
            }
            slot = (slot + 1) % SLOTS.len();
        }
        HeaderName::Other
    }
}

/// Marks a free slot.
const NONE: u8 = u8::MAX;

/// Where each name is looked up: at [`slot_of`] its length and ends, or in the slots behind. At most
/// a quarter is taken, so a name is found or missed after a comparison or two.
static SLOTS: [u8; 256] = slots();

const fn slot_of(len: usize, first: u8, last: u8) -> usize {
    let (first, last) = (first.to_ascii_lowercase(), last.to_ascii_lowercase());
    // These factors let no two of the names above meet.
    (len + first as usize * 23 + last as usize * 95) % 256
}

const fn slots() -> [u8; 256] {
    let mut table = [NONE; 256];
    let mut index = 0;
    while index < ALL.len() {
        let text = ALL[index].1.as_bytes();
        let mut slot = slot_of(text.len(), text[0], text[text.len() - 1]);
        while table[slot] != NONE {
            slot = (slot + 1) % table.len();
        }
        table[slot] = index as u8;
        index += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case() {
        for (tag, text) in ALL {
            assert_eq!(HeaderName::from_bytes(text.as_bytes()), *tag);
            assert_eq!(HeaderName::from_bytes(text.to_uppercase().as_bytes()), *tag);
            assert_eq!(HeaderName::from_bytes(text.to_lowercase().as_bytes()), *tag);
            assert_eq!(tag.as_str(), *text);
        }
    }

    #[test]
    fn compact_letters_of_the_iana_registry() {
        for (letter, name) in [
            ("a", "Accept-Contact"),
            ("b", "Referred-By"),
            ("c", "Content-Type"),
            ("d", "Request-Disposition"),
            ("e", "Content-Encoding"),
            ("f", "From"),
            ("i", "Call-ID"),
            ("j", "Reject-Contact"),
            ("k", "Supported"),
            ("l", "Content-Length"),
            ("m", "Contact"),
            ("n", "Identity-Info"),
            ("o", "Event"),
            ("r", "Refer-To"),
            ("s", "Subject"),
            ("t", "To"),
            ("u", "Allow-Events"),
            ("v", "Via"),
            ("x", "Session-Expires"),
            ("y", "Identity"),
        ] {
            assert_eq!(HeaderName::from_bytes(letter.as_bytes()).as_str(), name);
            assert_eq!(HeaderName::from_bytes(letter.to_uppercase().as_bytes()).as_str(), name);
        }
    }

    #[test]
    fn what_is_no_known_name_is_other() {
        for name in ["", "z", "Vi", "Viaa", "X-Clinic", "A-Name-Longer-Than-Any-Known-Header"] {
            assert_eq!(HeaderName::from_bytes(name.as_bytes()), HeaderName::Other);
        }
    }
}
