//! Turns TOML into the tables of the language and keeps the place of every value.
//!
//! serde stops at the first thing that it does not like; a dialplan is to tell all of them. So the
//! tables are read by [`Read`], from the toml crate's tree with positions, and a value that is wrong
//! is told and left out ([`Field::Bad`]) while the rest is read on.

pub(crate) mod csv;
pub(crate) mod describe;
mod list;
mod table;
pub(crate) mod time;
mod value;

use std::fmt;

use serde_spanned::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::findings::Findings;
use crate::source::{At, SourceFile, Spot};

pub(crate) use list::{Many, Names};
pub(crate) use table::{Field, Table, tables, unknown_key};
pub(crate) use time::{DateRange, DayWord, Days, Hours};
pub(crate) use value::{
    Count, EscalateText, KeyLabel, MailText, Name, NumberText, Outcome, Range, SipUri, TargetText,
    Text, WebUrl, Words, is_sip_uri, range,
};

/// The longest name of a thing, in characters.
pub(crate) const NAME_MAX: usize = 64;

/// The name of a thing that has only a title: `Поликлиника № 1` is `поликлиника-1`.
pub(crate) fn name_of_title(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").chars().take(NAME_MAX).collect()
}

/// A value of the tree with its place and the way to it.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a> {
    pub(crate) value: &'a DeValue<'a>,
    pub(crate) spot: Spot,
    pub(crate) path: Path<'a>,
}

/// The way to a value, as an admin would write it: `menus.main.wait`.
#[derive(Clone, Copy)]
pub(crate) struct Path<'a> {
    pub(crate) parent: Option<&'a Path<'a>>,
    pub(crate) key: &'a str,
}

/// What can be read from a value of the tree.
pub(crate) trait Read: Sized {
    /// Reads it, or tells what is wrong.
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self>;
}

/// Reads one file.
pub(crate) fn file<T: Read + Default>(
    index: usize,
    file: &SourceFile,
    findings: &mut Findings,
) -> T {
    let (tree, errors) = DeTable::parse_recoverable(&file.text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        let spot = Spot { file: index, start: span.start, end: span.end };
        findings.error(spot, format!("not TOML: {}", error.message().trim_end()));
    }
    // What the parser guessed after an error would give rise to errors that are none.
    if !errors.is_empty() {
        findings.not_readable();
        return T::default();
    }
    let spot = Spot { file: index, start: 0, end: 0 };
    let value = DeValue::Table(tree.into_inner());
    let path = Path { parent: None, key: "" };
    T::read(Node { value: &value, spot, path }, findings).unwrap_or_default()
}

impl<'a> Node<'a> {
    /// Tells that this is not what is expected here.
    pub(crate) fn expected(&self, what: &str, findings: &mut Findings) {
        let kind = match self.value {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a bare number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        findings
            .error(self.spot, format!("`{}` is {kind}", self.path))
            .remedy(format!("write {what}"));
    }

    /// The text, if it is one.
    pub(crate) fn text(&self, expected: &str, findings: &mut Findings) -> Option<&'a str> {
        match self.value {
            DeValue::String(text) => Some(text),
            _ => {
                self.expected(expected, findings);
                None
            }
        }
    }

    /// The table, if it is one.
    pub(crate) fn table(&self, findings: &mut Findings) -> Option<&'a DeTable<'a>> {
        match self.value {
            DeValue::Table(table) => Some(table),
            _ => {
                self.expected(&format!("a table: [{}]", self.path), findings);
                None
            }
        }
    }

    /// A value of this table, and the place of its key.
    pub(crate) fn child<'b>(
        &'b self,
        key: &'b Spanned<DeString<'a>>,
        value: &'b Spanned<DeValue<'a>>,
    ) -> (At<&'b str>, Node<'b>)
    where
        'a: 'b,
    {
        let name: &str = key.get_ref();
        let path = Path { parent: Some(&self.path), key: name };
        let node = Node { value: value.get_ref(), spot: self.spot_of(value), path };
        (At { spot: self.spot_of(key), value: name }, node)
    }

    /// The place of something inside.
    pub(crate) fn spot_of<T>(&self, spanned: &Spanned<T>) -> Spot {
        let span = spanned.span();
        Spot { file: self.spot.file, start: span.start, end: span.end }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            Some(parent) if !parent.key.is_empty() => write!(f, "{parent}.{}", self.key),
            Some(_) | None => f.write_str(self.key),
        }
    }
}
