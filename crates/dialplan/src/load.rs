//! Reads a folder of TOML files into a [`Dialplan`].

use std::collections::BTreeSet;
use std::path::Path;

use crate::{Diagnostic, Dialplan, PromptName};

/// Reads, checks and compiles the dialplan in `folder`. `prompts` are the names that can be played.
/// Gives the dialplan with warnings.
///
/// # Errors
/// All findings, if at least one of them is an error.
pub fn load(
    _folder: &Path,
    _prompts: &BTreeSet<PromptName>,
) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    todo!()
}
