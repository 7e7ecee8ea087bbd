//! The web port, asked by hand.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use crate::wait::PATIENCE;

/// A web port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Web(pub SocketAddr);

impl Web {
    /// A connection.
    ///
    /// # Errors
    /// If the port does not take it.
    pub fn connect(self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.0, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// Asks for a page; status and body.
    #[must_use]
    pub fn get(self, path: &str) -> Option<(u16, String)> {
        self.ask(&format!("GET {path}"), "", "")
    }

    /// Sends a request with these headers (each with its end of line) and this body; status and body.
    #[must_use]
    pub fn ask(self, request: &str, headers: &str, body: &str) -> Option<(u16, String)> {
        let mut stream = self.connect().ok()?;
        let (host, length) = (self.0, body.len());
        let length = match length {
            0 => String::new(),
            _ => format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"),
        };
        write!(
            stream,
            "{request} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}{headers}\r\n{body}"
        )
        .ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n")?;
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, body.to_owned()))
    }
}
