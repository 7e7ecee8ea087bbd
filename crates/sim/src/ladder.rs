//! The time line of a call as text: who sent what to whom.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::SocketAddr;

use crate::check::Finding;
use crate::tap::{Noted, Tap, Way};
use crate::wire::{Sip, user_of};

/// Width of one column.
const COLUMN: usize = 24;
/// Columns shown at most.
const COLUMNS_MAX: usize = 6;
/// Lines shown at most: the last ones tell how it ended.
const LINES_MAX: usize = 160;

/// Draws the calls of a finding, and the legs that belong to them.
#[must_use]
pub fn draw(tap: &Tap, finding: &Finding) -> String {
    let related = related(tap, finding);
    let mut lines: Vec<(&Noted, Sip<'_>)> = Vec::new();
    for noted in tap.history() {
        let Some(sip) = Sip::read(&noted.packet) else { continue };
        if related.contains(sip.call_id) {
            lines.push((noted, sip));
        }
    }
    let from = lines.len().saturating_sub(LINES_MAX);
    let lines = &lines[from..];
    let mut columns: Vec<SocketAddr> = Vec::new();
    for (noted, _) in lines {
        if !columns.contains(&noted.peer) && columns.len() < COLUMNS_MAX {
            columns.push(noted.peer);
        }
    }
    let mut text = String::new();
    let _ = write!(text, "{:>12}  {:<8}", "", "line");
    for column in &columns {
        let _ = write!(text, "{:<COLUMN$}", column.to_string());
    }
    text.push('\n');
    if from > 0 {
        let _ = writeln!(text, "{:>12}  ({from} packets before)", "");
    }
    let names = names(lines);
    for (noted, sip) in lines {
        row(&mut text, noted, sip, &columns, &names);
    }
    text
}

fn row(
    text: &mut String,
    noted: &Noted,
    sip: &Sip<'_>,
    columns: &[SocketAddr],
    names: &BTreeMap<&str, char>,
) {
    let at = columns.iter().position(|column| *column == noted.peer).unwrap_or(columns.len());
    let name = names.get(sip.call_id).copied().unwrap_or('?');
    let title = format!(" {name}: {} ", sip.title());
    let dashes = (at * COLUMN + COLUMN).saturating_sub(title.len() + 6).max(2);
    let _ = write!(text, "{:>12}  ", noted.at.to_string());
    let _ = match noted.way {
        Way::Out => writeln!(text, "|{title}{}>|", "-".repeat(dashes)),
        Way::In => writeln!(text, "|<{}{title}|", "-".repeat(dashes)),
    };
}

/// A letter for each Call-ID.
fn names<'a>(lines: &'a [(&Noted, Sip<'a>)]) -> BTreeMap<&'a str, char> {
    let mut names = BTreeMap::new();
    for (_, sip) in lines {
        let next = char::from(b'A' + (names.len() % 26) as u8);
        names.entry(sip.call_id).or_insert(next);
    }
    names
}

/// The Call-IDs of a finding, and those of the legs that show the same caller's number.
fn related(tap: &Tap, finding: &Finding) -> BTreeSet<String> {
    let mut calls: BTreeSet<String> = finding.calls.iter().cloned().collect();
    let mut numbers = BTreeSet::new();
    for noted in tap.history() {
        let Some(sip) = Sip::read(&noted.packet) else { continue };
        if sip.is_initial("INVITE") && calls.contains(sip.call_id) {
            numbers.insert(user_of(sip.from).to_owned());
        }
    }
    for noted in tap.history() {
        let Some(sip) = Sip::read(&noted.packet) else { continue };
        if sip.is_initial("INVITE") && numbers.contains(user_of(sip.from)) {
            calls.insert(sip.call_id.to_owned());
        }
    }
    calls
}
