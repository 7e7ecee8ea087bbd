//! The JSON Schema agrees with the reader: what an editor accepts loads, what it refuses does not.

#[path = "../../../crates/dialplan/tests/common/mod.rs"]
#[allow(dead_code, reason = "not every test file needs all of it")]
mod common;

use std::path::PathBuf;

use common::{BASE, lines, load};
use dialplan::reference::{Words, schema};
use schema::faults;
use serde_json::Value;

fn accepts(text: &str) -> bool {
    faults(text).is_empty()
}

#[test]
fn the_dialplans_of_this_repository_are_accepted() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../dialplans");
    let mut files = 0;
    for region in std::fs::read_dir(root).unwrap() {
        for file in std::fs::read_dir(region.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let faults = faults(&std::fs::read_to_string(&path).unwrap());
                assert!(faults.is_empty(), "{}: {faults:?}", path.display());
                files += 1;
            }
        }
    }
    assert!(files >= 4);
}

#[test]
fn what_the_reader_refuses_the_schema_refuses() {
    assert!(accepts(BASE));
    for (before, after) in [
        ("otherwise =", "otherwize ="),
        ("[region]", "[reg]"),
        ("key = \"1\"", "key = \"11\""),
        ("key = \"1\"", "key = 1"),
        ("to = \"queue:doctor\"", "to = \"doctor\""),
        ("after = \"10m\"", "after = \"10 minutes\""),
        ("agents = [\"201-203\"]", "agents = \"201-203\""),
        ("agents = [\"201-203\"]", "agents = [\"all\"]"),
        ("kind = \"operator\"", "kind = \"opertor\""),
        ("numbers = [\"27-00-01\"]", "numbers = [\"registry\"]"),
        ("title = \"Операторы\"", "title = \"\""),
    ] {
        assert!(BASE.contains(before), "{before}");
        let text = BASE.replace(before, after);
        assert!(!accepts(&text), "{after}");
        assert!(load(&[("base.toml", &text)]).is_err(), "{after}");
    }
}

/// Every value that its type gives as an example is read, and the schema accepts it.
#[test]
fn examples_of_values_are_right() {
    for (text, good) in [
        (
            "[schedules.a]\nhours = [\"8:00-20:00\", \"20:00–08:00\"]\ndays = [\"пн-пт, вс\", \"off\"]\n",
            true,
        ),
        ("[schedules.a]\ndates = [\"31.12.2026-08.01.2027\", \"29.04-05.05\"]\n", true),
        ("[schedules.a]\nhours = \"8-20\"\n", false),
        (
            "[queues.a]\ntopic = \"x\"\nanswer_within = \"1h 30m\"\nserve = [{ group = \"operators\" }]\n",
            true,
        ),
        ("[features]\non_duty = \"*11\"\nbreaks = { rest = \"*12\" }\n", true),
        ("[features]\non_duty = 11\n", false),
        ("[callers.a]\ntitle = \"x\"\nnumbers = [\"8-900-000-00-00\"]\nto = \"hangup\"\n", true),
    ] {
        assert_eq!(accepts(text), good, "{text}");
        let loaded = load(&[("base.toml", BASE), ("more.toml", text)]);
        assert_eq!(loaded.is_ok(), good, "{text} {:?}", loaded.err().map(|f| lines(&f)));
    }
}

/// A key that the schema asks for is one that the reader asks for.
#[test]
fn what_is_needed_is_needed() {
    const ALL: &str = r#"
[callers.a]
title = "x"
numbers = ["8-900-000-00-00"]
to = "hangup"

[queues.more]
topic = "Ещё"
serve = [{ group = "more" }]
closed = { to = "hangup" }
escalate = [{ after = "1h", to = "organisation:ministry" }]

[organisations.ministry]
title = "Министерство"
email = "a@b.example"

[outside.duty]
title = "Дежурный врач"
number = "8-495-123-45-67"
otherwise = "hangup"

[recording]
announce = "changed"
keep = "90d"

[trunks.carrier]
from = ["192.0.2.0/24"]
to = ["sip:carrier.example"]
register = { registrar = "sip:carrier.example", user = "u", password = "p" }

[sites.centre]
title = "Центр"

[groups.more]
title = "Ещё"
agents = ["204"]
may_call = { numbers = ["region"] }

[agents.204]
name = "Оператор"
kind = "operator"
password = "secret"

[clinics.second]
title = "Поликлиника № 2"
numbers = ["27-00-02"]
accounts = [{ user = "270002", password = "secret" }]
contact = { name = "регистратура", phone = "27-00-12" }
"#;
    let whole: Value = toml::from_str(&format!("{BASE}{ALL}")).unwrap();
    let schema = schema(Words::English);
    let mut asked = Vec::new();
    let mut met = Vec::new();
    needed(&schema, &schema, &whole, &mut Vec::new(), &mut asked, &mut met);
    assert!(load(&[("all.toml", &toml::to_string(&whole).unwrap())]).is_ok());
    for path in &asked {
        let mut without = whole.clone();
        let (key, tables) = path.split_last().unwrap();
        let table = tables.iter().fold(&mut without, |value, step| match step.parse::<usize>() {
            Ok(index) if value.is_array() => &mut value[index],
            _ => &mut value[step.as_str()],
        });
        table.as_object_mut().unwrap().remove(key);
        let text = toml::to_string(&without).unwrap();
        let said = load(&[("all.toml", &text)]).err().map(|found| lines(&found));
        assert!(said.is_some_and(|said| said.contains("has no `")), "{path:?}");
    }
    // Every table that needs something was met.
    let tables = schema["definitions"].as_object().unwrap();
    for (name, table) in tables {
        if table["required"].as_array().is_some_and(|keys| !keys.is_empty()) {
            assert!(met.contains(name), "{name} is not in the test's dialplan");
        }
    }
}

/// The ways to keys that the schema needs, in a value that has them all.
fn needed(
    whole: &Value,
    schema: &Value,
    value: &Value,
    path: &mut Vec<String>,
    asked: &mut Vec<Vec<String>>,
    met: &mut Vec<String>,
) {
    if let Some(reference) = schema["allOf"][0]["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap();
        met.push(name.to_owned());
        return needed(whole, &whole["definitions"][name], value, path, asked, met);
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        asked.push([path.as_slice(), &[key.as_str().unwrap().to_owned()]].concat());
    }
    let children: Vec<(String, &Value)> = match value {
        Value::Object(table) => table.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => return,
    };
    for (key, child) in children {
        let of_child = match value {
            Value::Array(_) => &schema["items"],
            _ => schema["properties"].get(&key).unwrap_or(&schema["additionalProperties"]),
        };
        path.push(key);
        needed(whole, of_child, child, path, asked, met);
        path.pop();
    }
}
