//! The sounds of a dialplan's own prompts.

use std::path::Path;
use std::sync::Arc;

use dialplan::place::Thing;
use dialplan::{Diagnostic, Dialplan, PromptName, Severity};
use media::Library;

/// Adds the sounds of the dialplan's prompts, which lie in this folder, to a library.
///
/// # Errors
/// What is told of each file that cannot be played.
pub(crate) fn add_own(
    library: &mut Library,
    plan: &Dialplan,
    folder: &Path,
) -> Result<(), Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    for (name, prompt) in &plan.prompts {
        let Some(file) = &prompt.file else { continue };
        if let Err(why) = add(library, name.as_str(), &folder.join(&**file)) {
            wrong.push(cannot_be_played(plan, name, file, &why, folder));
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// What the running line plays.
#[derive(Debug)]
pub(crate) struct Playing {
    /// What comes with it.
    pub(crate) with_line: Library,
    /// That, and what the dialplans say by which calls go.
    pub(crate) all: Arc<Library>,
}

impl Playing {
    /// What is to be played with the own prompts of a new dialplan. Calls still go by the former ones:
    /// what only these say stays.
    pub(crate) fn with<'a>(
        &self,
        own: &Library,
        former: impl IntoIterator<Item = &'a Dialplan>,
    ) -> Library {
        let mut all = self.with_line.clone();
        for name in former.into_iter().flat_map(|plan| plan.prompts.keys()) {
            if !self.with_line.contains(name.as_str()) {
                all.share(name.as_str(), &self.all);
            }
        }
        own.names().for_each(|name| all.share(name, own));
        all
    }
}

fn add(library: &mut Library, name: &str, path: &Path) -> Result<(), String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
    library.add(name, extension, bytes).map_err(|error| error.to_string())
}

fn cannot_be_played(
    plan: &Dialplan,
    name: &PromptName,
    file: &str,
    why: &str,
    folder: &Path,
) -> Diagnostic {
    let place = plan.places.of_key_or_thing(&Thing::Prompt(name.clone()), "file");
    Diagnostic {
        severity: Severity::Error,
        file: place.map_or_else(|| folder.to_owned(), |place| folder.join(&*place.file)),
        place: place.map(|place| (place.line as usize, 1)),
        width: 0,
        source_line: format!("file = \"{file}\""),
        message: format!("\"{file}\" cannot be played: {why}"),
        remedy: Some("record it as wav, flac, mp3 or ogg vorbis".to_owned()),
        elsewhere: Vec::new(),
    }
}
