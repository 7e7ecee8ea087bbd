//! Words of the region's own, and which prompts can be played.

use std::collections::{BTreeMap, BTreeSet};

use super::{Context, entries};
use crate::PromptName;
use crate::prompt::Prompt;
use crate::read::{Field, Text};
use crate::source::{At, Spot};
use crate::tables::{PromptTable, Root};

/// How sound files end that can be read.
const SOUNDS: [&str; 4] = ["wav", "flac", "mp3", "ogg"];
/// The longest name of a sound file, with its folders.
const PATH_MAX: usize = 200;

/// The prompts that can be played: those that come with the line and those of the dialplan.
pub(super) fn names(root: &Root, with_line: &BTreeSet<PromptName>) -> BTreeSet<PromptName> {
    let own = root.prompts.value().into_iter().flat_map(crate::read::Names::names);
    with_line.iter().cloned().chain(own.map(PromptName::from)).collect()
}

impl Context<'_> {
    /// All prompts of the dialplan.
    pub(super) fn own_prompts(&mut self) -> BTreeMap<PromptName, Prompt> {
        let mut prompts = BTreeMap::new();
        for (name, spot, table) in entries(&self.root.prompts) {
            let name = PromptName::from(&**name);
            let file = table.file.given().and_then(|file| self.sound_file(file));
            let needs_file =
                matches!(table.file, Field::Absent) && !self.beside.prompts.contains(&name);
            if needs_file {
                self.without_sound(&name, spot, table);
            }
            if matches!((&table.text, &table.file), (Field::Absent, Field::Given(_))) {
                self.findings
                    .warning(spot, format!("nobody can read what prompt \"{name}\" says"))
                    .remedy("add text = \"…\": what is said");
            }
            let text = table.text.value().map(|text| text.0.clone());
            prompts.insert(name, Prompt { text, file });
        }
        prompts
    }

    fn without_sound(&mut self, name: &PromptName, spot: Spot, table: &PromptTable) {
        let remedy = match &table.text {
            Field::Absent => "add file = \"sounds/….wav\", and text",
            Field::Bad | Field::Given(_) => "record its text and add file = \"sounds/….wav\"",
        };
        let message = match &table.text {
            Field::Absent => format!("prompt \"{name}\" has neither file nor text"),
            Field::Bad | Field::Given(_) => {
                format!("prompt \"{name}\" has a text and no file: nobody would hear it")
            }
        };
        self.findings.error(spot, message).remedy(remedy);
    }

    fn sound_file(&mut self, written: &At<Text>) -> Option<Box<str>> {
        let path = &*written.value.0;
        let ending = path.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
        let is_plain = path.len() <= PATH_MAX
            && path.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
            && !path.contains('\\');
        let (wrong, remedy) = if !is_plain {
            ("is no file within the dialplan's folder", "write a name such as \"sounds/flood.wav\"")
        } else if !ending.is_some_and(|ending| SOUNDS.contains(&&*ending)) {
            ("is no sound file", "name a file that ends with .wav, .flac, .mp3 or .ogg")
        } else if !(self.beside.has_file)(path) {
            ("is not there", "put the file into the dialplan's folder, or correct its name")
        } else {
            return Some(path.into());
        };
        self.findings
            .error(written.spot, format!("\"{}\" {wrong}", path.escape_debug()))
            .remedy(remedy);
        None
    }

    /// Warns of prompts that are said nowhere. Those that come with the line the robot says itself.
    pub(super) fn silent_prompts(&mut self) {
        for (name, spot, _) in entries(&self.root.prompts) {
            if !self.said.contains(&**name) && !self.beside.prompts.contains(&**name) {
                self.findings
                    .warning(spot, format!("prompt \"{name}\" is said nowhere"))
                    .remedy("name it in a `say` or as \"announce:NAME\", or remove it");
            }
        }
    }
}
