//! Tables with known keys.

use super::{Node, Read};
use crate::findings::{Findings, most_similar};
use crate::source::{At, Spot};

/// A key of a table.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field<T> {
    /// It is not written.
    #[default]
    Absent,
    /// It is written, and wrong; that has been told.
    Bad,
    /// It is written here.
    Given(At<T>),
}

impl<T> Field<T> {
    /// What is written.
    pub(crate) fn given(&self) -> Option<&At<T>> {
        match self {
            Field::Given(at) => Some(at),
            Field::Absent | Field::Bad => None,
        }
    }

    /// The value, without its place.
    pub(crate) fn value(&self) -> Option<&T> {
        self.given().map(|at| &at.value)
    }

    /// This, or what the table of defaults says.
    pub(crate) fn or<'a>(&'a self, defaults: &'a Field<T>) -> &'a Field<T> {
        match self {
            Field::Absent => defaults,
            Field::Bad | Field::Given(_) => self,
        }
    }

    /// What is written; if nothing is, that is told at `spot`, the name of the thing.
    pub(crate) fn need(
        &self,
        key: &str,
        example: &str,
        owner: (Spot, &str),
        findings: &mut Findings,
    ) -> Option<&At<T>> {
        if matches!(self, Field::Absent) {
            let (spot, what) = owner;
            findings
                .error(spot, format!("{what} has no `{key}`"))
                .remedy(format!("add {key} = {example}"));
        }
        self.given()
    }

    /// The key was meant, but written wrongly: it is not missing as well.
    pub(crate) fn misspelt(&mut self) {
        if matches!(self, Field::Absent) {
            *self = Field::Bad;
        }
    }

    /// Reads a value that was not read before.
    pub(crate) fn fill(&mut self, node: Node<'_>, findings: &mut Findings)
    where
        T: Read,
    {
        *self = match T::read(node, findings) {
            Some(value) => Field::Given(At { spot: node.spot, value }),
            None => Field::Bad,
        };
    }
}

/// A table with known keys.
pub(crate) trait Table: Read + 'static {
    /// The table in which nothing is written.
    fn empty() -> &'static Self;

    /// The table that is written, and of which nothing could be read.
    fn unreadable() -> &'static Self;

    /// The keys that are written, and where their values stand.
    fn spots(&self) -> Vec<(&'static str, Spot)>;
}

impl<T: Table> Field<T> {
    /// The table, or one in which nothing is written.
    pub(crate) fn or_empty(&self) -> &T {
        match self {
            Field::Given(at) => &at.value,
            Field::Absent => T::empty(),
            Field::Bad => T::unreadable(),
        }
    }
}

/// Declares tables of the language. Each key has a comment, `(needed)` if its table cannot be without
/// it, its type, and the comment in Russian. Each key becomes a [`Field`] of the struct; a key that is not
/// declared is told, with the most similar one that is.
macro_rules! tables {
    ($(
        $(#[$doc:meta])*
        $name:ident {
            $( $(#[doc = $english:literal])* $key:ident $(($needed:ident))?: $type:ty = $russian:literal, )*
        }
    )*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        pub(crate) struct $name {
            $( $(#[doc = $english])* pub(crate) $key: $crate::read::Field<$type>, )*
        }

        impl $crate::read::Table for $name {
            fn empty() -> &'static Self {
                static EMPTY: $name = $name { $( $key: $crate::read::Field::Absent, )* };
                &EMPTY
            }

            fn unreadable() -> &'static Self {
                static UNREADABLE: $name = $name { $( $key: $crate::read::Field::Bad, )* };
                &UNREADABLE
            }

            fn spots(&self) -> Vec<(&'static str, $crate::source::Spot)> {
                let fields = [$( (stringify!($key), self.$key.given().map(|at| at.spot)) ),*];
                fields.into_iter().filter_map(|(key, spot)| Some((key, spot?))).collect()
            }
        }

        impl $crate::read::describe::Describe for $name {
            fn shape() -> $crate::read::describe::Shape {
                let keys = vec![$( $crate::read::describe::Key {
                    name: stringify!($key),
                    needed: false $( || stringify!($needed) == "needed" )?,
                    what: [concat!($($english),*).trim_ascii(), $russian],
                    shape: <$type as $crate::read::describe::Describe>::shape(),
                } ),*];
                let name = stringify!($name);
                $crate::read::describe::Shape::Table($crate::read::describe::Description { name, keys })
            }
        }

        impl $crate::read::Read for $name {
            fn read(
                node: $crate::read::Node<'_>,
                findings: &mut $crate::findings::Findings,
            ) -> Option<Self> {
                const KEYS: &[&str] = &[$( stringify!($key) ),*];
                let mut read = $name::default();
                for (key, value) in node.table(findings)? {
                    let (key, value) = node.child(key, value);
                    match key.value {
                        $( known if known == stringify!($key) => read.$key.fill(value, findings), )*
                        _ => {
                            let meant = $crate::read::unknown_key(&node, &key, KEYS, findings);
                            $( if meant == Some(stringify!($key)) { read.$key.misspelt(); } )*
                        }
                    }
                }
                Some(read)
            }
        }
    )*};
}

pub(crate) use tables;

/// Tells that the language has no such key, and gives the one that was probably meant.
pub(crate) fn unknown_key<'a>(
    node: &Node<'_>,
    key: &At<&str>,
    known: &[&'a str],
    findings: &mut Findings,
) -> Option<&'a str> {
    let place = match node.path.key {
        "" => "in a dialplan".to_owned(),
        _ => format!("in [{}]", node.path),
    };
    findings
        .error(key.spot, format!("unknown key \"{}\" {place}", key.value.escape_debug()))
        .suggest(key.value, known.iter().copied());
    most_similar(key.value, known.iter().copied())
}
