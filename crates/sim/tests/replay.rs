//! What the program tells of a rule that is broken: the call as a ladder, and the command by which the same
//! comes about again.

use std::process::{Command, Output};

/// The program with these arguments: its exit code and what it says.
fn sim(arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sim"));
    let ran = command.args(arguments).current_dir(sim::region::root()).output();
    let Output { status, stdout, .. } = ran.expect("it runs");
    (status.code(), String::from_utf8(stdout).expect("UTF-8"))
}

const SHORT: [&str; 8] = ["--seed", "5", "--days", "0.01", "--calls", "20000", "--media", "7"];

/// What follows this word.
fn after<'a>(said: &'a str, word: &str) -> &'a str {
    let (_, rest) = said.split_once(word).unwrap_or_else(|| panic!("no {word:?} in:\n{said}"));
    rest
}

#[test]
fn a_fault_is_told_with_its_ladder_and_the_command_that_repeats_it() {
    for (plant, what) in [("packet", "sip-rules: "), ("panic", "panic: planted")] {
        let (code, said) = sim(&[&SHORT[..], &["--plant", plant]].concat());
        assert_eq!(code, Some(1), "{said}");
        let finding = after(&said, what);
        let call = finding.lines().next().and_then(|line| line.rsplit(' ').next());
        assert!(call.is_some_and(|call| call.len() > 5), "the Call-ID: {finding}");
        let ladder: Vec<&str> = finding.lines().filter(|line| line.contains("  |")).collect();
        assert!(finding.contains("line    127."), "who takes part: {finding}");
        assert!(ladder[0].contains("INVITE") && ladder.len() > 2, "{finding}");

        let replay = after(&said, "cargo run --release -p sim -- ").trim_end();
        let (again, said_again) = sim(&replay.split(' ').collect::<Vec<_>>());
        assert_eq!(again, Some(1), "{replay}");
        // All but how long it took.
        assert_eq!(after(&said_again, "; hash "), after(&said, "; hash "));
    }
}

#[test]
fn a_run_without_a_fault_says_so() {
    let (code, said) = sim(&SHORT);
    assert_eq!(code, Some(0), "{said}");
    after(&said, "no rule was broken: 1 seeds, ");
}

#[test]
fn a_region_in_which_nobody_comes_to_a_person_shows_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = "[region]\nname = \"Область\"\ntime_zone = \"Europe/Moscow\"\narea_code = \"4812\"\n\
                [trunks.loopback]\nfrom = [\"127.0.0.0/8\"]\n\
                [service]\nnumbers = [\"122\"]\nstart = \"hangup\"\n";
    std::fs::write(folder.path().join("line.toml"), line).expect("written");
    let region = folder.path().to_str().expect("UTF-8");
    let (code, said) = sim(&["--days", "0.02", "--calls", "100000", "--region", region]);
    assert_eq!(code, Some(1), "{said}");
    after(&said, "nothing was shown: nobody came to a person");
}
