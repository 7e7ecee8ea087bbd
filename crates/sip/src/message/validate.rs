//! Checks of a whole request.

use super::{HeaderName, Message, Refusal, StatusCode};
use crate::uri::{Scheme, Uri};
use crate::values::{CSeq, NameAddr, Via};

/// The most Via elements: more than any Max-Forwards lets a request collect.
pub const VIAS_MAX: usize = 256;

impl Message {
    /// Checks what every element checks before it acts on a request (RFC 3261 §8.1.1, §16.3).
    ///
    /// # Errors
    /// The answer that the request deserves.
    pub fn validate_request(&self) -> Result<(), Refusal> {
        let bad = |what| Refusal { status: StatusCode(400), what };
        let value = |name, what| self.header(name).ok_or(bad(what));
        for name in [HeaderName::From, HeaderName::To] {
            NameAddr::parse(value(name, "From or To is missing")?)
                .map_err(|_| bad("From or To is malformed"))?;
        }
        if value(HeaderName::CallId, "Call-ID is missing")?.is_empty() {
            return Err(bad("Call-ID is empty"));
        }
        let cseq = CSeq::parse(value(HeaderName::CSeq, "CSeq is missing")?)
            .map_err(|_| bad("CSeq is malformed"))?;
        if cseq.method != *self.method() {
            return Err(bad("CSeq names another method"));
        }
        let via = self.elements(HeaderName::Via).next().ok_or(bad("Via is missing"))?;
        Via::parse(via).map_err(|_| bad("Via is malformed"))?;
        let uri = Uri::parse(self.request_uri()).map_err(|_| bad("Request-URI is malformed"))?;
        if let Scheme::Other(_) = uri.scheme {
            return Err(Refusal { status: StatusCode(416), what: "unknown URI scheme" });
        }
        Ok(())
    }
}
