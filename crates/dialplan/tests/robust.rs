//! Whatever stands in the files, loading gives a dialplan or findings, and never panics.

mod common;

use common::{BASE, load};
use dialplan::Severity;
use proptest::prelude::*;

const MORE: &str = r#"
[holidays]
off = ["2026-01-01..2026-01-08"]
[schedules.night]
hours = "20:00-08:00"
days = "пн-пт"
dates = ["29.04-05.05", 2026-01-01]
either = ["day"]
[schedules.day]
hours = "08:00-20:00"
[trunks.carrier]
from = ["192.0.2.0/24"]
to = ["sip:carrier.example;transport=tcp"]
register = { registrar = "sip:carrier.example", user = "u", password = "p" }
[features]
breaks = { rest = "*12" }
"#;

/// Pieces that an admin may paste anywhere.
const PIECES: [&str; 16] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    "\n",
    "[menus.main]\n",
    "menu:main",
    "20:00-08:00",
    "-",
    "99999",
    "\u{feff}",
    "№",
    "hangup",
    "[[menus.main.choice]]\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_text(text in "\\PC{0,200}") {
        let _ = load(&[("a.toml", &text)]);
    }

    #[test]
    fn texts_with_a_piece_cut_out_and_another_put_in(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0usize..40, 0..PIECES.len()), 1..4),
    ) {
        let mut text: Vec<char> = BASE.chars().chain(MORE.chars()).collect();
        for (at, length, piece) in cuts {
            let at = at.index(text.len());
            let end = (at + length).min(text.len());
            text.splice(at..end, PIECES[piece].chars());
        }
        let text: String = text.into_iter().collect();
        match load(&[("a.toml", &text)]) {
            Ok((_, warnings)) => {
                prop_assert!(warnings.iter().all(|found| found.severity == Severity::Warning));
            }
            Err(findings) => {
                prop_assert!(findings.iter().any(|found| found.severity == Severity::Error));
                for found in findings {
                    prop_assert!(!found.message.is_empty());
                    if let Some((line, column)) = found.place {
                        let length = found.source_line.chars().count();
                        prop_assert_eq!(text.split('\n').nth(line - 1).map(|l| l.trim_end_matches('\r')),
                                        Some(found.source_line.as_str()));
                        prop_assert!(column <= length + 1, "column {column} of {length}");
                    }
                }
            }
        }
    }

    #[test]
    fn values_of_any_kind_at_any_key(
        line in any::<prop::sample::Index>(),
        value in prop::sample::select(vec![
            "1", "-1", "1.5", "true", "\"\"", "\"x\"", "[]", "[1]", "[[]]", "{}", "{ a = 1 }",
            "2026-01-01", "12:00:00", "99999999999999999999", "inf", "'''\n'''",
        ]),
    ) {
        let text = format!("{BASE}{MORE}");
        let keys: Vec<usize> = text.match_indices(" = ").map(|(at, _)| at).collect();
        let at = keys[line.index(keys.len())] + 3;
        let end = at + text[at..].find('\n').unwrap();
        let _ = load(&[("a.toml", &format!("{}{value}{}", &text[..at], &text[end..]))]);
    }
}

#[test]
fn tables_inside_each_other_without_end_are_refused() {
    let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(load(&[("a.toml", &deep)]).is_err());
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    assert!(load(&[("a.toml", &dotted)]).is_err());
}

#[test]
fn schedules_made_of_many_others_are_refused() {
    let mut text = String::from("[schedules.s0]\n");
    for n in 1..8 {
        text += &format!("[schedules.s{n}]\nwhen = [\"s{0}\", \"s{0}\", \"s{0}\"]\n", n - 1);
    }
    let findings = load(&[("base.toml", BASE), ("more.toml", &text)]).unwrap_err();
    assert!(findings[0].message.contains("is made of more than 100 others"), "{}", findings[0]);
}

#[test]
fn schedules_refer_to_each_other_eight_deep_and_no_deeper() {
    for backwards in [false, true] {
        for (deep, good) in [(8, true), (9, false)] {
            let name =
                |n: usize| if backwards { format!("s{}", 20 - n) } else { format!("s{}", 10 + n) };
            let mut text = format!("[schedules.{}]\n", name(1));
            for n in 2..=deep {
                text += &format!("[schedules.{}]\nwhen = \"{}\"\n", name(n), name(n - 1));
            }
            let loaded = load(&[("base.toml", BASE), ("more.toml", &text)]);
            assert_eq!(loaded.is_ok(), good, "{deep} backwards: {backwards}");
        }
    }
}

#[test]
fn a_chain_of_clinics_as_long_as_the_dialplan_is_walked() {
    let mut text = String::new();
    for n in 0..5000 {
        let next = (n + 1) % 5000;
        text += &format!(
            "[clinics.c{n}]\ntitle = \"x\"\nnumbers = [\"8495{n:07}\"]\nring = [\"sip:x\"]\n\
             forward_to = \"clinic:c{next}\"\n"
        );
    }
    let findings = load(&[("base.toml", BASE), ("more.toml", &text)]).unwrap_err();
    assert_eq!(findings.len(), 1);
    assert!(findings[0].message.starts_with("calls go round without end: clinic:c0 → clinic:c1"));
}
