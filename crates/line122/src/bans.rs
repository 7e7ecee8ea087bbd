//! `line122 bans`: asks the running line over its web port.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde::Deserialize;

use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

/// How long the line may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Most bytes of an answer: the ceiling of bans is far below.
const ANSWER_MAX: u64 = 16 << 20;

/// A ban as the line tells it.
#[derive(Debug, Deserialize)]
struct Ban {
    source: String,
    transport: String,
    why: String,
    times: u32,
    /// Seconds.
    left: f64,
}

/// Shows who is banned.
pub(crate) fn show(settings: &Settings, language: Language) -> Result<(), Failure> {
    let body = ask(settings, "GET", "/api/bans", language)?;
    let bans: Vec<Ban> =
        serde_json::from_str(&body).map_err(|e| Failure::Runtime(e.to_string()))?;
    let _ = std::io::stdout().write_all(table(&bans, language).as_bytes());
    Ok(())
}

/// Lifts the bans of an address.
pub(crate) fn lift(
    settings: &Settings,
    address: IpAddr,
    language: Language,
) -> Result<(), Failure> {
    let body = ask(settings, "DELETE", &format!("/api/bans/{address}"), language)?;
    let text = match body.trim() {
        "0" => {
            language.pick(format!("{address} is not banned"), format!("{address}: не заблокирован"))
        }
        _ => language.pick(format!("{address}: lifted"), format!("{address}: блокировка снята")),
    };
    let _ = writeln!(std::io::stdout(), "{text}");
    Ok(())
}

fn table(bans: &[Ban], language: Language) -> String {
    if bans.is_empty() {
        return language.pick("nobody is banned\n", "никто не заблокирован\n").into();
    }
    let head = language.pick(
        ["source", "shut", "minutes", "times", "why"],
        ["источник", "закрыто", "минут", "раз", "за что"],
    );
    let mut text = row(&head.map(str::to_owned));
    for ban in bans {
        let minutes = (ban.left / 60.0).ceil();
        text += &row(&[
            ban.source.clone(),
            shut(&ban.transport, language).into(),
            minutes.to_string(),
            ban.times.to_string(),
            why(&ban.why, language).into(),
        ]);
    }
    text
}

fn row([source, shut, minutes, times, why]: &[String; 5]) -> String {
    format!("{source:<40} {shut:<8} {minutes:>7} {times:>5}  {why}\n")
}

fn shut(transport: &str, language: Language) -> &'static str {
    match transport {
        "udp" => "UDP",
        _ => language.pick("all", "всё"),
    }
}

fn why(word: &str, language: Language) -> &str {
    let russian = match word {
        "unanswered challenges" => "не отвечает на запрос пароля",
        "flood" => "слишком много запросов",
        "malformed" => "испорченные сообщения",
        "slow connections" => "незавершённые соединения",
        "stranger" => "запросы постороннего",
        "unknown accounts" => "несуществующие учётные записи",
        "wrong passwords" => "неверные пароли",
        "scanner" => "программа-сканер",
        other => other,
    };
    language.pick(word, russian)
}

/// One request to the web port of the line that runs here; gives the body.
fn ask(
    settings: &Settings,
    method: &str,
    path: &str,
    language: Language,
) -> Result<String, Failure> {
    let at = here(settings.web.listen);
    let failed = |error: &dyn std::fmt::Display| {
        Failure::Runtime(language.pick(
            format!("the line does not answer at {at} (web.listen): {error}"),
            format!("линия не отвечает по адресу {at} (web.listen): {error}"),
        ))
    };
    let talk = || {
        let mut stream = TcpStream::connect_timeout(&at, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.take(ANSWER_MAX).read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    let answer = talk().map_err(|error| failed(&error))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    match head.split(' ').nth(1) {
        Some("200") => Ok(body.to_owned()),
        status => Err(failed(&status.unwrap_or("?"))),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_in_both_languages() {
        let ban = Ban {
            source: "203.0.113.7".into(),
            transport: "udp".into(),
            why: "scanner".into(),
            times: 2,
            left: 61.0,
        };
        let english = table(std::slice::from_ref(&ban), Language::English);
        assert!(english.contains("203.0.113.7") && english.contains("scanner"), "{english}");
        assert!(english.lines().nth(1).is_some_and(|line| line.contains("2     2")), "{english}");
        assert!(table(&[ban], Language::Russian).contains("программа-сканер"));
        assert_eq!(table(&[], Language::Russian), "никто не заблокирован\n");
    }
}
