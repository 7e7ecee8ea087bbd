//! `prompts/manifest.toml`: which prompts there are, and their words.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::Failure;

/// All prompts by key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// Sorted, so that runs report in the same order.
    pub(crate) prompt: BTreeMap<String, Prompt>,
}

/// One prompt.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prompt {
    /// What is said, as a citizen would read it.
    text: String,
    /// What the synthesiser is given instead.
    respell: Option<String>,
    /// The melody or tone to compose; the prompt is not speech then.
    pub(crate) tune: Option<String>,
}

impl Manifest {
    /// Reads the manifest of the folder `prompts`.
    ///
    /// # Errors
    /// If it is missing, is no TOML, or names a prompt in a way that cannot be a file.
    pub(crate) fn read(prompts: &Path) -> Result<Self, Failure> {
        let path = prompts.join("manifest.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        Self::parse(&text).map_err(|Failure(why)| Failure(format!("{}: {why}", path.display())))
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let manifest: Self = toml::from_str(text)?;
        for (key, prompt) in &manifest.prompt {
            if !is_key(key) {
                return Err(Failure(format!(
                    "\"{key}\" is no key; use small Latin letters, digits, '-' and single '/'"
                )));
            }
            if prompt.text.trim().is_empty() {
                return Err(Failure(format!("\"{key}\" has no text")));
            }
        }
        Ok(manifest)
    }
}

impl Prompt {
    /// What the synthesiser is to say.
    pub(crate) fn spoken(&self) -> &str {
        self.respell.as_deref().unwrap_or(&self.text)
    }
}

/// Where the made file of a key lies.
pub(crate) fn made_file(prompts: &Path, key: &str) -> PathBuf {
    prompts.join("ru").join(format!("{key}.wav"))
}

// A key becomes a path: nothing in it may climb out of the folder or differ only by case.
fn is_key(key: &str) -> bool {
    key.split('/').all(|part| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_respelling_is_spoken_instead_of_the_text() {
        let manifest = Manifest::parse(
            r#"
            [prompt]
            "welcome" = { text = "Линия 122.", respell = "Линия сто двадцать два." }
            "num/n/3" = { text = "три" }
            "#,
        )
        .unwrap();
        assert_eq!(manifest.prompt["welcome"].spoken(), "Линия сто двадцать два.");
        assert_eq!(manifest.prompt["num/n/3"].spoken(), "три");
    }

    #[test]
    fn a_key_cannot_leave_the_folder() {
        for key in ["../x", "/x", "x/", "x//y", "X", "привет", ""] {
            let text = format!("[prompt]\n\"{key}\" = {{ text = \"да\" }}");
            assert!(Manifest::parse(&text).is_err(), "{key:?} was taken");
        }
    }

    #[test]
    fn a_misspelt_field_is_refused_by_name() {
        let Failure(why) =
            Manifest::parse("[prompt]\n\"x\" = { text = \"да\", repsell = \"да\" }").unwrap_err();
        assert!(why.contains("repsell"), "{why}");
    }
}
