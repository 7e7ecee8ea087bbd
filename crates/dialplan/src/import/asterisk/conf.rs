//! The lines of Asterisk's files.

use std::collections::BTreeMap;

use super::{File, LINES_MAX, LeftOut};

/// A line that says something.
#[derive(Clone, Debug)]
pub(super) struct Line<'a> {
    pub(super) number: usize,
    /// The section in which it stands.
    pub(super) section: &'a str,
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

/// A step of an extension: an application with its arguments.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) file: Box<str>,
    pub(super) line: usize,
    /// In small letters.
    pub(super) app: String,
    pub(super) arguments: Vec<String>,
    /// As it stands there.
    pub(super) text: String,
}

/// Contexts with their extensions, each a list of steps.
#[derive(Clone, Debug, Default)]
pub(super) struct Extensions {
    pub(super) contexts: BTreeMap<String, BTreeMap<String, Vec<Step>>>,
}

/// The lines of a file, without comments.
pub(super) fn lines<'a>(file: File<'a>) -> impl Iterator<Item = Line<'a>> {
    let mut section = "";
    file.text.lines().enumerate().take(LINES_MAX).filter_map(move |(index, line)| {
        let line = without_comment(line).trim();
        if let Some(rest) = line.strip_prefix('[') {
            section = rest.split(']').next().unwrap_or_default().trim();
            return None;
        }
        let (key, value) = line.split_once("=>").or_else(|| line.split_once('='))?;
        Some(Line { number: index + 1, section, key: key.trim(), value: value.trim() })
    })
}

/// Reads `extensions.conf`.
pub(super) fn extensions(file: File<'_>, extensions: &mut Extensions, left_out: &mut Vec<LeftOut>) {
    let mut globals: BTreeMap<&str, &str> = BTreeMap::new();
    let mut current = String::new();
    for line in lines(file) {
        let mut leave_out = |why: &str| left_out.push(left(file.name, &line, why));
        match (line.section, line.key) {
            ("general", _) => {}
            ("globals", name) => {
                globals.insert(name, line.value);
            }
            (_, "exten") => {
                let Some((exten, step)) = line.value.split_once(',') else {
                    leave_out("no priority");
                    continue;
                };
                current = exten.trim().to_owned();
                add(extensions, file.name, &line, &current, step, &globals);
            }
            (_, "same") => add(extensions, file.name, &line, &current, line.value, &globals),
            (_, "include") => leave_out("included contexts are not followed: name numbers once"),
            _ => leave_out("not known"),
        }
    }
}

fn add(
    extensions: &mut Extensions,
    file: &str,
    line: &Line<'_>,
    exten: &str,
    step: &str,
    globals: &BTreeMap<&str, &str>,
) {
    let Some((priority, call)) = step.split_once(',') else { return };
    if priority.trim() == "hint" {
        return;
    }
    let call = with_globals(call.trim(), globals);
    let (app, arguments) = match call.split_once('(') {
        Some((app, rest)) => (app, rest.strip_suffix(')').unwrap_or(rest)),
        None => call.split_once(',').unwrap_or((&call, "")),
    };
    let arguments = arguments.split(',').map(|argument| argument.trim().to_owned());
    let step = Step {
        file: file.into(),
        line: line.number,
        app: app.trim().to_lowercase(),
        arguments: arguments.collect(),
        text: call.clone(),
    };
    let context = extensions.contexts.entry(line.section.to_owned()).or_default();
    context.entry(exten.to_owned()).or_default().push(step);
}

/// `${NAME}` of `[globals]`.
fn with_globals(text: &str, globals: &BTreeMap<&str, &str>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out += before;
        let known = after.split_once('}').and_then(|(name, end)| Some((*globals.get(name)?, end)));
        match known {
            Some((value, end)) => {
                out += value;
                rest = end;
            }
            None => {
                out += "${";
                rest = after;
            }
        }
    }
    out + rest
}

/// A line that is not taken over.
pub(super) fn left(file: &str, line: &Line<'_>, why: &str) -> LeftOut {
    LeftOut {
        file: file.into(),
        line: line.number,
        text: format!("{} => {}", line.key, line.value).into(),
        why: why.into(),
    }
}

/// A semicolon begins a comment unless a backslash stands before it.
fn without_comment(line: &str) -> &str {
    let comment = line.match_indices(';').find(|(at, _)| !line[..*at].ends_with('\\'));
    comment.map_or(line, |(at, _)| &line[..at])
}
