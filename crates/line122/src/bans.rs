//! `line122 bans`: asks the running line over its web port.

use std::io::Write;
use std::net::IpAddr;

use serde::Deserialize;

use crate::ask::ask;
use crate::failure::Failure;
use crate::language::Language;
use crate::settings::Settings;

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
    let body = tell(settings, ("GET", "/api/bans"), language)?;
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
    let body = tell(settings, ("DELETE", &format!("/api/bans/{address}")), language)?;
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

/// The body of an answer that is as it should be.
fn tell(settings: &Settings, request: (&str, &str), language: Language) -> Result<String, Failure> {
    let answer = ask(settings, request, None, language)?;
    match answer.status {
        200 => Ok(answer.body),
        status => Err(Failure::Runtime(
            language
                .pick(format!("the line refuses: {status}"), format!("линия отказывает: {status}")),
        )),
    }
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
