//! The message as it goes over the wire.

use std::io::Write as _;

use bytes::Bytes;

use super::text::Text;
use super::{HeaderName, Message, StartLine, decimal};

/// Room for the start line and Content-Length.
const START_AND_LENGTH: usize = 160;

impl Message {
    /// Writes the message as it goes over the wire. Lines that nobody changed go out byte for
    /// byte; Content-Length always tells the body's length.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (StartLine::Request { line, .. } | StartLine::Response { line, .. }) = self.start;
        let mut run = line;
        let mut has_length = false;
        for line in &self.lines {
            if line.name == HeaderName::ContentLength {
                if decimal(self.buffers.bytes(line.value)) != Some(self.body.len()) {
                    continue;
                }
                has_length = true;
            }
            if self.follows(run, line.raw) {
                run.len = line.raw.end() - run.at;
            } else {
                self.write_run(run, out);
                run = line.raw;
            }
        }
        self.write_run(run, out);
        if !has_length {
            // Writing to memory never fails.
            let _ = write!(out, "Content-Length: {}\r\n", self.body.len());
        }
        out.extend_from_slice(b"\r\n");
        out.extend_from_slice(&self.body);
    }

    /// The message as it goes over the wire.
    #[must_use]
    pub fn to_bytes(&self) -> Bytes {
        let lines: usize = self.lines.iter().map(|line| line.raw.len as usize + 2).sum();
        let mut out = Vec::with_capacity(START_AND_LENGTH + lines + self.body.len());
        self.encode(&mut out);
        out.into()
    }

    /// Whether a line stands right behind another, so that both are copied at once.
    fn follows(&self, run: Text, next: Text) -> bool {
        let gap = Text { at: run.end(), len: 2 };
        next.at == run.end() + 2 && self.buffers.bytes(gap) == b"\r\n"
    }

    fn write_run(&self, run: Text, out: &mut Vec<u8>) {
        out.extend_from_slice(self.buffers.bytes(run));
        out.extend_from_slice(b"\r\n");
    }
}
