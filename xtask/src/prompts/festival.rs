//! Speech by Festival with Debian's Russian voice, as a child process.
//!
//! Chosen over espeak-ng since its voice is a person's (units cut from a speaker's recordings) and
//! since `+` before a vowel sets the stress, so every word of the manifest can be said right.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::shape::{samples, telephone_rate, trim};
use super::wave;
use crate::Failure;

/// Pause between two sentences.
const PAUSE_S: f64 = 0.35;
/// The voice of Debian's package festvox-ru.
const VOICE: &str = "voice_msu_ru_nsh_clunits";

/// Says a text; the sound is trimmed, at the telephone's rate, not levelled.
///
/// # Errors
/// If Festival or its voice is missing, or it fails.
pub(crate) fn say(text: &str, scratch: &Path) -> Result<Vec<f64>, Failure> {
    std::fs::create_dir_all(scratch)?;
    let sentences: Vec<&str> = sentences(text).collect();
    let mut script = format!("({VOICE})\n");
    for (n, sentence) in sentences.iter().enumerate() {
        let file = scratch.join(format!("{n}.wav"));
        // A file of an earlier run must not be taken for this one's.
        if file.exists() {
            std::fs::remove_file(&file)?;
        }
        let _ = writeln!(
            script,
            "(utt.save.wave (utt.synth (Utterance Text {})) {} 'riff)",
            quoted(sentence),
            quoted(&file.to_string_lossy()),
        );
    }
    run(&script)?;

    let mut said = Vec::new();
    for n in 0..sentences.len() {
        let sound = wave::read(&scratch.join(format!("{n}.wav")))
            .map_err(|Failure(why)| Failure(format!("Festival said nothing usable: {why}")))?;
        if n > 0 {
            said.extend(vec![0.0; samples(PAUSE_S)]);
        }
        said.extend(trim(&telephone_rate(&sound)?));
    }
    Ok(said)
}

/// Runs a script in a child process: the synthesiser may crash without taking the work with it.
fn run(script: &str) -> Result<(), Failure> {
    let mut child = Command::new("festival")
        .arg("--pipe")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| {
            Failure(format!("festival: {error}; install it with: apt install festival festvox-ru"))
        })?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(script.as_bytes())?;
    }
    let output = child.wait_with_output()?;
    let complaints = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() || complaints.contains("SIOD ERROR") {
        return Err(Failure(format!("Festival: {}: {}", output.status, complaints.trim())));
    }
    Ok(())
}

fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['.', '!', '?']).map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// A string as Scheme reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_said_sentence_by_sentence() {
        let all: Vec<_> = sentences("Здравствуйте! Это линия. Ждать, да?").collect();
        assert_eq!(all, ["Здравствуйте!", "Это линия.", "Ждать, да?"]);
        assert_eq!(sentences("час").collect::<Vec<_>>(), ["час"]);
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        assert_eq!(quoted(r#"a" (exit) \"#), r#""a\" (exit) \\""#);
    }
}
