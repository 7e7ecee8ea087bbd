//! Settings: defaults, the file, the environment, flags; each later one wins.

mod file;
mod given;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, File, FileFormat, Value, ValueKind};

pub(crate) use given::Given;
pub(crate) use values::{LogFormat, RecogniserKind, Settings, Speech, Web};

use file::SettingsFile;
use given::GivenSource;

/// Every key with its default and its meaning.
const DEFAULTS: &str = include_str!("defaults.toml");
/// Read if it lies in the working folder and no other file is named.
const USUAL_FILE: &str = "line122.toml";
/// What names of environment variables begin with.
const ENVIRONMENT_PREFIX: &str = "LINE122__";
/// Keys that name files and folders.
const PATHS: [&str; 19] = [
    "mail.password",
    "paths.dialplan",
    "paths.prompts",
    "paths.data",
    "speech.model",
    "speech.proof",
    "recording.folder",
    "recording.key",
    "records.password",
    "web.accounts",
    "web.acme.folder",
    "web.openid.client_secret",
    "web.tls_certificate",
    "web.tls_key",
    "web.turn_secret",
    "sip.tls_certificate",
    "sip.tls_key",
    "sip.tls_authorities",
    "sip.tls_client_authorities",
];

/// Settings that cannot be used: one line with the place, the cause and the remedy.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct SettingsError(String);

/// The effective settings with where each came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) settings: Settings,
    /// Key, its value as TOML, its origin.
    pub(crate) effective: BTreeMap<String, (String, String)>,
}

/// Reads the settings. `file` is the one that `--config` names; `environment` all variables;
/// `flags` what the command line sets.
pub(crate) fn load(
    file: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
    flags: Vec<Given>,
) -> Result<Loaded, SettingsError> {
    let defaults = Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .build()
        .map_err(|error| SettingsError(error.to_string()))?;
    let known = flatten(&defaults.cache);
    let file = SettingsFile::read(file, Path::new(USUAL_FILE))?;
    let environment: Vec<Given> = environment
        .filter(|(name, _)| name.starts_with(ENVIRONMENT_PREFIX))
        .map(|(name, value)| Given {
            key: name[ENVIRONMENT_PREFIX.len()..].to_lowercase().replace("__", "."),
            value,
            origin: name,
        })
        .collect();
    check_keys(&known.keys().cloned().collect(), &file, environment.iter().chain(&flags))?;

    let mut builder = Config::builder().add_source(defaults);
    if let Some(file) = &file {
        builder = builder.add_source(File::from(file.path.as_path()).format(FileFormat::Toml));
    }
    let built = builder
        .add_source(GivenSource::new(environment, &known))
        .add_source(GivenSource::new(flags, &known))
        .build()
        .map_err(|error| SettingsError(error.to_string().replace('\n', " ")))?;
    let effective: BTreeMap<_, _> = flatten(&built.cache)
        .into_iter()
        .map(|(key, value)| {
            let origin = origin_of(&value, file.as_ref());
            (key, (to_toml(&value), origin))
        })
        .collect();
    let paths = resolved_paths(&built, file.as_ref());
    let mut builder = Config::builder().add_source(built);
    for (key, path) in paths {
        builder = builder
            .set_override(key, path.to_string_lossy().into_owned())
            .map_err(|error| SettingsError(error.to_string()))?;
    }
    let settings = builder
        .build()
        .and_then(Config::try_deserialize)
        .map_err(|error| explain(error, file.as_ref(), &effective))?;
    Ok(Loaded { settings, effective })
}

impl fmt::Display for Loaded {
    /// As a settings file, with the origin of each value beside it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut section = "";
        for (key, (value, origin)) in &self.effective {
            let (of, name) = key.split_once('.').unwrap_or(("", key));
            if of != section {
                writeln!(f, "{}[{of}]", if section.is_empty() { "" } else { "\n" })?;
                section = of;
            }
            writeln!(f, "{:<46} # {origin}", format!("{name} = {value}"))?;
        }
        Ok(())
    }
}

/// Refuses keys that nothing reads: most likely they are misspelt.
fn check_keys<'a>(
    known: &BTreeSet<String>,
    file: &Option<SettingsFile>,
    given: impl Iterator<Item = &'a Given>,
) -> Result<(), SettingsError> {
    let in_file = file.iter().flat_map(|file| {
        file.keys.iter().map(|(key, at)| (key, format!("{}:{at}", file.path.display())))
    });
    let given = given.map(|given| (&given.key, given.origin.clone()));
    for (key, place) in in_file.chain(given) {
        if !known.contains(key) {
            let remedy = match nearest(key, known) {
                Some(name) => format!("did you mean {name}?"),
                None => "`line122 config` shows all settings".into(),
            };
            return Err(SettingsError(format!("{place}: no setting {key}; {remedy}")));
        }
    }
    Ok(())
}

/// The known key most like this one, if one is alike at all.
fn nearest<'a>(key: &str, known: &'a BTreeSet<String>) -> Option<&'a str> {
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(key, name), name.as_str()))
        .min()
        .filter(|(distance, name)| *distance <= name.len() / 3)
        .map(|(_, name)| name)
}

/// A path in the settings file is relative to that file, any other to the working folder.
fn resolved_paths(built: &Config, file: Option<&SettingsFile>) -> Vec<(&'static str, PathBuf)> {
    let Some(folder) = file.and_then(|file| file.path.parent()) else { return Vec::new() };
    let values = flatten(&built.cache);
    PATHS
        .into_iter()
        .filter_map(|key| {
            let value = values.get(key)?;
            let text = value.clone().into_string().ok().filter(|text| !text.is_empty())?;
            let is_from_file = file.is_some_and(|file| file.keys.contains_key(key))
                && origin_of(value, file).starts_with(&file?.path.display().to_string());
            is_from_file.then(|| (key, folder.join(text)))
        })
        .collect()
}

fn origin_of(value: &Value, file: Option<&SettingsFile>) -> String {
    match (value.origin(), file) {
        (None, _) => "default".into(),
        (Some(origin), Some(file)) if file.is_origin(origin) => file.path.display().to_string(),
        (Some(origin), _) => origin.to_owned(),
    }
}

/// One line with the place.
fn explain(
    error: ConfigError,
    file: Option<&SettingsFile>,
    effective: &BTreeMap<String, (String, String)>,
) -> SettingsError {
    let (key, what) = match error {
        ConfigError::Type { unexpected, expected, key, .. } => {
            (key, format!("{unexpected} is not {expected}"))
        }
        ConfigError::At { error, key, .. } => (key, error.to_string()),
        other => (None, other.to_string()),
    };
    let key = key.unwrap_or_default();
    // An item of a list has no place of its own: `sip.udp[0]` stands where `sip.udp` does.
    let whole = key.split('[').next().unwrap_or_default();
    let origin = effective.get(whole).map_or("settings", |(_, origin)| origin);
    let place = match file.filter(|file| file.path.display().to_string() == origin) {
        Some(file) => match file.keys.get(whole) {
            Some(at) => format!("{origin}:{at}"),
            None => origin.to_owned(),
        },
        None => origin.to_owned(),
    };
    SettingsError(format!("{place}: {key}: {what}").replace('\n', " "))
}

fn flatten(value: &Value) -> BTreeMap<String, Value> {
    fn walk(prefix: &str, value: &Value, into: &mut BTreeMap<String, Value>) {
        match &value.kind {
            ValueKind::Table(table) => {
                for (name, value) in table {
                    let key =
                        if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                    walk(&key, value, into);
                }
            }
            _ => {
                into.insert(prefix.to_owned(), value.clone());
            }
        }
    }
    let mut all = BTreeMap::new();
    walk("", value, &mut all);
    all
}

fn to_toml(value: &Value) -> String {
    match &value.kind {
        ValueKind::String(text) => format!("{text:?}"),
        ValueKind::Array(all) => {
            format!("[{}]", all.iter().map(to_toml).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
