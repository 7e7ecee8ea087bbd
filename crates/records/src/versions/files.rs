//! The files of a folder, as they are sent to the line and kept.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::make_folder;
use crate::durable;

/// The most files.
pub const FILES_MAX: usize = 2000;
/// The most bytes of all files together.
pub const BYTES_MAX: usize = 64 << 20;
/// Folders inside each other.
const DEPTH_MAX: usize = 4;

/// The files of a dialplan's folder: names relative to it, with `/`, and their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>", into = "BTreeMap<String, String>")]
pub struct Files(BTreeMap<String, String>);

impl Files {
    /// The files by their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, text)| (&**name, &**text))
    }

    /// Writes all of them into a new folder, durably.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        make_folder(folder)?;
        let mut folders = BTreeSet::from([folder.to_owned()]);
        for (name, text) in &self.0 {
            let path = folder.join(name);
            if let Some(parent) = path.parent() {
                make_folder(parent)?;
                folders.extend(parent.ancestors().take_while(|p| *p != folder).map(Path::to_owned));
            }
            durable::write(&path, text.as_bytes())?;
        }
        folders.iter().try_for_each(|folder| durable::sync(folder))
    }

    /// Puts these files in place of others in a folder: each that differs is replaced whole, and those
    /// that are no more are removed.
    ///
    /// # Errors
    /// If one cannot be written.
    pub fn replace(&self, others: &Files, folder: &Path) -> io::Result<()> {
        for (name, text) in self.0.iter().filter(|(name, text)| others.0.get(*name) != Some(*text))
        {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            make_folder(parent)?;
            let mut new = path.clone().into_os_string();
            // What ends so is no part of a dialplan.
            new.push("~");
            durable::replace(Path::new(&new), &path, text.as_bytes())?;
        }
        for name in others.0.keys().filter(|name| !self.0.contains_key(*name)) {
            fs::remove_file(folder.join(name))?;
        }
        Ok(())
    }
}

impl TryFrom<BTreeMap<String, String>> for Files {
    type Error = String;
    fn try_from(files: BTreeMap<String, String>) -> Result<Files, String> {
        if files.len() > FILES_MAX {
            return Err(format!("more than {FILES_MAX} files"));
        }
        if files.values().map(String::len).sum::<usize>() > BYTES_MAX {
            return Err(format!("more than {BYTES_MAX} bytes"));
        }
        match files.keys().find(|name| !is_plain(name)) {
            Some(name) => Err(format!("{name:?} is no name of a file in the folder")),
            None => Ok(Files(files)),
        }
    }
}

impl From<Files> for BTreeMap<String, String> {
    fn from(files: Files) -> Self {
        files.0
    }
}

/// Below the folder, not hidden, not too deep.
fn is_plain(name: &str) -> bool {
    let plain = |part: Component<'_>| match part {
        Component::Normal(part) => part.to_str().is_some_and(|part| !part.starts_with('.')),
        Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => {
            false
        }
    };
    let path = Path::new(name);
    !name.is_empty()
        && !name.contains(['\0', '\\'])
        && path.components().all(plain)
        && path.components().count() <= DEPTH_MAX
}

/// Reads the files of a folder and of those inside. Hidden ones, copies of editors (`~`) and what is
/// no text are left out: none of them is part of a dialplan.
///
/// # Errors
/// If something cannot be read, or there is too much.
pub fn read_folder(folder: &Path) -> io::Result<Files> {
    let mut files = BTreeMap::new();
    let mut bytes = 0;
    read_into(folder, "", &mut files, &mut bytes)?;
    Files::try_from(files).map_err(io::Error::other)
}

fn read_into(
    folder: &Path,
    prefix: &str,
    files: &mut BTreeMap<String, String>,
    bytes: &mut u64,
) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some(name) =
            name.to_str().filter(|name| !name.starts_with('.') && !name.ends_with('~'))
        else {
            continue;
        };
        let name = format!("{prefix}{name}");
        if !is_plain(&name) {
            continue;
        }
        let known = fs::metadata(entry.path())?;
        if known.is_dir() {
            read_into(&entry.path(), &format!("{name}/"), files, bytes)?;
            continue;
        }
        *bytes += known.len();
        // Asked before reading: what lies here need not fit into memory.
        if *bytes > BYTES_MAX as u64 || files.len() >= FILES_MAX {
            let why = format!("{}: too much for a dialplan", entry.path().display());
            return Err(io::Error::other(why));
        }
        match fs::read_to_string(entry.path()) {
            Ok(text) => drop(files.insert(name, text)),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
