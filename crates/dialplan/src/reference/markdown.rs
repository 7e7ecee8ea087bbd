//! The reference as Markdown.

use std::fmt::Write;

use super::{Words, root, table_in};
use crate::read::describe::{Description, InBoth, Shape};

/// Every table of the language with its keys, their values and their meaning.
#[must_use]
pub fn markdown(words: Words) -> String {
    let mut text = String::new();
    for key in root().keys {
        let path = match key.shape {
            Shape::Names(_) => format!("{}.{}", key.name, words.pick(["NAME", "ИМЯ"])),
            _ => key.name.to_owned(),
        };
        let _ = write!(text, "### `[{path}]`\n\n{}\n\n", words.pick(key.what));
        if let Some(table) = table_in(&key.shape) {
            keys(table, &path, words, &mut text);
        }
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// The keys of a table, then those of the tables inside.
fn keys(table: &Description, path: &str, words: Words, text: &mut String) {
    let heads = words.pick(["| key | value | meaning |", "| ключ | значение | смысл |"]);
    let _ = writeln!(text, "{heads}\n| --- | --- | --- |");
    for key in &table.keys {
        let needed = if key.needed { words.pick([" (needed)", " (нужен)"]) } else { "" };
        let value = value(&key.shape, words).replace('|', "\\|");
        let what = words.pick(key.what);
        let _ = writeln!(text, "| `{}`{needed} | {value} | {what} |", key.name);
    }
    text.push('\n');
    for key in &table.keys {
        if let Some(inner) = table_in(&key.shape) {
            let path = format!("{path}.{}", key.name);
            let _ = write!(text, "#### `{path}`\n\n");
            keys(inner, &path, words, text);
        }
    }
}

/// How a value is written.
fn value(shape: &Shape, words: Words) -> String {
    const TABLE: InBoth = ["table", "таблица"];
    const LIST: InBoth = ["list", "список"];
    match shape {
        Shape::Table(_) => words.pick(TABLE).to_owned(),
        Shape::Names(of) => value(of, words),
        Shape::List(of) => match &**of {
            Shape::Words(_) => format!("{}: {}", words.pick(LIST), value(of, words)),
            _ => format!("[{}, …]", value(of, words)),
        },
        Shape::Many(of) => {
            format!("{} {}", value(of, words), words.pick(["or a list", "или список"]))
        }
        Shape::Words(all) => {
            let all: Vec<_> = all.iter().map(|word| format!("`\"{word}\"`")).collect();
            all.join(", ")
        }
        Shape::Text { what, examples, .. } => {
            let examples: Vec<_> =
                examples.iter().map(|example| format!("`\"{example}\"`")).collect();
            match examples.as_slice() {
                [] => words.pick(*what).to_owned(),
                _ => format!("{}: {}", words.pick(*what), examples.join(", ")),
            }
        }
        Shape::Count => words.pick(["whole number", "целое число"]).to_owned(),
        Shape::Bool => "`true`, `false`".to_owned(),
    }
}
