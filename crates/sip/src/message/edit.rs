//! Changes to a message. Each writes new lines to the edit buffer and leaves all others alone.

use std::fmt;

use bytes::Bytes;

use super::text::Text;
use super::{HeaderLine, HeaderName, Message};
use crate::values::elements::{Elements, after_first};
use crate::values::token::is_token_byte;

/// The most bytes of edits that are kept, dead ones among them. A message that is changed again and
/// again (a registration refreshed for months) must not grow.
pub(super) const EDITS_MAX: usize = 256 * 1024;

impl Message {
    /// Adds a header line after all others.
    pub fn push(&mut self, name: HeaderName, value: impl fmt::Display) {
        self.insert(self.lines.len(), name.as_str(), value);
    }

    /// Adds a header line with any name after all others; a name that is no token is refused by
    /// doing nothing.
    pub fn push_named(&mut self, name: &str, value: impl fmt::Display) {
        self.insert(self.lines.len(), name, value);
    }

    /// Adds an element above all others of its name (Via, Record-Route, Route, Path), in a line of
    /// its own. The first of its name goes below the Vias, a Via to the very top.
    pub fn push_top(&mut self, name: HeaderName, value: impl fmt::Display) {
        let below_vias = || {
            self.lines.iter().rposition(|line| line.name == HeaderName::Via).map_or(0, |at| at + 1)
        };
        let at = self.position(name).unwrap_or_else(below_vias);
        self.insert(at, name.as_str(), value);
    }

    /// Removes the topmost element of a comma-separated header (our Via, our Route).
    pub fn pop_top(&mut self, name: HeaderName) {
        let Some(at) = self.top_line(name) else { return };
        match self.below_top(at) {
            Some(rest) => self.rewrite(at, None::<&str>, Some(rest)),
            None => {
                self.lines.remove(at);
            }
        }
    }

    /// Replaces the topmost element (received and rport in the top Via). Does nothing if there is
    /// none.
    pub fn replace_top(&mut self, name: HeaderName, value: impl fmt::Display) {
        let Some(at) = self.top_line(name) else { return };
        let rest = self.below_top(at);
        self.rewrite(at, Some(value), rest);
    }

    /// Removes all headers of this name.
    pub fn remove(&mut self, name: HeaderName) {
        if name != HeaderName::Other {
            self.lines.retain(|line| line.name != name);
        }
    }

    /// Replaces all headers of this name with one, which stands where the first stood.
    pub fn set(&mut self, name: HeaderName, value: impl fmt::Display) {
        let at = self.position(name).unwrap_or(self.lines.len());
        self.remove(name);
        self.insert(at, name.as_str(), value);
    }

    /// Adds all header lines of this name that another message has, byte for byte, after all
    /// others (Record-Route into the response that makes a dialog, RFC 3261 §12.1.1).
    pub fn copy_from(&mut self, other: &Message, name: HeaderName) {
        for line in other.lines_of(name) {
            let bytes = other.buffers.bytes(line.raw);
            let raw = self.buffers.write_line(|buffers| buffers.edits.extend_from_slice(bytes));
            self.index(self.lines.len(), raw);
        }
    }

    /// Replaces the body and Content-Type; Content-Length follows by itself. An empty type removes
    /// the header, as for a message that is to have no body.
    pub fn set_body(&mut self, content_type: &str, body: impl Into<Bytes>) {
        self.body = body.into();
        self.remove(HeaderName::ContentEncoding);
        if content_type.is_empty() {
            self.remove(HeaderName::ContentType);
        } else {
            self.set(HeaderName::ContentType, content_type);
        }
    }

    /// Sets the To tag if there is none yet.
    pub fn set_to_tag(&mut self, tag: &str) {
        let Some(at) = self.position(HeaderName::To) else { return };
        if self.to_tag().is_some() {
            return;
        }
        let old = self.raw_value(at);
        let name = self.name_text(at);
        let raw = self.buffers.write_line(|buffers| {
            buffers.append(name);
            buffers.edits.extend_from_slice(b": ");
            buffers.append(old);
            buffers.edits.extend_from_slice(b";tag=");
            buffers.append_value(tag);
        });
        self.reindex(at, raw);
    }

    fn position(&self, name: HeaderName) -> Option<usize> {
        if name == HeaderName::Other {
            return None;
        }
        self.lines.iter().position(|line| line.name == name)
    }

    /// The line with the topmost element: lines without any may stand above it.
    fn top_line(&self, name: HeaderName) -> Option<usize> {
        let above = self.headers(name).position(|value| Elements::new(value).next().is_some())?;
        let mut lines = self.lines.iter().enumerate().filter(|(_, line)| line.name == name);
        lines.nth(above).map(|(at, _)| at)
    }

    fn insert(&mut self, at: usize, name: &str, value: impl fmt::Display) {
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return;
        }
        let raw = self.buffers.write_line(|buffers| {
            buffers.edits.extend_from_slice(name.as_bytes());
            buffers.edits.extend_from_slice(b": ");
            buffers.append_value(value);
        });
        self.index(at, raw);
    }

    /// Writes the line at `at` anew under its written name.
    fn rewrite(&mut self, at: usize, first: Option<impl fmt::Display>, rest: Option<Text>) {
        let name = self.name_text(at);
        let raw = self.buffers.write_line(|buffers| {
            buffers.append(name);
            buffers.edits.extend_from_slice(b": ");
            if let Some(first) = &first {
                buffers.append_value(first);
            }
            if let Some(rest) = rest {
                if first.is_some() {
                    buffers.edits.extend_from_slice(b", ");
                }
                buffers.append(rest);
            }
        });
        self.reindex(at, raw);
    }

    fn reindex(&mut self, at: usize, raw: Text) {
        self.lines.remove(at);
        self.index(at, raw);
    }

    fn index(&mut self, at: usize, raw: Text) {
        let Some(line) = HeaderLine::read(raw, self.buffers.bytes(raw)) else { return };
        let value = self.buffers.readable(line.value);
        self.lines.insert(at, HeaderLine { value, ..line });
        if line.name == HeaderName::CSeq {
            self.note_response_method();
        }
        if self.buffers.edits.len() > EDITS_MAX {
            self.compact();
        }
    }

    /// Leaves out what earlier edits wrote and later ones replaced. A message too large to be
    /// parsed, and so to be sent, stays as it is.
    fn compact(&mut self) {
        if let Ok(message) = Message::parse(self.to_bytes()) {
            *self = message;
        }
    }

    fn name_text(&self, at: usize) -> Text {
        let line = &self.lines[at];
        line.raw.part(0, line.name_len.into())
    }

    /// The value as it is sent: folds and foreign bytes untouched.
    fn raw_value(&self, at: usize) -> Text {
        let raw = self.lines[at].raw;
        // The line was read once already, so it reads again.
        HeaderLine::read(raw, self.buffers.bytes(raw)).map_or(raw, |line| line.value)
    }

    /// What follows the first element of a line, as it is sent.
    fn below_top(&self, at: usize) -> Option<Text> {
        let value = self.raw_value(at);
        let rest = after_first(self.buffers.bytes(value))?;
        Some(value.part(rest, value.len as usize))
    }
}
