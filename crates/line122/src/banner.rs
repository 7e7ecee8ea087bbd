//! What is printed when the line has started.

use std::fmt::Write as _;
use std::io::Write as _;
use std::net::SocketAddr;

use dialplan::{AgentKind, Dialplan, Number, Numbering};
use sip::{Listener, Transport};

use crate::language::Language;
use crate::settings::Settings;

/// Prints the addresses, the numbers, the demo's accounts and what to try next.
pub(crate) fn print(
    settings: &Settings,
    plan: &Dialplan,
    listeners: &[Listener],
    web: SocketAddr,
    hears_for_trial: bool,
    language: Language,
) {
    let text = compose(settings, plan, listeners, web, hears_for_trial, language);
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn compose(
    settings: &Settings,
    plan: &Dialplan,
    listeners: &[Listener],
    web: SocketAddr,
    hears_for_trial: bool,
    language: Language,
) -> String {
    let say = |english, russian| language.pick(english, russian);
    let mut out = String::new();
    let runs = say("The line runs", "Линия работает");
    let rules = say("dialplan", "правила");
    let folder = settings.paths.dialplan.display();
    let _ = writeln!(out, "{runs}: {} ({rules} {folder})", plan.region.name);
    let phones = listeners.iter().filter(|listener| !is_for_browsers(listener));
    for (address, transports) in addresses(phones) {
        let _ = writeln!(out, "  SIP  {address} ({transports})");
    }
    let is_secured =
        settings.web.tls_certificate.0.is_some() || !settings.web.acme.domains.is_empty();
    let scheme = if is_secured { "https" } else { "http" };
    let _ = writeln!(out, "  Web  {scheme}://{web}/");
    let answer = say("answer calls there", "отвечать на звонки");
    let _ = writeln!(out, "       {scheme}://{web}/desk  {answer}");
    if plan.trunks.values().any(|trunk| trunk.guests) {
        let dial = say("call the line from there", "звонить на линию");
        let _ = writeln!(out, "       {scheme}://{web}/call  {dial}");
    }
    if hears_for_trial {
        let _ = writeln!(
            out,
            "{}",
            say(
                "  The robot hears with a small model, for trying it out: it must not decide about real callers.",
                "  Робот слышит с помощью маленькой модели, только для знакомства: настоящих звонящих ей доверять нельзя.",
            )
        );
    }
    numbers(&mut out, plan, language);
    let has_demo_accounts = accounts(&mut out, plan, language);
    try_next(&mut out, plan, listeners, has_demo_accounts, language);
    let end = say("Ctrl-C ends it", "Ctrl-C завершает работу");
    let _ = writeln!(out, "{end}.");
    out
}

/// Browsers have links of their own.
fn is_for_browsers(listener: &Listener) -> bool {
    matches!(listener.transport, Transport::Ws | Transport::Wss)
}

/// Each address once, with its transports.
fn addresses<'a>(listeners: impl Iterator<Item = &'a Listener>) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for listener in listeners {
        let transport = match listener.transport {
            Transport::Udp => "UDP",
            Transport::Tcp => "TCP",
            Transport::Tls => "TLS",
            Transport::Ws => "WS",
            Transport::Wss => "WSS",
        };
        let address = listener.bound.to_string();
        match all.iter_mut().find(|(known, _)| *known == address) {
            Some((_, transports)) => {
                let _ = write!(transports, ", {transport}");
            }
            None => all.push((address, transport.into())),
        }
    }
    all
}

fn numbers(out: &mut String, plan: &Dialplan, language: Language) {
    let say = |english, russian| language.pick(english, russian);
    let list = |numbers: &[Number]| {
        let dialled = numbers.iter().map(|number| as_dialled(number, &plan.region.numbering));
        dialled.collect::<Vec<_>>().join(", ")
    };
    let _ = writeln!(out, "{}:", say("Numbers to dial", "Номера"));
    let _ = writeln!(out, "  {}  {}", list(&plan.service.numbers), say("the line", "линия"));
    for clinic in plan.clinics.values() {
        let _ = writeln!(out, "  {}  {}", list(&clinic.numbers), clinic.title);
    }
    let retired: Vec<_> = plan
        .numbers
        .iter()
        .filter(|(_, to)| matches!(to, dialplan::Destination::Retired(_)))
        .map(|(number, _)| number.clone())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    if !retired.is_empty() {
        let _ = writeln!(out, "  {}  {}", list(&retired), say("retired", "старые номера"));
    }
}

/// A number as the region's people dial it: local ones without the area code.
fn as_dialled(number: &Number, numbering: &Numbering) -> String {
    let national = number
        .as_str()
        .strip_prefix('+')
        .and_then(|digits| digits.strip_prefix(&*numbering.country_code));
    match national {
        None => number.to_string(),
        Some(national) => match national.strip_prefix(&*numbering.area_code) {
            Some(local) => local.to_owned(),
            None => format!("{}{national}", numbering.national_prefix),
        },
    }
}

/// Tells the accounts only when their passwords are those of the demo, which everybody knows.
fn accounts(out: &mut String, plan: &Dialplan, language: Language) -> bool {
    let say = |english, russian| language.pick(english, russian);
    let is_demo = |agent: &&dialplan::Agent| {
        let account = plan.accounts.get(agent.id.as_str());
        account.is_some_and(|account| *account.password == *format!("demo-{}", agent.id))
    };
    let kinds = [
        (AgentKind::Operator, say("operators", "операторы")),
        (AgentKind::Volunteer, say("volunteers", "волонтёры")),
        (AgentKind::Curator, say("curators", "кураторы")),
    ];
    let mut lines = String::new();
    for (kind, title) in kinds {
        let of_kind = plan.agents.values().filter(|agent| agent.kind == kind).filter(is_demo);
        let ids: Vec<_> = of_kind.map(|agent| agent.id.as_str()).collect();
        if !ids.is_empty() {
            let _ = writeln!(lines, "  {title}  {}", ids.join(", "));
        }
    }
    if lines.is_empty() {
        return false;
    }
    let heading =
        say("Demo accounts (password demo-NUMBER)", "Демо-учётные записи (пароль demo-НОМЕР)");
    let _ = write!(out, "{heading}:\n{lines}");
    true
}

fn try_next(
    out: &mut String,
    plan: &Dialplan,
    listeners: &[Listener],
    has_demo_accounts: bool,
    language: Language,
) {
    let say = |english, russian| language.pick(english, russian);
    let Some(listener) = listeners.first() else { return };
    // Started by cargo, the program is not in the path.
    let program =
        if std::env::var_os("CARGO").is_some() { "cargo run --release --" } else { "line122" };
    let number = plan.service.numbers.first().map_or("122", Number::as_str);
    let (host, port) = (&listener.advertised_host, listener.advertised_port);
    let server = if port == 5060 && &**host == "127.0.0.1" {
        String::new()
    } else {
        format!(" --server {host}:{port}")
    };
    let _ = writeln!(out, "{}:", say("Try", "Попробуйте"));
    let _ = writeln!(out, "  {program} call {number} --keys 1{server}");
    if has_demo_accounts {
        let _ = writeln!(out, "  {program} phone --user 201 --password demo-201 --answer{server}");
        let softphone = say(
            "or a softphone: user 201, password demo-201, server",
            "или программный телефон: пользователь 201, пароль demo-201, сервер",
        );
        let _ = writeln!(out, "  {softphone} {host}:{port}");
    }
}
