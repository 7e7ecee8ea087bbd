//! Every list and text of a dialplan has a ceiling: what reaches it loads, one more is refused.

mod common;

use common::{BASE, lines, load, prompts};
use dialplan::load::{BYTES_MAX, FILES_MAX};

/// What is said of [`BASE`] with `more.toml` beside it.
fn says(more: &str) -> String {
    match load(&[("base.toml", BASE), ("more.toml", more)]) {
        Ok((_, warnings)) => lines(&warnings),
        Err(findings) => lines(&findings),
    }
}

fn clinic(name: &str, title: &str, phones: usize) -> String {
    let ring: Vec<_> = (0..phones).map(|n| format!("\"sip:phone{n}@pbx.example\"")).collect();
    let ring = ring.join(", ");
    format!("[clinics.{name}]\ntitle = \"{title}\"\nnumbers = [\"27-00-02\"]\nring = [{ring}]\n")
}

#[test]
fn names_have_sixty_four_characters() {
    assert_eq!(says(&clinic(&"a".repeat(64), "x", 1)), "");
    let long = "a".repeat(65);
    assert_eq!(
        says(&clinic(&long, "x", 1)),
        format!(
            "more.toml:1:10: \"{long}\" cannot be a name; \
             use letters, digits, hyphens and dots, at most 64\n"
        )
    );
}

#[test]
fn texts_have_five_hundred_characters() {
    assert_eq!(says(&clinic("a", &"ж".repeat(500), 1)), "");
    assert_eq!(
        says(&clinic("a", &"ж".repeat(501), 1)),
        "more.toml:2:9: `clinics.a.title` is too long; write one line of at most 500 characters\n"
    );
}

#[test]
fn a_clinic_has_sixteen_phones() {
    assert_eq!(says(&clinic("a", "x", 16)), "");
    assert_eq!(
        says(&clinic("a", "x", 17)),
        "more.toml:4:8: clinic \"a\" rings more than 16 phones; write one to 16 phones\n"
    );
}

#[test]
fn thirty_two_groups_serve_a_queue() {
    let queue = |tiers| {
        let tiers = vec!["{ group = \"operators\" }"; tiers].join(", ");
        BASE.replacen("[{ group = \"operators\" }]", &format!("[{tiers}]"), 1)
    };
    assert!(load(&[("base.toml", &queue(32))]).is_ok());
    let findings = load(&[("base.toml", &queue(33))]).unwrap_err();
    assert_eq!(findings[0].message, "more than 32 groups serve queue \"doctor\"");
}

#[test]
fn an_interval_of_the_calendar_has_a_year() {
    let holidays = |last| says(&format!("[holidays]\noff = [\"2026-01-01..{last}\"]\n"));
    assert_eq!(holidays("2027-01-02"), "");
    assert_eq!(
        holidays("2027-01-03"),
        "more.toml:2:8: more than 366 days of the calendar; check the year\n"
    );
}

#[test]
fn a_folder_has_a_thousand_files_and_so_many_bytes() {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("ceilings");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("base.toml"), BASE).unwrap();
    for n in 1..FILES_MAX {
        std::fs::write(folder.join(format!("file{n}.toml")), "# nothing\n").unwrap();
    }
    assert!(dialplan::load(&folder, &prompts()).is_ok());
    let one_more = std::fs::File::create(folder.join("more.toml")).unwrap();
    let findings = dialplan::load(&folder, &prompts()).unwrap_err();
    assert_eq!(findings[0].message, "holds more than 1000 files");

    std::fs::remove_file(folder.join("file1.toml")).unwrap();
    one_more.set_len(BYTES_MAX).unwrap();
    let findings = dialplan::load(&folder, &prompts()).unwrap_err();
    assert_eq!(findings[0].message, "the files are larger than 67108864 bytes together");
    std::fs::remove_dir_all(&folder).unwrap();
}
