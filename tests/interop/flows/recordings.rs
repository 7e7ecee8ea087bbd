//! Talks are recorded, sealed on the disk, and heard again by who may.

use std::path::{Path, PathBuf};

use interop::audio::{Law, loudness, tone, tone_share};
use interop::baresip::{Baresip, Link};
use interop::wait::{PATIENCE, until};
use interop::{Line, Setup};
use journal::StepKind;

/// What the citizen hums, and the operator.
pub(crate) const CITIZEN: f64 = 1000.0;
pub(crate) const OPERATOR: f64 = 700.0;

/// A line that records talks with operators.
pub(crate) fn recorded_line() -> Line {
    let rule =
        "[recording]\nqueues = [\"operator\"]\nannounce = \"call-recorded\"\nkeep = \"90d\"\n";
    Setup::demo().with_short_menu().plan("recording.toml", rule).with_admin().start()
}

/// A citizen who was told, and talks with an operator.
pub(crate) fn talk(line: &Line) -> (Baresip, Baresip) {
    let says = |hertz| tone(hertz, 120 * 8000);
    let mut operator = Baresip::register_with(line, "201", Link::Udp, "PCMA", &says(OPERATOR));
    let mut citizen = Baresip::citizen_on(line, Link::Udp, "PCMA", &says(CITIZEN));
    citizen.dial("122");
    citizen.wait_event("CALL_ESTABLISHED");
    citizen.press('0');
    citizen.wait_prompt("call-recorded");
    operator.wait_ringing();
    operator.accept();
    (citizen, operator)
}

/// The command `line122 recordings`.
fn run(line: &Line, arguments: &[&str]) -> String {
    line.run(&[&["--dialplan", "dialplan", "recordings"], arguments].concat())
}

fn files_under(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => files_under(&path),
            path => vec![path],
        })
        .collect()
}

/// The samples of the two channels of a WAV file in a law.
fn channels(wav: &[u8]) -> [Vec<i16>; 2] {
    assert_eq!((&wav[..4], &wav[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
    assert_eq!((wav[20], wav[22], &wav[50..54]), (6, 2, &b"data"[..]), "A-law, stereo");
    let of = |side: usize| {
        wav[58..].iter().skip(side).step_by(2).map(|octet| Law::A.decode(*octet)).collect()
    };
    [of(0), of(1)]
}

#[test]
fn a_talk_is_recorded_in_stereo_and_shows_nothing_on_the_disk() {
    let line = recorded_line();
    let (mut citizen, mut operator) = talk(&line);
    operator.wait_tone(CITIZEN);
    citizen.wait_tone(OPERATOR);
    std::thread::sleep(std::time::Duration::from_secs(3));
    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    let record = line.only_record();
    let told = record.steps.iter().position(|step| step.what == StepKind::ToldOfRecording);
    let began = record.steps.iter().position(|step| step.what == StepKind::RecordingBegan);
    assert!(told.is_some() && told < began, "{:?}", record.steps);

    let call = record.call.to_string();
    let listed = until("the index knows it", PATIENCE, || {
        Some(run(&line, &["list"])).filter(|list| list.contains("whole"))
    });
    assert!(listed.contains(&format!("{call}-1")) && listed.contains("201"), "{listed}");
    let exported = line.folder().join("talk.wav");
    run(&line, &["export", &call, "-o", exported.to_str().expect("a plain path")]);
    let wav = std::fs::read(&exported).expect("it is written");
    let [left, right] = channels(&wav);
    assert!(left.len() > 3 * 8000, "{} samples", left.len());
    // The middle: a phone that has just answered may still be silent.
    let middle = left.len() / 2 - 4000..left.len() / 2 + 4000;
    for (channel, own, others) in [(left, CITIZEN, OPERATOR), (right, OPERATOR, CITIZEN)] {
        let sound = &channel[middle.clone()];
        assert!(loudness(sound) > 500.0);
        let (own, others) = (tone_share(sound, own), tone_share(sound, others));
        assert!(own > 0.9 && others < 0.05, "{own} {others}");
    }

    let accesses = records::Books::open(&line.place()).expect("books").accesses(0, 100);
    let accesses = accesses.expect("the audit");
    let heard: Vec<_> = accesses.iter().filter(|access| access.what == "listen").collect();
    assert!(heard.len() == 1 && heard[0].subject.contains(&call), "{accesses:?}");

    // What is on the disk is no sound: a second of it stands nowhere as it was.
    let sound = &wav[58 + 16_000..58 + 16_000 + 64];
    let files = files_under(&line.folder().join("data"));
    let sealed: Vec<_> =
        files.iter().filter(|file| file.extension().is_some_and(|e| e == "l122")).collect();
    assert_eq!(sealed.len(), 1, "{files:?}");
    for file in &files {
        let octets = std::fs::read(file).expect("a file of the line");
        assert!(!octets.windows(sound.len()).any(|piece| piece == sound), "{}", file.display());
    }
    let octets = std::fs::read(sealed[0]).expect("the recording");
    let [one, other] = channels_of_anything(&octets[1000..]);
    assert!(tone_share(&one, CITIZEN) < 0.05 && tone_share(&other, OPERATOR) < 0.05);

    assert!(run(&line, &["check"]).contains('1'));
    run(&line, &["erase", &call]);
    assert!(!sealed[0].exists());
    assert_eq!(run(&line, &["list"]).trim(), "");
}

/// Octets that are no WAV file, heard as if they were sound.
fn channels_of_anything(octets: &[u8]) -> [Vec<i16>; 2] {
    let of = |side: usize| {
        octets.iter().skip(side).step_by(2).map(|octet| Law::A.decode(*octet)).collect()
    };
    [of(0), of(1)]
}

#[test]
fn a_killed_program_loses_a_second_and_goes_on_in_a_further_part() {
    let mut line = recorded_line();
    let (mut citizen, mut operator) = talk(&line);
    operator.wait_tone(CITIZEN);
    std::thread::sleep(std::time::Duration::from_secs(4));
    line.kill();
    std::thread::sleep(std::time::Duration::from_secs(1));
    line.start_again();
    until("it is taken up", PATIENCE, || {
        (line.metric("line122_calls_resumed_total") >= 1.0).then_some(())
    });
    std::thread::sleep(std::time::Duration::from_secs(3));
    citizen.hang_up();
    operator.wait_event("CALL_CLOSED");
    let listed = until("both parts are known", PATIENCE, || {
        let list = run(&line, &["list"]);
        (list.contains("cut") && list.contains("whole")).then_some(list)
    });
    let call = listed.split('-').next().expect("a call").to_owned();
    let exported = line.folder().join("before.wav");
    let to = exported.to_str().expect("a plain path");
    run(&line, &["export", &call, "--part", "1", "-o", to]);
    let [left, right] = channels(&std::fs::read(&exported).expect("it is written"));
    assert!(left.len() >= 3 * 8000, "{} samples of four seconds", left.len());
    let end = left.len() - 8000..left.len();
    assert!(tone_share(&left[end.clone()], CITIZEN) > 0.9);
    assert!(tone_share(&right[end], OPERATOR) > 0.9);
}
