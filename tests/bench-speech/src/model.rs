//! The model that is measured.

use std::path::Path;

use recogniser::model::Settings;
use recogniser::{Model, ModelFile, Refused, embedded};

/// That of this file, or the embedded one.
pub(crate) fn load(file: Option<&Path>, settings: &Settings) -> Result<Model, Refused> {
    match file {
        Some(path) => {
            let file = ModelFile { path: path.to_owned(), sha256: None };
            Model::load(&file, settings, None)
        }
        None => embedded(settings),
    }
}
