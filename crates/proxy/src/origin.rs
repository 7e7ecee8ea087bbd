//! Which clinic a call comes from, and why: History-Info (RFC 7044), Diversion (RFC 5806).

use dialplan::{ClinicId, Numbering};
use journal::ForwardCause;
use sip::values::{Diversion, HistoryEntry};
use sip::{HeaderName, Message, Uri};

use crate::directory::Directory;
use crate::number::number_in;

/// Entries of History-Info and of Diversion that are looked at; more come only from a loop.
pub(crate) const HISTORY_MAX: usize = 32;

/// A clinic whose line passed the call on, and why.
pub(crate) type Diverted = (ClinicId, ForwardCause);

/// The clinics whose lines passed a call on before it came here; the latest is the last.
pub(crate) fn diversions(
    directory: &Directory,
    numbering: &Numbering,
    request: &Message,
) -> Vec<Diverted> {
    let mut found = by_history(directory, numbering, request);
    // History-Info says more, but a PBX on the way may know Diversion only.
    for (clinic, cause) in by_diversion(directory, numbering, request) {
        match found.iter_mut().find(|(known, _)| *known == clinic) {
            Some((_, known)) if *known == ForwardCause::Unknown => *known = cause,
            Some(_) => {}
            None => found.push((clinic, cause)),
        }
    }
    found
}

/// The clinic that a URI names by its number.
pub(crate) fn clinic_named<'a>(
    directory: &'a Directory,
    numbering: &Numbering,
    uri: &Uri<'_>,
) -> Option<&'a ClinicId> {
    directory.clinic_of(&number_in(uri, numbering)?)
}

/// RFC 7044 §10: each entry is a target that the request had. It was left for another one if an
/// entry says why, or if the next target is not the same number.
fn by_history(directory: &Directory, numbering: &Numbering, request: &Message) -> Vec<Diverted> {
    let entries: Vec<HistoryEntry<'_>> = request
        .elements(HeaderName::HistoryInfo)
        .take(HISTORY_MAX)
        .filter_map(|text| HistoryEntry::parse(text).ok())
        .collect();
    let current = Uri::parse(request.request_uri()).ok();
    let mut found: Vec<Diverted> = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let Some(clinic) = clinic_named(directory, numbering, &entry.address.uri) else { continue };
        let (here, next) = left_at(&entries, at);
        let next_uri = next.map(|next| next.address.uri).or(current);
        let stays =
            next_uri.is_some_and(|uri| clinic_named(directory, numbering, &uri) == Some(clinic));
        let code =
            next.and_then(HistoryEntry::reached_cause).or(here.left_cause()).or(entry.left_cause());
        let cause = match code {
            Some(code) => cause_of_code(code),
            // The same number at another host is only the way to it.
            None if stays => continue,
            None => ForwardCause::Unknown,
        };
        found.retain(|(known, _)| known != clinic);
        found.push((clinic.clone(), cause));
    }
    found
}

/// Where the target at `at` was left at last, and for what: its own phones (`rc`) are still it.
fn left_at<'e, 'a>(
    entries: &'e [HistoryEntry<'a>],
    mut at: usize,
) -> (&'e HistoryEntry<'a>, Option<&'e HistoryEntry<'a>>) {
    loop {
        let Some(next) = successor(entries, at) else { return (&entries[at], None) };
        let is_phone_of_it = next.address.params.get("rc") == Some(entries[at].index);
        if !is_phone_of_it || next.reached_cause().is_some() {
            return (&entries[at], Some(next));
        }
        // Always further down the list.
        let Some(step) = entries[at + 1..].iter().position(|entry| entry == next) else {
            return (&entries[at], Some(next));
        };
        at += 1 + step;
    }
}

/// The entry that took over: the one that names this one as its source, else the next.
fn successor<'e, 'a>(entries: &'e [HistoryEntry<'a>], at: usize) -> Option<&'e HistoryEntry<'a>> {
    let later = &entries[at + 1..];
    let index = entries[at].index;
    later.iter().find(|entry| entry.from_index() == Some(index)).or_else(|| later.first())
}

/// RFC 5806 §5: the latest diversion stands on top.
fn by_diversion(directory: &Directory, numbering: &Numbering, request: &Message) -> Vec<Diverted> {
    let mut found: Vec<_> = request
        .elements(HeaderName::Diversion)
        .take(HISTORY_MAX)
        .filter_map(|text| Diversion::parse(text).ok())
        .filter_map(|entry| {
            let clinic = clinic_named(directory, numbering, &entry.address.uri)?.clone();
            Some((clinic, entry.reason().map_or(ForwardCause::Unknown, cause_of_reason)))
        })
        .collect();
    found.reverse();
    found
}

/// Why a phone redirects, if its 3xx says so in a Diversion of its own, as SPA phones do.
pub(crate) fn cause_of_redirection(response: &Message) -> Option<ForwardCause> {
    let top = Diversion::parse(response.elements(HeaderName::Diversion).next()?).ok()?;
    Some(cause_of_reason(top.reason()?)).filter(|cause| *cause != ForwardCause::Unknown)
}

/// The codes of RFC 4458 §2.1, and the responses that lead to a forwarding.
fn cause_of_code(code: u16) -> ForwardCause {
    match code {
        408 => ForwardCause::NoAnswer,
        486 | 600 | 603 => ForwardCause::Busy,
        302 => ForwardCause::Unconditional,
        480 | 487 => ForwardCause::Deflected,
        404 | 410 | 500..=599 => ForwardCause::Unreachable,
        _ => ForwardCause::Unknown,
    }
}

/// The cause's code in History-Info and Diversion that we write (RFC 4458 §2.1).
pub(crate) fn code_of_cause(cause: ForwardCause) -> u16 {
    match cause {
        ForwardCause::NoAnswer => 408,
        ForwardCause::Busy => 486,
        ForwardCause::Unreachable => 503,
        ForwardCause::Unconditional | ForwardCause::Chosen => 302,
        ForwardCause::Deflected => 480,
        ForwardCause::Unknown => 404,
    }
}

/// RFC 5806 §4.
fn cause_of_reason(reason: &str) -> ForwardCause {
    const REASONS: [(&str, ForwardCause); 8] = [
        ("no-answer", ForwardCause::NoAnswer),
        ("user-busy", ForwardCause::Busy),
        ("do-not-disturb", ForwardCause::Busy),
        ("unconditional", ForwardCause::Unconditional),
        ("time-of-day", ForwardCause::Unconditional),
        ("deflection", ForwardCause::Deflected),
        ("unavailable", ForwardCause::Unreachable),
        ("out-of-service", ForwardCause::Unreachable),
    ];
    REASONS
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(reason))
        .map_or(ForwardCause::Unknown, |(_, cause)| *cause)
}
