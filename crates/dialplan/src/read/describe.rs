//! What the values of the language look like, for the reference and the JSON Schema: told by the
//! same types that read them.

use std::time::Duration;

use super::{
    Count, DateRange, Days, EscalateText, Hours, KeyLabel, MailText, Many, Name, Names, NumberText,
    Range, SipUri, TargetText, Text, WebUrl, Words,
};
use crate::source::At;

/// A text in English and in Russian.
pub(crate) type InBoth = [&'static str; 2];

/// A type whose values can be described.
pub(crate) trait Describe {
    /// What its values look like.
    fn shape() -> Shape;
}

/// What values look like.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A table with known keys.
    Table(Description),
    /// Tables, or values, by names.
    Names(Box<Shape>),
    /// A list.
    List(Box<Shape>),
    /// One, or a list of them.
    Many(Box<Shape>),
    /// One of these words.
    Words(Vec<&'static str>),
    /// A text that a pattern describes.
    Text {
        /// A regular expression (ECMA 262) for the text.
        pattern: &'static str,
        /// What it is.
        what: InBoth,
        /// As it is written in a dialplan.
        examples: &'static [&'static str],
    },
    /// A whole number.
    Count,
    /// True or false.
    Bool,
}

/// A table with known keys.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    /// The name of its type.
    pub(crate) name: &'static str,
    pub(crate) keys: Vec<Key>,
}

/// A key of a table.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    /// The table cannot be without it.
    pub(crate) needed: bool,
    pub(crate) what: InBoth,
    pub(crate) shape: Shape,
}

impl<T: Describe> Describe for Vec<At<T>> {
    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }
}

impl<T: Describe> Describe for Many<T> {
    fn shape() -> Shape {
        Shape::Many(Box::new(T::shape()))
    }
}

impl<T: Describe> Describe for Names<T> {
    fn shape() -> Shape {
        Shape::Names(Box::new(T::shape()))
    }
}

impl Describe for bool {
    fn shape() -> Shape {
        Shape::Bool
    }
}

impl Describe for Count {
    fn shape() -> Shape {
        Shape::Count
    }
}

/// Describes types that are written as text.
macro_rules! texts {
    ($($type:ty: $pattern:literal, $english:literal, $russian:literal, [$($example:literal),*];)*) => {$(
        impl Describe for $type {
            fn shape() -> Shape {
                Shape::Text {
                    pattern: $pattern,
                    what: [$english, $russian],
                    examples: &[$($example),*],
                }
            }
        }
    )*};
}

texts! {
    Text: r"\S", "text", "текст", [];
    Name: r".", "name", "имя", [];
    NumberText: r"[0-9]", "number", "номер", ["27-00-01", "8-800-234-35-22"];
    KeyLabel: r"^[0-9*#A-Da-d]$", "key", "клавиша", ["1", "#"];
    Duration: r"^\s*([0-9]+(s|m|min|h|d|y)\s*)+$", "duration", "длительность", ["60s", "1h 30m"];
    TargetText: r"^(hangup|callback|clinic|(menu|queue|clinic|outside|request|announce):.+)$", "target", "куда",
        ["menu:main", "queue:operator", "clinic:NAME", "clinic", "outside:NAME", "request:QUEUE", "announce:PROMPT", "callback", "hangup"];
    EscalateText: r"^(group|organisation):.+$", "who", "кто", ["group:curators", "organisation:NAME"];
    WebUrl: r"^https?://[^/?@\s]+\S*$", "address", "адрес", ["https://mis.example/line122"];
    MailText: r"^[^@\s]+@[^@\s]+$", "e-mail address", "адрес почты", ["drugs@ministry.example"];
    SipUri: r"^sips?:.+$", "SIP URI", "адрес SIP", ["sip:sbc1.carrier.example"];
    Range: r"^\s*[0-9]+\s*([-–]\s*[0-9]+\s*)?$", "agents", "сотрудники", ["201", "201-205"];
    Hours: r"^\s*[0-9]{1,2}:[0-9]{2}\s*[-–—]\s*[0-9]{1,2}:[0-9]{2}\s*$", "hours", "часы",
        ["08:00-20:00", "20:00-08:00"];
    Days: r"\S", "days", "дни", ["Mon-Fri", "пн-пт, вс", "working", "off", "short"];
    DateRange: r"[0-9]", "dates", "даты", ["2026-12-31", "31.12.2026-08.01.2027", "29.04-05.05"];
}

impl<T: Words> Describe for T {
    fn shape() -> Shape {
        Shape::Words(T::WORDS.iter().map(|(word, _)| *word).collect())
    }
}
