//! What an admin is told of his own recordings.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use common::{line122, stderr, workspace};

const MANIFEST: &str = r#"
[prompt]
"welcome" = { text = "Здравствуйте! Это линия 122." }
"num/n/3" = { text = "три" }
"num/n/200" = { text = "двести" }
"month/5" = { text = "мая" }
"pause" = { text = "Пауза.", tune = "pause" }
"#;

/// Prompts as they come with the line, few of them.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("manifest.toml"), MANIFEST).unwrap();
    for (name, seconds) in
        [("welcome", 3.0), ("num/n/3", 0.4), ("num/n/200", 0.6), ("month/5", 0.5)]
    {
        record(folder.path(), &format!("ru/{name}.wav"), voice(seconds, 0.2));
    }
    record(folder.path(), "ru/pause.wav", vec![0.0; 2000]);
    folder
}

fn voice(seconds: f32, loudness: f32) -> Vec<f32> {
    (0..(seconds * 8000.0) as u32).map(|n| loudness * (n as f32 * 0.31).sin()).collect()
}

fn record(folder: &Path, file: &str, samples: Vec<f32>) {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for sample in samples {
        writer.write_sample((sample * 32_767.0) as i16).unwrap();
    }
    writer.finalize().unwrap();
}

fn prompts(folder: &Path, language: &str, what: &[&str]) -> Output {
    let mut command = line122();
    command.env("LC_ALL", language).args(["prompts", "--prompts", folder.to_str().unwrap()]);
    command.args(what).output().unwrap()
}

fn tells(output: &Output, code: i32, parts: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for part in parts {
        assert!(text.contains(part), "{part} is missing: {text}");
    }
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_prompts_that_come_with_the_line_are_fit_for_it() {
    let checked = prompts(&workspace().join("prompts"), "C", &["check"]);
    assert!(stdout(&checked).contains("all fit for the line"), "{checked:?}");
}

#[test]
fn a_recording_is_heard_by_its_name_and_each_fault_is_told_with_its_remedy() {
    let folder = folder();
    let check = |language| prompts(folder.path(), language, &["check"]);
    assert!(stdout(&check("C")).contains("5 prompts"));

    let silence = vec![0.0; 8000];
    let late = [silence.clone(), voice(3.0, 0.2)].concat();
    record(folder.path(), "studio/welcome.wav", late);
    tells(
        &check("C"),
        1,
        &["studio/welcome.wav: 1.0 s of silence before", "Это линия 122", "0.3 s"],
    );
    tells(&check("ru_RU.UTF-8"), 1, &["1,0 с тишины перед словами", "обрежьте"]);

    let halting = [voice(1.5, 0.2), silence.clone(), voice(0.2, 0.0), voice(1.5, 0.2)].concat();
    record(folder.path(), "studio/welcome.wav", halting);
    tells(&check("ru_RU.UTF-8"), 1, &["пауза между словами 1,2 с"]);

    let loud = voice(3.0, 2.0).iter().map(|s| s.clamp(-0.98, 0.98)).collect();
    record(folder.path(), "studio/welcome.wav", loud);
    tells(&check("ru_RU.UTF-8"), 1, &["перегрузка", "тише"]);

    record(folder.path(), "studio/welcome.wav", voice(3.0, 0.006));
    tells(&check("ru_RU.UTF-8"), 1, &["слишком тихо: -47 дБ"]);

    record(folder.path(), "studio/welcome.wav", silence);
    tells(&check("ru_RU.UTF-8"), 1, &["ничего не слышно"]);

    record(folder.path(), "studio/welcome.wav", voice(0.5, 0.2));
    tells(&check("ru_RU.UTF-8"), 1, &["0,5 с не подходят этим словам"]);

    let shifted = voice(3.0, 0.2).iter().map(|s| s + 0.1).collect();
    record(folder.path(), "studio/welcome.wav", shifted);
    tells(&check("ru_RU.UTF-8"), 1, &["постоянная составляющая: 10,0 %", "highpass"]);

    record(folder.path(), "studio/welcome.wav", voice(3.0, 0.2));
    assert!(stdout(&check("ru_RU.UTF-8")).contains("все годятся для линии"));

    fs::write(folder.path().join("studio/welcome.mp3"), "no sound").unwrap();
    record(folder.path(), "studio/wellcome.wav", voice(3.0, 0.2));
    let unheard = ["studio/welcome.mp3: nobody hears", "studio/wellcome.wav: nobody hears", ": 2"];
    tells(&check("C"), 1, &unheard);
}

#[test]
fn a_missing_or_broken_sound_is_told() {
    let folder = folder();
    fs::remove_file(folder.path().join("ru/month/5.wav")).unwrap();
    fs::write(folder.path().join("ru/num/n/3.wav"), "no sound").unwrap();
    let checked = prompts(folder.path(), "C", &["check"]);
    tells(
        &checked,
        1,
        &["ru/month/5.wav: there is no such file", "ru/num/n/3.wav: cannot be played"],
    );
}

#[test]
fn pieces_of_numbers_are_taken_from_sounds_of_asterisk() {
    let (folder, pack) = (folder(), tempfile::tempdir().unwrap());
    let digits = pack.path().to_str().unwrap();
    tells(&prompts(folder.path(), "C", &["take", digits]), 2, &["no folder digits"]);

    record(pack.path(), "digits/3.wav", voice(0.45, 0.3));
    record(pack.path(), "digits/mon-4.wav", voice(0.55, 0.3));
    record(folder.path(), "studio/month/5.wav", voice(0.6, 0.3));
    let told = stdout(&prompts(folder.path(), "ru_RU.UTF-8", &["take", digits]));
    assert!(told.contains("взято: 1, уже были записи: 1"), "{told}");
    assert!(told.contains("num/n/200 «двести»") && !told.contains("«три»"), "{told}");
    let bytes = |file: &str| fs::read(folder.path().join(file)).unwrap();
    assert_eq!(bytes("studio/num/n/3.wav"), fs::read(pack.path().join("digits/3.wav")).unwrap());
    // A recording of one's own stays.
    assert_ne!(
        bytes("studio/month/5.wav"),
        fs::read(pack.path().join("digits/mon-4.wav")).unwrap()
    );
    assert!(stdout(&prompts(folder.path(), "C", &["check"])).contains("5 prompts"));

    fs::remove_file(folder.path().join("studio/num/n/3.wav")).unwrap();
    fs::write(pack.path().join("digits/3.wav"), "no sound").unwrap();
    let told = prompts(folder.path(), "C", &["take", digits]);
    tells(&told, 1, &["digits/3.wav", "asterisk-core-sounds-ru-wav"]);
    assert!(!folder.path().join("studio/num/n/3.wav").exists(), "{}", stderr(&told));
}
