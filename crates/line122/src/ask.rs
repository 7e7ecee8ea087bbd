//! Asks the line that runs on this machine, over its web port.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// How long the line may take to be connected with.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may take to answer: it may have to check a large dialplan.
const PATIENCE: Duration = Duration::from_secs(60);
/// Most bytes of an answer.
const ANSWER_MAX: u64 = 64 << 20;

/// What the line answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// One request, with JSON or without.
pub(crate) fn ask(
    settings: &Settings,
    (method, path): (&str, &str),
    json: Option<&str>,
    language: Language,
) -> Result<Answer, Failure> {
    let at = here(settings.web.listen);
    let failed = |error: &dyn std::fmt::Display| {
        Failure::Runtime(language.pick(
            format!("the line does not answer at {at} (web.listen): {error}"),
            format!("линия не отвечает по адресу {at} (web.listen): {error}"),
        ))
    };
    let talk = || {
        let mut stream = TcpStream::connect_timeout(&at, CONNECT)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n")?;
        if let Some(json) = json {
            let length = json.len();
            write!(stream, "Content-Type: application/json\r\nContent-Length: {length}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        stream.write_all(json.unwrap_or_default().as_bytes())?;
        let mut answer = String::new();
        stream.take(ANSWER_MAX).read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    let answer = talk().map_err(|error| failed(&error))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1).and_then(|status| status.parse().ok()) {
        Some(status) => Ok(Answer { status, body: body.to_owned() }),
        None => Err(failed(&"?")),
    }
}

/// Where a port that listens everywhere is reached from this machine.
fn here(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}
