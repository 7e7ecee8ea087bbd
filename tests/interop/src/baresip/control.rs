//! baresip's `ctrl_tcp`: JSON in netstrings.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::wait::PATIENCE;

/// The connection to one baresip.
#[derive(Debug)]
pub(super) struct Control {
    stream: TcpStream,
    bytes: Vec<u8>,
    events: VecDeque<Value>,
    responses: VecDeque<Value>,
}

impl Control {
    pub(super) fn connect(address: SocketAddr) -> Option<Control> {
        let stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_millis(50))).ok()?;
        Some(Control {
            stream,
            bytes: Vec::new(),
            events: VecDeque::new(),
            responses: VecDeque::new(),
        })
    }

    /// Has a command done.
    #[track_caller]
    pub(super) fn command(&mut self, command: &str, parameter: &str) {
        let message =
            json!({"command": command, "params": parameter, "token": command}).to_string();
        let framed = format!("{}:{message},", message.len());
        self.stream.write_all(framed.as_bytes()).expect("baresip takes commands");
        let deadline = Instant::now() + PATIENCE;
        let response = loop {
            self.read();
            if let Some(response) = self.responses.pop_front() {
                break response;
            }
            assert!(Instant::now() < deadline, "baresip does not answer {message}");
        };
        assert_eq!(response["ok"], true, "{message}: {response}");
    }

    /// The next event of this type; what came instead, if none does.
    pub(super) fn wait_event(
        &mut self,
        kind: &str,
        patience: Duration,
    ) -> Result<Value, Vec<String>> {
        let deadline = Instant::now() + patience;
        let mut seen = Vec::new();
        loop {
            while let Some(event) = self.events.pop_front() {
                let this = event["type"].as_str().unwrap_or_default().to_owned();
                if this == kind {
                    return Ok(event);
                }
                seen.push(this);
            }
            if Instant::now() >= deadline {
                return Err(seen);
            }
            self.read();
        }
    }

    fn read(&mut self) {
        let mut chunk = [0; 4096];
        match self.stream.read(&mut chunk) {
            Ok(count) => self.bytes.extend(&chunk[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("baresip's control: {error}"),
        }
        while let Some((message, length)) = first_netstring(&self.bytes) {
            let value: Value = serde_json::from_slice(message).expect("baresip writes JSON");
            self.bytes.drain(..length);
            if value["event"] == true {
                self.events.push_back(value);
            } else {
                self.responses.push_back(value);
            }
        }
    }
}

/// The content of the first whole netstring, `LENGTH:CONTENT,`, and its length in all.
fn first_netstring(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let colon = bytes.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&bytes[..colon]).ok()?.parse().ok()?;
    let content = bytes.get(colon + 1..colon + 1 + length)?;
    (bytes.len() > colon + 1 + length).then_some((content, colon + 2 + length))
}
