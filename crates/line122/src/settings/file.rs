use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::SettingsError;

/// The settings file, as far as its text is needed for messages.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    pub(crate) path: PathBuf,
    /// Where each key stands.
    pub(crate) keys: BTreeMap<String, Place>,
}

/// Line and column, from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place(usize, usize);

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0, self.1)
    }
}

impl SettingsFile {
    /// Reads the named file, or the usual one if it exists.
    pub(crate) fn read(
        named: Option<&Path>,
        usual: &Path,
    ) -> Result<Option<SettingsFile>, SettingsError> {
        let path = match named {
            Some(path) => path,
            None if usual.exists() => usual,
            None => return Ok(None),
        };
        let text = std::fs::read_to_string(path)
            .map_err(|error| SettingsError(format!("{}: {error}", path.display())))?;
        let table = DeTable::parse(&text).map_err(|error| {
            let at =
                error.span().map(|span| format!(":{}", place(&text, span))).unwrap_or_default();
            let what = error.message().replace('\n', " ");
            SettingsError(format!("{}{at}: {what}", path.display()))
        })?;
        let mut keys = BTreeMap::new();
        collect("", table.get_ref(), &text, &mut keys);
        Ok(Some(SettingsFile { path: path.to_owned(), keys }))
    }

    /// Whether the crate `config` means this file by an origin: it names the path as it was found.
    pub(crate) fn is_origin(&self, origin: &str) -> bool {
        let found = |path: &Path| path.canonicalize().ok();
        Path::new(origin) == self.path || found(Path::new(origin)) == found(&self.path)
    }
}

fn collect(prefix: &str, table: &DeTable<'_>, text: &str, keys: &mut BTreeMap<String, Place>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) => collect(&key, inner, text, keys),
            _ => {
                keys.insert(key, place(text, name.span()));
            }
        }
    }
}

fn place(text: &str, span: Range<usize>) -> Place {
    let before = text.get(..span.start).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Place(before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
