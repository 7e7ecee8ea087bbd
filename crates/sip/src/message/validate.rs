//! Checks of a whole message, before an element acts on it.

use super::{HeaderName, Message, Method, Refusal, StatusCode};
use crate::uri::{Scheme, Uri};
use crate::values::{CSeq, NameAddr, Via, number};

/// The most Via elements: as many as Max-Forwards can let a request collect.
pub const VIAS_MAX: usize = 256;

/// Headers that a message has once (RFC 3261 §7.3.1, RFC 4475 §3.3.8).
const SINGLE: [HeaderName; 5] = [
    HeaderName::From,
    HeaderName::To,
    HeaderName::CallId,
    HeaderName::CSeq,
    HeaderName::MaxForwards,
];

impl Message {
    /// Checks what every element checks before it acts on a request: the mandatory headers are
    /// there, once and well-formed, CSeq names the method, and the Request-URI can be understood
    /// (RFC 3261 §8.1.1, §8.2.2.1, §16.3). A missing Max-Forwards is no fault (§16.3), nor is a
    /// missing From tag or branch (RFC 4475 §3.4.1).
    ///
    /// # Errors
    /// The answer that the request deserves: 400, 416, or 501.
    pub fn validate_request(&self) -> Result<(), Refusal> {
        self.check_common().map_err(bad_request)?;
        if self.header(HeaderName::MaxForwards).is_some_and(|text| !is_max_forwards(text)) {
            return Err(bad_request("Max-Forwards is no number from 0 to 255"));
        }
        let cseq = self.header(HeaderName::CSeq).and_then(|text| CSeq::parse(text).ok());
        if cseq.is_none_or(|cseq| cseq.method != *self.method()) {
            let what = "CSeq names another method";
            // A method of the future may have its own rules (RFC 4475 §3.1.2.18).
            let unknown = matches!(self.method(), Method::Other(_));
            return Err(Refusal { status: StatusCode(if unknown { 501 } else { 400 }), what });
        }
        let uri = Uri::parse(self.request_uri())
            .map_err(|_| bad_request("the Request-URI is malformed"))?;
        match uri.scheme {
            Scheme::Other(_) => {
                Err(Refusal { status: StatusCode(416), what: "unknown scheme of the Request-URI" })
            }
            // They would become headers of a request that nobody meant (RFC 4475 §3.1.2.11).
            Scheme::Sip | Scheme::Sips if uri.headers.is_some() => {
                Err(bad_request("the Request-URI has headers"))
            }
            Scheme::Sip | Scheme::Sips | Scheme::Tel => Ok(()),
        }
    }

    /// Checks that a response can be matched and forwarded; one that cannot is to be dropped
    /// (RFC 4475 §3.1.2.5).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn validate_response(&self) -> Result<(), &'static str> {
        self.check_common()
    }

    fn check_common(&self) -> Result<(), &'static str> {
        for name in SINGLE {
            if self.lines_of(name).nth(1).is_some() {
                return Err("From, To, Call-ID, CSeq or Max-Forwards stands there twice");
            }
        }
        for name in [HeaderName::From, HeaderName::To] {
            let text = self.header(name).ok_or("From or To is missing")?;
            NameAddr::parse(text).map_err(|_| "From or To is malformed")?;
        }
        if self.call_id().is_empty() {
            return Err("Call-ID is missing");
        }
        let cseq = self.header(HeaderName::CSeq).ok_or("CSeq is missing")?;
        CSeq::parse(cseq).map_err(|_| "CSeq is malformed")?;
        self.check_vias()
    }

    fn check_vias(&self) -> Result<(), &'static str> {
        let mut count = 0;
        for element in self.elements(HeaderName::Via) {
            count += 1;
            if count > VIAS_MAX {
                return Err("more Vias than the ceiling");
            }
            Via::parse(element).map_err(|_| "Via is malformed")?;
        }
        if count == 0 { Err("Via is missing") } else { Ok(()) }
    }
}

fn is_max_forwards(text: &str) -> bool {
    number(text).is_ok_and(|hops| hops <= 255)
}

fn bad_request(what: &'static str) -> Refusal {
    Refusal { status: StatusCode(400), what }
}
