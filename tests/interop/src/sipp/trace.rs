use std::path::Path;

/// What one SIPp sent and received, in order.
#[derive(Clone, Debug, Default)]
pub struct Trace(pub Vec<Message>);

/// One SIP message.
#[derive(Clone, Debug)]
pub struct Message {
    /// SIPp sent it.
    pub is_sent: bool,
    /// The message.
    pub text: String,
}

impl Trace {
    /// Reads the file of `-trace_msg`; an absent one is empty.
    pub(super) fn read(path: &Path) -> Trace {
        let text = String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        // "----… date\nUDP message sent (512 bytes):\n\nINVITE …"
        let messages = text.split("-----------------------------------------------").skip(1);
        let read = |entry: &str| {
            let (what, text) = entry.split_once("\n\n")?;
            let is_sent = what.contains(" sent");
            Some(Message { is_sent, text: text.trim_end_matches('\n').to_owned() })
        };
        Trace(messages.filter_map(read).collect())
    }

    /// The messages received whose first line has `start`: `"180 "`, `"BYE "`.
    pub fn received<'a>(&'a self, start: &str) -> impl Iterator<Item = &'a Message> {
        self.0.iter().filter(move |message| !message.is_sent && message.begins(start))
    }

    /// The first message received that begins so.
    ///
    /// # Panics
    /// If there is none.
    #[track_caller]
    pub fn first(&self, start: &str) -> &Message {
        let shown = || {
            let lines = self.0.iter().map(|m| {
                let arrow = if m.is_sent { "->" } else { "<-" };
                format!("{arrow} {}", m.text.lines().next().unwrap_or_default())
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        self.received(start).next().unwrap_or_else(|| panic!("no {start:?} in:\n{}", shown()))
    }
}

impl Message {
    fn begins(&self, start: &str) -> bool {
        self.text.starts_with(start)
            || self.text.strip_prefix("SIP/2.0 ").is_some_and(|rest| rest.starts_with(start))
    }

    /// The values of all headers of this name, in order.
    pub fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let head = self.text.split("\r\n\r\n").next().unwrap_or_default();
        head.lines().skip(1).filter_map(move |line| {
            let (key, value) = line.split_once(':')?;
            key.trim().eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    /// The value of the first header of this name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &str {
        self.text.split_once("\r\n\r\n").map_or("", |(_, body)| body)
    }
}
