//! Reads the prompts' folder: `manifest.toml`, the sounds that come with the line, and a studio's.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use media::Library;
use serde::Deserialize;

use crate::StartError;

/// The name of the manifest in the folder.
const MANIFEST: &str = "manifest.toml";
/// The folder of recordings that are heard instead of what comes with the line.
const STUDIO: &str = "studio";
/// What they may be, the first first.
const STUDIO_FORMATS: [&str; 4] = ["wav", "flac", "ogg", "mp3"];

/// The prompts of a folder.
#[derive(Clone, Debug)]
pub struct Prompts {
    folder: PathBuf,
    there: BTreeMap<String, Prompt>,
    missing: BTreeMap<String, Prompt>,
}

/// A prompt and where its sound is.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What is said in it, as a citizen would read it.
    pub text: String,
    /// Whether it is speech: no melody, tone or pause.
    pub speech: bool,
    /// The file that is heard.
    pub file: PathBuf,
}

#[derive(Deserialize)]
struct Manifest {
    prompt: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
struct Entry {
    text: String,
    tune: Option<String>,
}

impl Prompts {
    /// Reads the manifest and looks which files exist: `studio/NAME` in any format that can be played,
    /// else `ru/NAME.wav`.
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
        let (there, missing) = manifest
            .prompt
            .into_iter()
            .map(|(name, entry)| {
                let made = folder.join("ru").join(format!("{name}.wav"));
                let file = in_studio(folder, &name).unwrap_or(made);
                (name, Prompt { text: entry.text, speech: entry.tune.is_none(), file })
            })
            .partition(|(_, prompt)| prompt.file.is_file());
        Ok(Prompts { folder: folder.to_owned(), there, missing })
    }

    /// The names that can be played.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.there.keys().map(String::as_str)
    }

    /// Those that can be played.
    pub fn each(&self) -> impl Iterator<Item = (&str, &Prompt)> {
        self.there.iter().map(|(name, prompt)| (name.as_str(), prompt))
    }

    /// Those of the manifest whose file is not there.
    pub fn missing(&self) -> impl Iterator<Item = (&str, &Prompt)> {
        self.missing.iter().map(|(name, prompt)| (name.as_str(), prompt))
    }

    /// Whether a studio's recording of this name is there.
    #[must_use]
    pub fn has_recording(&self, name: &str) -> bool {
        in_studio(&self.folder, name).is_some()
    }

    /// Where a recording of this name belongs, as WAV.
    #[must_use]
    pub fn place_of_recording(&self, name: &str) -> PathBuf {
        self.folder.join(STUDIO).join(format!("{name}.wav"))
    }

    /// Files among the studio's recordings that nobody hears: no prompt has that name, or a file in
    /// another format goes before.
    ///
    /// # Errors
    /// If a folder cannot be read.
    pub fn unheard(&self) -> std::io::Result<Vec<PathBuf>> {
        let heard: Vec<&Path> = self.there.values().map(|prompt| &*prompt.file).collect();
        let mut unheard = Vec::new();
        let mut folders = vec![self.folder.join(STUDIO)];
        while let Some(folder) = folders.pop().filter(|folder| folder.is_dir()) {
            for entry in std::fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !heard.contains(&&*path) {
                    unheard.push(path);
                }
            }
        }
        unheard.sort();
        Ok(unheard)
    }

    /// Decodes all files.
    ///
    /// # Errors
    /// If a file is no sound that can be played.
    pub fn load(&self) -> Result<Library, StartError> {
        let mut library = Library::default();
        for (name, prompt) in &self.there {
            let path = &prompt.file;
            let bad = |why: String| StartError::File { path: path.clone(), why };
            let bytes = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
            let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
            library.add(name, extension, bytes).map_err(|error| bad(error.to_string()))?;
        }
        Ok(library)
    }
}

fn in_studio(folder: &Path, name: &str) -> Option<PathBuf> {
    let file = |format| folder.join(STUDIO).join(format!("{name}.{format}"));
    STUDIO_FORMATS.into_iter().map(file).find(|file| file.is_file())
}
