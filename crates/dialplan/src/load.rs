//! Reads a folder of TOML files into a [`Dialplan`].

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::compile::{Beside, Secrets, compile};
use crate::findings::Findings;
use crate::read;
use crate::source::{SourceFile, Sources};
use crate::tables::Root;
use crate::{Diagnostic, Dialplan, PromptName, Severity};

/// The most files of a dialplan.
pub const FILES_MAX: usize = 1000;
/// The most bytes of a dialplan's files together: some hundred thousand clinics.
pub const BYTES_MAX: u64 = 64 << 20;

/// Reads, checks and compiles the dialplan in `folder`: all its `*.toml` files, clinics in its
/// `clinics*.csv`, and agents' scripts in its `*.md`; not those of folders inside. `prompts` are the names that can be played. Gives the dialplan with warnings.
///
/// Passwords that the dialplan leaves to the environment (`password_env`) or to files
/// (`password_file`, relative to the folder) are read as well.
///
/// # Errors
/// All findings, if at least one of them is an error.
pub fn load(
    folder: &Path,
    prompts: &BTreeSet<PromptName>,
) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    load_with_sounds(folder, folder, prompts)
}

/// The same for a copy of a folder's texts: sound files are looked for where they came from.
///
/// # Errors
/// All findings, if at least one of them is an error.
pub fn load_with_sounds(
    folder: &Path,
    sounds: &Path,
    prompts: &BTreeSet<PromptName>,
) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let sources = read_folder(folder)?;
    let environment = |name: &str| std::env::var(name).ok();
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|e| e.to_string());
    let secrets = Secrets { environment: &environment, file: &file };
    let has_file = |name: &str| sounds.join(name).is_file();
    load_sources(&sources, &Beside { prompts, secrets, has_file: &has_file })
}

/// The same from memory: names of files and their texts. No environment and no files hold passwords. A
/// sound file is there if its name is.
///
/// # Errors
/// All findings, if at least one of them is an error.
pub fn load_str(
    files: &[(&str, &str)],
    prompts: &BTreeSet<PromptName>,
) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let has_file = |wanted: &str| files.iter().any(|(name, _)| *name == wanted);
    let mut sources: Vec<_> = files
        .iter()
        .filter(|(name, _)| belongs(Path::new(name)))
        .map(|(name, text)| SourceFile::new(PathBuf::from(name), (*text).to_owned()))
        .collect();
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    let sources = Sources { folder: PathBuf::from("dialplan"), files: sources };
    let environment = |_: &str| None;
    let file = |_: &str| Err("there are no files here".to_owned());
    let secrets = Secrets { environment: &environment, file: &file };
    load_sources(&sources, &Beside { prompts, secrets, has_file: &has_file })
}

fn load_sources(
    sources: &Sources,
    beside: &Beside<'_>,
) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let mut root = Root::default();
    for (index, file) in sources.files.iter().enumerate() {
        let tables = read_file(index, file, &mut findings);
        root.merge(tables, &mut findings);
    }
    // A file that could not be read at all holds what other files refer to.
    if findings.unreadable() {
        return Err(findings.into_diagnostics(sources));
    }
    match compile(&root, sources, beside, &mut findings) {
        Some(plan) if !findings.any_error() => Ok((plan, findings.into_diagnostics(sources))),
        Some(_) | None => Err(findings.into_diagnostics(sources)),
    }
}

fn read_file(index: usize, file: &SourceFile, findings: &mut Findings) -> Root {
    if file.path.extension() == Some(OsStr::new("csv")) {
        return Root { clinics: read::csv::clinics(index, file, findings), ..Root::default() };
    }
    if file.path.extension() == Some(OsStr::new("md")) {
        // What agents read; whoever names it takes its text.
        return Root::default();
    }
    read::file(index, file, findings)
}

/// Whether a file of the folder is part of the dialplan.
fn belongs(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let kind = path.extension().unwrap_or_default();
    kind == "toml" || kind == "md" || kind == "csv" && name.starts_with("clinics")
}

/// The files of a folder in the order of their names.
pub(crate) fn read_folder(folder: &Path) -> Result<Sources, Vec<Diagnostic>> {
    let unreadable = |path: &Path, error: std::io::Error| match error.kind() {
        // What `read_to_string` says of bytes that are no text.
        std::io::ErrorKind::InvalidData => {
            wrong(path, "is not UTF-8 text".to_owned(), "save the file as UTF-8")
        }
        _ => wrong(path, format!("cannot be read: {error}"), "check the path and its permissions"),
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .and_then(|entries| entries.map(|entry| entry.map(|entry| entry.path())).collect())
        .map_err(|error| unreadable(folder, error))?;
    paths.retain(|path| belongs(path));
    paths.sort();
    if !paths.iter().any(|path| path.extension() == Some(OsStr::new("toml"))) {
        return Err(wrong(
            folder,
            "holds no *.toml file".to_owned(),
            "name a folder with a dialplan",
        ));
    }
    if paths.len() > FILES_MAX {
        let message = format!("holds more than {FILES_MAX} files");
        return Err(wrong(folder, message, "put more clinics into one file"));
    }
    let mut bytes = 0;
    let mut files = Vec::new();
    for path in paths {
        // Asked before reading: what lies here need not fit into memory.
        bytes += std::fs::metadata(&path).map_err(|error| unreadable(&path, error))?.len();
        if bytes > BYTES_MAX {
            let message = format!("the files are larger than {BYTES_MAX} bytes together");
            return Err(wrong(&path, message, "look for a file that is no dialplan"));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        files.push(SourceFile::new(path, text));
    }
    Ok(Sources { folder: folder.to_owned(), files })
}

/// A finding about a whole file or folder.
fn wrong(file: &Path, message: String, remedy: &str) -> Vec<Diagnostic> {
    vec![Diagnostic {
        severity: Severity::Error,
        file: file.to_owned(),
        place: None,
        width: 0,
        source_line: String::new(),
        message,
        remedy: Some(remedy.to_owned()),
        elsewhere: Vec::new(),
    }]
}
