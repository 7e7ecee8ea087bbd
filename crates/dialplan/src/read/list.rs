//! Lists, and tables whose keys are names.

use std::collections::BTreeMap;
use std::sync::Arc;

use toml::de::DeValue;

use super::{Field, NAME_MAX, Node, Read};
use crate::findings::Findings;
use crate::source::{At, Spot};

/// A list; elements that are wrong are told and left out.
impl<T: Read> Read for Vec<At<T>> {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let DeValue::Array(array) = node.value else {
            node.expected("a list in [brackets]", findings);
            return None;
        };
        let before = array.len();
        let list: Vec<_> = array
            .iter()
            .filter_map(|element| {
                let spot = node.spot_of(element);
                let element = Node { value: element.get_ref(), spot, path: node.path };
                T::read(element, findings).map(|value| At { spot, value })
            })
            .collect();
        // An incomplete list would give rise to errors that are none.
        (list.len() == before).then_some(list)
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Many<T>(pub(crate) Vec<At<T>>);

impl<T: Read> Read for Many<T> {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        match node.value {
            DeValue::Array(_) => Vec::read(node, findings).map(Many),
            _ => T::read(node, findings).map(|value| Many(vec![At { spot: node.spot, value }])),
        }
    }
}

/// Things by their names: `[clinics.poliklinika-1]`.
#[derive(Clone, Debug)]
pub(crate) struct Names<T>(BTreeMap<Arc<str>, Named<T>>);

/// A thing and the place of its name.
#[derive(Clone, Debug)]
struct Named<T> {
    spot: Spot,
    /// `None` if nothing of it could be read; that has been told.
    table: Option<T>,
}

impl<T> Default for Names<T> {
    fn default() -> Self {
        Names(BTreeMap::new())
    }
}

impl<T> Names<T> {
    /// Whether there is a thing with this name, right or wrong.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(|name| &**name)
    }

    /// The table of this name, if it could be read, and the place of the name.
    pub(crate) fn get(&self, name: &str) -> Option<(&Arc<str>, Spot, &T)> {
        let (name, named) = self.0.get_key_value(name)?;
        Some((name, named.spot, named.table.as_ref()?))
    }

    /// Everything whose table could be read, in the order of names.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Arc<str>, Spot, &T)> {
        self.0
            .iter()
            .filter_map(|(name, named)| named.table.as_ref().map(|table| (name, named.spot, table)))
    }

    /// Adds a thing.
    pub(crate) fn insert(
        &mut self,
        what: &str,
        name: &At<&str>,
        table: T,
        findings: &mut Findings,
    ) {
        check_name(name, findings);
        let named = Named { spot: name.spot, table: Some(table) };
        if let Some(first) = self.0.get(name.value) {
            findings
                .error(name.spot, format!("{what} \"{}\" stands twice", name.value))
                .remedy("give one of them another name")
                .elsewhere(first.spot, "first here");
        } else {
            self.0.insert(name.value.into(), named);
        }
    }

    /// Adds the things of another file.
    pub(crate) fn merge(&mut self, what: &str, other: Names<T>, findings: &mut Findings) {
        for (name, named) in other.0 {
            if let Some(first) = self.0.get(&name) {
                findings
                    .error(named.spot, format!("{what} \"{name}\" is already in another file"))
                    .remedy("give one of them another name")
                    .elsewhere(first.spot, "first here");
            } else {
                self.0.insert(name, named);
            }
        }
    }
}

impl<T: Read> Read for Names<T> {
    fn read(node: Node<'_>, findings: &mut Findings) -> Option<Self> {
        let mut names = BTreeMap::new();
        for (key, value) in node.table(findings)? {
            let (key, value) = node.child(key, value);
            check_name(&key, findings);
            let table = T::read(value, findings);
            names.insert(key.value.into(), Named { spot: key.spot, table });
        }
        Some(Names(names))
    }
}

impl<T> Field<Names<T>> {
    /// Adds the things of another file.
    pub(crate) fn merge_names(&mut self, what: &str, other: Self, findings: &mut Findings) {
        match (&mut *self, other) {
            (_, Field::Absent) => {}
            (Field::Given(mine), Field::Given(theirs)) => {
                mine.value.merge(what, theirs.value, findings);
            }
            (_, other) => *self = other,
        }
    }
}

impl<T> Field<T> {
    /// Takes a table that may stand in one file only.
    pub(crate) fn merge_once(&mut self, what: &str, other: Self, findings: &mut Findings) {
        match (&*self, &other) {
            (_, Field::Absent) => {}
            (Field::Given(mine), Field::Given(theirs)) => {
                findings
                    .error(theirs.spot, format!("[{what}] is already in another file"))
                    .remedy("keep one of them")
                    .elsewhere(mine.spot, "first here");
            }
            _ => *self = other,
        }
    }
}

fn check_name(name: &At<&str>, findings: &mut Findings) {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.value.is_empty()
        || name.value.chars().count() > NAME_MAX
        || !name.value.chars().all(good)
    {
        findings
            .error(name.spot, format!("\"{}\" cannot be a name", name.value.escape_debug()))
            .remedy(format!("use letters, digits, hyphens and dots, at most {NAME_MAX}"));
    }
}
