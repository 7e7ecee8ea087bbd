//! Messages made from scratch.

use super::text::{Buffers, Text};
use super::{HeaderName, Message, Method, StartLine, StatusCode};

impl Message {
    /// A new request with `Max-Forwards: 70` and nothing else.
    #[must_use]
    pub fn request(method: Method, uri: &str) -> Message {
        let mut buffers = Buffers::default();
        let start = request_start(&mut buffers, &method, uri);
        let mut message =
            Message { buffers, start, method, lines: Vec::new(), body: bytes::Bytes::new() };
        message.push(HeaderName::MaxForwards, 70);
        message
    }

    /// A response with Via, From, To, Call-ID and CSeq copied from the request (RFC 3261 §8.2.6),
    /// and Timestamp in a 100. The To tag is added by [`Message::set_to_tag`].
    #[must_use]
    pub fn response(request: &Message, status: StatusCode) -> Message {
        let mut buffers = request.buffers.clone();
        let start = response_start(&mut buffers, status, status.default_reason());
        let copied = |name: HeaderName| match name {
            HeaderName::Via
            | HeaderName::From
            | HeaderName::To
            | HeaderName::CallId
            | HeaderName::CSeq => true,
            HeaderName::Timestamp => status.0 == 100,
            _ => false,
        };
        let mut lines = Vec::with_capacity(request.lines.len());
        lines.extend(request.lines.iter().copied().filter(|line| copied(line.name)));
        let method = request.method.clone();
        Message { buffers, start, method, lines, body: bytes::Bytes::new() }
    }

    /// Replaces the Request-URI; blanks and control characters in it are escaped. Does nothing to
    /// a response.
    pub fn set_request_uri(&mut self, uri: &str) {
        if self.is_request() {
            self.start = request_start(&mut self.buffers, &self.method, uri);
        }
    }

    /// Sets the reason phrase. Does nothing to a request.
    pub fn set_reason(&mut self, reason: &str) {
        if let Some(status) = self.status() {
            self.start = response_start(&mut self.buffers, status, reason);
        }
    }
}

fn request_start(buffers: &mut Buffers, method: &Method, uri: &str) -> StartLine {
    let mut uri_len = 0;
    let line = buffers.write_line(|buffers| {
        buffers.append_value(method);
        buffers.edits.push(b' ');
        let uri_at = buffers.edits.len();
        buffers.append_uri(uri);
        uri_len = buffers.edits.len() - uri_at;
        buffers.edits.extend_from_slice(b" SIP/2.0");
    });
    let uri_end = line.len as usize - " SIP/2.0".len();
    StartLine::Request { line, uri: line.part(uri_end - uri_len, uri_end) }
}

fn response_start(buffers: &mut Buffers, status: StatusCode, reason: &str) -> StartLine {
    let mut reason_at = 0;
    let line = buffers.write_line(|buffers| {
        let start = buffers.edits.len();
        buffers.append_value(format_args!("SIP/2.0 {:03} ", status.0));
        reason_at = buffers.edits.len() - start;
        buffers.append_value(reason);
    });
    let reason: Text = line.part(reason_at, line.len as usize);
    StartLine::Response { line, status, reason }
}
