//! rtpengine, driven through its ng protocol (bencoded dictionaries over UDP).

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The control port of a running rtpengine.
#[derive(Debug)]
pub struct Control {
    socket: UdpSocket,
    cookies: u32,
}

/// A value of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value<'a> {
    /// One string.
    Text(&'a str),
    /// Some strings.
    List(&'a [&'a str]),
}

impl Control {
    /// Speaks with the rtpengine at `control`.
    ///
    /// # Errors
    /// If there is no socket for it.
    pub fn open(control: SocketAddr) -> io::Result<Control> {
        let socket = UdpSocket::bind((control.ip(), 0))?;
        socket.connect(control)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Control { socket, cookies: 0 })
    }

    /// Whether it is there.
    pub fn ping(&mut self) -> bool {
        self.ask(&[("command", Value::Text("ping"))]).is_ok()
    }

    /// Tells a side's description; gives the one that the other side is to see.
    ///
    /// # Errors
    /// If rtpengine refuses.
    pub fn describe(&mut self, entries: &[(&str, Value<'_>)]) -> io::Result<String> {
        let answer = self.ask(entries)?;
        string_of(&answer, "sdp")
            .map(|text| String::from_utf8_lossy(text).into_owned())
            .ok_or_else(|| io::Error::other("rtpengine answers without a description"))
    }

    /// Asks, and gives the answer's dictionary.
    fn ask(&mut self, entries: &[(&str, Value<'_>)]) -> io::Result<Vec<u8>> {
        self.cookies += 1;
        let cookie = self.cookies;
        let mut entries = entries.to_vec();
        entries.sort_unstable(); // bencode wants its keys in order
        let written: String =
            entries.iter().map(|(key, value)| text(key) + &value.written()).collect();
        self.socket.send(format!("{cookie} d{written}e").as_bytes())?;
        let mut answer = vec![0; 65_536];
        let length = self.socket.recv(&mut answer)?;
        let dictionary = answer[..length]
            .strip_prefix(format!("{cookie} ").as_bytes())
            .ok_or_else(|| io::Error::other("rtpengine answers another question"))?;
        match string_of(dictionary, "result") {
            Some(b"ok" | b"pong") => Ok(dictionary.to_vec()),
            _ => Err(io::Error::other(String::from_utf8_lossy(dictionary))),
        }
    }
}

impl Value<'_> {
    fn written(&self) -> String {
        match self {
            Value::Text(value) => text(value),
            Value::List(values) => {
                format!("l{}e", values.iter().map(|value| text(value)).collect::<String>())
            }
        }
    }
}

fn text(value: &str) -> String {
    format!("{}:{value}", value.len())
}

/// The string under `key` of a bencoded dictionary that holds only strings before it.
fn string_of<'a>(dictionary: &'a [u8], key: &str) -> Option<&'a [u8]> {
    let mut rest = dictionary.strip_prefix(b"d")?;
    loop {
        let (found, after) = string(rest)?;
        let (value, after) = string(after)?;
        if found == key.as_bytes() {
            return Some(value);
        }
        rest = after;
    }
}

fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let colon = text.iter().position(|&byte| byte == b':')?;
    let length = std::str::from_utf8(&text[..colon]).ok()?.parse().ok()?;
    text[colon + 1..].split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_a_dictionary() {
        let dictionary = b"d6:result2:ok3:sdp4:v=0\ne";
        assert_eq!(string_of(dictionary, "sdp"), Some(&b"v=0\n"[..]));
        assert_eq!(string_of(dictionary, "tags"), None);
        assert_eq!(string_of(b"d3:sdp9:v=0e", "sdp"), None);
        assert_eq!(Value::List(&["offer", "x"]).written(), "l5:offer1:xe");
    }
}
