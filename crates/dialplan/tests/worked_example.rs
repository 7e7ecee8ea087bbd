//! The worked example of the documentation, in both languages: from an empty folder to a line with three
//! clinics.

use std::collections::BTreeSet;
use std::path::PathBuf;

use ambient::Wall;
use dialplan::explain::{End, Question, explain};
use dialplan::{Dialplan, PromptName};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files that the page has its reader write.
fn files(page: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root().join("docs").join(page)).unwrap();
    let blocks = text.split("\n```").skip(1).step_by(2);
    blocks
        .filter_map(|block| {
            let (kind, body) = block.split_once('\n')?;
            match kind {
                "toml" => {
                    let name = body.lines().next()?.strip_prefix("# ")?;
                    Some((name.to_owned(), body.to_owned()))
                }
                "csv" => Some(("clinics.csv".to_owned(), body.to_owned())),
                _ => None,
            }
        })
        .collect()
}

/// What comes of them on a disk, with the prompts of this repository.
fn written(page: &str) -> Dialplan {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("worked-{page}"));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files(page) {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let manifest = std::fs::read_to_string(root().join("prompts/manifest.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let prompts = manifest["prompt"].as_table().unwrap().keys();
    let prompts: BTreeSet<_> = prompts.map(|name| PromptName::from(&**name)).collect();
    let (plan, warnings) = dialplan::load(&folder, &prompts).unwrap_or_else(|findings| {
        panic!("{}", findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let warnings: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
    plan
}

#[test]
fn it_makes_a_line_with_three_clinics() {
    for page in ["dialplan.md", "dialplan.ru.md"] {
        assert_eq!(files(page).len(), 4, "{page}");
        let plan = written(page);
        assert_eq!(plan.clinics.len(), 3);
        for number in ["00-10-01", "00-10-02", "00-10-03", "00-10-04", "122", "9-122"] {
            let question = Question::new(number, Wall::from_unix_millis(1_768_435_200_000));
            let way = explain(&plan, &question);
            assert_eq!(way.menus().next().map(|menu| menu.as_str()), Some("main"), "{number}");
            assert_eq!(way.end, End::Served("operator".into()), "{number}");
        }
    }
}
