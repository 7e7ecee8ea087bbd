//! Reads the prompts' folder: `manifest.toml` and the sound files that it names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use media::Library;
use serde::Deserialize;

use crate::StartError;

/// The name of the manifest in the folder.
const MANIFEST: &str = "manifest.toml";

/// The prompts of a folder.
#[derive(Clone, Debug)]
pub struct Prompts {
    files: BTreeMap<String, PathBuf>,
    missing: BTreeMap<String, PathBuf>,
}

#[derive(Deserialize)]
struct Manifest {
    prompt: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    studio: Option<PathBuf>,
}

impl Prompts {
    /// Reads the manifest and looks which files exist.
    ///
    /// # Errors
    /// If there is no manifest that can be read.
    pub fn read(folder: &Path) -> Result<Prompts, StartError> {
        let path = folder.join(MANIFEST);
        let bad = |why: String| StartError::File { path: path.clone(), why };
        let text = std::fs::read_to_string(&path).map_err(|error| {
            bad(format!("{error}; paths.prompts names the folder with the prompts"))
        })?;
        let manifest: Manifest =
            toml::from_str(&text).map_err(|error| bad(error.message().to_owned()))?;
        let (files, missing) = manifest
            .prompt
            .into_iter()
            .map(|(name, entry)| {
                let file = match entry.studio {
                    Some(studio) => folder.join(studio),
                    None => folder.join("ru").join(format!("{name}.wav")),
                };
                (name, file)
            })
            .partition(|(_, file)| file.is_file());
        Ok(Prompts { files, missing })
    }

    /// The names that can be played.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Names of the manifest whose file is not there.
    pub fn missing(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.missing.iter().map(|(name, file)| (name.as_str(), file.as_path()))
    }

    /// Decodes all files.
    ///
    /// # Errors
    /// If a file is no sound that can be played.
    pub fn load(&self) -> Result<Library, StartError> {
        let mut library = Library::default();
        for (name, path) in &self.files {
            let bad = |why: String| StartError::File { path: path.clone(), why };
            let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            library.add(name, extension, bytes).map_err(|error| bad(error.to_string()))?;
        }
        Ok(library)
    }
}
