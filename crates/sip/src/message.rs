//! A SIP message: the received bytes with an index of its headers.
//!
//! A message is parsed in one pass without touching the values; what nobody changes is sent on
//! byte for byte. Edits go to a second buffer. Values are parsed when asked for (see
//! [`crate::values`]).

use std::fmt;

use bytes::Bytes;

/// A method (RFC 3261 §7.1); case matters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // the names of the methods say what they are
pub enum Method {
    Invite,
    Ack,
    Bye,
    Cancel,
    Register,
    Options,
    Prack,
    Update,
    Info,
    Refer,
    Notify,
    Subscribe,
    Message,
    Publish,
    /// Any other token.
    Other(Box<str>),
}

impl Method {
    /// The method's token.
    #[must_use]
    pub fn as_str(&self) -> &str {
        todo!()
    }
}

/// A status code, 100 to 699.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusCode(pub u16);

impl StatusCode {
    /// Whether it is 100 to 199.
    #[must_use]
    pub fn is_provisional(self) -> bool {
        self.0 < 200
    }
    /// Whether it is 200 to 299.
    #[must_use]
    pub fn is_success(self) -> bool {
        self.0 / 100 == 2
    }
    /// The phrase of the RFC that defined the code, or of its class.
    #[must_use]
    pub fn default_reason(self) -> &'static str {
        todo!()
    }
}

/// The name of a header field: full, compact and any case are one name (RFC 3261 §7.3.1, §7.3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
#[non_exhaustive]
pub enum HeaderName {
    Accept,
    Allow,
    AllowEvents,
    Authorization,
    AuthenticationInfo,
    CallId,
    CallInfo,
    Contact,
    ContentLength,
    ContentType,
    CSeq,
    Date,
    Diversion,
    Event,
    Expires,
    From,
    HistoryInfo,
    MaxForwards,
    MinExpires,
    MinSe,
    PAssertedIdentity,
    Path,
    Privacy,
    ProxyAuthenticate,
    ProxyAuthorization,
    ProxyRequire,
    RAck,
    Reason,
    RecordRoute,
    ReferTo,
    ReferredBy,
    Replaces,
    Require,
    RetryAfter,
    Route,
    RSeq,
    Server,
    ServiceRoute,
    SessionExpires,
    SubscriptionState,
    Supported,
    Timestamp,
    To,
    Unsupported,
    UserAgent,
    Via,
    Warning,
    WwwAuthenticate,
    /// A header this crate gives no name; ask for it with [`Message::header_named`].
    Other,
}

/// A parsed or built message. Cloning shares the received bytes.
#[derive(Clone)]
pub struct Message {
    // To be designed by its author: received bytes, an edit buffer, an index of headers.
    _private: (),
}

/// What is wrong with a received message, and what RFC 3261 asks to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    /// What is wrong, in words.
    pub what: &'static str,
    /// Offset of the offending byte.
    pub at: usize,
    /// 400, 413, 505 …: the answer to a request; `None` if nothing can be answered.
    pub status: Option<StatusCode>,
}

impl Message {
    /// Parses one whole message (a datagram, or what [`crate::framing`] cut from a stream).
    ///
    /// Accepts all that the grammar of RFC 3261 accepts and what RFC 4475 asks to tolerate.
    ///
    /// # Errors
    /// If the message cannot be understood well enough to be routed.
    pub fn parse(_raw: Bytes) -> Result<Message, ParseError> {
        todo!()
    }

    /// A new request with `Max-Forwards: 70` and nothing else.
    #[must_use]
    pub fn request(_method: Method, _uri: &str) -> Message {
        todo!()
    }

    /// A response with Via, From, To, Call-ID and CSeq copied from the request (RFC 3261 §8.2.6),
    /// and Timestamp in a 100. The To tag is added by [`Message::set_to_tag`].
    #[must_use]
    pub fn response(_request: &Message, _status: StatusCode) -> Message {
        todo!()
    }

    /// Whether this is a request.
    #[must_use]
    pub fn is_request(&self) -> bool {
        todo!()
    }
    /// The method: of the request line, or of the response's CSeq.
    #[must_use]
    pub fn method(&self) -> &Method {
        todo!()
    }
    /// The Request-URI as written; empty for a response.
    #[must_use]
    pub fn request_uri(&self) -> &str {
        todo!()
    }
    /// Replaces the Request-URI.
    pub fn set_request_uri(&mut self, _uri: &str) {
        todo!()
    }
    /// The status of a response.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        todo!()
    }
    /// The reason phrase of a response, as received.
    #[must_use]
    pub fn reason(&self) -> &str {
        todo!()
    }
    /// Sets the reason phrase.
    pub fn set_reason(&mut self, _reason: &str) {
        todo!()
    }

    /// The value of the first header with this name, unfolded bytes trimmed; invalid UTF-8 is `None`
    /// here and unchanged on the wire.
    #[must_use]
    pub fn header(&self, _name: HeaderName) -> Option<&str> {
        todo!()
    }
    /// The values of all headers with this name, one for each header line.
    pub fn headers(&self, _name: HeaderName) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
    /// The elements of a comma-separated header over all its lines (Via, Route, Contact …), commas
    /// in quotes and in angle brackets respected.
    pub fn elements(&self, _name: HeaderName) -> impl Iterator<Item = &str> {
        std::iter::empty()
    }
    /// The value of the first header with this name, case-insensitive.
    #[must_use]
    pub fn header_named(&self, _name: &str) -> Option<&str> {
        todo!()
    }

    /// Adds a header line after all others.
    pub fn push(&mut self, _name: HeaderName, _value: impl fmt::Display) {
        todo!()
    }
    /// Adds a header line with any name after all others.
    pub fn push_named(&mut self, _name: &str, _value: impl fmt::Display) {
        todo!()
    }
    /// Adds an element above all others of its name (Via, Record-Route, Route, Path).
    pub fn push_top(&mut self, _name: HeaderName, _value: impl fmt::Display) {
        todo!()
    }
    /// Removes the topmost element of a comma-separated header (our Via, our Route).
    pub fn pop_top(&mut self, _name: HeaderName) {
        todo!()
    }
    /// Replaces the topmost element (received and rport in the top Via).
    pub fn replace_top(&mut self, _name: HeaderName, _value: impl fmt::Display) {
        todo!()
    }
    /// Removes all headers of this name.
    pub fn remove(&mut self, _name: HeaderName) {
        todo!()
    }
    /// Replaces all headers of this name with one.
    pub fn set(&mut self, name: HeaderName, value: impl fmt::Display) {
        self.remove(name);
        self.push(name, value);
    }

    /// The body's bytes.
    #[must_use]
    pub fn body(&self) -> &Bytes {
        todo!()
    }
    /// Replaces the body and Content-Type; Content-Length follows by itself.
    pub fn set_body(&mut self, _content_type: &str, _body: impl Into<Bytes>) {
        todo!()
    }

    /// The tag of the To header.
    #[must_use]
    pub fn to_tag(&self) -> Option<&str> {
        todo!()
    }
    /// The tag of the From header.
    #[must_use]
    pub fn from_tag(&self) -> Option<&str> {
        todo!()
    }
    /// Sets the To tag if there is none yet.
    pub fn set_to_tag(&mut self, _tag: &str) {
        todo!()
    }
    /// The Call-ID; empty if the header is missing.
    #[must_use]
    pub fn call_id(&self) -> &str {
        todo!()
    }

    /// Writes the message as it goes over the wire.
    pub fn encode(&self, _out: &mut Vec<u8>) {
        todo!()
    }
    /// The message as it goes over the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let mut out = Vec::with_capacity(1024);
        self.encode(&mut out);
        out.into()
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message")
    }
}
