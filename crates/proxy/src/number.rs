//! The telephone number in a URI (RFC 3261 §19.1.6, RFC 3966).

use dialplan::{Number, Numbering};
use sip::uri::Scheme;
use sip::{Host, Uri};

/// The number that a URI dials or names, in normal form; `None` if its user is no number. The host
/// does not matter: what is dialled here is a number of ours or of nobody.
pub(crate) fn number_in(uri: &Uri<'_>, numbering: &Numbering) -> Option<Number> {
    let user = match uri.scheme {
        Scheme::Sip | Scheme::Sips | Scheme::Tel => uri.user_unescaped()?,
        Scheme::Other(_) => return None,
    };
    // A telephone-subscriber keeps its own parameters inside the user part.
    let (digits, inner) = user.split_once(';').unwrap_or((&user, ""));
    let context = sip::values::Params(inner)
        .get("phone-context")
        .or_else(|| uri.params.get("phone-context"))
        .filter(|context| context.starts_with('+'));
    match context {
        // RFC 3966 §5.1.5: a global prefix in front of a local number.
        Some(prefix) if !digits.starts_with('+') => numbering
            .normalise(&format!("{prefix}{digits}"))
            .filter(|number| number.as_str().len() > SHORT_WITH_PREFIX_MAX)
            .or_else(|| numbering.normalise(digits)),
        _ => numbering.normalise(digits),
    }
}

/// `122;phone-context=+7` is the short number, not +7122.
const SHORT_WITH_PREFIX_MAX: usize = 9;

/// Whether the URI stands for a caller who wants to be nobody (RFC 3323 §4.1.1.3).
pub(crate) fn is_anonymous(uri: &Uri<'_>) -> bool {
    let nowhere = match uri.host {
        Host::Name(name) => name.eq_ignore_ascii_case("anonymous.invalid"),
        Host::Address(_) => false,
    };
    nowhere || uri.user.is_some_and(|user| user.eq_ignore_ascii_case("anonymous"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(uri: &str) -> Option<String> {
        let numbering = Numbering::russia("4812");
        number_in(&Uri::parse(uri).unwrap(), &numbering).map(|number| number.as_str().to_owned())
    }

    #[test]
    fn every_way_to_write_a_number() {
        for (uri, normal) in [
            ("sip:122@127.0.0.1", "122"),
            ("sip:9-122@127.0.0.1:5060", "9122"),
            ("tel:122;phone-context=+7", "122"),
            ("tel:+7-481-227-00-01", "+74812270001"),
            ("sip:270001@line.example;user=phone", "+74812270001"),
            ("sip:270001;phone-context=+74812@line.example;user=phone", "+74812270001"),
            ("sip:270001;phone-context=example.ru@line.example;user=phone", "+74812270001"),
            ("sip:%2B74812270001@line.example", "+74812270001"),
            ("sips:84812270001@line.example", "+74812270001"),
            ("sip:*11@line.example", "*11"),
            ("sip:%2311@line.example", "#11"),
        ] {
            assert_eq!(number(uri).as_deref(), Some(normal), "{uri}");
        }
    }

    #[test]
    fn what_is_no_number() {
        for uri in ["sip:registry@10.0.0.1", "sip:10.0.0.1", "mailto:122@x", "sip:user1@h"] {
            assert_eq!(number(uri), None, "{uri}");
        }
    }
}
