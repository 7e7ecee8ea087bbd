//! `cargo xtask prompts`: the sound files of `prompts/ru`.

mod check;
mod festival;
mod loudness;
mod manifest;
mod shape;
mod tune;
mod wave;

use std::io::{IsTerminal, Write};
use std::path::Path;

use clap::Args;

use crate::Failure;
use manifest::{Manifest, Prompt, made_file};

/// What `cargo xtask prompts` is asked.
#[derive(Args)]
pub(crate) struct Options {
    /// Make all again, not only those that are missing
    #[arg(long, conflicts_with = "check")]
    force: bool,
    /// Make nothing; check that each prompt has a sound file fit for the line
    #[arg(long)]
    check: bool,
}

/// Makes what is missing, then checks all.
///
/// # Errors
/// If the manifest or a prompt is faulty, or the synthesiser is missing.
pub(crate) fn run(options: &Options) -> Result<(), Failure> {
    let folder = crate::root().join("prompts");
    let manifest = Manifest::read(&folder)?;
    if !options.check {
        make(&folder, &manifest, options.force)?;
    }
    let faults = check::faults(&folder, &manifest)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    if !faults.is_empty() {
        return Err(Failure(format!("{} faults in the prompts", faults.len())));
    }
    println!("{} prompts, all fit for the line", manifest.prompt.len());
    Ok(())
}

fn make(folder: &Path, manifest: &Manifest, force: bool) -> Result<(), Failure> {
    let wanted: Vec<(&String, &Prompt)> = manifest
        .prompt
        .iter()
        .filter(|(key, _)| force || !made_file(folder, key).exists())
        .collect();
    let scratch = crate::root().join("target/prompts");
    for (n, (key, prompt)) in wanted.iter().enumerate() {
        show_progress(n + 1, wanted.len(), key);
        let sound = sound_of(prompt, &scratch)
            .map_err(|Failure(why)| Failure(format!("prompt \"{key}\": {why}")))?;
        wave::write(&made_file(folder, key), &sound)?;
    }
    Ok(())
}

fn sound_of(prompt: &Prompt, scratch: &Path) -> Result<Vec<f64>, Failure> {
    if let Some(tune) = &prompt.tune {
        return tune::compose(tune).ok_or_else(|| Failure(format!("no tune is called \"{tune}\"")));
    }
    let mut sound = festival::say(prompt.spoken(), scratch)?;
    shape::level(&mut sound, shape::SPEECH_LUFS);
    Ok(sound)
}

/// One line that is written over on a terminal, one line each elsewhere.
fn show_progress(done: usize, all: usize, key: &str) {
    let mut out = std::io::stderr();
    let (start, end) = if !out.is_terminal() {
        ("", "\n")
    } else if done == all {
        ("\r\x1b[K", "\n")
    } else {
        ("\r\x1b[K", "")
    };
    // Progress that cannot be shown is no reason to stop.
    let _ = write!(out, "{start}[{done:>3}/{all}] {key}{end}").and_then(|()| out.flush());
}
