//! Equivalence of URIs (RFC 3261 §19.1.4, RFC 3966 §4).

use std::borrow::Cow;

use super::escape::octets;
use super::{Host, Scheme, Uri};
use crate::values::Params;

/// Parameters that, if only one URI has them, make the URIs different (RFC 3261 §19.1.4).
const DISTINGUISHING: [&str; 5] = ["user", "ttl", "method", "maddr", "transport"];

impl Uri<'_> {
    /// Whether the two are equal by RFC 3261 §19.1.4; tel URIs by RFC 3966 §4; others if they are
    /// written alike.
    #[must_use]
    pub fn is_equivalent(&self, other: &Uri<'_>) -> bool {
        // Also with a parameter twice, which the RFC forbids.
        if self.text == other.text {
            return true;
        }
        match (self.scheme, other.scheme) {
            (Scheme::Sip, Scheme::Sip) | (Scheme::Sips, Scheme::Sips) => same_sip(self, other),
            (Scheme::Tel, Scheme::Tel) => same_tel(self, other),
            _ => false,
        }
    }
}

fn same_sip(one: &Uri<'_>, other: &Uri<'_>) -> bool {
    same_option(one.user, other.user, |a, b| same_text(a, b, false))
        && same_option(one.password, other.password, |a, b| same_text(a, b, false))
        && same_host(one.host, other.host)
        && one.port == other.port
        && sip_params_agree(one.params, other.params)
        && sip_params_agree(other.params, one.params)
        && same_headers(one, other)
}

fn same_option(one: Option<&str>, other: Option<&str>, same: fn(&str, &str) -> bool) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => same(one, other),
        (Some(_), None) | (None, Some(_)) => false,
    }
}

fn same_host(one: Host<'_>, other: Host<'_>) -> bool {
    match (one, other) {
        (Host::Address(one), Host::Address(other)) => one == other,
        (Host::Name(one), Host::Name(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

/// Whether two texts stand for the same characters. An escaped character equals the plain one
/// unless it is reserved.
fn same_text(one: &str, other: &str, ignore_case: bool) -> bool {
    let significant = |(octet, escaped): (u8, bool)| {
        let octet = if ignore_case { octet.to_ascii_lowercase() } else { octet };
        (octet, escaped && b";/?:@&=+$,".contains(&octet))
    };
    octets(one).map(significant).eq(octets(other).map(significant))
}

fn same_folded(one: &str, other: &str) -> bool {
    same_text(one, other, true)
}

/// Each parameter of `one` that `other` has too is the same there, and none of the distinguishing
/// ones is missing there.
fn sip_params_agree(one: Params<'_>, other: Params<'_>) -> bool {
    one.iter().all(|(name, value)| match find(other, name) {
        Some(found) => same_folded(value.unwrap_or_default(), found.unwrap_or_default()),
        None => !DISTINGUISHING.iter().any(|special| same_folded(special, name)),
    })
}

fn find<'a>(params: Params<'a>, name: &str) -> Option<Option<&'a str>> {
    params.iter().find(|(found, _)| same_folded(found, name)).map(|(_, value)| value)
}

/// Headers count wherever they stand, and none may be missing.
fn same_headers(one: &Uri<'_>, other: &Uri<'_>) -> bool {
    one.headers == other.headers || sorted_headers(one) == sorted_headers(other)
}

fn sorted_headers<'a>(uri: &Uri<'a>) -> Vec<(String, Cow<'a, str>)> {
    let mut fields: Vec<_> =
        uri.header_fields().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    fields.sort();
    fields
}

fn same_tel(one: &Uri<'_>, other: &Uri<'_>) -> bool {
    let digits = |uri: &Uri<'_>| -> Vec<u8> {
        uri.user
            .unwrap_or_default()
            .bytes()
            .filter(|byte| !b"-.()".contains(byte))
            .map(|byte| byte.to_ascii_lowercase())
            .collect()
    };
    let params = |uri: &Uri<'_>| {
        let mut params: Vec<_> = uri
            .params
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.map(str::to_ascii_lowercase)))
            .collect();
        params.sort();
        params
    };
    digits(one) == digits(other) && params(one) == params(other)
}
