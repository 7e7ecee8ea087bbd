//! Whether every prompt is there and fit for the line: a missing one must be an error here, not
//! silence in a caller's ear.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::loudness::lufs;
use super::manifest::{Manifest, Prompt, made_file};
use super::shape::{CEILING, SPEECH_LUFS, audible, longest_pause, peak};
use super::tune::PAUSE;
use super::wave::{self, RATE, Sound};
use crate::Failure;

/// How far speech may be from its loudness, LU: two prompts in a row may not differ to the ear.
const LOUDNESS_OFF_MAX: f64 = 1.5;
/// Rounding to 16 bits may lift a peak by this much.
const CEILING_SLACK: f64 = 0.001;
/// Silence at either end of speech, seconds.
const END_SILENCE_MAX_S: f64 = 0.1;
/// A pause inside speech, seconds; a caller takes a longer one for the end.
const PAUSE_MAX_S: f64 = 0.7;
/// All sound files together: they are committed and loaded whole.
const FOLDER_BYTES_MAX: u64 = 10_000_000;

/// All faults, each with the prompt's key and what is wrong.
///
/// # Errors
/// If the folder cannot be read.
pub(crate) fn faults(folder: &Path, manifest: &Manifest) -> Result<Vec<String>, Failure> {
    let mut faults = Vec::new();
    let mut expected = BTreeSet::new();
    for (key, prompt) in &manifest.prompt {
        let path = made_file(folder, key);
        faults
            .extend(made_faults(&path, prompt).into_iter().map(|fault| format!("{key}: {fault}")));
        expected.insert(path);
    }
    let mut total = 0;
    for path in files_below(&folder.join("ru"))? {
        total += path.metadata()?.len();
        if !expected.contains(&path) {
            faults.push(format!("{}: no prompt of the manifest plays it", path.display()));
        }
    }
    if total > FOLDER_BYTES_MAX {
        faults.push(format!("{total} bytes in all, more than {FOLDER_BYTES_MAX}"));
    }
    Ok(faults)
}

fn made_faults(path: &Path, prompt: &Prompt) -> Vec<String> {
    match wave::read(path) {
        Ok(_) if prompt.tune.as_deref() == Some(PAUSE) => Vec::new(),
        Ok(sound) => sound_faults(&sound, prompt.tune.is_none()),
        Err(Failure(why)) => vec![format!("{}: {why}", path.display())],
    }
}

fn sound_faults(sound: &Sound, speech: bool) -> Vec<String> {
    let samples = &sound.samples;
    let mut faults = Vec::new();
    if sound.rate != RATE {
        return vec![format!("{} Hz instead of {RATE}", sound.rate)];
    }
    let (Some((start, end)), Some(loudness)) = (audible(samples), lufs(samples, RATE)) else {
        return vec!["silent".to_owned()];
    };
    if peak(samples) > CEILING + CEILING_SLACK {
        faults.push(format!("a peak of {:.3} may clip", peak(samples)));
    }
    if speech {
        if (loudness - SPEECH_LUFS).abs() > LOUDNESS_OFF_MAX {
            faults.push(format!("{loudness:.1} LUFS instead of {SPEECH_LUFS}"));
        }
        for (which, silent) in [("before", start), ("after", samples.len() - end)] {
            let seconds = silent as f64 / f64::from(RATE);
            if seconds > END_SILENCE_MAX_S {
                faults.push(format!("{seconds:.2} s of silence {which} the words"));
            }
        }
        let pause = longest_pause(samples);
        if pause > PAUSE_MAX_S {
            faults.push(format!("a pause of {pause:.2} s"));
        }
    }
    faults
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .map_err(|error| Failure(format!("{}: {error}", folder.display())))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::shape;
    use super::*;

    /// A prompt as it should be: half a second that swings like a voice.
    fn good() -> Vec<f64> {
        let mut samples: Vec<f64> =
            (0..4000).map(|n| (f64::from(n) * 0.3).sin() * (f64::from(n) * 0.01).cos()).collect();
        shape::level(&mut samples, SPEECH_LUFS);
        samples
    }

    fn faults_of(samples: Vec<f64>) -> String {
        sound_faults(&Sound { rate: RATE, samples }, true).join("; ")
    }

    #[test]
    fn each_fault_is_found() {
        assert_eq!(faults_of(good()), "");
        assert_eq!(faults_of(vec![0.0; 8000]), "silent");

        let quiet = good().iter().map(|x| x * 0.5).collect();
        assert!(faults_of(quiet).contains("LUFS instead"));

        let mut peaky = good();
        peaky[2000] = 0.95;
        assert!(faults_of(peaky).contains("may clip"));

        let mut late = vec![0.0; 1000];
        late.extend(good());
        assert!(faults_of(late).contains("before the words"));

        let mut lingering = good();
        lingering.extend([0.0; 1000]);
        assert!(faults_of(lingering).contains("after the words"));

        let mut halting = good();
        halting.extend([0.0; 6000]);
        halting.extend(good());
        assert!(faults_of(halting).contains("a pause"));

        let fast = Sound { rate: 16_000, samples: good() };
        assert_eq!(sound_faults(&fast, true), ["16000 Hz instead of 8000"]);
    }

    #[test]
    fn a_tone_may_pause() {
        let mut ringing = good();
        ringing.extend([0.0; 32_000]);
        assert!(sound_faults(&Sound { rate: RATE, samples: ringing }, false).is_empty());
    }

    #[test]
    fn the_committed_prompts_are_fit_for_the_line() {
        let folder = crate::root().join("prompts");
        let manifest = Manifest::read(&folder).unwrap();
        let faults = faults(&folder, &manifest).unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
