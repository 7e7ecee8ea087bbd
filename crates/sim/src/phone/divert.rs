//! A clinic's exchange that sends the calls of its phone on to the line: a stateless proxy
//! (RFC 3261 §16.11), apart from all code of the line.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::Bytes;

use crate::wire::Sip;

/// Requests that were sent on, remembered for their CANCEL and ACK.
const PASSED_MAX: usize = 200;
/// What its branches begin with; none that the phone draws itself has a hyphen.
const BRANCH: &str = "z9hG4bK-pbx-";

/// Where calls are sent on to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diversion {
    /// The number.
    pub number: String,
    /// Each call gets another parameter in its URI, so that none looks like one that was there before.
    pub changes: bool,
}

/// The exchange.
#[derive(Debug, Default)]
pub(super) struct Exchange {
    /// Where to; nowhere if the phone takes its calls itself.
    pub(super) to: Option<Diversion>,
    /// Branches with which requests came that were sent on, and the URI that they were given.
    passed: VecDeque<(String, String)>,
}

impl Exchange {
    /// What a message becomes that is not for the phone; it goes to the line.
    pub(super) fn pass(
        &mut self,
        ours: SocketAddr,
        line: SocketAddr,
        packet: &[u8],
    ) -> Option<Bytes> {
        let sip = Sip::read(packet)?;
        if !sip.is_request() {
            return sip.branch.starts_with(BRANCH).then(|| without_via(packet)).flatten();
        }
        let known = self.passed.iter().find(|(branch, _)| branch == sip.branch);
        // With no hop left the phone takes the call.
        let hops = sip.max_forwards?.checked_sub(1)?;
        let uri = match (known, &self.to) {
            (Some((_, uri)), _) => uri.clone(),
            (None, Some(to)) if sip.is_initial("INVITE") => {
                let change = if to.changes { format!(";leg={hops}") } else { String::new() };
                format!("sip:{}@{line}{change}", to.number)
            }
            (None, _) => return None,
        };
        if known.is_none() {
            if self.passed.len() == PASSED_MAX {
                self.passed.pop_front();
            }
            self.passed.push_back((sip.branch.to_owned(), uri.clone()));
        }
        let via =
            format!("Via: SIP/2.0/UDP {ours};branch={BRANCH}{}", sip.branch.replace('.', "-"));
        let text = std::str::from_utf8(packet).ok()?;
        let (_, rest) = text.split_once("\r\n")?;
        let before = format!("\r\nMax-Forwards: {}\r\n", hops + 1);
        let rest =
            format!("\r\n{rest}").replacen(&before, &format!("\r\nMax-Forwards: {hops}\r\n"), 1);
        Some(format!("{} {uri} SIP/2.0\r\n{via}{rest}", sip.method).into())
    }
}

/// A response without the Via of the exchange.
fn without_via(packet: &[u8]) -> Option<Bytes> {
    let text = std::str::from_utf8(packet).ok()?;
    let at = text.find("\r\nVia:")?;
    let end = at + 2 + text[at + 2..].find("\r\n")?;
    Some([&text[..at], &text[end..]].concat().into())
}
