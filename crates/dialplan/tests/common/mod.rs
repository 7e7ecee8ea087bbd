//! A small dialplan to break.

use std::collections::BTreeSet;

use dialplan::{Diagnostic, Dialplan, PromptName};

/// A dialplan without a fault, in the file `base.toml`.
pub(crate) const BASE: &str = r#"[region]
name = "Область"
time_zone = "Europe/Moscow"
area_code = "4812"

[service]
numbers = ["122", "9-122"]
start = "menu:main"

[clinic_defaults]
forward_to = "menu:main"

[clinics.first]
title = "Поликлиника № 1"
numbers = ["27-00-01"]
ring = ["sip:registry@pbx1.example"]

[retired.appeals]
numbers = ["62-77-66"]
announce = "changed"
then = "menu:main"

[menus.main]
say = ["welcome"]
otherwise = "queue:operator"
[[menus.main.choice]]
key = "1"
to = "queue:doctor"
[[menus.main.choice]]
key = "0"
to = "queue:operator"

[queue_defaults]
music = "music"
overflow = { after = "10m", to = "hangup" }

[queues.doctor]
topic = "Врач"
serve = [{ group = "operators" }]

[queues.operator]
topic = "Оператор"
serve = [{ group = "operators" }]

[groups.operators]
title = "Операторы"
agents = ["201-203"]

[agents.201-203]
name = "Оператор {number}"
kind = "operator"
password = "secret-{number}"

[menu_defaults]
keys_only = "goodbye"
"#;

/// The prompts of [`BASE`].
pub(crate) fn prompts() -> BTreeSet<PromptName> {
    ["welcome", "changed", "music", "goodbye"].map(PromptName::from).into()
}

/// Loads files.
pub(crate) fn load(files: &[(&str, &str)]) -> Result<(Dialplan, Vec<Diagnostic>), Vec<Diagnostic>> {
    dialplan::load_str(files, &prompts())
}

/// Loads [`BASE`] and another file beside it, which must be right.
#[allow(dead_code, reason = "not every test file needs it")]
pub(crate) fn good(text: &str) -> Dialplan {
    match load(&[("base.toml", BASE), ("more.toml", text)]) {
        Ok((plan, _)) => plan,
        Err(findings) => panic!("{}", lines(&findings)),
    }
}

/// One line for each finding.
pub(crate) fn lines(findings: &[Diagnostic]) -> String {
    findings.iter().map(|finding| format!("{finding}\n")).collect()
}
