//! Pieces of numbers and dates from Asterisk's Russian sounds.

use std::io::Write;
use std::path::{Path, PathBuf};

use runtime::prompts::Prompts;

use super::measures;
use crate::failure::Failure;
use crate::language::Language;

/// Where Debian and Asterisk itself install sounds; a folder for each language and voice.
const PLACES: [&str; 2] = ["/usr/share/asterisk/sounds", "/var/lib/asterisk/sounds"];
/// What the names of the pieces of sentences begin with.
const PIECES: [&str; 7] = ["num/", "ord/", "noun/", "month/", "weekday/", "letter/", "word/"];

/// Copies the sounds that the pack has for the pieces into the folder of the studio's recordings, and tells
/// which it lacks. Recordings that are there stay.
pub(super) fn take(
    prompts: &Prompts,
    pack: Option<&Path>,
    language: Language,
) -> Result<(), Failure> {
    let pack = find(pack, language)?;
    let (mut taken, mut kept, mut unusable) = (0, 0, Vec::new());
    for (name, sound) in sounds() {
        let from = pack.join(format!("{sound}.wav"));
        if !from.is_file() {
            continue;
        }
        if prompts.has_recording(&name) {
            kept += 1;
        } else if let Err(why) = measures(&from) {
            unusable.push(format!("{}: {why}", from.display()));
        } else {
            copy(&from, &prompts.place_of_recording(&name))?;
            taken += 1;
        }
    }
    let pieces = || {
        let all = prompts.each().chain(prompts.missing());
        all.filter(|(name, _)| PIECES.iter().any(|piece| name.starts_with(piece)))
    };
    let lacking: Vec<String> = pieces()
        .filter(|(name, _)| !prompts.has_recording(name))
        .map(|(name, prompt)| format!("  {name} «{}»", prompt.text))
        .collect();
    let mut out = std::io::stdout().lock();
    let shown = pack.display();
    let _ = writeln!(
        out,
        "{}",
        language.pick(
            format!("{shown}: taken: {taken}, recordings that were there: {kept}"),
            format!("{shown}: взято: {taken}, уже были записи: {kept}"),
        )
    );
    if !lacking.is_empty() {
        let told =
            language.pick("These pieces keep their voice", "Эти части говорит прежний голос");
        let _ = writeln!(out, "{told} ({}):\n{}", lacking.len(), lacking.join("\n"));
    }
    if !unusable.is_empty() || taken + kept == 0 {
        let told = language.pick(
            "sounds as WAV are needed: apt install asterisk-core-sounds-ru-wav",
            "нужны звуки в формате WAV: apt install asterisk-core-sounds-ru-wav",
        );
        return Err(Failure::Untrue([&[told.to_owned()], &*unusable].concat().join("\n  ")));
    }
    Ok(())
}

/// Which of Asterisk's sounds says a piece, by the texts that Asterisk publishes with its Russian sounds.
/// They have one voice, numbers in the nominative up to 199, and ordinals in the masculine.
fn sounds() -> Vec<(String, String)> {
    let mut sounds = Vec::new();
    let mut add = |name: String, sound: &str| sounds.push((name, sound.to_owned()));
    for number in (0..=20).chain((30..=90).step_by(10)) {
        let gender = if matches!(number, 1 | 2) { "m/" } else { "" };
        add(format!("num/n/{gender}{number}"), &format!("digits/{number}"));
        if number > 0 {
            add(format!("ord/m/{number}"), &format!("digits/h-{number}"));
        }
    }
    for month in 1..=12 {
        add(format!("month/{month}"), &format!("digits/mon-{}", month - 1));
    }
    for (name, sound) in [
        ("num/n/n/1", "digits/1n"),
        ("num/n/n/2", "digits/2n"),
        ("num/n/100", "digits/hundred"),
        ("noun/thousand/one", "digits/thousand"),
        ("noun/thousand/few", "digits/h-thousand"),
        ("noun/thousand/gen-sg", "digits/h-thousand"),
        ("noun/hour/many", "hours"),
        ("noun/hour/gen-pl", "hours"),
        ("noun/minute/one", "queue-minute"),
        ("noun/minute/many", "minutes"),
        ("noun/minute/gen-pl", "minutes"),
        ("noun/second/many", "seconds"),
        ("noun/second/gen-pl", "seconds"),
        ("word/at", "digits/at"),
        ("word/and", "vm-and"),
        ("word/less-than", "queue-less-than"),
    ] {
        add(name.to_owned(), sound);
    }
    sounds
}

/// The pack that was named, or the first Russian one that is installed.
fn find(named: Option<&Path>, language: Language) -> Result<PathBuf, Failure> {
    let has_digits = |folder: &PathBuf| folder.join("digits").is_dir();
    if let Some(folder) = named {
        let folder = folder.to_owned();
        return Some(folder.clone()).filter(has_digits).ok_or_else(|| {
            let shown = folder.display();
            Failure::Usage(language.pick(
                format!(
                    "{shown}: there is no folder digits in it; these are no sounds of Asterisk"
                ),
                format!("{shown}: в нём нет каталога digits; это не звуки Asterisk"),
            ))
        });
    }
    let mut found: Vec<PathBuf> = PLACES
        .iter()
        .filter_map(|place| std::fs::read_dir(place).ok())
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("ru") && has_digits(folder)
        })
        .collect();
    found.sort();
    found.into_iter().next().ok_or_else(|| {
        Failure::Usage(
            language
                .pick(
                    "no Russian sounds of Asterisk are installed: apt install asterisk-core-sounds-ru-wav, or name their folder",
                    "русские звуки Asterisk не установлены: apt install asterisk-core-sounds-ru-wav, или назовите их каталог",
                )
                .to_owned(),
        )
    })
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    let bad = |error: std::io::Error| Failure::Runtime(format!("{}: {error}", to.display()));
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).map_err(bad)?;
    }
    std::fs::copy(from, to).map_err(bad)?;
    Ok(())
}
