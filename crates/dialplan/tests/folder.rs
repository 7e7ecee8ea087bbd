//! A dialplan in a folder of the disk.

mod common;

use std::path::PathBuf;

use common::{BASE, lines, prompts};
use dialplan::load;

/// A folder of this test, empty at first.
fn folder(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn told(folder: &std::path::Path) -> String {
    match load(folder, &prompts()) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings).replace(&folder.display().to_string(), "FOLDER"),
    }
}

#[test]
fn only_toml_files_of_the_folder_itself_are_read() {
    let folder = folder("only-toml");
    std::fs::create_dir(folder.join("tests")).unwrap();
    std::fs::write(folder.join("base.toml"), BASE).unwrap();
    std::fs::write(folder.join("notes.txt"), "не диалплан").unwrap();
    std::fs::write(folder.join("tests/more.toml"), "not a dialplan").unwrap();
    assert_eq!(told(&folder), "");
}

#[test]
fn a_folder_without_a_dialplan_is_told() {
    let folder = folder("empty");
    assert_eq!(told(&folder), "FOLDER: holds no *.toml file; name a folder with a dialplan\n");
    let missing = folder.join("missing");
    assert!(told(&missing).starts_with("FOLDER: cannot be read: "), "{}", told(&missing));
    std::fs::write(folder.join("cp1251.toml"), b"name = \"\xcb\xe8\xed\xe8\xff\"").unwrap();
    assert_eq!(told(&folder), "FOLDER/cp1251.toml: is not UTF-8 text; save the file as UTF-8\n");
}

#[test]
fn passwords_may_stand_in_files() {
    let folder = folder("passwords");
    std::fs::create_dir(folder.join("secrets")).unwrap();
    for number in 201..=203 {
        std::fs::write(folder.join(format!("secrets/{number}")), format!("p-{number}\n")).unwrap();
    }
    let text =
        BASE.replace("password = \"secret-{number}\"", "password_file = \"secrets/{number}\"");
    std::fs::write(folder.join("base.toml"), &text).unwrap();
    let (plan, _) = load(&folder, &prompts()).unwrap();
    assert_eq!(&*plan.accounts["202"].password, "p-202");

    std::fs::write(folder.join("secrets/203"), "\n").unwrap();
    assert_eq!(
        told(&folder),
        "FOLDER/base.toml:49:9: the password of [agents.201-203] is empty; \
         an empty password lets everybody in\n"
    );
}

#[test]
fn the_version_depends_on_names_and_texts_of_the_files_and_on_nothing_else() {
    let version = |name: &str, file: &str, text: &str| {
        let folder = folder(name);
        std::fs::write(folder.join(file), text).unwrap();
        load(&folder, &prompts()).unwrap().0.version
    };
    let first = version("version-1", "base.toml", BASE);
    assert_eq!(first, version("version-2", "base.toml", BASE));
    assert_ne!(first, version("version-3", "line.toml", BASE));
    assert_ne!(first, version("version-4", "base.toml", &format!("{BASE}# seen\n")));
    assert_eq!(first.len(), 16);
    let (from_memory, _) = common::load(&[("base.toml", BASE)]).unwrap();
    assert_eq!(first, from_memory.version);
}
