//! A dialplan is changed under the running line: plan, apply, history, rollback, and a restart.
#![allow(clippy::disallowed_methods, reason = "a real program in real time")]

#[allow(dead_code, reason = "each test file uses its part")]
mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use common::{Line, demo, line122, stderr, until, workspace};

fn edit(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&path, text.replace(from, to)).unwrap();
}

fn tell(line: &Line, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = line122();
    command
        .args(arguments)
        .args(["--web", &line.web])
        .env("USER", "ivanov")
        .env_remove("SUDO_USER");
    command.args(["--dialplan", folder.to_str().unwrap()]).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_dialplan_is_planned_applied_and_rolled_back() {
    let folder = demo();
    let folder = folder.path();
    let line = Line::start(&["--dialplan", folder.to_str().unwrap()]);
    assert!(said(&tell(&line, folder, &["plan"])).starts_with("nothing differs from version 1"));
    edit(folder, "clinics.toml", "ring_for = \"60s\"", "ring_for = \"45s\"");
    edit(folder, "agents.toml", "\"201-205\"", "\"202-205\"");
    edit(folder, "agents.toml", "[agents.201-205]", "[agents.202-205]");
    let plan = said(&tell(&line, folder, &["plan"]));
    for part in
        ["- agent 201", "~ clinic poliklinika-1", "ring_for: 60s → 45s", "~ group operators"]
    {
        assert!(plan.contains(part), "{part} is missing: {plan}");
    }
    // Nobody is there to be asked.
    let refused = tell(&line, folder, &["apply"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--yes"));
    let before = line.status()["dialplan"].clone();
    let applied = said(&tell(&line, folder, &["apply", "--yes", "--comment", "night"]));
    assert!(applied.lines().last().unwrap().starts_with("version 2 ("), "{applied}");
    // What the page shows may be a quarter of a second old.
    until("the new one runs", || line.status()["dialplan"] != before);
    let agents = line.status()["centre"]["agents"].clone();
    assert!(agents.as_array().unwrap().iter().all(|agent| agent["agent"] != "201"), "{agents}");
    let history = said(&tell(&line, folder, &["history"]));
    let lines: Vec<&str> = history.lines().collect();
    assert!(lines[0].starts_with("*     2") && lines[0].contains("ivanov"), "{history}");
    assert!(lines[0].ends_with("night") && lines[1].contains("line122 run"), "{history}");
    // Without a person's environment it is whom the process belongs to.
    let nobody = ["USER", "LOGNAME", "SUDO_USER"];
    let mut command = line122();
    for name in nobody {
        command.env_remove(name);
    }
    let back =
        said(&command.args(["rollback", "1", "--yes", "--web", &line.web]).output().unwrap());
    assert!(back.contains("+ agent 201") && back.contains("version 3 ("), "{back}");
    until("the old one runs", || line.status()["dialplan"] == before);
    let newest = said(&tell(&line, folder, &["history"]));
    let owner = Command::new("id").arg("-un").output().unwrap();
    assert!(newest.lines().next().unwrap().contains(said(&owner).trim()), "{newest}");
    assert_eq!(tell(&line, folder, &["rollback", "77", "--yes"]).status.code(), Some(2));
}

#[test]
fn a_wrong_dialplan_changes_nothing() {
    let folder = demo();
    let folder = folder.path();
    let line = Line::start(&["--dialplan", folder.to_str().unwrap()]);
    let before = line.status()["dialplan"].clone();
    edit(folder, "line.toml", "otherwise = \"queue:operator\"", "otherwise = \"queue:operater\"");
    for command in [&["plan"][..], &["apply", "--yes"]] {
        let output = tell(&line, folder, command);
        let text = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains("line.toml:") && text.contains("did you mean"), "{text}");
        assert!(!text.contains(".new-"), "{text}");
    }
    assert_eq!(line.status()["dialplan"], before);
    // Noticed on the disk as well.
    until("the folder is looked at", || {
        said(&tell(&line, folder, &["history"])).contains("differs")
    });
}

#[test]
fn what_was_applied_runs_after_a_power_cut_and_not_what_was_edited_since() {
    let folder = demo();
    let folder = folder.path();
    let at = ["--dialplan", folder.to_str().unwrap()];
    let line = Line::start(&at);
    let before = line.status()["dialplan"].clone();
    edit(folder, "clinics.toml", "ring_for = \"60s\"", "ring_for = \"45s\"");
    let line = Line::start_in(line.kill(), &at);
    assert_eq!(line.status()["dialplan"], before);
    assert!(said(&tell(&line, folder, &["plan"])).contains("60s → 45s"));
    let mut told = at.to_vec();
    told.extend(["--set", "dialplan.apply_on_change=true"]);
    let line = Line::start_in(line.kill(), &told);
    let changed = line.status()["dialplan"].clone();
    assert_ne!(changed, before);
    edit(folder, "clinics.toml", "ring_for = \"45s\"", "ring_for = \"50s\"");
    until("the change is applied by itself", || line.status()["dialplan"] != changed);
    let history = said(&tell(&line, folder, &["history"]));
    assert!(history.lines().next().unwrap().contains("files on disk"), "{history}");
}

/// The share of the sound's power that is at 440 Hz.
fn share_of_the_tone(recorded: &Path) -> f64 {
    let mut sound = hound::WavReader::open(recorded).unwrap();
    let samples: Vec<f64> =
        sound.samples::<i16>().map(|sample| f64::from(sample.unwrap())).collect();
    let (mut re, mut im, mut power) = (0.0, 0.0, 0.0);
    for (n, sample) in samples.iter().enumerate() {
        let angle = std::f64::consts::TAU * (440.0 * n as f64 / 8000.0).fract();
        re += sample * angle.cos();
        im += sample * angle.sin();
        power += sample * sample;
    }
    2.0 * (re * re + im * im) / (power * samples.len() as f64).max(1.0)
}

#[test]
fn an_announcement_of_the_regions_own_is_heard_without_a_restart() {
    let folder = demo();
    let folder = folder.path();
    let at = ["--dialplan", folder.to_str().unwrap()];
    let line = Line::start(&at);
    fs::create_dir(folder.join("sounds")).unwrap();
    edit(folder, "line.toml", "start = \"menu:main\"", "start = \"announce:flood\"");
    let flood = "[prompts.flood]\ntext = \"Из-за паводка\"\nfile = \"sounds/flood.mp3\"\n";
    fs::write(folder.join("prompts.toml"), flood).unwrap();
    // Without its sound, and with one that is none, nothing changes.
    let absent = tell(&line, folder, &["apply", "--yes"]);
    assert!(stderr(&absent).contains("\"sounds/flood.mp3\" is not there"), "{absent:?}");
    fs::write(folder.join("sounds/flood.mp3"), "no sound").unwrap();
    let broken = tell(&line, folder, &["apply", "--yes"]);
    assert!(stderr(&broken).contains("\"sounds/flood.mp3\" cannot be played"), "{broken:?}");
    let checked = line122().arg("check").arg(folder).output().unwrap();
    assert_eq!(checked.status.code(), Some(2), "{checked:?}");
    assert!(stderr(&checked).contains("prompts.toml:3:"), "{checked:?}");

    let tone = workspace().join("crates/media/tests/sounds/tone-44k.mp3");
    fs::copy(tone, folder.join("sounds/flood.mp3")).unwrap();
    said(&tell(&line, folder, &["apply", "--yes"]));
    let hears = |line: &Line| {
        let recorded = folder.join("heard.wav");
        let to = ["call", "122", "--server", &line.udp, "--record", recorded.to_str().unwrap()];
        let mut called = line.phone(&[&to[..], &["--seconds", "3"]].concat());
        assert!(called.wait().unwrap().success());
        share_of_the_tone(&recorded)
    };
    assert!(hears(&line) > 0.5);
    // The version has its own copy: it outlives the folder's, and a power cut.
    fs::remove_dir_all(folder.join("sounds")).unwrap();
    let line = Line::start_in(line.kill(), &at);
    assert!(hears(&line) > 0.5);
}
