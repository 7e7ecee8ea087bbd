//! The one pass that indexes a received message.

use bytes::Bytes;
use memchr::{Memchr, memchr, memchr_iter};

use super::start::{StartFault, read_start};
use super::text::{Buffers, Text, append_line, append_readable, is_readable};
use super::{HeaderLine, HeaderName, Message, ParseError, StartLine, StatusCode};

/// The longest message, as a datagram could carry it.
pub const MESSAGE_MAX: usize = 64 * 1024;
/// The most header lines of a message.
pub const HEADERS_MAX: usize = 256;
/// The longest start line or header line, its folds included.
pub const LINE_MAX: usize = 8 * 1024;

/// Room for the headers of ordinary messages, so that their index is allocated once.
const USUAL_HEADERS: usize = 24;

/// The first thing found wrong.
#[derive(Clone, Copy)]
struct Fault {
    what: &'static str,
    at: usize,
    status: StatusCode,
}

struct Parser<'a> {
    bytes: &'a [u8],
    edits: Vec<u8>,
    lines: Vec<HeaderLine>,
    /// Where the start line starts.
    head: usize,
    /// Where the next line starts.
    at: usize,
    /// The line feeds behind `at`.
    feeds: Memchr<'a>,
    /// How many lines ended in CRLF.
    crlf_count: usize,
    content_length: Option<usize>,
    fault: Option<Fault>,
}

pub(super) fn parse(mut raw: Bytes) -> Result<Message, ParseError> {
    let too_large = raw.len() > MESSAGE_MAX;
    raw.truncate(MESSAGE_MAX);
    let mut parser = Parser::new(&raw);
    if too_large {
        parser.fail(StatusCode(513), "message larger than the ceiling", MESSAGE_MAX);
    }
    let (mut start, method) = match parser.start_line() {
        Ok(start) => start,
        Err(StartFault { what, at }) => {
            return Err(ParseError { what, at, status: None, salvaged: None });
        }
    };
    while parser.header_line() {}
    parser.refuse_stray_returns();
    parser.make_readable(&mut start);
    let body = parser.body();
    let Parser { edits, lines, fault, .. } = parser;
    let body = raw.slice(body);
    let buffers = Buffers { received: raw, edits };
    let mut message = Message { buffers, start, method, lines, body };
    message.note_response_method();
    let Some(Fault { what, at, status }) = fault else { return Ok(message) };
    let answerable = message.is_answerable();
    let salvaged = answerable.then(|| Box::new(message));
    Err(ParseError { what, at, status: answerable.then_some(status), salvaged })
}

impl<'a> Parser<'a> {
    fn new(bytes: &'a [u8]) -> Parser<'a> {
        let head = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Parser {
            bytes,
            edits: Vec::new(),
            lines: Vec::with_capacity(USUAL_HEADERS),
            head,
            at: head,
            feeds: memchr_iter(b'\n', &bytes[head..]),
            crlf_count: 0,
            content_length: None,
            fault: None,
        }
    }

    /// Keeps the first fault; later ones are often its consequences.
    fn fail(&mut self, status: StatusCode, what: &'static str, at: usize) {
        self.fault.get_or_insert(Fault { what, at, status });
    }

    fn bad_request(&mut self, what: &'static str, at: usize) {
        self.fail(StatusCode(400), what, at);
    }

    /// Moves past the physical line at `self.at`; returns where its text ends.
    fn line_end(&mut self) -> Option<usize> {
        let begin = self.at;
        let feed = self.head + self.feeds.next()?;
        self.at = feed + 1;
        if feed > begin && self.bytes[feed - 1] == b'\r' {
            self.crlf_count += 1;
            return Some(feed - 1);
        }
        Some(feed)
    }

    fn start_line(&mut self) -> Result<(StartLine, super::Method), StartFault> {
        let begin = self.at;
        let end = self.line_end().ok_or(StartFault { what: "no start line", at: begin })?;
        if end - begin > LINE_MAX {
            let at = begin + LINE_MAX;
            self.fail(StatusCode(414), "start line longer than the ceiling", at);
        }
        let line = Text::received(begin, end);
        let (start, method, fault) = read_start(line, &self.bytes[begin..end])?;
        if let Some((status, what)) = fault {
            self.fail(status, what, begin);
        }
        Ok((start, method))
    }

    /// Indexes the header line at `self.at`; false at the end of the headers.
    fn header_line(&mut self) -> bool {
        let begin = self.at;
        let Some(mut end) = self.line_end() else {
            self.bad_request("headers cut short", begin);
            return false;
        };
        if end == begin {
            return false;
        }
        let first_end = end;
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t')) {
            let Some(more) = self.line_end() else {
                self.bad_request("headers cut short", begin);
                return false;
            };
            end = more;
        }
        if end - begin > LINE_MAX {
            self.bad_request("header line longer than the ceiling", begin + LINE_MAX);
            return true;
        }
        if self.lines.len() == HEADERS_MAX {
            self.bad_request("more header lines than the ceiling", begin);
            return false;
        }
        let raw = Text::received(begin, end);
        let Some(mut line) = HeaderLine::read(raw, &self.bytes[begin..end]) else {
            self.bad_request("header line without a name and a colon", begin);
            return true;
        };
        if line.name == HeaderName::ContentLength {
            self.content_length(line);
        }
        if end != first_end {
            line = self.unfold(line);
        }
        self.lines.push(line);
        true
    }

    /// The bytes of a range of the received bytes.
    fn received(&self, text: Text) -> &'a [u8] {
        &self.bytes[text.at as usize..text.end() as usize]
    }

    /// Reads a line of several physical lines.
    fn unfold(&mut self, line: HeaderLine) -> HeaderLine {
        let bytes = self.received(line.raw);
        if memchr_iter(b'\n', bytes).any(|at| bytes[at - 1] != b'\r') {
            return self.rewrite(line);
        }
        let value = self.received(line.value);
        HeaderLine { value: append_readable(&mut self.edits, value), ..line }
    }

    /// Writes a line anew that holds what others could take for a line end: it is not passed on.
    fn rewrite(&mut self, line: HeaderLine) -> HeaderLine {
        let (name, rest) = self.received(line.raw).split_at(line.name_len.into());
        let colon = memchr(b':', rest).map_or(0, |at| at + 1);
        let value = append_readable(&mut self.edits, &rest[colon..]);
        let raw = append_line(&mut self.edits, name, value);
        HeaderLine { raw, value, ..line }
    }

    /// A carriage return without line feed is a line end to some, and no part of any value: one
    /// message for us would be another for them.
    fn refuse_stray_returns(&mut self) {
        let head = &self.bytes[self.head..self.at];
        if memchr_iter(b'\r', head).count() == self.crlf_count {
            return;
        }
        let stray =
            |bytes: &[u8]| memchr_iter(b'\r', bytes).find(|at| bytes.get(at + 1) != Some(&b'\n'));
        let at = self.head + stray(head).unwrap_or(0);
        self.bad_request("carriage return without line feed", at);
        for index in 0..self.lines.len() {
            let line = self.lines[index];
            if !line.raw.is_edit() && stray(self.received(line.raw)).is_some() {
                self.lines[index] = self.rewrite(line);
            }
        }
    }

    /// RFC 3261 §20.14; several that disagree are refused (RFC 4475 §3.3.9).
    fn content_length(&mut self, line: HeaderLine) {
        let at = line.raw.at as usize;
        match super::decimal(self.received(line.value)) {
            None => self.bad_request("Content-Length is no number", at),
            Some(length) if self.content_length.is_some_and(|other| other != length) => {
                self.bad_request("several Content-Length that disagree", at);
            }
            Some(length) => self.content_length = Some(length),
        }
    }

    /// Replaces values that are not UTF-8 by readable copies; what is sent on stays as it is.
    fn make_readable(&mut self, start: &mut StartLine) {
        if let StartLine::Response { reason, .. } = start {
            *reason = self.readable(*reason);
        }
        let head = &self.bytes[self.head..self.at];
        if head.is_ascii() || std::str::from_utf8(head).is_ok() {
            return;
        }
        for index in 0..self.lines.len() {
            self.lines[index].value = self.readable(self.lines[index].value);
        }
    }

    fn readable(&mut self, text: Text) -> Text {
        if text.is_edit() {
            return text;
        }
        let bytes = self.received(text);
        if is_readable(bytes) { text } else { append_readable(&mut self.edits, bytes) }
    }

    /// RFC 3261 §18.3: what follows the body in a datagram is no part of it; a body that was cut
    /// short is answered with 400.
    fn body(&mut self) -> std::ops::Range<usize> {
        let rest = self.bytes.len() - self.at;
        match self.content_length {
            None => self.at..self.bytes.len(),
            Some(length) if length <= rest => self.at..self.at + length,
            Some(_) => {
                self.bad_request("body shorter than its Content-Length", self.bytes.len());
                self.at..self.at
            }
        }
    }
}
