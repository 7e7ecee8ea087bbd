//! rtpengine, driven through its ng protocol (bencoded dictionaries over UDP).

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use sip::sdp::{self, Codec, Description, Direction, Security};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// The control port of a running rtpengine.
pub(crate) struct Control {
    socket: UdpSocket,
    cookies: u32,
}

/// Where the two sides of a relayed call are to send.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Relayed {
    /// The caller's packets go here.
    pub(crate) from_caller: SocketAddr,
    /// The callee's packets go here.
    pub(crate) from_callee: SocketAddr,
}

impl Control {
    /// Speaks with the rtpengine at `control`.
    ///
    /// # Errors
    /// If there is no socket for it.
    pub(crate) fn open(control: SocketAddr) -> io::Result<Control> {
        let socket = UdpSocket::bind((control.ip(), 0))?;
        socket.connect(control)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        Ok(Control { socket, cookies: 0 })
    }

    /// Whether it is there.
    pub(crate) fn ping(&mut self) -> bool {
        self.ask(&[("command", "ping")]).is_ok()
    }

    /// Sets up the relaying of call `number` between two addresses.
    ///
    /// # Errors
    /// If rtpengine refuses.
    pub(crate) fn relay(
        &mut self,
        number: usize,
        caller: SocketAddr,
        callee: SocketAddr,
    ) -> io::Result<Relayed> {
        let call = format!("call-{number}");
        let describe = |at| {
            let open = &Security::OPEN;
            let text = sdp::offer(at, Codec::Pcma, Direction::SendRecv, (1, 1), open);
            String::from_utf8_lossy(&text.unwrap_or_default()).into_owned()
        };
        let (offer, answer) = (describe(caller), describe(callee));
        let of_call = [("call-id", &*call), ("from-tag", "a"), ("ICE", "remove")];
        let asked = self.ask(&[&of_call[..], &[("command", "offer"), ("sdp", &offer)]].concat())?;
        let from_callee = address(&asked)?;
        let answered = [("command", "answer"), ("to-tag", "b"), ("sdp", &answer)];
        let asked = self.ask(&[&of_call[..], &answered].concat())?;
        Ok(Relayed { from_caller: address(&asked)?, from_callee })
    }

    /// Asks, and gives the answer's dictionary.
    fn ask(&mut self, entries: &[(&str, &str)]) -> io::Result<Vec<u8>> {
        self.cookies += 1;
        let cookie = self.cookies;
        let mut entries = entries.to_vec();
        entries.sort_unstable(); // bencode wants its keys in order
        let written: String = entries
            .iter()
            .map(|(key, value)| format!("{}:{key}{}:{value}", key.len(), value.len()))
            .collect();
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

/// The audio address of the description in an answer.
fn address(answer: &[u8]) -> io::Result<SocketAddr> {
    string_of(answer, "sdp")
        .and_then(|text| Description::parse(text, &Security::OPEN).ok())
        .map(|description| description.audio.rtp)
        .ok_or_else(|| io::Error::other("rtpengine answers without an address"))
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
    }
}
