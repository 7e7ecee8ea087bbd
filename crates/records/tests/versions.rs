//! Versions of the dialplan on the disk.
#![allow(clippy::disallowed_methods, reason = "real files")]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use records::versions::{Files, VERSIONS_MAX, Version, Versions, read_folder};

fn files(text: &str) -> Files {
    let all = [("line.toml", text), ("secrets/201", "demo")];
    let all: BTreeMap<String, String> =
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    all.try_into().unwrap()
}

fn about(hash: &str) -> Version {
    Version {
        number: 0,
        hash: hash.into(),
        at: 1,
        who: "admin".into(),
        comment: "night shift".into(),
        folder: "/etc/line122".into(),
    }
}

#[test]
fn what_was_applied_is_there_after_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let versions = Versions::open(data.path()).unwrap();
    assert_eq!(versions.running().unwrap(), None);
    for hash in ["a", "b"] {
        let staged = versions.stage(&files(hash)).unwrap();
        assert_eq!(fs::read_to_string(staged.files().join("line.toml")).unwrap(), hash);
        versions.keep(&staged, about(hash)).unwrap();
    }
    versions.set_running(1).unwrap();
    let again = Versions::open(data.path()).unwrap();
    let numbers: Vec<_> = again.list().unwrap().into_iter().map(|v| (v.number, v.hash)).collect();
    assert_eq!(numbers, [(2, "b".to_owned()), (1, "a".to_owned())]);
    assert_eq!(again.running().unwrap().unwrap(), Version { number: 1, ..about("a") });
    assert_eq!(read_folder(&again.files(2)).unwrap(), files("b"));
    let mode = fs::metadata(again.files(2).join("secrets/201")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "passwords are nobody's business");
}

#[test]
fn what_is_not_kept_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let versions = Versions::open(data.path()).unwrap();
    let staged = versions.stage(&files("a")).unwrap();
    let other = versions.stage(&files("b")).unwrap();
    let (first, second) = (staged.files(), other.files());
    assert_ne!(first, second, "two at once do not meet");
    drop(staged);
    assert!(!first.exists() && second.exists());
    // The machine loses its power.
    std::mem::forget(other);
    assert_eq!(Versions::open(data.path()).unwrap().list().unwrap(), []);
    assert!(!second.exists());
}

#[test]
fn the_oldest_is_forgotten_beyond_the_ceiling() {
    let data = tempfile::tempdir().unwrap();
    let versions = Versions::open(data.path()).unwrap();
    // As many as may be, written without waiting for the disk.
    for number in 1..=VERSIONS_MAX as u64 {
        let folder = data.path().join("dialplans").join(number.to_string());
        fs::create_dir_all(folder.join("files")).unwrap();
        let text = serde_json::to_vec(&Version { number, ..about("a") }).unwrap();
        fs::write(folder.join("about.json"), text).unwrap();
    }
    assert_eq!(versions.list().unwrap().len(), VERSIONS_MAX);
    let newest = versions.keep(&versions.stage(&files("a")).unwrap(), about("a")).unwrap();
    assert_eq!(newest.number, VERSIONS_MAX as u64 + 1);
    let list = versions.list().unwrap();
    assert_eq!(list.len(), VERSIONS_MAX);
    assert_eq!(list.last().unwrap().number, 2);
}

#[test]
fn only_files_of_the_folder_are_files() {
    for name in ["../x", "/etc/passwd", "a/../../b", ".git/config", "", "a/b/c/d/e", "a\\b", "./a"]
    {
        let files = BTreeMap::from([(name.to_owned(), String::new())]);
        assert!(Files::try_from(files).is_err(), "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    for name in ["line.toml", "line.toml~", ".line.toml.swp"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    fs::write(folder.path().join("picture.png"), [0xff, 0xfe, 0x00]).unwrap();
    let names: Vec<_> =
        read_folder(folder.path()).unwrap().iter().map(|(name, _)| name.to_owned()).collect();
    assert_eq!(names, ["line.toml"]);
}

#[test]
fn a_folder_gets_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    files("old").write(folder.path()).unwrap();
    let all = [("line.toml", "new"), ("more/clinics.toml", "x")];
    let all: BTreeMap<String, String> =
        all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let new = Files::try_from(all).unwrap();
    new.replace(&files("old"), folder.path()).unwrap();
    assert_eq!(read_folder(folder.path()).unwrap(), new);
    assert!(!folder.path().join("line.toml~").exists());
}

#[test]
fn a_version_has_the_sounds_that_it_names() {
    let data = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("sounds")).unwrap();
    fs::write(folder.path().join("sounds/flood.wav"), [0xff, 0x00]).unwrap();
    let versions = Versions::open(data.path()).unwrap();
    let staged = versions.stage(&files("a")).unwrap();
    staged.copy(folder.path(), ["sounds/flood.wav"]).unwrap();
    assert!(staged.copy(folder.path(), ["sounds/other.wav"]).is_err());
    let version = versions.keep(&staged, about("a")).unwrap();
    // What changes in the folder afterwards changes no version.
    fs::write(folder.path().join("sounds/flood.wav"), [0x01]).unwrap();
    let kept = versions.files(version.number).join("sounds/flood.wav");
    assert_eq!(fs::read(kept).unwrap(), [0xff, 0x00]);
    assert_eq!(read_folder(&versions.files(version.number)).unwrap(), files("a"));
}

/// A version with one sound.
fn keep_with_sound(versions: &Versions, sound: &[u8]) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flood.wav"), sound).unwrap();
    let staged = versions.stage(&files("a")).unwrap();
    staged.copy(folder.path(), ["flood.wav"]).unwrap();
    versions.keep(&staged, about("a")).unwrap().number
}

fn sounds_kept(data: &Path) -> usize {
    fs::read_dir(data.join("dialplans/sounds")).unwrap().count()
}

#[test]
fn a_sound_takes_its_place_once_and_goes_with_the_last_version_that_has_it() {
    let data = tempfile::tempdir().unwrap();
    let versions = Versions::open(data.path()).unwrap();
    let sound = [0xff, 0x00, 0x01];
    let numbers: Vec<u64> = (0..3).map(|_| keep_with_sound(&versions, &sound)).collect();
    let other = keep_with_sound(&versions, &[0xfe]);
    assert_eq!(sounds_kept(data.path()), 2);
    let names = |number| fs::metadata(versions.files(number).join("flood.wav")).unwrap().nlink();
    assert_eq!(numbers.iter().map(|number| names(*number)).collect::<Vec<_>>(), [4, 4, 4]);
    let looked_at = versions.stage(&files("a")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("flood.wav"), [0xfd]).unwrap();
    looked_at.copy(folder.path(), ["flood.wav"]).unwrap();
    drop(looked_at);
    Versions::open(data.path()).unwrap();

    for number in numbers {
        assert_eq!(sounds_kept(data.path()), 2);
        fs::remove_dir_all(data.path().join("dialplans").join(number.to_string())).unwrap();
        Versions::open(data.path()).unwrap();
    }
    assert_eq!(sounds_kept(data.path()), 1);
    let kept = fs::read(versions.files(other).join("flood.wav")).unwrap();
    assert_eq!(kept, [0xfe]);
}

#[test]
fn copies_of_former_times_become_one() {
    let data = tempfile::tempdir().unwrap();
    let sound = [0xff; 9];
    for number in 1..=3 {
        let folder = data.path().join("dialplans").join(number.to_string());
        fs::create_dir_all(folder.join("files/sounds")).unwrap();
        let text = serde_json::to_vec(&Version { number, ..about("a") }).unwrap();
        fs::write(folder.join("about.json"), text).unwrap();
        fs::write(folder.join("files/line.toml"), "a").unwrap();
        fs::write(folder.join("files/sounds/flood.wav"), sound).unwrap();
    }
    let versions = Versions::open(data.path()).unwrap();
    assert_eq!(sounds_kept(data.path()), 1);
    for number in 1..=3 {
        let files = versions.files(number);
        let known = fs::metadata(files.join("sounds/flood.wav")).unwrap();
        assert_eq!((known.nlink(), known.len()), (4, 9));
        assert_eq!(fs::metadata(files.join("line.toml")).unwrap().nlink(), 1);
        assert_eq!(fs::read_dir(files.join("sounds")).unwrap().count(), 1);
    }
    assert_eq!(keep_with_sound(&versions, &sound), 4);
    assert_eq!(sounds_kept(data.path()), 1);
}
