//! What the documentation says of the language is made from its tables. After a change of the language,
//! `LINE122_WRITE_DOCS=1 cargo test -p dialplan --test reference` writes it anew.

use std::path::PathBuf;

use dialplan::reference::{Words, markdown, schema};

const BEGIN: &str = "<!-- made from the tables of the language: do not edit -->\n";
const END: &str = "<!-- end of what is made -->\n";

fn docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name)
}

fn compare(name: &str, now: impl FnOnce(&str) -> String) {
    let written = std::fs::read_to_string(docs(name)).unwrap_or_default();
    let now = now(&written);
    if std::env::var_os("LINE122_WRITE_DOCS").is_some() {
        return std::fs::write(docs(name), &now).unwrap();
    }
    assert!(written == now, "docs/{name} is stale: see the head of this test");
}

#[test]
fn the_reference_is_fresh() {
    for (name, words) in [("dialplan.md", Words::English), ("dialplan.ru.md", Words::Russian)] {
        compare(name, |written| {
            let (before, rest) = written.split_once(BEGIN).expect("the mark where it begins");
            let (_, after) = rest.split_once(END).expect("the mark where it ends");
            format!("{before}{BEGIN}\n{}\n{END}{after}", markdown(words))
        });
    }
}

#[test]
fn the_schema_is_fresh() {
    compare("dialplan.schema.json", |_| format!("{:#}\n", schema(Words::English)));
}

#[test]
fn every_key_has_words_in_russian() {
    let russian = schema(Words::Russian).to_string();
    let english = schema(Words::English).to_string();
    let descriptions = |text: &str| text.matches("\"description\":\"").count();
    assert_eq!(descriptions(&russian), descriptions(&english));
    for text in russian.split("\"description\":\"").skip(1) {
        let text = text.split("\",\"").next().unwrap();
        assert!(text.chars().any(|c| ('а'..='я').contains(&c)), "{text}");
        assert!(text.contains('.'), "a sentence: {text}");
    }
}
