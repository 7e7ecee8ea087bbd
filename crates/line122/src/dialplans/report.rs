//! What a change means, for the terminal.

use std::fmt::Write;

use dialplan::{How, Kind};
use records::Version;
use web::dialplans::{Overview, Preview, Touched};

use crate::language::Language;

/// How much of a value is shown.
const VALUE_MAX: usize = 120;

/// What would change, and whom it touches.
pub(super) fn preview(preview: &Preview, language: Language) -> String {
    let Version { number, hash, .. } = &preview.running;
    if preview.changes.is_empty() {
        return language.pick(
            format!("nothing differs from version {number} ({hash}), which runs\n"),
            format!("отличий от действующей версии {number} ({hash}) нет\n"),
        );
    }
    let mut text = language.pick(
        format!("against version {number} ({hash}), which runs:\n"),
        format!("в сравнении с действующей версией {number} ({hash}):\n"),
    );
    for one in &preview.changes {
        change(&mut text, one, language);
    }
    let calls = preview.calls;
    text += &language.pick(
        format!("calls in progress: {calls}; they go on by the version of their arrival\n"),
        format!("идёт звонков: {calls}; они закончатся по версии, с которой начались\n"),
    );
    text
}

fn change(text: &mut String, one: &Touched, language: Language) {
    let (kind, name) = (one.difference.kind, &one.difference.name);
    let mark = match &one.difference.how {
        How::Added => '+',
        How::Removed => '-',
        How::Changed(_) => '~',
    };
    let title = format!("{} {name}", word(kind, language));
    let note = touched(one, language);
    let _ = writeln!(text, "  {mark} {:<40} {note}", title.trim_end());
    let line = text.trim_end().len();
    text.truncate(line);
    text.push('\n');
    if let How::Changed(fields) = &one.difference.how {
        for field in fields {
            let (before, after) = (short(&field.before), short(&field.after));
            let _ = writeln!(text, "      {}: {before} → {after}", field.field);
        }
    }
}

fn short(value: &str) -> String {
    match value.char_indices().nth(VALUE_MAX) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None if value.is_empty() => "—".into(),
        None => value.to_owned(),
    }
}

/// What becomes of the calls and the agent that are touched now.
fn touched(one: &Touched, language: Language) -> String {
    let calls = one.calls;
    let removed = one.difference.how == How::Removed;
    match (one.difference.kind, one.agent.as_deref()) {
        (Kind::Agent, Some("in-call")) if removed => language
            .pick("talks now: finishes the talk", "сейчас говорит: закончит разговор")
            .into(),
        (Kind::Agent, Some("receiving")) if removed => language
            .pick("rings now: the call goes to another", "сейчас звонит: звонок перейдёт другому")
            .into(),
        (Kind::Account, _) => language
            .pick("must register with the new password", "нужна регистрация с новым паролем")
            .into(),
        (Kind::Agent, Some("in-call")) => language.pick("talks now", "сейчас говорит").into(),
        (Kind::Queue, _) if calls > 0 && removed => language.pick(
            format!("{calls} wait: they are served as before"),
            format!("ожидают: {calls}; их обслужат как прежде"),
        ),
        (Kind::Queue, _) if calls > 0 => language.pick(
            format!("{calls} wait: they keep their place"),
            format!("ожидают: {calls}; место сохранится"),
        ),
        (Kind::Menu | Kind::Clinic | Kind::Trunk, _) if calls > 0 => language.pick(
            format!("{calls} calls go on as they began"),
            format!("звонков сейчас: {calls}; продолжатся как начались"),
        ),
        _ => String::new(),
    }
}

fn word(kind: Kind, language: Language) -> String {
    let russian = match kind {
        Kind::Region => "регион",
        Kind::Service => "линия",
        Kind::Trunk => "транк",
        Kind::Callers => "список звонящих",
        Kind::Clinic => "поликлиника",
        Kind::Retired => "старый номер",
        Kind::Outside => "внешний телефон",
        Kind::Prompt => "подсказка",
        Kind::Menu => "меню",
        Kind::Queue => "очередь",
        Kind::Organisation => "организация",
        Kind::Group => "группа",
        Kind::Site => "площадка",
        Kind::Agent => "сотрудник",
        Kind::Account => "учётная запись",
        Kind::Schedule => "расписание",
        Kind::Features => "команды телефона",
    };
    language.pick(kind.to_string(), russian.to_owned())
}

/// A version was applied.
pub(super) fn applied(version: &Version, language: Language) -> String {
    let Version { number, hash, .. } = version;
    language.pick(
        format!("version {number} ({hash}) runs\n"),
        format!("действует версия {number} ({hash})\n"),
    )
}

/// All versions; the one that runs has a star.
pub(super) fn history(overview: &Overview, language: Language) -> String {
    let mut text = String::new();
    for known in &overview.versions {
        let Version { number, hash, who, comment, .. } = &known.version;
        let star = if *number == overview.running { '*' } else { ' ' };
        let line = format!("{star} {number:>5}  {}  {hash}  {who:<16}  {comment}", known.when);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    if overview.folder.differs {
        let folder = &overview.folder.folder;
        text += &language.pick(
            format!("{folder} differs: `line122 plan` shows how\n"),
            format!("{folder} отличается; чем именно, покажет `line122 plan`\n"),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use dialplan::{Difference, FieldChange};

    use super::*;

    fn version() -> Version {
        Version {
            number: 7,
            hash: "abc".into(),
            at: 0,
            who: "ivanov".into(),
            comment: String::new(),
            folder: "/etc/line122".into(),
        }
    }

    fn touched(kind: Kind, name: &str, how: How, calls: usize, agent: Option<&str>) -> Touched {
        let difference = Difference { kind, name: name.into(), how };
        Touched { difference, calls, agent: agent.map(str::to_owned) }
    }

    #[test]
    fn a_change_in_both_languages() {
        let field =
            FieldChange { field: "ring_for".into(), before: "20s".into(), after: String::new() };
        let all = Preview {
            tested: web::dialplans::Tested::default(),
            running: version(),
            findings: Vec::new(),
            changes: vec![
                touched(Kind::Queue, "home-visit", How::Changed(vec![field]), 3, None),
                touched(Kind::Agent, "201", How::Removed, 0, Some("in-call")),
                touched(Kind::Clinic, "new", How::Added, 0, None),
            ],
            calls: 5,
        };
        let expected = "против";
        let russian = preview(&all, Language::Russian);
        assert!(!russian.contains(expected) && russian.contains("место сохранится"), "{russian}");
        let english = preview(&all, Language::English);
        let lines: Vec<&str> = english.lines().collect();
        assert_eq!(lines[0], "against version 7 (abc), which runs:");
        let queue = format!("  ~ {:<40} 3 wait: they keep their place", "queue home-visit");
        assert_eq!(lines[1], queue);
        assert_eq!(lines[2], "      ring_for: 20s → —");
        assert!(lines[3].ends_with("talks now: finishes the talk"));
        assert_eq!(lines[4], "  + clinic new");
        assert!(lines[5].starts_with("calls in progress: 5;"));
    }
}
